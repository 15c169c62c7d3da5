"""What a provider's answer tells the lane."""

from datetime import UTC, datetime

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from operations.lanes import Rules, Window
from operations.lanes.answers import Verdict, judge

NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
RULES = Rules.of((10, 2))


def verdict(status, headers=None, body="", rules=RULES) -> Verdict:
    return judge(status, httpx.Headers(headers or {}), body, rules, now=NOW)


@pytest.mark.parametrize(
    ("headers", "body", "pause"),
    [
        ({}, "", 0),
        ({"Retry-After": "30"}, "", 30),
        ({"Retry-After": "1.5"}, "", 1.5),
        ({"Retry-After": "Sun, 01 Mar 2026 12:00:20 GMT"}, "", 20),
        ({"Retry-After": "Sun, 01 Mar 2026 12:00:20 GMT", "Date": "Sun, 01 Mar 2026 12:00:15 GMT"}, "", 5),
        ({"Retry-After": "Sun, 01 Mar 2026 11:00:00 GMT"}, "", 0),
        ({"Retry-After": "0"}, "", 0),
        ({"Retry-After": "-3"}, "", 0),
        ({"Retry-After": "soon"}, "", 0),
        ({"Retry-After": "nan"}, "", 0),
        ({"Retry-After": "999999999"}, "", 3600),
        ({}, '{"error": {"code": "RATE_LIMIT_EXCEEDED", "message": "slow down", "retry_after": 12}}', 12),
        ({}, '{"retry_after": "7"}', 7),
        ({}, '{"errors": [{"x": 1}, {"retry_after": 3}]}', 3),
        ({}, '{"retry_after": 9, "cut off', 9),
        ({}, "<html>Too many requests</html>", 0),
        ({"Retry-After": "4"}, '{"retry_after": 30}', 4),
        ({"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "6"}, "", 6),
    ],
)
def test_a_refusal_says_how_long_to_wait(headers, body, pause):
    assert verdict(429, headers, body) == Verdict(refused=True, pause=pause)


@pytest.mark.parametrize(
    ("remaining", "reset", "pause"),
    [
        ("0", "15", 15),
        ("0", str(NOW.timestamp() + 8), 8),
        ("0", str(int((NOW.timestamp() + 8) * 1000)), 8),
        ("0", str(NOW.timestamp() - 8), 0),
        ("0", "later", 0),
        ("1", "15", 0),
        ("many", "15", 0),
    ],
)
def test_no_calls_remaining_means_a_pause_until_the_reset(remaining, reset, pause):
    assert verdict(200, {"x-ratelimit-remaining": remaining, "x-ratelimit-reset": reset}).pause == pause


def test_the_headers_of_the_other_provider_are_not_taken_for_a_limit():
    headers = {"x-rate-limit-limit": "1h", "x-rate-limit-remaining": "0", "x-rate-limit-reset": "30"}
    assert verdict(200, headers) == Verdict()


@pytest.mark.parametrize(
    ("rules", "limit", "reset", "found"),
    [
        (RULES, "60", "40", Window(60, 60)),
        (RULES, "300", "40", None),
        (RULES, "10", "1", None),
        (RULES, "8", "1", Window(8, 2)),
        (RULES, "8", "40", Window(8, 60)),
        (Rules.of((10, 2), (60, 60)), "60", "40", None),
        (Rules.of((10, 2), (120, 60)), "60", "40", Window(60, 60)),
        (Rules.of((10, 2), (60, 60)), "120", "40", None),
        (RULES, "unlimited", "40", None),
        (RULES, "0", "40", None),
    ],
)
def test_a_limit_below_our_rule_is_noticed(rules, limit, reset, found):
    assert verdict(200, {"x-ratelimit-limit": limit, "x-ratelimit-reset": reset}, rules=rules).limit == found


@pytest.mark.parametrize(("status", "failing"), [(200, False), (404, False), (499, False), (500, True), (503, True)])
def test_only_the_providers_own_failures_count_as_trouble(status, failing):
    assert verdict(status) == Verdict(failing=failing)


headers = st.dictionaries(
    st.sampled_from(["retry-after", "date", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"]),
    st.one_of(
        st.text(st.characters(codec="latin-1", exclude_categories=["Cc"])), st.integers().map(str), st.floats().map(str)
    ),
)


@given(st.sampled_from([200, 429, 500]), headers, st.text())
def test_no_answer_is_too_strange_to_be_read(status, headers, body):
    assert 0 <= judge(status, headers, body, RULES, now=NOW).pause <= 3600
