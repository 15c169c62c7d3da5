"""A loop's way to Redis."""

import asyncio
import socket
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from redis import Redis
from redis.exceptions import NoScriptError, RedisError, ResponseError

from operations.lanes import pipe as pipe_module
from operations.lanes.pipe import Incomplete, Pipe, parse
from tests.support.redis import free_port, start_redis

ANSWERS = [
    (b":42\r\n", 42),
    (b":-1\r\n", -1),
    (b"$5\r\nab\r\nc\r\n", b"ab\r\nc"),
    (b"$0\r\n\r\n", b""),
    (b"$-1\r\n", None),
    (b"+OK\r\n", b"OK"),
    (b"*0\r\n", []),
    (b"*3\r\n:1\r\n$1\r\nx\r\n*1\r\n:2\r\n", [1, b"x", [2]]),
]


@pytest.mark.parametrize(("text", "value"), ANSWERS)
def test_every_kind_of_answer_is_read(text, value):
    assert parse(text, 0) == (value, len(text))
    assert parse(b"xx" + text + b":1\r\n", 2) == (value, len(text) + 2)


@pytest.mark.parametrize(("text", "value"), ANSWERS)
def test_a_part_of_an_answer_is_not_taken_for_all_of_it(text, value):
    for end in range(len(text)):
        with pytest.raises(Incomplete):
            parse(text[:end], 0)


def test_errors_are_answers_too():
    assert isinstance(parse(b"-NOSCRIPT No matching script.\r\n", 0)[0], NoScriptError)
    assert isinstance(parse(b"-ERR something\r\n", 0)[0], ResponseError)


def conversation(url, *commands):
    async def talk():
        pipe = Pipe(url)
        try:
            return await asyncio.gather(*(pipe.call(*command) for command in commands), return_exceptions=True)
        finally:
            await pipe.aclose()

    return asyncio.run(talk())


@given(st.lists(st.one_of(st.text(st.characters(codec="utf-8")), st.binary(), st.integers()), min_size=1, max_size=20))
def test_answers_come_to_who_asked_whatever_was_asked(redis_server, words):
    expected = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    assert conversation(redis_server, *(("ECHO", word) for word in words)) == expected


def test_an_answer_larger_than_one_packet_is_put_together(redis_server):
    large = b"x" * 1_000_000
    assert conversation(redis_server, ("ECHO", large), ("ECHO", "after")) == [large, b"after"]


def test_it_signs_in_and_chooses_its_database():
    with start_redis() as url:
        other = url.replace("/0", "/3")
        conversation(other, ("SET", "here", "1"))
        assert Redis.from_url(other).get("here") == b"1"
        assert Redis.from_url(url).get("here") is None


def test_a_wrong_password_is_an_error_for_everybody_who_asked():
    with start_redis() as url:
        wrong = url.replace("redis://:", "redis://:not-")
        assert [type(error) for error in conversation(wrong, ("PING",), ("PING",))] == [ResponseError] * 2


def test_an_error_of_one_command_is_not_that_of_the_others(redis_server):
    first, error, last = conversation(redis_server, ("ECHO", 1), ("NONSENSE",), ("ECHO", 2))
    assert (first, last) == (b"1", b"2")
    assert isinstance(error, ResponseError)


def test_it_connects_again_after_redis_was_away(redis_server):
    async def talk():
        pipe = Pipe(redis_server)
        mine = await pipe.call("CLIENT", "ID")
        with Redis.from_url(redis_server) as other:
            other.client_kill_filter(_id=mine)
        outcomes: list[object] = []
        while not outcomes or isinstance(outcomes[-1], RedisError):
            outcomes += await asyncio.gather(pipe.call("PING"), return_exceptions=True)
        await pipe.aclose()
        return outcomes[-1], len(outcomes)

    answer, attempts = asyncio.run(talk())
    assert answer == b"PONG"
    assert attempts <= 3


def test_nobody_there_is_an_error_at_once():
    [error] = conversation(f"redis://127.0.0.1:{free_port()}/0", ("PING",))
    assert isinstance(error, RedisError)


def test_a_redis_that_says_nothing_counts_as_away(monkeypatch):
    monkeypatch.setattr(pipe_module, "TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        outcomes = conversation(f"redis://127.0.0.1:{silent.getsockname()[1]}", ("PING",), ("PING",))
    assert all(isinstance(outcome, RedisError) for outcome in outcomes)


def test_a_long_rest_between_two_questions_is_not_silence(redis_server, monkeypatch):
    monkeypatch.setattr(pipe_module, "TIMEOUT", 0.2)

    async def talk():
        pipe = Pipe(redis_server)
        answers = []
        for _ in range(4):
            answers.append(await pipe.call("PING"))
            await asyncio.sleep(0.15)
        await pipe.aclose()
        return answers

    assert asyncio.run(talk()) == [b"PONG"] * 4


def test_a_loop_that_stood_still_does_not_blame_redis(redis_server, monkeypatch):
    monkeypatch.setattr(pipe_module, "TIMEOUT", 0.2)

    async def talk():
        pipe = Pipe(redis_server)
        await pipe.call("PING")
        waiting = pipe.call("PING")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        time.sleep(0.5)  # noqa: ASYNC251
        answer = await waiting
        await pipe.aclose()
        return answer

    assert asyncio.run(talk()) == b"PONG"
