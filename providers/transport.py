"""httpx transports that let every request through a lane.

What a client may put into `request.extensions`:
  category   which of the plan's windows the call counts in, besides those of the key ("read", "leads", …)
  attempts   a list: one `Attempt` is appended for each request that went out or failed on its way, refused ones too
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from providers.limiting import AsyncLimiter, AsyncSlot, Limiter, Priority, Slot

TRIES = 3

# Our own doing: the request never got near the provider, so it says nothing about the provider's health.
_OURS = (httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.LocalProtocolError)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One exchange as it was on the wire: without the wait for the slot, which is told apart."""

    started_at: datetime
    waited: float
    took: float
    status: int | None
    error: httpx.TransportError | None = None


class Gated(httpx.BaseTransport):
    """Waits for a slot of the lane, sends, tells the lane what came of it, and repeats what was refused with 429.

    A refused request was not carried out, so repeating it is safe for writes too. A repetition that cannot leave within
    `patience` seconds of the beginning raises `LaneBusy` with the known wait; after `tries` refusals the last 429 is
    returned.
    """

    def __init__(
        self,
        inner: httpx.BaseTransport,
        limiter: Limiter,
        priority: Priority = Priority.PEOPLE,
        patience: float = 3.0,
        *,
        tries: int = TRIES,
    ) -> None:
        self.inner = inner
        self.limiter = limiter
        self.priority = priority
        self.patience = patience
        self.tries = tries

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        began = time.monotonic()
        for attempt in range(1, self.tries + 1):
            asked = time.monotonic()
            patience = max(0.0, began + self.patience - asked)
            category = _category(request)
            with self.limiter.slot(priority=self.priority, category=category, patience=patience) as slot:
                exchange = _Exchange(request, waited=time.monotonic() - asked)
                response = self._exchange(request, slot, exchange)
            if response.status_code != httpx.codes.TOO_MANY_REQUESTS:
                slot.answered(response.status_code, response.headers)
                return response
            response, body = _read(response)
            slot.answered(response.status_code, response.headers, body)
            if attempt == self.tries:
                break
        return response

    def _exchange(self, request: httpx.Request, slot: Slot, exchange: "_Exchange") -> httpx.Response:
        def trace(event: str, info: Mapping[str, Any]) -> None:
            exchange.trace(event, info, slot.sent)

        request.extensions["trace"] = trace
        try:
            response = self.inner.handle_request(request)
        except httpx.TransportError as error:
            if exchange.departing:
                slot.sent()
            exchange.ended(None, error)
            if not isinstance(error, _OURS):
                slot.failed()
            raise
        except BaseException:
            # Stopped from outside on the way: if bytes may have left, the slot is used.
            if exchange.departing:
                slot.sent()
            raise
        slot.sent()
        exchange.ended(response.status_code)
        return response

    def close(self) -> None:
        self.inner.close()


class AsyncGated(httpx.AsyncBaseTransport):
    """`Gated` for the event loop. Under it lies httpx's own transport or, on a loop of many lanes, `LoopTransport`."""

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        limiter: AsyncLimiter,
        priority: Priority = Priority.BACKGROUND,
        patience: float = 10.0,
        *,
        tries: int = TRIES,
    ) -> None:
        self.inner = inner
        self.limiter = limiter
        self.priority = priority
        self.patience = patience
        self.tries = tries

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        began = time.monotonic()
        for attempt in range(1, self.tries + 1):
            asked = time.monotonic()
            patience = max(0.0, began + self.patience - asked)
            category = _category(request)
            async with self.limiter.slot(priority=self.priority, category=category, patience=patience) as slot:
                exchange = _Exchange(request, waited=time.monotonic() - asked)
                response = await self._exchange(request, slot, exchange)
            if response.status_code != httpx.codes.TOO_MANY_REQUESTS:
                await slot.answered(response.status_code, response.headers)
                return response
            response, body = await _aread(response)
            await slot.answered(response.status_code, response.headers, body)
            if attempt == self.tries:
                break
        return response

    async def _exchange(self, request: httpx.Request, slot: AsyncSlot, exchange: "_Exchange") -> httpx.Response:
        async def trace(event: str, info: Mapping[str, Any]) -> None:
            exchange.trace(event, info, slot.sent)

        request.extensions["trace"] = trace
        try:
            response = await self.inner.handle_async_request(request)
        except httpx.TransportError as error:
            if exchange.departing:
                slot.sent()
            exchange.ended(None, error)
            if not isinstance(error, _OURS):
                await slot.failed()
            raise
        except BaseException:
            # Stopped from outside on the way: if bytes may have left, the slot is used.
            if exchange.departing:
                slot.sent()
            raise
        slot.sent()
        exchange.ended(response.status_code)
        return response

    async def aclose(self) -> None:
        await self.inner.aclose()


class _Exchange:
    """Follows one request on its way out."""

    def __init__(self, request: httpx.Request, *, waited: float) -> None:
        self.departing = False
        self._attempts = request.extensions.get("attempts")
        self._waited = waited
        self._started_at = datetime.now(UTC)
        self._started = time.monotonic()

    def trace(self, event: str, info: Mapping[str, Any], sent: Callable[[], None]) -> None:
        """Take note of an event of httpcore's trace extension (or of `LoopTransport`, which speaks the same words)."""
        if event.endswith("send_request_headers.started"):
            # A CONNECT goes to a proxy and opens the tunnel; the real request follows on it.
            self.departing = getattr(info.get("request"), "method", b"") != b"CONNECT"
        elif event.endswith("send_request_body.complete") and self.departing:
            sent()

    def ended(self, status: int | None, error: httpx.TransportError | None = None) -> None:
        if isinstance(self._attempts, list):
            took = time.monotonic() - self._started
            self._attempts.append(Attempt(self._started_at, self._waited, took, status, error))


def _category(request: httpx.Request) -> str:
    return str(request.extensions.get("category", ""))


def _read(response: httpx.Response) -> tuple[httpx.Response, str]:
    """Return the response with its body read, and that as text. A broken body does not hide the refusal itself."""
    try:
        response.read()
    except httpx.HTTPError:
        response = httpx.Response(response.status_code, headers=_without_body(response.headers))
    return response, response.text


async def _aread(response: httpx.Response) -> tuple[httpx.Response, str]:
    try:
        await response.aread()
    except httpx.HTTPError:
        response = httpx.Response(response.status_code, headers=_without_body(response.headers))
    return response, response.text


def _without_body(headers: httpx.Headers) -> httpx.Headers:
    kept = headers.copy()
    for name in ("content-length", "content-encoding", "transfer-encoding"):
        kept.pop(name, None)
    return kept
