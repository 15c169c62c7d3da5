"""The lane for threads, on a real Redis and in real time. Order and counts are asserted, not durations."""

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from redis import Redis

from operations.lanes import Fact, GateUnavailable, Rules, Window, lane_for, read_state
from providers.errors import LaneBusy
from providers.limiting import Priority
from tests.support.redis import start_redis

PEOPLE, JOBS, BACKGROUND = Priority
NO_HEADERS = httpx.Headers()

names = (f"threads-{n}" for n in itertools.count())


@pytest.fixture
def name():
    return next(names)


@pytest.fixture
def redis(redis_server):
    with Redis.from_url(redis_server) as client:
        yield client


def use(lane, *, priority=PEOPLE, category="", patience=3.0):
    with lane.slot(priority=priority, category=category, patience=patience) as slot:
        slot.sent()
        return slot


def log_of(redis, name):
    return redis.zcard(f"gate:{{{name}}}:log")


class StrictServer:
    """Counts arrivals on the clock of Redis and stamps the call in the same moment, as a request that leaves at once."""

    def __init__(self, redis):
        self.redis = redis
        self.arrivals = []

    def receive(self, slot):
        seconds, micros = self.redis.time()
        slot.sent()
        self.arrivals.append(seconds + micros / 1_000_000)

    def most_in_any(self, seconds):
        moments = sorted(self.arrivals)
        return max(sum(0 <= moment - first < seconds for moment in moments) for first in moments)


def test_threads_and_lanes_of_several_processes_together_keep_to_the_limit(redis, redis_server, name):
    rules = Rules.of((5, 0.5), margin=0.1)
    server = StrictServer(redis)

    def work(priority):
        lane = lane_for(redis_server, name, rules)  # each has its own, as separate processes have
        for _ in range(5):
            with lane.slot(priority=priority, patience=30) as slot:
                server.receive(slot)

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(work, [PEOPLE, JOBS, JOBS, BACKGROUND, BACKGROUND, BACKGROUND]))
    assert len(server.arrivals) == 30
    assert server.most_in_any(0.5) <= 5


def test_who_is_more_urgent_leaves_first_though_it_came_last(redis_server, redis, name):
    lane = lane_for(redis_server, name, Rules.of((1, 0.3)))
    lane.pause(0.6)
    order, threads = [], []

    def work(priority):
        use(lane, priority=priority, patience=10)
        order.append(priority)

    for place, priority in enumerate([BACKGROUND, JOBS, PEOPLE], start=1):
        threads.append(threading.Thread(target=work, args=[priority]))
        threads[-1].start()
        while redis.zcard(f"gate:{{{name}}}:queue") < place:
            time.sleep(0.005)
    for thread in threads:
        thread.join()
    assert order == [PEOPLE, JOBS, BACKGROUND]


def test_lane_busy_comes_at_once_and_tells_the_wait(redis_server, redis, name):
    lane = lane_for(redis_server, name, Rules.of((2, 30)))
    use(lane)
    use(lane)
    with pytest.raises(LaneBusy) as busy:
        use(lane, patience=3)
    assert 25 < busy.value.wait <= 30.025
    assert log_of(redis, name) == 2
    assert not redis.exists(f"gate:{{{name}}}:queue")


def test_a_caller_without_patience_gets_a_slot_that_is_free(redis_server, name):
    use(lane_for(redis_server, name, Rules.of((2, 30))), patience=0)


def test_a_block_that_ends_before_the_bytes_left_gives_its_slot_back(redis_server, redis, name):
    lane = lane_for(redis_server, name, Rules.of((5, 30), (5, 30, "read")))
    with pytest.raises(ConnectionRefusedError), lane.slot(priority=PEOPLE, category="read", patience=3):
        raise ConnectionRefusedError
    assert log_of(redis, name) == 0
    with lane.slot(priority=PEOPLE, category="read", patience=3) as slot:
        slot.sent()
    assert log_of(redis, name) == 1


