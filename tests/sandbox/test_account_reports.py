"""The smaller reports over the account agree with the bigger ones."""

from typing import Any

import pytest

from tests.sandbox.conftest import Api
from tests.support.sandbox import CINDER_KEY, Sandbox

MONTH = {"start_date": "2026-10-22", "end_date": "2026-11-20"}


def data(api: Api, path: str, name: str, **query: Any) -> Any:
    answer = api("GET", f"/analytics/{path}", **query).json()
    assert answer["success"] is True
    return answer["data"][name]


def test_replies_by_category_and_by_time_are_all_replies(sandbox: Sandbox, api: Api) -> None:
    overall = data(api, "overall-stats-v2", "overall_stats", **MONTH)
    categories = data(api, "lead/category-wise-response", "lead_responses_by_category", **MONTH)
    assert sum(int(row["total_response"]) for row in categories) == overall["replied"]
    positive = {"Interested", "Meeting Request", "Information Request"}
    assert (
        sum(int(row["total_response"]) for row in categories if row["category"] in positive)
        == overall["positive_replied"]
    )
    times = data(api, "campaign/lead-to-reply-time", "lead_to_reply_time", **MONTH)
    assert sum(int(row["count"]) for row in times) == overall["replied"]


def test_leads_are_new_or_followed_up(sandbox: Sandbox, api: Api) -> None:
    overall = data(api, "overall-stats-v2", "overall_stats", **MONTH)
    counts = data(api, "lead/overall-stats", "lead_stats", **MONTH)["count"]
    assert counts["total"] == counts["new"] + counts["follow_up"] == overall["unique_lead_count"]
    needed = data(api, "campaign/leads-take-for-first-reply", "leads_take_for_first_reply", **MONTH)
    assert needed == round(overall["unique_lead_count"] / overall["replied"])
    assert 0 < data(api, "campaign/follow-up-reply-rate", "followup_reply_rate", **MONTH) < 20


def test_clients_are_counted_by_month(sandbox: Sandbox, api: Api) -> None:
    rows = data(api, "client/month-wise-count", "monthly_stats")
    assert sum(int(row["count"]) for row in rows) == 8
    [row] = data(api, "client/month-wise-count", "monthly_stats", key=CINDER_KEY)
    assert row["count"] == "1"


def test_mailboxes_are_counted_by_state(sandbox: Sandbox, api: Api) -> None:
    boxes = sandbox.truth(days=False, key="halyard-main")["mailboxes"]
    stats = data(api, "mailbox/overall-stats", "overall_mailbox_stats")
    assert stats["disconnected"] == sum(not box["connected"] for box in boxes) == 3
    assert stats["total_connected"] + stats["disconnected"] == len(boxes)
    assert 0 < stats["enabled_without_warmup"] < len(boxes)
    assert data(api, "mailbox/overall-stats", "overall_mailbox_stats", client_ids="304")["disconnected"] == 3


def test_the_team_shares_the_campaigns(sandbox: Sandbox, api: Api) -> None:
    first, second = data(api, "team-board/overall-stats", "team_board_stats", **MONTH)
    assert (first["name"], second["campaign_count"]) == ("Maya Lindqvist", 0)
    assert api("POST", "/campaigns/1849203/team-member", {"teamMemberId": second["id"]}).json() == {"success": True}
    rows = data(api, "team-board/overall-stats", "team_board_stats", **MONTH)
    assert [row["campaign_count"] for row in rows] == [first["campaign_count"] - 1, 1]
    assert sum(row["reply_count"] for row in rows) == first["reply_count"]
    assert api("POST", "/campaigns/1849203/team-member", {"teamMemberId": 5}).status_code == 404
    assert api("POST", "/campaigns/1849203/team-member", {}).json()["message"] == '"teamMemberId" is required'
    assert api("POST", "/campaigns/1849203/team-member", {"teamMemberId": None}).status_code == 200


@pytest.mark.parametrize(
    "path", ["campaign/leads-take-for-first-reply", "lead/overall-stats", "mailbox/name-wise-health-metrics",
             "team-board/overall-stats"],
)  # fmt: skip
def test_reports_of_a_range_need_its_dates(sandbox: Sandbox, api: Api, path: str) -> None:
    assert api("GET", f"/analytics/{path}").json()["message"] == '"start_date" is required'
