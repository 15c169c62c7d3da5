"""Reconciliation: once an hour the provider is asked for a few counts by other ways than those that our copy came by.

A difference may be that of a moment: something changed between the two reads. On the first look the resource is read again
at once and compared once more a few minutes later; what differs then is confirmed, and counts as lost unless it is explained.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, TypeVar

from operations.models import Comparison
from operations.registry import checks
from operations.sync import planning
from operations.sync.steps import Instead, Stored, SyncScope, SyncStep, sync_step
from providers.calls import Call
from providers.errors import Forbidden, RequestRefused
from providers.text import storable

R = TypeVar("R")
CheckType = TypeVar("CheckType", bound="type[Check[Any]]")

LOOK_AGAIN = timedelta(minutes=5)
CONFIRMED_AFTER = timedelta(minutes=4)
ITEMS = 20


@dataclass(frozen=True)
class Compared:
    """One thing counted twice. `step` names the sync step that keeps our copy, `items` what is on one side only."""

    step: str
    what: str
    ours: int
    theirs: int
    items: Sequence[str] = ()
    explained: str = ""

    @property
    def differs(self) -> bool:
        return self.ours != self.theirs or bool(self.items)


class Check(ABC, Generic[R]):
    """One call that tells what a room's copy can be compared with."""

    name: ClassVar[str]

    def applies(self, scope: SyncScope) -> bool:
        """Whether this connection's provider can be asked, and there is something to compare."""
        return True

    @abstractmethod
    def call(self, scope: SyncScope) -> Call[R]: ...

    @abstractmethod
    def compare(self, scope: SyncScope, told: R) -> Sequence[Compared]:
        """Everything that was compared, equal or not; empty if our copy is of another time and says nothing."""


def check(kind: CheckType) -> CheckType:
    """Class decorator: have every connection compared in this respect."""
    checks.add(kind.name, kind())
    return kind


def compare_names(
    step: str, what: str, ours: Mapping[int, str], theirs: Mapping[int, str], *, width: int
) -> list[Compared]:
    """Which ids are on both sides, and whether those are called the same, as far as our column of that width tells."""
    missing = [f"Not here: {_named(key, theirs)}" for key in sorted(theirs.keys() - ours.keys())]
    missing += [f"Only here: {_named(key, ours)}" for key in sorted(ours.keys() - theirs.keys())]
    both = sorted(ours.keys() & theirs.keys())
    other = [key for key in both if storable(theirs[key])[:width].strip() != ours[key].strip()]
    renamed = [f"{key}: “{ours[key]}” here, “{storable(theirs[key])}” there" for key in other]
    return [
        Compared(step, what, len(ours), len(theirs), missing),
        Compared(step, f"{what}, by name", len(both), len(both) - len(other), renamed),
    ]


def _named(key: int, names: Mapping[int, str]) -> str:
    return f"{key} {storable(names[key])}".strip()


def record(connection_id: int, compared: Iterable[Compared], now: datetime) -> list[str]:
    """Keep what was compared; returns the steps in which an unexplained difference is seen for the first time.

    A difference that stays keeps the time at which it was first seen. Repeatable: to record the same twice changes nothing.
    """
    known = {(row.step, row.what): row for row in Comparison.objects.filter(connection_id=connection_id)}
    rows, new = [], []
    for one in compared:
        old = known.get((one.step, one.what))
        since = (old.since if old and old.since else now) if one.differs else None
        rows.append(
            Comparison(
                connection_id=connection_id,
                step=one.step,
                what=one.what,
                ours=one.ours,
                theirs=one.theirs,
                items=[item[:300] for item in one.items[:ITEMS]],
                explained=one.explained if one.differs else "",
                since=since,
                confirmed=since is not None and now - since >= CONFIRMED_AFTER,
                compared_at=now,
            )
        )
        if since == now and not one.explained:
            new.append(one.step)
    Comparison.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["connection", "step", "what"],
        update_fields=["ours", "theirs", "items", "explained", "since", "confirmed", "compared_at"],
    )
    return new


@sync_step
class Reconcile(SyncStep[Any]):
    """Our counts beside the provider's: one call per check. Runs last, so that most copies are of the same minute."""

    name = "reconcile"
    label = "Comparison with the provider"
    order = 100
    fresh_for = timedelta(hours=1)

    def units(self, scope: SyncScope) -> list[str]:
        refused = scope.learned.get("refused_checks", [])
        return [name for name, one in checks if name not in refused and one.applies(scope)]

    def call(self, scope: SyncScope, unit: str) -> Call[Any]:
        found: Call[Any] = checks[unit].call(scope)
        return found

    def store(self, scope: SyncScope, results: Sequence[tuple[str, Any]]) -> Stored:
        compared = [one for unit, told in results for one in checks[unit].compare(scope, told)]
        for step in set(record(scope.connection_id, compared, scope.now)):
            planning.make_due(scope.connection_id, step, scope.now)
        return Stored({"compared": len(compared), "different": sum(one.differs for one in compared)})

    def refused(self, scope: SyncScope, unit: str, error: RequestRefused | Forbidden) -> Instead | None:
        # Reports are an extra that not every key may read: what can't be compared is no gap of the copy.
        if isinstance(error, Forbidden):
            return Instead([], {"refused_checks": sorted({*scope.learned.get("refused_checks", []), unit})})
        return Instead([])

    def due_in(self, scope: SyncScope) -> timedelta:
        in_question = Comparison.objects.filter(
            connection_id=scope.connection_id, since__isnull=False, confirmed=False, explained=""
        )
        return LOOK_AGAIN if in_question.exists() else self.fresh_for
