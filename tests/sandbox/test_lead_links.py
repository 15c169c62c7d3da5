"""Single leads: their campaigns, their sender, a test email; and sub-sequences."""

import csv
import io

from tests.sandbox.conftest import Api
from tests.support.sandbox import CINDER_KEY, Sandbox

FERRO, CHILD = 1849203, 1849211


def lead_ids(api: Api, campaign: int) -> list[int]:
    text = api("GET", f"/campaigns/{campaign}/leads-export").text
    return [int(row["id"]) for row in csv.DictReader(io.StringIO(text))]


def test_a_lead_is_in_its_campaign_and_in_the_sub_sequence_of_it(sandbox: Sandbox, api: Api) -> None:
    everyone, followed = lead_ids(api, FERRO), lead_ids(api, CHILD)
    assert set(followed) < set(everyone)
    found = api("GET", f"/leads/{followed[0]}/campaigns").json()
    assert [(one["id"], one["status"]) for one in found] == [(CHILD, "ACTIVE"), (FERRO, "ACTIVE")]
    assert [one["id"] for one in api("GET", f"/leads/{everyone[-1]}/campaigns").json()] == [FERRO]
    assert api("GET", "/leads/4/campaigns").json() == []
    assert api("GET", f"/leads/{everyone[0]}/campaigns", key=CINDER_KEY).json() == []


def test_a_sub_sequence_is_a_draft_below_its_parent(sandbox: Sandbox, api: Api) -> None:
    answers = [
        api("POST", "/campaigns/create-subsequence", {"parent_campaign_id": FERRO, "subsequence_name": name}).json()
        for name in ("Opened", "Clicked")
    ]
    ids = [one.get("subsequence_id") or one["id"] for one in answers]
    assert sorted(map(len, answers)) == [2, 4], "both documented answers occur"
    children = {one["id"]: one for one in api("GET", "/campaigns/").json() if one["parent_campaign_id"] == FERRO}
    assert {children[number]["name"] for number in ids} == {"Opened", "Clicked"}
    assert {children[number]["client_id"] for number in ids} == {304}
    assert api("POST", "/campaigns/create-subsequence", {"subsequence_name": "x"}).status_code == 400
    assert api("POST", "/campaigns/create-subsequence", {"parent_campaign_id": 1}).status_code == 404


def test_a_test_email_is_counted_and_a_wrong_lead_is_a_server_error(sandbox: Sandbox, api: Api) -> None:
    path, lead = f"/campaigns/{FERRO}/send-test-email", lead_ids(api, FERRO)[0]
    body = {"leadId": lead, "sequenceNumber": 1, "customEmailAddress": "me@halyard.example"}
    assert api("POST", path, body).json()["success"] is True
    wrong = api("POST", path, body | {"leadId": 1})
    assert (wrong.status_code, wrong.json()) == (500, {"message": "Invalid lead id"})
    assert api("POST", path, body | {"sequenceNumber": 9}).status_code == 400
    assert api("POST", path, body | {"selectedEmailAccountId": 71120}).status_code == 400
    assert api("POST", path, body | {"lead_id": 1}).json()["message"] == '"lead_id" is not allowed'
    assert next(one for one in sandbox.truth()["campaigns"] if one["id"] == FERRO)["test_emails"] == 1


def test_a_lead_gets_a_sender_of_its_own(sandbox: Sandbox, api: Api) -> None:
    lead = lead_ids(api, FERRO)[0]
    first, second = next(one for one in sandbox.truth()["campaigns"] if one["id"] == FERRO)["mailbox_ids"][:2]
    path = "/campaigns/update-lead-email-account"
    body = {"email_account_id": first, "email_campaign_id": FERRO, "email_lead_id": lead}
    assert api("POST", path, body).json() == {"success": True}
    assert api("POST", path, body).status_code == 200, "the same again changes nothing"
    assert api("POST", path, body | {"email_account_id": second}).status_code == 400
    assert api("POST", path, body | {"email_account_id": second, "override_lead_email_account": True}).is_success
    found = next(one for one in sandbox.truth()["campaigns"] if one["id"] == FERRO)
    assert found["lead_mailboxes"] == {str(lead): second}
    assert api("POST", path, body | {"email_lead_id": 7}).status_code == 500
