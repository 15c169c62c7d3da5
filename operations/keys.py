"""The keys that Activity shows. The room that keeps them registers how to list them; this one knows calls and lanes only."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import redis
import structlog
from django.conf import settings
from django.db.models import Case, Count, F, Min, Q, When

from operations import wording
from operations.lanes import LaneState, Rules, WindowUse, read_states
from operations.lanes.connections import connect
from operations.models import ApiCall
from operations.registry import watched_keys
from providers.limiting import Priority

log = structlog.get_logger(__name__)

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


PAUSED_BECAUSE = {
    "429": "the provider said that there were too many calls",
    "exhausted": "the provider said that no call is left for now",
    "failing": "the provider does not answer well",
}
WAITING = {Priority.PEOPLE: "people", Priority.JOBS: "jobs", Priority.BACKGROUND: "background"}


@dataclass(frozen=True)
class LearnedFact:
    """Something found out about a key, in words. `name` is what it is forgotten by, `effect` what is done about it."""

    name: str
    text: str
    effect: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class WatchedKey:
    """One key as its room describes it. `tone` is good, warn, bad or "", `condition` what is wrong in a few words."""

    id: int
    name: str
    provider: str
    last4: str
    whose: str
    tone: str
    condition: str
    enabled: bool
    agency_wide: bool
    lane: str
    rules: Rules
    tells_counts: bool
    remedy: str = ""
    """"replace" where another key is what helps."""
    plan: str = ""
    last_success_at: datetime | None = None
    learned: Sequence[LearnedFact] = ()
    lost: int = 0
    """Differences from the provider that nothing explains; 0 where the reader may not know counts."""
    compared_at: datetime | None = None


ListKeys = Callable[[Any, datetime], Sequence[WatchedKey]]


def list_keys(name: str) -> Callable[[ListKeys], ListKeys]:
    """Register a function `(user, now) -> keys that the user may see`."""

    def register(function: ListKeys) -> ListKeys:
        watched_keys.add(name, function)
        return function

    return register


@dataclass
class Traffic:
    """What a key did in the last hour. Times are kept to two figures, so that a busy hour is still a short answer."""

    minute: int = 0
    calls: int = 0
    limited: int = 0
    limited_now: int = 0
    errors: int = 0
    limited_since: datetime | None = None
    times: dict[int, int] = field(default_factory=dict)

    @property
    def errors_percent(self) -> float | None:
        return 100 * self.errors / self.calls if self.calls else None

    @property
    def p95(self) -> int | None:
        """Milliseconds within which 95 % of the good answers came."""
        wanted = 0.95 * sum(self.times.values())
        passed = 0
        for milliseconds, number in sorted(self.times.items()):
            passed += number
            if passed >= wanted:
                return milliseconds
        return None


@dataclass(frozen=True)
class KeyCard:
    key: WatchedKey
    traffic: Traffic
    lane: LaneState | None
    now: datetime
    lane_away: bool = False
    """The lanes could not be read."""

    @property
    def per_minute(self) -> int:
        """What the plan allows in a minute."""
        windows = [window for window in self.key.rules.windows if not window.category and window.seconds <= 60]
        return round(
            min((window.calls * 60 / window.seconds for window in windows), default=60 / self.key.rules.slowest())
        )

    @property
    def dash(self) -> str:
        """How much of the gauge's arc is filled, of 100."""
        return f"{min(100.0, 100 * self.traffic.minute / self.per_minute):.1f}"

    @property
    def slowed(self) -> str:
        """Why calls wait, in words; "" if they don't wait for anything but their turn."""
        lane = self.lane
        if lane and lane.pause:
            wait = wording.length(timedelta(seconds=max(1.0, lane.pause)))
            reason = {"429": "by the rate limit", "exhausted": "by the rate limit", "failing": "while it fails"}
            return f"Slowed {reason.get(lane.pause_reason, 'for a moment')}, goes on in {wait}"
        if lane and lane.halved_for:
            return f"At half rate for {wording.length(timedelta(seconds=lane.halved_for))}: somebody else seems to use this key"
        if self.traffic.limited_now and self.traffic.limited_since:
            return f"Slowed since {wording.clock(self.traffic.limited_since)}"
        return ""

    @property
    def dot(self) -> str:
        if self.key.tone == "bad" or not self.key.enabled:
            return self.key.tone
        return "warn" if self.slowed or self.key.tone == "warn" else self.key.tone

    @property
    def gauge(self) -> str:
        """The colour class of the gauge."""
        return {"bad": "b", "warn": "w"}.get(self.dot, "")

    @property
    def queue(self) -> str:
        """Reads "2 people, 14 background": who waits in the lane; "Nobody" if it is empty, a dash where nobody can tell."""
        if self.lane is None or not self.key.tells_counts:
            return wording.DASH
        waiting = [f"{self.lane.waiting[one]:,} {word}" for one, word in WAITING.items() if self.lane.waiting.get(one)]
        return ", ".join(waiting) or "Nobody"

    @property
    def queues(self) -> list[tuple[str, int]]:
        """How many callers wait, by whom they are for, people first."""
        return [(word, self.lane.waiting.get(one, 0)) for one, word in WAITING.items()] if self.lane else []

    @property
    def pause(self) -> str:
        """Reads "12 s": how long nobody may leave; "" while calls go out."""
        if self.lane is None or not self.lane.pause:
            return ""
        return wording.length(timedelta(seconds=max(1.0, self.lane.pause)))

    @property
    def pause_reason(self) -> str:
        return PAUSED_BECAUSE.get(self.lane.pause_reason, self.lane.pause_reason) if self.lane else ""

    @property
    def uses(self) -> Sequence[WindowUse]:
        """How much of every window is used; only the windows themselves while the lane can't be read."""
        if self.lane is not None:
            return self.lane.uses
        return [WindowUse(window, 0, window.calls) for window in self.key.rules.windows]

    @property
    def margin_ms(self) -> int:
        return round(1000 * (self.lane.margin if self.lane else self.key.rules.margin))

    @property
    def margin_is_wider(self) -> bool:
        return self.lane is not None and self.lane.margin > self.key.rules.margin + 0.001


