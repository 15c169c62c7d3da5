"""What is due, and telling a worker about it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from operations.models import SyncCoverage, SyncRun, SyncState
from operations.models.syncing import LONG_AGO
from operations.registry import sync_steps

log = structlog.get_logger(__name__)

ANNOUNCEMENT = timedelta(seconds=60)
ADVANCE_TASK = "accounts.advance_sync"

# Steps that fall due within this time of each other are pulled in one run rather than in two.
TOGETHER = timedelta(seconds=20)


def plan(now: datetime) -> int:
    """Announce every connection with work to do; returns how many. The message is only a hint: lost or doubled ones do no harm."""
    announced = 0
    for connection_id in SyncState.objects.due(now).values_list("connection_id", flat=True):
        announced += announce(connection_id, now)
    return announced


def announce(connection_id: int, now: datetime, *, must_be_told: bool = False) -> bool:
    """Tell the workers about one connection, unless they have been told or one holds it.

    A broker that is away is no error, since the planner tries again, unless `must_be_told`: then kombu's OperationalError
    is raised when the transaction is through.
    """
    won = SyncState.objects.filter(
        connection_id=connection_id, lease_until__lt=now, announced_until__lt=now, connection__disabled_at=None
    ).update(announced_until=now + ANNOUNCEMENT)
    if won:
        transaction.on_commit(lambda: _send(connection_id, must_be_told))
    return bool(won)


def _send(connection_id: int, must_be_told: bool) -> None:
    try:
        current_app.send_task(
            ADVANCE_TASK, args=[connection_id], expires=ANNOUNCEMENT.total_seconds(), ignore_result=True
        )
    except OperationalError as error:
        SyncState.objects.filter(connection_id=connection_id).update(announced_until=LONG_AGO)
        if must_be_told:
            raise
        log.warning("workers not told of a sync", connection=connection_id, reason=type(error).__name__)


def ensure_state(connection_id: int, now: datetime) -> None:
    """Give a new connection its place in the plan, due at once."""
    SyncState.objects.get_or_create(connection_id=connection_id, defaults={"due_at": now})


def request_sync(connection_ids: Iterable[int], now: datetime, *, by: Any = None) -> None:
    """Have everything of these connections pulled now, even what is fresh. A run in progress is followed by another one.

    Raises kombu's OperationalError if no worker can be told; the request stands, and the planner finds it later.
    """
    for connection_id in connection_ids:
        # At once: a planner that saw a new connection between two of these would start a run that nobody asked for.
        with transaction.atomic():
            ensure_state(connection_id, now)
            SyncState.objects.filter(connection_id=connection_id).update(
                requested_at=now, requested_by=by, due_at=now, announced_until=LONG_AGO, failures_in_a_row=0
            )
            announce(connection_id, now, must_be_told=True)


def cancel_run(connection_id: int, reason: str, now: datetime) -> None:
    """End the run of a connection that is not to be worked on any more; a worker in the middle of it loses its lease."""
    SyncState.objects.filter(connection_id=connection_id).update(run=None, lease_until=LONG_AGO, lease_owner="")
    SyncRun.objects.filter(connection_id=connection_id, finished_at=None).update(
        outcome=SyncRun.Outcome.FAILED, finished_at=now, failure="cancelled", message=reason
    )


def due_steps(connection_id: int, now: datetime) -> list[str]:
    """Names of the steps that this connection needs now, in running order; empty if all is fresh."""
    due_at = dict(SyncCoverage.objects.filter(connection_id=connection_id).values_list("step", "due_at"))
    names = sync_steps.names()
    if not any(due_at.get(name, LONG_AGO) <= now for name in names):
        return []
    return [name for name in names if due_at.get(name, LONG_AGO) <= now + TOGETHER]


def next_due(connection_id: int) -> datetime:
    """When the next step of the connection falls due."""
    due_at = dict(SyncCoverage.objects.filter(connection_id=connection_id).values_list("step", "due_at"))
    return min((due_at.get(name, LONG_AGO) for name in sync_steps.names()), default=LONG_AGO)


def start_run(state: SyncState, now: datetime) -> SyncRun | None:
    """The run that is due for the claimed connection; None if nothing is."""
    requested = state.requested_at is not None
    names = sync_steps.names() if requested else due_steps(state.connection_id, now)
    if not names:
        return None
    if not requested:
        trigger = SyncRun.Trigger.SCHEDULE
    else:
        trigger = SyncRun.Trigger.PERSON if state.requested_by_id else SyncRun.Trigger.COMMAND
    run = SyncRun.objects.create(
        connection_id=state.connection_id,
        trigger=trigger,
        requested_by_id=state.requested_by_id,
        started_at=now,
        steps=names,
    )
    SyncState.objects.filter(pk=state.pk).update(run=run, requested_at=None, requested_by=None)
    state.run = run
    return run


def mark_step(
    connection_id: int,
    step: str,
    *,
    complete: bool,
    due_at: datetime,
    now: datetime,
    counts: dict[str, int],
    applies: bool = True,
) -> None:
    """Record that a step was pulled. With gaps, the last success stays what it was."""
    values: dict[str, Any] = {"due_at": due_at, "counts": counts, "applies": applies}
    if complete:
        values["last_success_at"] = now
    SyncCoverage.objects.update_or_create(connection_id=connection_id, step=step, defaults=values)


def bring_forward(connection_id: int, steps: Iterable[str], at: datetime) -> None:
    """Have steps pulled at that time, where they were not due before it."""
    for step in steps:
        coverage, new = SyncCoverage.objects.get_or_create(
            connection_id=connection_id, step=step, defaults={"due_at": at}
        )
        if not new and coverage.due_at > at:
            SyncCoverage.objects.filter(pk=coverage.pk, due_at__gt=at).update(due_at=at)


def make_due(connection_id: int, step: str, now: datetime) -> None:
    """Have one step pulled again as soon as the run in work is through."""
    SyncCoverage.objects.filter(connection_id=connection_id, step=step, due_at__gt=now).update(due_at=now)


def announce_if_requested(connection_id: int, now: datetime) -> None:
    """Somebody asked for a sync while a run was on: go on at once with a new one."""
    if SyncState.objects.filter(connection_id=connection_id, requested_at__isnull=False).update(due_at=now):
        announce(connection_id, now)
