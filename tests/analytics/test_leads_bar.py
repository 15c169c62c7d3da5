"""Where the leads are, and how long the waiting ones last."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.leads_bar import lead_parts, waiting_lasts_until
from campaigns.models import Campaign, CampaignNumbers

FRIDAY = date(2026, 11, 20)
known = st.none() | st.integers(min_value=0, max_value=10**6)


@given(known, known, known, known)
def test_the_parts_fill_the_bar_one_after_the_other(
    waiting: int | None, going: int | None, done: int | None, stopped: int | None
) -> None:
    numbers = CampaignNumbers(
        leads_total=1, leads_waiting=waiting, leads_in_progress=going, leads_completed=done, leads_stopped=stopped
    )
    parts = lead_parts(numbers)
    assert len(parts) == sum(value is not None for value in (waiting, going, done, stopped))
    for left, right in pairwise(parts):
        assert right.x == pytest.approx(left.x + left.width, abs=0.02)
    if any((waiting, going, done, stopped)):
        assert sum(part.width for part in parts) == pytest.approx(100, abs=0.05)


def test_without_word_on_leads_there_is_no_bar() -> None:
    assert lead_parts(None) == []
    assert lead_parts(CampaignNumbers(leads_total=None)) == []
    assert lead_parts(CampaignNumbers(leads_total=0)) == []


@pytest.mark.parametrize(
    ("waiting", "pace", "days", "until"),
    [
        (20, 20, [1, 2, 3, 4, 5], date(2026, 11, 23)),
        (21, 20, [1, 2, 3, 4, 5], date(2026, 11, 24)),
        (101, 20, [1, 2, 3, 4, 5], date(2026, 11, 30)),
        (20, 20, [], date(2026, 11, 21)),
        (20, 0, [1], None),
        (20, None, [1], None),
        (0, 20, [1], None),
        (10**6, 1, [1], None),
    ],
)
def test_the_waiting_list_ends_on_a_sending_day(
    waiting: int, pace: int | None, days: list[int], until: date | None
) -> None:
    campaign = Campaign(status="active", settings={"daily_new_leads": pace}, schedule={"days": days})
    assert waiting_lasts_until(campaign, CampaignNumbers(leads_waiting=waiting), FRIDAY) == until


def test_a_paused_campaign_has_no_outlook() -> None:
    campaign = Campaign(status="paused", settings={"daily_new_leads": 20}, schedule=None)
    assert waiting_lasts_until(campaign, CampaignNumbers(leads_waiting=20), FRIDAY) is None
