"""What each read of campaigns, clients, steps and mailboxes makes of the documented answers."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.calls import Answer
from providers.errors import NotFound, UnexpectedResponse
from providers.records import CampaignStatus, RemoteSchedule, RemoteTag, StopRule
from providers.registry import provider_named
from providers.smartlead import Smartlead, campaigns, clients, mailboxes, sequences, statistics
from providers.text import storable
from tests.providers.shapes import maybe_counts, names, objects, plainly, sent_ids, sent_moments
from tests.providers.wire import FakeWire, json_reply, send

START, END = date(2026, 11, 1), date(2026, 11, 19)


CAMPAIGN = {
    "id": 271,
    "user_id": 19,
    "created_at": "2026-09-01T08:00:00.000Z",
    "updated_at": "2026-09-03T10:11:12.000Z",
    "status": "ACTIVE",
    "name": "Q4 fintech",
    "track_settings": ["DONT_EMAIL_OPEN"],
    "scheduler_cron_value": {"tz": "Europe/London", "days": [1, 2, 3, 4, 5], "startHour": "09:00", "endHour": "17:00"},
    "min_time_btwn_emails": 10,
    "max_leads_per_day": 60,
    "stop_lead_settings": "REPLY_TO_AN_EMAIL",
    "schedule_start_time": None,
    "enable_ai_esp_matching": False,
    "send_as_plain_text": False,
    "follow_up_percentage": 40,
    "unsubscribe_text": "",
    "parent_campaign_id": None,
    "client_id": 44,
    "tags": [{"tag_id": 3, "tag_name": "EU", "tag_color": "#2196F3"}],
}


def test_a_campaign_is_read_in_our_words():
    wire = FakeWire(json_reply([CAMPAIGN]))
    (found,) = wire.client().send(Smartlead().campaigns())
    assert wire.lines() == ["GET /campaigns/"]
    assert wire.requests[0].url.params["include_tags"] == "true"
    assert (found.id, found.name, found.status, found.raw_status) == (
        271,
        "Q4 fintech",
        CampaignStatus.ACTIVE,
        "ACTIVE",
    )
    assert (found.client_id, found.parent_id) == (44, None)
    assert found.created_at == datetime(2026, 9, 1, 8, tzinfo=UTC)
    assert found.tags == (RemoteTag(3, "EU", "#2196F3"),)
    assert found.schedule == RemoteSchedule("Europe/London", (1, 2, 3, 4, 5), "09:00", "17:00")
    settings = found.settings
    assert (settings.track_opens, settings.track_clicks, settings.track_replies) == (False, True, True)
    assert (settings.stop_rule, settings.daily_new_leads, settings.min_gap_minutes) == (StopRule.REPLY, 60, 10)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("DRAFTED", "draft"),
        ("DRAFT", "draft"),
        ("started", "active"),
        ("Paused", "paused"),
        ("STOPPED", "stopped"),
        ("COMPLETED", "completed"),
        ("ARCHIVED", "archived"),
        ("SNOOZED", "unknown"),
        ("", "unknown"),
        (None, "unknown"),
    ],
)
def test_statuses_are_ours_and_the_word_is_kept(word, status):
    (found,) = send(campaigns.campaigns(), json_reply([CAMPAIGN | {"status": word}]))
    assert found.status == status
    assert found.raw_status == (word or "")


@pytest.mark.parametrize(
    ("told", "opens", "clicks"),
    [
        ([], True, True),
        ("DONT_EMAIL_OPEN", False, True),
        (["DONT_TRACK_LINK_CLICK"], True, False),
        (None, None, None),
        ("", True, True),
    ],
)
def test_tracking_is_read_from_both_families_of_words(told, opens, clicks):
    (found,) = send(campaigns.campaigns(), json_reply([CAMPAIGN | {"track_settings": told}]))
    assert (found.settings.track_opens, found.settings.track_clicks) == (opens, clicks)


@pytest.mark.parametrize("schedule", [None, "{ tz: 'UTC', days: [1] }", [], 5])
def test_a_schedule_that_is_no_object_is_none(schedule):
    (found,) = send(campaigns.campaigns(), json_reply([CAMPAIGN | {"scheduler_cron_value": schedule}]))
    assert found.schedule is None


@pytest.mark.parametrize("days", [[0, 1, 6], [7, 1, 6], ["0", "1", 6], [6, 1, 7, 0, 99, None]])
def test_sunday_is_seven_whichever_way_it_comes(days):
    sent = CAMPAIGN | {"scheduler_cron_value": {"tz": "UTC", "days": days, "startHour": "09:00", "endHour": "17:00"}}
    (found,) = send(campaigns.campaigns(), json_reply([sent]))
    assert found.schedule.days == (1, 6, 7)


NUMBERS = {
    "min_time_btwn_emails": "min_gap_minutes",
    "max_leads_per_day": "daily_new_leads",
    "follow_up_percentage": "follow_up_percentage",
}


@given(
    objects(
        {
            "id": sent_ids,
            "name": plainly(names),
            "status": plainly(st.sampled_from(["ACTIVE", "DRAFTED", "ODD", ""])),
            "created_at": sent_moments(),
            "updated_at": sent_moments(),
            "client_id": st.one_of(sent_ids, plainly(st.none())),
            "parent_campaign_id": st.one_of(sent_ids, plainly(st.none())),
            "tags": plainly(st.sampled_from([[], None, [{"tag_id": "4"}]])),
            **dict.fromkeys(NUMBERS, maybe_counts()),
        }
    ),
    st.sampled_from(["bare", "campaigns", "data", "success", "ok"]),
)
def test_any_documented_campaign_is_read(campaign, envelope):
    meant, sent = campaign
    payload = {"bare": [sent], "success": {"success": True, "data": [sent]}, "ok": {"ok": True, "data": [sent]}}.get(
        envelope, {envelope: [sent]}
    )
    (found,) = send(campaigns.campaigns(), json_reply(payload))
    assert found.id == meant["id"]
    assert found.name == storable(meant.get("name", ""))
    assert found.raw_status == meant.get("status", "")
    assert (found.created_at, found.updated_at) == (meant.get("created_at"), meant.get("updated_at"))
    assert (found.client_id, found.parent_id) == (meant.get("client_id"), meant.get("parent_campaign_id"))
    for key, ours in NUMBERS.items():
        assert getattr(found.settings, ours) == meant.get(key)


@pytest.mark.parametrize("payload", [CAMPAIGN, {"success": True, "data": CAMPAIGN}, {"campaign": CAMPAIGN}])
def test_one_campaign_is_read_from_any_envelope(payload):
    assert send(campaigns.campaign(271), json_reply(payload)).name == "Q4 fintech"


@pytest.mark.parametrize("text", ["", "{}", "null"])
def test_a_campaign_that_is_not_there_is_not_found_though_the_status_is_200(text):
    for call in (campaigns.campaign(9), statistics.campaign_totals(9), statistics.campaign_range(9, START, END)):
        with pytest.raises(NotFound):
            call.parse(Answer(200, text))


def test_a_row_without_an_id_is_reported_not_dropped():
    with pytest.raises(UnexpectedResponse) as caught:
        send(campaigns.campaigns(), json_reply([CAMPAIGN, {"name": "secret name"}]))
    assert "secret name" not in str(caught.value)
    assert "id" in str(caught.value)


def test_a_key_is_checked_by_what_it_sees():
    wire = FakeWire(
        json_reply([CAMPAIGN, CAMPAIGN | {"id": 2, "client_id": None}, CAMPAIGN | {"id": 3, "client_id": "45"}])
    )
    report = wire.client().send(Smartlead().check_key())
    assert wire.lines() == ["GET /campaigns/"]
    assert (report.campaigns, report.client_ids, report.without_client) == (3, {44, 45}, 1)
    assert report.sub_sequences == 0


@pytest.mark.parametrize("wrap", [lambda rows: rows, lambda rows: {"ok": True, "data": rows}])
def test_clients_are_read(wrap):
    row = {
        "id": 301,
        "name": "Acme",
        "email": "ops@acme.test",
        "created_at": "2026-01-05T04:24:04.656Z",
        "client_permision": {"permission": ["reply_master_inbox"], "retricted_category": []},
    }
    (found,) = send(clients.clients(), json_reply(wrap([row])))
    assert (found.id, found.name, found.email, found.permissions) == (
        301,
        "Acme",
        "ops@acme.test",
        ("reply_master_inbox",),
    )


def test_facts_of_other_times_are_passed_over():
    assert provider_named("smartlead", facts={"status_by_patch": True, "gone": True, "overview": "yes"}).facts == {
        "status_by_patch": True
    }
    with pytest.raises(LookupError):
        provider_named("postal pigeon")


STEPS = [
    {
        "id": 8495,
        "seq_number": "2",
        "seq_delay_details": {"delay_in_days": "3"},
        "subject": "",
        "email_body": "<p>Again</p>",
        "sequence_variants": [],
    },
    {
        "id": 8494,
        "seq_number": 1,
        "seq_delay_details": {"delayInDays": 0},
        "subject": "",
        "email_body": "",
        "sequence_variants": [
            {
                "id": 2535,
                "variant_label": "A",
                "subject": "Hi",
                "email_body": "<p>A</p>",
                "is_deleted": False,
                "variant_distribution_percentage": "None",
            },
            {"id": 2536, "variant_label": "B", "subject": "Ho", "email_body": "<p>B</p>", "is_deleted": True},
            {
                "id": 2537,
                "variant_label": "C",
                "subject": "Hu",
                "email_body": "<p>C</p>",
                "variant_distribution_percentage": "40",
            },
        ],
    },
]


@pytest.mark.parametrize("payload", [STEPS, {"success": True, "data": STEPS}, {"sequences": STEPS}])
def test_steps_come_in_order_with_the_variants_that_live(payload):
    first, second = send(sequences.steps(271), json_reply(payload))
    assert (first.number, first.delay_days, [one.label for one in first.variants]) == (1, 0, ["A", "C"])
    assert [one.share for one in first.variants] == [None, 40]
    assert (second.number, second.delay_days) == (2, 3)
    assert [(one.id, one.subject, one.body) for one in second.variants] == [(None, "", "<p>Again</p>")]


def test_texts_of_emails_are_read_character_by_character():
    odd = "Cut \ud83d\x00\r\n\u2028 "
    (step,) = send(sequences.steps(271), json_reply([{"id": 1, "seq_number": 1, "subject": odd, "email_body": odd}]))
    assert [(one.subject, one.body) for one in step.variants] == [(odd, odd)]


MAILBOX = {
    "id": 2907,
    "from_name": "Jo",
    "from_email": "jo@acme.test",
    "username": "jo@acme.test",
    "password": "hunter2",
    "imap_password": "hunter3",
    "message_per_day": 50,
    "daily_sent_count": "12",
    "minTimeToWaitInMins": 5,
    "is_smtp_success": True,
    "is_imap_success": False,
    "smtp_failure_error": None,
    "imap_failure_error": "refused",
    "is_suspended": False,
    "type": "GMAIL",
    "client_id": 44,
    "campaign_count": 3,
    "tags": [],
    "warmup_details": {
        "id": 99,
        "status": "ACTIVE",
        "total_sent_count": 450,
        "total_spam_count": 2,
        "warmup_reputation": "95%",
        "warmup_key_id": "brass-sleep",
        "reply_rate": 15,
        "blocked_reason": None,
    },
    "token": {"refresh_token": "hunter4"},
}


@pytest.mark.parametrize("wrap", [lambda rows: rows, lambda rows: {"ok": True, "data": rows}])
def test_mailboxes_are_read_without_their_passwords(wrap):
    (found,) = send(mailboxes.mailboxes(), json_reply(wrap([MAILBOX]))).rows
    assert (found.id, found.address, found.kind, found.daily_limit, found.sent_today) == (
        2907,
        "jo@acme.test",
        "gmail",
        50,
        12,
    )
    assert (found.smtp_ok, found.imap_ok, found.imap_problem) == (True, False, "refused")
    assert (found.warmup.status, found.warmup.reputation) == ("active", 95.0)
    (linked,) = send(mailboxes.campaign_mailboxes(1), json_reply(wrap([MAILBOX])))
    assert linked == found
    one = send(mailboxes.mailbox(2907, with_campaigns=True), json_reply(MAILBOX | {"campaign_ids": ["7", 8]}))
    assert one.campaign_ids == (7, 8)
    for record in (found, linked, one):
        assert "hunter" not in repr(record)
