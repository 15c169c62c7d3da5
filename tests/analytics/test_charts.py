"""The line of a rate: what the emails of the last days came to, on each day."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from analytics.charts import SMOOTHED_OVER, trailing
from analytics.overview import Day

FIRST = date(2026, 1, 1)


@st.composite
def stretch(draw: st.DrawFn) -> list[Day | None]:
    """Days in a row, some of which have not been asked for."""
    found: list[Day | None] = []
    for number in range(draw(st.integers(SMOOTHED_OVER, 40))):
        sent = draw(st.integers(0, 300))
        replied = draw(st.integers(0, sent))
        known = draw(st.integers(0, 15))
        found.append(Day(FIRST + timedelta(days=number), sent, replied, None, 0) if known else None)
    return found


@given(stretch())
def test_there_is_a_point_for_every_day_and_none_is_made_up(days: list[Day | None]) -> None:
    rates = trailing(days, "replied")
    assert len(rates) == len(days) - SMOOTHED_OVER + 1
    for number, rate in enumerate(rates):
        window = [day for day in days[number : number + SMOOTHED_OVER] if day is not None]
        whole = len(window) == SMOOTHED_OVER and sum(day.sent for day in window) > 0
        assert (rate is not None) == whole
        if rate is not None:
            of_days = [100 * day.replied / day.sent for day in window if day.sent]
            assert min(of_days) - 0.01 <= rate <= max(of_days) + 0.01


@given(st.integers(1, 500), st.integers(0, 500))
def test_a_steady_rate_is_a_level_line(sent: int, replied: int) -> None:
    days: list[Day | None] = [Day(FIRST + timedelta(days=number), sent, replied) for number in range(20)]
    assert set(trailing(days, "replied")) == {round(100 * replied / sent, 2)}
