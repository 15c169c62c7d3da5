"""The numbers of one campaign over a span of days, from cached rows alone."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from analytics.metrics import Comparison, Counts, total
from analytics.models import DailyStatsQuerySet, PeriodTotals
from analytics.spans import DaySpan
from campaigns.models import Campaign, CampaignNumbers

COUNTERS = ("sent", "replied", "positive", "bounced")


@dataclass(frozen=True)
class Day:
    """One bar of the chart. A day without a row had no activity."""

    day: date
    sent: int = 0
    replied: int = 0
    positive: int | None = None
    bounced: int = 0

    @property
    def other(self) -> int:
        """Replies that are not known to be positive."""
        return max(0, self.replied - (self.positive or 0))


class Overview:
    """What the page of a campaign shows of its numbers. Two queries: day rows and set periods."""

    def __init__(self, campaign: Campaign, days: DailyStatsQuerySet, span: DaySpan, today: date) -> None:
        """`days` are the day rows that the reader may see, of any campaign."""
        self.campaign = campaign
        self._stats = days.filter(campaign=campaign)
        self.span = span
        self.today = today

    @cached_property
    def numbers(self) -> CampaignNumbers | None:
        return getattr(self.campaign, "numbers", None)

    @cached_property
    def _rows(self) -> dict[date, Day]:
        """All day rows of the campaign: a few hundred at most, wanted for the span, the one before and the sum of all."""
        values = self._stats.order_by("day").values_list("day", *COUNTERS)
        return {day: Day(day, *counters) for day, *counters in values}

    @cached_property
    def _periods(self) -> dict[str, PeriodTotals]:
        return {row.period: row for row in self.campaign.period_totals.all()}

    @cached_property
    def days(self) -> list[Day]:
        return [self._rows.get(day) or Day(day) for day in self.span.days]

    def day(self, day: date) -> Day | None:
        """What is known of any day, within the span or not; None of one that has not been asked for."""
        first = self.numbers.days_from if self.numbers else None
        asked = first is not None and (first <= day or self._began_on_or_after(first))
        return (self._rows.get(day) or Day(day)) if asked else None

    def days_with_lead(self, span: DaySpan, lead: int) -> list[Day | None]:
        """The days of a span and so many before it."""
        first = span.start - timedelta(days=lead)
        return [self.day(first + timedelta(days=number)) for number in range(lead + span.length)]

    @cached_property
    def now(self) -> Counts:
        """The provider's own totals where the span is a set period that has been pulled, else the sum of the days."""
        return self._stored(0) or self._summed(self.span) or Counts()

    @cached_property
    def before(self) -> Counts:
        """The span before, counted in the same way as `now`, so that the two can be compared; empty if that is not known,
        or if the day that isn't over is all there is to compare.
        """
        if self.is_today_alone:
            return Counts()
        if self._stored(0):
            return self._stored(1) or Counts()
        return self._summed(self.span.before) or Counts()

    def _stored(self, which: int) -> Counts | None:
        if self.span.totals is None:
            return None
        wanted = (self.span, self.span.before)[which]
        row = self._periods.get(self.span.totals[which])
        if row is None or row.sent is None or (row.start, row.end) != (wanted.start, wanted.end):
            return None
        return Counts(row.sent, row.contacted, row.replied, row.positive, row.bounced)

    def _summed(self, span: DaySpan) -> Counts | None:
        """Sums of day rows, without people, who can't be added up over days. None where not all days were asked for."""
        if not self._covers(span):
            return None
        rows = [row for day, row in self._rows.items() if span.start <= day <= span.end]
        return Counts(
            sent=sum(row.sent for row in rows),
            replied=sum(row.replied for row in rows),
            positive=total(row.positive for row in rows) if rows else 0,
            bounced=sum(row.bounced for row in rows),
        )

    def _covers(self, span: DaySpan) -> bool:
        """Whether every day of the span, since the campaign was made, has been asked for."""
        first = self.numbers.days_from if self.numbers else None
        return first is not None and (first <= span.start or self._began_on_or_after(first))

    def _began_on_or_after(self, day: date) -> bool:
        created = self.campaign.remote_created_at
        # The provider's day may begin before ours.
        return created is not None and created.date() - timedelta(days=1) >= day

    @property
    def unsynced_before(self) -> date | None:
        """The first day that has been asked for, if the span begins earlier and the campaign was there already."""
        first = self.numbers.days_from if self.numbers else None
        return first if first is not None and not self._covers(self.span) else None

    @property
    def unsynced_after(self) -> date | None:
        """The last day that has been asked for, if that is more than a day before the end of the span."""
        last = self.numbers.days_through if self.numbers else None
        return last if last is not None and self.span.end - last > timedelta(days=1) else None

    @property
    def is_today_alone(self) -> bool:
        return self.span.start == self.span.end == self.today

    @property
    def is_quiet(self) -> bool:
        """Nothing happened on any day of the span."""
        return not any(day.sent or day.replied or day.bounced for day in self.days)

    @property
    def compared(self) -> Comparison:
        return Comparison(self.now, self.before)

    @property
    def busiest(self) -> Day:
        return max(self.days, key=lambda day: day.sent)

    @cached_property
    def lifetime(self) -> Counts | None:
        """The provider's own totals since the beginning."""
        numbers = self.numbers
        if numbers is None or numbers.sent is None:
            return None
        return Counts(numbers.sent, numbers.contacted, numbers.replied, numbers.positive, numbers.bounced)

    @cached_property
    def differences(self) -> list[tuple[str, int, int]]:
        """Where the provider's total and the sum of its days differ: name, total, sum. Nothing while days are still missing."""
        first = self.numbers.days_from if self.numbers else None
        if self.lifetime is None or first is None or not self._began_on_or_after(first):
            return []
        named = (("emails sent", "sent"), ("replies", "replied"), ("bounces", "bounced"))
        pairs = [
            (label, getattr(self.lifetime, name), sum(getattr(day, name) for day in self._rows.values()))
            for label, name in named
        ]
        return [(label, told, added) for label, told, added in pairs if told is not None and told != added]
