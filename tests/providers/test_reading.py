"""What each read makes of the documented answers."""

from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.calls import Answer, NoLongerFits
from providers.errors import NotFound, ProviderError, UnexpectedResponse
from providers.records import CampaignStatus, RemoteSchedule, RemoteTag, StopRule
from providers.registry import provider_named
from providers.smartlead import Smartlead, analytics, campaigns, clients, mailboxes, sequences, statistics
from tests.providers.shapes import anything, maybe_counts, names, objects, plainly, sent_ids, sent_moments
from tests.providers.wire import FakeWire, json_reply, send

START, END = date(2026, 11, 1), date(2026, 11, 19)

CAMPAIGN = {
    "id": 271, "user_id": 19, "created_at": "2026-09-01T08:00:00.000Z", "updated_at": "2026-09-03T10:11:12.000Z",
    "status": "ACTIVE", "name": "Q4 fintech", "track_settings": ["DONT_EMAIL_OPEN"],
    "scheduler_cron_value": {"tz": "Europe/London", "days": [1, 2, 3, 4, 5], "startHour": "09:00", "endHour": "17:00"},
    "min_time_btwn_emails": 10, "max_leads_per_day": 60, "stop_lead_settings": "REPLY_TO_AN_EMAIL",
    "schedule_start_time": None, "enable_ai_esp_matching": False, "send_as_plain_text": False,
    "follow_up_percentage": 40, "unsubscribe_text": "", "parent_campaign_id": None, "client_id": 44,
    "tags": [{"tag_id": 3, "tag_name": "EU", "tag_color": "#2196F3"}],
}  # fmt: skip


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
    [("DRAFTED", "draft"), ("DRAFT", "draft"), ("started", "active"), ("Paused", "paused"), ("STOPPED", "stopped"),
     ("COMPLETED", "completed"), ("ARCHIVED", "archived"), ("SNOOZED", "unknown"), ("", "unknown"), (None, "unknown")],
)  # fmt: skip
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
            "id": sent_ids, "name": plainly(names), "status": plainly(st.sampled_from(["ACTIVE", "DRAFTED", "ODD", ""])),
            "created_at": sent_moments(), "updated_at": sent_moments(), "client_id": st.one_of(sent_ids, plainly(st.none())),
            "parent_campaign_id": st.one_of(sent_ids, plainly(st.none())), "tags": plainly(st.sampled_from([[], None, [{"tag_id": "4"}]])),
            **dict.fromkeys(NUMBERS, maybe_counts()),
        }
    ),
    st.sampled_from(["bare", "campaigns", "data", "success", "ok"]),
)  # fmt: skip
def test_any_documented_campaign_is_read(campaign, envelope):
    meant, sent = campaign
    payload = {"bare": [sent], "success": {"success": True, "data": [sent]}, "ok": {"ok": True, "data": [sent]}}.get(
        envelope, {envelope: [sent]}
    )
    (found,) = send(campaigns.campaigns(), json_reply(payload))
    assert found.id == meant["id"]
    assert found.name == meant.get("name", "")
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


@pytest.mark.parametrize("wrap", [lambda rows: rows, lambda rows: {"ok": True, "data": rows}])
def test_clients_are_read(wrap):
    row = {"id": 301, "name": "Acme", "email": "ops@acme.test", "created_at": "2026-01-05T04:24:04.656Z",
           "client_permision": {"permission": ["reply_master_inbox"], "retricted_category": []}}  # fmt: skip
    (found,) = send(clients.clients(), json_reply(wrap([row])))
    assert (found.id, found.name, found.email, found.permissions) == (
        301,
        "Acme",
        "ops@acme.test",
        ("reply_master_inbox",),
    )


METRICS = {
    "sent": "sent",
    "opened": "opened",
    "replied": "replied",
    "bounced": "bounced",
    "unsubscribed": "unsubscribed",
}


@given(
    objects(dict.fromkeys(METRICS, maybe_counts())),
    st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    st.integers(0, 29),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["success", "ok"]),
)
def test_any_documented_day_row_is_read(metrics, start, length, nested, iso, envelope):
    meant, sent = metrics
    end = start + timedelta(days=length)
    row = {"date": end.isoformat() if iso else end.strftime("%-d %b"), "day_name": end.strftime("%A")}
    row |= {"email_engagement_metrics": sent} if nested else sent
    (found,) = send(analytics.daily([1], start, end), json_reply({envelope: True, "data": {"day_wise_stats": [row]}}))
    assert found.day == end
    for key, ours in METRICS.items():
        assert getattr(found, ours) == meant.get(key)
    assert found.positive is None


def test_days_are_asked_for_with_zone_and_ids_and_come_in_order():
    rows = [{"date": "2 Jan", "sent": "2"}, {"date": "30 Dec", "sent": 30}]
    wire = FakeWire(json_reply({"success": True, "data": {"day_wise_stats": rows}}))
    found = wire.client().send(
        Smartlead().daily([3, 1], date(2025, 12, 28), date(2026, 1, 3), time_zone="Europe/London")
    )
    assert [(one.day, one.sent) for one in found] == [(date(2025, 12, 30), 30), (date(2026, 1, 2), 2)]
    assert wire.lines() == ["GET /analytics/day-wise-overall-stats"]
    params = dict(wire.requests[0].url.params)
    params.pop("api_key")
    assert params == {
        "start_date": "2025-12-28",
        "end_date": "2026-01-03",
        "timezone": "Europe/London",
        "campaign_ids": "3,1",
    }


