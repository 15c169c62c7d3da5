"""Where the leads are, and how long the waiting ones last."""

from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.leads_bar import Lasting, lead_parts, waiting_lasts
from campaigns.models import Campaign, CampaignNumbers

FRIDAY = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
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


def campaign(pace: int | None, days: list[int], **told: Any) -> Any:
    schedule = {"days": days, "start": "08:00", "end": "17:00", "time_zone": "Europe/Berlin"}
    found: Any = Campaign(status="active", settings={"daily_new_leads": pace}, schedule=schedule)
    if told:
        found.links_synced_at, found.sender_counts = FRIDAY, told
    return found


@pytest.mark.parametrize(
    ("waiting", "pace", "days", "until"),
    [
        (20, 20, [1, 2, 3, 4, 5], date(2026, 11, 23)),
        (21, 20, [1, 2, 3, 4, 5], date(2026, 11, 24)),
        (101, 20, [1, 2, 3, 4, 5], date(2026, 11, 30)),
        (20, 20, [], None),
        (20, 0, [1], None),
        (20, None, [1], None),
        (0, 20, [1], None),
        (10**6, 1, [1], None),
    ],
)
def test_the_waiting_list_ends_on_a_sending_day(
    waiting: int, pace: int | None, days: list[int], until: date | None
) -> None:
    lasting = waiting_lasts(campaign(pace, days), CampaignNumbers(leads_waiting=waiting), FRIDAY)
    assert (lasting and lasting.finish) == until


def test_what_the_mailboxes_can_send_slows_it_down_where_it_is_known() -> None:
    numbers, week = CampaignNumbers(leads_waiting=100), [1, 2, 3, 4, 5]
    slow = campaign(50, week, capacity=40, unlimited=0)
    slow.settings["follow_up_percentage"] = 50
    lasting = waiting_lasts(slow, numbers, FRIDAY)
    assert lasting == Lasting(20, date(2026, 11, 27))
    assert waiting_lasts(campaign(50, week, capacity=40, unlimited=1), numbers, FRIDAY) == Lasting(
        50, date(2026, 11, 24)
    )
    assert waiting_lasts(campaign(50, week, total=0), numbers, FRIDAY) is None


def test_a_paused_campaign_has_no_outlook() -> None:
    paused = campaign(20, [1])
    paused.status = "paused"
    assert waiting_lasts(paused, CampaignNumbers(leads_waiting=20), FRIDAY) is None
