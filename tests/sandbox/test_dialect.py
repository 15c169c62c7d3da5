"""By a switch the sandbox answers as the guides say, for everyone or for one key."""

import pytest

from tests.sandbox.conftest import Api
from tests.support.sandbox import AGENCY_KEY, CINDER_KEY, Sandbox

PAUSED, DRAFT = 1849238, 1849498


@pytest.fixture
def guides(sandbox: Sandbox) -> Sandbox:
    sandbox.dialect("guides")
    return sandbox


def test_status_is_patched_with_active(guides: Sandbox, api: Api) -> None:
    assert api("POST", f"/campaigns/{PAUSED}/status", {"status": "START"}).status_code == 404
    assert api("PATCH", f"/campaigns/{PAUSED}/status", {"status": "ACTIVE"}).json() == {"ok": True}
    assert api("GET", f"/campaigns/{PAUSED}").json()["status"] == "ACTIVE"


def test_sequences_are_a_bare_array_with_variants(guides: Sandbox, api: Api) -> None:
    variant = {"variant_label": "A", "subject": "s", "email_body": "<p>b</p>"}
    step = {"id": None, "seq_number": 1, "seq_delay_details": {"delay_in_days": 0},
            "variant_distribution_type": "MANUALLY_EQUAL", "variants": [variant]}  # fmt: skip
    path = f"/campaigns/{PAUSED}/sequences"
    assert api("POST", path, {"sequences": [step]}).json()["message"] == '"value" must be an array'
    assert api("POST", path, [step | {"seq_variants": []}]).status_code == 400
    assert api("POST", path, [step]).json()["ok"] is True
    read = api("GET", path).json()
    assert read["data"][0]["sequence_variants"][0]["subject"] == "s"


def test_the_schedule_has_the_old_name_for_new_leads(guides: Sandbox, api: Api) -> None:
    body = {"timezone": "UTC", "days_of_the_week": [1], "start_hour": "09:00", "end_hour": "17:00",
            "min_time_btw_emails": 5}  # fmt: skip
    path = f"/campaigns/{DRAFT}/schedule"
    assert api("POST", path, body | {"max_new_leads_per_day": 9}).status_code == 400
    assert api("POST", path, body | {"max_leads_per_day": 9}).json() == {"ok": True}
    assert api("GET", f"/campaigns/{DRAFT}").json()["max_leads_per_day"] == 9


def test_mailboxes_are_attached_one_by_one(guides: Sandbox, api: Api) -> None:
    path = f"/campaigns/{DRAFT}/email-accounts"
    assert api("POST", path, {"email_account_ids": [71400]}).status_code == 400
    assert api("POST", path, {"email_account_id": 71400}).json()["ok"] is True


def test_a_range_answers_with_one_row_per_day(guides: Sandbox, api: Api) -> None:
    query = {"start_date": "2026-11-01", "end_date": "2026-11-20"}
    rows = api("GET", "/campaigns/1849203/analytics-by-date", **query).json()
    assert [row["date"] for row in rows] == [f"2026-11-{day:02d}" for day in range(1, 21)]
    days = next(one["days"] for one in guides.truth()["campaigns"] if one["id"] == 1849203)
    assert {row["date"]: row["sent_count"] for row in rows if row["sent_count"]} == {
        day: row["sent"] for day, row in days.items() if day >= "2026-11-01"
    }
    flat = api("GET", "/analytics/day-wise-overall-stats", **query).json()
    assert flat["ok"] is True
    assert flat["data"]["day_wise_stats"][0]["date"] == "2026-11-02"
    assert "sent" in flat["data"]["day_wise_stats"][0]


def test_settings_take_the_words_of_the_read_side(guides: Sandbox, api: Api) -> None:
    body = {"track_settings": ["DONT_EMAIL_OPEN"], "stop_lead_settings": "NEVER"}
    assert api("PATCH", f"/campaigns/{DRAFT}/settings", body).json() == {"ok": True}
    assert api("GET", f"/campaigns/{DRAFT}").json()["track_settings"] == ["DONT_EMAIL_OPEN"]


def test_one_key_may_speak_another_dialect(sandbox: Sandbox, api: Api) -> None:
    sandbox.dialect("guides", key="cinder")
    path = "/campaigns/{}/status"
    assert api("PATCH", path.format(1848812), {"status": "PAUSED"}, key=CINDER_KEY).status_code == 200
    assert api("PATCH", path.format(1849203), {"status": "PAUSED"}, key=AGENCY_KEY).status_code == 404
    sandbox.dialect(None, key="cinder")
    assert api("PATCH", path.format(1848812), {"status": "PAUSED"}, key=CINDER_KEY).status_code == 404
