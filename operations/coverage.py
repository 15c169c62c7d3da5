"""How fresh our copy is, and what reconciliation found: per connection and resource, for one reader."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from operations.keys import WatchedKey, visible_keys
from operations.models import Comparison, SyncCoverage
from operations.progress import counts_in_words, label_of
from operations.registry import sync_steps

LATE = timedelta(minutes=2)
"""A step is overdue when it should have begun so long ago: planner and workers need their moment."""

KEYS_PER_PAGE = 10


@dataclass(frozen=True)
class CoverageRow:
    """One resource of one connection. Counts and comparisons are empty for a reader who may not know them."""

    label: str
    last_success_at: datetime | None
    due_at: datetime | None
    overdue: bool
    counts: str
    comparisons: Sequence[Comparison] = ()

    @property
    def differences(self) -> list[Comparison]:
        """What nothing explains first."""
        found = [one for one in self.comparisons if one.since]
        return sorted(found, key=lambda one: (bool(one.explained), not one.confirmed))

    @property
    def compared_at(self) -> datetime | None:
        return max((one.compared_at for one in self.comparisons), default=None)

    @property
    def lost(self) -> int:
        return sum(one.is_lost for one in self.comparisons)


@dataclass(frozen=True)
class KeyCoverage:
    key: WatchedKey
    rows: Sequence[CoverageRow]

    @property
    def lost(self) -> int:
        return sum(row.lost for row in self.rows)

    @property
    def overdue(self) -> int:
        return sum(row.overdue for row in self.rows)


def coverage_of(user: Any, now: datetime) -> list[KeyCoverage]:
    """Every connection that the reader may see, those with something to look at first; three queries."""
    keys = visible_keys(user, now)
    found = coverage_of_keys(keys, now)
    return sorted(found, key=lambda one: (not one.lost, not one.overdue, not one.key.enabled))


def coverage_of_keys(keys: Sequence[WatchedKey], now: datetime) -> list[KeyCoverage]:
    """The coverage of these connections, in their order; two queries."""
    covered: dict[int, dict[str, SyncCoverage]] = {}
    for row in SyncCoverage.objects.filter(connection_id__in=[key.id for key in keys]):
        covered.setdefault(row.connection_id, {})[row.step] = row
    compared: dict[int, dict[str, list[Comparison]]] = {}
    for one in Comparison.objects.filter(connection_id__in=[key.id for key in keys if key.tells_counts]):
        compared.setdefault(one.connection_id, {}).setdefault(one.step, []).append(one)
    return [
        KeyCoverage(
            key,
            coverage_rows(
                covered.get(key.id, {}),
                now,
                tells_counts=key.tells_counts,
                enabled=key.enabled,
                compared=compared.get(key.id, {}),
            ),
        )
        for key in keys
    ]


def coverage_rows(
    known: Mapping[str, SyncCoverage],
    now: datetime,
    *,
    tells_counts: bool,
    enabled: bool,
    compared: Mapping[str, Sequence[Comparison]],
) -> list[CoverageRow]:
    """Each resource in running order, those that were never pulled too, then those that no room keeps any more.

    What there is no such thing of behind the connection is left out.
    """
    names: Iterable[str] = [*sync_steps.names(), *(name for name in known if name not in sync_steps)]
    rows = []
    for name in names:
        row = known.get(name)
        if row is not None and not row.applies:
            continue
        rows.append(
            CoverageRow(
                label_of(name),
                row.last_success_at if row else None,
                row.due_at if row and enabled else None,
                bool(row and enabled and row.due_at < now - LATE),
                counts_in_words(row.counts) if row and tells_counts else "",
                compared.get(name, ()),
            )
        )
    return rows
