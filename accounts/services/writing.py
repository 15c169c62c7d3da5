"""Working off the writes of one connection."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from django.db import connections

from accounts.models import Connection
from accounts.services import health
from accounts.services.sessions import Session, open_for_job, open_for_write
from operations.models import Write
from operations.writes import planning
from operations.writes.carrying import carry_out
from providers.errors import ProviderError
from providers.limiting import Priority

WRITES_AT_ONCE = 8  # writes of different subjects do not depend on each other (ratelimit.md 7)
SLICE = 20.0


def advance_writes(connection_id: int, clock: Callable[[], datetime]) -> int:
    """Carry out what waits for this connection, several at once; returns how many were worked on. Normal to be called twice."""
    ends_at = time.monotonic() + SLICE
    worked_on = 0
    if not _due(connection_id, clock()):
        return 0
    connection = Connection.objects.get(pk=connection_id)
    try:
        with (
            open_for_write(connection) as clicks,
            open_for_job(connection) as jobs,
            ThreadPoolExecutor(WRITES_AT_ONCE, "write") as pool,
        ):
            sessions = {Priority.PEOPLE: clicks, Priority.JOBS: jobs}
            while (due := _due(connection_id, clock())) and time.monotonic() < ends_at:
                worked_on += len(due)
                list(pool.map(lambda one: _in_thread(one[0], sessions[Priority(one[1])], clock), due))
    except ProviderError as error:
        # The key can't be opened: the writes stay as they are, and the connection says why.
        health.note_failure(connection, error, clock())
        return worked_on
    if _due(connection_id, clock()):
        planning.announce(connection_id)
    return worked_on


def _due(connection_id: int, now: datetime) -> list[tuple[int, int]]:
    """Key and priority of what may be worked on: clicks first, so that they do not wait for a job of hundreds."""
    due = Write.objects.due(now).filter(connection_id=connection_id)
    return list(due.values_list("pk", "priority")[:WRITES_AT_ONCE])


def _in_thread(write_id: int, session: Session, clock: Callable[[], datetime]) -> None:
    try:
        carry_out(write_id, session, clock)
    finally:
        connections.close_all()  # each thread has database connections of its own