def key_cards(user: Any, now: datetime) -> list[KeyCard]:
    """A card per key that the reader may see, those in trouble first: one query for all calls, one look at the lanes."""
    cards = cards_of(visible_keys(user, now), now)
    worth = {"bad": 0, "warn": 1, "good": 2}
    return sorted(cards, key=lambda card: (worth.get(card.dot, 3), not card.key.agency_wide, card.key.name.casefold()))


def cards_of(keys: Sequence[WatchedKey], now: datetime) -> list[KeyCard]:
    """The cards of these keys, in their order."""
    traffic = traffic_of((key.id for key in keys), now)
    lanes = lane_states(keys)
    return [
        KeyCard(key, traffic.get(key.id, Traffic()), (lanes or {}).get(key.lane), now, lane_away=lanes is None)
        for key in keys
    ]


def visible_keys(user: Any, now: datetime) -> list[WatchedKey]:
    """Every key that the reader may see, by name."""
    keys = [key for _, function in watched_keys for key in function(user, now)]
    return sorted(keys, key=lambda key: (not key.agency_wide, key.name.casefold()))


def traffic_of(connection_ids: Iterable[int], now: datetime) -> dict[int, Traffic]:
    """The calls of the last hour by connection, in one query of at most a few hundred rows per connection."""
    failed = Q(status=None) | (Q(status__gte=400) & ~Q(status=429))
    rows = (
        ApiCall.objects.filter(connection_id__in=list(connection_ids), at__gte=now - HOUR)
        .annotate(
            slot=Case(
                When(took_ms__lt=100, then=F("took_ms")),
                When(took_ms__lt=1_000, then=F("took_ms") - F("took_ms") % 10),
                default=F("took_ms") - F("took_ms") % 100,
            )
        )
        .values("connection_id", "slot")
        .annotate(
            calls=Count("pk"),
            minute=Count("pk", filter=Q(at__gte=now - MINUTE)),
            limited=Count("pk", filter=Q(status=429)),
            limited_now=Count("pk", filter=Q(status=429, at__gte=now - MINUTE)),
            errors=Count("pk", filter=failed),
            good=Count("pk", filter=Q(status__lt=400)),
            limited_since=Min("at", filter=Q(status=429)),
        )
        .order_by()
    )
    found: dict[int, Traffic] = {}
    for row in rows:
        traffic = found.setdefault(row["connection_id"], Traffic())
        for name in ("calls", "minute", "limited", "limited_now", "errors"):
            setattr(traffic, name, getattr(traffic, name) + row[name])
        if row["good"]:
            traffic.times[row["slot"]] = row["good"]
        moments = [at for at in (traffic.limited_since, row["limited_since"]) if at]
        traffic.limited_since = min(moments, default=None)
    return found


def lane_states(keys: Sequence[WatchedKey]) -> Mapping[str, LaneState] | None:
    """What the lanes are doing; None while Redis is away, because the page is worth having then, too."""
    lanes = {key.lane: key.rules for key in keys if key.enabled}
    if not lanes:
        return {}
    try:
        return read_states(connect(settings.REDIS_URL), lanes)
    except redis.RedisError as error:
        log.warning("lanes not read", reason=type(error).__name__)
        return None
