"""What to ask a provider and what it answered, without any wire: endpoints are functions that return a `Call`."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Generic, Literal, TypeVar

from providers.errors import RequestRefused

T = TypeVar("T")
U = TypeVar("U")

Category = Literal["read", "campaign_write", "leads", "analytics", "webhooks"]
Form = Literal["empty", "json", "broken", "html", "text"]

NO_BODY: Final = object()
"""The body of a call that has none; `None` would be sent as JSON `null`."""

EXPORT_TIMEOUT = 120.0
"""Seconds that exports and big imports may take (smartlead-api 1.3)."""


class Answer:
    """One HTTP answer: status, headers (lower-case names), text, and what the text is. Parsed once, when asked."""

    __slots__ = ("_form", "_json", "headers", "status", "text")

    def __init__(self, status: int, text: str, headers: Mapping[str, str] | None = None) -> None:
        self.status = status
        self.text = text
        self.headers: Mapping[str, str] = headers if headers is not None else {}
        self._form: Form | None = None
        self._json: Any = None

    @property
    def form(self) -> Form:
        """What the body is: `broken` begins like JSON and is none (cut off on the way), `text` is plain words."""
        if self._form is None:
            self._read()
        assert self._form is not None
        return self._form

    @property
    def json(self) -> Any:
        """The parsed body; None where it is empty or no JSON, which `form` tells apart."""
        if self._form is None:
            self._read()
        return self._json

    def _read(self) -> None:
        # The BOM some proxies put in front is no part of JSON.
        text = self.text.lstrip("\ufeff").strip()
        if not text:
            self._form = "empty"
            return
        try:
            self._json = json.loads(text)
            self._form = "json"
        except (ValueError, RecursionError):
            self._form = _form_of(text, self.headers.get("content-type", ""))

    def __repr__(self) -> str:
        return f"<Answer {self.status} {self.form} {len(self.text)} characters>"


def _form_of(text: str, content_type: str) -> Form:
    # The type that is told is no help: Express calls plain words text/html.
    if text.startswith("<"):
        return "html"
    if text[0] in '{["' or "json" in content_type:
        return "broken"
    return "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[T]):
    """One request and how its answer is read. Building one sends nothing; `Client.send` does.

    `path` begins with "/" and is relative to the base URL. `repeatable` says that sending it twice does no more
    than sending it once, so that a lost answer may be tried again; `read_only` marks a POST that only asks.
    `otherwise` gives another form of the same request for a provider that refused this form, or None. `followed_by`
    are sent, in order, after this one has succeeded; the result is that of this one.
    """

    method: str
    path: str
    parse: Callable[[Answer], T]
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = NO_BODY
    category: Category = "read"
    repeatable: bool = False
    read_only: bool = False
    accept: str = "application/json"
    read_timeout: float | None = None
    otherwise: Callable[[RequestRefused], "Call[T] | None"] | None = None
    followed_by: tuple["Call[Any]", ...] = ()

    @property
    def is_read(self) -> bool:
        """Whether it changes nothing at the provider."""
        return self.method == "GET" or self.read_only

    def then(self, change: Callable[[T], U]) -> "Call[U]":
        """The same request with `change` applied to its result."""
        parse, otherwise = self.parse, self.otherwise

        def other(error: RequestRefused) -> "Call[U] | None":
            found = otherwise(error) if otherwise else None
            return found.then(change) if found else None

        return Call(
            method=self.method,
            path=self.path,
            parse=lambda answer: change(parse(answer)),
            query=self.query,
            body=self.body,
            category=self.category,
            repeatable=self.repeatable,
            read_only=self.read_only,
            accept=self.accept,
            read_timeout=self.read_timeout,
            otherwise=other if otherwise else None,
            followed_by=self.followed_by,
        )

    def __repr__(self) -> str:
        return f"<Call {self.method} {self.path}>"


def get(
    path: str,
    parse: Callable[[Answer], T],
    *,
    query: Mapping[str, str] | None = None,
    category: Category = "read",
    **more: Any,
) -> Call[T]:
    """A read: always repeatable."""
    return Call(method="GET", path=path, parse=parse, query=query or {}, category=category, repeatable=True, **more)


def write(
    method: str,
    path: str,
    parse: Callable[[Answer], T],
    *,
    body: Any = NO_BODY,
    repeatable: bool,
    category: Category = "campaign_write",
) -> Call[T]:
    """A change; `repeatable` says whether a lost answer may be tried again."""
    return Call(method=method, path=path, parse=parse, body=body, category=category, repeatable=repeatable)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One HTTP exchange for the call log. It carries neither query nor key.

    `failure` is "" where an answer came, else one of "connect", "timeout", "cut", "address", "garbled". `note` says in
    words what became of the answer where it was no success. `waited_ms` is the wait for the lane and not part of
    `took_ms`, where the transport tells it.
    """

    method: str
    path: str
    status: int | None
    failure: str
    took_ms: int
    started_at: datetime
    attempt: int
    category: Category
    note: str = ""
    waited_ms: int = 0


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Part of a list. `next_offset` is None at its end. Lists change while they are read: drop repeats by id."""

    rows: tuple[T, ...]
    next_offset: int | None = None
    total: int | None = None

    @classmethod
    def at(cls, rows: tuple[T, ...], offset: int, limit: int, *, capped_at: int | None = None) -> "Page[T]":
        """A page of a list that tells no total: a short page ends it, and so does one longer than asked for (it is the
        whole list). With `capped_at`, a page that is full by a multiple of it does not end the list.
        """
        count = len(rows)
        capped = capped_at is not None and count < limit and count % capped_at == 0
        return cls(rows, offset + count if rows and (count == limit or capped) else None)

    @classmethod
    def of(cls, rows: tuple[T, ...], offset: int, total: int) -> "Page[T]":
        """A page of a list that tells how many rows there are in all; one without rows ends it all the same."""
        end = offset + len(rows)
        return cls(rows, end if rows and end < total else None, total)


class NoLongerFits(ValueError):
    """A call was to ask for more than the provider takes at once: split it."""
