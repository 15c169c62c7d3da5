"""The gate of a lane, on a clock that the test moves."""

import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from operations.lanes import Rules
from operations.lanes.script import Word
from providers.limiting import Priority
from tests.support.moved_gate import Caller, MovedGate, most_in_any, simulate

PEOPLE, JOBS, BACKGROUND = Priority


@pytest.fixture(scope="module")
def redis(redis_server):
    with Redis.from_url(redis_server) as client:
        yield client


@pytest.fixture
def gate(redis):
    return MovedGate(redis, Rules.of((5, 2)))


def test_people_use_the_whole_window_at_once_and_then_wait_for_its_oldest_call(gate):
    for _ in range(5):
        answer = gate.take()
        assert (answer.word, answer.wait) == (Word.GO, 0)
        gate.sent(answer)
        gate.now += 0.01
    answer = gate.take()
    assert answer.word is Word.COME_BACK
    assert answer.wait == pytest.approx(2 + 0.025 - 0.05 - 0.02)


def test_a_slot_is_given_a_little_early_with_the_time_that_is_left_to_wait(gate):
    for _ in range(5):
        gate.go()
    answer = gate.take()
    gate.now += answer.wait
    answer = gate.take(ticket=answer.ticket)
    assert answer.word is Word.GO
    assert answer.wait == pytest.approx(0.02)


def test_a_saturated_lane_uses_what_the_margin_leaves_of_its_rate(redis):
    gate = MovedGate(redis, Rules.of((10, 2)))
    arrivals, asked = simulate(gate, [Caller(0, calls=1000), Caller(0, calls=1000)], until=40, lateness=0.002)
    assert most_in_any(arrivals, 2) == 10
    assert len(arrivals) >= 0.98 * 10 * 40 / 2
    assert asked <= 2.1 * len(arrivals)


windows = st.tuples(st.integers(1, 8), st.sampled_from([0.5, 1.0, 2.0, 5.0]))
category_windows = st.tuples(st.integers(1, 4), st.sampled_from([1.0, 3.0]), st.sampled_from(["read", "leads"]))
callers = st.builds(
    Caller,
    comes_at=st.floats(0, 6),
    priority=st.sampled_from(Priority),
    category=st.sampled_from(["", "read", "leads", "webhooks"]),
    calls=st.integers(1, 12),
    dies_in=st.sampled_from(["", "", "", "queue", "slot"]),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(
    st.lists(windows, min_size=1, max_size=2),
    st.lists(category_windows, max_size=2),
    st.lists(callers, min_size=1, max_size=8),
    st.sampled_from([0.0, 0.01, 0.2]),
    st.integers(0, 100),
)
def test_it_never_lets_more_through_than_any_window_allows(redis, of_key, of_category, who, lateness, seed):
    rules = Rules.of(*of_key, *of_category)
    gate = MovedGate(redis, rules)
    arrivals, _ = simulate(gate, who, until=30, lateness=lateness, jitter=rules.margin, seed=seed)
    for window in rules.windows:
        counted = [a for a in arrivals if not window.category or a.caller.category == window.category]
        assert most_in_any(counted, window.seconds) <= window.calls


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    st.lists(callers.map(lambda caller: replace(caller, dies_in="", calls=1)), min_size=1, max_size=25),
    st.integers(0, 100),
)
def test_everybody_who_waits_is_let_through_in_the_end(redis, who, seed):
    gate = MovedGate(redis, Rules.of((3, 1), (2, 1, "read")))
    arrivals, _ = simulate(gate, who, until=120, lateness=0.01, seed=seed)
    assert Counter(a.caller for a in arrivals) == Counter(who)


def test_people_leave_before_jobs_and_jobs_before_background(gate):
    filling = [Caller(0, PEOPLE) for _ in range(5)]
    waiting = [Caller(0.1 + 0.01 * n, priority) for n, priority in enumerate([BACKGROUND, JOBS, PEOPLE] * 3)]
    arrivals, _ = simulate(gate, filling + waiting, lateness=0.001)
    assert [a.caller.priority for a in arrivals[5:]] == [PEOPLE] * 3 + [JOBS] * 3 + [BACKGROUND] * 3


@pytest.mark.parametrize("priority", Priority)
def test_inside_a_priority_who_came_first_leaves_first(gate, priority):
    who = [Caller(0.013 * n, priority) for n in range(20)]
    random.Random(1).shuffle(who)
    arrivals, _ = simulate(gate, who, lateness=0.001)
    assert [a.caller.comes_at for a in arrivals] == sorted(a.comes_at for a in who)


def test_background_is_spread_over_the_window_so_that_a_click_gets_the_next_slot(redis):
    gate = MovedGate(redis, Rules.of((10, 2)))
    clicks = [Caller(10 + 1.7 * n, PEOPLE) for n in range(20)]
    arrivals, _ = simulate(gate, [Caller(0, calls=1000), *clicks], until=60, lateness=0.002)
    waits = sorted(a.at - a.caller.comes_at for a in arrivals if a.caller.priority is PEOPLE)
    assert len(waits) == 20
    assert waits[-1] <= 2 * 2 / 10