@pytest.mark.parametrize(
    "row",
    [
        {"date": "20 Apr", "positive_replied": "3"},
        {"date": "2026-04-20", "email_engagement_metrics": {"positive_replied": 3}},
    ],
)
def test_positive_days_are_read_flat_or_nested(row):
    call = Smartlead().daily_positive([1], date(2026, 4, 1), date(2026, 4, 30))
    (found,) = send(call, json_reply({"data": {"day_wise_stats": [row]}}))
    assert (found.day, found.positive, found.sent) == (date(2026, 4, 20), 3, None)


TOTALS = {"sent": "sent", "opened": "opened", "replied": "replied", "bounced": "bounced", "positive_replied": "positive",
          "unique_lead_count": "contacted", "unique_open_count": "unique_opened"}  # fmt: skip


@given(
    objects(
        {
            "id": sent_ids,
            "campaign_name": plainly(names),
            "open_rate": plainly(st.just("34%")),
            **dict.fromkeys(TOTALS, maybe_counts()),
        }
    )
)
def test_any_documented_row_of_totals_is_read(row):
    meant, sent = row
    page = send(analytics.totals(START, END), json_reply({"ok": True, "data": {"campaign_wise_performance": [sent]}}))
    (found,) = page.rows
    assert page.next_offset is None
    assert (found.campaign_id, found.name) == (meant["id"], meant.get("campaign_name", ""))
    for key, ours in TOTALS.items():
        assert getattr(found, ours) == meant.get(key)


def test_totals_come_in_pages_until_a_short_one():
    def page(ids):
        return json_reply({"data": {"campaign_wise_performance": [{"id": number} for number in ids]}})

    wire = FakeWire(page([1, 2]), page([3]), page([1, 2, 3]))
    client, smartlead = wire.client(), Smartlead()
    first = client.send(smartlead.totals(START, END, limit=2))
    assert first.next_offset == 2
    assert client.send(smartlead.totals(START, END, offset=2, limit=2)).next_offset is None
    assert client.send(smartlead.totals(START, END, limit=2)).next_offset is None, (
        "a server that knows no pages sends all"
    )
    assert [request.url.params["offset"] for request in wire.requests] == ["0", "2", "0"]


@given(objects(dict.fromkeys(TOTALS, maybe_counts())))
def test_overall_numbers_are_read(numbers):
    meant, sent = numbers
    found = send(analytics.overall(START, END), json_reply({"success": True, "data": {"overall_stats": sent}}))
    assert found.campaign_id is None
    for key, ours in TOTALS.items():
        assert getattr(found, ours) == meant.get(key)


def test_statistics_are_not_asked_for_more_than_fits():
    with pytest.raises(NoLongerFits):
        analytics.daily(range(1, 102), START, END)
    with pytest.raises(NoLongerFits):
        statistics.campaign_range(1, START, START + timedelta(days=30))
    with pytest.raises(NoLongerFits):
        analytics.daily([1], START, START + timedelta(days=366))
    with pytest.raises(ValueError, match="leave them out"):
        analytics.totals(START, END, campaign_ids=[])
    with pytest.raises(ValueError, match="ends before"):
        analytics.totals(END, START)


LIFETIME = {"sent_count": "sent", "unique_sent_count": "unique_sent", "open_count": "opened", "unique_open_count": "unique_opened",
            "click_count": "clicked", "unique_click_count": "unique_clicked", "reply_count": "replied", "block_count": "blocked",
            "bounce_count": "bounced", "unsubscribed_count": "unsubscribed", "total_count": "planned", "drafted_count": "not_sent",
            "sequence_count": "steps"}  # fmt: skip
LEADS = {"total": "total", "notStarted": "not_started", "inprogress": "in_progress", "completed": "completed", "paused": "paused",
         "stopped": "stopped", "blocked": "blocked", "interested": "interested"}  # fmt: skip


@given(
    objects({"id": sent_ids, "name": plainly(names), **dict.fromkeys(LIFETIME, maybe_counts())}),
    objects(dict.fromkeys(LEADS, maybe_counts())),
)
def test_any_documented_lifetime_counters_are_read(counters, leads):
    meant, sent = counters
    found = send(
        statistics.campaign_totals(1),
        json_reply(sent | {"campaign_lead_stats": leads[1], "tags": [{"id": 44, "name": "EU"}]}),
    )
    for key, ours in LIFETIME.items():
        assert getattr(found, ours) == meant.get(key)
    for key, ours in LEADS.items():
        assert getattr(found.leads, ours) == leads[0].get(key)
    assert found.tags == (RemoteTag(44, "EU"),)


