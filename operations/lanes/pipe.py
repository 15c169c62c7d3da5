"""A loop's way to Redis: one connection, everything that is asked in one turn of the loop written at the turn's end.

The gate lies on the way of every call, and how late a stamp reaches it is lost from the limit. redis-py's pipeline needs half
a dozen turns of the loop per message and waits for one answer before it sends the next; on a busy loop that was most of the
lateness (200 lanes, 2 processes: stamps 12 ms late at the median), and a sixth of a worker's CPU.
"""

import asyncio
import ssl
from collections import deque
from typing import Any

from redis.asyncio.connection import SSLConnection, parse_url
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import InvalidResponse, NoScriptError, RedisError, ResponseError
from redis.exceptions import TimeoutError as NoAnswer

TIMEOUT = 2.0
"""Seconds without an answer after which Redis counts as away; also how long connecting may take."""


class Pipe:
    """Sends commands and hands out futures for their answers, which end with a `RedisError` when Redis is away.

    It connects when it is first used, and again after the connection was lost; what was under way then is not sent again.
    """

    def __init__(self, url: str) -> None:
        self._options: dict[str, Any] = dict(parse_url(url))
        self._outbox: list[tuple[bytes, asyncio.Future[Any]]] = []
        self._line: _Line | None = None
        self._connecting: asyncio.Task[None] | None = None
        self._closed = False

    def call(self, *arguments: str | int | bytes) -> "asyncio.Future[Any]":
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Any] = loop.create_future()
        # Nobody may be waiting for it: an error that is not looked at is no news.
        answer.add_done_callback(_look_at)
        self._outbox.append((pack(arguments), answer))
        if len(self._outbox) == 1 and self._connecting is None:
            loop.call_soon(self._flush)
        return answer

    async def aclose(self) -> None:
        """Send what waits, hear its answers, and hang up."""
        if self._connecting is not None:
            await asyncio.wait({self._connecting})
        self._flush()
        if self._line is not None:
            if waiting := [answer for answer in self._line.expected if not answer.done()]:
                await asyncio.wait(waiting, timeout=TIMEOUT)
            self._line.hang_up(ConnectionLost("closed"))

    def _flush(self) -> None:
        if not self._outbox:
            return
        if self._line is None or self._line.lost:
            if self._connecting is None:
                self._connecting = asyncio.get_running_loop().create_task(self._connect())
            return
        outbox, self._outbox = self._outbox, []
        self._line.send(outbox)

    async def _connect(self) -> None:
        failure: RedisError | None = None
        try:
            async with asyncio.timeout(TIMEOUT):
                self._line = await self._open()
        except TimeoutError:
            failure = NoAnswer("connecting took too long")
        except OSError as error:
            failure = ConnectionLost(str(error))
        except RedisError as error:
            failure = error
        finally:
            self._connecting = None
        if failure is not None:
            outbox, self._outbox = self._outbox, []
            _fail([answer for _, answer in outbox], failure)
        self._flush()

    async def _open(self) -> "_Line":
        options = self._options
        loop = asyncio.get_running_loop()
        if "path" in options:
            _, line = await loop.create_unix_connection(_Line, options["path"])
        else:
            host, port = options.get("host", "localhost"), int(options.get("port", 6379))
            _, line = await loop.create_connection(_Line, host, port, ssl=_ssl_context(options))
        greeting: list[tuple[str, ...]] = []
        if password := options.get("password"):
            username = options.get("username")
            greeting.append(("AUTH", username, password) if username else ("AUTH", password))
        if database := int(options.get("db", 0)):
            greeting.append(("SELECT", str(database)))
        try:
            for command in greeting:
                answer: asyncio.Future[Any] = loop.create_future()
                answer.add_done_callback(_look_at)
                line.send([(pack(command), answer)])
                await answer
        except BaseException:
            line.hang_up(ConnectionLost("refused"))
            raise
        return line


