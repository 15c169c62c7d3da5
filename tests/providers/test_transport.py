"""The transports that put a client's requests through a lane: over httpx's own wire and over the shared loop's."""

import asyncio
import itertools
import socket
import threading
import time

import aiohttp
import httpx
import pytest
from redis import Redis

from operations.lanes import Rules, SharedLoop, lane_for
from providers.errors import LaneBusy
from providers.limiting import AsyncUnlimited, Priority, Unlimited
from providers.loop_transport import LoopTransport
from providers.transport import TRIES, AsyncGated, Gated
from tests.support.redis import free_port, start_redis

names = (f"transport-{n}" for n in itertools.count())

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
REFUSED = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0.2\r\nContent-Length: 4\r\n\r\nslow"
KEY_IN_URL = "?api_key=canary-7f3a"


class Server:
    """A server of raw bytes: answers each request with the next of `answers`, or hangs up, hangs, or is late."""

    def __init__(self):
        self.answers = []
        self.requests = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection):
        with connection:
            while request := self._read(connection):
                self.requests.append(request)
                answer = self.answers.pop(0) if self.answers else OK
                if answer == "cut":
                    return
                if answer == "hang":
                    time.sleep(10)  # longer than any patience, also on a busy machine
                    return
                if answer == "late":
                    time.sleep(0.5)
                    answer = OK
                connection.sendall(answer)
                if b"Content-Length: 99" in answer:
                    return

    def _read(self, connection):
        data = b""
        while b"\r\n\r\n" not in data:
            try:
                more = connection.recv(65536)
            except OSError:
                return b""
            if not more:
                return b""
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                while len(body) < int(line.split(b":")[1]):
                    body += connection.recv(65536)
        return head + b"\r\n\r\n" + body

    def close(self):
        self._listener.close()


@pytest.fixture
def server():
    server = Server()
    yield server
    server.close()


@pytest.fixture
def redis(redis_server):
    with Redis.from_url(redis_server) as client:
        yield client


@pytest.fixture(scope="module")
def loop():
    shared = SharedLoop()
    yield shared
    shared.stop()


@pytest.fixture(params=["threads", "loop", "loop with httpx's wire"])
def wire(request, loop, redis_server):
    return Wire(request.param, loop, redis_server)


class Wire:
    """The same test on every kind of transport."""

    def __init__(self, kind, loop, redis_url):
        self.kind = kind
        self.loop = loop
        self.redis_url = redis_url
        self.name = next(names)
        self.rules = Rules.of((20, 2), (20, 2, "read"))
        self.attempts = []
        self.patience = 3.0

    def request(self, method, url, **more):
        extensions = {"category": "read", "attempts": self.attempts}
        if self.kind == "threads":
            lane = lane_for(self.redis_url, self.name, self.rules)
            with httpx.Client(transport=Gated(httpx.HTTPTransport(), lane, patience=self.patience)) as client:
                return client.request(method, url, extensions=extensions, **more)
        return self.loop.run(self._request(method, url, extensions=extensions, **more))

    async def _request(self, method, url, **more):
        lane = self.loop.gate(self.redis_url).lane(self.name, self.rules)
        inner = self.loop.transport() if self.kind == "loop" else httpx.AsyncHTTPTransport()
        async with httpx.AsyncClient(transport=AsyncGated(inner, lane, patience=self.patience)) as client:
            return await client.request(method, url, **more)


def log_of(redis, wire, category=""):
    return redis.zcard(f"gate:{{{wire.name}}}:log{category and ':' + category}")


def test_a_request_passes_the_lane_in_its_category(wire, server, redis):
    response = wire.request("GET", server.url)
    assert (response.status_code, response.text) == (200, "ok")
    assert log_of(redis, wire) == log_of(redis, wire, "read") == 1
    [attempt] = wire.attempts
    assert (attempt.status, attempt.error) == (200, None)
    assert attempt.took > 0


