"""What the health page sees of a lane."""

import pytest
from redis import Redis

from operations.lanes import Rules, Window, lane_for, read_state, read_states
from providers.limiting import Priority


@pytest.fixture
def redis(redis_server):
    with Redis.from_url(redis_server) as client:
        yield client


def use(lane, category=""):
    with lane.slot(priority=Priority.JOBS, category=category) as slot:
        slot.sent()
    return slot


def test_a_lane_that_never_ran_is_empty(redis):
    state = read_state(redis, "state-new", Rules.of((10, 2)))
    assert [(use.used, use.limit) for use in state.uses] == [(0, 10)]
    assert (state.pause, state.pause_reason, state.margin, state.halved_for, state.failing) == (0, "", 0.025, 0, False)
    assert set(state.waiting.values()) == {0}


def test_each_window_tells_how_much_of_it_is_used(redis):
    rules = Rules.of((10, 30), (4, 60, "read"))
    lane = lane_for(redis, "state-used", rules)
    for category in ("read", "", "read", "leads"):
        use(lane, category)
    state = read_state(redis, "state-used", rules)
    assert [(use.window, use.used, use.limit) for use in state.uses] == [
        (Window(10, 30), 4, 10),
        (Window(4, 60, "read"), 2, 4),
    ]
    assert state.busiest.window == Window(4, 60, "read")


def test_calls_older_than_the_window_are_not_counted(redis):
    rules = Rules.of((10, 30), (100, 60))
    lane = lane_for(redis, "state-old", rules)
    ticket = use(lane).ticket
    use(lane)
    seconds, _ = redis.time()
    redis.zadd("gate:{state-old}:log", {ticket: (seconds - 40) * 1_000_000})
    assert [use.used for use in read_state(redis, "state-old", rules).uses] == [1, 2]


def test_the_queue_is_told_by_priority(redis):
    rules = Rules.of((10, 2))
    redis.zadd("gate:{state-queue}:queue", {"0-1-1:": 1, "2-1-2:": 1, "2-1-3:read": 1})
    waiting = read_state(redis, "state-queue", rules).waiting
    assert waiting == {Priority.PEOPLE: 1, Priority.JOBS: 0, Priority.BACKGROUND: 2}


def test_a_pause_tells_its_reason_until_it_is_over(redis):
    rules = Rules.of((10, 2))
    lane = lane_for(redis, "state-pause", rules)
    lane.pause(30, "maintenance")
    state = read_state(redis, "state-pause", rules)
    assert 25 < state.pause <= 30
    assert state.pause_reason == "maintenance"
    redis.hset("gate:{state-pause}", "pause", 1)
    assert read_state(redis, "state-pause", rules).pause_reason == ""


def test_a_halved_lane_shows_half_its_limit(redis):
    rules = Rules.of((10, 2))
    seconds, _ = redis.time()
    redis.hset("gate:{state-half}", "halved_until", (seconds + 100) * 1_000_000)
    state = read_state(redis, "state-half", rules)
    assert 95 < state.halved_for <= 100
    assert state.uses[0].limit == 5


def test_many_lanes_are_read_at_once(redis):
    rules = {f"state-{n}": Rules.of((10, 2), (100, 60)) for n in range(50)}
    for name in list(rules)[:3]:
        use(lane_for(redis, name, rules[name]))
    before = redis.info("stats")["total_reads_processed"]
    states = read_states(redis, rules)
    assert redis.info("stats")["total_reads_processed"] - before <= 5
    assert sum(state.uses[0].used for state in states.values()) == 3