class _Line(asyncio.Protocol):
    """One connection: answers come in the order of the commands."""

    def __init__(self) -> None:
        self.expected: deque[asyncio.Future[Any]] = deque()
        self.lost = False
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._heard_at = 0.0
        self._watch: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def send(self, commands: list[tuple[bytes, "asyncio.Future[Any]"]]) -> None:
        if self.lost or self._transport is None:
            _fail([answer for _, answer in commands], ConnectionLost("the connection is gone"))
            return
        if not self.expected:
            loop = asyncio.get_running_loop()
            self._heard_at = loop.time()
            if self._watch is None:
                self._watch = loop.call_later(TIMEOUT, self._look_after)
        self.expected.extend(answer for _, answer in commands)
        self._transport.write(b"".join(packed for packed, _ in commands))

    def data_received(self, data: bytes) -> None:
        self._heard_at = asyncio.get_running_loop().time()
        buffer = self._buffer + data
        position = 0
        try:
            while position < len(buffer):
                value, position = parse(buffer, position)
                answer = self.expected.popleft()
                if answer.done():
                    continue
                if isinstance(value, RedisError):
                    answer.set_exception(value)
                else:
                    answer.set_result(value)
        except Incomplete:
            pass
        except (InvalidResponse, IndexError) as error:
            self.hang_up(ConnectionLost(f"the answer makes no sense: {error}"))
        self._buffer = buffer[position:]

    def connection_lost(self, error: Exception | None) -> None:
        self.hang_up(ConnectionLost(str(error or "Redis hung up")))

    def hang_up(self, reason: RedisError) -> None:
        self.lost = True
        if self._transport is not None:
            self._transport.abort()
        if self._watch is not None:
            self._watch.cancel()
        expected, self.expected = self.expected, deque()
        _fail(list(expected), reason)

    def _look_after(self) -> None:
        """Redis answers in order, so it is away when something is expected and nothing was heard for so long."""
        self._watch = None
        if not self.expected or self.lost:
            return
        loop = asyncio.get_running_loop()
        silent_until = self._heard_at + TIMEOUT
        if loop.time() >= silent_until:
            self.hang_up(NoAnswer(f"no answer for {TIMEOUT:g} s"))
        else:
            self._watch = loop.call_at(silent_until, self._look_after)


class Incomplete(Exception):
    """The rest of the answer is still on its way."""


def pack(arguments: tuple[str | int | bytes, ...]) -> bytes:
    parts = [b"*%d\r\n" % len(arguments)]
    for argument in arguments:
        data = argument if isinstance(argument, bytes) else str(argument).encode()
        parts.append(b"$%d\r\n%b\r\n" % (len(data), data))
    return b"".join(parts)


def parse(buffer: bytes, position: int) -> tuple[Any, int]:
    """Return the answer that begins there, and where the next one begins (https://redis.io/docs/latest/develop/reference/protocol-spec/)."""
    end = buffer.find(b"\r\n", position)
    if end < 0:
        raise Incomplete
    kind, text, position = buffer[position : position + 1], buffer[position + 1 : end], end + 2
    if kind == b":":
        return int(text), position
    if kind == b"$":
        length = int(text)
        if length < 0:
            return None, position
        if len(buffer) < position + length + 2:
            raise Incomplete
        return buffer[position : position + length], position + length + 2
    if kind == b"*":
        values = []
        for _ in range(int(text)):
            value, position = parse(buffer, position)
            values.append(value)
        return values, position
    if kind == b"+":
        return text, position
    if kind == b"-":
        words = text.decode(errors="replace")
        return (NoScriptError(words) if words.startswith("NOSCRIPT") else ResponseError(words)), position
    raise InvalidResponse(repr(kind))


def _ssl_context(options: dict[str, Any]) -> ssl.SSLContext | None:
    if options.get("connection_class") is not SSLConnection:
        return None
    context = ssl.create_default_context(cafile=options.get("ssl_ca_certs"))
    if options.get("ssl_cert_reqs") == "none":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if certificate := options.get("ssl_certfile"):
        context.load_cert_chain(certificate, options.get("ssl_keyfile"))
    return context


def _fail(answers: "list[asyncio.Future[Any]]", reason: RedisError) -> None:
    for answer in answers:
        if not answer.done():
            answer.set_exception(reason)


def _look_at(answer: "asyncio.Future[Any]") -> None:
    if not answer.cancelled():
        answer.exception()
