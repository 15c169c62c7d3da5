"""The client against the sandbox, over loopback, in the form of live servers and in that of the guides."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from providers import errors, readback
from providers.calls import get
from providers.drafts import ScheduleDraft, SettingsChange, StepDraft, Tracking, VariantDraft
from providers.records import CampaignStatus, StopRule
from providers.secret import SecretText
from providers.smartlead import account_reports, clients, mailboxes, statistics
from providers.smartlead.clients import ClientDraft
from tests.providers.desk import STEPS, make_draft, opened
from tests.support.sandbox import TODAY

END = date.fromisoformat(TODAY)


START = END - timedelta(days=29)


DAYS = [START + timedelta(days=number) for number in range(30)]


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