def test_small_lateness_of_background_does_not_add_up(redis):
    gate = MovedGate(redis, Rules.of((10, 2)))
    arrivals, _ = simulate(gate, [Caller(0, calls=1000)], until=60, lateness=0.03)
    assert len(arrivals) >= 0.96 * 10 * 60 / 2


def test_a_category_that_has_used_up_its_window_holds_nobody_else_up(redis):
    gate = MovedGate(redis, Rules.of((10, 2), (2, 60, "analytics")))
    for _ in range(2):
        gate.go(PEOPLE, "analytics")
    blocked = gate.take(PEOPLE, "analytics")
    assert blocked.word is Word.COME_BACK
    assert blocked.wait > 55
    free = gate.take(BACKGROUND, "read")
    assert (free.word, free.wait) == (Word.GO, 0)


def test_a_slow_category_does_not_set_the_pace_of_the_others(redis):
    gate = MovedGate(redis, Rules.of((10, 2), (20, 60, "webhooks")))
    arrivals, _ = simulate(
        gate, [Caller(0, category="webhooks", calls=99), Caller(0, category="read", calls=999)], until=40
    )
    by_category = Counter(a.caller.category for a in arrivals)
    assert by_category["webhooks"] >= 13  # one in 0.95 × 3 s
    assert by_category.total() >= 0.98 * 200


def test_a_waiter_who_does_not_come_back_is_taken_for_dead(redis):
    gate = MovedGate(redis, Rules.of((1, 2)))
    gate.go()
    dead = gate.take(PEOPLE)
    alive = gate.take(BACKGROUND)
    assert alive.wait == pytest.approx(dead.wait + 2.025)
    gate.now += dead.wait
    assert gate.take(BACKGROUND, ticket=alive.ticket).word is Word.COME_BACK
    gate.now += gate.rules.grace + 0.001
    assert gate.take(BACKGROUND, ticket=alive.ticket).word is Word.GO


def test_a_stamp_moves_forward_only(gate):
    answers = [gate.take() for _ in range(5)]
    gate.now += 0.5
    gate.sent(answers[0])
    assert gate.take().wait == pytest.approx(2.025 - 0.02 - 0.5)  # the second oldest is now the oldest
    for answer in answers[1:]:
        gate.sent(answer)
    gate.now -= 0.3
    gate.sent(answers[0])
    assert gate.take().wait == pytest.approx(2.025 - 0.02 + 0.3)


def test_a_slot_that_was_not_used_is_free_again(gate):
    answers = [gate.take() for _ in range(5)]
    assert gate.take(patience=0).word is Word.TOO_FAR
    gate.leave(answers[2])
    assert gate.take(patience=0).word is Word.GO


def test_who_leaves_the_queue_makes_room_for_the_next(gate):
    for _ in range(5):
        gate.go()
        gate.now += 0.1
    first, second = gate.take(), gate.take()
    assert second.wait > first.wait
    gate.leave(first)
    assert gate.take(ticket=second.ticket).wait == pytest.approx(first.wait)


def test_it_refuses_at_once_when_the_next_slot_is_further_away_than_the_callers_patience(gate):
    for _ in range(5):
        gate.go()
    answer = gate.take(patience=1.0)
    assert answer.word is Word.TOO_FAR
    assert answer.wait == pytest.approx(2.005)
    assert not any(key.endswith(b":queue") for key in gate.redis.keys(f"gate:{{{gate.name}}}*"))


def test_nobody_leaves_during_a_pause_and_a_longer_one_stays(gate):
    gate.pause(5)
    gate.pause(1)
    for priority in Priority:
        assert gate.take(priority).wait >= 5 - 0.02
    gate.now += 5.0
    assert gate.take(PEOPLE).word is Word.GO


def test_background_leaves_a_part_of_long_windows_to_people(redis):
    gate = MovedGate(redis, Rules.of((20, 120), (1000, 1)))
    for _ in range(19):
        assert gate.take(BACKGROUND).word is not Word.TOO_FAR
        gate.go(BACKGROUND)
    assert gate.take(BACKGROUND).wait > 100
    assert gate.take(JOBS).word is Word.GO


def test_every_key_expires(redis):
    gate = MovedGate(redis, Rules.of((5, 2), (5, 60, "read")))
    gate.go(BACKGROUND, "read")
    gate.refused(gate.go(PEOPLE))
    gate.failed(gate.take(PEOPLE))
    gate.take(BACKGROUND, "read")
    names = redis.keys(f"gate:{{{gate.name}}}*")
    assert len(names) == 4
    assert all(0 < redis.ttl(name) <= 7200 for name in names)


# The clock of Redis


