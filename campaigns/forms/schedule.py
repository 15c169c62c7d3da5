"""When a campaign sends, as it is typed. What is wrong is said in plain words, and stays in its field."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from campaigns.facts import WEEKDAYS
from campaigns.pacing import zones
from campaigns.services.schedule import FIELDS

LAST_MINUTE = "23:59"
LONGEST_GAP = 24 * 60
MOST_NEW_LEADS = 100_000
LATEST_START = timedelta(days=5 * 366)
_HOUR = re.compile(r"^\s*(\d{1,2})(?:\s*[:.h]?\s*(\d{2}))?\s*$")


class HourField(forms.CharField):
    """An hour of the day as people type it: 8, 8:30, 08.30, 0830. Midnight at the end of a day is its last minute."""

    def __init__(self, *, missing: str) -> None:
        super().__init__(max_length=8, error_messages={"required": missing})

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        found = _HOUR.match(text)
        hours, minutes = (int(found[1]), int(found[2] or 0)) if found else (99, 0)
        if (hours, minutes) == (24, 0):
            return LAST_MINUTE
        if hours > 23 or minutes > 59:
            raise ValidationError("Type an hour such as 08:30.")
        return f"{hours:02d}:{minutes:02d}"


class ScheduleForm(forms.Form):
    """`opened` is the provider's state that the page showed: a start time that was not touched keeps its very moment."""

    time_zone = forms.CharField(max_length=64, error_messages={"required": "Choose a timezone."})
    days = forms.TypedMultipleChoiceField(
        choices=list(enumerate(WEEKDAYS, start=1)),
        coerce=int,
        error_messages={
            "required": "Choose at least one day, or pause the campaign.",
            "invalid_choice": "Choose days of the week.",
        },
    )
    start = HourField(missing="Type the hour of the first email.")
    end = HourField(missing="Type the hour at which sending ends.")
    min_gap_minutes = forms.IntegerField(
        max_value=LONGEST_GAP,
        error_messages={
            "required": "Type the minutes between two emails.",
            "invalid": "Type whole minutes.",
            "max_value": "A gap of more than a day sends nothing.",
        },
    )
    daily_new_leads = forms.IntegerField(
        min_value=1,
        max_value=MOST_NEW_LEADS,
        error_messages={
            "required": "Type how many leads may be started a day.",
            "invalid": "Type a whole number.",
            "min_value": "At least 1 a day. To start nobody, pause the campaign.",
            "max_value": "That is more than any account can send.",
        },
    )
    starts_at = forms.CharField(max_length=32, required=False)

    def __init__(
        self, data: Any, *, opened: Mapping[str, Any], shortest_gap: int, provider: str, now: datetime
    ) -> None:
        super().__init__(data, label_suffix="")
        self.opened, self.shortest_gap, self.provider, self.now = opened, shortest_gap, provider, now

    def clean_time_zone(self) -> str:
        typed: str = self.cleaned_data["time_zone"].strip()
        if zones.is_zone(typed):
            return typed
        # People type cities: one name that ends so is what they mean.
        wanted = typed.casefold().replace(" ", "_")
        same = [
            name
            for name in zones.zone_names()
            if wanted in (name.casefold(), zones.city(name).casefold().replace(" ", "_"))
        ]
        if len(same) != 1:
            raise ValidationError(f"There is no timezone “{typed}”. Choose one from the list, such as Europe/Berlin.")
        return same[0]

    def clean_days(self) -> list[int]:
        return sorted(set(self.cleaned_data["days"]))

    def clean_min_gap_minutes(self) -> int:
        gap: int = self.cleaned_data["min_gap_minutes"]
        if gap < self.shortest_gap:
            raise ValidationError(f"{self.provider} waits at least {self.shortest_gap} minutes between two emails.")
        return gap

    def clean(self) -> None:
        values = self.cleaned_data
        start, end = values.get("start"), values.get("end")
        if start and end and start >= end:
            self.add_error(
                "end", f"Sending must end after it begins at {start}, on the same day: no window goes over midnight."
            )
        if "starts_at" in values and "time_zone" in values:
            self._clean_starts_at(values["starts_at"].strip(), values["time_zone"])

    def _clean_starts_at(self, typed: str, zone: str) -> None:
        kept = self.opened.get("starts_at")
        if not typed:
            self.cleaned_data["starts_at"] = None
        elif kept and zone == self.opened.get("time_zone") and typed == clock_of(kept, zone):
            self.cleaned_data["starts_at"] = kept
        else:
            self._take_starts_at(typed, zone)

    def _take_starts_at(self, typed: str, zone: str) -> None:
        try:
            clock = datetime.fromisoformat(typed).replace(tzinfo=None, second=0, microsecond=0)
            moment = zones.as_moment(clock, zone)
        except (ValueError, OverflowError):
            self.add_error("starts_at", "Type a day and an hour, or leave it empty to begin as soon as it is saved.")
            return
        if moment is None:
            self.add_error("starts_at", f"This hour does not exist in {zones.city(zone)}: clocks go forward over it.")
        elif moment < self.now:
            self.add_error("starts_at", "This moment is over. Leave it empty to begin as soon as it is saved.")
        elif moment > self.now + LATEST_START:
            self.add_error("starts_at", "That is more than five years ahead. Choose an earlier day.")
        else:
            self.cleaned_data["starts_at"] = moment.astimezone(UTC).isoformat()

    def values(self) -> dict[str, Any]:
        """Every field, ready for the service."""
        return {name: self.cleaned_data[name] for name in FIELDS}


def clock_of(moment: str | None, zone: str | None) -> str:
    """A stored moment as the field of a page has it: the clock of the zone, to the minute."""
    if not moment or not zone or not zones.is_zone(zone):
        return ""
    return f"{datetime.fromisoformat(moment).astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}"


def as_typed(schedule: Mapping[str, Any]) -> dict[str, Any]:
    """A schedule as the fields of a page have it: text, and a list for the days."""
    return {
        "time_zone": schedule.get("time_zone") or "",
        "days": [str(day) for day in schedule.get("days") or ()],
        "start": schedule.get("start") or "",
        "end": schedule.get("end") or "",
        "min_gap_minutes": "" if schedule.get("min_gap_minutes") is None else str(schedule["min_gap_minutes"]),
        "daily_new_leads": "" if schedule.get("daily_new_leads") is None else str(schedule["daily_new_leads"]),
        "starts_at": clock_of(schedule.get("starts_at"), schedule.get("time_zone")),
    }


def typed_in(data: QueryDict) -> dict[str, Any]:
    """What a request carries for the fields, as it was typed."""
    return {name: data.getlist(name) if name == "days" else data.get(name, "") for name in FIELDS}


def as_data(typed: Mapping[str, Any]) -> QueryDict:
    """Typed values as the data of a form."""
    data = QueryDict(mutable=True)
    for name, value in typed.items():
        data.setlist(name, list(value) if isinstance(value, (list, tuple)) else [str(value)])
    return data
