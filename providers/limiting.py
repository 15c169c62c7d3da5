"""How a client asks for permission to call: a limiter hands out slots, one per request.

The limiter of a connection is a lane (`operations.lanes`). The clients know only these protocols, so that they can be
used and tested without one.
"""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, contextmanager
from enum import IntEnum
from typing import Protocol

from providers.errors import LaneBusy

__all__ = ["AsyncLimiter", "AsyncSlot", "AsyncUnlimited", "LaneBusy", "Limiter", "Priority", "Slot", "Unlimited"]


class Priority(IntEnum):
    """Who leaves first on the next slot; inside a priority it is first come, first served."""

    PEOPLE = 0
    JOBS = 1
    BACKGROUND = 2


class Slot(Protocol):
    """The permission for one request. A slot whose block ends without `sent` was not used and is free again for others.

    None of its methods raises: what goes wrong in the limiter must not hide an answer.
    """

    def sent(self) -> None:
        """The bytes have left; later calls do nothing."""

    def answered(self, status: int, headers: Mapping[str, str], body: str = "") -> None:
        """The provider answered. `headers` finds its keys in any case; `body` is needed for a 429 only."""

    def failed(self) -> None:
        """No answer came: the connection was refused, was cut, or timed out."""


class AsyncSlot(Protocol):
    """`Slot` for the event loop. `sent` only starts the stamp, so it may be called where nothing may be awaited."""

    def sent(self) -> None: ...

    async def answered(self, status: int, headers: Mapping[str, str], body: str = "") -> None: ...

    async def failed(self) -> None: ...


class Limiter(Protocol):
    def slot(self, *, priority: Priority, category: str = "", patience: float) -> AbstractContextManager[Slot]:
        """Wait until a call may leave; raises `LaneBusy` at once when that is more than `patience` seconds away."""


class AsyncLimiter(Protocol):
    def slot(
        self, *, priority: Priority, category: str = "", patience: float
    ) -> AbstractAsyncContextManager[AsyncSlot]:
        """Wait until a call may leave; raises `LaneBusy` at once when that is more than `patience` seconds away."""


class _FreeSlot:
    def sent(self) -> None: ...

    def answered(self, status: int, headers: Mapping[str, str], body: str = "") -> None: ...

    def failed(self) -> None: ...


class _FreeAsyncSlot:
    def sent(self) -> None: ...

    async def answered(self, status: int, headers: Mapping[str, str], body: str = "") -> None: ...

    async def failed(self) -> None: ...


class Unlimited:
    """A limiter that never waits, for tests and for servers without a limit."""

    @contextmanager
    def slot(self, *, priority: Priority, category: str = "", patience: float) -> Iterator[Slot]:
        yield _FreeSlot()


class AsyncUnlimited:
    """`Unlimited` for the event loop."""

    @asynccontextmanager
    async def slot(self, *, priority: Priority, category: str = "", patience: float) -> AsyncIterator[AsyncSlot]:
        yield _FreeAsyncSlot()
