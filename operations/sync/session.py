"""What the engine needs of an opened connection. accounts provides it, because it alone can open keys."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from operations.sync.steps import SyncScope
from providers.calls import Call, Exchange
from providers.errors import ProviderError

T = TypeVar("T")


class SyncSession(Protocol):
    """One connection opened for background work, on the process's shared event loop."""

    connection_id: int

    def scope(self, now: datetime) -> SyncScope: ...

    async def send(self, call: Call[T]) -> T:
        """Send through the lane with background priority; raises the ProviderError family."""
        ...

    def take_exchanges(self) -> Sequence[Exchange]:
        """The HTTP exchanges since the last time, for the call log."""
        ...

    def learn(self, facts: Mapping[str, Any]) -> None:
        """Remember what was found out about this connection."""
        ...

    def succeeded(self, now: datetime) -> None:
        """The provider answered well: the connection's health says so."""
        ...

    def failed(self, error: ProviderError, now: datetime) -> None:
        """A run ended with this error: the connection's health says why."""
        ...


class Opener(Protocol):
    def __call__(self, connection_id: int) -> SyncSession:
        """Open the connection; raises ProviderError if its key can't be opened."""
        ...
