"""What is known of a campaign's schedule and settings, in words, read-only."""

from datetime import date
from typing import Any

from campaigns.models import Campaign
from operations import wording

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
STOP_RULES = {
    "reply": "A lead replies",
    "click": "A lead clicks a link",
    "open": "A lead opens an email",
    "never": "Never by itself",
}


def facts(campaign: Campaign) -> list[tuple[str, str]]:
    """Pairs of label and text; only what the provider told."""
    found: list[tuple[str, str]] = []
    schedule, settings = campaign.schedule or {}, campaign.settings or {}
    if schedule.get("days"):
        found.append(("Sends on", days_in_words(schedule["days"])))
    if schedule.get("start") and schedule.get("end"):
        hours = f"{schedule['start']}–{schedule['end']}"
        found.append(("Hours", f"{hours}, {schedule['time_zone']}" if schedule.get("time_zone") else hours))
    if (gap := settings.get("min_gap_minutes")) is not None:
        found.append(("Gap between emails", f"{gap} min"))
    if (pace := settings.get("daily_new_leads")) is not None:
        found.append(("New leads a day", f"at most {wording.thousands(pace)}"))
    if rule := STOP_RULES.get(str(settings.get("stop_rule", ""))):
        found.append(("Stops for a lead when", rule))
    found += [(label, text) for label, text in _switches(settings)]
    return found


def _switches(settings: dict[str, Any]) -> list[tuple[str, str]]:
    named = (("Opens tracked", "track_opens"), ("Clicks tracked", "track_clicks"), ("Plain text", "plain_text"))
    return [(label, "Yes" if settings[key] else "No") for label, key in named if settings.get(key) is not None]


def days_in_words(days: list[int]) -> str:
    """ISO weekdays as "Mon–Fri" or "Mon, Wed, Fri"."""
    days = sorted({day for day in days if 1 <= day <= 7})
    if len(days) > 2 and days == list(range(days[0], days[-1] + 1)):
        return "Every day" if len(days) == 7 else f"{WEEKDAYS[days[0] - 1]}–{WEEKDAYS[days[-1] - 1]}"
    return ", ".join(WEEKDAYS[day - 1] for day in days)


def plan_day(day: date, today: date | None = None) -> str:
    """A day of a plan: "Fri 11 Dec", with the year where that is not today's."""
    year = f" {day.year}" if today is not None and day.year != today.year else ""
    return f"{day:%a} {day.day} {day:%b}{year}"
