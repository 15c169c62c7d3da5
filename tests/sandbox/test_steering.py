"""What somebody does behind the API's back shows in the API, and every call received is in the log."""

import hashlib

import httpx

from tests.sandbox.conftest import Api
from tests.support.sandbox import AGENCY_KEY, CINDER_KEY, Sandbox


def test_changes_show_in_the_answers(sandbox: Sandbox, api: Api) -> None:
    sandbox.change("rename", campaign=1849203, name="Renamed <i>elsewhere</i>")
    sandbox.change("status", campaign=1849218, status="STOPPED")
    sandbox.change("delete", campaign=1849235)
    sandbox.change("add_tag", campaign=1849238, name="VIP")
    sandbox.change("remove_tag", campaign=1849238, name="UK")
    made = sandbox.change("add_client", name="Überlingen GmbH")
    sandbox.change("rename_client", client=304, name="Ferro")
    sandbox.change("move", campaign=1849203, client_id=made["client"])
    sandbox.change("delete_client", client=305)
    listed = {one["id"]: one for one in api("GET", "/campaigns/", include_tags="true").json()}
    assert listed[1849203]["name"] == "Renamed <i>elsewhere</i>"
    assert listed[1849203]["client_id"] == made["client"]
    assert listed[1849218]["status"] == "STOPPED"
    assert 1849235 not in listed
    assert [tag["tag_name"] for tag in listed[1849238]["tags"]] == ["VIP"]
    assert listed[1849244]["client_id"] is None
    names = {one["id"]: one["name"] for one in api("GET", "/client/").json()}
    assert names[made["client"]] == "Überlingen GmbH"
    assert names[304] == "Ferro"
    assert 305 not in names


def test_a_reset_takes_everything_back(sandbox: Sandbox) -> None:
    before = sandbox.truth()
    sandbox.change("rename", campaign=1849203, name="x")
    sandbox.advance(days=3)
    sandbox.faults({"kind": "500"})
    sandbox.keys(revoke="cinder")
    sandbox.reset()
    after = sandbox.truth()
    del before["now"], after["now"]
    assert after == before
    assert sandbox.steer("GET", "/_faults") == {"rules": []}


def test_the_truth_of_a_key_is_part_of_the_whole_and_holds_no_secret(sandbox: Sandbox) -> None:
    whole, part = sandbox.truth(), sandbox.truth("cinder")
    assert {one["client_id"] for one in part["campaigns"]} == {303}
    assert all(one in whole["campaigns"] for one in part["campaigns"])
    assert [one["label"] for one in part["keys"]] == ["cinder"]
    text = str(whole)
    assert AGENCY_KEY not in text
    assert "sandbox-mailbox-" not in text


def test_the_log_names_keys_by_label_and_bodies_by_hash(sandbox: Sandbox, api: Api) -> None:
    api("POST", "/campaigns/1849203/settings", {"name": "x"})
    api("GET", "/client/", key=CINDER_KEY, status="active")
    api("GET", "/client/", key="wrong")
    log = sandbox.log()
    assert [(call["key"], call["method"], call["path"], call["status"]) for call in log["calls"]] == [
        ("halyard-main", "POST", "/campaigns/1849203/settings", 200),
        ("cinder", "GET", "/client/", 200),
        ("unknown", "GET", "/client/", 401),
    ]
    assert log["calls"][0]["body_sha256"] == hashlib.sha256(b'{"name":"x"}').hexdigest()
    assert log["calls"][0]["category"] == "campaign_write"
    assert log["calls"][1]["query"] == "status=active"
    assert AGENCY_KEY not in str(log)
    assert CINDER_KEY not in str(log)
    assert [call["n"] for call in sandbox.log(key="cinder")["calls"]] == [2]
    assert [call["n"] for call in sandbox.log(after=2)["calls"]] == [3]
    assert sandbox.log(limit=1)["total"] == 3
    sandbox.clear_log()
    assert sandbox.log()["total"] == 0


def test_the_page_says_how_to_steer(sandbox: Sandbox) -> None:
    page = httpx.get(sandbox.url, trust_env=False).text
    assert all(door in page for door in ("/_truth", "/_log", "/_faults", "/_clock", "/_change", "/_keys", "/_reset"))


def test_what_steering_does_not_understand_is_refused(sandbox: Sandbox) -> None:
    for path, body in (
        ("/_change", {"do": "explode"}),
        ("/_change", {"do": "rename", "campaign": 1}),
        ("/_change", {"do": "rename", "campaign": 1849203}),
        ("/_clock", {"days": -1}),
        ("/_limits", {"windows": [{"limit": 0, "seconds": 1}]}),
        ("/_dialect", {"dialect": "latin"}),
        ("/_keys", {"revoke": "nobody"}),
    ):
        response = httpx.post(f"{sandbox.url}{path}", json=body, trust_env=False)
        assert (response.status_code, "error" in response.json()) == (400, True), path
    assert httpx.get(f"{sandbox.url}/_nothing", trust_env=False).status_code == 404
