"""The client against the sandbox when something is forbidden, breaks, or must stay secret."""

import asyncio
import logging

import pytest

from providers import errors
from providers.calls import Exchange, get
from providers.client import AsyncClient, Client
from providers.loop_transport import LoopTransport
from providers.records import CampaignStatus
from providers.secret import SecretText
from providers.smartlead import Smartlead
from tests.providers.desk import STEPS, make_draft, opened


def test_states_that_forbid_a_change_refuse_it_in_words(live, live_desk):
    smartlead, send = live_desk.smartlead, live_desk.send
    number = make_draft(live_desk)
    with pytest.raises(errors.RequestRefused, match="sequence"):
        send(smartlead.set_status(number, CampaignStatus.ACTIVE))
    send(smartlead.save_steps(number, STEPS))
    boxes = [one.id for one in send(smartlead.mailboxes()).rows if one.client_id == 304][:1]
    send(smartlead.attach_mailboxes(number, boxes))
    live.change("add_leads", campaign=number, count=5)
    with pytest.raises(errors.RequestRefused, match="cron") as caught:
        send(smartlead.set_status(number, CampaignStatus.ACTIVE))
    assert caught.value.status == 500
    active = next(one for one in send(smartlead.campaigns()) if one.status == CampaignStatus.ACTIVE)
    with pytest.raises(errors.RequestRefused, match="Pause"):
        send(smartlead.save_steps(active.id, STEPS))
    with pytest.raises(errors.RequestRefused, match="Active") as caught:
        send(smartlead.delete_campaign(active.id))
    assert caught.value.code == "CAMPAIGN_ACTIVE"
    stopped = next(one for one in send(smartlead.campaigns()) if one.status == CampaignStatus.STOPPED)
    with pytest.raises(errors.RequestRefused, match="stopped"):
        send(smartlead.set_status(stopped.id, CampaignStatus.PAUSED))


def test_other_keys_see_nothing_of_it(live, live_desk):
    theirs = live_desk.send(live_desk.smartlead.campaigns())[0]
    with opened(live, live.cinder_key) as cinder:
        with pytest.raises((errors.NotFound, errors.Forbidden)):
            cinder.send(cinder.smartlead.campaign(theirs.id))
        assert cinder.send(cinder.smartlead.check_key()).client_ids == {303}
    with opened(live, "no-such-key") as nobody, pytest.raises(errors.AuthRejected):
        nobody.send(nobody.smartlead.check_key())


FAULTS = [
    ("500", errors.ProviderUnavailable, errors.UnknownOutcome),
    ("502", errors.ProviderUnavailable, errors.UnknownOutcome),
    ("503", errors.ProviderUnavailable, errors.UnknownOutcome),
    ("html200", errors.UnexpectedResponse, errors.UnknownOutcome),
    ("truncated", errors.UnexpectedResponse, errors.UnknownOutcome),
    ("empty", errors.UnexpectedResponse, errors.UnknownOutcome),
    ("cut_before", errors.ProviderUnavailable, errors.UnknownOutcome),
    ("cut_after", errors.ProviderUnavailable, errors.UnknownOutcome),
    ("cut_midway", errors.ProviderUnavailable, errors.UnknownOutcome),
    ("hang", errors.ProviderUnavailable, errors.UnknownOutcome),
    ("429", errors.RateLimited, errors.RateLimited),
    ("revoked", errors.AuthRejected, errors.AuthRejected),
    ("cloudflare", errors.BlockedByEdge, errors.BlockedByEdge),
]


@pytest.mark.parametrize(("kind", "read", "write"), FAULTS, ids=[row[0] for row in FAULTS])
def test_every_fault_is_named_by_what_to_do(live, kind, read, write):
    with opened(live, live.agency_key, read_timeout=0.5) as desk:
        live.faults({"kind": kind, "path": "/campaigns/"}, {"kind": kind, "path": "/campaigns/create"})
        live.clear_log()
        with pytest.raises(read):
            desk.send(desk.smartlead.campaigns())
        with pytest.raises(write):
            desk.send(desk.smartlead.create_campaign("Once"))
        made = [one for one in live.log()["calls"] if one["path"].endswith("/campaigns/create")]
        assert len(made) == 1, "what makes something is sent once"
        assert not any(live.agency_key in repr(one) for one in desk.exchanges)


def test_a_passing_fault_is_not_noticed(live, live_desk):
    for kind in ("502", "cut_before", "cut_midway"):
        live.faults({"kind": kind, "next": 2, "path": "/campaigns/"})
        assert live_desk.send(live_desk.smartlead.campaigns())
        live.clear_faults()
    assert [one.attempt for one in live_desk.exchanges] == [1, 2, 3] * 3


def test_a_lost_answer_to_a_repeatable_write_is_sent_again(live, live_desk):
    active = next(one for one in live_desk.send(live_desk.smartlead.campaigns()) if one.status == CampaignStatus.ACTIVE)
    live.faults({"kind": "cut_after", "next": 1, "method": "POST"})
    live_desk.send(live_desk.smartlead.set_status(active.id, CampaignStatus.PAUSED))
    assert live_desk.send(live_desk.smartlead.campaign(active.id)).status == CampaignStatus.PAUSED


def test_a_route_that_is_missing_says_so(live_desk):
    with pytest.raises(errors.RequestRefused) as caught:
        live_desk.send(get("/campaigns/new", lambda answer: answer.json))
    assert caught.value.code == "no_route"


WIRES = ["threads", "loop", "shared loop"]


@pytest.mark.parametrize("wire", WIRES)
def test_the_key_is_in_no_log_of_a_real_wire(live, wire, caplog):
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "httpcore.http11", "httpcore.connection", "aiohttp", "aiohttp.client"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    key = SecretText(live.agency_key)
    live.faults({"kind": "cut_before", "next": 1}, {"kind": "502", "next": 1, "path": "/client/"})
    exchanges: list[Exchange] = []

    async def over_the_loop() -> None:
        transport = LoopTransport() if wire == "shared loop" else None
        smartlead = Smartlead()
        async with AsyncClient(
            smartlead, key, base_url=live.base_url, transport=transport, on_exchange=exchanges.append
        ) as client:
            assert await client.send(smartlead.campaigns())
            assert await client.send(smartlead.clients())
            with pytest.raises(errors.NotFound):
                await client.send(smartlead.campaign(1))
        if transport:
            await transport.shutdown()

    if wire == "threads":
        with Client(Smartlead(), key, base_url=live.base_url, on_exchange=exchanges.append) as client:
            assert client.send(Smartlead().campaigns())
            assert client.send(Smartlead().clients())
            with pytest.raises(errors.NotFound):
                client.send(Smartlead().campaign(1))
    else:
        asyncio.run(over_the_loop())
    assert [one.failure or one.status for one in exchanges] == ["cut", 200, 502, 200, exchanges[-1].status]
    shown = [record.getMessage() + repr(vars(record)) for record in caplog.records] + [repr(one) for one in exchanges]
    assert not any(live.agency_key in text for text in shown)
