"""Changes at the providers as Activity lists them, and the switch that stops them all."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F

from operations.models import Installation, Write
from operations.models.writes import WriteQuerySet
from operations.telling import columns_of, tell_write, words_of

CHANGES_PER_PAGE = 50
MOST_CHANGES = 5_000
STATES = {"": "All", "open": "Not settled", "done": "Done", "failed": "Failed"}
AFTER_THE_CALL = (Write.State.SENDING, Write.State.UNKNOWN)


@dataclass(frozen=True)
class ChangeRow:
    """One change, in the words of the interface."""

    write: Write

    @property
    def what(self) -> str:
        """Reads "Pause" while it is wanted, "Paused" once it is done, "Pause failed"."""
        return tell_write(self.write).title

    @property
    def by(self) -> str:
        return self.write.actor_label or self.write.get_origin_display()

    @property
    def state(self) -> str:
        """The status word's shape: draft (waits), pending (is being checked), completed, failed."""
        if self.write.state in AFTER_THE_CALL:
            return "pending"
        return {Write.State.PENDING: "draft", Write.State.DONE: "completed"}.get(
            Write.State(self.write.state), "failed"
        )

    @property
    def word(self) -> str:
        if self.write.state in AFTER_THE_CALL:
            return "Being checked"
        return {"draft": "Waiting", "completed": "Done"}.get(self.state, "Failed")

    @property
    def moves(self) -> bool:
        return not self.write.is_settled

    @property
    def settled_in(self) -> timedelta | None:
        return self.write.settled_at - self.write.created_at if self.write.settled_at else None

    @property
    def fields(self) -> list[tuple[str, list[str]]]:
        """Each field that the change is about: its label, and how it was, what was wanted, what the provider said after."""
        return columns_of(words_of(self.write.kind), self.write.before, self.write.payload, self.write.after)

    @property
    def differences(self) -> list[Mapping[str, Any]]:
        return [one for one in self.write.differences if isinstance(one, dict)]


def visible_changes(user: Any, state: str) -> WriteQuerySet:
    """The changes that the reader may see, in this state: unsettled ones first, then those that ended last. An unknown state
    holds none.
    """
    changes = Write.objects.visible_to(user)
    if state not in STATES:
        return changes.none()
    if state == "open":
        changes = changes.unsettled()
    elif state:
        changes = changes.filter(state=state)
    return changes.select_related("connection").order_by(F("settled_at").desc(nulls_first=True), "-created_at", "-pk")


def change_rows(writes: Iterable[Write]) -> list[ChangeRow]:
    return [ChangeRow(write) for write in writes]


@dataclass(frozen=True)
class Stopped:
    """All changes of the installation are stopped: since when, and by whom."""

    since: datetime
    by: str


def changes_stopped() -> Stopped | None:
    """None while changes may be made. One query; reads only, so that a page does not create the installation's row."""
    row = Installation.objects.filter(writes_stopped_at__isnull=False).select_related("writes_stopped_by").first()
    if row is None or row.writes_stopped_at is None:
        return None
    return Stopped(row.writes_stopped_at, str(row.writes_stopped_by or ""))
