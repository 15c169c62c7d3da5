"""How the figures of one campaign stand in a list: text, tone, and what they rest on.

Rates come ready from CampaignNumbers, where analytics puts them; nothing is computed here.
"""

from dataclasses import dataclass
from typing import Self

from django.utils.safestring import SafeString

from campaigns.models import Campaign, CampaignNumbers
from operations import wording
from operations.glyphs import sparkline

ENOUGH_CONTACTS = 100  # a rate of fewer is shown, but neither coloured nor compared
BOUNCE_LIMIT = 3.0  # percent
FEW_LEADS = 100


@dataclass(frozen=True)
class Figure:
    text: str = wording.DASH
    tone: str = "faint"
    basis: str = ""


def reply_figure(numbers: CampaignNumbers | None) -> Figure:
    """People who replied of those contacted in the last 30 days."""
    if numbers is None or numbers.recent_reply_rate is None:
        return Figure()
    of = numbers.recent_contacted or 0
    basis = f"{wording.thousands(numbers.recent_replied)} of {wording.thousands(of)} people contacted"
    if of < ENOUGH_CONTACTS:
        return Figure(wording.percent(numbers.recent_reply_rate), "faint", f"{basis}: too few to compare")
    return Figure(wording.percent(numbers.recent_reply_rate), "strong", basis)


def bounce_figure(numbers: CampaignNumbers | None) -> Figure:
    """Emails that bounced of those sent in the last 30 days; over the limit it is red."""
    if numbers is None or numbers.recent_bounce_rate is None:
        return Figure()
    of = numbers.recent_sent or 0
    basis = f"{wording.thousands(numbers.recent_bounced)} of {wording.thousands(of)} emails"
    text = wording.percent(numbers.recent_bounce_rate)
    if of < ENOUGH_CONTACTS:
        return Figure(text, "faint", f"{basis}: too few to compare")
    if numbers.recent_bounce_rate > BOUNCE_LIMIT:
        return Figure(text, "bad strong", f"{basis}: over the limit of {BOUNCE_LIMIT:g}%")
    return Figure(text, "", basis)


def runs_out_of_leads(campaign: Campaign, numbers: CampaignNumbers | None) -> bool:
    """An active campaign with few leads that still wait for their first email."""
    waiting = numbers.leads_waiting if numbers else None
    return campaign.status == Campaign.Status.ACTIVE and waiting is not None and waiting < FEW_LEADS


@dataclass(frozen=True)
class Cells:
    """The figures of one row, ready to print."""

    sent: str
    positive: str
    reply: Figure
    bounce: Figure
    has_leads: bool
    leads_total: str  # empty if the provider does not tell
    leads_reached: str
    leads_left: str
    runs_out: bool
    spark: SafeString

    @classmethod
    def of(cls, campaign: Campaign, numbers: CampaignNumbers | None) -> Self:
        """All dashes without numbers; nothing sent is a dash too, because no share of nothing is known."""
        if numbers is None:
            return cls(wording.DASH, wording.DASH, Figure(), Figure(), False, "", "", "", False, sparkline(None))
        sent = bool(numbers.recent_sent)
        known = numbers.leads_reached is not None
        return cls(
            sent=wording.thousands(numbers.recent_sent) if sent else wording.DASH,
            positive=wording.thousands(numbers.recent_positive) if sent else wording.DASH,
            reply=reply_figure(numbers),
            bounce=bounce_figure(numbers),
            has_leads=known and bool(numbers.leads_total),
            leads_total=str(numbers.leads_total) if known else "",
            leads_reached=str(numbers.leads_reached or 0),
            leads_left=wording.thousands(numbers.leads_waiting),
            runs_out=runs_out_of_leads(campaign, numbers),
            spark=sparkline(numbers.spark),
        )
