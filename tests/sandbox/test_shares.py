"""Figures by step, by mailbox and in the export agree with the campaign's own."""

import csv
import io
import json
from collections import Counter
from typing import Any

import pytest

from tests.sandbox.conftest import Api
from tests.support.sandbox import AGENCY_KEY, Sandbox

FERRO, LARKFIELD = 1849203, 1849344
MONTH = {"start_date": "2026-10-22", "end_date": "2026-11-20"}
COUNTERS = {
    "sent_count": "sent", "open_count": "opened", "click_count": "clicked", "reply_count": "replied",
    "bounce_count": "bounced", "unsubscribed_count": "unsubscribed",
}  # fmt: skip


def true(sandbox: Sandbox, number: int, **query: str) -> dict[str, Any]:
    found = sandbox.steer("GET", "/_truth", statistics="1", **query)["campaigns"]
    return next(one for one in found if one["id"] == number)


@pytest.mark.parametrize("campaign", [FERRO, LARKFIELD])
def test_steps_add_up_to_the_totals_of_the_same_range(sandbox: Sandbox, api: Api, campaign: int) -> None:
    answer = api("GET", f"/campaigns/{campaign}/sequence-analytics", **MONTH).json()
    assert answer["ok"] is True
    rows = {row["email_campaign_seq_id"]: row for row in answer["data"]}
    assert set(rows) == {step["id"] for step in api("GET", f"/campaigns/{campaign}/sequences").json()}
    top = api("GET", f"/campaigns/{campaign}/top-level-analytics-by-date", **MONTH).json()
    for counter in (*COUNTERS, "positive_reply_count"):
        assert sum(int(row[counter]) for row in rows.values()) == int(top[counter]), counter
    truth = true(sandbox, campaign, first=MONTH["start_date"], last=MONTH["end_date"])
    for step, told in truth["step_statistics"].items():
        assert {theirs: int(rows[int(step)][ours]) for ours, theirs in COUNTERS.items()} == {
            theirs: told[theirs] for theirs in COUNTERS.values()
        }
    sent = [int(rows[step["id"]]["sent_count"]) for step in truth["steps"]]
    assert all(sent), "every step has sent"


def test_steps_need_both_dates(sandbox: Sandbox, api: Api) -> None:
    answer = api("GET", f"/campaigns/{FERRO}/sequence-analytics", start_date="2026-11-01")
    assert (answer.status_code, answer.json()["message"]) == (400, '"end_date" is required')


def test_mailboxes_of_a_campaign_add_up_in_pages_of_twenty(sandbox: Sandbox, api: Api) -> None:
    path = f"/campaigns/{FERRO}/mailbox-statistics"
    rows = api("GET", path).json()["data"]
    truth = true(sandbox, FERRO)
    assert {row["email_account_id"] for row in rows} == set(truth["mailbox_ids"])
    for ours, theirs in COUNTERS.items():
        assert sum(row[ours] for row in rows) == truth["totals"][theirs]
        assert {str(row["email_account_id"]): row[ours] for row in rows} == {
            box: told[theirs] for box, told in truth["mailbox_statistics"].items()
        }
    assert [row for offset in (0, 5, 10, 15) for row in api("GET", path, limit=5, offset=offset).json()["data"]] == rows
    assert api("GET", path, limit=25).status_code == 400
    assert api("GET", path, start_date="2026-11-01").json()["message"] == '"end_date" is required'
    assert api("GET", path, client_id=301).json()["data"] == []


def test_mailboxes_of_a_range_add_up_to_the_range(sandbox: Sandbox, api: Api) -> None:
    rows = api("GET", f"/campaigns/{FERRO}/mailbox-statistics", **MONTH).json()["data"]
    total = api("GET", f"/campaigns/{FERRO}/analytics-by-date", **MONTH).json()
    for counter in COUNTERS:
        assert sum(row[counter] for row in rows) == int(total[counter])


