"""What each step of a campaign did: which campaigns to ask about, and writing what was told."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q

from analytics.models import DailyStats, StepNumbers
from campaigns.models import Campaign
from providers.reports import RemoteStepNumbers

COUNTERS = ("sent", "replied", "positive", "bounced", "unsubscribed")


def to_ask(connection_id: int, *, thorough: bool) -> list[tuple[int, date | None]]:
    """Remote id and day of creation of the campaigns that have sent something and whose day rows have changed since the
    steps were told: a campaign in which nothing happens costs nothing. All that have sent, for a `thorough` run.
    """
    wanted = Campaign.objects.filter(connection_id=connection_id, numbers__sent__gt=0).present()
    if not thorough:
        moved = DailyStats.objects.filter(campaign=OuterRef("pk"), synced_at__gt=OuterRef("step_numbers__synced_at"))
        wanted = wanted.filter(Q(step_numbers=None) | Exists(moved))
    rows = wanted.order_by("-remote_id").values_list("remote_id", "remote_created_at")
    return [(remote_id, created.date() if created else None) for remote_id, created in rows]


def save_step_numbers(
    connection_id: int, told: Mapping[int, tuple[date, date, Sequence[RemoteStepNumbers]]], now: datetime
) -> dict[str, int]:
    """Store the answers, which are by remote id of the campaign: start, end, rows."""
    pk_of = dict(
        Campaign.objects.filter(connection_id=connection_id, remote_id__in=told).values_list("remote_id", "pk")
    )
    rows = [
        StepNumbers(
            campaign_id=pk_of[remote_id],
            start=start,
            end=end,
            rows=[_as_row(row) for row in steps],
            synced_at=now,
        )
        for remote_id, (start, end, steps) in told.items()
        if remote_id in pk_of
    ]
    StepNumbers.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["campaign"],
        update_fields=["start", "end", "rows", "synced_at"],
        batch_size=500,
    )
    return {"steps": sum(len(row.rows) for row in rows)}


def _as_row(row: RemoteStepNumbers) -> dict[str, Any]:
    counters = {name: getattr(row, name) for name in COUNTERS}
    return {"step": row.step_id, "variant": None} | {
        name: None if count is None else max(0, count) for name, count in counters.items()
    }
