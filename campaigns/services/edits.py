"""What the editors of a campaign share: the state that a page was opened with, what changed since, and the newest save."""

from collections.abc import Mapping
from typing import Any

from django.core import signing

from campaigns.models import Campaign
from operations.models import Write
from providers.records import Difference

NEWEST = 10


def seal(campaign: Campaign, kind: str, state: Mapping[str, Any]) -> str:
    """The state that a page shows, to travel with its form. Signed, because it becomes the "before" of the audit trail."""
    return signing.dumps(dict(state), salt=_salt(campaign, kind), compress=True)


def unseal(campaign: Campaign, kind: str, text: str) -> dict[str, Any] | None:
    """The state that a form was opened with; None where it does not carry one of ours."""
    try:
        found = signing.loads(text, salt=_salt(campaign, kind))
    except signing.BadSignature:
        return None
    return found if isinstance(found, dict) else None


def _salt(campaign: Campaign, kind: str) -> str:
    return f"{kind} {campaign.pk}"


def changed_meanwhile(
    before: Mapping[str, Any], wanted: Mapping[str, Any], told: Mapping[str, Any]
) -> list[Difference]:
    """What the provider holds otherwise than when the page was opened, but for what it holds as wanted already."""
    return [
        Difference(name, before[name], told[name])
        for name in before
        if name in told and told[name] != before[name] and not (name in wanted and told[name] == wanted[name])
    ]


def shown_write(campaign: Campaign, user: Any, kind: str, number: int | None) -> Write | None:
    """The save that a page is about: the one with this number or what followed from it, else one that is on its way."""
    rows = Write.objects.visible_to(user).filter(
        connection_id=campaign.connection_id,
        subject_type=Campaign._meta.label,
        subject_id=str(campaign.pk),
        kind=kind,
    )
    newest = list(rows.order_by("-pk")[:NEWEST])
    for write in newest:
        if number is not None and number in (write.pk, write.payload.get("repeats_change")):
            return write
    return next((write for write in newest if not write.is_settled), None)


def is_settled(campaign: Campaign, user: Any, write: Write) -> bool:
    """Whether the save, and what followed from it, has ended."""
    found = shown_write(campaign, user, write.kind, write.pk)
    return found is None or found.is_settled
