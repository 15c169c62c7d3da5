"""Mailboxes as they are read (smartlead-api 3.6.1, 3.6.2) and their links to campaigns (3.1.11).

These answers carry mailbox passwords in clear text (1.13). The shapes below name every field that is let in, so
nothing else gets past the parser.
"""

from typing import Annotated, Any

from pydantic import BeforeValidator

from providers.calls import Answer, Call, Page, get
from providers.records import RemoteMailbox, RemoteWarmup
from providers.smartlead.campaigns import Tags
from providers.smartlead.parsing import (
    Flag,
    Id,
    Int,
    Percent,
    Shape,
    Text,
    Time,
    as_int,
    as_object,
    each,
    flag,
    list_in,
    maybe,
    object_in,
    only,
    read,
)
from providers.smartlead.ranges import window

MAILBOX_PAGE = 100


def linked_campaigns(value: Any) -> tuple[int, ...] | None:
    return tuple(number for item in value if (number := as_int(item)) is not None) if isinstance(value, list) else None


class WarmupShape(Shape):
    status: Text = ""
    sent: Int = maybe("total_sent_count")
    spam: Int = maybe("total_spam_count")
    reputation: Percent = maybe("warmup_reputation")
    reply_rate: Percent = None
    daily_maximum: Int = maybe("warmup_max_count", "max_email_per_day")
    blocked_reason: Text = ""
    started_at: Time = maybe("warmup_created_at", "created_at")

    def record(self) -> RemoteWarmup:
        return RemoteWarmup(
            status=self.status.lower(),
            sent=self.sent,
            spam=self.spam,
            reputation=self.reputation,
            reply_rate=self.reply_rate,
            daily_maximum=self.daily_maximum,
            blocked_reason=self.blocked_reason,
            started_at=self.started_at,
        )


class MailboxShape(Shape):
    id: Id
    address: Text = maybe("from_email", "email", default="")
    name: Text = maybe("from_name", default="")
    kind: Text = maybe("type", default="")
    client_id: Int = None
    daily_limit: Int = maybe("message_per_day", "max_email_per_day")
    sent_today: Int = maybe("daily_sent_count")
    min_gap_minutes: Int = maybe("minTimeToWaitInMins", "time_to_wait_in_mins")
    smtp_ok: Flag = maybe("is_smtp_success")
    imap_ok: Flag = maybe("is_imap_success")
    smtp_problem: Text = maybe("smtp_failure_error", default="")
    imap_problem: Text = maybe("imap_failure_error", default="")
    suspended: Flag = maybe("is_suspended")
    reply_to: Text = maybe("different_reply_to_address", default="")
    tracking_domain: Text = maybe("custom_tracking_domain", "custom_tracking_url", default="")
    signature: Text = ""
    campaign_count: Int = None
    campaign_ids: Annotated[tuple[int, ...] | None, BeforeValidator(linked_campaigns)] = None
    tags: Tags = ()
    warmup: Annotated[WarmupShape | None, BeforeValidator(as_object)] = maybe("warmup_details")
    created_at: Time = None
    updated_at: Time = None

    def record(self) -> RemoteMailbox:
        return RemoteMailbox(
            id=self.id,
            address=self.address,
            name=self.name,
            kind=self.kind.lower(),
            client_id=self.client_id,
            daily_limit=self.daily_limit,
            sent_today=self.sent_today,
            min_gap_minutes=self.min_gap_minutes,
            smtp_ok=self.smtp_ok,
            imap_ok=self.imap_ok,
            smtp_problem=self.smtp_problem,
            imap_problem=self.imap_problem,
            suspended=self.suspended,
            reply_to=self.reply_to,
            tracking_domain=self.tracking_domain,
            signature=self.signature,
            campaign_count=self.campaign_count,
            campaign_ids=self.campaign_ids,
            tags=tuple(tag.record() for tag in self.tags),
            warmup=self.warmup.record() if self.warmup else None,
            created_at=self.created_at,
            updated_at=self.updated_at,
        )


def read_mailboxes(answer: Answer) -> tuple[RemoteMailbox, ...]:
    return each(list_in(answer, "email_accounts", "result"), MailboxShape, MailboxShape.record)


def mailboxes(
    *,
    offset: int = 0,
    limit: int = MAILBOX_PAGE,
    client_id: int | None = None,
    in_use: bool | None = None,
    smtp_ok: bool | None = None,
    warmup_blocked: bool | None = None,
    warming_up: bool | None = None,
    kind: str | None = None,
    username: str | None = None,
    with_campaigns: bool = False,
) -> Call[Page[RemoteMailbox]]:
    """A page of the mailboxes that the key sees, at most 100 (3.6.1)."""
    if limit > MAILBOX_PAGE:
        raise ValueError(f"At most {MAILBOX_PAGE} mailboxes a page.")

    def parse(answer: Answer) -> Page[RemoteMailbox]:
        return Page.at(read_mailboxes(answer), offset, limit)

    query = only(
        isInUse=_maybe_flag(in_use),
        isSmtpSuccess=_maybe_flag(smtp_ok),
        isWarmupBlocked=_maybe_flag(warmup_blocked),
        emailWarmupStatus=None if warming_up is None else "ACTIVE" if warming_up else "INACTIVE",
        esp=kind.upper() if kind else None,
        username=username,
        client_id=None if client_id is None else str(client_id),
        fetch_campaigns=flag(True) if with_campaigns else None,
    )
    return get("/email-accounts/", parse, query={**window(offset, limit), **query})


def _maybe_flag(value: bool | None) -> str | None:
    return None if value is None else flag(value)


def mailbox(mailbox_id: int, *, with_campaigns: bool = False, with_tags: bool = False) -> Call[RemoteMailbox]:
    """One mailbox, on demand with the ids of its campaigns; NotFound where there is none (3.6.2)."""

    def parse(answer: Answer) -> RemoteMailbox:
        return read(MailboxShape, object_in(answer)).record()

    query = only(fetch_campaigns=flag(True) if with_campaigns else None, fetch_tags=flag(True) if with_tags else None)
    return get(f"/email-accounts/{mailbox_id:d}/", parse, query=query)


def campaign_mailboxes(campaign_id: int, *, include_tags: bool = False) -> Call[tuple[RemoteMailbox, ...]]:
    """The mailboxes that a campaign sends from (3.1.11)."""
    return get(
        f"/campaigns/{campaign_id:d}/email-accounts",
        read_mailboxes,
        query=only(include_tags=flag(True) if include_tags else None),
    )
