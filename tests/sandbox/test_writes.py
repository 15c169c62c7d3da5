"""Writes are as strict, as silent and as odd as at live servers."""

from typing import Any

import pytest

from tests.sandbox.conftest import Api
from tests.support.sandbox import CINDER_KEY, Sandbox

ACTIVE, PAUSED, DRAFT, EMPTY_DRAFT, STOPPED, COMPLETED = 1849203, 1849238, 1849498, 1848772, 1849430, 1848807

SCHEDULE = {
    "timezone": "Europe/Berlin",
    "days_of_the_week": [0, 1, 2],
    "start_hour": "08:00",
    "end_hour": "16:30",
    "min_time_btw_emails": 7,
    "max_new_leads_per_day": 90,
}


def true(sandbox: Sandbox, number: int) -> dict[str, Any]:
    return next(one for one in sandbox.truth()["campaigns"] if one["id"] == number)


def step(number: int, **fields: Any) -> dict[str, Any]:
    delay = 0 if number == 1 else 2
    base = {"id": None, "seq_number": number, "seq_delay_details": {"delay_in_days": delay}}
    return base | ({} if "seq_variants" in fields else {"subject": "S", "email_body": "<p>B</p>"}) | fields


def test_a_campaign_is_created_as_an_empty_draft(sandbox: Sandbox, api: Api) -> None:
    made = api("POST", "/campaigns/create", {"name": "Neu · ☂", "client_id": 304}).json()
    assert made["ok"] is True
    read = api("GET", f"/campaigns/{made['id']}").json()
    assert (read["name"], read["status"], read["client_id"]) == ("Neu · ☂", "DRAFTED", 304)
    assert read["scheduler_cron_value"] is None
    assert api("POST", "/campaigns/create", {}).json()["name"] == "Untitled Campaign"
    assert api("POST", "/campaigns/create", {"client_id": 303}).status_code == 404, "a client of another account"
    own = api("POST", "/campaigns/create", {"name": "Mine"}, key=CINDER_KEY).json()
    assert true(sandbox, own["id"])["client_id"] == 303


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("/campaigns/create", {"name": "x", "colour": "red"}, '"colour" is not allowed'),
        ("/campaigns/create", {"name": 7}, '"name" must be a string'),
        (f"/campaigns/{DRAFT}/status", {}, '"status" is required'),
        (f"/campaigns/{DRAFT}/status", {"status": "ACTIVE"}, '"status" must be one of [START, PAUSED, STOPPED]'),
        (f"/campaigns/{DRAFT}/schedule", {k: v for k, v in SCHEDULE.items() if k != "max_new_leads_per_day"},
         '"max_new_leads_per_day" is required'),
        (f"/campaigns/{DRAFT}/schedule", SCHEDULE | {"client_id": 1}, '"client_id" is not allowed'),
        (f"/campaigns/{DRAFT}/schedule", SCHEDULE | {"min_time_btw_emails": 2},
         '"min_time_btw_emails" must be greater than or equal to 3'),
        (f"/campaigns/{DRAFT}/settings", {"foo": 1}, '"foo" is not allowed'),
        (f"/campaigns/{DRAFT}/sequences", [step(1)], '"value" must be of type object'),
        (f"/campaigns/{DRAFT}/sequences", {}, '"sequences" is required'),
        (f"/campaigns/{DRAFT}/sequences", {"sequences": [step(1) | {"variants": []}]},
         '"sequences[0].variants" is not allowed'),
        (f"/campaigns/{DRAFT}/sequences", {"sequences": [step(1, seq_delay_details={"delayInDays": 0})]},
         '"sequences[0].seq_delay_details.delay_in_days" is required'),
        (f"/campaigns/{DRAFT}/email-accounts", {"email_account_id": 1}, '"email_account_ids" is required'),
    ],
)  # fmt: skip
def test_a_wrong_body_is_refused_by_the_name_of_its_key(
    sandbox: Sandbox, api: Api, path: str, body: Any, message: str
) -> None:
    before = sandbox.truth()["campaigns"]
    response = api("POST", path, body)
    assert response.status_code == 400
    assert (response.json()["error"], response.json()["message"]) == ("Bad Request", message)
    assert sandbox.truth()["campaigns"] == before
    assert sandbox.log()["calls"][-1]["carried_out"] is False


