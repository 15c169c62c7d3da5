import asyncio
import logging
import tomllib
import traceback
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest

import providers
from providers import errors
from providers.calls import Call, get
from providers.limiting import LaneBusy
from providers.smartlead import campaigns
from providers.smartlead.parsing import acknowledged
from tests.providers.wire import KEY, FakeWire, json_reply, send, text_reply

READ = get("/things/1", lambda answer: answer.json)
SET = Call(
    method="POST", path="/things/1", parse=acknowledged, body={"a": 1}, category="campaign_write", repeatable=True
)
MAKE = replace(SET, path="/things/create", repeatable=False)
OK = {"ok": True}


def outcome(call, *replies):
    try:
        return send(call, *replies)
    except errors.ProviderError as error:
        return type(error)


def test_it_sends_key_agent_and_category_and_reads_json():
    wire = FakeWire(json_reply({"id": 7}))
    assert wire.client().send(READ) == {"id": 7}
    request = wire.requests[0]
    assert request.url.params["api_key"] == KEY
    assert str(request.url).startswith("https://server.smartlead.ai/api/v1/things/1?")
    assert request.headers["user-agent"] == f"Quarterdeck/{providers.VERSION}"
    assert request.headers["accept"] == "application/json"
    assert request.extensions["category"] == "read"
    assert request.extensions["timeout"] == {"connect": 1.8, "read": 30.0, "write": 30.0, "pool": 30.0}


def test_the_version_is_that_of_the_package():
    project = tomllib.loads((Path(providers.__file__).parents[1] / "pyproject.toml").read_text())
    assert project["project"]["version"] == providers.VERSION


def test_a_delete_may_carry_a_body_and_a_bodiless_write_sends_none():
    wire = FakeWire(json_reply(OK), json_reply(OK))
    client = wire.client()
    client.send(Call(method="DELETE", path="/x", parse=acknowledged, body={"ids": [1]}))
    client.send(Call(method="PUT", path="/x", parse=acknowledged))
    assert [request.content for request in wire.requests] == [b'{"ids":[1]}', b""]


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (json_reply({"message": "Invalid API Key"}, 401), errors.AuthRejected),
        (json_reply({"success": False, "error": {"code": "UNAUTHORIZED", "message": "no"}}), errors.AuthRejected),
        (json_reply({"message": "Invalid API Key"}, 400), errors.AuthRejected),
        (json_reply({"error": "not yours"}, 403), errors.Forbidden),
        (httpx.Response(403), errors.Forbidden),
        (text_reply("<!DOCTYPE html><title>Access denied</title>", 403), errors.BlockedByEdge),
        (httpx.Response(403, text="error code: 1010"), errors.BlockedByEdge),
        (json_reply({"error_code": 1010, "title": "Access denied"}, 403), errors.BlockedByEdge),
        (json_reply({"error": "Campaign 1010 is not yours"}, 403), errors.Forbidden),
        (json_reply({"error": "Campaign not found - Invalid campaign_id."}, 404), errors.NotFound),
        (httpx.Response(404), errors.NotFound),
        (json_reply({"error": "Invalid campaign id'"}, 400), errors.NotFound),
        (json_reply({"message": "Invalid lead id"}, 500), errors.NotFound),
        (httpx.Response(405, text="Method Not Allowed"), errors.RequestRefused),
        (text_reply("<html><pre>Cannot GET /api/v1/things/1</pre></html>", 404), errors.RequestRefused),
        (text_reply("<html><title>Welcome to nginx</title></html>", 404), errors.UnexpectedResponse),
        (json_reply({"message": "x"}, 400), errors.RequestRefused),
        (json_reply({"message": "x"}, 406), errors.RequestRefused),
        (json_reply({"message": "x"}, 409), errors.RequestRefused),
        (json_reply({"message": "x"}, 422), errors.RequestRefused),
        (json_reply({"message": "slow down"}, 429), errors.RateLimited),
        (json_reply({"ok": False, "message": "no"}), errors.RequestRefused),
        (json_reply({"success": False, "message": "no"}), errors.RequestRefused),
        (text_reply("<html><body>Sign in</body></html>"), errors.UnexpectedResponse),
        (httpx.Response(200, text='{"id": 7, "na'), errors.UnexpectedResponse),
        (httpx.Response(302, headers={"location": "https://elsewhere.test/"}), errors.UnexpectedResponse),
    ],
)
def test_a_read_tells_what_an_answer_means(reply, expected):
    assert outcome(READ, reply) is expected


@pytest.mark.parametrize("status", [500, 502, 503, 504, 522])
def test_a_read_is_tried_three_times_and_then_unavailable(status):
    wire = FakeWire(*[httpx.Response(status)] * 3)
    with pytest.raises(errors.ProviderUnavailable):
        wire.client().send(READ)
    assert len(wire.requests) == 3
    assert 0.5 <= wire.slept[0] <= 1 <= wire.slept[1] <= 2
    assert [one.attempt for one in wire.exchanges] == [1, 2, 3]


