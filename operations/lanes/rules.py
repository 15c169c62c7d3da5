"""What a key may do: its windows, and the plan profiles they come from.

Rules are plain data, so that a connection can store them as JSON and every process can hand the same ones to the gate.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Self

MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """At most `calls` in any `seconds`: of the whole key, or of one category of calls."""

    calls: int
    seconds: float
    category: str = ""

    def __post_init__(self) -> None:
        if self.calls < 1 or not 0 < self.seconds <= 86_400:
            raise ValueError(f"A window needs at least one call and a length of up to a day: {self}")

    def __str__(self) -> str:
        span = {60.0: "min", 3600.0: "h"}.get(float(self.seconds), f"{self.seconds:g} s")
        return f"{self.calls}/{span}" + (f" {self.category}" if self.category else "")

    def to_data(self) -> dict[str, Any]:
        data: dict[str, Any] = {"calls": self.calls, "seconds": self.seconds}
        return data | ({"category": self.category} if self.category else {})

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> Self:
        return cls(int(data["calls"]), float(data["seconds"]), str(data.get("category", "")))


@dataclass(frozen=True)
class Rules:
    """The windows of one key, all of them at once, and how carefully the gate keeps to them. Durations are seconds."""

    windows: tuple[Window, ...]
    margin: float = 0.025
    """How much later than its window allows a call leaves: our guess of how uneven the way to the provider is."""
    ahead: float = 0.02
    """How long before its moment a call is let through, so that the way to Redis and back costs nothing."""
    grace: float = 0.25
    """How late a waiting caller may come back before it is taken for dead."""
    _arguments: dict[str, tuple[str | int, ...]] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        if not any(not window.category for window in self.windows):
            raise ValueError("Rules need a window that counts every call of the key.")

    @classmethod
    def of(cls, *windows: tuple[int, float] | tuple[int, float, str], margin: float = 0.025) -> "Rules":
        """Rules from bare tuples: `Rules.of((10, 2), (60, 60))`."""
        return cls(tuple(Window(*window) for window in windows), margin=margin)

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Rules":
        """Read what `to_data` wrote, or `{"profile": name}`; in both, `learned` holds windows found out on the way."""
        if "windows" in data:
            rules = cls(tuple(map(Window.from_data, data["windows"])))
        else:
            rules = PROFILES[data.get("profile", DEFAULT)].rules
        for window in data.get("learned", ()):
            rules = rules.lowered(Window.from_data(window))
        return cls(
            rules.windows,
            margin=float(data.get("margin", rules.margin)),
            ahead=float(data.get("ahead", rules.ahead)),
            grace=float(data.get("grace", rules.grace)),
        )

    def to_data(self) -> dict[str, Any]:
        windows = [window.to_data() for window in self.windows]
        return {"windows": windows, "margin": self.margin, "ahead": self.ahead, "grace": self.grace}

    def lowered(self, limit: Window) -> "Rules":
        """Return these rules with `limit` kept too; a window of the same length and category that allows more gives way."""
        same = [w for w in self.windows if (w.seconds, w.category) == (limit.seconds, limit.category)]
        if any(window.calls <= limit.calls for window in same):
            return self
        kept = tuple(window for window in self.windows if window not in same)
        return replace(self, windows=(*kept, limit), _arguments={})

    def category(self, name: str) -> str:
        """Return the name if the plan counts that category by itself, else "": then only the windows of the key matter."""
        return name if any(window.category == name for window in self.windows) else ""

    def slowest(self, category: str = "") -> float:
        """Seconds per call that these rules allow in the long run, for calls of one category."""
        return max(w.seconds / w.calls for w in self.windows if w.category in ("", category))

    def time_for(self, calls: Mapping[str, int]) -> float:
        """Seconds until the last of so many calls (by category) may leave, if the lane is empty and nobody else waits."""
        total = sum(calls.values())
        slowest = 0.0
        for window in self.windows:
            counted = calls.get(window.category, 0) if window.category else total
            slowest = max(slowest, (counted - 1) // window.calls * (window.seconds + self.margin) if counted else 0.0)
        return slowest

    def arguments(self, category: str) -> tuple[str | int, ...]:
        """Return what gate.lua calls RULES, for calls of one category."""
        if category not in self._arguments:
            of_key = [window for window in self.windows if not window.category]
            of_category = [window for window in self.windows if category and window.category == category]
            numbers = (n for w in (*of_key, *of_category) for n in (w.calls, round(w.seconds * MICROSECONDS)))
            self._arguments[category] = (
                round(self.margin * MICROSECONDS),
                round(self.ahead * MICROSECONDS),
                round(self.grace * MICROSECONDS),
                category,
                len(of_key),
                *numbers,
            )
        return self._arguments[category]


@dataclass(frozen=True, slots=True)
class Profile:
    """A plan that an admin can choose for a connection."""

    label: str
    source: str
    rules: Rules


DEFAULT = "smartlead"

_BURST = (10, 2)

PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        "smartlead": Profile(
            "Smartlead: 10 per 2 s",
            "smartlead-api.md 1.4: help center, customer guide 002",
            Rules.of(_BURST),
        ),
        "smartlead-minute": Profile(
            "Smartlead: 60 per minute",
            "smartlead-api.md 1.4: older API reference",
            Rules.of(_BURST, (60, 60)),
        ),
        "smartlead-standard": Profile(
            "Smartlead Standard: 60 per minute, 1,000 per hour",
            "smartlead-api.md 1.4: official rate-limit guide; burst 10 per second",
            Rules.of((10, 1), (60, 60), (1_000, 3_600)),
        ),
        "smartlead-pro": Profile(
            "Smartlead Pro: 120 per minute, 3,000 per hour",
            "smartlead-api.md 1.4: official rate-limit guide; burst 20 per second",
            Rules.of((20, 1), (120, 60), (3_000, 3_600)),
        ),
        # The guide's text allows lead uploads 30 per minute, its table 60: what uploads counts as "campaign_write".
        "smartlead-guide-pro": Profile(
            "Smartlead Pro by category",
            "smartlead-api.md 1.4: customer guide 003",
            Rules.of(
                _BURST,
                (100, 60, "read"),
                (30, 60, "campaign_write"),
                (60, 60, "leads"),
                (50, 60, "analytics"),
                (20, 60, "webhooks"),
            ),
        ),
        "smartlead-guide-custom": Profile(
            "Smartlead Custom by category",
            "smartlead-api.md 1.4: customer guide 003",
            Rules.of(
                _BURST,
                (300, 60, "read"),
                (100, 60, "campaign_write"),
                (200, 60, "leads"),
                (150, 60, "analytics"),
                (50, 60, "webhooks"),
            ),
        ),
        "reply": Profile(
            "Reply.io: 100 per minute, 3,000 per hour",
            "reply-api.md 5: per user behind the key",
            Rules.of((100, 60), (3_000, 3_600)),
        ),
    }
)
