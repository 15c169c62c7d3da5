"""Who sees which campaigns, and in which form."""

import pytest

from tests.sandbox.conftest import Api
from tests.support.sandbox import AGENCY_KEY, CINDER_KEY, KESTREL_KEY, SOLWAY_KEY, Sandbox

ALL_STATUSES = {"DRAFTED", "ACTIVE", "PAUSED", "STOPPED", "COMPLETED", "ARCHIVED"}


@pytest.mark.parametrize(
    "path", ["/campaigns/", "/campaigns", "/client/", "/client", "/email-accounts/", "/email-accounts"]
)
def test_a_list_answers_with_and_without_the_last_slash(sandbox: Sandbox, api: Api, path: str) -> None:
    response = api("GET", path)
    assert response.status_code == 200
    assert isinstance(response.json(), list)


@pytest.mark.parametrize("key", ["", "wrong", "sandbox-agency"])
def test_an_unknown_key_is_refused(sandbox: Sandbox, api: Api, key: str) -> None:
    response = api("GET", "/campaigns/", key=key)
    assert (response.status_code, response.json()) == (401, {"message": "Invalid API Key"})


def test_a_revoked_key_is_refused_until_it_is_restored(sandbox: Sandbox, api: Api) -> None:
    sandbox.keys(revoke="cinder")
    assert api("GET", "/campaigns/", key=CINDER_KEY).status_code == 401
    assert api("GET", "/campaigns/", key=AGENCY_KEY).status_code == 200
    sandbox.keys(restore="cinder")
    assert api("GET", "/campaigns/", key=CINDER_KEY).status_code == 200


@pytest.mark.parametrize("key", [AGENCY_KEY, CINDER_KEY, KESTREL_KEY, SOLWAY_KEY])
def test_a_key_lists_what_the_truth_says_it_sees_newest_first(sandbox: Sandbox, api: Api, key: str) -> None:
    listed = api("GET", "/campaigns/", key=key, include_tags="true").json()
    known = {one["id"]: one for one in sandbox.truth(key)["campaigns"]}
    assert [one["id"] for one in listed] == sorted(known, reverse=True)
    for one in listed:
        true = known[one["id"]]
        for name in ("name", "status", "client_id", "parent_campaign_id"):
            assert one[name] == true[name]
        assert [tag["tag_name"] for tag in one["tags"]] == [tag["name"] for tag in true["tags"]]


def test_the_demo_agency_has_its_clients_and_campaigns(sandbox: Sandbox, api: Api) -> None:
    truth = sandbox.truth()
    own = [one for one in truth["campaigns"] if one["client_id"] not in (None, 340) and not one["parent_campaign_id"]]
    assert len(own) == 41
    assert {one["name"] for one in truth["clients"] if one["id"] != 340} == {
        "Arbor Analytics", "Brightwater HR", "Cinder Security", "Ferro Logistics", "Juno Talent", "Kestrel Payments",
        "Larkfield Health", "Mossgate Robotics", "Solway Energy", "Tidemark Legal",
    }  # fmt: skip
    assert {one["status"] for one in truth["campaigns"]} == ALL_STATUSES
    assert len(api("GET", "/client/").json()) == 8
    assert [one["name"] for one in api("GET", "/client/", key=CINDER_KEY).json()] == ["Cinder Security"]


def test_the_list_holds_every_oddity_that_live_lists_hold(sandbox: Sandbox, api: Api) -> None:
    listed = api("GET", "/campaigns/").json() + api("GET", "/campaigns/", key=CINDER_KEY).json()
    assert any(one["scheduler_cron_value"] is None for one in listed)
    assert {type(one["track_settings"]) for one in listed} == {list, str}
    assert {one["created_at"][-1] for one in listed} == {"Z", "0"}
    assert any(one["parent_campaign_id"] for one in listed)
    assert any(one["client_id"] is None for one in listed)
    names = " ".join(one["name"] for one in listed)
    assert all(odd in names for odd in ("ü", "🚀", "الرياض", "'", "<b>"))
    assert "tags" not in listed[0]


def test_campaigns_are_filtered_by_client(sandbox: Sandbox, api: Api) -> None:
    listed = api("GET", "/campaigns/", client_id=304).json()
    assert {one["client_id"] for one in listed} == {304}
    assert api("GET", "/campaigns/", client_id=303).json() == []


