"""What time it is at the provider, by the `Date` of its answers.

Which day is "today" there decides which day rows can exist. Where its clock and ours disagree, its own counts.
"""

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

NEGLIGIBLE = timedelta(minutes=30)
"""`Date` has whole seconds, answers are on their way for up to half a minute, and clocks are never quite right."""


class ServerClock(httpx.AsyncBaseTransport):
    """A transport that reads the time off each answer that passes. `skew` is what the provider's clock is ahead of ours."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self.skew = timedelta()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        if skew := skew_of(response.headers, datetime.now(UTC)):
            self.skew = skew if abs(skew) > NEGLIGIBLE else timedelta()
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


def skew_of(headers: httpx.Headers, now: datetime) -> timedelta | None:
    """How far ahead of `now` the answer was made; None where it does not say, or comes out of a cache."""
    if "date" not in headers or headers.get("age", "0") != "0":
        return None
    try:
        made_at = parsedate_to_datetime(headers["date"])
    except ValueError:
        return None
    return (made_at if made_at.tzinfo else made_at.replace(tzinfo=UTC)) - now
