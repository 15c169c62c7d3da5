"""How figures, ages and times are written."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from operations import wording
from operations.glyphs import spark_points, sparkline

NOW = datetime(2026, 11, 20, 17, 48, 30, tzinfo=UTC)


def render(source: str, **context: object) -> str:
    return Template("{% load qd %}" + source).render(Context(context))


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (0, "0"), (999, "999"), (61377, "61,377"), (1234567.0, "1,234,567")]
)
def test_thousands_are_grouped_and_the_unknown_is_a_dash(value: float | None, text: str) -> None:
    assert wording.thousands(value) == text


@pytest.mark.parametrize(("value", "text"), [(None, "–"), (0.0, "0.0%"), (5.55, "5.5%"), (100, "100.0%")])
def test_rates_have_one_decimal(value: float | None, text: str) -> None:
    assert wording.percent(value) == text


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (timedelta(seconds=-5), "0 s"),
        (timedelta(seconds=40), "40 s"),
        (timedelta(minutes=3, seconds=59), "3 min"),
        (timedelta(hours=2, minutes=59), "2 h"),
        (timedelta(days=3, hours=23), "3 d"),
    ],
)
def test_an_age_is_in_its_largest_whole_unit(ago: timedelta, text: str) -> None:
    assert wording.age(NOW - ago, NOW) == text


@pytest.mark.parametrize(
    ("milliseconds", "text"), [(None, "–"), (61.4, "61 ms"), (1204, "1.2 s"), (30000, "30 s"), (180000, "3 min")]
)
def test_measured_times_have_a_fitting_unit(milliseconds: float | None, text: str) -> None:
    assert wording.took(milliseconds) == text


def test_a_day_names_its_year_only_when_it_is_another_one() -> None:
    assert wording.day(date(2026, 11, 2), NOW.date()) == "2 Nov"
    assert wording.day(date(2025, 11, 2), NOW.date()) == "2 Nov 2025"


def test_a_moment_is_a_clock_time_today_and_has_a_date_before() -> None:
    assert wording.moment(NOW - timedelta(hours=10), NOW) == "07:48"
    assert wording.moment(NOW - timedelta(days=1), NOW) == "19 Nov, 17:48"


def test_an_age_on_a_page_carries_the_exact_time() -> None:
    html = render("{% ago then %}", then=NOW - timedelta(minutes=3), now=NOW)
    assert ">3 min ago</time>" in html
    assert 'datetime="2026-11-20T17:45:30+00:00"' in html
    assert 'title="Fri 20 Nov 2026, 17:45:30 UTC"' in html
    assert render("{% ago then %}", then=None) == "never"


@given(st.lists(st.integers(min_value=0, max_value=10**6), min_size=2, max_size=60))
def test_a_sparkline_stays_in_its_frame(values: list[int]) -> None:
    points = spark_points(values)
    assert len(points) == len(values)
    assert all(0 <= x <= 53.001 and 2.999 <= y <= 17.001 for x, y in points)


@pytest.mark.parametrize("values", [None, [], [7]])
def test_too_few_values_draw_nothing(values: list[int] | None) -> None:
    assert sparkline(values) == ""


@pytest.mark.parametrize(
    ("url", "here", "attribute"),
    [
        ("/campaigns/", "/campaigns/", ' aria-current="page"'),
        ("/campaigns/", "/campaigns/12/", ' aria-current="true"'),
        ("/campaigns/?client=a", "/campaigns/?client=a&sort=sent", ' aria-current="page"'),
        ("/campaigns/?client=a", "/campaigns/", ""),
        ("/campaigns/?client=a", "/campaigns/12/", ""),
        ("/activity/", "/campaigns/", ""),
        ("/", "/campaigns/", ""),
    ],
)
def test_a_link_says_whether_it_leads_here(url: str, here: str, attribute: str) -> None:
    assert render("{% current url %}", url=url, request=RequestFactory().get(here)) == attribute


@pytest.mark.parametrize(
    ("seen", "sub_sequences", "text"),
    [
        (36, 2, "36 campaigns, 2 of them sub-sequences"),
        (34, 0, "34 campaigns"),
        (1, None, "1 campaign"),
        (1_200, None, "1,200 campaigns and sub-sequences"),
    ],
)
def test_sub_sequences_are_told_apart_where_they_were_counted(seen: int, sub_sequences: int | None, text: str) -> None:
    assert wording.campaigns(seen, sub_sequences) == text