def test_a_body_that_is_no_json_is_refused(sandbox: Sandbox, api: Api) -> None:
    assert api("POST", "/campaigns/create", "just text").status_code == 400


def test_starting_needs_a_sequence_a_mailbox_leads_and_a_schedule(sandbox: Sandbox, api: Api) -> None:
    number = api("POST", "/campaigns/create", {"name": "New", "client_id": 304}).json()["id"]

    def start() -> tuple[int, str]:
        response = api("POST", f"/campaigns/{number}/status", {"status": "START"})
        return response.status_code, response.text

    status, text = start()
    assert (status, "sequence" in text) == (400, True)
    api("POST", f"/campaigns/{number}/sequences", {"sequences": [step(1)]})
    status, text = start()
    assert (status, "email account" in text) == (400, True)
    api("POST", f"/campaigns/{number}/email-accounts", {"email_account_ids": [71160]})
    status, text = start()
    assert (status, "leads" in text) == (400, True)
    sandbox.change("add_leads", campaign=number, count=50)
    status, text = start()
    assert (status, "cron" in text) == (500, True), "a missing schedule is a server error"
    api("POST", f"/campaigns/{number}/schedule", SCHEDULE)
    assert start()[0] == 200
    assert api("GET", f"/campaigns/{number}").json()["status"] == "ACTIVE"


def test_stopped_is_final_and_paused_is_not(sandbox: Sandbox, api: Api) -> None:
    assert api("POST", f"/campaigns/{STOPPED}/status", {"status": "START"}).status_code == 400
    assert api("POST", f"/campaigns/{ACTIVE}/status", {"status": "PAUSED"}).json() == {"ok": True}
    assert true(sandbox, ACTIVE)["status"] == "PAUSED"
    assert api("POST", f"/campaigns/{ACTIVE}/status", {"status": "START"}).json() == {"ok": True}
    assert api("POST", f"/campaigns/{ACTIVE}/status", {"status": "STOPPED"}).json() == {"ok": True}
    assert api("POST", f"/campaigns/{ACTIVE}/status", {"status": "PAUSED"}).status_code == 400
    assert api("POST", "/campaigns/1/status", {"status": "PAUSED"}).status_code == 404


def test_a_schedule_is_written_and_read_in_different_words(sandbox: Sandbox, api: Api) -> None:
    path = f"/campaigns/{DRAFT}/schedule"
    assert api("POST", path, SCHEDULE).json() == {"ok": True}
    read = api("GET", f"/campaigns/{DRAFT}").json()
    assert read["scheduler_cron_value"] == {
        "tz": "Europe/Berlin", "days": [0, 1, 2], "startHour": "08:00", "endHour": "16:30",
    }  # fmt: skip
    assert (read["min_time_btwn_emails"], read["max_leads_per_day"]) == (7, 90)
    for change, message in (
        ({"timezone": "Mars/Base"}, "Invalid timezone - Mars/Base"),
        ({"start_hour": "8"}, "Invalid start_hour - 8"),
        ({"end_hour": "24:00"}, "Invalid end_hour - 24:00"),
        ({"start_hour": "17:00"}, "startHour cannot be greater that endHour"),
    ):
        response = api("POST", path, SCHEDULE | change)
        assert (response.status_code, response.json()) == (400, {"error": message})


