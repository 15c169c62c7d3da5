from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Connection
from analytics.services import day_units
from analytics.services.day_units import Span
from campaigns.models import Campaign, CampaignNumbers
from operations.sync.steps import SyncScope
from providers.registry import provider_named

TODAY = date(2026, 11, 20)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 400), st.integers(1, 200))
def test_pieces_cover_every_day_once_newest_first(start, length, most):
    span = Span(start, start + timedelta(days=length))
    pieces = list(span.pieces(timedelta(days=most)))
    days = [piece.start + timedelta(days=n) for piece in reversed(pieces) for n in range(piece.days)]
    assert days == [start + timedelta(days=n) for n in range(span.days)]
    assert all(piece.days <= most for piece in pieces)
    assert [piece.end for piece in pieces] == sorted((piece.end for piece in pieces), reverse=True)


@given(st.integers(1, 10**9), st.dates(), st.dates())
def test_units_say_what_they_were_made_of(remote_id, start, end):
    assert day_units.parse_span(day_units.day_unit(remote_id, Span(start, end))) == (remote_id, Span(start, end))
    assert day_units.parse_span(day_units.positive_unit(day_units.day_unit(remote_id, Span(start, end)))) == (
        remote_id,
        Span(start, end),
    )


@pytest.fixture
def connection(db):
    return Connection.objects.create(name="Key", base_url="https://provider.example")


def scope(connection, **learned):
    return SyncScope(
        connection_id=connection.pk,
        client_id=None,
        provider=provider_named("smartlead"),
        learned=learned,
        now=datetime(2026, 11, 20, 12, tzinfo=UTC),
        today=TODAY,
        time_zone="UTC",
    )


def campaign(connection, remote_id, *, created=date(2026, 8, 1), through=None, settled=None, since=None, **fields):
    row = Campaign.objects.create(
        connection=connection,
        remote_id=remote_id,
        name=f"Campaign {remote_id}",
        status=fields.pop("status", "active"),
        remote_created_at=datetime(created.year, created.month, created.day, tzinfo=UTC),
        synced_at=timezone.now(),
    )
    CampaignNumbers.objects.create(
        campaign=row,
        days_from=since or (created if through else None),
        days_through=through,
        days_settled_on=settled,
        **fields,
    )
    return row


def test_a_new_campaign_needs_its_whole_history_in_one_call(connection):
    campaign(connection, 7)
    assert day_units.units(scope(connection)) == ["days|7|2026-07-31|2026-11-20"]


def test_history_comes_in_short_pieces_where_the_server_allows_no_more(connection):
    campaign(connection, 7)
    units = day_units.units(scope(connection, narrow_day_spans=True))
    assert units[0] == "days|7|2026-10-22|2026-11-20"
    assert len(units) == 4


def test_history_older_than_half_a_year_is_left_out(connection):
    campaign(connection, 7, created=date(2024, 1, 1))
    [unit] = day_units.units(scope(connection))
    assert day_units.parse_span(unit)[1].days == day_units.HISTORY.days


def test_the_last_two_days_of_many_campaigns_take_two_calls(connection):
    for remote_id in range(1, 6):
        campaign(connection, remote_id, since=date(2026, 7, 31), through=TODAY, settled=TODAY)
    assert day_units.units(scope(connection)) == ["all|2026-11-19|0", "all|2026-11-20|0"]


def test_the_last_week_is_asked_for_again_once_a_day(connection):
    campaign(connection, 7, since=date(2026, 7, 31), through=date(2026, 11, 19), settled=date(2026, 11, 19))
    assert day_units.units(scope(connection)) == ["days|7|2026-11-12|2026-11-20"]


def test_a_pause_of_our_own_leaves_no_hole(connection):
    campaign(connection, 7, since=date(2026, 7, 31), through=date(2026, 10, 1), settled=date(2026, 10, 1))
    [unit] = day_units.units(scope(connection))
    assert day_units.parse_span(unit)[1] == Span(date(2026, 9, 24), TODAY)


def test_pieces_of_history_that_a_failed_run_left_out_are_asked_for_later(connection):
    campaign(connection, 7, since=date(2026, 10, 22), through=TODAY, settled=TODAY)
    assert "days|7|2026-07-31|2026-10-21" in day_units.units(scope(connection))


def test_a_draft_that_never_sent_costs_no_call(connection):
    campaign(connection, 7, status="draft", sent=0)
    assert day_units.units(scope(connection)) == []