@pytest.mark.parametrize("failure", [httpx.ReadTimeout, httpx.RemoteProtocolError, httpx.ReadError, httpx.ConnectError])
def test_a_read_that_got_no_answer_is_repeated(failure):
    assert outcome(READ, failure("x"), failure("x"), json_reply({"id": 7})) == {"id": 7}
    assert outcome(READ, failure("x"), failure("x"), failure("x")) is errors.ProviderUnavailable


@pytest.mark.parametrize("lost", [httpx.ReadTimeout("x"), httpx.WriteError("x"), httpx.RemoteProtocolError("x")])
def test_a_write_without_an_answer_has_an_unknown_outcome(lost):
    wire = FakeWire(lost)
    with pytest.raises(errors.UnknownOutcome):
        wire.client().send(MAKE)
    assert len(wire.requests) == 1, "what makes something is never repeated"
    assert outcome(SET, lost, json_reply(OK)) is None


@pytest.mark.parametrize("status", [502, 503, 504])
def test_a_gateway_that_fails_leaves_a_write_unknown(status):
    assert outcome(MAKE, httpx.Response(status)) is errors.UnknownOutcome
    assert outcome(SET, httpx.Response(status), httpx.Response(status), json_reply(OK)) is None


@pytest.mark.parametrize("failure", [httpx.ConnectError, httpx.ConnectTimeout])
def test_a_write_that_could_not_connect_was_not_sent(failure):
    assert outcome(MAKE, failure("x")) is errors.ProviderUnavailable


def test_a_500_with_a_reason_refuses_a_write_and_one_without_leaves_it_unknown():
    wire = FakeWire(json_reply({"message": "Empty cron expression"}, 500))
    with pytest.raises(errors.RequestRefused, match="cron"):
        wire.client().send(SET)
    assert len(wire.requests) == 1
    assert outcome(SET, json_reply({"message": "Internal Server Error"}, 500)) is errors.UnknownOutcome
    assert outcome(SET, text_reply("<html>oops</html>", 500)) is errors.UnknownOutcome


@pytest.mark.parametrize(
    "later",
    [json_reply({"error": "gone"}, 404), json_reply({"message": "no"}, 400), httpx.ConnectError("x"), LaneBusy(4.0)],
    ids=["not found", "refused", "not reached", "lane busy"],
)
def test_after_a_lost_answer_no_later_failure_says_that_nothing_was_changed(later):
    replies = [httpx.ReadTimeout("x"), later, httpx.ConnectError("x")]
    assert outcome(SET, *replies) is errors.UnknownOutcome


@pytest.mark.parametrize("text", ["<html></html>", '{"ok": tr', "hm"])
def test_a_write_that_was_accepted_in_strange_words_has_an_unknown_outcome(text):
    assert outcome(SET, httpx.Response(200, text=text)) is errors.UnknownOutcome


@pytest.mark.parametrize("text", ["success", '"success"', "", '{"ok": true}', '{"success": true, "data": {}}', "{}"])
def test_a_write_is_acknowledged_in_many_words(text):
    assert outcome(SET, httpx.Response(200, text=text)) is None
    assert outcome(SET, text_reply(text)) is None, "Express calls plain words text/html"


def test_a_busy_lane_passes_through_and_leaves_no_exchange():
    wire = FakeWire(LaneBusy(4.0))
    with pytest.raises(LaneBusy) as caught:
        wire.client().send(READ)
    assert caught.value.wait == 4.0
    assert wire.exchanges == []


@pytest.mark.parametrize(
    ("headers", "payload", "seconds"),
    [
        ({"retry-after": "7"}, {}, 7),
        ({}, {"error": {"code": "RATE_LIMIT_EXCEEDED", "message": "slow", "retry_after": 30}}, 30),
        ({}, {"retry_after": "3"}, 3),
        ({"retry-after": "soon"}, {}, None),
        ({}, {}, None),
    ],
)
def test_a_429_says_how_long_to_wait(headers, payload, seconds):
    with pytest.raises(errors.RateLimited) as caught:
        send(READ, json_reply(payload, 429, **headers))
    assert caught.value.retry_after == seconds


def test_a_date_in_retry_after_is_understood():
    when = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    with pytest.raises(errors.RateLimited) as caught:
        send(READ, json_reply({}, 429, **{"retry-after": when}))
    assert 50 < (caught.value.retry_after or 0) <= 60


def test_a_503_that_asks_for_patience_gets_it_or_no_repeat():
    wire = FakeWire(httpx.Response(503, headers={"retry-after": "4"}), json_reply({"id": 1}))
    wire.client().send(READ)
    assert wire.slept == [4.0]
    wire = FakeWire(httpx.Response(503, headers={"retry-after": "40"}))
    with pytest.raises(errors.ProviderUnavailable):
        wire.client().send(READ)
    assert wire.slept == []


