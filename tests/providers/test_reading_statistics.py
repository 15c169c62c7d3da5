"""What each read of statistics makes of the documented answers."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.calls import NoLongerFits
from providers.ports import Facts
from providers.records import RemoteTag
from providers.registry import provider_named
from providers.smartlead import Smartlead, analytics, statistics
from providers.text import storable
from tests.providers.shapes import maybe_counts, names, objects, plainly, sent_ids
from tests.providers.wire import FakeWire, json_reply, send

START, END = date(2026, 11, 1), date(2026, 11, 19)


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


TOTALS = {
    "sent": "sent",
    "opened": "opened",
    "replied": "replied",
    "bounced": "bounced",
    "positive_replied": "positive",
    "unique_lead_count": "contacted",
    "unique_open_count": "unique_opened",
}


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
    assert (found.campaign_id, found.name) == (meant["id"], storable(meant.get("campaign_name", "")))
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


LIFETIME = {
    "sent_count": "sent",
    "unique_sent_count": "unique_sent",
    "open_count": "opened",
    "unique_open_count": "unique_opened",
    "click_count": "clicked",
    "unique_click_count": "unique_clicked",
    "reply_count": "replied",
    "block_count": "blocked",
    "bounce_count": "bounced",
    "unsubscribed_count": "unsubscribed",
    "total_count": "planned",
    "drafted_count": "not_sent",
    "sequence_count": "steps",
}


LEADS = {
    "total": "total",
    "notStarted": "not_started",
    "inprogress": "in_progress",
    "completed": "completed",
    "paused": "paused",
    "stopped": "stopped",
    "blocked": "blocked",
    "interested": "interested",
}


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
    learned: list[Facts] = []
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
