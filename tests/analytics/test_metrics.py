"""Rates carry what they rest on; small samples say how little they know."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.metrics import ENOUGH_CONTACTS, Change, Counts, Rate, total

counts = st.integers(min_value=0, max_value=10**7)


@st.composite
def shares(draw: st.DrawFn) -> Rate:
    """A rate whose numerator is a part of its denominator."""
    whole = draw(st.integers(min_value=1, max_value=10**7))
    return Rate(draw(st.integers(min_value=0, max_value=whole)), whole)


@given(shares())
def test_the_interval_holds_the_rate_and_lies_between_nothing_and_everything(rate: Rate) -> None:
    interval = rate.interval()
    assert interval is not None
    assert rate.percent is not None
    low, high = interval
    assert 0 <= low <= rate.percent + 1e-9
    assert rate.percent - 1e-9 <= high <= 100
    assert low < high


@given(shares(), st.integers(min_value=2, max_value=50))
def test_the_same_share_of_more_people_is_known_more_exactly(rate: Rate, times: int) -> None:
    assert rate.numerator is not None
    assert rate.denominator is not None
    larger = Rate(rate.numerator * times, rate.denominator * times)
    narrow, wide = larger.interval(), rate.interval()
    assert narrow is not None
    assert wide is not None
    assert narrow[1] - narrow[0] < wide[1] - wide[0]


@given(shares())
def test_turning_a_share_round_turns_its_interval_round(rate: Rate) -> None:
    assert rate.numerator is not None
    assert rate.denominator is not None
    other = Rate(rate.denominator - rate.numerator, rate.denominator).interval()
    mine = rate.interval()
    assert mine is not None
    assert other is not None
    assert mine[0] == pytest.approx(100 - other[1], abs=1e-6)


@given(counts, counts)
def test_a_rate_is_its_numerator_over_its_denominator(part: int, whole: int) -> None:
    rate = Rate(part, whole)
    if whole == 0:
        assert rate.percent is None
    else:
        assert rate.percent == pytest.approx(100 * part / whole)
    assert rate.enough == (whole >= ENOUGH_CONTACTS)


@given(counts)
def test_more_replies_than_contacts_keep_a_sane_interval(replies: int) -> None:
    interval = Rate(replies + 10, 10).interval()
    assert interval is not None
    assert interval[1] == pytest.approx(100)


@pytest.mark.parametrize("rate", [Rate(None, 10), Rate(3, None), Rate(None, None), Rate(0, 0)])
def test_without_a_source_there_is_no_figure(rate: Rate) -> None:
    assert rate.percent is None
    assert rate.interval() is None
    assert rate.basis == ""
    assert not rate.enough


def test_a_known_interval() -> None:
    # 4 of 40 by Wilson's formula, as in Newcombe (1998), doi:10.1002/(SICI)1097-0258(19980430)17:8<857::AID-SIM777>3.0.CO;2-E
    low, high = Rate(4, 40).interval() or (0.0, 0.0)
    assert (round(low, 2), round(high, 2)) == (3.96, 23.05)


@pytest.mark.parametrize(
    ("now", "before", "text", "tone"),
    [
        (1089, 1000, "↑\u00a08.9%", "good"),
        (1120, 1000, "↑\u00a012%", "good"),
        (900, 1000, "↓\u00a010%", "bad"),
        (10_001, 10_000, "no change", ""),
    ],
)
def test_a_change_of_counts_is_written_short(now: int, before: int, text: str, tone: str) -> None:
    change = Change.of_counts(now, before, more_is_good=True, coloured=True)
    assert change is not None
    assert (change.text, change.tone) == (text, tone)


def test_a_change_of_rates_is_in_percentage_points_and_knows_that_fewer_bounces_are_good() -> None:
    change = Change.of_rates(Rate(11, 1000), Rate(13, 1000), more_is_good=False)
    assert change is not None
    assert (change.text, change.direction, change.tone) == ("↓\u00a00.2 pp", "down", "good")


def test_a_change_built_on_few_contacts_has_no_colour() -> None:
    change = Change.of_rates(Rate(20, 99), Rate(100, 1000), more_is_good=True)
    assert change is not None
    assert change.tone == ""


def test_nothing_to_compare_with_is_no_change_at_all() -> None:
    assert Change.of_counts(5, None, more_is_good=True, coloured=True) is None
    assert Change.of_counts(5, 0, more_is_good=True, coloured=True) is None
    assert Change.of_rates(Rate(1, 2), Rate(None, None), more_is_good=True) is None


def test_replies_are_per_email_where_people_are_not_known() -> None:
    assert Counts(sent=200, contacted=100, replied=10).reply_rate.percent == 10
    assert Counts(sent=200, replied=10).reply_rate.percent == 5
    assert Counts(sent=200, replied=10).replies_are_per_email


@given(st.lists(st.none() | counts))
def test_a_sum_of_nothing_known_is_unknown(values: list[int | None]) -> None:
    known = [value for value in values if value is not None]
    assert total(values) == (sum(known) if known else None)
