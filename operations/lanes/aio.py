"""The lane for an event loop that many tasks share."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakValueDictionary

from redis.exceptions import NoScriptError, RedisError

from operations.lanes.answers import Fact, OnLearned, judge
from operations.lanes.lane import found
from operations.lanes.pipe import Pipe
from operations.lanes.rules import Rules
from operations.lanes.script import ASK_AGAIN, SCRIPT, SHA, Answer, GateUnavailable, Word, keys, micros
from providers.limiting import LaneBusy, Priority

log = logging.getLogger(__name__)


class AsyncGate:
    """Runs gate.lua for one event loop, and knows the loop's lanes."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._away = False
        self._lanes: WeakValueDictionary[str, AsyncLane] = WeakValueDictionary()

    def lane(self, name: str, rules: Rules, on_learned: OnLearned | None = None) -> "AsyncLane":
        """Return the one lane of this name on this loop, now with these rules."""
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._lanes[name] = AsyncLane(self, name, rules, on_learned)
        lane.rules = rules
        lane.on_learned = on_learned
        return lane

    def start(self, on: tuple[str, ...], *arguments: str | int) -> "asyncio.Future[Any]":
        """Start one operation; what is started in one turn of the loop goes to Redis as one message."""
        return self._pipe.call("EVALSHA", SHA, len(on), *on, *arguments)

    async def call(self, on: tuple[str, ...], *arguments: str | int) -> Any:
        """Run one operation. Raises `GateUnavailable` for whatever Redis or the way to it has."""
        return await self.outcome(self.start(on, *arguments), on, *arguments)

    async def outcome(self, started: "asyncio.Future[Any]", on: tuple[str, ...], *arguments: str | int) -> Any:
        """Wait for what `start` began, and begin it again if Redis has forgotten the script."""
        try:
            try:
                answer = await started
            except NoScriptError:
                answer = await self._pipe.call("EVAL", SCRIPT, len(on), *on, *arguments)
        except RedisError as error:
            if not self._away:
                self._away = True
                log.warning("The gate cannot be asked: %s", error)
            raise GateUnavailable from error
        if self._away:
            self._away = False
            log.warning("The gate answers again")
        return answer

    async def aclose(self) -> None:
        await self._pipe.aclose()


