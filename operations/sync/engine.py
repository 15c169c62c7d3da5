"""One connection's turn: claim it, pull what is due through its lane, save as it goes, hand it on.

What died with a worker is found by the planner when the lease runs out: the run's cursor holds the units that were not stored
yet, so at most the last two seconds of reads are repeated, and nothing is lost (ratelimit.md 7).
"""

import asyncio
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum

import structlog

from operations.models import ApiCall, SyncRun, SyncState
from operations.models.syncing import LONG_AGO
from operations.registry import sync_steps
from operations.sync import planning
from operations.sync.fetching import Fetched, Fetcher
from operations.sync.outcomes import Verdict, judge, retry_delay
from operations.sync.session import Opener, SyncSession
from operations.sync.steps import SyncScope
from operations.sync.writing import write_transaction
from providers.errors import ProviderError

LEASE = timedelta(seconds=10)
SLICE = timedelta(seconds=20)
AFTER_GAPS = timedelta(minutes=5)
SAVE_EVERY = 1.5  # seconds; with the time a save takes it stays within the 2 s that a killed worker may lose

log = structlog.get_logger(__name__)


class LeaseLost(Exception):
    """Somebody else has the connection now. Nothing of the unsaved part may be written."""


class Turn(Enum):
    NOT_MINE = "held by another worker, or not there any more"
    NOTHING_DUE = "nothing due"
    FINISHED = "run finished"
    HANDED_ON = "slice over, more remains"
    LOST = "lease lost"


def advance(
    connection_id: int, open_session: Opener, loop: asyncio.AbstractEventLoop, clock: Callable[[], datetime]
) -> Turn:
    """Work on the connection for one slice, or until its run is finished. Normal to be called twice for the same connection."""
    owner = uuid.uuid4().hex
    state = SyncState.objects.claim(connection_id, owner, clock(), LEASE)
    if state is None:
        return Turn.NOT_MINE
    run = state.run if state.run and state.run.is_running else planning.start_run(state, clock())
    if run is None:
        _release(connection_id, owner, due_at=planning.next_due(connection_id))
        return Turn.NOTHING_DUE
    try:
        return _Slice(run, owner, open_session, loop, clock).work()
    except LeaseLost:
        log.warning("sync lease lost", connection=connection_id, run=run.pk)
        return Turn.LOST
    except Exception:
        # A fault of ours: without this the planner would run into it every few seconds, and nobody would see why.
        _give_up(run, owner, clock())
        raise


def _give_up(run: SyncRun, owner: str, now: datetime) -> None:
    SyncRun.objects.filter(pk=run.pk, finished_at=None).update(
        outcome=SyncRun.Outcome.FAILED,
        finished_at=now,
        failure="internal",
        message="Quarterdeck itself failed here; the log says where. It tries again in ten minutes.",
    )
    SyncState.objects.filter(connection_id=run.connection_id, run=run).update(run=None)
    _release(run.connection_id, owner, due_at=now + timedelta(minutes=10))


def _release(connection_id: int, owner: str, *, due_at: datetime) -> None:
    SyncState.objects.filter(connection_id=connection_id, lease_owner=owner).update(
        lease_until=LONG_AGO, lease_owner="", due_at=due_at
    )


