"""The limiter counts arrivals in a sliding window, per key, and forgives nothing."""

import time

from tests.sandbox.conftest import Api
from tests.support.sandbox import CINDER_KEY, Sandbox


def statuses(api: Api, count: int, path: str = "/campaigns/1849203", **query: str) -> list[int]:
    return [api("GET", path, **query).status_code for _ in range(count)]


def test_the_eleventh_call_in_two_seconds_is_refused_and_counted(strict_sandbox: Sandbox, api: Api) -> None:
    assert statuses(api, 10) == [200] * 10
    refused = api("GET", "/campaigns/1849203")
    assert refused.status_code == 429
    assert refused.json()["error"]["code"] == "RATE_LIMIT_EXCEEDED"
    assert 0 < refused.json()["error"]["retry_after"] <= 2
    assert refused.headers["Retry-After"] in {"1", "2"}
    assert api("GET", "/campaigns/", key=CINDER_KEY).status_code == 200, "other keys have their own window"
    log = strict_sandbox.log()
    assert (log["violations"], log["violations_by_key"]) == (1, {"halyard-main": 1})
    assert [call["violation"] for call in log["calls"]].count(True) == 1
    time.sleep(refused.json()["error"]["retry_after"])
    assert api("GET", "/campaigns/1849203").status_code == 200


def test_several_windows_hold_at_once_and_may_count_one_category(strict_sandbox: Sandbox, api: Api) -> None:
    strict_sandbox.limits(windows=[{"limit": 10, "seconds": 2}, {"limit": 3, "seconds": 60, "category": "analytics"}])
    assert statuses(api, 4, "/campaigns/1849203/analytics") == [200, 200, 200, 429]
    assert statuses(api, 7) == [200] * 7, "the refused call took no room"
    assert statuses(api, 1) == [429]


def test_a_key_may_have_windows_of_its_own(strict_sandbox: Sandbox, api: Api) -> None:
    strict_sandbox.limits(windows=[{"limit": 1, "seconds": 60}], key="cinder")
    assert [api("GET", "/client/", key=CINDER_KEY).status_code for _ in range(2)] == [200, 429]
    assert statuses(api, 2) == [200, 200]


def test_headers_are_sent_when_asked_for(strict_sandbox: Sandbox, api: Api) -> None:
    assert "x-ratelimit-limit" not in api("GET", "/client/").headers
    strict_sandbox.limits(headers=True, retry_after=False, windows=[{"limit": 2, "seconds": 60}])
    first, second, third = (api("GET", "/client/") for _ in range(3))
    assert [first.headers["x-ratelimit-remaining"], second.headers["x-ratelimit-remaining"]] == ["1", "0"]
    assert first.headers["x-ratelimit-limit"] == "2"
    assert 59 <= int(second.headers["x-ratelimit-reset"]) <= 60
    assert third.status_code == 429
    assert "Retry-After" not in third.headers


def test_refused_calls_may_count_too(strict_sandbox: Sandbox, api: Api) -> None:
    strict_sandbox.limits(windows=[{"limit": 1, "seconds": 1.0}], count_refused=True)
    assert statuses(api, 1) == [200]
    time.sleep(0.6)
    assert statuses(api, 1) == [429]
    time.sleep(0.6)
    assert statuses(api, 1) == [429], "the refused call still fills the window"
