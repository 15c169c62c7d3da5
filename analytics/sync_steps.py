"""What analytics keeps fresh: totals of set periods, day rows, where each campaign's leads are, and what its steps did."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import F, Q

from analytics.services import day_units
from analytics.services.day_rows import ToldDay, save_days, told_by_day, told_by_span, told_positive
from analytics.services.numbers import (
    mark_days,
    oldest_day,
    periods,
    refresh_sparks,
    refresh_totals,
    save_lead_counts,
    save_totals,
    settle_totals,
)
from analytics.services.ownership import reown_daily_stats
from analytics.services.step_numbers import save_step_numbers, to_ask
from campaigns.models import Campaign
from operations.registry import client_rows_follow
from operations.sync.steps import Instead, Stored, SyncScope, SyncStep, sync_step
from providers.calls import Call, Page
from providers.errors import NO_ROUTE, Forbidden, RequestRefused
from providers.records import RemoteCampaignTotals, RemoteDay, RemoteTotals
from providers.reports import RemoteStepNumbers

SMALL_PAGE = 100  # rows at once that every server is known to tell (smartlead-api.md 1.8)
OF_DAYS = re.compile(r"\b(?:dates?|days?|ranges?|months?|years?|periods?|start_date|end_date)", re.IGNORECASE)


@sync_step
class Totals(SyncStep[Page[RemoteTotals]]):
    """The provider's own totals of every campaign, one call (or a few pages) per set period."""

    name = "totals"
    label = "Totals"
    order = 30
    fresh_for = timedelta(minutes=15)
    brings_figures = True

    def units(self, scope: SyncScope) -> list[str]:
        if not Campaign.objects.filter(connection_id=scope.connection_id).present().exists():
            return []
        refused = scope.learned.get("refused_periods", [])
        spans = periods(oldest_day(scope.connection_id, scope.today), scope.today)
        return [f"{name}|{start}|{end}|0" for name, (start, end) in spans.items() if name not in refused]

    def call(self, scope: SyncScope, unit: str) -> Call[Page[RemoteTotals]]:
        _, start, end, offset, limit = self._parse(unit)
        limit = limit or scope.learned.get("totals_page")
        return scope.provider.totals(start, end, offset=offset, limit=limit, time_zone=scope.time_zone)

    def store(self, scope: SyncScope, results: Sequence[tuple[str, Page[RemoteTotals]]]) -> Stored:
        totals, more = 0, []
        told: dict[str, tuple[date, date]] = {}
        for unit, page in results:
            period, start, end, _, limit = self._parse(unit)
            totals += save_totals(scope.connection_id, period, start, end, page.rows, scope.now)["totals"]
            if _goes_on(scope, page):
                more.append(f"{period}|{start}|{end}|{page.next_offset}" + (f"|{limit}" if limit else ""))
            else:
                settle_totals(scope.connection_id, period, start, end, scope.now)
                told[period] = (start, end)
        # Here and not at the end: a period that stays a gap must not keep the others from being shown.
        refresh_totals(scope.connection_id, told, refused=scope.learned.get("refused_periods", []))
        return Stored({"totals": totals}, more)

    def refused(self, scope: SyncScope, unit: str, error: RequestRefused | Forbidden) -> Instead | None:
        if isinstance(error, Forbidden):
            return None
        period, start, end, offset, limit = self._parse(unit)
        if error.field != "limit" and OF_DAYS.search(error.message):
            # The widest range of these calls is not documented. People can't be added up, so a refused period stays unknown.
            if (end - start).days < day_units.NARROW.days:
                return None
            return Instead([], {"refused_periods": sorted({*scope.learned.get("refused_periods", []), period})})
        if limit is None and (error.field == "limit" or "limit" in error.message.casefold()):
            return Instead([f"{period}|{start}|{end}|{offset}|{SMALL_PAGE}"], {"totals_page": SMALL_PAGE})
        return None

    @staticmethod
    def _parse(unit: str) -> tuple[str, date, date, int, int | None]:
        """Period, first and last day, offset, and rows at once where that is not the usual number."""
        period, start, end, offset, *limit = unit.split("|")
        return period, date.fromisoformat(start), date.fromisoformat(end), int(offset), int(limit[0]) if limit else None


