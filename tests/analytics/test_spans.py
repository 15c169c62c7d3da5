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
        ("from=2026-10-31&to=2026-10-01", date(2026, 10, 1), date(2026, 10, 31), None),
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


@given(st.dates(), st.dates())
def test_whatever_is_cut_has_a_reason(one: date, other: date) -> None:
    found = span(f"from={one.isoformat()}&to={other.isoformat()}")
    assert ((found.start, found.end) == tuple(sorted((one, other)))) == (found.cut == "")


@given(st.dates(), st.dates())
def test_any_two_dates_make_a_span_that_can_be_drawn(one: date, other: date) -> None:
    found = span(f"from={one.isoformat()}&to={other.isoformat()}")
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
