"""Rows per email and per lead add up to every counter of their campaign."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from typing import Any

import pytest

from tests.sandbox.conftest import Api
from tests.support.sandbox import CINDER_KEY, Sandbox

FERRO, SMALL, DRAFT = 1849203, 1849238, 1849498
POSITIVE = {"Interested", "Meeting Request", "Information Request"}


def emails(api: Api, campaign: int, **query: Any) -> list[dict[str, Any]]:
    """All rows, page by page."""
    rows: list[dict[str, Any]] = []
    while True:
        answer = api("GET", f"/campaigns/{campaign}/statistics", offset=len(rows), limit=1000, **query).json()
        rows += answer["data"]
        if len(rows) >= int(answer["total_stats"]) or not answer["data"]:
            return rows


def figures(rows: list[dict[str, Any]]) -> dict[str, int]:
    return {
        "sent": len(rows),
        "opened": sum(row["open_count"] for row in rows),
        "clicked": sum(row["click_count"] for row in rows),
        "replied": sum(row["reply_time"] is not None for row in rows),
        "positive": sum(row["reply_time"] is not None and row["lead_category"] in POSITIVE for row in rows),
        "bounced": sum(row["is_bounced"] for row in rows),
        "unsubscribed": sum(row["is_unsubscribed"] for row in rows),
        "emails_opened": sum(row["open_time"] is not None for row in rows),
        "emails_clicked": sum(row["click_time"] is not None for row in rows),
    }


def true(sandbox: Sandbox, campaign: int, **query: str) -> dict[str, Any]:
    found: dict[str, Any] = sandbox.steer("GET", "/_truth", statistics="1", **query)
    return next(one for one in found["campaigns"] if one["id"] == campaign)


@pytest.mark.parametrize("campaign", [FERRO, SMALL])
def test_rows_add_up_to_the_totals_and_to_each_variant(sandbox: Sandbox, api: Api, campaign: int) -> None:
    rows, truth = emails(api, campaign), true(sandbox, campaign)
    totals = figures(rows)
    assert {name: totals[name] for name in truth["totals"].keys() & totals.keys()} == {
        name: truth["totals"][name] for name in truth["totals"].keys() & totals.keys()
    }
    by_variant: dict[tuple[int, int | None], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_variant[row["email_campaign_seq_id"], row["seq_variant_id"]].append(row)
    assert len(by_variant) == len(truth["variant_statistics"]) > len(truth["steps"]), "some steps have variants"
    for told in truth["variant_statistics"]:
        mine = figures(by_variant[told.pop("step"), told.pop("variant")])
        assert mine == told


def test_nobody_gets_a_step_twice_nor_more_people_than_were_contacted(sandbox: Sandbox, api: Api) -> None:
    rows, truth = emails(api, SMALL), true(sandbox, SMALL)
    assert len({(row["lead_email"], row["sequence_number"]) for row in rows}) == len(rows)
    assert len({row["lead_email"] for row in rows}) == truth["totals"]["people_contacted"]
    steps = defaultdict(list)
    for row in rows:
        steps[row["lead_email"]].append(row["sequence_number"])
    assert all(one == list(range(1, len(one) + 1)) for one in steps.values()), "steps come in order"


def test_rows_by_day_equal_both_of_the_providers_ways_to_count_days(sandbox: Sandbox, api: Api) -> None:
    rows, truth = emails(api, FERRO), true(sandbox, FERRO)
    replied_on = Counter(row["reply_time"][:10] for row in rows if row["reply_time"])
    assert replied_on == {day: row["replied"] for day, row in truth["days"].items() if row["replied"]}
    assert Counter(row["sent_time"][:10] for row in rows) == {day: row["sent"] for day, row in truth["days"].items()}
    query = {"start_date": "2026-10-22", "end_date": "2026-11-20", "timezone": "UTC", "campaign_ids": str(FERRO)}
    by_sending = api("GET", "/analytics/day-wise-overall-stats-by-sent-time", **query).json()["data"]["day_wise_stats"]
    told = {row["date"]: row["email_engagement_metrics"] for row in by_sending}
    sent_on = Counter(row["sent_time"][:10] for row in rows if row["reply_time"])
    opens = Counter(dict.fromkeys(sent_on, 0))
    for row in rows:
        opens[row["sent_time"][:10]] += row["open_count"]
    for back in range(30):
        day = date(2026, 11, 20) - timedelta(days=back)
        metrics = told.get(f"{day.day} {day:%b}", {"replied": 0, "opened": 0})
        assert metrics["replied"] == sent_on[day.isoformat()], day
        assert metrics["opened"] == opens[day.isoformat()], day


def test_a_row_has_what_rows_of_live_servers_have_and_no_lead_id(sandbox: Sandbox, api: Api) -> None:
    answer = api("GET", f"/campaigns/{FERRO}/statistics").json()
    assert (answer["offset"], answer["limit"], len(answer["data"])) == (0, 100, 100)
    assert isinstance(answer["total_stats"], str)
    lacking = [row for row in emails(api, FERRO) if "stats_id" not in row]
    assert 50 < len(lacking) < 200, "it may be missing"
    assert set(answer["data"][0]) == {
        "lead_name", "lead_email", "lead_category", "sequence_number", "stats_id", "email_campaign_seq_id",
        "seq_variant_id", "email_subject", "email_message", "sent_time", "open_time", "click_time", "reply_time",
        "open_count", "click_count", "is_unsubscribed", "is_bounced",
    }  # fmt: skip
    assert all("{" not in row["email_message"] + row["email_subject"] for row in answer["data"])
    now = sandbox.now()["now"]
    for row in emails(api, FERRO, sent_time_start_date="2026-11-19"):
        for moment in ("open_time", "click_time", "reply_time"):
            assert row[moment] is None or row["sent_time"] <= row[moment] <= now


@pytest.mark.parametrize(
    ("status", "holds"),
    [
        ("opened", lambda row: row["open_time"]),
        ("clicked", lambda row: row["click_time"]),
        ("replied", lambda row: row["reply_time"]),
        ("unsubscribed", lambda row: row["is_unsubscribed"]),
        ("bounced", lambda row: row["is_bounced"]),
    ],
)
def test_rows_are_filtered_by_what_happened(sandbox: Sandbox, api: Api, status: str, holds: Any) -> None:
    everything = emails(api, SMALL)
    assert emails(api, SMALL, email_status=status) == [row for row in everything if holds(row)]


def test_rows_are_filtered_by_step_and_by_days_with_both_ends(sandbox: Sandbox, api: Api) -> None:
    everything = emails(api, SMALL)
    assert emails(api, SMALL, email_sequence_number=2) == [row for row in everything if row["sequence_number"] == 2]
    days = sorted({row["sent_time"][:10] for row in everything})
    some = emails(api, SMALL, sent_time_start_date=days[3], sent_time_end_date=days[5])
    assert some == [row for row in everything if days[3] <= row["sent_time"][:10] <= days[5]]
    moment = some[10]["sent_time"]
    assert moment in {row["sent_time"] for row in emails(api, SMALL, sent_time_end_date=moment)}


@pytest.mark.parametrize(
    "query", [{"limit": 1001}, {"limit": 0}, {"email_status": "is_opened"}, {"email_sequence_number": 21},
              {"sent_time_start_date": "yesterday"}],
)  # fmt: skip
def test_a_filter_out_of_range_is_refused(sandbox: Sandbox, api: Api, query: dict[str, Any]) -> None:
    assert api("GET", f"/campaigns/{SMALL}/statistics", **query).status_code == 400


def test_a_draft_has_no_rows_and_others_see_nothing(sandbox: Sandbox, api: Api) -> None:
    assert api("GET", f"/campaigns/{DRAFT}/statistics").json()["total_stats"] == "0"
    assert api("GET", f"/campaigns/{FERRO}/statistics", key=CINDER_KEY).status_code == 404


def test_rows_stay_as_they_were_when_time_moves_on(sandbox: Sandbox, api: Api) -> None:
    closed: dict[str, Any] = {"sent_time_end_date": "2026-11-18"}
    before = emails(api, FERRO, **closed)
    sandbox.advance(days=2)
    after = emails(api, FERRO, **closed)
    what_was_sent = ("lead_email", "stats_id", "sent_time", "seq_variant_id", "is_bounced")
    assert [[row.get(name) for name in what_was_sent] for row in after] == [
        [row.get(name) for name in what_was_sent] for row in before
    ]
    assert figures(emails(api, FERRO))["sent"] == true(sandbox, FERRO)["totals"]["sent"]


def test_a_corrected_day_corrects_the_rows(sandbox: Sandbox, api: Api) -> None:
    sandbox.change("set_day", campaign=FERRO, day="2026-11-03", figures={"bounced": 9})
    of_that_day = emails(api, FERRO, sent_time_start_date="2026-11-03", sent_time_end_date="2026-11-03")
    assert sum(row["is_bounced"] for row in of_that_day) == 9


def test_a_new_sequence_leaves_what_was_sent_with_the_old_one(sandbox: Sandbox, api: Api) -> None:
    before = emails(api, SMALL)
    body = {"id": None, "seq_number": 1, "seq_delay_details": {"delay_in_days": 0}, "subject": "S", "email_body": "B"}
    assert api("POST", f"/campaigns/{SMALL}/sequences", {"sequences": [body]}).status_code == 200
    assert emails(api, SMALL) == before
    [step] = api("GET", f"/campaigns/{SMALL}/sequences").json()
    query = {"start_date": "2026-08-01", "end_date": "2026-11-20"}
    [row] = api("GET", f"/campaigns/{SMALL}/sequence-analytics", **query).json()["data"]
    assert (row["email_campaign_seq_id"], row["sent_count"]) == (step["id"], "0")


def test_lead_rows_add_up_and_say_whether_there_are_more(sandbox: Sandbox, api: Api) -> None:
    rows: list[dict[str, Any]] = []
    more = True
    while more:
        answer = api("GET", f"/campaigns/{SMALL}/leads-statistics", offset=len(rows), limit=100).json()
        assert (answer["skip"], answer["limit"]) == (len(rows), 100)
        rows, more = rows + answer["data"], answer["hasMore"]
    totals = true(sandbox, SMALL)["totals"]
    assert len(rows) == totals["people_contacted"]
    for ours, theirs in (("sent_count", "sent"), ("open_count", "opened"), ("reply_count", "replied")):
        assert sum(row[ours] for row in rows) == totals[theirs]
    assert all(row["lead_id"] > 2**31 for row in rows)
    late = api("GET", f"/campaigns/{SMALL}/leads-statistics", event_time_gt="2026-11-01T00:00:00.000Z").json()["data"]
    assert late
    assert all(row["last_event_time"] >= "2026-11-01" for row in late)
    assert api("GET", f"/campaigns/{SMALL}/leads-statistics", limit=101).status_code == 400
