import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from providers.server_clock import ServerClock

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def dated(at: datetime, **more: str) -> httpx.Headers:
    return httpx.Headers({"Date": format_datetime(at, usegmt=True), **more})


@pytest.mark.parametrize("headers", [httpx.Headers(), httpx.Headers({"Date": "soon"}), dated(NOW, Age="60")])
def test_an_answer_without_a_date_of_its_own_says_nothing(headers):
    assert heard(headers).there(NOW + timedelta(days=9)) == NOW + timedelta(days=9)


def test_an_answer_says_what_time_it_is_where_it_was_made():
    clock = heard(dated(NOW + timedelta(days=2)))
    assert NOW + timedelta(days=2) <= clock.there(NOW) < NOW + timedelta(days=2, minutes=1)


def test_a_few_minutes_are_not_worth_mentioning():
    assert heard(dated(NOW + timedelta(minutes=5))).there(NOW) == NOW


def heard(headers: httpx.Headers) -> ServerClock:
    """A clock through which one answer has passed."""
    clock = ServerClock(httpx.MockTransport(lambda request: httpx.Response(200, headers=headers)))

    async def ask() -> None:
        async with httpx.AsyncClient(transport=clock) as http:
            await http.get("http://provider.example")

    asyncio.run(ask())
    return clock
