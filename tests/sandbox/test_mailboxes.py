"""Mailboxes: one, changed, suspended, reconnected, tagged, warmed up."""

from typing import Any

import pytest

from tests.sandbox.conftest import Api
from tests.support.sandbox import AGENCY_KEY, CINDER_KEY, Sandbox

BOX, FOREIGN = 71162, 71120


def box_of(sandbox: Sandbox, number: int = BOX) -> dict[str, Any]:
    return next(one for one in sandbox.truth(days=False)["mailboxes"] if one["id"] == number)


def test_one_mailbox_comes_with_campaigns_and_tags_on_demand(sandbox: Sandbox, api: Api) -> None:
    tag = api("POST", "/tags", {"name": "DACH", "color": "#112233"}).json()["data"]
    api("POST", "/email-accounts/tag-mapping", {"email_account_ids": [BOX], "tag_ids": [tag["id"]]})
    plain = api("GET", f"/email-accounts/{BOX}/").json()
    assert plain["tags"] == []
    assert "campaign_ids" not in plain
    full = api("GET", f"/email-accounts/{BOX}/", fetch_campaigns="true", fetch_tags="true").json()
    assert full["tags"] == [tag]
    assert full["campaign_count"] == len(full["campaign_ids"]) > 0
    assert api("GET", f"/email-accounts/{FOREIGN}/").json() == {"error": "Email account not found"}


def test_an_update_changes_only_what_it_names(sandbox: Sandbox, api: Api) -> None:
    before = box_of(sandbox)
    body = {"max_email_per_day": 25, "time_to_wait_in_mins": 9, "bcc": "crm@halyard.example", "signature": "<p>x</p>"}
    assert api("POST", f"/email-accounts/{BOX}", body).json()["emailAccountId"] == BOX
    assert box_of(sandbox) == before | {
        "per_day": 25, "gap_minutes": 9, "bcc": "crm@halyard.example", "signature": "<p>x</p>",
    }  # fmt: skip
    read = api("GET", f"/email-accounts/{BOX}/").json()
    assert (read["message_per_day"], read["minTimeToWaitInMins"]) == (25, 9)
    for wrong in ({"message_per_day": 5}, {"time_to_wait_in_mins": 0}, {"password": "x"}, {"is_suspended": "yes"}):
        assert api("POST", f"/email-accounts/{BOX}", wrong).status_code == 400
    missing = api("POST", f"/email-accounts/{FOREIGN}", body)
    assert (missing.status_code, missing.json()["errorCode"]) == (404, "ACCOUNT_NOT_FOUND")
    assert api("PATCH", f"/email-accounts/{BOX}", body).status_code == 404


def test_deleting_the_suspension_lets_it_send_again(sandbox: Sandbox, api: Api) -> None:
    answer = api("PUT", f"/email-accounts/suspend/{BOX}").json()
    assert answer["data"] == {"accountId": BOX, "isSuspended": True}
    assert box_of(sandbox)["suspended"] is True
    assert api("DELETE", f"/email-accounts/unsuspend/{BOX}").json()["data"]["isSuspended"] is False
    assert box_of(sandbox)["suspended"] is False
    refused = api("PUT", f"/email-accounts/suspend/{BOX}", key=CINDER_KEY)
    assert (refused.status_code, refused.json()["success"]) == (400, False)


def test_a_deleted_mailbox_leaves_every_campaign(sandbox: Sandbox, api: Api) -> None:
    before = sandbox.truth()["campaigns"]
    assert api("DELETE", f"/email-accounts/{BOX}").json()["emailAccountId"] == BOX
    after = sandbox.truth()
    assert BOX not in {one["id"] for one in after["mailboxes"]}
    assert all(BOX not in one["mailbox_ids"] for one in after["campaigns"])
    assert [one["totals"] for one in after["campaigns"]] == [one["totals"] for one in before]
    assert api("DELETE", f"/email-accounts/{BOX}").status_code == 404


