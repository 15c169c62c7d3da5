"""Every call that reached the provider side, as it was received. Keys appear by their label only."""

import hashlib
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Any, NamedTuple

KEPT = 100_000
UNKNOWN_KEY = "unknown"


class Entry(NamedTuple):
    n: int
    at: float
    """Unix time, real, of arrival."""
    key: str
    method: str
    path: str
    query: str
    status: int
    """0: no answer was sent."""
    body_sha256: str
    category: str
    carried_out: bool
    violation: bool
    fault: str
    ms: float


@dataclass(slots=True)
class CallLog:
    entries: deque[tuple[Any, ...]] = field(default_factory=lambda: deque(maxlen=KEPT))
    by_status: Counter[str] = field(default_factory=Counter)
    by_key: Counter[str] = field(default_factory=Counter)
    by_route: Counter[str] = field(default_factory=Counter)
    total: int = 0

    def add(
        self,
        at: float,
        key: str,
        method: str,
        path: str,
        query: str,
        status: int,
        body: bytes,
        category: str,
        route: str,
        carried_out: bool,
        violation: bool,
        fault: str,
    ) -> None:
        self.total += 1
        digest = hashlib.sha256(body).hexdigest() if body else ""
        took = (time.time() - at) * 1000
        # Plain tuples of plain values are left alone by the garbage collector, so that a long log makes no pauses.
        self.entries.append(
            (self.total, at, key, method, path, query, status, digest, category, carried_out, violation, fault, took)
        )
        self.by_status[str(status)] += 1
        self.by_key[key] += 1
        self.by_route[f"{method} {route}"] += 1

    def clear(self) -> None:
        self.entries.clear()
        for counter in (self.by_status, self.by_key, self.by_route):
            counter.clear()
        self.total = 0

    @property
    def dropped(self) -> int:
        """Calls that are counted but no longer listed. Nothing can be proved from a log that has lost some."""
        return self.total - len(self.entries)

    def repeated_writes(self) -> list[dict[str, Any]]:
        """Writes that were carried out more than once with the same key, path and body, with their numbers and times.

        Some are meant (pausing twice); which, only the caller knows.
        """
        found: dict[tuple[str, str, str, str], list[Entry]] = {}
        for values in self.entries:
            entry = Entry._make(values)
            if entry.method != "GET" and entry.carried_out:
                found.setdefault((entry.key, entry.method, entry.path, entry.body_sha256), []).append(entry)
        return [
            {
                "key": key,
                "method": method,
                "path": path,
                "body_sha256": digest,
                "numbers": [entry.n for entry in entries],
                "times": [entry.at for entry in entries],
            }
            for (key, method, path, digest), entries in found.items()
            if len(entries) > 1
        ]

    def calls(
        self,
        after: int,
        limit: int,
        key: str | None = None,
        path: str | None = None,
        method: str | None = None,
        writes: bool = False,
        carried_out: bool = False,
    ) -> list[dict[str, Any]]:
        """The newest `limit` entries that match, oldest first."""
        found: list[dict[str, Any]] = []
        for values in reversed(self.entries):
            entry = Entry._make(values)
            if entry.n <= after or len(found) >= limit:
                break
            if (
                key in (None, entry.key)
                and method in (None, entry.method)
                and (path is None or path in entry.path)
                and not (writes and entry.method == "GET")
                and not (carried_out and not entry.carried_out)
            ):
                found.append(entry._asdict())
        return found[::-1]
