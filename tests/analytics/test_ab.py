"""Which text is better: the arithmetic, and when nothing may be said yet."""

from math import comb

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from analytics.ab import Finding, Trial, judge, p_value, sample_size


@st.composite
def trials(draw: st.DrawFn, label: str = "A", least: int = 0) -> Trial:
    sent = draw(st.integers(least, 20_000))
    return Trial(label, sent, draw(st.integers(0, sent)))


def test_the_sizes_are_those_of_the_textbook() -> None:
    assert sample_size(0.01, 0.02) == 2319
    assert sample_size(0.10, 0.15) == 686


@pytest.mark.parametrize(("usual", "wished"), [(0.1, 0.1), (0, 0.1), (0.1, 1)])
def test_a_size_needs_two_different_rates(usual: float, wished: float) -> None:
    with pytest.raises(ValueError, match="Two different rates"):
        sample_size(usual, wished)


@given(st.floats(0.001, 0.4), st.floats(1.05, 2.4))
def test_a_smaller_difference_or_more_power_takes_more_emails(usual: float, lift: float) -> None:
    size = sample_size(usual, usual * lift)
    assert sample_size(usual, usual * (1 + (lift - 1) / 2)) > size
    assert sample_size(usual, usual * lift, power=0.9) >= size
    assert sample_size(usual, usual * lift) == sample_size(usual * lift, usual)


def test_p_is_that_of_the_two_proportion_test() -> None:
    assert p_value(Trial("A", 2003, 21), Trial("B", 1997, 38)) == pytest.approx(0.025, abs=0.001)
    assert p_value(Trial("A", 1000, 100), Trial("B", 1000, 130)) == pytest.approx(0.0355, abs=0.0005)


def test_p_is_close_to_the_exact_one() -> None:
    """Against every table with these margins that is no likelier (Fisher), which is somewhat stricter."""
    ours = p_value(Trial("A", 300, 30), Trial("B", 300, 50))
    whole = comb(600, 80)
    chance = [comb(300, k) * comb(300, 80 - k) / whole for k in range(81)]
    exact = sum(one for one in chance if one <= chance[30] * (1 + 1e-9))
    assert ours < exact < 2 * ours


@given(trials("A"), trials("B"))
def test_p_is_a_share_and_takes_no_sides(one: Trial, other: Trial) -> None:
    assert 0 <= p_value(one, other) <= 1
    assert p_value(one, other) == pytest.approx(p_value(other, one))


@given(trials(least=1), st.integers(2, 50))
def test_the_same_rates_on_more_emails_are_surer(one: Trial, times: int) -> None:
    other = Trial("B", one.sent, one.wins // 2)
    more = [Trial(trial.label, trial.sent * times, trial.wins * times) for trial in (one, other)]
    assert p_value(*more) <= p_value(one, other)


@given(trials("A"), st.integers(1, 10_000))
def test_before_the_sample_is_there_nothing_is_said(one: Trial, size: int) -> None:
    assume(one.sent < size)
    verdict = judge([one, Trial("B", size, size)], size)
    assert verdict is not None
    assert (verdict.finding, verdict.missing) == (Finding.EARLY, size - one.sent)
    assert verdict.best is verdict.p is None
    assert 0 <= verdict.progress < 1


@given(st.lists(trials(least=100), min_size=2, max_size=5))
def test_a_verdict_names_the_highest_rate_and_more_texts_are_harder_to_tell_apart(texts: list[Trial]) -> None:
    verdict = judge(texts, 100)
    assert verdict is not None
    assert verdict.best is not None
    assert verdict.p is not None
    assert verdict.best.rate == max(text.rate for text in texts)
    assert (verdict.finding is Finding.BETTER) == (verdict.p < 0.05)
    best_pair = judge([verdict.best, verdict.against], 100) if verdict.against else None
    assert best_pair is not None
    assert best_pair.p is not None
    assert verdict.p >= best_pair.p - 1e-12


@given(st.integers(100, 5000), st.integers(0, 100))
def test_equal_texts_are_never_called_better(sent: int, wins: int) -> None:
    verdict = judge([Trial("A", sent, wins), Trial("B", sent, wins)], 100)
    assert verdict is not None
    assert verdict.finding is Finding.EQUAL


def test_one_text_has_nothing_to_be_better_than() -> None:
    assert judge([Trial("A", 9000, 90)], 100) is None
