"""How the figures of one campaign stand in a list: text, tone, and what they rest on.

Rates come ready from CampaignNumbers, where analytics puts them; nothing is computed here.
"""

from dataclasses import dataclass

from campaigns.models import Campaign, CampaignNumbers
from operations import wording

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
