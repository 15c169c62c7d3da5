"""Which mailboxes a campaign sends from (smartlead-api 3.1.11)."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from providers.calls import Call, write
from providers.smartlead.dialect import LIVE, Dialect, Learn, forget, in_forms, is_other_form
from providers.smartlead.parsing import acknowledged


def attach_mailboxes(
    campaign_id: int,
    mailbox_ids: Collection[int],
    *,
    adjust_warmup: bool | None = None,
    dialect: Dialect = LIVE,
    learn: Learn = forget,
) -> Call[None]:
    """Adds mailboxes to a campaign; those that it has already stay."""
    more = {} if adjust_warmup is None else {"auto_adjust_warmup": adjust_warmup}
    return _linked("POST", campaign_id, mailbox_ids, more, dialect, learn)


def detach_mailboxes(
    campaign_id: int, mailbox_ids: Collection[int], *, dialect: Dialect = LIVE, learn: Learn = forget
) -> Call[None]:
    """Takes mailboxes from a campaign, by a DELETE with a body. An active campaign keeps its last one."""
    return _linked("DELETE", campaign_id, mailbox_ids, {}, dialect, learn)


def _linked(
    method: str, campaign_id: int, mailbox_ids: Collection[int], more: dict[str, Any], dialect: Dialect, learn: Learn
) -> Call[None]:
    ids = [int(one) for one in mailbox_ids]
    if not ids:
        raise ValueError("No mailboxes.")
    path = f"/campaigns/{campaign_id:d}/email-accounts"

    def build(spoken: Dialect) -> Call[None]:
        if not spoken.one_mailbox_per_call:
            return write(method, path, acknowledged, body={"email_account_ids": ids, **more}, repeatable=True)
        calls = [
            write(method, path, acknowledged, body={"email_account_id": one, **more}, repeatable=True) for one in ids
        ]
        return replace(calls[0], followed_by=tuple(calls[1:]))

    return in_forms(build, dialect, learn, one_mailbox_per_call=is_other_form)