@pytest.mark.parametrize("body", [None, b"x" * 200_000])
def test_the_stamp_is_of_the_moment_the_bytes_leave_and_does_not_wait_for_the_answer(wire, server, redis, body):
    server.answers = ["hang"]
    with pytest.raises(httpx.ReadTimeout):
        wire.request("POST", server.url, content=body, timeout=httpx.Timeout(0.4, connect=1))
    [(ticket, stamp)] = redis.zrange(f"gate:{{{wire.name}}}:log", 0, -1, withscores=True)
    granted = int(ticket[2:18])
    assert granted < stamp < granted + 300_000


def test_what_was_refused_is_repeated_after_the_wait_the_provider_asks_for(wire, server, redis):
    server.answers = [REFUSED, REFUSED]
    response = wire.request("POST", server.url, json={"name": "Ada"})
    assert response.text == "ok"
    assert [attempt.status for attempt in wire.attempts] == [429, 429, 200]
    assert [request.endswith(b'{"name":"Ada"}') for request in server.requests] == [True] * 3
    assert log_of(redis, wire) == 3


def test_after_its_tries_the_refusal_itself_comes_back(wire, server):
    server.answers = [REFUSED] * TRIES
    response = wire.request("GET", server.url)
    assert (response.status_code, response.text) == (429, "slow")
    assert len(server.requests) == TRIES


def test_a_pause_beyond_its_patience_is_told_at_once(wire, server):
    server.answers = [REFUSED.replace(b"0.2", b"30")]
    with pytest.raises(LaneBusy) as busy:
        wire.request("GET", server.url)
    assert busy.value.wait > 28
    assert [attempt.status for attempt in wire.attempts] == [429]


def test_a_refusal_whose_body_breaks_off_is_still_a_refusal(wire, server):
    server.answers = [REFUSED.replace(b"Length: 4", b"Length: 99")]
    assert wire.request("GET", server.url).text == "ok"


