"""What time it is at the provider, by the `Date` of its answers.

Which day is "today" there decides which day rows can exist. Where its clock and ours disagree, its own counts.
"""

import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

NEGLIGIBLE = timedelta(minutes=30)
"""`Date` has whole seconds, answers are on their way for up to half a minute, and clocks are never quite right."""


class ServerClock(httpx.AsyncBaseTransport):
    """A transport that reads the time off each answer that passes."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self._told: tuple[datetime, float] | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        if made_at := made_at_of(response.headers):
            self._told = (made_at, time.monotonic())
        return response

    def there(self, now: datetime) -> datetime:
        """What time it is at the provider while it is `now` here; `now` as long as it says nothing else."""
        if self._told is None:
            return now
        made_at, heard_at = self._told
        there = made_at + timedelta(seconds=time.monotonic() - heard_at)
        return there if abs(there - now) > NEGLIGIBLE else now

    async def aclose(self) -> None:
        await self._inner.aclose()


def made_at_of(headers: httpx.Headers) -> datetime | None:
    """When the answer was made; None where it does not say, or comes out of a cache."""
    if "date" not in headers or headers.get("age", "0") != "0":
        return None
    try:
        made_at = parsedate_to_datetime(headers["date"])
    except ValueError:
        return None
    return made_at if made_at.tzinfo else made_at.replace(tzinfo=UTC)
