"""What a lane is doing, for the health page. Reads only, and works for many lanes in two round trips."""

from collections.abc import Mapping
from dataclasses import dataclass

from redis import Redis

from operations.lanes.rules import MICROSECONDS, Rules, Window
from operations.lanes.script import keys
from providers.limiting import Priority


@dataclass(frozen=True, slots=True)
class WindowUse:
    """How much of a window is used at the moment. `limit` is lower than the rule's while the lane runs at half its rate."""

    window: Window
    used: int
    limit: int

    @property
    def share(self) -> float:
        return self.used / self.limit


@dataclass(frozen=True, slots=True)
class LaneState:
    uses: tuple[WindowUse, ...]
    waiting: Mapping[Priority, int]
    """Callers in the queue; callers of one priority in one worker process count as one."""
    pause: float
    """Seconds until anybody may leave again."""
    pause_reason: str
    """"429", "failing", "exhausted", or what `pause` was given."""
    margin: float
    halved_for: float
    """Seconds that the lane still runs at half its rate, because somebody else seems to use the key."""
    failing: bool
    """The last calls got no good answer."""

    @property
    def busiest(self) -> WindowUse:
        return max(self.uses, key=lambda use: use.share)


def read_state(redis: "Redis", name: str, rules: Rules) -> LaneState:
    return read_states(redis, {name: rules})[name]


def read_states(redis: "Redis", lanes: Mapping[str, Rules]) -> dict[str, LaneState]:
    """Return the state of every lane named. Redis errors are the caller's: a health page has to say that it is away."""
    seconds, rest = redis.time()
    now = seconds * MICROSECONDS + rest
    pipeline = redis.pipeline(transaction=False)
    for name, rules in lanes.items():
        gate, queue, _ = keys(name, "")
        pipeline.hgetall(gate)
        pipeline.zrange(queue, 0, -1)
        for window in rules.windows:
            # A call that may leave in a moment has its stamp already.
            pipeline.zcount(keys(name, window.category)[-1], f"({now - round(window.seconds * MICROSECONDS)}", "+inf")
    answers = iter(pipeline.execute())
    return {
        name: _state(_texts(next(answers)), next(answers), [int(next(answers)) for _ in rules.windows], rules, now)
        for name, rules in lanes.items()
    }


def _state(stored: dict[str, str], queue: list[bytes | str], used: list[int], rules: Rules, now: int) -> LaneState:
    def left(field: str) -> float:
        return max(0.0, (int(stored.get(field, 0)) - now) / MICROSECONDS)

    halved_for = left("halved_until")
    pause = min(left("pause"), int(stored.get("pause_length", 0)) / MICROSECONDS)
    waiting = dict.fromkeys(Priority, 0)
    for ticket in queue:
        waiting[Priority(int(ticket[:1]))] += 1
    return LaneState(
        uses=tuple(
            WindowUse(window, count, max(1, window.calls // 2) if halved_for else window.calls)
            for window, count in zip(rules.windows, used, strict=True)
        ),
        waiting=waiting,
        pause=pause,
        pause_reason=stored.get("pause_reason", "") if pause else "",
        margin=_margin(stored, rules, now),
        halved_for=halved_for,
        failing=int(stored.get("fails", 0)) > 0,
    )


def _margin(stored: Mapping[str, str], rules: Rules, now: int) -> float:
    """The same decay as in gate.lua."""
    raised = int(stored.get("margin", 0)) / MICROSECONDS
    age = (now - int(stored.get("margin_at", 0))) / MICROSECONDS
    return rules.margin + max(0.0, raised - rules.margin) * min(1.0, max(0.0, 1 - age / 3600))


def _texts(stored: Mapping[bytes | str, bytes | str]) -> dict[str, str]:
    def text(value: bytes | str) -> str:
        return value.decode() if isinstance(value, bytes) else value

    return {text(name): text(value) for name, value in stored.items()}
