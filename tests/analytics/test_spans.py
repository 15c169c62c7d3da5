"""The days that a page is about, read from its address."""

from datetime import date, timedelta

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from analytics.spans import LONGEST, DaySpan, day_of_figures

TODAY = date(2026, 11, 20)


def span(query: str) -> DaySpan:
    return DaySpan.from_query(QueryDict(query), TODAY)


@pytest.mark.parametrize(
    ("query", "start", "end", "preset"),
    [
        ("", date(2026, 10, 22), TODAY, 30),
        ("days=7", date(2026, 11, 14), TODAY, 7),
        ("days=90", date(2026, 8, 23), TODAY, 90),
        ("days=8", date(2026, 10, 22), TODAY, 30),
        ("days=x", date(2026, 10, 22), TODAY, 30),
        ("from=2026-10-01&to=2026-10-31", date(2026, 10, 1), date(2026, 10, 31), None),
        ("from=2026-10-31&to=2026-10-01", date(2026, 10, 22), TODAY, 30),
        ("from=2026-11-01&to=2027-01-01", date(2026, 11, 1), TODAY, None),
        ("from=2027-01-01&to=2027-02-01", TODAY, TODAY, None),
        ("from=2026-10-01", date(2026, 10, 22), TODAY, 30),
        ("from=2026-02-31&to=2026-03-01", date(2026, 10, 22), TODAY, 30),
        ("from=0001-01-01&to=0001-01-02", date(2010, 1, 1), date(2010, 1, 1), None),
        ("from=%00&to=%F0", date(2026, 10, 22), TODAY, 30),
    ],
)
def test_a_span_is_read_from_the_address(query: str, start: date, end: date, preset: int | None) -> None:
    assert span(query) == DaySpan(start, end, preset)


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("", ""),
        ("from=2026-10-01&to=2026-10-31", ""),
        ("from=2030-01-01&to=2031-01-01", "Days to come have no figures."),
        ("from=1990-01-01&to=1990-02-01", "There are no figures from before 2010."),
        ("from=2015-01-01&to=2018-01-01", "At most 732 days are shown at once."),
        (
            "from=1990-01-01&to=2030-01-01",
            "There are no figures from before 2010. Days to come have no figures. At most 732 days are shown at once.",
        ),
    ],
)
def test_a_span_that_had_to_be_cut_says_why(query: str, why: str) -> None:
    assert span(query).cut == why


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("", ""),
        ("days=90", ""),
        ("from=2026-10-01&to=2026-10-31", ""),
        ("from=2026-02-31&to=2026-03-01", "There is no 31 February 2026."),
        ("from=2026-2-31&to=2026-3-1", "There is no 31 February 2026."),
        ("from=2026-13-01&to=2026-03-01", "“2026-13-01” is no date: write the first day as year-month-day, like 2026-11-20."),
        ("from=2026-03-01&to=soon", "“soon” is no date: write the last day as year-month-day, like 2026-11-20."),
        ("from=2026-10-31&to=2026-10-01", "The first day, 31 Oct, is after the last one, 1 Oct."),
        ("from=2026-10-01", "The last day is missing."),
        ("from=&to=", "The first day is missing. The last day is missing."),
        ("days=x", "“x” is no number of days that is kept. Choose 7, 30 or 90, or give the first and the last day."),
    ],
)  # fmt: skip
def test_nonsense_is_named_and_what_was_typed_is_kept(query: str, problem: str) -> None:
    found, given_text = span(query), QueryDict(query)
    assert found.problem == problem
    if problem:
        assert found == DaySpan.last(30, TODAY)
        assert found.typed is not None
        assert (found.typed.first, found.typed.last) == (given_text.get("from", ""), given_text.get("to", ""))


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_a_span_with_or_without_a_problem(one: str, other: str) -> None:
    query = QueryDict(mutable=True)
    query.update({"from": one, "to": other})
    found = DaySpan.from_query(query, TODAY)
    assert found.problem or found.preset is None


@given(st.dates(), st.dates())
def test_whatever_is_cut_has_a_reason(one: date, other: date) -> None:
    first, last = sorted((one, other))
    found = span(f"from={first.isoformat()}&to={last.isoformat()}")
    assert ((found.start, found.end) == (first, last)) == (found.cut == "")


@given(st.dates(), st.dates())
def test_any_two_dates_make_a_span_that_can_be_drawn(one: date, other: date) -> None:
    first, last = sorted((one, other))
    found = span(f"from={first.isoformat()}&to={last.isoformat()}")
    assert found.preset is None
    assert found.start <= found.end <= TODAY
    assert found.end - found.start <= LONGEST
    assert len(found.days) == found.length == found.before.length


@given(st.integers(min_value=1, max_value=400))
def test_the_span_before_is_as_long_and_ends_where_this_one_begins(days: int) -> None:
    found = DaySpan.last(days, TODAY)
    assert found.before.length == found.length
    assert found.before.end + timedelta(days=1) == found.start


@pytest.mark.parametrize(
    ("pulled_until", "day"),
    [
        (None, TODAY),
        (TODAY, TODAY),
        (TODAY - timedelta(days=1), TODAY - timedelta(days=1)),
        (TODAY - timedelta(days=2), TODAY),
        (TODAY + timedelta(days=3), TODAY + timedelta(days=3)),
    ],
)
def test_the_last_days_end_with_the_newest_totals_unless_these_are_old(pulled_until: date | None, day: date) -> None:
    assert day_of_figures(pulled_until, TODAY) == day
