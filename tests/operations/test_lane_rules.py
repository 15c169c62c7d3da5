"""Rules of a key as data, and the profiles of the plans."""

import json

import pytest

from operations.lanes import DEFAULT, PROFILES, Rules, Window


def test_the_default_is_ten_calls_in_two_seconds():
    assert Rules.from_data({}).windows == (Window(10, 2),)
    assert Rules.from_data({}) == PROFILES[DEFAULT].rules


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_survives_its_way_through_json(name):
    rules = PROFILES[name].rules
    assert Rules.from_data(json.loads(json.dumps(rules.to_data()))) == rules
    assert Rules.from_data({"profile": name}) == rules


def test_margin_and_grace_of_a_connection_may_differ_from_its_profile():
    rules = Rules.from_data({"profile": "reply", "margin": 0.1, "grace": 1})
    assert (rules.windows, rules.margin, rules.grace) == (PROFILES["reply"].rules.windows, 0.1, 1)


def test_what_was_learned_lowers_the_window_of_the_same_length_and_adds_others():
    learned = [{"calls": 8, "seconds": 2}, {"calls": 60, "seconds": 60}, {"calls": 99, "seconds": 60}]
    assert Rules.from_data({"learned": learned}).windows == (Window(8, 2), Window(60, 60))


def test_a_category_counts_by_itself_only_where_the_plan_says_so():
    rules = PROFILES["smartlead-guide-pro"].rules
    assert rules.category("analytics") == "analytics"
    assert rules.category("replies") == ""
    assert PROFILES[DEFAULT].rules.category("analytics") == ""


def test_the_slowest_window_says_what_a_call_costs_in_the_long_run():
    rules = PROFILES["smartlead-guide-pro"].rules
    assert rules.slowest() == 0.2
    assert rules.slowest("analytics") == 1.2


@pytest.mark.parametrize("windows", [[], [(5, 1, "read")]])
def test_rules_need_a_window_for_the_whole_key(windows):
    with pytest.raises(ValueError, match="every call of the key"):
        Rules.of(*windows)


@pytest.mark.parametrize("window", [(0, 2), (10, 0), (10, 100_000)])
def test_a_window_has_a_sensible_size(window):
    with pytest.raises(ValueError, match="at least one call"):
        Window(*window)


def test_a_window_reads_like_the_plan():
    assert [str(Window(10, 2)), str(Window(60, 60)), str(Window(20, 60, "webhooks")), str(Window(3_000, 3_600))] == [
        "10/2 s",
        "60/min",
        "20/min webhooks",
        "3000/h",
    ]
