"""The wire under the clients of an event loop that many lanes share.

httpcore's pool looks through all its connections at each request, which on a loop with a hundred lanes costs more than
the call itself; aiohttp's does not. What httpx-aiohttp leaves open is put right here.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Any

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

Trace = Callable[[str, Mapping[str, Any]], Awaitable[None]]

_trace: ContextVar["Trace | None"] = ContextVar("trace", default=None)


class LoopTransport(AiohttpTransport):
    """httpx over aiohttp that speaks the `trace` extension, never sends twice, and tells "not sent" from "no answer".

    One instance serves all clients of a loop, so closing a client leaves it open; `shutdown` closes it.
    """

    def __init__(self, *, verify: bool = True, keepalive: float = 30.0) -> None:
        super().__init__(verify=verify)
        self._keepalive = keepalive
        self.client = self._open

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        token = _trace.set(request.extensions.get("trace"))
        try:
            response = await super().handle_async_request(request)
        except (aiohttp.ClientError, httpx.TransportError) as error:
            raise _renamed(error, request) from None
        finally:
            _trace.reset(token)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _Body(response.stream, request)
        return response

    async def aclose(self) -> None:
        """Do nothing: other clients go on using the connections."""

    async def shutdown(self) -> None:
        """Close every connection; run it on the loop itself, as its last act."""
        await super().aclose()

    def _open(self) -> aiohttp.ClientSession:
        tracing = aiohttp.TraceConfig()
        tracing.on_request_headers_sent.append(_headers_sent)
        tracing.on_request_chunk_sent.append(_chunk_sent)
        return aiohttp.ClientSession(
            # The lanes limit the calls: a limit of the pool would only delay what they have let through.
            connector=aiohttp.TCPConnector(
                limit=0, ssl=self.ssl_context, keepalive_timeout=self._keepalive, ttl_dns_cache=300
            ),
            # One jar for all connections would hand one client's cookies to another.
            cookie_jar=aiohttp.DummyCookieJar(),
            trace_configs=[tracing],
            middlewares=[_send_once],
        )


class _Cut(aiohttp.ClientError):
    """The connection broke after the request may have left."""


class _Body(httpx.AsyncByteStream):
    def __init__(self, inner: httpx.AsyncByteStream, request: httpx.Request) -> None:
        self._inner = inner
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._inner:
                yield chunk
        except httpx.ReadTimeout:
            raise httpx.ReadTimeout("The answer stopped halfway.", request=self._request) from None
        except httpx.TransportError:
            raise httpx.ReadError("The answer was cut off.", request=self._request) from None

    async def aclose(self) -> None:
        await self._inner.aclose()


# aiohttp tells both just before it writes, in the same turn of the loop: the stamp may be started there, not awaited. The
# head of a request with a body is held back until the body is written.
async def _headers_sent(
    session: aiohttp.ClientSession, context: SimpleNamespace, params: aiohttp.TraceRequestHeadersSentParams
) -> None:
    if trace := _trace.get():
        await trace("http11.send_request_headers.started", {})
        if params.headers.get("Content-Length", "0") == "0" and "Transfer-Encoding" not in params.headers:
            await trace("http11.send_request_body.complete", {})


async def _chunk_sent(
    session: aiohttp.ClientSession, context: SimpleNamespace, params: aiohttp.TraceRequestChunkSentParams
) -> None:
    if trace := _trace.get():
        await trace("http11.send_request_body.complete", {})


async def _send_once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    # aiohttp sends GET, PUT and DELETE again by itself, past the gate, when a kept connection turns out to be dead.
    try:
        return await handler(request)
    except (aiohttp.ClientConnectorError, aiohttp.ServerTimeoutError):
        raise
    except (aiohttp.ClientConnectionError, ConnectionError) as error:
        raise _Cut(type(error).__name__) from None


def _renamed(error: Exception, request: httpx.Request) -> httpx.TransportError:
    """The httpx error that says what happened. aiohttp's own words are dropped: they hold the whole URL, key included.

    httpx-aiohttp calls a refused connection, and one cut after the request, a ConnectTimeout
    (httpx_aiohttp/transport.py, AIOHTTP_EXC_MAP: the first match wins).
    """
    if isinstance(error, _Cut):
        return httpx.ReadError("The connection was cut before the answer came.", request=request)
    if isinstance(error, aiohttp.ClientResponseError):
        return httpx.RemoteProtocolError("The answer is not HTTP.", request=request)
    if isinstance(error, aiohttp.InvalidURL | httpx.UnsupportedProtocol):
        return httpx.UnsupportedProtocol("The address is not a web address.", request=request)
    if isinstance(error.__cause__, aiohttp.ClientProxyConnectionError | aiohttp.ClientHttpProxyError):
        return httpx.ProxyError("The proxy cannot be reached or refuses.", request=request)
    if isinstance(error.__cause__, aiohttp.ClientConnectorError):
        return httpx.ConnectError("The connection was refused or could not be made.", request=request)
    if isinstance(error.__cause__, aiohttp.ConnectionTimeoutError):
        return httpx.ConnectTimeout("No connection in time.", request=request)
    if isinstance(error.__cause__, aiohttp.ServerTimeoutError):
        return httpx.ReadTimeout("No answer in time.", request=request)
    return httpx.ReadError("The exchange broke off.", request=request)