def test_a_clock_set_back_stops_nobody_for_longer_than_a_window(redis):
    gate = MovedGate(redis, Rules.of((5, 2), (3, 2, "read")))
    for _ in range(3):
        gate.go(BACKGROUND, "read")
    gate.pause(1.5)
    gate.now -= 3600
    wait = gate.take(BACKGROUND, "read").wait
    assert 1.4 < wait < 2.1
    gate.now += 2.1
    assert gate.take(BACKGROUND, "read").word is Word.GO


def test_a_clock_set_back_keeps_the_distances_inside_a_long_window(redis):
    gate = MovedGate(redis, Rules.of((3, 3600)))
    for _ in range(3):
        gate.go()
        gate.now += 1000
    gate.now -= 86_400
    assert gate.take().wait == pytest.approx(3600 - 2000, abs=1)


def test_a_clock_set_forward_is_like_an_empty_log_once(gate):
    for _ in range(5):
        gate.go()
    gate.now += 3600
    assert [gate.take().word for _ in range(6)] == [Word.GO] * 5 + [Word.COME_BACK]


# What refusals and failures teach


def test_a_refusal_without_a_wait_pauses_two_seconds_and_twice_as_long_while_they_go_on(gate):
    pauses = []
    for _ in range(7):
        pauses.append(gate.refused(gate.go())[0])
        gate.now += pauses[-1]
    assert pauses == [2, 4, 8, 16, 32, 60, 60]


def test_refusals_of_calls_that_were_under_way_together_count_once(gate):
    answers = [gate.go() for _ in range(4)]
    gate.now += 0.2
    assert [gate.refused(answer)[0] for answer in answers] == [2, 2, 2, 2]


def test_after_a_quiet_time_the_first_refusal_is_the_first_again(gate):
    gate.now += gate.refused(gate.go())[0]
    gate.now += gate.refused(gate.go())[0]
    gate.now += 60
    assert gate.refused(gate.go())[0] == 2


def test_a_wait_that_the_provider_names_is_kept(gate):
    assert gate.refused(gate.go(), retry_after=30)[0] == 30
    assert gate.take().wait == pytest.approx(30 - 0.02)


def refusal_in_a_full_window(gate):
    """The provider counted one too many of ours, because the way there was uneven."""
    for _ in range(5):
        gate.go()
    answer = gate.go()
    gate.now += 0.05
    return gate.refused(answer, retry_after=0.1)


def test_a_refusal_of_a_legal_but_full_window_widens_the_margin_by_half_for_an_hour(gate):
    assert refusal_in_a_full_window(gate) == (0.1, "wider_margin")
    gate.now += 10

    def wait():
        gate.now += 10
        for _ in range(5):
            gate.go()
        return gate.take().wait

    assert wait() == pytest.approx(2 - 0.02 + 0.0375, abs=0.0002)
    gate.now += 1780
    assert wait() == pytest.approx(2 - 0.02 + 0.03125, abs=0.0005)
    gate.now += 1800
    assert wait() == pytest.approx(2 - 0.02 + 0.025, abs=0.0002)


def test_the_margin_grows_to_a_fifth_of_a_second_and_then_somebody_else_is_suspected(gate):
    found = []
    for _ in range(12):
        found.append(refusal_in_a_full_window(gate)[1])
        gate.now += 20
    assert found[:6] == ["wider_margin"] * 6
    assert found[-1] == "second_user"
    assert gate.rules.margin == 0.025


def refusal_in_an_empty_window(gate):
    gate.now += 20
    answer = gate.go()
    gate.now += 0.05
    return gate.refused(answer, retry_after=1)[1]


def test_refusals_while_we_hardly_call_mean_a_second_user_and_halve_the_lane_while_they_last(gate):
    assert [refusal_in_an_empty_window(gate) for _ in range(3)] == ["", "", "second_user"]
    gate.now += 20
    assert [gate.take().word for _ in range(3)] == [Word.GO, Word.GO, Word.COME_BACK]
    gate.now += 610
    assert [gate.take().word for _ in range(6)] == [Word.GO] * 5 + [Word.COME_BACK]


def test_one_refusal_now_and_then_does_not_mean_a_second_user(gate):
    found = []
    for _ in range(6):
        found.append(refusal_in_an_empty_window(gate))
        gate.now += 400
    assert found == [""] * 6


def test_three_failures_in_a_row_pause_the_key_and_longer_each_time(gate):
    assert [gate.failed(gate.go()) for _ in range(3)] == [0, 0, 1]
    pauses = []
    for _ in range(7):
        gate.now += 60
        pauses.append(gate.failed(gate.go()))
    assert pauses == [2, 4, 8, 16, 32, 60, 60]


def test_failures_of_calls_that_were_under_way_together_do_not_prolong_the_pause(gate):
    answers = [gate.go() for _ in range(5)]
    gate.now += 0.1
    assert [gate.failed(answer) for answer in answers] == [0, 0, 1, 1, 1]


def test_a_good_answer_ends_the_trouble(gate):
    for _ in range(2):
        gate.failed(gate.go())
    assert gate.take().suspect
    gate.recovered()
    assert not gate.take().suspect
    gate.now += 10
    assert gate.failed(gate.go()) == 0
