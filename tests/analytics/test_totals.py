"""Totals of set periods: which are shown, how old they are called, and what a refusal teaches."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from analytics.models import PeriodTotals
from analytics.services.numbers import oldest_day, periods
from analytics.sync_steps import Totals
from campaigns.models import Campaign, CampaignNumbers
from operations.sync.steps import SyncScope
from providers.calls import Page
from providers.errors import Forbidden, RequestRefused
from providers.records import RemoteTotals
from providers.smartlead.port import Smartlead
from tests.support.agency import Agency

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TODAY = NOW.date()
LATER = NOW + timedelta(days=61)
TOO_WIDE = RequestRefused("Date difference should be max of 30days")
STEP = Totals()


def scope(agency: Agency, now: datetime = NOW, learned: Mapping[str, Any] | None = None) -> SyncScope:
    return SyncScope(agency.shared.pk, None, Smartlead(), learned or {}, now, now.date(), "UTC")


def row(campaign: Campaign, sent: int) -> RemoteTotals:
    return RemoteTotals(
        campaign_id=campaign.remote_id, sent=sent, opened=0, replied=sent // 10, positive=0, bounced=0, contacted=sent
    )


def tell(agency: Agency, rows: list[RemoteTotals], *names: str, now: datetime = NOW, more: int | None = None) -> Any:
    """What the step keeps when these periods are answered with these rows."""
    spans = periods(date(2026, 1, 1), now.date())
    units = [f"{name}|{spans[name][0]}|{spans[name][1]}|0" for name in names]
    return STEP.store(scope(agency, now), [(unit, Page(tuple(rows), more)) for unit in units])


def numbers(campaign: Campaign) -> CampaignNumbers:
    return CampaignNumbers.objects.get(campaign=campaign)


@pytest.fixture
def campaign(agency: Agency) -> Campaign:
    """A campaign of which the provider told 500 emails in 30 days and 900 in all."""
    campaign = agency.campaign("Quiet since")
    tell(agency, [row(campaign, 900)], "all")
    tell(agency, [row(campaign, 500)], "30d")
    assert numbers(campaign).recent_sent == 500
    return campaign


def test_a_campaign_that_the_answers_leave_out_did_nothing_in_these_days(agency: Agency, campaign: Campaign) -> None:
    other = agency.campaign("Busy")
    tell(agency, [row(other, 70)], "all", "30d", "7d", now=LATER)
    left_out = numbers(campaign)
    assert (left_out.recent_sent, left_out.recent_until) == (0, LATER.date())
    assert left_out.recent_reply_rate is None
    assert left_out.sent == 900, "what was sent once is not taken back"
    week = PeriodTotals.objects.get(campaign=campaign, period="7d")
    assert (week.sent, week.end) == (0, LATER.date())


def test_nothing_is_called_quiet_before_the_last_page_has_come(agency: Agency, campaign: Campaign) -> None:
    agency.campaign("On the first page")
    stored = tell(agency, [], "30d", now=LATER, more=100)
    assert stored.more == [f"30d|{LATER.date() - timedelta(days=29)}|{LATER.date()}|100"]
    assert (numbers(campaign).recent_sent, numbers(campaign).totals_at) == (500, NOW)


def test_what_a_sync_could_not_read_keeps_its_figures_and_their_age(agency: Agency, campaign: Campaign) -> None:
    tell(agency, [row(campaign, 950)], "all", now=LATER)
    kept = numbers(campaign)
    assert (kept.sent, kept.recent_sent, kept.recent_until, kept.totals_at) == (950, 500, TODAY, NOW)


def test_a_campaign_that_is_left_out_against_its_own_days_has_no_figures(agency: Agency, campaign: Campaign) -> None:
    agency.day(campaign, LATER.date() - timedelta(days=2), sent=5)
    tell(agency, [], "all", "30d", now=LATER)
    unknown = numbers(campaign)
    assert (unknown.recent_sent, unknown.recent_until, unknown.totals_at) == (None, None, NOW)


def test_days_that_are_told_again_and_again_are_as_fresh_as_the_last_time(agency: Agency, campaign: Campaign) -> None:
    for hours in (0, 1):
        tell(agency, [], "30d", now=LATER + timedelta(hours=hours))
    tell(agency, [row(campaign, 900)], "all", now=LATER + timedelta(hours=1))
    assert numbers(campaign).totals_at == LATER + timedelta(hours=1)


UNIT = "90d|2026-08-23|2026-11-20|0"


@pytest.mark.parametrize(
    ("unit", "error", "units", "learned"),
    [
        (UNIT, TOO_WIDE, [], {"refused_periods": ["90d"]}),
        ("7d|2026-11-14|2026-11-20|0", TOO_WIDE, None, None),
        (UNIT, Forbidden("Not in your plan for this date range"), None, None),
        (UNIT, RequestRefused("This can't be done right now."), None, None),
        (UNIT, RequestRefused('"limit" must be less than or equal to 100'), [f"{UNIT}|100"], {"totals_page": 100}),
        (f"{UNIT}|100", RequestRefused('"limit" must be less than or equal to 20'), None, None),
    ],
)
def test_only_what_speaks_of_days_closes_a_period(
    agency: Agency, unit: str, error: RequestRefused | Forbidden, units: list[str] | None, learned: Any
) -> None:
    instead = STEP.refused(scope(agency), unit, error)
    assert (instead and instead.units, instead and instead.learned) == (units, learned)


def test_small_pages_are_asked_for_to_the_end(agency: Agency, campaign: Campaign) -> None:
    call = STEP.call(scope(agency), f"{UNIT}|100")
    assert (call.query["limit"], call.query["offset"]) == ("100", "0")
    assert STEP.call(scope(agency, learned={"totals_page": 100}), UNIT).query["limit"] == "100"
    assert STEP.store(scope(agency), [(f"{UNIT}|100", Page((row(campaign, 1),), 100))]).more == [
        "90d|2026-08-23|2026-11-20|100|100"
    ]


def test_a_server_that_tells_the_same_rows_for_ever_is_left(agency: Agency, campaign: Campaign) -> None:
    assert tell(agency, [row(campaign, 1)], "7d", more=5_000).more == []


def test_all_time_begins_a_day_before_the_oldest_campaign_was_made(agency: Agency) -> None:
    agency.campaign("First", remote_created_at=datetime(2026, 3, 1, 0, 30, tzinfo=UTC))
    assert oldest_day(agency.shared.pk, TODAY) == date(2026, 2, 28)
