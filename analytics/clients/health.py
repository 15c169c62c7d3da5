"""How a client is doing, as one word with its reason: what keeps it from sending, what ruins it, what needs a look."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.models import Mailbox
from accounts.standing import Standing
from analytics.metrics import BOUNCE_LIMIT, Counts
from campaigns.figures import ENOUGH_CONTACTS, FEW_LEADS
from campaigns.models import Campaign
from operations import wording

ACTIVE = Q(status=Campaign.Status.ACTIVE)
# Of campaigns with their numbers; the same as campaigns.figures says of one.
OVER_LIMIT = Q(numbers__recent_bounce_rate__gt=BOUNCE_LIMIT, numbers__recent_sent__gte=ENOUGH_CONTACTS)
RUNS_OUT = ACTIVE & Q(numbers__leads_waiting__lt=FEW_LEADS)
OUT = Q(smtp_ok=False) | Q(suspended=True)


@dataclass(frozen=True)
class Signs:
    """What is judged. `standing` is that of the worst key; mailboxes are the client’s own."""

    standing: Standing
    counts: Counts
    active: int = 0
    over_limit: int = 0
    runs_out: int = 0
    mailboxes: int = 0
    mailboxes_out: int = 0


@dataclass(frozen=True)
class Health:
    """`pill` is the shape; `rank` puts the worst first."""

    pill: str
    word: str
    reason: str
    rank: int


def health_of(signs: Signs) -> Health:
    if signs.standing.tone == "bad":
        return Health("blocked", "Blocked", signs.standing.reason, 0)
    if signs.mailboxes and signs.mailboxes_out == signs.mailboxes:
        return Health("blocked", "Blocked", "No mailbox can send", 0)
    if reason := _risk(signs):
        return Health("risk", "At risk", reason, 1)
    if reason := _watch(signs):
        return Health("watch", "Watch", reason, 2)
    if not signs.counts.sent:
        return Health("none", "No data", "Nothing was sent in 30 days", 4)
    return Health("ok", "Healthy", "", 3)


def _risk(signs: Signs) -> str:
    rate = signs.counts.bounce_rate
    if rate.enough and (rate.percent or 0) > BOUNCE_LIMIT:
        return f"{wording.percent(rate.percent)} of emails bounce, over the limit of {BOUNCE_LIMIT:g}%"
    if signs.over_limit:
        return f"{_campaigns(signs.over_limit)} over the bounce limit of {BOUNCE_LIMIT:g}%"
    return ""


def _watch(signs: Signs) -> str:
    if signs.standing.tone == "warn":
        return signs.standing.reason
    if signs.mailboxes_out:
        return f"{signs.mailboxes_out} of {signs.mailboxes} mailboxes can’t send"
    if signs.runs_out:
        return f"{_campaigns(signs.runs_out)} with fewer than {FEW_LEADS} leads left"
    return ""


def _campaigns(count: int) -> str:
    return f"{wording.thousands(count)} campaign{'' if count == 1 else 's'}"


def mailbox_counts(mailboxes: "QuerySet[Mailbox]") -> Mapping[int, dict[str, Any]]:
    """By client, how many mailboxes of their own there are (`mailboxes`) and can’t send (`mailboxes_out`)."""
    rows: Any = (
        mailboxes.filter(client__isnull=False, gone_at=None)
        .order_by()
        .values("client_id")
        .annotate(mailboxes=Count("pk"), mailboxes_out=Count("pk", filter=OUT))
    )
    return {row["client_id"]: row for row in rows}