def _goes_on(scope: SyncScope, page: Page[RemoteTotals]) -> bool:
    """Whether there is a page to follow. A server that knows no offset would tell the same rows for ever."""
    if page.next_offset is None:
        return False
    known = Campaign.objects.filter(connection_id=scope.connection_id).count()
    return page.next_offset < 2 * known + 10 * SMALL_PAGE


@sync_step
class Days(SyncStep[Any]):
    """Day rows: history once, the last two days every time, the last week once a day."""

    name = "days"
    label = "Daily figures"
    order = 40
    fresh_for = timedelta(minutes=15)
    brings_figures = True

    def units(self, scope: SyncScope) -> list[str]:
        return day_units.units(scope)

    def call(self, scope: SyncScope, unit: str) -> Call[Any]:
        if unit.startswith("all|"):
            day, offset = day_units.parse_day(unit)
            limit = scope.learned.get("totals_page")
            return scope.provider.totals(day, day, offset=offset, limit=limit, time_zone=scope.time_zone)
        remote_id, span = day_units.parse_span(unit)
        ask = scope.provider.daily_positive if unit.startswith("positive|") else scope.provider.daily
        return ask([remote_id], span.start, span.end, time_zone=scope.time_zone)

    def store(self, scope: SyncScope, results: Sequence[tuple[str, Any]]) -> Stored:
        told: list[ToldDay] = []
        more: list[str] = []
        learned: dict[str, Any] = {}
        spans: dict[int, tuple[date, date]] = {}
        for unit, answer in results:
            if unit.startswith("all|"):
                day, _ = day_units.parse_day(unit)
                told += told_by_day(day, answer.rows)
                if _goes_on(scope, answer):
                    more.append(f"all|{day}|{answer.next_offset}")
                continue
            remote_id, span = day_units.parse_span(unit)
            if unit.startswith("positive|"):
                told += told_positive(remote_id, span, answer)
                start, end = spans.get(remote_id, (span.start, span.end))
                spans[remote_id] = (min(start, span.start), max(end, span.end))
            elif _cut_short(span, answer):
                more += [day_units.day_unit(remote_id, piece) for piece in span.pieces(day_units.NARROW)]
                learned["narrow_day_spans"] = True
            else:
                told += told_by_span(remote_id, span, answer)
                if unit.startswith("days|"):
                    more.append(day_units.positive_unit(unit))
        counts = save_days(scope.connection_id, told, scope.now)
        if spans:
            mark_days(scope.connection_id, spans, settled_on=scope.today)
        return Stored(counts, more, learned)

    def refused(self, scope: SyncScope, unit: str, error: RequestRefused | Forbidden) -> Instead | None:
        if unit.startswith("all|"):
            return None
        kind = unit.partition("|")[0]
        remote_id, span = day_units.parse_span(unit)
        if span.days <= day_units.NARROW.days:
            return None
        pieces = [f"{kind}|{remote_id}|{piece.start}|{piece.end}" for piece in span.pieces(day_units.NARROW)]
        return Instead(pieces, {"narrow_day_spans": True})

    def finish(self, scope: SyncScope) -> Mapping[str, int]:
        refresh_sparks(scope.connection_id, scope.today)
        return {}


def _cut_short(span: day_units.Span, rows: Sequence[RemoteDay]) -> bool:
    """A server that tells 30 days at most may do so without a word: it answers a wide span with rows of its first or last part."""
    if span.days <= day_units.NARROW.days or not rows:
        return False
    told = [row.day for row in rows]
    width = (max(told) - min(told)).days + 1
    return width <= day_units.NARROW.days + 1 and len(told) >= day_units.NARROW.days - 1


