"""Where upper rooms hang in what lower rooms call.

A lower room never imports an upper one. What it needs from above is registered here by the upper room's `AppConfig.ready()`,
and `manage.py plugs` prints everything in the order in which it runs.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class DuplicateName(Exception):
    """Two rooms registered the same name in one registry."""


class Registry(Generic[T]):
    """Named things in a fixed order: by `order`, then by name."""

    def __init__(self, label: str) -> None:
        self.label = label
        self._entries: dict[str, tuple[int, T]] = {}

    def add(self, name: str, thing: T, *, order: int = 100) -> T:
        """Register `thing`; raises DuplicateName if the name is taken by something else."""
        if name in self._entries and self._entries[name][1] is not thing:
            raise DuplicateName(f"{self.label}: {name!r} is registered twice")
        self._entries[name] = (order, thing)
        return thing

    def __getitem__(self, name: str) -> T:
        return self._entries[name][1]

    def get(self, name: str) -> T | None:
        """The thing of that name; None for one that no room has registered (any more)."""
        entry = self._entries.get(name)
        return entry[1] if entry else None

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[tuple[str, T]]:
        ordered = sorted(self._entries.items(), key=lambda entry: (entry[1][0], entry[0]))
        return iter([(name, thing) for name, (_, thing) in ordered])

    def names(self) -> list[str]:
        """All names, in running order."""
        return [name for name, _ in self]


@dataclass(frozen=True)
class Tab:
    """A page of a thing that another room owns: the name of its address, which takes the key of the thing."""

    label: str
    url_name: str
    count: Callable[[Any], int | None] = lambda thing: None


ReownRows = Callable[[int], int]
AfterMailboxes = Callable[[int, datetime], Mapping[str, int]]

sync_steps: Registry[Any] = Registry("sync steps")
write_kinds: Registry[Any] = Registry("kinds of writes")
write_followers: Registry[Callable[[Any], None]] = Registry("what follows a write as it moves")
job_handlers: Registry[Any] = Registry("kinds of jobs")
bulk_actions: Registry[Any] = Registry("changes of many campaigns")
client_rows: Registry[ReownRows] = Registry("rows that follow a remote client to its Client")
mailbox_lists: Registry[AfterMailboxes] = Registry("what follows from the list of mailboxes")
watched_keys: Registry[Any] = Registry("keys that Activity shows")
campaign_tabs: Registry[Tab] = Registry("pages of a campaign")
checks: Registry[Any] = Registry("comparisons with the provider")
change_words: Registry[Any] = Registry("words of changes")
subject_pages: Registry[str] = Registry("pages of what changes are about")
search_sources: Registry[Any] = Registry("where search looks")
search_places: Registry[Any] = Registry("pages and actions that one can go to by name")


def client_rows_follow(name: str, *, order: int = 100) -> Callable[[ReownRows], ReownRows]:
    """Register a function `(connection_id) -> rows changed` that gives rows the client their remote client is mapped to."""

    def register(function: ReownRows) -> ReownRows:
        return client_rows.add(name, function, order=order)

    return register


def mailboxes_follow(name: str, *, order: int = 100) -> Callable[[AfterMailboxes], AfterMailboxes]:
    """Register a function `(connection_id, now) -> counts` that runs when a connection's whole list of mailboxes is stored."""

    def register(function: AfterMailboxes) -> AfterMailboxes:
        return mailbox_lists.add(name, function, order=order)

    return register


def all_registries() -> list[Registry[Any]]:
    return [
        sync_steps,
        write_kinds,
        write_followers,
        job_handlers,
        bulk_actions,
        client_rows,
        mailbox_lists,
        watched_keys,
        campaign_tabs,
        checks,
        change_words,
        subject_pages,
        search_sources,
        search_places,
    ]
