"""Writing day rows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from analytics.models import DailyStats
from analytics.services.day_units import Span
from campaigns.models import Campaign
from providers.records import RemoteDay, RemoteTotals

COUNTERS = ("sent", "opened", "replied", "bounced", "unsubscribed", "positive")
REQUIRED = frozenset({"sent", "opened", "replied", "bounced"})  # the others may stay unknown


@dataclass(frozen=True)
class ToldDay:
    """What a source told of one campaign on one day; counters that it does not tell are absent."""

    remote_id: int
    day: date
    counters: Mapping[str, int]


def told_by_span(remote_id: int, span: Span, rows: Iterable[RemoteDay]) -> list[ToldDay]:
    """Day-wise statistics: a day of the span that the answer leaves out had no activity."""
    by_day = {row.day: row for row in rows}
    return [
        ToldDay(remote_id, day, _known(by_day[day]) if day in by_day else dict.fromkeys(REQUIRED, 0))
        for day in _days(span)
    ]


def told_positive(remote_id: int, span: Span, rows: Iterable[RemoteDay]) -> list[ToldDay]:
    """Positive replies of a span; a day that the answer leaves out had none."""
    by_day = {row.day: row.positive or 0 for row in rows}
    return [ToldDay(remote_id, day, {"positive": by_day.get(day, 0)}) for day in _days(span)]


def told_by_day(day: date, rows: Iterable[RemoteTotals]) -> list[ToldDay]:
    """Totals of a single day. A campaign that the answer leaves out is not told of, and its row stays as it is."""
    return [ToldDay(row.campaign_id, day, _known(row)) for row in rows if row.campaign_id is not None]


def save_days(connection_id: int, told: Sequence[ToldDay], now: datetime) -> dict[str, int]:
    """Bring the rows in line with what was told, in one read and one bulk write. Days without activity get no row.

    Returns counts `days` (told), `changed` (written).
    """
    if not told:
        return {}
    campaigns = {
        remote_id: (pk, client_id)
        for pk, remote_id, client_id in Campaign.objects.filter(
            connection_id=connection_id, remote_id__in={one.remote_id for one in told}
        ).values_list("pk", "remote_id", "client_id")
    }
    existing = {
        (row.campaign_id, row.day): row
        for row in DailyStats.objects.filter(campaign_id__in=[pk for pk, _ in campaigns.values()]).between(
            min(one.day for one in told), max(one.day for one in told)
        )
    }
    changed: dict[tuple[int, date], DailyStats] = {}
    for one in told:
        if one.remote_id not in campaigns:
            continue
        campaign_id, client_id = campaigns[one.remote_id]
        row = existing.get((campaign_id, one.day))
        if row is None:
            if not any(one.counters.values()):
                continue
            row = existing[campaign_id, one.day] = DailyStats(campaign_id=campaign_id, client_id=client_id, day=one.day)
        elif all(getattr(row, name) == value for name, value in one.counters.items()):
            continue
        for name, value in one.counters.items():
            setattr(row, name, value)
        row.synced_at = now
        changed[campaign_id, one.day] = row
    DailyStats.objects.bulk_create(
        changed.values(),
        update_conflicts=True,
        unique_fields=["campaign", "day"],
        update_fields=[*COUNTERS, "synced_at"],
        batch_size=1000,
    )
    return {"days": len(told), "changed": len(changed)}


def _known(row: RemoteDay | RemoteTotals) -> dict[str, int]:
    values: dict[str, Any] = {name: getattr(row, name) for name in COUNTERS}
    return {name: max(0, value) for name, value in values.items() if value is not None}


def _days(span: Span) -> list[date]:
    return [date.fromordinal(span.start.toordinal() + number) for number in range(span.days)]
