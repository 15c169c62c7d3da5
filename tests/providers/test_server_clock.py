import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from providers.server_clock import ServerClock, skew_of

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def dated(at: datetime, **more: str) -> httpx.Headers:
    return httpx.Headers({"Date": format_datetime(at, usegmt=True), **more})


def test_an_answer_says_how_far_ahead_its_maker_is():
    assert skew_of(dated(NOW + timedelta(days=3)), NOW) == timedelta(days=3)


@pytest.mark.parametrize("headers", [httpx.Headers(), httpx.Headers({"Date": "soon"}), dated(NOW, Age="60")])
def test_an_answer_without_a_date_of_its_own_says_nothing(headers):
    assert skew_of(headers, NOW) is None


async def ask(at: datetime) -> ServerClock:
    clock = ServerClock(httpx.MockTransport(lambda request: httpx.Response(200, headers=dated(at))))
    async with httpx.AsyncClient(transport=clock) as http:
        await http.get("http://provider.example")
    return clock


def test_a_few_minutes_are_not_worth_mentioning():
    assert asyncio.run(ask(datetime.now(UTC) + timedelta(minutes=5))).skew == timedelta()
    assert asyncio.run(ask(datetime.now(UTC) + timedelta(days=2))).skew > timedelta(days=1)
