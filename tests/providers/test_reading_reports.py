"""What each read of reports makes of the documented answers."""

from datetime import UTC, date, datetime

import pytest

from providers.calls import EXPORT_TIMEOUT, Answer
from providers.errors import NotFound, UnexpectedResponse
from providers.records import RemoteName, RemoteTag
from providers.reports import RemoteCount, RemoteSenderNumbers
from providers.smartlead import account_reports, campaign_rows, warmup
from tests.providers.wire import FakeWire, json_reply, send, text_reply

START, END = date(2026, 11, 1), date(2026, 11, 19)
EMAIL = {
    "lead_name": "Ann Lee",
    "lead_email": "ann@x.test",
    "lead_category": None,
    "sequence_number": "1",
    "stats_id": "a739fed0-1",
    "email_campaign_seq_id": 1178,
    "seq_variant_id": 129,
    "email_subject": "Quick question",
    "email_message": "<p>private</p>",
    "sent_time": "2026-11-02T12:49:11.747Z",
    "open_time": None,
    "open_count": 0,
    "is_unsubscribed": False,
    "is_bounced": False,
}


def enveloped(key, value):
    return json_reply({"success": True, "message": "ok", "data": {key: value}})


def test_emails_come_in_pages_without_their_text():
    wire = FakeWire(
        json_reply({"total_stats": "3", "data": [EMAIL, EMAIL], "offset": 0, "limit": 2}),
        json_reply({"total_stats": "3", "data": []}),
    )
    client = wire.client()
    page = client.send(campaign_rows.emails(1, limit=2, status="opened", sent_from=START))
    assert (page.next_offset, page.total) == (2, 3)
    email = page.rows[0]
    assert (email.address, email.step_number, email.step_id, email.variant_id) == ("ann@x.test", 1, 1178, 129)
    assert email.sent_at == datetime(2026, 11, 2, 12, 49, 11, 747000, UTC)
    assert (email.opened_at, email.opens, email.bounced) == (None, 0, False)
    assert "private" not in repr(page)
    assert client.send(campaign_rows.emails(1, offset=2)).next_offset is None, (
        "a page without rows ends a list that shrank"
    )
    assert wire.requests[0].url.params["sent_time_start_date"] == "2026-11-01"


@pytest.mark.parametrize(("more", "next_offset"), [(True, 2), (False, None), (None, None)])
def test_lead_rows_say_themselves_whether_there_are_more(more, next_offset):
    answer = {"skip": 0, "limit": 100, "data": [{"lead_email": "a"}, {"lead_email": "b"}]} | (
        {} if more is None else {"hasMore": more}
    )
    page = send(campaign_rows.lead_rows(1), json_reply(answer))
    assert [row["lead_email"] for row in page.rows] == ["a", "b"]
    assert page.next_offset == next_offset


def test_mailbox_numbers_are_read_from_either_name():
    rows = [
        {"email_account_id": 7, "from_email": "jo@x.test", "sent_count": "40", "sender_bounce_count": 1},
        {"email_account": "al@x.test"},
    ]
    page = send(campaign_rows.mailbox_numbers(1, start=START, end=END), json_reply({"ok": True, "data": rows}))
    assert page.rows == (
        RemoteSenderNumbers("jo@x.test", 7, sent=40, sender_bounced=1),
        RemoteSenderNumbers("al@x.test"),
    )
    for wrong in ({"limit": 25}, {"start": START}):
        with pytest.raises(ValueError, match=r"\w"):
            campaign_rows.mailbox_numbers(1, **wrong)


def test_step_numbers_are_read():
    row = {"email_campaign_seq_id": 8, "sent_count": "4", "skipped_count": 1, "positive_reply_count": None}
    (found,) = send(campaign_rows.step_numbers(1, START, END), json_reply({"ok": True, "data": [row]}))
    assert (found.step_id, found.sent, found.skipped, found.positive) == (8, 4, 1, None)


