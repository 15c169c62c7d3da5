"""The gate on a clock that the test moves, and callers that behave as the lanes do. The script and Redis are the real ones."""

import heapq
import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from redis import Redis

from operations.lanes import Rules
from operations.lanes.lane import found
from operations.lanes.script import SCRIPT, Answer, Word, keys, micros
from providers.limiting import Priority

_names = itertools.count()


class MovedGate:
    """gate.lua with Redis' TIME replaced by our own."""

    def __init__(self, redis: Redis, rules: Rules) -> None:
        clock = "redis.call('TIME')"
        assert SCRIPT.count(clock) == 1
        self._run = redis.register_script(SCRIPT.replace(clock, "redis.call('MGET', 'clock:seconds', 'clock:micros')"))
        self.redis = redis
        self.rules = rules
        self.name = f"moved-{next(_names)}"
        self.now = 1_700_000_000.0

    def call(self, category: str, *arguments: str | int) -> Any:
        seconds, rest = divmod(round(self.now * 1_000_000), 1_000_000)
        self.redis.mset({"clock:seconds": seconds, "clock:micros": rest})
        return self._run(keys=keys(self.name, self.rules.category(category)), args=arguments)

    def take(
        self, priority: Priority = Priority.PEOPLE, category: str = "", *, ticket: str = "", patience: float = 3600.0
    ) -> Answer:
        rules = self.rules.arguments(self.rules.category(category))
        return Answer.read(self.call(category, "take", ticket, int(priority), micros(patience), *rules))

    def sent(self, answer: Answer, category: str = "") -> None:
        self.call(category, "sent", answer.ticket)

    def leave(self, answer: Answer, category: str = "") -> None:
        self.call(category, "leave", answer.ticket)

    def pause(self, seconds: float) -> None:
        self.call("", "pause", micros(seconds), "test")

    def refused(self, answer: Answer, *, retry_after: float = 0.0, category: str = "") -> tuple[float, str]:
        """Return the pause in seconds and the kind of fact that was found, if any."""
        rules = self.rules.arguments(self.rules.category(category))
        told = self.call(category, "refused", answer.ticket, micros(retry_after), *rules)
        fact = found(self.name, told)
        return round(told[0] / 1e6, 3), fact.kind if fact else ""

    def failed(self, answer: Answer) -> float:
        return round(int(self.call("", "failed", answer.ticket)) / 1e6, 3)

    def recovered(self) -> None:
        self.call("", "recovered")

    def go(self, priority: Priority = Priority.PEOPLE, category: str = "") -> Answer:
        """Wait on the moved clock until the call leaves, and stamp it."""
        answer = self.take(priority, category)
        while answer.word is Word.COME_BACK:
            self.now += answer.wait
            answer = self.take(priority, category, ticket=answer.ticket)
        assert answer.word is Word.GO
        self.now += answer.wait
        self.sent(answer, category)
        return answer


@dataclass(frozen=True)
class Caller:
    comes_at: float
    priority: Priority = Priority.BACKGROUND
    category: str = ""
    calls: int = 1
    """Made one after the other."""
    dies_in: str = ""
    """"queue": never comes back; "slot": is let through and never sends."""


@dataclass(order=True)
class _Event:
    at: float
    number: int
    caller: Caller = field(compare=False)
    calls_left: int = field(compare=False)
    ticket: str = field(compare=False, default="")
    stamp_for: Answer | None = field(compare=False, default=None)


@dataclass(frozen=True)
class Arrival:
    at: float
    caller: Caller


def simulate(
    gate: MovedGate,
    callers: list[Caller],
    *,
    until: float = 60.0,
    lateness: float = 0.0,
    jitter: float = 0.0,
    seed: int = 0,
) -> tuple[list[Arrival], int]:
    """Let the callers call; return what arrived at the provider, in order, and how often the gate was asked.

    Every step of a caller happens up to `lateness` too late, and a request is under way for up to `jitter`.
    """
    chance = random.Random(seed)
    start = gate.now
    numbers = itertools.count()
    events = [_Event(start + caller.comes_at, next(numbers), caller, caller.calls) for caller in callers]
    heapq.heapify(events)
    arrivals: list[Arrival] = []
    asked = 0

    def later(event: _Event, seconds: float, **changes: Any) -> None:
        data: dict[str, Any] = {
            "caller": event.caller,
            "calls_left": event.calls_left,
            "ticket": event.ticket,
        } | changes
        heapq.heappush(events, _Event(gate.now + seconds + chance.uniform(0, lateness), next(numbers), **data))

    while events and events[0].at < start + until:
        event = heapq.heappop(events)
        caller = event.caller
        gate.now = max(gate.now, event.at)
        if event.stamp_for is not None:
            gate.sent(event.stamp_for, caller.category)
            arrivals.append(Arrival(gate.now - start + chance.uniform(0, jitter), caller))
            if event.calls_left > 1:
                later(event, 0, calls_left=event.calls_left - 1, ticket="")
            continue
        answer = gate.take(caller.priority, caller.category, ticket=event.ticket)
        asked += 1
        if answer.word is Word.COME_BACK:
            if caller.dies_in != "queue":
                later(event, answer.wait, ticket=answer.ticket)
        elif caller.dies_in != "slot":
            later(event, answer.wait, stamp_for=answer)
    return sorted(arrivals, key=lambda arrival: arrival.at), asked


def most_in_any(arrivals: list[Arrival], seconds: float) -> int:
    """The most that a sliding window of this length holds, as a strict provider counts."""
    return max(_counts([arrival.at for arrival in arrivals], seconds), default=0)


def _counts(moments: list[float], seconds: float) -> Iterator[int]:
    first = 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - seconds:
            first += 1
        yield last - first + 1
