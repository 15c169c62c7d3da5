"""The lane for an event loop that many tasks share."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakValueDictionary

from redis.asyncio import Redis
from redis.exceptions import NoScriptError, RedisError

from operations.lanes.answers import Fact, OnLearned, judge
from operations.lanes.lane import found
from operations.lanes.rules import Rules
from operations.lanes.script import ASK_AGAIN, SCRIPT, SHA, Answer, GateUnavailable, Word, keys, micros
from providers.limiting import LaneBusy, Priority

log = logging.getLogger(__name__)

Operation = tuple[tuple[str, ...], tuple[str | int, ...]]


class AsyncGate:
    """Runs gate.lua for one event loop. What is asked while one message to Redis is under way goes into the next."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._waiting: list[tuple[asyncio.Future[Any], Operation]] = []
        self._sender: asyncio.Task[None] | None = None
        self._lanes: WeakValueDictionary[str, AsyncLane] = WeakValueDictionary()

    def lane(self, name: str, rules: Rules, on_learned: OnLearned | None = None) -> "AsyncLane":
        """Return the one lane of this name on this loop, now with these rules."""
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._lanes[name] = AsyncLane(self, name, rules, on_learned)
        lane.rules = rules
        lane.on_learned = on_learned
        return lane

    def call(self, on: tuple[str, ...], *arguments: str | int) -> asyncio.Future[Any]:
        """Start one operation; the future ends with its answer or with `GateUnavailable`."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        # Nobody may be waiting for it: an error that is not looked at is no news.
        answer.add_done_callback(_look_at)
        self._waiting.append((answer, (on, arguments)))
        if self._sender is None or self._sender.done():
            self._sender = asyncio.get_running_loop().create_task(self._send())
        return answer

    async def aclose(self) -> None:
        """Send what waits, then close the connections."""
        if self._sender is not None:
            await asyncio.wait({self._sender})
        await self._redis.aclose()

    async def _send(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                answers = await self._run([operation for _, operation in batch])
            except RedisError as error:
                answers = [error] * len(batch)
            except BaseException:
                for answer, _ in batch:
                    answer.cancel()
                raise
            for (answer, _), value in zip(batch, answers, strict=True):
                if answer.done():
                    continue
                if isinstance(value, Exception):
                    log.warning("The gate cannot be asked: %s", value)
                    unavailable = GateUnavailable()
                    unavailable.__cause__ = value
                    answer.set_exception(unavailable)
                else:
                    answer.set_result(value)

    async def _run(self, operations: list[Operation]) -> list[Any]:
        answers = await self._evaluate(operations)
        missing = [place for place, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
        if missing:
            await self._redis.script_load(SCRIPT)
            again = await self._evaluate([operations[place] for place in missing])
            for place, answer in zip(missing, again, strict=True):
                answers[place] = answer
        return answers

    async def _evaluate(self, operations: list[Operation]) -> list[Any]:
        pipeline = self._redis.pipeline(transaction=False)
        for on, arguments in operations:
            pipeline.execute_command("EVALSHA", SHA, len(on), *on, *arguments)
        return await pipeline.execute(raise_on_error=False)


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
        log.warning("Lane %s: %s", self.name, fact)
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
                self.gate.call(on, "leave", ticket)
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
        raw = self.gate.call(on, "take", ticket, int(priority), micros(patience), *self.rules.arguments(category))
        try:
            return Answer.read(await asyncio.shield(raw))
        except asyncio.CancelledError:
            # The answer is still under way, and may be a slot that nobody will use.
            raw.add_done_callback(lambda done: self._give_back(on, done))
            raise

    def _give_back(self, on: tuple[str, ...], raw: "asyncio.Future[Any]") -> None:
        if not raw.cancelled() and raw.exception() is None:
            self.gate.call(on, "leave", Answer.read(raw.result()).ticket)


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
            self._stamp = self._lane.gate.call(self._on, "sent", self.ticket)

    async def close(self) -> None:
        if self._stamp is None:
            await self._tell("leave", self.ticket)

    async def failed(self) -> None:
        await self._tell("failed", self.ticket)

    async def answered(self, status: int, headers: Mapping[str, str], body: str = "") -> None:
        lane = self._lane
        if self._stamp is not None:
            await _settled(self._stamp)
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
        return await _settled(self._lane.gate.call(self._on, *arguments))


async def _settled(note: "asyncio.Future[Any]") -> Any:
    """Wait for a note to the gate, and go on without it if the gate is away: it must not hide an answer."""
    try:
        return await asyncio.shield(note)
    except GateUnavailable:
        return None


def _look_at(answer: "asyncio.Future[Any]") -> None:
    if not answer.cancelled():
        answer.exception()
