"""Working off the writes of one connection."""

import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from threading import Condition, Lock

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
HANDS = 64  # of all connections together: more would wait for each other's turn to write into the database
FEWEST = 3  # for one connection: these make 10 calls within 2 s, if an answer takes 200 ms
SLICE = 20.0


def advance_writes(connection_id: int, clock: Callable[[], datetime]) -> int:
    """Carry out what waits for this connection, several at once; returns how many were worked on. Normal to be called twice:
    who comes second calls more hands to those at work and goes, so that one connection never takes all threads of a worker.
    """
    if not _due(connection_id, clock(), 1) or _joined(connection_id):
        return 0
    connection = Connection.objects.get(pk=connection_id)
    worked_on = 0
    try:
        with (
            open_for_write(connection) as clicks,
            open_for_job(connection) as jobs,
            ThreadPoolExecutor(2 * WRITES_AT_ONCE, "write") as pool,
        ):
            crew = _Crew(connection_id, {Priority.PEOPLE: clicks, Priority.JOBS: jobs}, pool, clock)
            worked_on = crew.work_off()
    except ProviderError as error:
        # The key can't be opened: the writes stay as they are, and the connection says why.
        health.note_failure(connection, error, clock())
        return worked_on
    if _due(connection_id, clock(), 1):
        planning.announce(connection_id)
    return worked_on


class _Crew:
    """Threads that take one write after the other, so that the lane never waits for the slowest of a batch."""

    def __init__(
        self,
        connection_id: int,
        sessions: Mapping[Priority, Session],
        pool: ThreadPoolExecutor,
        clock: Callable[[], datetime],
    ) -> None:
        self._connection_id = connection_id
        self._sessions = sessions
        self._pool = pool
        self._clock = clock
        self._ends_at = time.monotonic() + SLICE
        self._changed = Condition()
        self._taken: set[int] = set()
        self._hands = 0
        self._is_over = False
        self._worked_on = 0
        self._ends: list[Future[None]] = []

    def work_off(self) -> int:
        """Until nothing is left or the slice is over; returns how many writes were worked on."""
        self.call_hands()
        with _crews_lock:
            _crews.setdefault(self._connection_id, self)
        try:
            with self._changed:
                self._changed.wait_for(lambda: not self._hands)
                self._is_over = True
        finally:
            with _crews_lock:
                if _crews.get(self._connection_id) is self:
                    del _crews[self._connection_id]
        for end in self._ends:
            end.result()
        return self._worked_on

    def call_hands(self) -> bool:
        """As many more as there is work for. Where all are busy, clicks get hands of their own. False: the crew is leaving."""
        with self._changed:
            if self._is_over or time.monotonic() >= self._ends_at:
                return False
            due = _due(self._connection_id, self._clock(), 2 * WRITES_AT_ONCE, self._taken)
            clicks = sum(priority == Priority.PEOPLE for _, priority in due)
            at_once = max(FEWEST, min(WRITES_AT_ONCE, HANDS // (len(_crews) + 1)))
            more = max(min(len(due), at_once - self._hands), min(clicks, 2 * WRITES_AT_ONCE - self._hands), 0)
            for _ in range(more):
                self._ends.append(self._pool.submit(self._work))
                self._hands += 1
        return True

    def _work(self) -> None:
        """What one thread does until nothing is left for it."""
        try:
            while found := self._next():
                pk, priority = found
                try:
                    carry_out(pk, self._sessions[Priority(priority)], self._clock)
                finally:
                    with self._changed:
                        self._taken.discard(pk)
        finally:
            with self._changed:
                self._hands -= 1
                self._changed.notify_all()
            connections.close_all()  # each thread has database connections of its own

    def _next(self) -> tuple[int, int] | None:
        with self._changed:
            if time.monotonic() >= self._ends_at:
                return None
            due = _due(self._connection_id, self._clock(), 1, self._taken)
            if not due:
                return None
            self._taken.add(due[0][0])
            self._worked_on += 1
            return due[0]


_crews: dict[int, _Crew] = {}
"""Who works for which connection in this process."""
_crews_lock = Lock()


def _joined(connection_id: int) -> bool:
    """Whether others are at work for this connection, who were told of what is new."""
    with _crews_lock:
        crew = _crews.get(connection_id)
    return crew is not None and crew.call_hands()


def _due(connection_id: int, now: datetime, most: int, but: Collection[int] = ()) -> list[tuple[int, int]]:
    """Key and priority of what may be worked on: clicks first, so that they do not wait for a job of hundreds."""
    due = Write.objects.due(now).filter(connection_id=connection_id).exclude(pk__in=but)
    return list(due.values_list("pk", "priority")[:most])
