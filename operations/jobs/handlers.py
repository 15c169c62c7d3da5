"""What an upper room hangs in here for each kind of job."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from operations import audit
from operations.models import Job, JobItem, Write
from operations.registry import job_handlers

HandlerType = TypeVar("HandlerType", bound="type[JobHandler]")

Told = tuple[str, str, str]
"""The name of a field that differs, and how it is before and after, in words."""
Teller = Callable[[Mapping[str, Any], Mapping[str, Any]], list[Told]]


@dataclass(frozen=True)
class Planned:
    """One thing that a job is to change: how it is, how it is to be, and whose it is."""

    subject_type: str
    subject_id: str
    subject_label: str
    client_id: int | None
    connection_id: int | None
    before: Mapping[str, Any]
    wanted: Mapping[str, Any]
    expects: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of an item when it was begun: a change on its way (`write`), or an end."""

    state: str
    message: str = ""
    after: Mapping[str, Any] = field(default_factory=dict)
    changed: bool = False
    write: Write | None = None

    @classmethod
    def sent(cls, write: Write) -> "Outcome":
        return cls(JobItem.State.RUNNING, write=write)

    @classmethod
    def done(cls, after: Mapping[str, Any]) -> "Outcome":
        """Our own data was changed, in this very transaction."""
        return cls(JobItem.State.DONE, after=after, changed=True)

    @classmethod
    def nothing_to_do(cls, message: str) -> "Outcome":
        return cls(JobItem.State.DONE, message)

    @classmethod
    def failed(cls, message: str) -> "Outcome":
        return cls(JobItem.State.FAILED, message)


class JobHandler(ABC):
    """How one kind of job works on its items."""

    name: ClassVar[str]
    label: ClassVar[str]
    icon: ClassVar[str] = "activity"

    @abstractmethod
    def title(self, job: Job, count: int) -> str:
        """The heading of a job with that many items: "Pause 9 campaigns"."""

    @abstractmethod
    def subjects(self, items: Sequence[JobItem], user: Any) -> Mapping[int, Any]:
        """The subjects of these items by item key, those alone that `user` may see now and change."""

    @abstractmethod
    def begin(self, item: JobItem, subject: Any, actor: audit.Actor, now: datetime) -> Outcome:
        """Change our own data, or ask for a write; runs in the transaction that notes the item as begun."""

    def explain(self, write: Write) -> str:
        """Why the write of an item failed or waits, in words for people."""
        return write.message

    def undoes(self, job: Job) -> bool:
        """Whether what this job changed can be taken back."""
        return True

    def undo_wanted(self, item: JobItem) -> Mapping[str, Any]:
        """How the subject of a changed item is to be after an undo."""
        return item.before

    def tell(self, name: str, value: Any) -> str:
        """A value of before, wanted and after in words."""
        return str(value)

    def label_of(self, name: str) -> str:
        return name.replace("_", " ").capitalize()

    def teller(self, user: Any) -> Teller:
        """A function from before and wanted to what differs, in words that `user` may read; asked for once for many items."""

        def told(before: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[Told]:
            return [
                (self.label_of(name), self.tell(name, before.get(name)), self.tell(name, value))
                for name, value in wanted.items()
                if before.get(name) != value
            ]

        return told


def job_handler(handler: HandlerType) -> HandlerType:
    """Class decorator: make this kind of job known."""
    job_handlers.add(handler.name, handler())
    return handler