def test_reads_follow_redirects_on_the_same_host_with_the_key():
    wire = FakeWire(httpx.Response(301, headers={"location": "/api/v1/things?x=1&api_key=other"}), json_reply([1]))
    assert wire.client().send(READ) == [1]
    assert dict(wire.requests[1].url.params) == {"x": "1", "api_key": KEY}


@pytest.mark.parametrize(
    "location", ["https://evil.test/api/v1/things", "http://server.smartlead.ai/things", "//evil.test/x"]
)
def test_the_key_never_follows_a_redirect_elsewhere(location):
    wire = FakeWire(httpx.Response(302, headers={"location": location}))
    with pytest.raises(errors.UnexpectedResponse):
        wire.client().send(READ)
    assert len(wire.requests) == 1


def test_writes_follow_no_redirect_and_circles_end():
    assert outcome(MAKE, httpx.Response(301, headers={"location": "/api/v1/x"})) is errors.UnexpectedResponse
    assert outcome(READ, *[httpx.Response(301, headers={"location": "/api/v1/x"})] * 4) is errors.UnexpectedResponse


def test_the_observer_sees_every_exchange_without_the_query():
    wire = FakeWire(httpx.ReadTimeout("x"), json_reply({"error": "Campaign not found"}, 404))
    with pytest.raises(errors.NotFound):
        wire.client().send(get("/campaigns/9", lambda answer: answer.json, query={"include_tags": "true"}))
    first, second = wire.exchanges
    assert (first.method, first.path, first.status, first.failure, first.category) == (
        "GET",
        "/campaigns/9",
        None,
        "timeout",
        "read",
    )
    assert (second.status, second.failure, second.attempt, second.note) == (404, "", 2, "NotFound: Campaign not found")
    assert second.started_at.tzinfo is not None
    assert second.took_ms >= 0


@pytest.mark.parametrize(
    "base", ["server.smartlead.ai", "ftp://x.test", "https://user:word@x.test", "https://x.test?a=b", "https://"]
)
def test_a_base_url_that_is_none_is_refused(base):
    with pytest.raises(ValueError, match="base URL"):
        FakeWire().client(base_url=base)


def test_both_clients_say_the_same():
    def replies():
        found = [{"id": 5, "name": "A", "status": "ACTIVE"}]
        return [httpx.ReadTimeout("x"), httpx.Response(502), json_reply(found)]

    async def over_the_loop():
        async with wire.async_client() as client:
            return await client.send(campaigns.campaigns())

    wire = FakeWire(*replies())
    found = asyncio.run(over_the_loop())
    assert found == send(campaigns.campaigns(), *replies())
    assert len(wire.slept) == 2


def test_what_follows_is_sent_after_success_and_half_done_is_unknown():
    both = replace(SET, followed_by=(MAKE,))
    wire = FakeWire(json_reply(OK), json_reply(OK))
    wire.client().send(both)
    assert wire.lines() == ["POST /things/1", "POST /things/create"]
    with pytest.raises(errors.UnknownOutcome, match="Only 1 of 2"):
        send(both, json_reply(OK), json_reply({"message": "no"}, 400))
    assert outcome(both, json_reply({"message": "no"}, 400)) is errors.RequestRefused


LEAKY = [
    json_reply({"message": f"Invalid API Key {KEY}"}, 401),
    json_reply({"error": f"bad request /campaigns?api_key={KEY}"}, 400),
    text_reply("<title>canary-7f3a9b%2F51%2Bd2%3D8e</title>", 500),
    httpx.Response(200, text=f"echo {KEY}"),
    json_reply({"ok": False, "message": KEY, "errorCode": KEY, "field": KEY}),
    httpx.Response(301, headers={"location": f"https://other.test/?api_key={KEY}"}),
    httpx.ConnectError(f"could not connect to https://x/?api_key={KEY}"),
    httpx.ReadTimeout(f"https://x/?api_key={KEY}"),
]


@pytest.mark.parametrize("call", [campaigns.campaigns(), replace(MAKE, path="/canary")], ids=["read", "write"])
@pytest.mark.parametrize("reply", LEAKY, ids=range(len(LEAKY)))
def test_the_key_shows_nowhere(call, reply, caplog):
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "httpcore.http11"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    wire = FakeWire(reply, reply, reply)
    client = wire.client()
    with pytest.raises(errors.ProviderError) as caught:
        client.send(call)
    shown = [
        str(caught.value),
        repr(caught.value),
        repr(vars(caught.value)),
        repr(client),
        str(client),
        repr(client._sending.key),
    ]
    shown += traceback.format_exception(caught.value)
    shown += [record.getMessage() for record in caplog.records] + [repr(vars(record)) for record in caplog.records]
    shown += [repr(one) for one in wire.exchanges] + [repr(call)]
    error: BaseException | None = caught.value
    while error is not None and (error := error.__context__ or error.__cause__):
        shown += [repr(error), repr(getattr(error, "request", ""))]
    for text in shown:
        assert "7f3a9b" not in text
    assert not caplog.records