def test_a_missing_campaign_is_an_empty_answer_and_somebody_elses_is_not_found(sandbox: Sandbox, api: Api) -> None:
    missing = api("GET", "/campaigns/1")
    assert (missing.status_code, missing.content) == (200, b"")
    assert api("GET", "/campaigns/1/analytics").json() == {}
    for path in ("/campaigns/1849203", "/campaigns/1849203/analytics", "/campaigns/1849203/sequences"):
        foreign = api("GET", path, key=CINDER_KEY)
        assert (foreign.status_code, foreign.json()) == (404, {"error": "Campaign not found - Invalid campaign_id."})


def test_an_unknown_route_answers_like_express(sandbox: Sandbox, api: Api) -> None:
    response = api("PATCH", "/campaigns/1849203/status", {"status": "ACTIVE"})
    assert (response.status_code, response.text) == (404, "Cannot PATCH /api/v1/campaigns/1849203/status")
    assert api("GET", "/clients").text == "Cannot GET /api/v1/clients"


def test_unknown_query_keys_are_ignored(sandbox: Sandbox, api: Api) -> None:
    assert api("GET", "/campaigns/", colour="green").json() == api("GET", "/campaigns/").json()


def test_sequences_come_unsorted_and_in_the_words_of_the_read_side(sandbox: Sandbox, api: Api) -> None:
    steps = api("GET", "/campaigns/1849203/sequences").json()
    assert sorted(one["seq_number"] for one in steps) == [1, 2, 3, 4]
    first = next(one for one in steps if one["seq_number"] == 1)
    assert first["seq_delay_details"] == {"delayInDays": 0}
    assert [one["variant_label"] for one in first["sequence_variants"]][:2] == ["A", "B"]
    assert first["subject"] == first["email_body"] == ""
    assert any(not one["sequence_variants"] and one["email_body"] for one in steps)
    orders = [
        [one["seq_number"] for one in api("GET", f"/campaigns/{campaign['id']}/sequences").json()]
        for campaign in api("GET", "/campaigns/").json()
    ]
    assert any(order != sorted(order) for order in orders)


def test_mailboxes_come_in_pages_with_their_passwords(sandbox: Sandbox, api: Api) -> None:
    first = api("GET", "/email-accounts/", limit=100).json()
    rest = api("GET", "/email-accounts/", offset=100, limit=100).json()
    true = sandbox.truth(AGENCY_KEY)["mailboxes"]
    assert [one["id"] for one in first + rest] == [one["id"] for one in true]
    assert len(first) == 100
    assert sum(not one["is_smtp_success"] for one in first + rest) == 3
    by_id = api("GET", f"/email-accounts/{first[0]['id']}/").json()
    assert by_id["password"].startswith("sandbox-mailbox-")
    assert by_id["password"] != first[0]["password"]
    assert api("GET", "/email-accounts/", limit=101).status_code == 400
    attached = api("GET", "/campaigns/1849203/email-accounts").json()
    assert [one["id"] for one in attached] == next(
        one["mailbox_ids"] for one in sandbox.truth()["campaigns"] if one["id"] == 1849203
    )
    assert all(one["client_id"] == 304 for one in attached)


def test_fresh_agencies_come_with_keys_of_their_own(sandbox: Sandbox, api: Api) -> None:
    made = sandbox.keys(agencies=3, campaigns=5, clients=2, days=20)
    assert [len(one["campaign_ids"]) for one in made] == [5, 5, 5]
    listed = api("GET", "/campaigns/", key=made[1]["key"]).json()
    assert [one["id"] for one in listed] == sorted(made[1]["campaign_ids"], reverse=True)
    assert len(sandbox.truth(made[1]["key"])["campaigns"][0]["days"]) >= 12
    sandbox.reset()
    assert sandbox.keys(agencies=3, campaigns=5, clients=2, days=20) == made


def test_a_key_for_part_of_an_account_sees_that_part(sandbox: Sandbox, api: Api) -> None:
    [key] = sandbox.keys(add={"label": "ferro-only", "account": "halyard", "client_ids": [304]})
    assert {one["client_id"] for one in api("GET", "/campaigns/", key=key["key"]).json()} == {304}
    assert api("GET", "/campaigns/1848726", key=key["key"]).status_code == 404
