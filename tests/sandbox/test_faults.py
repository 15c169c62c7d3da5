"""Every way in which a provider lets its callers down, on demand."""

import json
import signal
import threading
import time

import httpx
import pytest

from tests.sandbox.conftest import Api
from tests.support.sandbox import CINDER_KEY, Sandbox, start_sandbox


@pytest.mark.parametrize(
    ("kind", "status", "text"),
    [
        ("429", 429, "RATE_LIMIT_EXCEEDED"),
        ("500", 500, "Internal Server Error"),
        ("502", 502, "<html>"),
        ("503", 503, "<html>"),
        ("html200", 200, "<html>"),
        ("empty", 200, ""),
        ("revoked", 401, "Invalid API Key"),
        ("cloudflare", 403, "1010"),
    ],
)
def test_an_answer_is_replaced_once(sandbox: Sandbox, api: Api, kind: str, status: int, text: str) -> None:
    sandbox.faults({"kind": kind, "next": 1})
    struck = api("GET", "/campaigns/")
    assert struck.status_code == status
    assert text in struck.text if text else struck.content == b""
    assert api("GET", "/campaigns/").json()
    assert [call["fault"] for call in sandbox.log()["calls"]] == [kind, ""]


def test_retry_after_is_as_asked(sandbox: Sandbox, api: Api) -> None:
    sandbox.faults({"kind": "429", "next": 1, "retry_after": 7}, {"kind": "429", "next": 1, "retry_after": 0})
    assert api("GET", "/client/").headers["Retry-After"] == "7"
    assert "Retry-After" not in api("GET", "/client/").headers


def test_json_is_cut_short(sandbox: Sandbox, api: Api) -> None:
    sandbox.faults({"kind": "truncated"})
    answer = api("GET", "/campaigns/")
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_a_slow_answer_is_right_in_the_end(sandbox: Sandbox, api: Api) -> None:
    sandbox.faults({"kind": "slow", "seconds": 0.4, "next": 1})
    started = time.monotonic()
    assert api("GET", "/campaigns/").json()
    assert time.monotonic() - started >= 0.4


@pytest.mark.parametrize(
    ("kind", "done"), [("cut_before", False), ("cut_after", True), ("cut_midway", True), ("down", False)]
)
def test_a_broken_connection_may_or_may_not_have_done_its_work(
    sandbox: Sandbox, api: Api, kind: str, done: bool
) -> None:
    sandbox.faults({"kind": kind, "next": 1})
    with pytest.raises(httpx.TransportError):
        api("POST", "/campaigns/1849203/settings", {"name": "Renamed"})
    assert (api("GET", "/campaigns/1849203").json()["name"] == "Renamed") is done
    [first, _] = sandbox.log()["calls"]
    assert (first["status"], first["carried_out"], first["fault"]) == (0, done, kind)


@pytest.mark.parametrize("carried_out", [True, False])
def test_a_server_error_may_have_done_its_work(sandbox: Sandbox, api: Api, carried_out: bool) -> None:
    sandbox.faults({"kind": "502", "next": 1, "carried_out": carried_out})
    assert api("POST", "/campaigns/1849203/settings", {"name": "Renamed"}).status_code == 502
    assert (api("GET", "/campaigns/1849203").json()["name"] == "Renamed") is carried_out


def test_a_share_of_the_calls_fails_and_the_same_ones_after_a_reset(sandbox: Sandbox, api: Api) -> None:
    def round_of_calls() -> list[int]:
        sandbox.faults({"kind": "500", "share": 0.2})
        found = [api("GET", "/campaigns/1849203").status_code for _ in range(200)]
        sandbox.clear_faults()
        return found

    first = round_of_calls()
    assert 20 <= first.count(500) <= 65
    assert round_of_calls() == first


def test_faults_choose_by_path_method_and_key(sandbox: Sandbox, api: Api) -> None:
    sandbox.faults(
        {"kind": "500", "path": "/campaigns/*/analytics"},
        {"kind": "502", "method": "DELETE"},
        {"kind": "revoked", "key": "cinder"},
    )
    assert api("GET", "/campaigns/1849203/analytics").status_code == 500
    assert api("GET", "/campaigns/1849203").status_code == 200
    assert api("DELETE", "/campaigns/1848772").status_code == 502
    assert api("GET", "/client/", key=CINDER_KEY).status_code == 401
    assert api("GET", "/client/").status_code == 200


def test_the_port_can_be_closed_for_a_while(sandbox: Sandbox, api: Api) -> None:
    sandbox.faults({"kind": "down", "seconds": 0.8})
    time.sleep(0.3)
    with pytest.raises(httpx.ConnectError):
        httpx.get(sandbox.url, trust_env=False)
    time.sleep(1.0)
    assert api("GET", "/client/").status_code == 200


def test_a_fault_may_let_calls_pass_before_it_strikes(sandbox: Sandbox, api: Api) -> None:
    sandbox.faults({"kind": "refused", "skip": 2, "next": 1})
    assert [api("GET", "/client/").status_code for _ in range(4)] == [200, 200, 400, 200]


def test_nonsense_is_refused(sandbox: Sandbox) -> None:
    response = httpx.post(f"{sandbox.url}/_faults", json={"kind": "earthquake"}, trust_env=False)
    assert response.status_code == 400
    assert "earthquake" in response.json()["error"]


def test_it_stops_at_once_even_while_a_call_hangs() -> None:
    with start_sandbox() as sandbox:
        sandbox.faults({"kind": "hang"})
        ends: list[Exception] = []

        def hang() -> None:
            try:
                httpx.get(
                    f"{sandbox.base_url}/client/", params={"api_key": sandbox.agency_key}, trust_env=False, timeout=30
                )
            except httpx.TransportError as error:
                ends.append(error)

        caller = threading.Thread(target=hang)
        caller.start()
        time.sleep(0.3)
        assert sandbox.process is not None
        started = time.monotonic()
        sandbox.process.send_signal(signal.SIGTERM)
        assert sandbox.process.wait(timeout=5) == 0
        assert time.monotonic() - started < 2
        caller.join(timeout=5)
        assert len(ends) == 1