def test_a_detached_mailbox_keeps_what_it_sent(sandbox: Sandbox, api: Api) -> None:
    before = true(sandbox, FERRO)
    gone = before["mailbox_ids"][0]
    api("DELETE", f"/campaigns/{FERRO}/email-accounts", {"email_account_ids": [gone]})
    sandbox.advance(days=3)
    after = true(sandbox, FERRO)
    sent = {box: told["sent"] for box, told in after["mailbox_statistics"].items()}
    assert sum(sent.values()) == after["totals"]["sent"] > before["totals"]["sent"]
    assert sent[str(gone)] >= before["mailbox_statistics"][str(gone)]["sent"]
    others = [box for box in sent if box != str(gone)]
    assert all(sent[box] > before["mailbox_statistics"][box]["sent"] for box in others)


@pytest.mark.parametrize("campaign", [FERRO, 1849430, 1848772])
def test_the_export_holds_every_lead_with_its_status(sandbox: Sandbox, api: Api, campaign: int) -> None:
    answer = api("GET", f"/campaigns/{campaign}/leads-export")
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert f"sl_campaign_{campaign}_leads.csv" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    truth = true(sandbox, campaign)
    leads, totals = truth["leads"], truth["totals"]
    statuses = Counter(row["status"] for row in rows)
    names = {"STARTED": "waiting", "INPROGRESS": "in_progress", "COMPLETED": "completed", "PAUSED": "paused",
             "STOPPED": "stopped", "BLOCKED": "blocked"}  # fmt: skip
    assert {ours: statuses[status] for status, ours in names.items()} == {ours: leads[ours] for ours in names.values()}
    assert len({row["id"] for row in rows}) == len({row["email"] for row in rows}) == leads["total"]
    assert not {row["id"] for row in rows} & {row["campaign_lead_map_id"] for row in rows}
    assert sum(int(row["reply_count"]) for row in rows) == totals["replied"]
    assert sum(int(row["open_count"]) for row in rows) == totals["opened"]
    assert sum(row["is_unsubscribed"] == "true" for row in rows) == totals["unsubscribed"]
    assert sum(row["is_interested"] == "true" for row in rows) == totals["positive"]
    assert all(isinstance(json.loads(row["custom_fields"]), dict) for row in rows)
    if rows:
        assert any("\n" in row["location"] for row in rows), "fields may hold line breaks"
        assert api("GET", f"/campaigns/{campaign}/leads-export").text == answer.text


def test_an_export_of_nothing_is_empty(sandbox: Sandbox, api: Api) -> None:
    missing = api("GET", "/campaigns/1/leads-export")
    assert (missing.status_code, missing.content) == (200, b"")


def test_mailbox_figures_of_the_account_are_the_sum_over_its_campaigns(sandbox: Sandbox, api: Api) -> None:
    truth = sandbox.steer(
        "GET", "/_truth", statistics="1", key=AGENCY_KEY, first=MONTH["start_date"], last=MONTH["end_date"]
    )
    answer = api("GET", "/analytics/mailbox/name-wise-health-metrics", **MONTH, limit="1000").json()
    rows = {row["from_email"]: row for row in answer["data"]["email_health_metrics"]}
    assert len(rows) == len(truth["mailboxes"])
    for box in truth["mailboxes"]:
        for figure, name in (("sent", "sent"), ("replied", "replied"), ("positive", "positive_replied")):
            assert rows[box["from_email"]][name] == box["statistics"][figure]
    domains = api("GET", "/analytics/mailbox/domain-wise-health-metrics", **MONTH).json()["data"]
    providers = api("GET", "/analytics/mailbox/provider-wise-overall-performance", **MONTH).json()["data"]
    sent = sum(row["sent"] for row in rows.values())
    assert sum(row["sent"] for row in domains["domain_health_metrics"]) == sent
    overview = providers["email_providers_performance_overview"]
    assert sum(row["sent"] for row in overview["overall"]) == sent
    assert {row["provider"] for row in overview["overall"]} == {"GMAIL", "OUTLOOK"}
    assert overview["tag_wise"] == []
    pages = [
        api("GET", "/analytics/mailbox/name-wise-health-metrics", **MONTH, limit="50", offset=str(offset)).json()
        for offset in (0, 50, 100)
    ]
    assert sum(len(page["data"]["email_health_metrics"]) for page in pages) == len(rows)