class _Slice:
    """One worker's stretch of work on one run."""

    def __init__(
        self,
        run: SyncRun,
        owner: str,
        open_session: Opener,
        loop: asyncio.AbstractEventLoop,
        clock: Callable[[], datetime],
    ) -> None:
        self.run = run
        self.owner = owner
        self.open_session = open_session
        self.loop = loop
        self.clock = clock
        self.ends_at = clock() + SLICE

    def work(self) -> Turn:
        try:
            session = self.open_session(self.run.connection_id)
        except ProviderError as error:
            return self._fail(None, error)
        try:
            while step_name := self._step_in_work():
                paused = self._pull(session, step_name)
                if paused is not None:
                    self._log_calls(session)
                    _release(self.run.connection_id, self.owner, due_at=self.clock() + paused)
                    if not paused:
                        planning.announce(self.run.connection_id, self.clock())
                    return Turn.HANDED_ON
        except ProviderError as error:
            return self._fail(session, error)
        return self._finish(session)

    def _step_in_work(self) -> str:
        """The step that the cursor stands in, or the next one; empty when all are through."""
        done = self.run.cursor.get("done", [])
        return next((name for name in self.run.steps if name not in done and name in sync_steps), "")

    def _pull(self, session: SyncSession, step_name: str) -> timedelta | None:
        """Bring one step to its end. Returns None when it is through, else after what time the run goes on."""
        step = sync_steps[step_name]
        scope = replace(session.scope(self.clock()), thorough=self.run.trigger != SyncRun.Trigger.SCHEDULE)
        cursor = self.run.cursor
        if cursor.get("step") != step_name:
            units = step.units(scope) if step.applies(scope) else []
            cursor.update(step=step_name, units=units, tries={}, gaps=0, began=self.clock().isoformat())
            self.run.units_total += len(units)
        remaining: list[str] = list(cursor["units"])
        fetcher = Fetcher(self.loop, lambda unit: session.send(step.call(scope, unit)))
        fetcher.add(remaining)
        pause: timedelta | None = None
        try:
            while fetcher.unanswered and pause is None:
                pause = self._save(session, step_name, scope, fetcher, fetcher.collect(SAVE_EVERY))
                if pause is None and self.clock() >= self.ends_at and self._others_wait():
                    pause = timedelta(0)
        finally:
            fetcher.stop()
        if pause is None:
            self._complete(step_name, scope)
        return pause

    def _save(
        self, session: SyncSession, step_name: str, scope: SyncScope, fetcher: Fetcher, answers: list[Fetched]
    ) -> timedelta | None:
        """Store answers, move the cursor and keep the lease in one transaction. Returns a pause if the lane asks for one."""
        step = sync_steps[step_name]
        cursor, pause = self.run.cursor, None
        more: list[str] = []
        finished: set[str] = set()
        for answer in answers:
            if answer.error is None:
                finished.add(answer.unit)
                cursor["failed_in_a_row"] = 0
                cursor["answered"] = cursor.get("answered", 0) + 1
                continue
            self.run.errors += 1
            self.run.failure, self.run.message = type(answer.error).__name__, str(answer.error)[:300]
            verdict = judge(answer.error, step, scope, answer.unit, tries=cursor["tries"].get(answer.unit, 0))
            if verdict.kind is Verdict.Kind.PAUSE:
                self.run.errors -= 1
                pause = max(pause or timedelta(0), verdict.pause)
                continue
            if verdict.kind is Verdict.Kind.AGAIN:
                cursor["failed_in_a_row"] = cursor.get("failed_in_a_row", 0) + verdict.weight
                cursor["tries"][answer.unit] = cursor["tries"].get(answer.unit, 0) + 1
                if cursor["failed_in_a_row"] >= Verdict.DOWN_AFTER:
                    raise answer.error
                fetcher.add([answer.unit])
                continue
            finished.add(answer.unit)
            more.extend(verdict.units)
            session.learn(verdict.learned)
            cursor["gaps"] += verdict.gap
        with write_transaction():
            self._keep_lease()
            good = [(answer.unit, answer.value) for answer in answers if answer.error is None]
            if good:
                stored = step.store(scope, good)
                more.extend(stored.more)
                session.learn(stored.learned)
                self._count(step_name, stored.counts)
            cursor["units"] = [unit for unit in cursor["units"] if unit not in finished] + more
            self.run.units_total += len(more)
            self.run.units_done += len(finished)
            self._log_calls(session)
            self.run.save()
        if more:
            fetcher.add(more)
        return pause

    def _complete(self, step_name: str, scope: SyncScope) -> None:
        """The step's last unit is stored: what follows from the whole, and when it falls due again."""
        step, cursor = sync_steps[step_name], self.run.cursor
        now = self.clock()
        with write_transaction():
            self._keep_lease()
            if not cursor["gaps"]:
                self._count(step_name, step.finish(scope))
            began = datetime.fromisoformat(cursor["began"])
            planning.mark_step(
                self.run.connection_id,
                step_name,
                complete=not cursor["gaps"],
                due_at=began + step.due_in(scope) if not cursor["gaps"] else now + min(step.fresh_for, AFTER_GAPS),
                now=now,
                counts=self.run.counts.get(step_name, {}),
                applies=step.applies(scope),
            )
            self.run.cursor = {
                "done": [*cursor.get("done", []), step_name],
                "all_gaps": cursor.get("all_gaps", 0) + cursor["gaps"],
                "answered": cursor.get("answered", 0),
            }
            self.run.save()

    def _finish(self, session: SyncSession) -> Turn:
        now = self.clock()
        gaps = self.run.cursor.get("all_gaps", 0)
        self._log_calls(session)
        self.run.outcome = SyncRun.Outcome.PARTIAL if gaps else SyncRun.Outcome.DONE
        self.run.finished_at = now
        if not gaps:
            self.run.failure = self.run.message = ""
        self._end_run(due_at=planning.next_due(self.run.connection_id), failures=0)
        if self.run.cursor.get("answered") or not gaps:
            session.succeeded(now)
        planning.announce_if_requested(self.run.connection_id, now)
        return Turn.FINISHED

    def _fail(self, session: SyncSession | None, error: ProviderError) -> Turn:
        """The run can't go on: say why, and try again later, later each time."""
        now = self.clock()
        if session is not None:
            self._log_calls(session)
            session.failed(error, now)
        state = SyncState.objects.get(connection_id=self.run.connection_id)
        self.run.outcome = SyncRun.Outcome.FAILED
        self.run.finished_at = now
        self.run.failure, self.run.message = type(error).__name__, str(error)[:300]
        failures = state.failures_in_a_row + 1
        again_at = now + retry_delay(error, failures)
        # Also what was fresh when somebody asked for it: the request is not over before it was answered.
        done = self.run.cursor.get("done", [])
        planning.bring_forward(self.run.connection_id, [name for name in self.run.steps if name not in done], again_at)
        self._end_run(due_at=again_at, failures=failures)
        planning.announce_if_requested(self.run.connection_id, now)
        return Turn.FINISHED

    def _end_run(self, *, due_at: datetime, failures: int) -> None:
        with write_transaction():
            self._keep_lease()
            self.run.save()
            SyncState.objects.filter(connection_id=self.run.connection_id, lease_owner=self.owner).update(
                lease_until=LONG_AGO, lease_owner="", due_at=due_at, run=None, failures_in_a_row=failures
            )

    def _keep_lease(self) -> None:
        if not SyncState.objects.renew(self.run.connection_id, self.owner, self.clock(), LEASE):
            raise LeaseLost

    def _others_wait(self) -> bool:
        return SyncState.objects.waiting(self.clock()).exclude(connection_id=self.run.connection_id).exists()

    def _count(self, step_name: str, counts: Mapping[str, int]) -> None:
        total = Counter(self.run.counts.get(step_name, {}))
        total.update(counts)
        self.run.counts[step_name] = dict(total)

    def _log_calls(self, session: SyncSession) -> None:
        exchanges = session.take_exchanges()
        self.run.calls += len(exchanges)
        ApiCall.objects.bulk_create(ApiCall.of(exchange, self.run.connection_id, self.run.pk) for exchange in exchanges)
