"""The span of days that a page is about: chosen by a preset or freely, kept in the address."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Self

from django.http import QueryDict
from django.utils.dateparse import parse_date

from analytics.models import PeriodTotals

PRESETS = {7: "Last 7 days", 30: "Last 30 days", 90: "Last 90 days"}
DEFAULT_DAYS = 30
LONGEST = timedelta(days=731)
EARLIEST = date(2010, 1, 1)  # before every provider; keeps date arithmetic away from the beginning of the calendar

_TOTALS_OF = {
    7: (PeriodTotals.Period.DAYS_7, PeriodTotals.Period.BEFORE_7),
    30: (PeriodTotals.Period.DAYS_30, PeriodTotals.Period.BEFORE_30),
    90: (PeriodTotals.Period.DAYS_90, PeriodTotals.Period.BEFORE_90),
}


@dataclass(frozen=True)
class DaySpan:
    """Days from `start` to `end`, both included; `preset` is 7, 30 or 90, or None for a free range."""

    start: date
    end: date
    preset: int | None = None
    asked: tuple[date, date] | None = field(default=None, compare=False)  # what was wished for, where it had to be cut

    @classmethod
    def last(cls, days: int, today: date) -> Self:
        return cls(today - timedelta(days=days - 1), today, days if days in PRESETS else None)

    @classmethod
    def from_query(cls, query: QueryDict, today: date) -> Self:
        """`from` and `to`, or `days`; nonsense is the last 30 days; the future and the distant past are cut off."""
        start, end = _date(query.get("from")), _date(query.get("to"))
        if start and end:
            start, end = sorted((start, end))
            last = max(min(end, today), EARLIEST)
            first = max(min(start, last), last - LONGEST, EARLIEST)
            return cls(first, last, asked=(start, end) if (start, end) != (first, last) else None)
        days = query.get("days", "")
        return cls.last(int(days) if days in {str(preset) for preset in PRESETS} else DEFAULT_DAYS, today)

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


def _date(text: str | None) -> date | None:
    try:
        return parse_date(text or "")
    except ValueError:
        return None