EXPORT = (
    "\ufeffid,campaign_lead_map_id,status,category,is_interested,created_at,first_name,last_name,email,"
    "custom_fields,is_unsubscribed,open_count\r\n"
    '2995276770,2433664091,INPROGRESS,Interested,true,2026-01-05T04:24:04.656Z,Ann,"Lee, Dr.",ann@x.test,'
    '"{""city"":""Köln\\nSüd"",""n"":4}",false,3\r\n'
    "5,6,STARTED,,,,Bo,,bo@x.test,,,\r\n"
)


def test_an_export_is_read_by_the_names_of_its_columns():
    wire = FakeWire(text_reply(EXPORT))
    first, second = wire.client().send(campaign_rows.export_leads(1))
    assert (first.id, first.membership_id, first.last_name, first.custom_fields) == (
        2995276770,
        2433664091,
        "Lee, Dr.",
        {"city": "Köln\nSüd", "n": "4"},
    )
    assert (first.interested, first.unsubscribed, first.opens, first.category) == (True, False, 3, "Interested")
    assert (second.email, second.custom_fields, second.opens, second.created_at) == ("bo@x.test", {}, None, None)
    assert wire.requests[0].headers["accept"] == "text/csv"
    assert wire.requests[0].extensions["timeout"]["read"] == EXPORT_TIMEOUT


@pytest.mark.parametrize("text", ["<html></html>", '{"message": "x"}', "a,b\r\n1,2\r\n", 'email\r\n"open'])
def test_an_export_that_is_no_table_is_reported(text):
    with pytest.raises(UnexpectedResponse):
        send(campaign_rows.export_leads(1), text_reply(text))
    with pytest.raises(NotFound):
        send(campaign_rows.export_leads(1), text_reply(""))
    assert send(campaign_rows.export_leads(1), text_reply("id,email\r\n")) == ()


def test_names_and_counts_are_read():
    assert send(account_reports.campaign_names(), enveloped("campaign_list", [{"id": "7", "name": "A"}])) == (
        RemoteName(7, "A"),
    )
    assert send(account_reports.client_names(), enveloped("client_list", [{"id": 3, "name": "C"}])) == (
        RemoteName(3, "C"),
    )
    assert send(
        account_reports.status_counts(), enveloped("campaign_status_stats", [{"status": "STARTED", "count": "4"}])
    ) == (RemoteCount("STARTED", 4),)
    assert send(account_reports.clients_by_month(), enveloped("monthly_stats", [{"month": "Jan", "count": 2}])) == (
        RemoteCount("Jan", 2),
    )
    times = send(
        account_reports.reply_times(START, END), enveloped("lead_to_reply_time", [{"time_range": "0-1 h", "count": 2}])
    )
    assert times == (RemoteCount("0-1 h", 2),)
    row = {"category": "Interested", "total_response": "9", "percentage": "34%"}
    found = send(account_reports.category_responses(START, END), enveloped("lead_responses_by_category", [row]))
    assert found == (RemoteCount("Interested", 9, 34.0),)


@pytest.mark.parametrize(("value", "number"), [("34%", 34.0), (12, 12.0), (None, None)])
def test_single_numbers_are_read(value, number):
    assert (
        send(account_reports.leads_for_first_reply(START, END), enveloped("leads_take_for_first_reply", value))
        == number
    )
    assert send(account_reports.follow_up_reply_rate(START, END), enveloped("followup_reply_rate", value)) == number


