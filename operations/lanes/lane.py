"""The lane for threads: views, and jobs that make one call at a time."""

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from redis import Redis
from redis.exceptions import NoScriptError, RedisError

from operations.lanes.answers import Fact, OnLearned, judge
from operations.lanes.rules import MICROSECONDS, Rules
from operations.lanes.script import ASK_AGAIN, SCRIPT, SHA, Answer, Found, GateUnavailable, Word, keys, micros
from providers.limiting import LaneBusy, Priority

log = logging.getLogger(__name__)


class Gate:
    """Runs gate.lua. Raises `GateUnavailable` for whatever Redis or the way to it has."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    def call(self, on: tuple[str, ...], *arguments: str | int) -> Any:
        try:
            try:
                return self._redis.evalsha(SHA, len(on), *on, *arguments)
            except NoScriptError:
                return self._redis.eval(SCRIPT, len(on), *on, *arguments)
        except RedisError as error:
            log.warning("The gate cannot be asked: %s", error)
            raise GateUnavailable from error


class Lane:
    """The queue of one key. Cheap to make; everything that is shared lies in Redis under its name."""

    def __init__(self, gate: Gate, name: str, rules: Rules, on_learned: OnLearned | None = None) -> None:
        self.gate = gate
        self.name = name
        self.rules = rules
        self._on_learned = on_learned

    @contextmanager
    def slot(self, *, priority: Priority, category: str = "", patience: float = 3.0) -> Iterator["Slot"]:
        """Wait until a call may leave; see `providers.limiting.Limiter`."""
        category = self.rules.category(category)
        slot = self._take(priority, category, patience)
        try:
            yield slot
        finally:
            slot.close()

    def pause(self, seconds: float, reason: str = "") -> None:
        """Nobody leaves for so long; a pause that already lasts longer stays."""
        self.gate.call(keys(self.name, ""), "pause", micros(seconds), reason)

    def learned(self, fact: Fact) -> None:
        if fact.window is not None:
            self.rules = self.rules.lowered(fact.window)
        log.log(fact.level, "Lane %s: %s", self.name, fact)
        if self._on_learned is not None:
            try:
                self._on_learned(fact)
            except Exception:
                # The answer in our hands is worth more than the note about it.
                log.exception("What lane %s learned could not be stored", self.name)

    def _take(self, priority: Priority, category: str, patience: float) -> "Slot":
        on = keys(self.name, category)
        deadline = time.monotonic() + patience
        ticket = ""
        try:
            while True:
                left = max(0.0, deadline - time.monotonic())
                try:
                    raw = self.gate.call(
                        on, "take", ticket, int(priority), micros(left), *self.rules.arguments(category)
                    )
                except GateUnavailable:
                    if left < ASK_AGAIN:
                        raise
                    time.sleep(ASK_AGAIN)
                    continue
                answer = Answer.read(raw)
                ticket = answer.ticket
                if answer.word is Word.TOO_FAR:
                    raise LaneBusy(answer.wait)
                time.sleep(answer.wait)
                if answer.word is Word.GO:
                    return Slot(self, on, category, answer)
        except LaneBusy:
            raise
        except BaseException:
            if ticket:
                _quietly(self.gate, on, "leave", ticket)
            raise


class Slot:
    """One call that may leave; see `providers.limiting.Slot`."""

    def __init__(self, lane: Lane, on: tuple[str, ...], category: str, answer: Answer) -> None:
        self._lane = lane
        self._on = on
        self._category = category
        self._suspect = answer.suspect
        self._sent = False
        self.ticket = answer.ticket

    def sent(self) -> None:
        if not self._sent:
            self._sent = True
            # If it cannot be stored, the provisional stamp of the grant stays.
            _quietly(self._lane.gate, self._on, "sent", self.ticket)

    def close(self) -> None:
        if not self._sent:
            _quietly(self._lane.gate, self._on, "leave", self.ticket)

    def failed(self) -> None:
        _quietly(self._lane.gate, self._on, "failed", self.ticket)

    def answered(self, status: int, headers: Mapping[str, str], body: str = "") -> None:
        lane, on = self._lane, self._on
        verdict = judge(status, headers, body, lane.rules)
        if verdict.refused:
            pause = micros(verdict.pause)
            told = _quietly(lane.gate, on, "refused", self.ticket, pause, *lane.rules.arguments(self._category))
            if told is not None and (fact := found(lane.name, told)):
                lane.learned(fact)
        elif verdict.failing:
            self.failed()
        elif self._suspect:
            _quietly(lane.gate, on, "recovered")
        if verdict.pause and not verdict.refused:
            _quietly(lane.gate, on, "pause", micros(verdict.pause), "exhausted")
        if verdict.limit is not None:
            lane.learned(Fact(lane.name, "lower_limit", window=verdict.limit))


def found(lane: str, told: list[int]) -> Fact | None:
    """Read what the gate made of a 429."""
    _, verdict, margin = told
    match Found(verdict):
        case Found.WIDER_MARGIN:
            return Fact(lane, "wider_margin", margin=margin / MICROSECONDS)
        case Found.SECOND_USER:
            return Fact(lane, "second_user")
    return None


def _quietly(gate: Gate, on: tuple[str, ...], *arguments: str | int) -> Any:
    """Tell the gate, and go on without it if it is away: a note that is lost must not hide an answer."""
    try:
        return gate.call(on, *arguments)
    except GateUnavailable:
        return None
