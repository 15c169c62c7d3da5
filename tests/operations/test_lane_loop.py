"""The lane for the shared event loop, on a real Redis and in real time. Order and counts are asserted, not durations."""

import asyncio
import gc
import itertools
import threading
import time
from concurrent.futures import CancelledError

import httpx
import pytest
from redis import Redis

from operations.garbage import tune_gc
from operations.lanes import (
    GateUnavailable,
    Rules,
    SharedLoop,
    Window,
    lane_for,
    run,
    shared_loop,
    stop_shared_loop,
)
from providers.errors import LaneBusy
from providers.limiting import Priority
from tests.support.redis import start_redis

PEOPLE, JOBS, BACKGROUND = Priority

names = (f"loop-{n}" for n in itertools.count())


@pytest.fixture
def name():
    return next(names)


@pytest.fixture
def redis(redis_server):
    with Redis.from_url(redis_server) as client:
        yield client


@pytest.fixture
def loop():
    shared = SharedLoop()
    yield shared
    shared.stop()


@pytest.fixture
def lane_of(loop, redis_server, name):
    return lambda *windows, **more: loop.gate(redis_server).lane(name, Rules.of(*windows), **more)


async def use(lane, *, priority=BACKGROUND, category="", patience=10.0):
    async with lane.slot(priority=priority, category=category, patience=patience) as slot:
        slot.sent()
    await slot.answered(200, httpx.Headers())
    return slot


async def together(*coros):
    return await asyncio.gather(*coros, return_exceptions=True)


def script_calls(redis):
    return redis.info("commandstats").get("cmdstat_evalsha", {}).get("calls", 0)