@sync_step
class LeadCounts(SyncStep[RemoteCampaignTotals]):
    """Where each campaign's leads are: one call per campaign, often for active ones, after a change, and seldom for the others."""

    name = "leads"
    label = "Lead counts"
    order = 50
    fresh_for = timedelta(minutes=15)
    others_fresh_for = timedelta(hours=6)

    def units(self, scope: SyncScope) -> list[str]:
        wanted = Campaign.objects.filter(connection_id=scope.connection_id).present()
        if not scope.thorough:
            stale = Q(numbers=None) | Q(numbers__leads_at=None)
            stale |= Q(numbers__leads_at__lt=scope.now - self.others_fresh_for)
            # A campaign that was just paused went on until then.
            stale |= Q(numbers__leads_at__lt=F("changed_at"))
            wanted = wanted.filter(stale | Q(status=Campaign.Status.ACTIVE))
        return [str(remote_id) for remote_id in wanted.order_by("-remote_id").values_list("remote_id", flat=True)]

    def call(self, scope: SyncScope, unit: str) -> Call[RemoteCampaignTotals]:
        return scope.provider.campaign_totals(int(unit))

    def store(self, scope: SyncScope, results: Sequence[tuple[str, RemoteCampaignTotals]]) -> Stored:
        return Stored(save_lead_counts(scope.connection_id, [totals for _, totals in results], scope.now))


@sync_step
class StepFigures(SyncStep[tuple[RemoteStepNumbers, ...]]):
    """What each step of a campaign did since it began: one call per campaign in which something has happened since."""

    name = "steps"
    label = "Figures of steps"
    order = 85
    fresh_for = timedelta(minutes=15)
    widest = timedelta(days=365)

    def units(self, scope: SyncScope) -> list[str]:
        narrow = scope.learned.get("narrow_step_spans", False)
        if scope.learned.get("no_step_numbers"):
            return []
        found = []
        for remote_id, created in to_ask(scope.connection_id, thorough=scope.thorough):
            # A day more at the start: the provider's day may begin before ours.
            start = min(created, scope.today) - day_units.ONE_DAY if created else scope.today - day_units.HISTORY
            widest = day_units.NARROW if narrow else self.widest
            start = max(start, scope.today - widest + day_units.ONE_DAY)
            found.append(day_units.day_unit(remote_id, day_units.Span(start, scope.today), "steps"))
        return found

    def call(self, scope: SyncScope, unit: str) -> Call[tuple[RemoteStepNumbers, ...]]:
        remote_id, span = day_units.parse_span(unit)
        return scope.provider.step_numbers(remote_id, span.start, span.end, time_zone=scope.time_zone)

    def store(self, scope: SyncScope, results: Sequence[tuple[str, tuple[RemoteStepNumbers, ...]]]) -> Stored:
        told = {}
        for unit, steps in results:
            remote_id, span = day_units.parse_span(unit)
            told[remote_id] = (span.start, span.end, steps)
        return Stored(save_step_numbers(scope.connection_id, told, scope.now))

    def refused(self, scope: SyncScope, unit: str, error: RequestRefused | Forbidden) -> Instead | None:
        # No official page has this call, so a server may lack it; how wide a range it answers is not told either.
        if isinstance(error, RequestRefused) and error.code == NO_ROUTE:
            return Instead([], {"no_step_numbers": True})
        remote_id, span = day_units.parse_span(unit)
        if isinstance(error, Forbidden) or span.days <= day_units.NARROW.days:
            return None
        last = day_units.Span(span.end - day_units.NARROW + day_units.ONE_DAY, span.end)
        return Instead([day_units.day_unit(remote_id, last, "steps")], {"narrow_step_spans": True})


client_rows_follow("daily stats", order=20)(reown_daily_stats)
