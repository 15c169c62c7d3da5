"""The client against the sandbox, over loopback, in the form of live servers and in that of the guides."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from providers import errors, readback
from providers.calls import Exchange, get
from providers.client import AsyncClient, Client
from providers.drafts import ScheduleDraft, SettingsChange, StepDraft, Tracking, VariantDraft
from providers.loop_transport import LoopTransport
from providers.records import CampaignStatus, StopRule
from providers.secret import SecretText
from providers.smartlead import Smartlead, account_reports, campaign_rows, clients, mailboxes, statistics
from providers.smartlead.clients import ClientDraft
from tests.support.sandbox import TODAY, Sandbox, start_sandbox

END = date.fromisoformat(TODAY)
START = END - timedelta(days=29)
DAYS = [START + timedelta(days=number) for number in range(30)]


@pytest.fixture(scope="module")
def process() -> Iterator[Sandbox]:
    with start_sandbox() as sandbox:
        yield sandbox


@pytest.fixture(params=["live", "guides"])
def sandbox(process: Sandbox, request: pytest.FixtureRequest) -> Sandbox:
    process.reset()
    process.unlimited()
    process.dialect(request.param)
    return process


@pytest.fixture
def live(process: Sandbox) -> Sandbox:
    process.reset()
    process.unlimited()
    process.dialect("live")
    return process


class Desk:
    """A client with its provider, as a connection has them."""

    def __init__(self, sandbox: Sandbox, key: str, read_timeout: float) -> None:
        self.exchanges: list[Exchange] = []
        self.smartlead = Smartlead()
        self.client = Client(
            self.smartlead,
            SecretText(key),
            base_url=sandbox.base_url,
            on_exchange=self.exchanges.append,
            sleep=lambda seconds: None,
            read_timeout=read_timeout,
        )
        self.send = self.client.send


@contextmanager
def opened(sandbox: Sandbox, key: str, read_timeout: float = 5.0) -> Iterator[Desk]:
    desk = Desk(sandbox, key, read_timeout)
    with desk.client:
        yield desk


@pytest.fixture
def desk(sandbox: Sandbox) -> Iterator[Desk]:
    with opened(sandbox, sandbox.agency_key) as desk:
        yield desk


@pytest.fixture
def live_desk(live: Sandbox) -> Iterator[Desk]:
    with opened(live, live.agency_key) as desk:
        yield desk


def total(campaign: dict[str, Any], name: str) -> int:
    return sum(row[name] for day, row in campaign["days"].items() if START <= date.fromisoformat(day) <= END)


def by_id(rows: list[dict[str, Any]]) -> dict[int, dict[str, Any]]:
    return {row["id"]: row for row in rows}


def test_a_key_sees_its_campaigns_and_clients(sandbox, desk):
    truth = sandbox.truth(sandbox.agency_key, days=False)
    report = desk.send(desk.smartlead.check_key())
    assert report.campaigns == len(truth["campaigns"])
    assert report.client_ids == {one["client_id"] for one in truth["campaigns"]} - {None}
    found = desk.send(desk.smartlead.clients())
    told = {
        (one["id"], one["name"], one["email"], datetime.fromisoformat(one["created_at"])) for one in truth["clients"]
    }
    assert {(one.id, one.name, one.email, one.created_at) for one in found} == told


def test_every_campaign_reads_as_it_is(sandbox, desk):
    truth = by_id(sandbox.truth(sandbox.agency_key, days=False)["campaigns"])
    found = desk.send(desk.smartlead.campaigns())
    assert {one.id for one in found} == set(truth)
    for one in found:
        told = truth[one.id]
        assert (one.name, one.raw_status, one.client_id, one.parent_id) == (
            told["name"],
            told["status"],
            told["client_id"],
            told["parent_campaign_id"],
        )
        assert one.status != "unknown"
        assert one.created_at == datetime.fromisoformat(told["created_at"])
        assert [(tag.id, tag.name, tag.color) for tag in one.tags] == [
            (tag["id"], tag["name"], tag["color"]) for tag in told["tags"]
        ]
        settings = one.settings
        assert (settings.track_opens, settings.track_clicks) == (told["tracks_opens"], told["tracks_clicks"])
        assert (settings.min_gap_minutes, settings.daily_new_leads) == (
            told["gap_minutes"],
            told["max_new_leads_per_day"],
        )
    one = found[0]
    assert desk.send(desk.smartlead.campaign(one.id)) == one


def test_numbers_of_a_range_are_those_of_the_days(sandbox, desk):
    truth = sandbox.truth(sandbox.agency_key)["campaigns"]
    page = desk.send(desk.smartlead.totals(START, END))
    rows = {row.campaign_id: row for row in page.rows}
    for one in truth:
        row = rows[one["id"]]
        assert (row.sent, row.bounced, row.positive) == tuple(
            total(one, name) for name in ("sent", "bounced", "positive")
        )
        assert row.replied <= total(one, "replied"), (
            "totals may lag behind the sum of the days, as they do at the provider"
        )
    paged = []
    offset: int | None = 0
    while offset is not None:
        page = desk.send(desk.smartlead.totals(START, END, offset=offset, limit=7))
        paged += page.rows
        offset = page.next_offset
    assert sorted(row.campaign_id for row in paged) == sorted(rows)
    whole = desk.send(desk.smartlead.overall(START, END))
    assert whole.sent == sum(row.sent for row in rows.values())


def test_days_of_a_campaign_are_those_of_the_provider(sandbox, desk):
    truth = next(one for one in sandbox.truth(sandbox.agency_key)["campaigns"] if total(one, "sent") > 100)
    found = {one.day: one for one in desk.send(desk.smartlead.daily([truth["id"]], START, END))}
    positive = {one.day: one.positive for one in desk.send(desk.smartlead.daily_positive([truth["id"]], START, END))}
    for day in DAYS:
        told = truth["days"].get(day.isoformat())
        if told is None:
            assert day not in found or found[day].sent == 0
            continue
        one = found[day]
        assert (one.sent, one.opened, one.replied, one.bounced, one.unsubscribed) == tuple(
            told[name] for name in ("sent", "opened", "replied", "bounced", "unsubscribed")
        )
        assert (positive.get(day) or 0) == told["positive"]


def test_a_range_of_one_campaign_reads_in_both_forms(sandbox, desk):
    truth = next(one for one in sandbox.truth(sandbox.agency_key)["campaigns"] if total(one, "sent") > 100)
    found = desk.send(desk.smartlead.campaign_range(truth["id"], START, END))
    if found.days is None:
        assert desk.smartlead.facts == {}
        assert (found.totals.sent, found.totals.replied) == (total(truth, "sent"), total(truth, "replied"))
    else:
        assert desk.smartlead.facts == {"day_rows_by_date": True}
        assert sum(one.sent for one in found.days) == total(truth, "sent")
        assert [one.day for one in found.days] == DAYS
    full = desk.send(statistics.campaign_range_in_full(truth["id"], START, END))
    assert full.totals.positive == total(truth, "positive")


def test_lifetime_counters_and_leads_are_those_of_the_provider(sandbox, desk):
    for truth in sandbox.truth(sandbox.agency_key)["campaigns"][:6]:
        found = desk.send(desk.smartlead.campaign_totals(truth["id"]))
        assert found.sent == sum(row["sent"] for row in truth["days"].values())
        assert (found.client_id, found.raw_status) == (truth["client_id"], truth["status"])
        assert found.leads.total == truth["leads"]["total"]


def test_steps_are_those_that_live(sandbox, desk):
    truth = next(one for one in sandbox.truth(sandbox.agency_key, days=False)["campaigns"] if len(one["steps"]) > 2)
    found = desk.send(desk.smartlead.steps(truth["id"]))
    assert [(one.id, one.number, one.delay_days) for one in found] == [
        (one["id"], one["number"], one["delay_days"]) for one in truth["steps"]
    ]
    for step, told in zip(found, truth["steps"], strict=True):
        variants = [one for one in told["variants"] if not one["deleted"]]
        texts = [(one["id"], one["subject"], one["body"]) for one in variants] or [
            (None, told["subject"], told["body"])
        ]
        assert [(one.id, one.subject, one.body) for one in step.variants] == texts


def test_mailboxes_come_in_pages_and_without_passwords(sandbox, desk):
    truth = by_id(sandbox.truth(sandbox.agency_key, days=False)["mailboxes"])
    found = []
    offset: int | None = 0
    while offset is not None:
        page = desk.send(desk.smartlead.mailboxes(offset=offset))
        found += page.rows
        offset = page.next_offset
    assert {one.id for one in found} == set(truth)
    for one in found:
        told = truth[one.id]
        assert (one.address, one.client_id, one.daily_limit) == (told["from_email"], told["client_id"], told["per_day"])
    raw = desk.send(get("/email-accounts/", lambda answer: answer.json))
    secrets = {row[name] for row in raw for name in ("password", "imap_password") if row.get(name)}
    assert secrets
    assert not any(secret in repr(found) for secret in secrets)
    assert desk.send(mailboxes.mailbox(found[0].id)).address == found[0].address


STEPS = [
    StepDraft(
        1,
        0,
        (
            VariantDraft("Hi {{first_name}}", "<p>A · ü</p>", "A", share=70),
            VariantDraft("Ho", "<p>B</p>", "B", share=30),
        ),
    ),
    StepDraft(2, 3, (VariantDraft("", "<p>Again</p>"),)),
]


def make_draft(desk: Desk, name: str = "Fresh") -> int:
    return desk.send(desk.smartlead.create_campaign(name, client_id=304)).id


def test_a_campaign_is_built_read_back_and_deleted(sandbox, desk):
    smartlead, send = desk.smartlead, desk.send
    number = make_draft(desk)
    assert readback.created_campaign("Fresh", 304, send(smartlead.campaign(number))) == []

    send(smartlead.save_steps(number, STEPS))
    kept = send(smartlead.steps(number))
    assert readback.steps(STEPS, kept) == []
    edited = [StepDraft.of(kept[0]), StepDraft(2, 5, (VariantDraft("New", "<p>New</p>"),), id=kept[1].id)]
    send(smartlead.save_steps(number, edited))
    assert readback.steps(edited, send(smartlead.steps(number))) == []

    schedule = ScheduleDraft("Europe/Berlin", (1, 3, 7), "08:30", "16:00", 7, 25)
    send(smartlead.save_schedule(number, schedule))
    change = SettingsChange(
        name="Renamed", tracking=Tracking(opens=False, clicks=False), stop_rule=StopRule.OPEN, follow_up_percentage=55
    )
    send(smartlead.save_settings(number, change))
    found = send(smartlead.campaign(number))
    if again := smartlead.save_schedule_again(number, schedule, found):
        send(again)
        found = send(smartlead.campaign(number))
    assert readback.schedule(schedule, found) == []
    assert readback.settings(change, found) == []

    boxes = [one.id for one in send(smartlead.mailboxes()).rows if one.client_id == 304][:3]
    send(smartlead.attach_mailboxes(number, boxes))
    assert readback.mailboxes(send(smartlead.campaign_mailboxes(number)), attached=boxes) == []
    send(smartlead.detach_mailboxes(number, boxes[:2]))
    assert readback.mailboxes(send(smartlead.campaign_mailboxes(number)), attached=boxes[2:], detached=boxes[:2]) == []

    twin = send(smartlead.duplicate_campaign(number)).id
    assert send(smartlead.campaign(twin)).name == "Renamed - copy"
    assert len(send(smartlead.steps(twin))) == 2

    sandbox.change("add_leads", campaign=number, count=20)
    for status in (CampaignStatus.ACTIVE, CampaignStatus.PAUSED, CampaignStatus.STOPPED):
        send(smartlead.set_status(number, status))
        assert readback.status(status, send(smartlead.campaign(number))) == []
    send(smartlead.delete_campaign(number))
    with pytest.raises(errors.NotFound):
        send(smartlead.campaign(number))


def test_the_form_of_the_server_is_learned_once_and_then_spoken(process):
    process.reset()
    process.unlimited()
    process.dialect("guides")
    with opened(process, process.agency_key) as desk:
        number = make_draft(desk)
        desk.send(desk.smartlead.save_steps(number, STEPS))
        desk.send(desk.smartlead.save_schedule(number, ScheduleDraft("UTC", (1,), "08:00", "16:00", 7, 25)))
        before = len(desk.exchanges)
        desk.send(desk.smartlead.save_steps(number, STEPS))
        desk.send(desk.smartlead.save_schedule(number, ScheduleDraft("UTC", (1,), "08:00", "16:00", 7, 25)))
        assert len(desk.exchanges) == before + 2, "no attempt in the form that was refused"
        assert desk.smartlead.facts == {"bare_sequences": True, "guide_schedule": True}


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


def test_a_client_gets_a_key_that_works_until_it_is_reset(live, live_desk):
    send = live_desk.send
    made = send(clients.create_api_key(304, "Quarterdeck"))
    assert made.key is not None
    assert made.key.reveal() not in repr(made)
    with opened(live, made.key.reveal()) as ferro:
        assert ferro.send(ferro.smartlead.check_key()).client_ids == {304}
        send(clients.reset_api_key(made.id))
        with pytest.raises(errors.AuthRejected):
            ferro.send(ferro.smartlead.check_key())
    assert made.id in {one.id for one in send(clients.api_keys(client_id=304))}
    send(clients.delete_api_key(made.id))
    created = send(clients.create_client(ClientDraft("Newcomer", "ops@newcomer.example", SecretText("hunter2"))))
    assert created.id in {one.id for one in send(clients.clients())}


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


def test_reports_of_the_account_are_read(live, live_desk):
    truth = live.truth(live.agency_key, days=False)
    send = live_desk.send
    assert {one.id for one in send(account_reports.campaign_names())} == {one["id"] for one in truth["campaigns"]}
    assert {one.id for one in send(account_reports.client_names())} == {one["id"] for one in truth["clients"]}
    assert sum(one.count for one in send(account_reports.status_counts())) == len(truth["campaigns"])
    totals = send(account_reports.client_totals(START, END)).rows
    assert {one.client_id for one in totals} <= {one["id"] for one in truth["clients"]}
    assert all(one.totals.sent is not None for one in totals)
    responses = send(account_reports.responses(START, END))
    assert sum(one.positive for one in responses) == send(live_desk.smartlead.overall(START, END)).positive


def test_a_route_that_is_missing_says_so(live_desk):
    with pytest.raises(errors.RequestRefused) as caught:
        live_desk.send(campaign_rows.lead_rows(live_desk.send(live_desk.smartlead.campaigns())[0].id))
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