def test_a_category_without_a_window_of_its_own_counts_for_the_key_only(redis_server, redis, name):
    lane = lane_for(redis_server, name, Rules.of((5, 30), (5, 30, "read")))
    use(lane, category="read")
    use(lane, category="webhooks")
    assert log_of(redis, name) == 2
    assert redis.zcard(f"gate:{{{name}}}:log:read") == 1
    assert not redis.exists(f"gate:{{{name}}}:log:webhooks")


def test_a_refusal_pauses_the_whole_key(redis_server, redis, name):
    rules = Rules.of((5, 2), (5, 60, "read"))
    lane = lane_for(redis_server, name, rules)
    use(lane, category="read").answered(429, httpx.Headers({"Retry-After": "30"}))
    for priority in Priority:
        with pytest.raises(LaneBusy) as busy:
            use(lane, priority=priority)
        assert 28 < busy.value.wait <= 30
    assert read_state(redis, name, rules).pause_reason == "429"


def test_no_calls_remaining_pauses_until_the_reset(redis_server, redis, name):
    rules = Rules.of((10, 2))
    lane = lane_for(redis_server, name, rules)
    use(lane).answered(200, httpx.Headers({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "20"}))
    state = read_state(redis, name, rules)
    assert 18 < state.pause <= 20
    assert state.pause_reason == "exhausted"


def test_a_limit_below_the_rule_is_kept_at_once_and_reported_once(redis_server, name):
    facts: list[Fact] = []
    lane = lane_for(redis_server, name, Rules.of((10, 2)), facts.append)
    for _ in range(3):
        use(lane).answered(200, httpx.Headers({"x-ratelimit-limit": "60", "x-ratelimit-remaining": "50"}))
    assert [(fact.lane, fact.kind, fact.window) for fact in facts] == [(name, "lower_limit", Window(60, 60))]
    assert Window(60, 60) in lane.rules.windows


def test_three_failures_in_a_row_pause_the_key_and_a_good_answer_in_between_does_not(redis_server, redis, name):
    rules = Rules.of((50, 2))
    lane = lane_for(redis_server, name, rules)
    for status in (503, 500, 200, 502, 503):
        use(lane).answered(status, NO_HEADERS)
    assert read_state(redis, name, rules).pause == 0
    use(lane).failed()
    state = read_state(redis, name, rules)
    assert 0 < state.pause <= 1
    assert (state.pause_reason, state.failing) == ("failing", True)


def test_a_note_that_cannot_be_stored_does_not_hide_the_answer(redis_server, name):
    def broken(fact):
        raise OSError("disk full")

    lane = lane_for(redis_server, name, Rules.of((10, 2)), broken)
    use(lane).answered(200, httpx.Headers({"x-ratelimit-limit": "60"}))


# When Redis is away


def test_without_redis_nobody_leaves():
    lane = lane_for("redis://127.0.0.1:9/0", "nowhere", Rules.of((10, 2)))
    with pytest.raises(GateUnavailable) as away:
        use(lane, patience=0.3)
    assert away.value.wait > 0
    assert isinstance(away.value, LaneBusy)


def test_an_answer_is_kept_though_redis_dies_before_it_comes():
    with start_redis() as url:
        lane = lane_for(url, "dying", Rules.of((10, 2)))
        with lane.slot(priority=PEOPLE, patience=3) as slot:
            Redis.from_url(url).shutdown(nosave=True)
            slot.sent()
        for status in (200, 429, 500):
            slot.answered(status, httpx.Headers({"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9"}))
        slot.failed()


def test_a_redis_that_lost_its_memory_of_the_script_gets_it_again(redis_server, redis, name):
    lane = lane_for(redis_server, name, Rules.of((10, 2)))
    use(lane)
    redis.script_flush()
    use(lane)
    assert log_of(redis, name) == 2
