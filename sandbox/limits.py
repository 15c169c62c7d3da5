"""The strict limiter: N calls in any window of W seconds, counted where they arrive.

A true sliding log, so it is at least as strict as any limiter a provider may run. Several windows hold at once; a
window may count one category of calls only. Nothing is forgiven: each refusal is counted as a violation of the caller.
"""

import math
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any, Self

CATEGORIES = ("read", "campaign_write", "leads", "analytics", "webhooks")


@dataclass(frozen=True, slots=True)
class Window:
    limit: int
    seconds: float
    category: str | None = None
    """None counts every call of the key."""

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        window = cls(int(data["limit"]), float(data["seconds"]), data.get("category"))
        if window.limit < 1 or window.seconds <= 0 or window.category not in (None, *CATEGORIES):
            raise ValueError(f"not a window: {data}")
        return window

    def as_json(self) -> dict[str, Any]:
        return {"limit": self.limit, "seconds": self.seconds, "category": self.category}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a call may pass; `limit`, `remaining` and `reset` describe its tightest window."""

    allowed: bool
    retry_after: float
    limit: int
    remaining: int
    reset: float


FREE = Verdict(True, 0.0, 0, 0, 0.0)


@dataclass(slots=True)
class Limiter:
    windows: tuple[Window, ...]
    send_headers: bool = False
    """Whether answers carry `x-ratelimit-*`."""
    send_retry_after: bool = True
    count_refused: bool = False
    """Whether a refused call takes room in the window too."""
    own_windows: dict[str, tuple[Window, ...]] = field(default_factory=dict)
    """Windows of single keys, by label."""
    violations: Counter[str] = field(default_factory=Counter)
    _seen: dict[tuple[str, int], deque[float]] = field(default_factory=dict)

    def arrive(self, label: str, category: str, now: float | None = None) -> Verdict:
        """Counts a call of this key that arrives now (seconds of a monotonic clock)."""
        now = time.monotonic() if now is None else now
        tightest, retry_after = FREE, 0.0
        counted: list[deque[float]] = []
        for place, window in enumerate(self.own_windows.get(label, self.windows)):
            if window.category not in (None, category):
                continue
            seen = self._seen.get((label, place))
            if seen is None:
                seen = self._seen[label, place] = deque()
            while seen and seen[0] <= now - window.seconds:
                seen.popleft()
            counted.append(seen)
            if len(seen) >= window.limit:
                retry_after = max(retry_after, seen[len(seen) - window.limit] + window.seconds - now)
            remaining = max(0, window.limit - len(seen) - 1)
            if tightest is FREE or remaining < tightest.remaining:
                reset = (seen[0] if seen else now) + window.seconds - now
                tightest = Verdict(True, 0.0, window.limit, remaining, reset)
        if retry_after <= 0:
            for seen in counted:
                seen.append(now)
            return tightest
        self.violations[label] += 1
        if self.count_refused:
            for seen in counted:
                seen.append(now)
        return Verdict(False, retry_after, tightest.limit, 0, retry_after)

    def headers(self, verdict: Verdict) -> dict[str, str]:
        found = {}
        if self.send_headers and verdict.limit:
            found["x-ratelimit-limit"] = str(verdict.limit)
            found["x-ratelimit-remaining"] = str(verdict.remaining)
            found["x-ratelimit-reset"] = str(math.ceil(verdict.reset))
        if not verdict.allowed and self.send_retry_after:
            found["Retry-After"] = str(max(1, math.ceil(verdict.retry_after)))
        return found

    def change(self, data: dict[str, Any]) -> None:
        """Takes what `POST /_limits` says; windows for one key where `key` (its label) is given, else for all."""
        if "windows" in data:
            windows = data["windows"]
            label = data.get("key")
            if windows is None and label:
                self.own_windows.pop(label, None)
            elif label:
                self.own_windows[label] = tuple(map(Window.from_json, windows))
            else:
                self.windows = tuple(map(Window.from_json, windows))
            self._seen.clear()
        self.send_headers = bool(data.get("headers", self.send_headers))
        self.send_retry_after = bool(data.get("retry_after", self.send_retry_after))
        self.count_refused = bool(data.get("count_refused", self.count_refused))

    def as_json(self) -> dict[str, Any]:
        return {
            "windows": [window.as_json() for window in self.windows],
            "own_windows": {label: [w.as_json() for w in windows] for label, windows in self.own_windows.items()},
            "headers": self.send_headers,
            "retry_after": self.send_retry_after,
            "count_refused": self.count_refused,
        }

    def forget(self) -> None:
        self.violations.clear()
        self._seen.clear()