def test_totals_of_clients_leads_mailboxes_and_team_are_read():
    row = {
        "client_id": 3,
        "client_name": "C",
        "total_campaigns_count": "2",
        "campaign_stats": {"sent": "5", "unique_lead_count": 4, "client_health": "good"},
    }
    (client,) = send(account_reports.client_totals(START, END), enveloped("client_wise_performance", [row])).rows
    assert (client.client_id, client.campaigns, client.totals.sent, client.totals.contacted, client.health) == (
        3,
        2,
        5,
        4,
        "good",
    )
    leads = send(
        account_reports.lead_totals(START, END),
        enveloped("lead_stats", {"count": {"total": "9", "new": 4, "follow_up": 5}}),
    )
    assert (leads.total, leads.new, leads.follow_up) == (9, 4, 5)
    stats = {"total_connected": 9, "in_use": "4", "disconnected": 1, "enabled_without_warmup": 0}
    boxes = send(account_reports.mailbox_counts(), enveloped("overall_mailbox_stats", stats))
    assert (boxes.connected, boxes.in_use, boxes.disconnected, boxes.without_warmup) == (9, 4, 1, 0)
    (member,) = send(
        account_reports.team_numbers(START, END),
        enveloped("team_board_stats", [{"id": 2, "name": "Jo", "reply_count": "3"}]),
    )
    assert (member.member_id, member.name, member.replied) == (2, "Jo", 3)
    row = {"campaign_id": 1, "campaign_name": "A", "positive_reply": "2", "neutral_reply": 1, "negative_reply": None}
    (answers,) = send(account_reports.responses(START, END), enveloped("campaign_wise_response_stats", [row]))
    assert (answers.campaign_id, answers.positive, answers.neutral, answers.negative) == (1, 2, 1, None)


def test_senders_are_read_by_address_domain_and_provider():
    page = send(
        account_reports.mailbox_health(START, END),
        enveloped("email_health_metrics", [{"from_email": "jo@x.test", "sent": "4"}]),
    )
    assert page.rows == (RemoteSenderNumbers("jo@x.test", sent=4),)
    page = send(
        account_reports.domain_health(START, END),
        enveloped("domain_health_metrics", [{"domain": "x.test", "bounced": 1}]),
    )
    assert page.rows == (RemoteSenderNumbers("x.test", bounced=1),)
    overview = {
        "overall": [{"provider": "gmail", "sent": 4}],
        "tag_wise": [{"provider": "gmail", "tag": "EU", "sent": 1}],
    }
    found = send(
        account_reports.provider_numbers(START, END), enveloped("email_providers_performance_overview", overview)
    )
    assert found == (RemoteSenderNumbers("gmail", sent=4), RemoteSenderNumbers("gmail", tag="EU", sent=1))


@pytest.mark.parametrize(
    "answer",
    [
        {
            "id": 7,
            "sent_count": "140",
            "spam_count": "3",
            "stats_by_date": [{"id": 1, "date": "2026-11-18", "sent_count": 20, "reply_count": "6"}],
        },
        {
            "ok": True,
            "data": {
                "total_sent": 140,
                "total_spam": 3,
                "daily_stats": [{"date": "18 Nov", "sent": "20", "replied": 6}],
            },
        },
    ],
)
def test_warmup_is_read_from_both_shapes(answer):
    found = send(warmup.warmup_stats(7, today=END), json_reply(answer))
    assert (found.mailbox_id, found.sent, found.spam) == (7, 140, 3)
    assert [(one.day, one.sent, one.replied) for one in found.days] == [(date(2026, 11, 18), 20, 6)]


def test_tags_are_asked_for_by_address_and_are_a_question():
    wire = FakeWire(
        json_reply({}, 502),
        json_reply(
            {"ok": True, "data": [{"email_account_id": 101, "tags": [{"id": 1, "name": "EU", "color": "#fff"}]}]}
        ),
    )
    assert wire.client().send(warmup.tags_of_mailboxes(["a@x.test"])) == {101: (RemoteTag(1, "EU", "#fff"),)}
    assert wire.bodies() == [{"email_ids": ["a@x.test"]}] * 2
    assert warmup.tags_of_mailboxes(["a"]).is_read


def test_an_answer_without_the_documented_key_is_reported():
    for call in (
        account_reports.campaign_names(),
        account_reports.mailbox_counts(),
        account_reports.lead_totals(START, END),
    ):
        with pytest.raises(UnexpectedResponse):
            call.parse(Answer(200, '{"data": {}}'))
