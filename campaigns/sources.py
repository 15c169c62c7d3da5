"""Where the figures of a page come from: how old they are, and which keys hold them back. One query for the whole page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from accounts.models import Connection
from operations import wording

STALE_AFTER = timedelta(minutes=30)  # twice the freshness target of the figures
MOST_NOTES = 2


@dataclass(frozen=True)
class Note:
    """A condition of the page, in words: what happened, and what it means."""

    level: str
    title: str
    text: str


@dataclass(frozen=True)
class Sources:
    """The enabled connections behind a page."""

    connections: list[Connection]
    now: datetime

    @classmethod
    def visible_to(cls, user: Any, now: datetime) -> Self:
        return cls(list(Connection.objects.visible_to(user).enabled().select_related("client")), now)

    @classmethod
    def of(cls, connection: Connection, now: datetime) -> Self:
        return cls([connection] if connection.is_enabled else [], now)

    @property
    def failing(self) -> list[Connection]:
        return [connection for connection in self.connections if connection.is_broken]

    @property
    def synced_at(self) -> datetime | None:
        """The oldest last success of the connections that work; those that don't have a note of their own."""
        times = [c.last_success_at for c in self.connections if not c.is_broken and c.last_success_at]
        return min(times, default=None)

    @property
    def tone(self) -> str:
        return "warn" if self.synced_at and self.now - self.synced_at > STALE_AFTER else "good"

    @property
    def frozen(self) -> str:
        """What to say instead of an age when no key works."""
        if not self.connections or len(self.failing) < len(self.connections):
            return ""
        refused = all(c.health == Connection.Health.REFUSED for c in self.failing)
        reason = "key refused" if refused else "key failing"
        last = max((c.last_success_at for c in self.failing if c.last_success_at), default=None)
        return f"Frozen at {wording.moment(last, self.now)}, {reason}" if last else f"Never synced, {reason}"

    @property
    def awaits_first_sync(self) -> bool:
        return any(not c.is_broken and c.last_success_at is None for c in self.connections)

    @property
    def notes(self) -> list[Note]:
        """At most two notes; the last one sums up the others."""
        notes = [failing_note(connection, self.now) for connection in self.failing]
        if len(notes) <= MOST_NOTES:
            return notes
        rest = self.failing[MOST_NOTES - 1 :]
        return [*notes[: MOST_NOTES - 1], Note("bad", f"{len(rest)} more keys are failing.", f"{_names(rest)}.")]


def failing_note(connection: Connection, now: datetime) -> Note:
    """Says which key fails since when, and up to when its figures reach."""
    provider = connection.get_provider_display()
    since = wording.moment(connection.health_since, now)
    whose = f"{connection.client}’s {provider} key" if connection.client else f"The {provider} key “{connection.name}”"
    last = connection.last_success_at
    until = f"Figures stop at {wording.moment(last, now)}" if last else "There are no figures yet"
    match connection.health:
        case Connection.Health.REFUSED:
            return Note("bad", f"{whose} was refused at {since}.", f"{until}; its campaigns can’t be changed.")
        case Connection.Health.BLOCKED:
            return Note(
                "bad", f"{whose} is blocked by {provider} since {since}.", f"{until}; its campaigns can’t be changed."
            )
        case Connection.Health.UNREACHABLE:
            showing = f"Showing figures from {wording.moment(last, now)}" if last else "There are no figures yet"
            behind = connection.client or f"“{connection.name}”"
            return Note("warn", f"Can’t reach {provider} for {behind} since {since}.", f"{showing}. We keep trying.")
        case _:
            return Note(
                "warn", f"{whose} gets answers that we don’t understand since {since}.", f"{until}. We keep trying."
            )


def _names(connections: Iterable[Connection]) -> str:
    return ", ".join(str(connection.client or connection.name) for connection in connections)