RANGE = {
    "id": 271,
    "status": "ACTIVE",
    "name": "Q4",
    "sent_count": "375",
    "open_count": "145",
    "reply_count": "11",
    "total_count": "2600",
}


def test_a_range_is_totals_or_days_and_the_form_is_learned():
    learned = []
    smartlead = Smartlead(on_learned=learned.append)
    totals = send(smartlead.campaign_range(271, START, END), json_reply(RANGE))
    assert (totals.days, totals.totals.sent, totals.totals.replied, totals.planned) == (None, 375, 11, 2600)
    assert learned == []
    days = send(smartlead.campaign_range(271, START, END), json_reply([{"date": "2026-11-02", "sent_count": "5"}]))
    assert [(one.day, one.sent) for one in days.days] == [(date(2026, 11, 2), 5)]
    assert learned == [{"day_rows_by_date": True}]
    assert provider_named("smartlead", facts=learned[-1]).facts == {"day_rows_by_date": True}
    assert send(smartlead.campaign_range(271, START, END), json_reply([])).days == ()
    assert len(learned) == 1, "no rows tell nothing"
    send(smartlead.campaign_range(271, START, END), json_reply(RANGE))
    assert learned[-1] == {}


def test_facts_of_other_times_are_passed_over():
    assert provider_named("smartlead", facts={"status_by_patch": True, "gone": True, "overview": "yes"}).facts == {
        "status_by_patch": True
    }
    with pytest.raises(LookupError):
        provider_named("postal pigeon")


STEPS = [
    {"id": 8495, "seq_number": "2", "seq_delay_details": {"delay_in_days": "3"}, "subject": "", "email_body": "<p>Again</p>", "sequence_variants": []},
    {"id": 8494, "seq_number": 1, "seq_delay_details": {"delayInDays": 0}, "subject": "", "email_body": "", "sequence_variants": [
        {"id": 2535, "variant_label": "A", "subject": "Hi", "email_body": "<p>A</p>", "is_deleted": False, "variant_distribution_percentage": "None"},
        {"id": 2536, "variant_label": "B", "subject": "Ho", "email_body": "<p>B</p>", "is_deleted": True},
        {"id": 2537, "variant_label": "C", "subject": "Hu", "email_body": "<p>C</p>", "variant_distribution_percentage": "40"}]},
]  # fmt: skip


@pytest.mark.parametrize("payload", [STEPS, {"success": True, "data": STEPS}, {"sequences": STEPS}])
def test_steps_come_in_order_with_the_variants_that_live(payload):
    first, second = send(sequences.steps(271), json_reply(payload))
    assert (first.number, first.delay_days, [one.label for one in first.variants]) == (1, 0, ["A", "C"])
    assert [one.share for one in first.variants] == [None, 40]
    assert (second.number, second.delay_days) == (2, 3)
    assert [(one.id, one.subject, one.body) for one in second.variants] == [(None, "", "<p>Again</p>")]


MAILBOX = {
    "id": 2907, "from_name": "Jo", "from_email": "jo@acme.test", "username": "jo@acme.test", "password": "hunter2", "imap_password": "hunter3",
    "message_per_day": 50, "daily_sent_count": "12", "minTimeToWaitInMins": 5, "is_smtp_success": True, "is_imap_success": False,
    "smtp_failure_error": None, "imap_failure_error": "refused", "is_suspended": False, "type": "GMAIL", "client_id": 44, "campaign_count": 3,
    "tags": [], "warmup_details": {"id": 99, "status": "ACTIVE", "total_sent_count": 450, "total_spam_count": 2, "warmup_reputation": "95%",
                                   "warmup_key_id": "brass-sleep", "reply_rate": 15, "blocked_reason": None}, "token": {"refresh_token": "hunter4"},
}  # fmt: skip


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


READS = [
    campaigns.campaigns(), campaigns.campaign(1), campaigns.check_key(), clients.clients(), analytics.totals(START, END),
    analytics.overall(START, END), analytics.daily([1], START, END), analytics.daily_positive([1], START, END), statistics.campaign_totals(1),
    statistics.campaign_range(1, START, END), sequences.steps(1), mailboxes.mailboxes(), mailboxes.mailbox(1), mailboxes.campaign_mailboxes(1),
]  # fmt: skip
KNOWN_KEYS = [
    "id", "data", "status", "name", "tags", "scheduler_cron_value", "track_settings", "created_at", "campaigns", "campaign_wise_performance",
    "day_wise_stats", "overall_stats", "email_engagement_metrics", "date", "sent", "campaign_lead_stats", "seq_number", "seq_delay_details",
    "sequence_variants", "warmup_details", "from_email", "client_permision", "permission", "tag_id", "days",
]  # fmt: skip
odd = st.recursive(
    anything,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KNOWN_KEYS), inner, max_size=6),
    max_leaves=15,
)


@given(st.sampled_from(READS), odd)
def test_whatever_comes_is_a_record_or_an_error_of_ours(call, payload):
    with suppress(ProviderError):
        call.parse(Answer(200, json_reply(payload).text))
