"""The two clients: `Client` for threads, `AsyncClient` for an event loop. All they add to `sending` is the wire and
the waiting.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self, TypeVar

import httpx

from providers.calls import Call, Exchange
from providers.errors import ProviderError
from providers.secret import SecretText
from providers.sending import (
    ATTEMPTS,
    CONNECT_TIMEOUT,
    READ_TIMEOUT,
    USER_AGENT,
    Lost,
    Pause,
    Reply,
    Sending,
    Wire,
    lost,
)

T = TypeVar("T")


class Client:
    """Sends calls to one provider with one key, from any number of threads.

    `transport` is the wire (a `Gated` one waits for the lane); without it httpx's own is used. `on_exchange` is told
    of every HTTP exchange in the calling thread and must not raise. `send` raises the family of `errors` and nothing
    of httpx.
    """

    def __init__(
        self,
        wire: Wire,
        key: SecretText,
        *,
        base_url: str = "",
        transport: httpx.BaseTransport | None = None,
        on_exchange: Callable[[Exchange], None] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        connect_timeout: float = CONNECT_TIMEOUT,
        read_timeout: float = READ_TIMEOUT,
        user_agent: str = USER_AGENT,
        attempts: int = ATTEMPTS,
    ) -> None:
        self._sending = Sending(
            wire,
            key,
            base_url,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            user_agent=user_agent,
            on_exchange=on_exchange,
            attempts=attempts,
        )
        self._http = httpx.Client(auth=wire.auth(key), transport=transport, follow_redirects=False)
        self._sleep = sleep

    def send(self, call: Call[T]) -> T:
        """The result of the call, or an error named by what to do about it."""
        talk = self._sending.talk(call)
        reply: Reply = None
        while True:
            try:
                step = talk.send(reply)
            except StopIteration as done:
                return done.value
            if isinstance(step, Pause):
                self._sleep(step.seconds)
                reply = None
            else:
                reply = self._exchange(step)

    def _exchange(self, request: httpx.Request) -> Reply:
        # Errors are returned, not raised: an exception raised in an `except` block keeps the one of httpx, and its
        # URL, as its context.
        try:
            return self._http.send(request)
        except ProviderError as error:
            return error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return lost(error)
        except httpx.StreamError:
            return Lost("cut", sent=True)

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Client {self._sending.base_url}>"


class AsyncClient:
    """`Client` for one event loop. `on_exchange` is called in the loop and must neither raise nor wait."""

    def __init__(
        self,
        wire: Wire,
        key: SecretText,
        *,
        base_url: str = "",
        transport: httpx.AsyncBaseTransport | None = None,
        on_exchange: Callable[[Exchange], None] | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        connect_timeout: float = CONNECT_TIMEOUT,
        read_timeout: float = READ_TIMEOUT,
        user_agent: str = USER_AGENT,
        attempts: int = ATTEMPTS,
    ) -> None:
        self._sending = Sending(
            wire,
            key,
            base_url,
            connect_timeout=connect_timeout,
            read_timeout=read_timeout,
            user_agent=user_agent,
            on_exchange=on_exchange,
            attempts=attempts,
        )
        self._http = httpx.AsyncClient(auth=wire.auth(key), transport=transport, follow_redirects=False)
        self._sleep = sleep

    async def send(self, call: Call[T]) -> T:
        """The result of the call, or an error named by what to do about it."""
        talk = self._sending.talk(call)
        reply: Reply = None
        while True:
            try:
                step = talk.send(reply)
            except StopIteration as done:
                return done.value
            if isinstance(step, Pause):
                await self._sleep(step.seconds)
                reply = None
            else:
                reply = await self._exchange(step)

    async def _exchange(self, request: httpx.Request) -> Reply:
        try:
            return await self._http.send(request)
        except ProviderError as error:
            return error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return lost(error)
        except httpx.StreamError:
            return Lost("cut", sent=True)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<AsyncClient {self._sending.base_url}>"
