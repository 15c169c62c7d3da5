"""How a call is carried out, without the wire: requests out, answers in, errors and repeats decided here once for both
clients.
"""

import logging
import random
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Generic, Literal, Protocol, TypeVar, cast
from urllib.parse import quote, quote_plus

import httpx

from providers import VERSION
from providers.calls import NO_BODY, Answer, Call, Exchange
from providers.errors import (
    NO_ROUTE,
    NotFound,
    ProviderError,
    ProviderUnavailable,
    RequestRefused,
    UnexpectedResponse,
    UnknownOutcome,
)
from providers.secret import SecretText
from providers.transport import Attempt

T = TypeVar("T")

USER_AGENT = f"Quarterdeck/{VERSION}"
CONNECT_TIMEOUT = 1.8
"""Below the shortest window of a lane (2 s): a call that waits longer to connect would leave in a window it was not
counted in."""
READ_TIMEOUT = 30.0
ATTEMPTS = 3
BACKOFF = 0.5
LONGEST_PAUSE = 10.0
REDIRECTS = 3
PARTS_WITHIN = 3.0  # seconds; the longest exchange still fits into the lease of a write after that (0008)

REPEATED_STATUSES = frozenset({502, 503, 504, 520, 521, 522, 523, 524})


class _NoUrls(logging.Filter):
    """Lets warnings pass and nothing below: a filter outlives a later `setLevel`."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING


# httpx logs whole URLs at INFO, and Smartlead's URLs carry the API key; httpcore logs headers at DEBUG, Location among
# them.
for _name in (
    "httpx",
    "httpcore",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
):
    logging.getLogger(_name).setLevel(logging.WARNING)
    logging.getLogger(_name).addFilter(_NoUrls())


class Wire(Protocol):
    """What a client must know of a provider to talk to it."""

    @property
    def default_base_url(self) -> str: ...

    def auth(self, key: SecretText) -> httpx.Auth:
        """Puts the key on every request: the one place that does."""

    def judge(self, call: Call[Any], answer: Answer) -> ProviderError | None:
        """The error that an answer means, None where it is a success."""


@dataclass(frozen=True, slots=True)
class Pause:
    seconds: float


@dataclass(frozen=True, slots=True)
class Lost:
    """No answer came. `sent` is False only where it is certain that nothing left."""

    failure: Literal["connect", "timeout", "cut", "address", "garbled"]
    sent: bool


Reply = httpx.Response | Lost | ProviderError | None
Talk = Generator[httpx.Request | Pause, Reply, T]


def lost(error: httpx.HTTPError | httpx.InvalidURL) -> Lost:
    """What an exception of httpx means. The exception itself carries the URL with the key and is never passed on."""
    match error:
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.PoolTimeout() | httpx.ProxyError():
            return Lost("connect", sent=False)
        case httpx.UnsupportedProtocol() | httpx.InvalidURL():
            return Lost("address", sent=False)
        case httpx.TimeoutException():
            return Lost("timeout", sent=True)
        case httpx.DecodingError():
            return Lost("garbled", sent=True)
        case _:
            return Lost("cut", sent=True)


_LOST_WORDS = {
    "connect": "could not be reached",
    "timeout": "did not answer in time",
    "cut": "broke the connection before it had answered",
    "address": "cannot be reached under this address",
    "garbled": "sent an answer that cannot be decoded",
}


def lost_error(call: Call[Any], loss: Lost) -> ProviderError:
    """The error that a lost exchange means for this call."""
    message = f"The provider {_LOST_WORDS[loss.failure]}."
    if not loss.sent:
        return ProviderUnavailable(message, code=loss.failure)
    if not call.is_read:
        return UnknownOutcome(f"{message} Whether the change was made is not known.", code=loss.failure)
    if loss.failure == "garbled":
        return UnexpectedResponse(message, code=loss.failure)
    return ProviderUnavailable(message, code=loss.failure)


def retry_after(answer: Answer, now: datetime) -> float | None:
    """Seconds that the `Retry-After` header asks for, as a number or an HTTP date; None where it is absent or
    nonsense.
    """
    value = answer.headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            when = parsedate_to_datetime(value)
        except ValueError:
            return None
        seconds = (when.replace(tzinfo=when.tzinfo or UTC) - now).total_seconds()
    return max(0.0, seconds) if seconds < 1e9 else None  # also refuses NaN, which compares with nothing


@dataclass(frozen=True, slots=True)
class Settled(Generic[T]):
    """What became of one attempt. `again` is the least wait in seconds before the next, None where there must be
    none.
    """

    value: T | None = None
    error: ProviderError | None = None
    again: float | None = None


def settle(call: Call[T], answer: Answer, wire: Wire, now: datetime) -> Settled[T]:
    """The result that an answer holds, or the error it means."""
    error = wire.judge(call, answer)
    if error is None:
        try:
            return Settled(call.parse(answer))
        except ProviderError as unreadable:
            error = unreadable
    if not call.is_read and answer.status < 300 and isinstance(error, UnexpectedResponse | NotFound):
        # A write that was accepted in words we do not understand may well have been done.
        message = f"{error.message} Whether the change was made is not known."
        error = UnknownOutcome(message, status=answer.status, code=error.code)
    repeated = isinstance(error, ProviderUnavailable | UnknownOutcome) and (
        answer.status in REPEATED_STATUSES or (answer.status == 500 and call.is_read)
    )
    return Settled(error=error, again=(retry_after(answer, now) or 0.0) if repeated else None)


def scrub(error: ProviderError, key: str) -> ProviderError:
    """`error` without the key, which a provider may echo in its message."""
    if key:
        for form in {key, quote(key, safe=""), quote_plus(key)}:
            error.message = error.message.replace(form, "[key]")
            error.code = error.code.replace(form, "[key]")
            error.args = tuple(arg.replace(form, "[key]") if isinstance(arg, str) else arg for arg in error.args)
            if isinstance(error, RequestRefused):
                error.field = error.field.replace(form, "[key]")
    return error


class Sending:
    """Carries calls out as talks: generators that yield requests and pauses, and are sent answers."""

    def __init__(
        self,
        wire: Wire,
        key: SecretText,
        base_url: str,
        *,
        connect_timeout: float,
        read_timeout: float,
        user_agent: str,
        on_exchange: Callable[[Exchange], None] | None,
        attempts: int,
    ) -> None:
        self.wire = wire
        self.key = key
        self.base_url = (base_url or wire.default_base_url).rstrip("/")
        url = httpx.URL(self.base_url)
        if url.scheme not in ("http", "https") or not url.host or url.userinfo or url.query:
            raise ValueError("The base URL must be http(s)://host/path and nothing more.")
        self.timeout = httpx.Timeout(read_timeout, connect=connect_timeout)
        self.user_agent = user_agent
        self.on_exchange = on_exchange
        self.attempts = attempts

    def talk(self, call: Call[T]) -> Talk[T]:
        """The whole of one call: repeats, other forms where this one is refused, and what follows it."""
        first: ProviderError | None = None
        while True:
            try:
                result = yield from self._attempts(call)
                break
            except (RequestRefused, NotFound) as refusal:
                # What the form we believe in was refused for says more than what happened to the others, unless that
                # form is not known there at all.
                if first is None or (isinstance(first, RequestRefused) and first.code == NO_ROUTE):
                    first = refusal
                other = call.otherwise(refusal) if call.otherwise and isinstance(refusal, RequestRefused) else None
            if other is None:
                raise first
            call = other
        begun, parts = time.monotonic(), len(call.followed_by) + 1
        for done, following in enumerate(call.followed_by, start=1):
            if time.monotonic() - begun > PARTS_WITHIN:
                raise UnknownOutcome(f"Only {done} of {parts} parts were sent in time.")
            try:
                yield from self._attempts(following)
            except ProviderError as error:
                raise UnknownOutcome(
                    f"Only {done} of {parts} parts were done: {error.message}", status=error.status
                ) from None
        return result

    def _attempts(self, call: Call[T]) -> Talk[T]:
        unknown: UnknownOutcome | None = None
        attempt = 1
        while True:
            settled = yield from self._attempt(call, attempt)
            error = settled.error
            if error is None:
                return cast(T, settled.value)
            if isinstance(error, UnknownOutcome):
                unknown = error
            pause = self._pause(call, attempt, settled.again)
            if pause is None:
                # Once an answer to a write was lost, no later refusal says that nothing was changed.
                raise unknown or error
            yield Pause(pause)
            attempt += 1

    def _pause(self, call: Call[Any], attempt: int, again: float | None) -> float | None:
        """Seconds until the next attempt, None where there is none."""
        if again is None or not call.repeatable or attempt >= self.attempts or again > LONGEST_PAUSE:
            return None
        backoff = BACKOFF * 2 ** (attempt - 1) * random.uniform(1, 2)  # noqa: S311  jitter, no secret
        return max(again, backoff)

    def _attempt(self, call: Call[T], attempt: int) -> Talk[Settled[T]]:
        url = httpx.URL(self.base_url + call.path, params=call.query or None)
        for _ in range(REDIRECTS + 1):
            tries: list[Attempt] = []
            started_at, start = datetime.now(UTC), time.perf_counter()
            reply = yield self._request(call, url, tries)
            tries = tries or [Attempt(started_at, 0.0, time.perf_counter() - start, None)]
            if isinstance(reply, ProviderError):  # the lane let nothing out any more
                self._report(call, attempt, [one for one in tries if one.status is not None], note="RateLimited")
                return Settled(error=scrub(reply, self.key.reveal()))
            if isinstance(reply, Lost):
                error = lost_error(call, reply)
                self._report(call, attempt, tries, failure=reply.failure, note=_note(error))
                return Settled(error=error, again=None if reply.failure == "address" else 0.0)
            assert isinstance(reply, httpx.Response)
            answer = Answer(reply.status_code, reply.text, reply.headers)
            target = _redirect(call, url, answer)
            if target is None:
                settled = settle(call, answer, self.wire, started_at)
                if settled.error is not None:
                    scrub(settled.error, self.key.reveal())
                self._report(call, attempt, tries, status=answer.status, note=_note(settled.error))
                return settled
            self._report(call, attempt, tries, status=answer.status, note="redirected")
            url = target
        return Settled(error=UnexpectedResponse("The provider redirects in circles."))

    def _request(self, call: Call[Any], url: httpx.URL, tries: list[Attempt]) -> httpx.Request:
        timeout = dict(self.timeout.as_dict())
        if call.read_timeout is not None:
            timeout["read"] = call.read_timeout
        headers = {"accept": call.accept, "accept-encoding": "gzip, deflate", "user-agent": self.user_agent}
        extensions = {"timeout": timeout, "category": call.category, "attempts": tries}
        if call.body is NO_BODY:
            return httpx.Request(call.method, url, headers=headers, extensions=extensions)
        return httpx.Request(call.method, url, headers=headers, json=call.body, extensions=extensions)

    def _report(
        self,
        call: Call[Any],
        attempt: int,
        tries: list[Attempt],
        *,
        status: int | None = None,
        failure: str = "",
        note: str = "",
    ) -> None:
        """Tell the observer of every exchange on the wire; the outcome is that of the last, those before were refused
        for their pace.
        """
        if self.on_exchange is None:
            return
        for number, one in enumerate(tries, start=1):
            last = number == len(tries)
            self.on_exchange(
                Exchange(
                    method=call.method,
                    path=call.path,
                    status=status or one.status if last else one.status,
                    failure=failure if last else "",
                    took_ms=round(one.took * 1000),
                    waited_ms=round(one.waited * 1000),
                    started_at=one.started_at,
                    attempt=attempt,
                    category=call.category,
                    note=note if last else "RateLimited",
                )
            )


def _note(error: ProviderError | None) -> str:
    return f"{type(error).__name__}: {error.message or error}"[:200] if error else ""


def _redirect(call: Call[Any], url: httpx.URL, answer: Answer) -> httpx.URL | None:
    """Where a redirect leads that may be followed: a read, on the same host and not down to plain HTTP."""
    location = answer.headers.get("location", "")
    if call.method != "GET" or answer.status not in (301, 302, 303, 307, 308) or not location:
        return None
    try:
        target = url.join(location)
    except httpx.InvalidURL:
        return None
    same = target.host == url.host and (
        (target.scheme == url.scheme and target.port == url.port) or (target.scheme == "https" and url.scheme == "http")
    )
    return target.copy_with(fragment=None) if same else None