def test_the_body_of_a_refusal_may_tell_the_wait(wire, server):
    body = b'{"error": {"retry_after": 30}}'
    server.answers = [b"HTTP/1.1 429 No\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)]
    with pytest.raises(LaneBusy) as busy:
        wire.request("GET", server.url)
    assert busy.value.wait > 28


def test_a_connection_that_cannot_be_made_gives_the_slot_back(wire, redis):
    with pytest.raises(httpx.ConnectError):
        wire.request("GET", f"http://127.0.0.1:{free_port()}/{KEY_IN_URL}")
    assert log_of(redis, wire) == log_of(redis, wire, "read") == 0
    assert [attempt.status for attempt in wire.attempts] == [None]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
def test_a_connection_that_is_cut_has_used_its_slot_and_nothing_is_sent_twice(wire, server, redis, method):
    server.answers = ["cut"]
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        wire.request(method, server.url, content=None if method == "GET" else b"x")
    assert len(server.requests) == 1
    assert log_of(redis, wire) == 1


def test_three_failures_in_a_row_pause_the_key(wire, server):
    server.answers = ["cut", b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", "cut"]
    for _ in range(3):
        try:
            wire.request("GET", server.url)
        except httpx.TransportError:
            continue
    wire.patience = 0
    with pytest.raises(LaneBusy):
        wire.request("GET", server.url)


def test_a_lane_that_is_busy_sends_nothing(wire, server):
    wire.rules = Rules.of((1, 30))
    wire.request("GET", server.url)
    with pytest.raises(LaneBusy):
        wire.request("GET", server.url)
    assert len(server.requests) == len(wire.attempts) == 1


def test_the_answer_is_kept_though_redis_dies_while_it_is_on_its_way(wire, server):
    with start_redis() as url:
        wire.redis_url = url
        wire.request("GET", server.url)
        server.answers = ["late"]

        def die():
            while len(server.requests) < 2:
                time.sleep(0.01)
            Redis.from_url(url).shutdown(nosave=True)

        killer = threading.Thread(target=die)
        killer.start()
        assert wire.request("GET", server.url).text == "ok"
        killer.join()


# The wire of the shared loop


def test_a_dead_kept_connection_is_no_reason_to_send_again_by_itself(loop, server, redis_server):
    async def twice():
        async with httpx.AsyncClient(transport=AsyncGated(loop.transport(), AsyncUnlimited())) as client:
            await client.get(server.url)
            server.answers = ["cut"]
            await client.get(server.url)

    with pytest.raises(httpx.ReadError):
        loop.run(twice())
    assert len(server.requests) == 2
    assert server.connections == 1


def test_closing_a_client_leaves_the_connections_of_the_others_open(loop, server):
    async def one():
        async with httpx.AsyncClient(transport=AsyncGated(loop.transport(), AsyncUnlimited())) as client:
            await client.get(server.url)

    for _ in range(3):
        loop.run(one())
    assert server.connections == 1


def test_cookies_of_one_client_are_not_sent_by_another(loop, server):
    server.answers = [OK.replace(b"\r\n\r\n", b"\r\nSet-Cookie: session=of-one-client\r\n\r\n")]

    async def one():
        async with httpx.AsyncClient(transport=loop.transport()) as client:
            return (await client.get(server.url)).cookies

    assert loop.run(one())["session"] == "of-one-client"
    loop.run(one())
    assert b"cookie" not in server.requests[1].lower()


def test_more_than_a_hundred_calls_are_under_way_at_once(loop, server):
    server.answers = ["hang"] * 120

    async def crowd():
        async with httpx.AsyncClient(transport=loop.transport(), timeout=0.8) as client:
            return await asyncio.gather(*(client.get(server.url) for _ in range(120)), return_exceptions=True)

    outcomes = loop.run(crowd())
    assert len(server.requests) == 120
    assert {type(outcome) for outcome in outcomes} == {httpx.ReadTimeout}


@pytest.mark.parametrize("answer", ["cut", "hang", b"not http at all\r\n\r\n", OK.replace(b"Length: 2", b"Length: 99")])
def test_no_error_of_the_loops_wire_tells_the_url(loop, server, answer):
    server.answers = [answer]
    with pytest.raises(httpx.TransportError) as failure:
        loop.run(_get(loop, server.url + "/" + KEY_IN_URL, timeout=0.3))
    _tells_nothing(failure.value)


def test_no_connection_error_of_the_loops_wire_tells_the_url(loop):
    with pytest.raises(httpx.ConnectError) as failure:
        loop.run(_get(loop, f"http://127.0.0.1:{free_port()}/{KEY_IN_URL}", timeout=1))
    _tells_nothing(failure.value)


async def _get(loop, url, **more):
    async with httpx.AsyncClient(transport=loop.transport(), **more) as client:
        return await client.get(url)


def _tells_nothing(error):
    assert "canary" not in f"{error} {error!r}"
    assert error.__cause__ is None
    assert error.__suppress_context__


# Limits that never wait


def test_the_same_transport_runs_without_a_lane():
    answers = iter([429, 200])

    def handler(request):
        return httpx.Response(next(answers), text=request.extensions["category"])

    with httpx.Client(transport=Gated(httpx.MockTransport(handler), Unlimited())) as client:
        assert client.get("https://x.example", extensions={"category": "leads"}).text == "leads"


def test_the_priority_is_that_of_the_transport():
    asked = []

    class Asked(Unlimited):
        def slot(self, **wishes):
            asked.append(wishes)
            return super().slot(**wishes)

    gated = Gated(httpx.MockTransport(lambda request: httpx.Response(200)), Asked(), Priority.JOBS, 7.0)
    with httpx.Client(transport=gated) as client:
        client.get("https://x.example")
    [wishes] = asked
    assert wishes["priority"] is Priority.JOBS
    assert wishes["category"] == ""
    assert 6 < wishes["patience"] <= 7


def test_a_loop_transport_closes_when_its_loop_does():
    async def life():
        transport = LoopTransport()
        async with httpx.AsyncClient(transport=transport) as client:
            with pytest.raises(httpx.ConnectError):
                await client.get(f"http://127.0.0.1:{free_port()}")
        session = transport.client
        await transport.shutdown()
        return session

    session = asyncio.run(life())
    assert isinstance(session, aiohttp.ClientSession)
    assert session.closed
