"""Figures add up where the provider's do, and fail to where the provider's fail to."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.sandbox.conftest import Api
from tests.support.sandbox import AGENCY_KEY, Sandbox

FERRO, LAGGING = 1849203, 1849244
FIGURES = ("sent", "opened", "clicked", "replied", "bounced", "unsubscribed")
MONTH = {"start_date": "2026-10-22", "end_date": "2026-11-20"}


def day_sum(campaign: dict[str, Any], figure: str, first: str = "", last: str = "9") -> int:
    return sum(row[figure] for day, row in campaign["days"].items() if first <= day <= last)


def test_lifetime_totals_are_the_sum_of_all_days(sandbox: Sandbox) -> None:
    for campaign in sandbox.truth()["campaigns"]:
        for figure in FIGURES:
            if (campaign["id"], figure) != (LAGGING, "replied"):
                assert campaign["totals"][figure] == day_sum(campaign, figure), (campaign["name"], figure)
        assert sum(campaign["leads"][place] for place in ("waiting", "in_progress", "completed", "paused", "stopped",
                   "blocked")) == campaign["leads"]["total"]  # fmt: skip


def test_one_campaign_has_totals_that_differ_from_its_days(sandbox: Sandbox, api: Api) -> None:
    campaign = next(one for one in sandbox.truth()["campaigns"] if one["id"] == LAGGING)
    total = int(api("GET", f"/campaigns/{LAGGING}/analytics").json()["reply_count"])
    assert total == campaign["totals"]["replied"] < day_sum(campaign, "replied")
    sandbox.change("set", campaign=LAGGING, fields={"totals_lag": 0})
    assert int(api("GET", f"/campaigns/{LAGGING}/analytics").json()["reply_count"]) == day_sum(campaign, "replied")


def test_lifetime_analytics_are_strings_that_equal_the_truth(sandbox: Sandbox, api: Api) -> None:
    names = {"sent": "sent_count", "opened": "open_count", "clicked": "click_count", "replied": "reply_count",
             "bounced": "bounce_count", "unsubscribed": "unsubscribed_count", "people_contacted": "unique_sent_count",
             "people_opened": "unique_open_count", "emails_planned": "total_count"}  # fmt: skip
    for campaign in sandbox.truth(AGENCY_KEY)["campaigns"]:
        answer = api("GET", f"/campaigns/{campaign['id']}/analytics").json()
        assert {ours: answer[theirs] for ours, theirs in names.items()} == {
            ours: str(campaign["totals"][ours]) for ours in names
        }
        assert answer["campaign_lead_stats"]["notStarted"] == campaign["leads"]["waiting"]
        assert answer["campaign_lead_stats"]["total"] == campaign["leads"]["total"]
        assert answer["client_id"] == campaign["client_id"]


def test_the_demo_figures_are_near_those_of_the_drawings(sandbox: Sandbox, api: Api) -> None:
    answer = api("GET", "/analytics/campaign/overall-stats", **MONTH, campaign_ids=FERRO).json()
    [row] = answer["data"]["campaign_wise_performance"]
    assert row["sent"] == pytest.approx(3184, rel=0.06)
    assert row["positive_replied"] == pytest.approx(34, abs=6)
    assert float(row["reply_rate"].rstrip("%")) == pytest.approx(5.6, abs=0.7)
    assert float(row["bounce_rate"].rstrip("%")) == pytest.approx(1.1, abs=0.3)


def test_single_days_of_all_campaigns_equal_the_day_rows(sandbox: Sandbox, api: Api) -> None:
    truth = {one["id"]: one for one in sandbox.truth(AGENCY_KEY)["campaigns"]}
    for day in ("2026-11-03", "2026-11-15", "2026-11-20"):
        answer = api("GET", "/analytics/campaign/overall-stats", start_date=day, end_date=day).json()
        rows = answer["data"]["campaign_wise_performance"]
        assert {row["id"] for row in rows} == set(truth)
        for row in rows:
            true = truth[row["id"]]["days"].get(day, {})
            assert row["sent"] == true.get("sent", 0)
            assert (row["replied"], row["bounced"]) == (true.get("replied", 0), true.get("bounced", 0))
            assert row["positive_replied"] == true.get("positive", 0)


def test_day_wise_rows_have_no_year_and_equal_the_truth(sandbox: Sandbox, api: Api) -> None:
    answer = api("GET", "/analytics/day-wise-overall-stats", **MONTH, campaign_ids=f"{FERRO},{LAGGING}").json()
    campaigns = [one for one in sandbox.truth()["campaigns"] if one["id"] in (FERRO, LAGGING)]
    rows = {row["date"]: row for row in answer["data"]["day_wise_stats"]}
    assert rows["3 Nov"]["day_name"] == "Tuesday"
    assert "8 Nov" not in rows, "Sundays have no row"
    for back in range(30):
        day = date(2026, 11, 20) - timedelta(days=back)
        row = rows.get(f"{day.day} {day:%b}", {}).get("email_engagement_metrics", {})
        for figure in ("sent", "opened", "replied", "bounced", "unsubscribed"):
            true = sum(one["days"].get(day.isoformat(), {}).get(figure, 0) for one in campaigns)
            assert row.get(figure, 0) == true, (day, figure)


def test_positive_replies_come_by_day_nested_or_flat(sandbox: Sandbox, api: Api) -> None:
    path = "/analytics/day-wise-positive-reply-stats"
    query: dict[str, Any] = MONTH | {"campaign_ids": str(FERRO)}
    nested = api("GET", path, **query).json()["data"]["day_wise_stats"]
    campaign = next(one for one in sandbox.truth()["campaigns"] if one["id"] == FERRO)
    assert sum(row["email_engagement_metrics"]["positive_replied"] for row in nested) == day_sum(
        campaign, "positive", "2026-10-22"
    )
    flat = api("GET", f"{path}-by-sent-time", **query, timezone="Europe/Berlin").json()["data"]["day_wise_stats"]
    assert all(isinstance(row["positive_replied"], int) for row in flat)


def test_weekends_are_low_and_nothing_was_sent_before_the_start(sandbox: Sandbox) -> None:
    for campaign in sandbox.truth()["campaigns"]:
        days = campaign["days"]
        assert all(day >= campaign["created_at"][:10] for day in days)
        weekend = sum(row["sent"] for day, row in days.items() if date.fromisoformat(day).weekday() >= 5)
        assert weekend <= 0.05 * campaign["totals"]["sent"]
        if campaign["status"] == "DRAFTED":
            assert days == {}
        if campaign["status"] in {"PAUSED", "STOPPED", "COMPLETED", "ARCHIVED"}:
            assert max(days) < "2026-11-19"


def test_people_are_not_the_sum_of_people_of_shorter_ranges(sandbox: Sandbox, api: Api) -> None:
    def people(first: str, last: str) -> int:
        path = f"/campaigns/{FERRO}/analytics-by-date"
        return int(api("GET", path, start_date=first, end_date=last).json()["unique_sent_count"])

    assert people("2026-11-02", "2026-11-13") < people("2026-11-02", "2026-11-06") + people("2026-11-07", "2026-11-13")


def test_a_range_answers_with_totals_and_is_at_most_thirty_days(sandbox: Sandbox, api: Api) -> None:
    campaign = next(one for one in sandbox.truth()["campaigns"] if one["id"] == FERRO)
    path = f"/campaigns/{FERRO}/analytics-by-date"
    answer = api("GET", path, **MONTH).json()
    assert answer["sent_count"] == str(day_sum(campaign, "sent", "2026-10-22"))
    assert answer["start_date"] == "2026-10-22"
    too_long = api("GET", path, start_date="2026-10-21", end_date="2026-11-20")
    assert (too_long.status_code, too_long.json()) == (400, {"error": "Date difference should be max of 30days"})
    assert api("GET", "/campaigns/1/analytics-by-date", **MONTH).json() == {"error": "Invalid campaign id'"}
    missing = api("GET", path, start_date="2026-11-01")
    assert missing.json()["message"] == '"end_date" is required'
    top = api("GET", f"/campaigns/{FERRO}/top-level-analytics-by-date", **MONTH).json()
    assert top["positive_reply_count"] == str(day_sum(campaign, "positive", "2026-10-22"))


def test_account_wide_calls_agree_with_each_other(sandbox: Sandbox, api: Api) -> None:
    overall = api("GET", "/analytics/overall-stats-v2", **MONTH).json()["data"]["overall_stats"]
    performance = api("GET", "/analytics/campaign/overall-stats", **MONTH, full_data="true").json()["data"]
    rows = performance["campaign_wise_performance"]
    assert overall["sent"] == sum(row["sent"] for row in rows)
    assert overall["unique_lead_count"] == sum(row["unique_lead_count"] for row in rows)
    pages = []
    for offset in (0, 20, 40):
        page = api("GET", "/analytics/campaign/overall-stats", **MONTH, limit="20", offset=str(offset)).json()["data"]
        pages += page["campaign_wise_performance"]
    assert pages == rows
    clients = api("GET", "/analytics/client/overall-stats", **MONTH).json()["data"]["client_wise_performance"]
    assert len(clients) == 8
    ferro = next(row for row in clients if row["client_id"] == 304)
    assert ferro["campaign_stats"]["reply_rate"].endswith("%")
    responses = api("GET", "/analytics/campaign/response-stats", **MONTH).json()["data"]
    row = next(one for one in responses["campaign_wise_response_stats"] if one["campaign_id"] == FERRO)
    replied = next(one for one in rows if one["id"] == FERRO)["replied"]
    assert row["positive_reply"] + row["neutral_reply"] + row["negative_reply"] == replied
    statuses = api("GET", "/analytics/campaign/status-stats").json()["data"]["campaign_status_stats"]
    assert {row["status"] for row in statuses} >= {"STARTED", "PAUSED", "DRAFTED"}
    assert len(api("GET", "/analytics/campaign/list").json()["data"]["campaign_list"]) == len(rows)
    assert len(api("GET", "/analytics/client/list").json()["data"]["client_list"]) == 8


def test_id_lists_and_time_zones_are_checked(sandbox: Sandbox, api: Api) -> None:
    path = "/analytics/overall-stats-v2"
    ids = ",".join(str(number) for number in range(101))
    assert api("GET", path, **MONTH, campaign_ids=ids).status_code == 400
    assert api("GET", path, **MONTH, client_ids=",".join("1" * 51)).status_code == 400
    assert api("GET", path, **MONTH, campaign_ids="a,b").status_code == 400
    assert api("GET", path, **MONTH, timezone="Mars/Base").status_code == 400
    assert api("GET", "/analytics/day-wise-overall-stats-by-sent-time", **MONTH).status_code == 400
    foreign = api("GET", path, **MONTH, campaign_ids="1848812").json()["data"]["overall_stats"]
    assert foreign["sent"] == 0, "another account's campaign counts nothing"