def test_loops_of_several_processes_together_keep_to_the_limit(redis, redis_server, name):
    rules = Rules.of((5, 0.5), margin=0.1)
    arrivals = []
    clock = Redis.from_url(redis_server)

    async def work(lane, calls):
        for _ in range(calls):
            async with lane.slot(priority=BACKGROUND, patience=30) as slot:
                seconds, micros = clock.time()
                slot.sent()
                arrivals.append(seconds + micros / 1_000_000)
            await slot.answered(200, httpx.Headers())

    loops = [SharedLoop(), SharedLoop()]
    threads = [
        threading.Thread(
            target=lambda s=s: s.run(together(*(work(s.gate(redis_server).lane(name, rules), 3) for _ in range(5))))
        )
        for s in loops
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for shared in loops:
        shared.stop()
    assert len(arrivals) == 30
    assert max(sum(0 <= moment - first < 0.5 for moment in arrivals) for first in arrivals) <= 5


def test_however_many_coroutines_wait_one_stands_in_redis(loop, lane_of, redis, name):
    lane = lane_of((1, 0.2))

    async def crowd():
        waiting = [asyncio.create_task(use(lane)) for _ in range(6)]
        most = 0
        while not all(task.done() for task in waiting):
            most = max(most, redis.zcard(f"gate:{{{name}}}:queue"))
            await asyncio.sleep(0.005)
        return most

    assert loop.run(crowd()) <= 1


def test_a_saturated_lane_asks_the_gate_little_more_than_once_a_call(loop, lane_of, redis):
    lane = lane_of((10, 0.2))
    before = script_calls(redis)
    loop.run(together(*(use(lane) for _ in range(40))))
    assert script_calls(redis) - before <= 2.5 * 40


def test_what_is_asked_in_one_turn_of_the_loop_is_one_message(loop, redis_server, redis):
    gate = loop.gate(redis_server)
    lanes = [gate.lane(next(names), Rules.of((10, 2))) for _ in range(50)]

    async def all_at_once():
        await use(lanes[0])
        before = redis.info("stats")["total_reads_processed"]
        await together(*(use(lane) for lane in lanes))
        return redis.info("stats")["total_reads_processed"] - before

    assert loop.run(all_at_once()) <= 12


def test_a_category_that_is_used_up_holds_nobody_else_up(loop, lane_of):
    lane = lane_of((20, 0.2), (1, 60, "analytics"))

    async def crowd():
        await use(lane, category="analytics")
        blocked = [asyncio.create_task(use(lane, category="analytics", patience=70)) for _ in range(3)]
        await asyncio.sleep(0)
        free = await together(*(use(lane, category="read") for _ in range(5)))
        assert not any(task.done() for task in blocked)
        for task in blocked:
            task.cancel()
        return free

    assert len(loop.run(crowd())) == 5


def test_who_is_more_urgent_leaves_first_though_it_came_last(loop, lane_of):
    lane = lane_of((1, 0.2))
    order = []

    async def one(priority):
        await use(lane, priority=priority)
        order.append(priority)

    async def crowd():
        await lane.pause(0.5)
        await together(*(one(priority) for priority in (BACKGROUND, BACKGROUND, JOBS, PEOPLE)))

    loop.run(crowd())
    assert order == [PEOPLE, JOBS, BACKGROUND, BACKGROUND]


def test_lane_busy_comes_at_once_for_everybody_who_waits(loop, lane_of):
    lane = lane_of((1, 30))

    async def crowd():
        await use(lane)
        return await together(*(use(lane) for _ in range(5)))

    waits = [busy.wait for busy in loop.run(crowd()) if isinstance(busy, LaneBusy)]
    assert len(waits) == 5
    assert all(25 < wait <= 31 for wait in waits)


def test_a_caller_at_the_door_runs_out_of_patience_too(loop, lane_of):
    lane = lane_of((1, 1))

    async def crowd():
        await use(lane, priority=JOBS)
        first = asyncio.create_task(use(lane, priority=JOBS, patience=10))
        await asyncio.sleep(0.01)
        with pytest.raises(LaneBusy) as busy:
            await use(lane, priority=JOBS, patience=0.05)
        await first
        return busy.value.wait

    assert loop.run(crowd()) > 0


@pytest.mark.parametrize("after", [0, 0.001, 0.05])
def test_a_cancelled_caller_leaves_no_trace(loop, lane_of, redis, name, after):
    lane = lane_of((2, 0.4))

    async def crowd():
        await use(lane)
        await use(lane, priority=PEOPLE)
        tasks = [asyncio.create_task(use(lane, priority=priority)) for priority in Priority]
        await asyncio.sleep(after)
        for task in tasks:
            task.cancel()
        await together(*tasks)
        await lane.gate.call(("x",) * 3, "leave", "after all the others")

    loop.run(crowd())
    assert redis.zcard(f"gate:{{{name}}}:log") == 2
    assert not redis.exists(f"gate:{{{name}}}:queue")


def test_a_slot_that_is_given_while_its_caller_is_cancelled_goes_back(loop, lane_of, redis, name):
    lane = lane_of((2, 30))

    async def crowd():
        task = asyncio.create_task(use(lane))
        await asyncio.sleep(0)
        task.cancel()  # the question is under way
        await together(task)
        await asyncio.sleep(0.1)
        await lane.gate.call(("x",) * 3, "leave", "after all the others")

    loop.run(crowd())
    assert redis.zcard(f"gate:{{{name}}}:log") == 0


def test_a_block_that_ends_before_the_bytes_left_gives_its_slot_back(loop, lane_of, redis, name):
    lane = lane_of((2, 30))

    async def fail():
        async with lane.slot(priority=JOBS, patience=1):
            raise ConnectionRefusedError

    async def both():
        failures = await together(fail(), fail(), fail())
        await use(lane)
        return failures

    assert [type(error) for error in loop.run(both())] == [ConnectionRefusedError] * 3
    assert redis.zcard(f"gate:{{{name}}}:log") == 1


def test_what_it_learned_is_told_in_another_thread(loop, lane_of):
    facts = []
    told = threading.Event()

    def remember(fact):
        facts.append((fact.kind, fact.window, threading.current_thread().name))
        told.set()

    lane = lane_of((10, 2), on_learned=remember)

    async def call():
        async with lane.slot(priority=BACKGROUND) as slot:
            slot.sent()
        await slot.answered(200, httpx.Headers({"x-ratelimit-limit": "60"}))

    loop.run(call())
    assert told.wait(5)
    assert facts[0][:2] == ("lower_limit", Window(60, 60))
    assert facts[0][2] != "shared-loop"


def test_both_kinds_of_lane_are_one_queue(loop, lane_of, redis_server, name):
    lane = lane_of((2, 30))
    loop.run(use(lane))
    with lane_for(redis_server, name, lane.rules).slot(priority=PEOPLE) as slot:
        slot.sent()
    with pytest.raises(LaneBusy):
        loop.run(use(lane, priority=PEOPLE, patience=1))


def test_one_name_is_one_lane_on_a_loop(loop, redis_server, name):
    first = loop.gate(redis_server).lane(name, Rules.of((10, 2)))
    again = loop.gate(redis_server).lane(name, Rules.of((20, 2)))
    assert first is again
    assert first.rules.windows == (Window(20, 2),)


# When Redis is away


def test_without_redis_nobody_leaves(loop):
    lane = loop.gate("redis://127.0.0.1:9/0").lane("nowhere", Rules.of((10, 2)))
    outcomes = loop.run(together(*(use(lane, patience=0.3) for _ in range(3))))
    assert all(isinstance(outcome, LaneBusy) for outcome in outcomes)
    assert isinstance(outcomes[0], GateUnavailable)


def test_an_answer_is_kept_though_redis_dies_before_it_comes(loop):
    with start_redis() as url:
        lane = loop.gate(url).lane("dying", Rules.of((10, 2)))

        async def call():
            async with lane.slot(priority=BACKGROUND) as slot:
                Redis.from_url(url).shutdown(nosave=True)
                slot.sent()
            for status in (200, 429, 500):
                await slot.answered(status, httpx.Headers({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9"}))
            await slot.failed()
            return "the answer"

        assert loop.run(call()) == "the answer"


def test_a_redis_that_lost_its_memory_of_the_script_gets_it_again(loop, lane_of, redis, name):
    lane = lane_of((10, 2))
    loop.run(use(lane))
    redis.script_flush()
    loop.run(together(use(lane), use(lane)))
    assert redis.zcard(f"gate:{{{name}}}:log") == 3


# The loop itself


def test_a_process_has_one_loop_however_many_threads_ask_for_it_first():
    stop_shared_loop()
    found, barrier = [], threading.Barrier(8)

    def ask():
        barrier.wait()
        found.append(shared_loop())

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert run(asyncio.sleep(0, "done")) == "done"
    stop_shared_loop()
    assert not any(thread.name == "shared-loop" for thread in threading.enumerate())


def test_the_loop_refuses_to_wait_for_itself(loop):
    async def inside():
        loop.run(asyncio.sleep(0))

    with pytest.raises(RuntimeError, match="wait for itself"):
        loop.run(inside())


def test_an_error_reaches_the_thread_that_asked(loop):
    async def fail():
        raise KeyError("x")

    with pytest.raises(KeyError):
        loop.run(fail())


def test_stopping_ends_what_still_runs(redis_server, name):
    shared = SharedLoop()
    lane = shared.gate(redis_server).lane(name, Rules.of((1, 60)))
    shared.run(use(lane))
    ended = []

    def wait():
        try:
            shared.run(use(lane, patience=100))
        except CancelledError as error:
            ended.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.1)
    shared.stop()
    thread.join(5)
    assert not thread.is_alive()
    assert len(ended) == 1


def test_the_collector_is_tuned_for_a_large_heap():
    before = gc.get_threshold()
    try:
        tune_gc()
        assert gc.get_threshold() == (5_000, 5, 1_000)
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
