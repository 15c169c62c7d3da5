"""The numbers of one client's campaigns together over a span of days, from cached rows alone.

People are not added up over days: they come from the provider's own totals of set periods, one per campaign. They are added up
over campaigns, and pages say that a person in two campaigns counts in both.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.utils.safestring import SafeString

from accounts.models import Client
from analytics.metrics import Comparison, Counts, total
from analytics.models import DailyStatsQuerySet, PeriodTotals
from analytics.overview import COUNTERS, Day
from analytics.spans import DaySpan, day_of_figures
from campaigns.labels import status_label
from campaigns.models import Campaign, CampaignNumbers, CampaignQuerySet

COUNTED = ("sent", "contacted", "replied", "positive", "bounced")  # in the order of Counts
READ = (
    "archived_at",
    "client",
    "gone_at",
    "name",
    "status",
    "numbers__days_from",
    "numbers__recent_sent",
    "numbers__recent_until",
    "numbers__sent",
    "numbers__totals_at",
)
LATE_BY = timedelta(days=1)  # just after midnight the totals of yesterday are the newest ones


def added(parts: Iterable[Counts]) -> Counts:
    """All of these together. What one of those that sent something does not tell is not known of all together either."""
    rows = [part for part in parts if part.sent]
    if not rows:
        return Counts(sent=0, contacted=0, replied=0, positive=0, bounced=0)

    def whole(name: str) -> int | None:
        values = [getattr(row, name) for row in rows]
        return None if None in values else total(values)

    return Counts(*(whole(name) for name in COUNTED))


@dataclass(frozen=True)
class CampaignRow:
    campaign: Campaign
    counts: Counts | None  # None: not known for these days

    @property
    def has_sent(self) -> bool:
        """Whether the campaign has ever sent anything, as far as was told."""
        numbers = getattr(self.campaign, "numbers", None)
        return numbers is not None and bool(numbers.sent or numbers.recent_sent)

    @property
    def read_at(self) -> datetime | None:
        numbers = getattr(self.campaign, "numbers", None)
        return numbers.totals_at if numbers is not None else None

    @property
    def status(self) -> SafeString:
        return status_label(self.campaign)


def campaigns_of(client: Client, user: Any, *also: str) -> CampaignQuerySet:
    """The client's campaigns that the reader may see, with what ClientNumbers reads of them, and what `also` names; sub-sequences
    and those gone at the provider are left out.
    """
    shown = Campaign.objects.visible_to(user).filter(client=client).present().main()
    return shown.select_related("numbers").only(*READ, *also)


class ClientNumbers:
    """Three queries: the day rows of all campaigns together, those of the days before, and the set periods of each."""

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
        """When the oldest of the totals were read: the figures together are no newer."""
        return min((row.totals_at for row in self.rows_of_numbers if row.totals_at), default=None)

    @cached_property
    def _rows(self) -> dict[date, Day]:
        totals = self._stats.between(self.span.start, self.span.end).by_day(*COUNTERS)
        return {day: Day(day, *counters) for day, *counters in totals}

    @cached_property
    def days(self) -> list[Day]:
        return [self._rows.get(day) or Day(day) for day in self.span.days]

    @cached_property
    def sent_before(self) -> list[int | None]:
        """Emails on each of the days before; None of a day that no campaign was asked for."""
        before, first = self.span.before, self._asked_from
        if first is None or before.end < first:
            return [None] * len(before.days)
        sent = dict(self._stats.between(before.start, before.end).by_day("sent"))
        return [sent.get(day, 0) if first <= day else None for day in before.days]

    @cached_property
    def _periods(self) -> dict[tuple[int, str], Counts]:
        if self.span.totals is None:
            return {}
        ends = dict(zip(self.span.totals, (self.span.end, self.span.before.end), strict=True))
        rows = PeriodTotals.objects.filter(campaign__in=[one.pk for one in self.campaigns], period__in=list(ends))
        told = rows.exclude(sent=None).order_by().values_list("campaign_id", "period", "end", *COUNTED)
        return {
            (campaign, period): Counts(*counts)
            for campaign, period, end, *counts in told
            if abs(end - ends[period]) <= LATE_BY
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
    def missing(self) -> list[CampaignRow]:
        """The campaigns that have sent emails before and of which these days are not known: they are in no sum."""
        return [row for row in self.rows if row.counts is None and row.has_sent]

    @property
    def counted(self) -> int:
        """How many campaigns the sums are made of, of `all_counted`."""
        return sum(row.counts is not None for row in self.rows)

    @property
    def all_counted(self) -> int:
        return self.counted + len(self.missing)

    @property
    def missing_read_at(self) -> datetime | None:
        """When the oldest of those that are missing was last read."""
        return min((row.read_at for row in self.missing if row.read_at), default=None)

    @property
    def has_sent(self) -> bool:
        return not self.is_quiet or any(row.has_sent or (row.counts and row.counts.sent) for row in self.rows)

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
