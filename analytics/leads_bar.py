"""Where the leads of a campaign are: one bar with a legend, and how long the waiting ones last."""

from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from campaigns.models import Campaign, CampaignNumbers

LONGEST_OUTLOOK_DAYS = 365


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


def waiting_lasts_until(campaign: Campaign, numbers: CampaignNumbers | None, today: date) -> date | None:
    """The day on which an active campaign runs out of waiting leads if it starts as many as it may; None if unknown."""
    pace = (campaign.settings or {}).get("daily_new_leads")
    waiting = numbers.leads_waiting if numbers else None
    if campaign.status != Campaign.Status.ACTIVE or not waiting or not isinstance(pace, int) or pace < 1:
        return None
    weekdays = set((campaign.schedule or {}).get("days") or range(1, 8))
    needed = ceil(waiting / pace)
    day = today
    for _ in range(LONGEST_OUTLOOK_DAYS):
        day += timedelta(days=1)
        if day.isoweekday() in weekdays:
            needed -= 1
        if needed == 0:
            return day
    return None
