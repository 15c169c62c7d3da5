"""The numbers of one client's campaigns together over a span of days, from cached rows alone.

People are not added up over days: they come from the provider's own totals of set periods, one per campaign. They are added up
over campaigns, and pages say that a person in two campaigns counts in both.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from analytics.metrics import Comparison, Counts, total
from analytics.models import DailyStatsQuerySet, PeriodTotals
from analytics.overview import COUNTERS, Day
from analytics.spans import DaySpan, day_of_figures
from campaigns.models import Campaign, CampaignNumbers

LATE_BY = timedelta(days=1)  # just after midnight the totals of yesterday are the newest ones


def added(parts: Iterable[Counts]) -> Counts:
    """All of these together. What one of those that sent something does not tell is not known of all together either."""
    rows = [part for part in parts if part.sent]
    if not rows:
        return Counts(sent=0, contacted=0, replied=0, positive=0, bounced=0)

    def whole(name: str) -> int | None:
        values = [getattr(row, name) for row in rows]
        return None if None in values else total(values)

    return Counts(*(whole(name) for name in ("sent", "contacted", "replied", "positive", "bounced")))


@dataclass(frozen=True)
class CampaignRow:
    campaign: Campaign
    counts: Counts | None  # None: not known for these days


class ClientNumbers:
    """Two queries: the day rows of all campaigns together, and the set periods of each."""

    def __init__(self, campaigns: Sequence[Campaign], days: DailyStatsQuerySet, span: DaySpan, today: date) -> None:
        """`campaigns` with their numbers, of one client; `days` are the day rows that the reader may see, of any campaign."""
        self.campaigns = campaigns
        self.span = span
        self.today = today
        client_id = campaigns[0].client_id if campaigns else None
        # The client is in the rows, too: with it, and with it alone, one index holds all that is asked for.
        self._stats = days.filter(client=client_id, campaign__in=[campaign.pk for campaign in campaigns])

    @cached_property
    def _asked_from(self) -> date | None:
        """The first day that has been asked for, of any campaign."""
        return min((row.days_from for row in self.rows_of_numbers if row.days_from), default=None)

    @cached_property
    def rows_of_numbers(self) -> list[CampaignNumbers]:
        found = (getattr(campaign, "numbers", None) for campaign in self.campaigns)
        return [row for row in found if row is not None]

    @property
    def synced_at(self) -> datetime | None:
        """When the newest of the totals were read."""
        return max((row.totals_at for row in self.rows_of_numbers if row.totals_at), default=None)

    @cached_property
    def _rows(self) -> dict[date, Day]:
        totals = self._stats.between(self.span.before.start, self.span.end).by_day()
        return {row["day"]: Day(row["day"], *(row[f"total_{name}"] for name in COUNTERS)) for row in totals}

    @cached_property
    def days(self) -> list[Day]:
        return [self._rows.get(day) or Day(day) for day in self.span.days]

    def _day(self, day: date) -> Day | None:
        known = self._asked_from is not None and self._asked_from <= day
        return (self._rows.get(day) or Day(day)) if known else None

    @cached_property
    def days_before(self) -> list[Day | None]:
        return [self._day(day) for day in self.span.before.days]

    @cached_property
    def _periods(self) -> dict[tuple[int, str], Counts]:
        if self.span.totals is None:
            return {}
        ends = dict(zip(self.span.totals, (self.span.end, self.span.before.end), strict=True))
        rows = PeriodTotals.objects.filter(campaign__in=[one.pk for one in self.campaigns], period__in=list(ends))
        return {
            (row.campaign_id, row.period): Counts(row.sent, row.contacted, row.replied, row.positive, row.bounced)
            for row in rows
            if row.sent is not None and abs(row.end - ends[row.period]) <= LATE_BY
        }

    def _of(self, campaign: Campaign, which: int) -> Counts | None:
        return self._periods.get((campaign.pk, self.span.totals[which])) if self.span.totals else None

    @cached_property
    def rows(self) -> list[CampaignRow]:
        return [CampaignRow(campaign, self._of(campaign, 0)) for campaign in self.campaigns]

    @property
    def is_known(self) -> bool:
        return any(row.counts is not None for row in self.rows)

    @cached_property
    def now(self) -> Counts:
        return added(row.counts for row in self.rows if row.counts) if self.is_known else Counts()

    @cached_property
    def before(self) -> Counts:
        """Of the days before, where these are known of every campaign that has figures now; else empty."""
        pairs = [(row.counts, self._of(row.campaign, 1)) for row in self.rows if row.counts]
        if not pairs or any(now.sent and earlier is None for now, earlier in pairs):
            return Counts()
        return added(earlier for _, earlier in pairs if earlier)

    @property
    def is_quiet(self) -> bool:
        return not any(day.sent or day.replied for day in self.days)

    @property
    def compared(self) -> Comparison:
        return Comparison(self.now, self.before)


def day_of(campaigns: Iterable[Campaign], clock_day: date) -> date:
    """The day that "last 30 days" ends with for these campaigns together: that of the newest totals."""
    numbers = (getattr(campaign, "numbers", None) for campaign in campaigns)
    days = [row.recent_until for row in numbers if row is not None and row.recent_until]
    return day_of_figures(max(days, default=None), clock_day)
