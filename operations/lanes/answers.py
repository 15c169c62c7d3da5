"""What a provider's answer tells the lane. No Redis here: an answer goes in, what to do comes out."""

import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Literal

from operations.lanes.rules import Rules, Window

LONGEST_PAUSE = 3_600.0


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that a lane found out about its key and that outlives Redis, so the database should remember it."""

    lane: str
    kind: Literal["lower_limit", "second_user", "wider_margin"]
    window: Window | None = None
    """`lower_limit`: what the provider says it allows."""
    margin: float = 0.0
    """`wider_margin`: seconds that the lane now keeps, less again within an hour."""

    @property
    def level(self) -> int:
        """How loud it belongs into the log: an uneven way is nothing that anybody has to do something about."""
        return logging.INFO if self.kind == "wider_margin" else logging.WARNING

    def __str__(self) -> str:
        match self.kind:
            case "lower_limit":
                return f"The provider allows {self.window}, less than the plan of this connection says."
            case "second_user":
                return (
                    "The provider refuses calls although we stay well below the limit: another program seems to use "
                    "the same key, or the plan is smaller than its profile. The lane runs at half its rate meanwhile."
                )
            case "wider_margin":
                return f"The way to the provider is uneven: the lane keeps {self.margin * 1000:.0f} ms distance."


OnLearned = Callable[[Fact], None]


@dataclass(frozen=True, slots=True)
class Verdict:
    refused: bool = False
    """429: not carried out."""
    failing: bool = False
    """5xx: the provider is in trouble by itself."""
    pause: float = 0.0
    """Seconds the provider asks us to wait; 0 where it does not say."""
    limit: Window | None = None
    """A limit the provider names that is lower than our rule."""


def judge(status: int, headers: Mapping[str, str], body: str, rules: Rules, *, now: datetime | None = None) -> Verdict:
    """Read status, `Retry-After`, a `retry_after` in the body, and Smartlead's `x-ratelimit-*`.

    Reply.io's `x-rate-limit-*` is for display only: its limit is a label such as "1h" (reply-api.md 5).
    """
    now = now or datetime.now(UTC)
    if status == 429:
        pause = _retry_after(headers, now) or _retry_after_in(body) or _reset(headers, now)
        return Verdict(refused=True, pause=pause, limit=_lower_limit(headers, rules, now))
    # Telling how many calls are left comes from a server that works; a 500 or 503 with these headers still fails.
    exhausted = _number(headers.get("x-ratelimit-remaining")) == 0
    return Verdict(
        failing=status >= 500,
        pause=_reset(headers, now) if exhausted else 0.0,
        limit=_lower_limit(headers, rules, now),
    )


def _number(text: object) -> float | None:
    try:
        number = float(str(text))
    except ValueError:
        return None
    return number if number == number and number not in (float("inf"), float("-inf")) else None


def _capped(seconds: float | None) -> float:
    return min(LONGEST_PAUSE, seconds) if seconds is not None and seconds > 0 else 0.0


def _retry_after(headers: Mapping[str, str], now: datetime) -> float:
    """Seconds or an HTTP date (RFC 9110, 10.2.3), which counts from the provider's own clock where it tells it."""
    value = headers.get("retry-after")
    if value is None:
        return 0.0
    if (seconds := _number(value)) is not None:
        return _capped(seconds)
    return _capped(_seconds_until(value, headers, now))


def _seconds_until(date: str, headers: Mapping[str, str], now: datetime) -> float | None:
    moment = _date(date)
    return None if moment is None else (moment - (_date(headers.get("date", "")) or now)).total_seconds()


def _date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _retry_after_in(body: str) -> float:
    """`{"error": {"code": "RATE_LIMIT_EXCEEDED", "retry_after": 30}}` (smartlead-api.md 1.4), at whatever depth."""
    if "retry_after" not in body:
        return 0.0
    try:
        value = _find(json.loads(body), "retry_after")
    except (ValueError, RecursionError):
        match = re.search(r'"retry_after"\s*:\s*"?([0-9.]+)', body)
        value = match and match[1]
    return _capped(_number(value))


def _find(data: object, name: str) -> object:
    if isinstance(data, dict):
        if name in data:
            return data[name]
        data = list(data.values())
    if isinstance(data, list):
        return next((found for item in data if (found := _find(item, name)) is not None), None)
    return None


def _reset(headers: Mapping[str, str], now: datetime) -> float:
    """Seconds until `x-ratelimit-reset`, which may be an epoch (in seconds or milliseconds) or a number of seconds."""
    reset = _number(headers.get("x-ratelimit-reset"))
    if reset is None:
        return 0.0
    if reset > 1e11:
        reset /= 1000
    if reset > 1e9:
        reset -= (_date(headers.get("date", "")) or now).timestamp()
    return _capped(reset)


def _lower_limit(headers: Mapping[str, str], rules: Rules, now: datetime) -> Window | None:
    """Return the window that `x-ratelimit-limit` names, if ours allow more.

    The header does not say how long its window is; the documentation that has it counts per minute (smartlead-api.md 1.4).
    A number below that of our shortest window can only mean that one, unless its reset lies further away than it is long.
    """
    limit = _number(headers.get("x-ratelimit-limit"))
    if limit is None or limit < 1:
        return None
    of_key = sorted((window for window in rules.windows if not window.category), key=lambda window: window.seconds)
    if any(window.calls == int(limit) for window in of_key):
        return None
    shortest = of_key[0]
    if limit < shortest.calls and _reset(headers, now) <= shortest.seconds:
        return Window(int(limit), shortest.seconds)
    per_minute = min(w.calls * max(1.0, 60 / w.seconds) for w in of_key)
    return Window(int(limit), 60) if limit < per_minute else None