def test_settings_are_partial_and_keep_two_vocabularies(sandbox: Sandbox, api: Api) -> None:
    path = f"/campaigns/{ACTIVE}/settings"
    body = {"track_settings": ["DONT_TRACK_EMAIL_OPEN"], "stop_lead_settings": "CLICK_ON_A_LINK"}
    assert api("POST", path, body | {"bounce_autopause_threshold": "5"}).json() == {"ok": True}
    read = api("GET", f"/campaigns/{ACTIVE}").json()
    assert (read["track_settings"], read["stop_lead_settings"]) == (["DONT_EMAIL_OPEN"], "CLICK_ON_A_LINK")
    assert read["name"] == "Freight directors · DACH · Q4"
    assert "bounce_autopause_threshold" not in read
    assert true(sandbox, ACTIVE)["settings"] == {"bounce_autopause_threshold": "5"}
    refused = api("POST", path, {"track_settings": ["DONT_EMAIL_OPEN"]})
    assert refused.json() == {"error": "Invalid track_settings value - DONT_EMAIL_OPEN"}
    assert api("POST", path, {"stop_lead_settings": "NEVER"}).status_code == 400


def test_sequences_of_a_running_campaign_are_refused(sandbox: Sandbox, api: Api) -> None:
    before = true(sandbox, ACTIVE)
    response = api("POST", f"/campaigns/{ACTIVE}/sequences", {"sequences": [step(1)]})
    assert response.status_code == 400
    assert "active" in response.json()["error"]
    assert true(sandbox, ACTIVE) == before


def test_saving_a_sequence_replaces_it_and_keeps_echoed_ids(sandbox: Sandbox, api: Api) -> None:
    before = true(sandbox, PAUSED)["steps"]
    first, second = before[0], before[1]
    kept, dropped = first["variants"][0], first["variants"][1]
    variants = [
        {"id": kept["id"], "variant_label": "A", "subject": "New", "email_body": "<p>1</p>",
         "variant_distribution_percentage": 70},
        {"variant_label": "B", "subject": "Other", "email_body": "<p>2</p>", "variant_distribution_percentage": 30},
    ]  # fmt: skip
    sent = [
        step(1, id=first["id"], seq_variants=variants, variant_distribution_type="MANUAL_PERCENTAGE"),
        step(2, id=second["id"], subject="", email_body="<p>again</p>"),
    ]
    assert api("POST", f"/campaigns/{PAUSED}/sequences", {"sequences": sent}).json()["ok"] is True
    after = true(sandbox, PAUSED)["steps"]
    assert [one["id"] for one in after] == [first["id"], second["id"]], "omitted steps are gone"
    by_label = {one["label"]: one for one in after[0]["variants"] if not one["deleted"]}
    assert (by_label["A"]["id"], by_label["A"]["subject"], by_label["A"]["percentage"]) == (kept["id"], "New", 70)
    assert by_label["B"]["id"] not in {one["id"] for one in first["variants"]}
    assert [one["id"] for one in after[0]["variants"] if one["deleted"]][:1] == [dropped["id"]]
    assert (after[1]["body"], after[1]["variants"][:0]) == ("<p>again</p>", [])
    sent[0].pop("variant_distribution_type")
    sent[0]["seq_variants"] = [{key: value for key, value in one.items() if key != "id"} for one in variants]
    api("POST", f"/campaigns/{PAUSED}/sequences", {"sequences": sent})
    again = [one for one in true(sandbox, PAUSED)["steps"][0]["variants"] if not one["deleted"]]
    assert all(one["percentage"] is None for one in again), "without its type the split is equal again"
    assert kept["id"] not in {one["id"] for one in again}, "without its id a variant is a new one"


def test_sequence_rules_of_the_provider_hold(sandbox: Sandbox, api: Api) -> None:
    path = f"/campaigns/{DRAFT}/sequences"
    variants = [{"variant_label": "A", "subject": "s", "email_body": "b"}]
    guides_word = step(1, seq_variants=variants, variant_distribution_type="MANUALLY_EQUAL")
    assert api("POST", path, {"sequences": [guides_word]}).status_code == 406
    no_delay = step(2, seq_delay_details={"delay_in_days": 0})
    assert api("POST", path, {"sequences": [step(1), no_delay]}).status_code == 400
    assert api("POST", path, {"sequences": [step(1), step(3)]}).status_code == 400
    assert api("POST", path, {"sequences": [step(1, id=99)]}).status_code == 400


