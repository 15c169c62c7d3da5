"""When a campaign sends: what our copy says, what a person wants, and asking for it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings

from campaigns.models import Campaign
from campaigns.services.asking import ask_for_change
from operations import audit
from operations.models import Write
from providers.drafts import ScheduleDraft
from providers.records import RemoteCampaign, RemoteSchedule

KIND = "campaign schedule"
FIELDS = ("time_zone", "days", "start", "end", "min_gap_minutes", "daily_new_leads", "starts_at")


def current_schedule(campaign: Campaign) -> dict[str, Any]:
    """Every field as our copy has it; None for what the provider does not tell or has not set."""
    schedule, rules = campaign.schedule or {}, campaign.settings or {}
    return {
        "time_zone": schedule.get("time_zone"),
        "days": list(schedule["days"]) if schedule.get("days") else None,
        "start": schedule.get("start"),
        "end": schedule.get("end"),
        "min_gap_minutes": rules.get("min_gap_minutes"),
        "daily_new_leads": rules.get("daily_new_leads"),
        "starts_at": schedule.get("starts_at"),
    }


def default_schedule(campaign: Campaign, shortest_gap: int) -> dict[str, Any]:
    """What a campaign without a schedule is offered: office hours, and whatever of it the provider tells already."""
    usual: dict[str, Any] = {
        "time_zone": settings.QUARTERDECK_REPORTING_TIME_ZONE,
        "days": [1, 2, 3, 4, 5],
        "start": "09:00",
        "end": "17:00",
        "min_gap_minutes": max(10, shortest_gap),
        "daily_new_leads": 50,
        "starts_at": None,
    }
    return usual | {name: value for name, value in current_schedule(campaign).items() if value is not None}


def told_schedule(read: RemoteCampaign) -> dict[str, Any]:
    """The same fields as the provider says them now."""
    found = read.schedule
    return {
        "time_zone": found.time_zone if found else None,
        "days": list(found.days) if found and found.days else None,
        "start": found.start if found else None,
        "end": found.end if found else None,
        "min_gap_minutes": read.settings.min_gap_minutes,
        "daily_new_leads": read.settings.daily_new_leads,
        "starts_at": found.starts_at.isoformat() if found and found.starts_at else None,
    }


def draft_of(wanted: Mapping[str, Any]) -> ScheduleDraft:
    return ScheduleDraft(
        time_zone=wanted["time_zone"],
        days=tuple(wanted["days"]),
        start=wanted["start"],
        end=wanted["end"],
        min_gap_minutes=wanted["min_gap_minutes"],
        daily_new_leads=wanted["daily_new_leads"],
        starts_at=datetime.fromisoformat(wanted["starts_at"]) if wanted.get("starts_at") else None,
    )


def remote_of(told: Mapping[str, Any]) -> RemoteSchedule | None:
    """The provider's schedule again from what was told of it."""
    if not told.get("time_zone"):
        return None
    return RemoteSchedule(
        told["time_zone"], tuple(told.get("days") or ()), told.get("start") or "", told.get("end") or ""
    )


def save_schedule(
    campaign: Campaign, wanted: Mapping[str, Any], opened: Mapping[str, Any], actor: audit.Actor, now: datetime
) -> Write:
    """Ask for the whole schedule to be made so. `opened` is what the page showed as the provider's state: if that has
    changed there since, nothing is sent and the write settles as a conflict.
    """
    values = {name: wanted[name] for name in FIELDS}
    before = {name: opened.get(name) for name in FIELDS}
    return ask_for_change(campaign, KIND, values, before=before, actor=actor, now=now)
