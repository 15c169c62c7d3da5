"""What an upper room hangs in here for each kind of change that it makes at a provider."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, ClassVar, Generic, TypeVar

from operations.models import Write
from operations.registry import write_kinds
from providers.calls import Call
from providers.ports import Provider
from providers.records import Difference

R = TypeVar("R")
KindType = TypeVar("KindType", bound="type[WriteKind[Any]]")


class WriteKind(ABC, Generic[R]):
    """How one kind of change is sent, read back, and judged. The payload of a write is plain JSON without secrets."""

    name: ClassVar[str]
    label: ClassVar[str]
    looks_first: ClassVar[bool] = False
    """Whether the remote state is read before anything is sent, and what changed there since the page was opened refuses."""
    reads_refusals: ClassVar[bool] = False
    """Whether the remote state is read after a refusal as well, and stored, before the write fails with the reason."""
    repeats_after_look: ClassVar[bool] = False
    """Whether a change that must not be sent twice blindly may be sent again where two looks after a lost answer, some time
    apart, have found what was there before it (`conflict`)."""

    @abstractmethod
    def call(self, provider: Provider, write: Write) -> Call[Any]:
        """The change itself. Only a call that is `repeatable` is sent again after a read-back that shows the old state."""

    @abstractmethod
    def read_back(self, provider: Provider, write: Write) -> Call[R]:
        """The read that shows whether the change was made."""

    @abstractmethod
    def compare(self, write: Write, read: R) -> Sequence[Difference]:
        """What the provider says otherwise than was written; empty: the change is made."""

    def look(self, provider: Provider, write: Write) -> Sequence[Call[Any]]:
        """The reads that `looks_first` makes; what they tell is given to `seen`, `conflict` and `already`, in this order."""
        return (self.read_back(provider, write),)

    def seen(self, write: Write, *reads: Any) -> Mapping[str, Any]:
        """What of the look belongs into the payload, whatever follows from it."""
        return {}

    def conflict(self, write: Write, *reads: Any) -> Sequence[Difference]:
        """What the provider holds otherwise than when the page was opened (`looks_first`); empty: go on."""
        return ()

    def already(self, write: Write, *reads: Any) -> bool:
        """Whether the look shows that nothing is left to be sent; the write is done then."""
        return False

    def patience(self, write: Write) -> timedelta | None:
        """How long a key that is refused, a provider that is down and changes that are stopped make this change wait instead
        of failing: for what must not be left in the middle. None: it fails.
        """
        return None

    def store_look(self, write: Write, *reads: Any) -> None:
        """As `store`, where the look alone settles the write."""
        self.store(write, reads[0])

    def rest(self, write: Write, read: R) -> Mapping[str, Any] | None:
        """Where a change goes out in several calls and the read-back shows that some of them were made: what to put into the
        payload so that the others alone are sent. None: nothing of it was made, or it is one call.
        """
        return None

    def told(self, write: Write, answer: Any) -> Mapping[str, Any]:
        """What of the answer to the change belongs into the payload, such as the id of what was made."""
        return {}

    def settled(self, write: Write) -> None:
        """What follows from the end of this write, whatever it is; runs in the transaction that settles it."""

    def is_audited(self, write: Write) -> bool:
        """Whether the end of this write is a change of its own in the audit trail."""
        return True

    @abstractmethod
    def store(self, write: Write, read: R) -> None:
        """Take what the provider now says into our rows; runs in the transaction that settles the write."""


def write_kind(kind: KindType) -> KindType:
    """Class decorator: make this kind of write known."""
    write_kinds.add(kind.name, kind())
    return kind
