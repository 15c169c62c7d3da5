"""The span of days that a page is about: chosen by a preset or freely, kept in the address."""

import re
from calendar import month_name
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Self

from django.http import QueryDict
from django.utils.dateparse import parse_date

from analytics.models import PeriodTotals
from operations import wording

PRESETS = {7: "Last 7 days", 30: "Last 30 days", 90: "Last 90 days"}
DEFAULT_DAYS = 30
LONGEST = timedelta(days=731)
LONGEST_TEXT = 40
EARLIEST = date(2010, 1, 1)  # before every provider; keeps date arithmetic away from the beginning of the calendar

_TOTALS_OF = {
    7: (PeriodTotals.Period.DAYS_7, PeriodTotals.Period.BEFORE_7),
    30: (PeriodTotals.Period.DAYS_30, PeriodTotals.Period.BEFORE_30),
    90: (PeriodTotals.Period.DAYS_90, PeriodTotals.Period.BEFORE_90),
}


@dataclass(frozen=True)
class Typed:
    """What somebody wrote for the first and the last day, as they wrote it."""

    first: str
    last: str
    today: date
    days: str = ""

    @property
    def start(self) -> date | None:
        return _date(self.first)

    @property
    def end(self) -> date | None:
        return _date(self.last)

    @property
    def first_is_wrong(self) -> bool:
        return not self.days and (self.start is None or self._reversed)

    @property
    def last_is_wrong(self) -> bool:
        return not self.days and (self.end is None or self._reversed)

    @property
    def _reversed(self) -> bool:
        return self.start is not None and self.end is not None and self.start > self.end

    @property
    def problem(self) -> str:
        """In one or two sentences; "" if this is a span."""
        if self.days:
            return f"“{self.days}” is no number of days that is kept. Choose 7, 30 or 90, or give the first and the last day."
        if self.start and self.end and self._reversed:
            first, last = (wording.day(day, self.today) for day in (self.start, self.end))
            return f"The first day, {first}, is after the last one, {last}."
        texts = (("first", self.first, self.start), ("last", self.last, self.end))
        return " ".join(_why_no_day(which, text) for which, text, day in texts if day is None)


@dataclass(frozen=True)
class DaySpan:
    """Days from `start` to `end`, both included; `preset` is 7, 30 or 90, or None for a free range."""

    start: date
    end: date
    preset: int | None = None
    asked: tuple[date, date] | None = field(default=None, compare=False)  # what was wished for, where it had to be cut
    typed: "Typed | None" = field(
        default=None, compare=False
    )  # what made no span, so that this is the usual one instead

    @classmethod
    def last(cls, days: int, today: date) -> Self:
        return cls(today - timedelta(days=days - 1), today, days if days in PRESETS else None)

    @classmethod
    def from_query(cls, query: QueryDict, today: date) -> Self:
        """`from` and `to`, or `days`; the future and the distant past are cut off. Of nonsense the last 30 days, with what
        was typed and what is wrong with it.
        """
        if "from" in query or "to" in query:
            typed = Typed(
                query.get("from", "").strip()[:LONGEST_TEXT], query.get("to", "").strip()[:LONGEST_TEXT], today
            )
            if typed.start is None or typed.end is None or typed.problem:
                return replace(cls.last(DEFAULT_DAYS, today), typed=typed)
            start, end = typed.start, typed.end
            last = max(min(end, today), EARLIEST)
            first = max(min(start, last), last - LONGEST, EARLIEST)
            return cls(first, last, asked=(start, end) if (start, end) != (first, last) else None)
        days = query.get("days", str(DEFAULT_DAYS))
        if days not in {str(preset) for preset in PRESETS}:
            return replace(cls.last(DEFAULT_DAYS, today), typed=Typed("", "", today, days.strip()[:LONGEST_TEXT]))
        return cls.last(int(days), today)

    @property
    def problem(self) -> str:
        """What is wrong with the address or with what was typed; "" if nothing is."""
        return self.typed.problem if self.typed else ""

    @property
    def cut(self) -> str:
        """Why other days are shown than were asked for; "" if they are not."""
        if self.asked is None:
            return ""
        start, end = self.asked
        reasons = []
        if start < EARLIEST:
            reasons.append(f"There are no figures from before {EARLIEST.year}.")
        if end > self.end:
            reasons.append("Days to come have no figures.")
        if self.end - max(start, EARLIEST) > LONGEST:
            reasons.append(f"At most {LONGEST.days + 1} days are shown at once.")
        return " ".join(reasons)

    @property
    def length(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def before(self) -> "DaySpan":
        """The span of equal length that ends where this one begins."""
        return DaySpan(self.start - timedelta(days=self.length), self.start - timedelta(days=1))

    @property
    def days(self) -> list[date]:
        return [self.start + timedelta(days=i) for i in range(self.length)]

    @property
    def totals(self) -> tuple[str, str] | None:
        """The set periods under which the provider's own totals of this span and the one before are kept."""
        return _TOTALS_OF[self.preset] if self.preset else None


def day_of_figures(pulled_until: date | None, today: date) -> date:
    """The day that "last 30 days" ends with: that of the newest totals, while they are at most a day behind our clock.

    The provider's clock decides which day it is there, and just after midnight the totals of yesterday are the newest ones.
    """
    if pulled_until is None or today - pulled_until > timedelta(days=1):
        return today
    return pulled_until


def _date(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None


def _why_no_day(which: str, text: str) -> str:
    if not text:
        return f"The {which} day is missing."
    if found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
        year, month, day = map(int, found.groups())
        if 1 <= month <= 12:
            return f"There is no {day} {month_name[month]} {year}."
    return f"“{text}” is no date: write the {which} day as year-month-day, like 2026-11-20."
