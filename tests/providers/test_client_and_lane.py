"""The clients over a gated transport: what the lane does shows in the call log and in the errors."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from providers import errors
from providers.calls import Exchange
from providers.client import AsyncClient, Client
from providers.limiting import AsyncUnlimited, LaneBusy, Priority, Slot, Unlimited
from providers.secret import SecretText
from providers.smartlead import Smartlead
from providers.transport import AsyncGated, Gated
from tests.providers.wire import KEY, FakeWire, json_reply

TOO_MANY = {"error": {"code": "RATE_LIMIT_EXCEEDED", "message": "slow down", "retry_after": 0}}


class BusyAfter(Unlimited):
    """Gives so many slots, then none within anybody's patience; notes what was asked for."""

    def __init__(self, slots: int) -> None:
        super().__init__()
        self.slots = slots
        self.categories: list[str] = []

    @contextmanager
    def slot(self, *, priority: Priority, category: str = "", patience: float) -> Iterator[Slot]:
        self.categories.append(category)
        if len(self.categories) > self.slots:
            raise LaneBusy(4.0)
        with super().slot(priority=priority, category=category, patience=patience) as slot:
            yield slot


def client_over(wire: FakeWire, lane: Unlimited) -> Client:
    return wire.client(transport=Gated(httpx.MockTransport(wire.answer), lane))


def test_refused_exchanges_are_in_the_call_log_too():
    wire = FakeWire(json_reply(TOO_MANY, 429), json_reply([]))
    lane = BusyAfter(9)
    assert client_over(wire, lane).send(wire.smartlead.campaigns()) == ()
    assert [(one.status, one.note, one.attempt) for one in wire.exchanges] == [(429, "RateLimited", 1), (200, "", 1)]
    assert lane.categories == ["read", "read"]


def test_a_lane_that_is_busy_after_a_429_leaves_the_429_in_the_log():
    wire = FakeWire(json_reply(TOO_MANY, 429))
    with pytest.raises(errors.LaneBusy):
        client_over(wire, BusyAfter(1)).send(wire.smartlead.campaigns())
    assert [one.status for one in wire.exchanges] == [429]


def test_a_lane_that_is_busy_after_a_lost_answer_leaves_a_write_unknown():
    wire = FakeWire(httpx.ReadTimeout("x"))
    lane = BusyAfter(1)
    with pytest.raises(errors.UnknownOutcome):
        client_over(wire, lane).send(wire.smartlead.delete_campaign(1))
    assert [(one.status, one.failure) for one in wire.exchanges] == [(None, "timeout")]
    assert lane.categories == ["campaign_write", "campaign_write"]


def test_when_429s_do_not_end_the_caller_is_told_so():
    wire = FakeWire(*[json_reply(TOO_MANY, 429) for _ in range(3)])
    exchanges: list[Exchange] = []

    async def over_the_loop() -> None:
        transport = AsyncGated(httpx.MockTransport(wire.answer), AsyncUnlimited())
        async with AsyncClient(
            Smartlead(), SecretText(KEY), transport=transport, on_exchange=exchanges.append
        ) as client:
            await client.send(wire.smartlead.delete_campaign(1))

    with pytest.raises(errors.RateLimited, match="slow down"):
        asyncio.run(over_the_loop())
    assert [one.status for one in exchanges] == [429, 429, 429]
    assert exchanges[-1].note == "RateLimited: slow down"
