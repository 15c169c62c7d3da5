"""The log can prove that nothing was done twice at the provider."""

import httpx
import pytest

from tests.sandbox.conftest import Api
from tests.support.sandbox import Sandbox

DRAFT = 1849498


def test_every_write_is_listed_with_what_became_of_it(sandbox: Sandbox, api: Api) -> None:
    api("GET", "/campaigns/")
    api("POST", "/campaigns/create", {"name": "One"})
    api("POST", "/campaigns/create", {"colour": "red"})
    sandbox.faults({"kind": "cut_after", "next": 1, "method": "POST"})
    with pytest.raises(httpx.RemoteProtocolError):
        api("POST", "/campaigns/create", {"name": "Two"})
    writes = sandbox.log(writes=1)["calls"]
    assert [(call["method"], call["status"], call["carried_out"]) for call in writes] == [
        ("POST", 200, True),
        ("POST", 400, False),
        ("POST", 0, True),
    ]
    assert all(len(call["body_sha256"]) == 64 and call["path"] == "/campaigns/create" for call in writes)
    assert [call["at"] for call in writes] == sorted(call["at"] for call in writes)
    assert len(sandbox.log(writes=1, carried_out=1)["calls"]) == 2


def test_what_was_carried_out_twice_is_named(sandbox: Sandbox, api: Api) -> None:
    api("POST", "/campaigns/create", {"name": "One"})
    api("POST", "/campaigns/create", {"name": "Two"})
    assert sandbox.log(repeated=1)["repeated_writes"] == []
    api("POST", "/campaigns/create", {"name": "One"})
    sandbox.faults({"kind": "500", "next": 1})
    api("POST", "/campaigns/create", {"name": "Two"})
    [twice] = sandbox.log(repeated=1)["repeated_writes"]
    assert (twice["path"], len(twice["times"]), twice["numbers"]) == ("/campaigns/create", 2, [1, 3])


def test_twenty_thousand_calls_are_all_kept() -> None:
    from sandbox.calllog import CallLog

    log = CallLog()
    for number in range(20_000):
        body = str(number).encode()
        log.add(1.0, "k", "POST", "/campaigns/create", "", 200, body, "campaign_write", "create", True, False, "")
    assert (log.dropped, len(log.calls(0, 20_000))) == (0, 20_000)
    assert log.repeated_writes() == []


def test_fresh_agencies_have_days_steps_mailboxes_and_leads(sandbox: Sandbox, api: Api) -> None:
    made = sandbox.keys(agencies=2, campaigns=4, clients=2, mailboxes=6, days=20, leads=900)
    for key in made:
        truth = sandbox.steer("GET", "/_truth", key=key["label"], statistics="1")
        assert (len(truth["clients"]), len(truth["campaigns"]), len(truth["mailboxes"])) == (2, 4, 6)
        for campaign in truth["campaigns"]:
            assert len(campaign["days"]) >= 14
            assert campaign["leads"]["total"] == 900
            assert campaign["leads"]["in_progress"] > 0
            assert len(campaign["steps"]) >= 3
            assert campaign["mailbox_ids"]
            assert sum(one["sent"] for one in campaign["step_statistics"].values()) == campaign["totals"]["sent"] > 0
    number = made[0]["campaign_ids"][0]
    assert int(api("GET", f"/campaigns/{number}/statistics", key=made[0]["key"]).json()["total_stats"]) > 0