class AsyncLane:
    """The queue of one key, for one event loop.

    Callers of one priority and category queue at a door in this process, so that only the first of them stands in Redis.
    """

    def __init__(self, gate: AsyncGate, name: str, rules: Rules, on_learned: OnLearned | None = None) -> None:
        self.gate = gate
        self.name = name
        self.rules = rules
        self.on_learned = on_learned
        self._doors: dict[tuple[Priority, str], _Door] = {}
        self._notes: set[asyncio.Future[None]] = set()

    @asynccontextmanager
    async def slot(
        self, *, priority: Priority, category: str = "", patience: float = 10.0
    ) -> AsyncIterator["AsyncSlot"]:
        """Wait until a call may leave; see `providers.limiting.AsyncLimiter`."""
        category = self.rules.category(category)
        slot = await self._take(priority, category, patience)
        try:
            yield slot
        finally:
            await slot.close()

    async def pause(self, seconds: float, reason: str = "") -> None:
        """Nobody leaves for so long; a pause that already lasts longer stays."""
        await self.gate.call(keys(self.name, ""), "pause", micros(seconds), reason)

    def learned(self, fact: Fact) -> None:
        """Keep to it at once; `on_learned` runs in a thread of its own, because it may write to a database."""
        if fact.window is not None:
            self.rules = self.rules.lowered(fact.window)
        log.log(fact.level, "Lane %s: %s", self.name, fact)
        if self.on_learned is not None:
            note = asyncio.get_running_loop().run_in_executor(None, self.on_learned, fact)
            self._notes.add(note)
            note.add_done_callback(self._noted)

    def _noted(self, note: "asyncio.Future[None]") -> None:
        self._notes.discard(note)
        if not note.cancelled() and (error := note.exception()):
            log.error("What lane %s learned could not be stored", self.name, exc_info=error)

    async def _take(self, priority: Priority, category: str, patience: float) -> "AsyncSlot":
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience
        on = keys(self.name, category)
        door = self._doors.get((priority, category))
        if door is None:
            door = self._doors[priority, category] = _Door()
        ticket = ""
        try:
            await self._enter(door, deadline)
            try:
                if priority is Priority.BACKGROUND and (early := door.opens_at - loop.time()) > 0:
                    # Asking sooner cannot succeed. More urgent callers always ask, so that they stand in the queue.
                    if early > deadline - loop.time():
                        raise LaneBusy(early)
                    await asyncio.sleep(early)
                while True:
                    left = max(0.0, deadline - loop.time())
                    try:
                        answer = await self._ask(on, ticket, priority, left, category)
                    except GateUnavailable:
                        if left < ASK_AGAIN:
                            raise
                        await asyncio.sleep(ASK_AGAIN)
                        continue
                    ticket = answer.ticket
                    if answer.word is Word.TOO_FAR:
                        raise LaneBusy(answer.wait)
                    if answer.word is Word.GO:
                        door.opens_at = loop.time() + answer.next
                        break
                    await asyncio.sleep(answer.wait)
            finally:
                door.lock.release()
            if answer.wait:
                await asyncio.sleep(answer.wait)
        except LaneBusy:
            raise
        except BaseException:
            if ticket:
                self.gate.start(on, "leave", ticket)
            raise
        return AsyncSlot(self, on, category, answer)

    async def _enter(self, door: "_Door", deadline: float) -> None:
        if not door.lock.locked():
            await door.lock.acquire()
            return
        try:
            async with asyncio.timeout_at(deadline):
                await door.lock.acquire()
        except TimeoutError:
            raise LaneBusy(max(door.opens_at - deadline, self.rules.slowest())) from None

    async def _ask(
        self, on: tuple[str, ...], ticket: str, priority: Priority, patience: float, category: str
    ) -> Answer:
        question = ("take", ticket, int(priority), micros(patience), *self.rules.arguments(category))
        started = self.gate.start(on, *question)
        try:
            return Answer.read(await self.gate.outcome(asyncio.shield(started), on, *question))
        except asyncio.CancelledError:
            # The answer is still under way, and may be a slot that nobody will use.
            started.add_done_callback(lambda done: self._give_back(on, done))
            raise

    def _give_back(self, on: tuple[str, ...], answered: "asyncio.Future[Any]") -> None:
        if not answered.cancelled() and answered.exception() is None:
            self.gate.start(on, "leave", Answer.read(answered.result()).ticket)


class _Door:
    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.opens_at = 0.0


class AsyncSlot:
    """One call that may leave; see `providers.limiting.AsyncSlot`."""

    def __init__(self, lane: AsyncLane, on: tuple[str, ...], category: str, answer: Answer) -> None:
        self._lane = lane
        self._on = on
        self._category = category
        self._suspect = answer.suspect
        self._stamp: asyncio.Future[Any] | None = None
        self.ticket = answer.ticket

    def sent(self) -> None:
        if self._stamp is None:
            self._stamp = self._lane.gate.start(self._on, "sent", self.ticket)

    async def close(self) -> None:
        if self._stamp is None:
            await self._tell("leave", self.ticket)

    async def failed(self) -> None:
        await self._tell("failed", self.ticket)

    async def answered(self, status: int, headers: Mapping[str, str], body: str = "") -> None:
        lane = self._lane
        if self._stamp is not None:
            await _quietly(lane.gate.outcome(self._stamp, self._on, "sent", self.ticket))
        verdict = judge(status, headers, body, lane.rules)
        if verdict.refused:
            pause = micros(verdict.pause)
            told = await self._tell("refused", self.ticket, pause, *lane.rules.arguments(self._category))
            if told is not None and (fact := found(lane.name, told)):
                lane.learned(fact)
        elif verdict.failing:
            await self.failed()
        elif self._suspect:
            await self._tell("recovered")
        if verdict.pause and not verdict.refused:
            await self._tell("pause", micros(verdict.pause), "exhausted")
        if verdict.limit is not None:
            lane.learned(Fact(lane.name, "lower_limit", window=verdict.limit))

    async def _tell(self, *arguments: str | int) -> Any:
        return await _quietly(self._lane.gate.call(self._on, *arguments))


async def _quietly(note: Coroutine[Any, Any, Any]) -> Any:
    """Tell the gate, and go on without it if it is away: a note that is lost must not hide an answer."""
    try:
        return await note
    except GateUnavailable:
        return None