def test_a_duplicate_copies_everything_but_leads_and_past(sandbox: Sandbox, api: Api) -> None:
    answer = api("POST", f"/campaigns/{ACTIVE}/duplicate", {"duplicate_sub_sequence": True}).json()
    copy, original = true(sandbox, answer["newCampaignId"]), true(sandbox, ACTIVE)
    assert (copy["name"], copy["status"], copy["client_id"]) == (f"{original['name']} - copy", "DRAFTED", None)
    assert (copy["leads"]["total"], copy["days"]) == (0, {})
    assert copy["schedule"] == original["schedule"]
    assert copy["mailbox_ids"] == original["mailbox_ids"]
    assert [one["body"] for one in copy["steps"]] == [one["body"] for one in original["steps"]]
    assert not {one["id"] for one in copy["steps"]} & {one["id"] for one in original["steps"]}
    children = [one for one in sandbox.truth()["campaigns"] if one["parent_campaign_id"] == copy["id"]]
    assert len(children) == 1
    missing = api("POST", "/campaigns/1/duplicate", {})
    assert (missing.status_code, missing.json()) == (500, {"message": "Invalid campaign Id!"})


def test_a_running_campaign_is_not_deleted(sandbox: Sandbox, api: Api) -> None:
    refused = api("DELETE", f"/campaigns/{ACTIVE}")
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "CAMPAIGN_ACTIVE")
    assert api("DELETE", f"/campaigns/{DRAFT}").json() == {"ok": True}
    assert api("GET", f"/campaigns/{DRAFT}").content == b""


def test_mailboxes_are_attached_and_detached(sandbox: Sandbox, api: Api) -> None:
    path = f"/campaigns/{EMPTY_DRAFT}/email-accounts"
    linked = api("POST", path, {"email_account_ids": [71040, 71041]}).json()
    assert [one["email_account_id"] for one in linked["result"]] == [71040, 71041]
    assert api("DELETE", path, {"email_account_ids": [71041, 1]}).json() == {"ok": True, "result": 1}
    assert true(sandbox, EMPTY_DRAFT)["mailbox_ids"] == [71040]
    refused = api("POST", path, {"email_account_ids": [71120]})
    assert refused.json() == {"error": "Email account id - 71120 not allowed. Permission Error."}
    everything = true(sandbox, ACTIVE)["mailbox_ids"]
    last = api("DELETE", f"/campaigns/{ACTIVE}/email-accounts", {"email_account_ids": everything})
    assert last.status_code == 400


def test_clients_are_made_and_get_keys(sandbox: Sandbox, api: Api) -> None:
    made = api("POST", "/client/save", {"name": "Fjord", "email": "hi@fjord.example"}).json()
    assert api("POST", "/client/save", {"name": "Twin", "email": "hi@fjord.example"}).status_code == 400
    key = api("POST", "/client/api-key", {"clientId": made["clientId"], "keyName": "deck"}).json()["data"]
    assert [one["name"] for one in api("GET", "/client/", key=key["api_key"]).json()] == ["Fjord"]
    assert [one["id"] for one in api("GET", "/client/api-key", clientId=made["clientId"]).json()["data"]] == [key["id"]]
    fresh = api("PUT", f"/client/api-key/reset/{key['id']}").json()["data"]
    assert api("GET", "/client/", key=key["api_key"]).status_code == 401
    assert api("GET", "/client/", key=fresh["api_key"]).status_code == 200
    assert api("DELETE", f"/client/api-key/{key['id']}").json()["ok"] is True
    assert api("GET", "/client/", key=fresh["api_key"]).status_code == 401
    assert api("POST", "/client/save", {"name": "x", "email": "x@x"}, key=CINDER_KEY).status_code == 403