def test_failed_mailboxes_reconnect_later_and_not_all(sandbox: Sandbox, api: Api) -> None:
    def failed() -> int:
        return sum(not box["connected"] for box in sandbox.truth(AGENCY_KEY, days=False)["mailboxes"])

    path = "/email-accounts/reconnect-failed-email-accounts"
    assert api("POST", path, {"all": True}).status_code == 400
    assert api("POST", path, {}).json()["ok"] is True
    assert failed() == 3, "it takes its time"
    sandbox.advance(minutes=5)
    assert failed() == 1
    assert [api("POST", path, {}).status_code for _ in range(3)] == [200, 200, 406]
    assert api("POST", path, {}).json()["ok"] is True, "even what is refused says ok"
    sandbox.advance(days=1)
    assert api("POST", path, {}).status_code == 200
    none = api("POST", path, {}, key=CINDER_KEY)
    assert (none.status_code, none.json()["ok"]) == (404, True)


def test_tags_are_made_changed_assigned_listed_and_removed(sandbox: Sandbox, api: Api) -> None:
    tag = api("POST", "/tags", {"name": "Warm"}).json()["data"]
    changed = api("POST", "/email-accounts/tag-manager", tag | {"name": "Hot", "color": "#AA0000"}).json()["data"]
    pair = {"email_account_ids": [BOX, BOX + 1], "tag_ids": [tag["id"]]}
    assert api("POST", "/email-accounts/tag-mapping", pair).json()["ok"] is True
    address = box_of(sandbox)["from_email"]
    listed = api("POST", "/email-accounts/tag-list", {"email_ids": [address, "nobody@example.com"]}).json()["data"]
    assert listed == [{"email_account_id": BOX, "from_email": address, "tags": [changed]}]
    assert box_of(sandbox, BOX + 1)["tags"] == [changed]
    gone = pair | {"email_account_ids": [BOX, FOREIGN]}
    assert api("DELETE", "/email-accounts/tag-mapping", gone).json()["ok"] is True, "missing pairs are skipped"
    assert box_of(sandbox)["tags"] == []


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/tags", {"name": "x", "color": "red"}, 400),
        ("/tags", {}, 400),
        ("/email-accounts/tag-manager", {"id": 1, "name": "x"}, 400),
        ("/email-accounts/tag-manager", {"id": 1, "name": "x", "color": "#000000"}, 404),
        ("/email-accounts/tag-mapping", {"email_account_ids": [*range(26)], "tag_ids": [1]}, 400),
        ("/email-accounts/tag-mapping", {"email_account_ids": [BOX], "tag_ids": []}, 400),
        ("/email-accounts/tag-mapping", {"email_account_ids": [BOX], "tag_ids": [1]}, 404),
        ("/email-accounts/tag-list", {"email_ids": [1]}, 400),
    ],
)
def test_wrong_tags_are_refused(sandbox: Sandbox, api: Api, path: str, body: Any, status: int) -> None:
    assert api("POST", path, body).status_code == status


def test_warmup_is_set_and_its_week_adds_up(sandbox: Sandbox, api: Api) -> None:
    path = f"/email-accounts/{BOX}/warmup"
    body = {"warmup_enabled": True, "total_warmup_per_day": 40, "daily_rampup": 5, "reply_rate_percentage": 30}
    assert api("POST", path, body).json()["emailAccountId"] == BOX
    found = box_of(sandbox)
    assert (found["warmup"], found["warmup_per_day"], found["warmup_reply_rate"]) == ("ACTIVE", 40, 30)
    week = api("GET", f"{path}-stats").json()
    days = week["stats_by_date"]
    assert [day["date"] for day in days] == [f"2026-11-{number}" for number in range(13, 20)]
    assert week["sent_count"] == str(sum(day["sent_count"] for day in days))
    assert int(week["spam_count"]) + int(week["inbox_count"]) == int(week["sent_count"]) > 0
    for wrong in ({}, body | {"daily_rampup": 0}, body | {"reply_rate_percentage": 10}, body | {"x": 1}):
        assert api("POST", path, wrong).status_code == 400
    api("POST", path, {"warmup_enabled": False})
    assert api("GET", f"{path}-stats").json()["stats_by_date"] == []


def test_todays_count_is_what_campaigns_sent_from_it_today(sandbox: Sandbox, api: Api) -> None:
    truth = sandbox.steer("GET", "/_truth", statistics="1", key=AGENCY_KEY, first="2026-11-20", last="2026-11-20")
    sent = {box["id"]: box["statistics"]["sent"] for box in truth["mailboxes"]}
    rows = [row for offset in (0, 100) for row in api("GET", "/email-accounts/", offset=offset).json()]
    assert {row["id"]: row["daily_sent_count"] for row in rows} == sent
    assert sum(sent.values()) > 0
