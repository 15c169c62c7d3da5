"""Where the leads of a campaign are: one bar with a legend, and how long the waiting ones last."""

from dataclasses import dataclass
from datetime import date, datetime

from campaigns.models import Campaign, CampaignNumbers
from campaigns.not_sending import plan_of
from campaigns.pacing.pace import Supply, outlook


@dataclass(frozen=True)
class Part:
    """A piece of the bar; `x` and `width` are percent of it."""

    label: str
    count: int
    fill: str  # class of the bar's rectangle
    swatch: str  # class of the legend's square
    x: float
    width: float


def lead_parts(numbers: CampaignNumbers | None) -> list[Part]:
    """The pieces in the order of a lead's way; nothing if the provider does not tell."""
    if numbers is None or not numbers.leads_total:
        return []
    counted = (
        ("Waiting", numbers.leads_waiting, "f2", "d2"),
        ("In sequence", numbers.leads_in_progress, "f1", ""),
        ("Finished", numbers.leads_completed, "ff", "df"),
        ("Paused", numbers.leads_paused, "f4", "d4"),
        ("Stopped", numbers.leads_stopped, "f6", "d6"),
        ("Blocked", numbers.leads_blocked, "f5", "d5"),
    )
    whole = sum(count or 0 for _, count, _, _ in counted)
    parts: list[Part] = []
    x = 0.0
    for label, count, fill, swatch in counted:
        if count is None:
            continue
        width = 100 * count / whole if whole else 0.0
        parts.append(Part(label, count, fill, swatch, round(x, 2), round(width, 2)))
        x += width
    return parts


@dataclass(frozen=True)
class Lasting:
    """New leads a day, and the day on which none waits any more."""

    per_day: int
    finish: date


def waiting_lasts(campaign: Campaign, numbers: CampaignNumbers | None, now: datetime) -> Lasting | None:
    """How long the waiting leads of an active campaign last at the most that it may start a day, by its own limit and those
    of its mailboxes; None if that is not known. For a campaign that `campaigns.frame.visible_campaign` has read.
    """
    settings, waiting = campaign.settings or {}, numbers.leads_waiting if numbers else None
    limit, plan = settings.get("daily_new_leads"), plan_of(campaign.schedule)
    if campaign.status != Campaign.Status.ACTIVE or not waiting or not isinstance(limit, int) or plan is None:
        return None
    per_day = min(limit, _of_mailboxes(campaign, limit))
    way = outlook(plan, per_day, waiting, now)
    return Lasting(per_day, way.finish) if way else None


def _of_mailboxes(campaign: Campaign, otherwise: int) -> int:
    told = getattr(campaign, "sender_counts", None) or {}
    if campaign.links_synced_at is None or told.get("unlimited"):
        return otherwise
    share = (campaign.settings or {}).get("follow_up_percentage")
    return Supply(follow_up_percentage=share if isinstance(share, int) else None).left_for_new(
        told.get("capacity") or 0
    )
