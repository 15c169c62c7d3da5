"""The week of a schedule as the page draws it: seven rows of 24 hours, the hours by two clocks, and where now is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from campaigns.facts import WEEKDAYS
from campaigns.pacing.pace import MINUTES_A_DAY, minutes_of
from operations.wording import thousands

HOUR_WIDTH = 100 / 24
GAP = 0.3
LABEL_EVERY = 3


@dataclass(frozen=True)
class DayRow:
    number: int
    label: str
    on: bool
    caption: str
    summary: str
    cells: SafeString
    start: str = ""
    end: str = ""
    now: str = ""


@dataclass(frozen=True)
class Week:
    days: list[DayRow]
    hours: list[str]
    reader_hours: list[str]
    start: str
    end: str
    edges: tuple[str, str] | None


def week_of(typed: Mapping[str, Any], zone: str, reader_zone: str, now: datetime, per_day: int | None) -> Week:
    """The drawing of typed values; hours that are not readable draw nothing."""
    start, end = _minutes(typed["start"]), _minutes(typed["end"])
    window = (start, end) if start is not None and end is not None and start < end else None
    chosen = {number for number in range(1, 8) if str(number) in map(str, typed["days"])}
    local = now.astimezone(ZoneInfo(zone))
    cells_on, cells_off = _cells(window), _cells(None)
    days = []
    for number, label in enumerate(WEEKDAYS, start=1):
        on = number in chosen
        sends = on and window is not None
        days.append(
            DayRow(
                number,
                label,
                on,
                (f"{thousands(per_day)} leads" if per_day is not None else "On") if on else "Off",
                f"{label}: sending {typed['start']} to {typed['end']}" if sends else f"{label}: no sending",
                cells_on if sends else cells_off,
                _at(window[0]) if sends and window else "",
                _at(window[1]) if sends and window else "",
                _at(local.hour * 60 + local.minute) if local.isoweekday() == number else "",
            )
        )
    shift = _offset(now, reader_zone) - _offset(now, zone)
    edges = (_at(window[0]), _at(window[1])) if window else None
    return Week(days, _labels(0), _labels(shift), str(typed["start"]), str(typed["end"]), edges)


@lru_cache(maxsize=512)
def _cells(window: tuple[int, int] | None) -> SafeString:
    """24 hours, each with the part of it that sends over it. Drawn once: a page has seven of them."""
    cells = []
    for hour in range(24):
        left, right = hour * HOUR_WIDTH + GAP / 2, (hour + 1) * HOUR_WIDTH - GAP / 2
        on_left = on_right = left
        if window is not None:
            on_left = max(left, 100 * window[0] / MINUTES_A_DAY)
            on_right = min(right, 100 * window[1] / MINUTES_A_DAY)
        on_width = max(0.0, on_right - on_left)
        cells.append((_percent(left), _percent(right - left), _percent(on_left), _percent(on_width)))
    hour_html = (
        '<rect class="h" x="{}" width="{}" height="26" rx="3"/><rect class="on" x="{}" width="{}" height="26" rx="2"/>'
    )
    return format_html_join("", hour_html, cells)


def _labels(shift: int) -> list[str]:
    """The hours above a week, one for every third column; whole hours without minutes."""
    labels = []
    for hour in range(0, 24, LABEL_EVERY):
        hours, minutes = divmod((hour * 60 + shift) % MINUTES_A_DAY, 60)
        labels.append(f"{hours:02d}:{minutes:02d}" if minutes else f"{hours:02d}")
    return labels


def _minutes(text: Any) -> int | None:
    try:
        return minutes_of(str(text)) if len(str(text)) == 5 else None
    except ValueError:
        return None


def _offset(now: datetime, zone: str) -> int:
    return int((now.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()).total_seconds() // 60)


def _at(minutes: int) -> str:
    return _percent(100 * minutes / MINUTES_A_DAY)


def _percent(value: float) -> str:
    return f"{value:.2f}%"
