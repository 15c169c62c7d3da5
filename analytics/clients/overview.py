"""What the page of one client shows first: headline figures, and campaigns that need somebody."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.utils.safestring import SafeString

from analytics.client_numbers import ClientNumbers, added
from analytics.kpis import Kpi
from analytics.metrics import BOUNCE_LIMIT, Counts
from campaigns.figures import Cells, bounce_figure, runs_out_of_leads
from campaigns.labels import status_label
from campaigns.models import Campaign, CampaignNumbers
from operations import wording

LISTED = tuple(  # of campaigns, beside what their numbers together are made of
    f"numbers__{name}"
    for name in (
        "leads_in_progress",
        "leads_total",
        "leads_waiting",
        "recent_bounce_rate",
        "recent_bounced",
        "recent_contacted",
        "recent_positive",
        "recent_replied",
        "recent_reply_rate",
        "spark",
    )
)
ORDER = {status: number for number, status in enumerate(("active", "paused", "draft", "completed", "stopped"))}


@dataclass(frozen=True)
class Listed:
    campaign: Campaign

    @cached_property
    def cells(self) -> Cells:
        return Cells.of(self.campaign, self._numbers)

    @property
    def status(self) -> SafeString:
        return status_label(self.campaign)

    @property
    def _numbers(self) -> CampaignNumbers | None:
        return getattr(self.campaign, "numbers", None)

    @cached_property
    def bounces_too_much(self) -> bool:
        return bounce_figure(self._numbers).tone.startswith("bad")

    @cached_property
    def runs_out(self) -> bool:
        return runs_out_of_leads(self.campaign, self._numbers)


def attention_first(campaigns: Iterable[Campaign]) -> list[Listed]:
    """Those over the bounce limit, then those that run out of leads, then by state; what was put away is left out."""
    rows = [Listed(one) for one in campaigns if not one.is_archived]

    def rank(row: Listed) -> tuple[bool, bool, int, str, int]:
        state = ORDER.get(row.campaign.status, len(ORDER))
        return (
            not row.bounces_too_much,
            not row.runs_out,
            state,
            row.campaign.name,
            row.campaign.pk,
        )

    return sorted(rows, key=rank)


def recent(rows: Iterable[CampaignNumbers]) -> Counts:
    """What all of them did in the last 30 days."""
    return added(
        Counts(row.recent_sent, row.recent_contacted, row.recent_replied, row.recent_positive, row.recent_bounced)
        for row in rows
    )


def kpis(numbers: ClientNumbers) -> list[Kpi]:
    """Emails sent, reply rate, positive replies, bounce rate; people count once per campaign."""
    now = numbers.now
    if not numbers.is_known:
        return [
            Kpi(label, wording.DASH, why="Not synced yet")
            for label in ("Emails sent", "Reply rate", "Positive replies", "Bounce rate")
        ]
    sent = numbers.compared.of("sent")
    reply, bounce = now.reply_rate, now.bounce_rate
    nothing = "Not known for all campaigns" if numbers.missing else "Nothing sent in this period"
    share = now.positive_rate.percent
    limit = f", limit {BOUNCE_LIMIT:g}%" if bounce.enough and (bounce.percent or 0) > BOUNCE_LIMIT else ""
    return [
        Kpi(
            "Emails sent",
            wording.thousands(now.sent),
            "vs previous" if sent else f"in {numbers.span.length} days",
            sent,
        ),
        Kpi("Reply rate", wording.percent(reply.percent), reply.basis, numbers.compared.reply_rate)
        if reply.is_known and not now.replies_are_per_email
        else Kpi("Reply rate", wording.DASH, why="People are not known for all campaigns" if now.sent else nothing),
        Kpi(
            "Positive replies",
            wording.thousands(now.positive),
            f"{share:.0f}% of replies" if share is not None else "",
            numbers.compared.of("positive"),
        )
        if now.positive is not None
        else Kpi("Positive replies", wording.DASH, why="Not told for all campaigns"),
        Kpi("Bounce rate", wording.percent(bounce.percent), f"{bounce.basis}{limit}", numbers.compared.bounce_rate)
        if bounce.is_known
        else Kpi("Bounce rate", wording.DASH, why=nothing),
    ]
