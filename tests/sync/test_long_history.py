"""An account that has been there for years: its oldest campaign sets how far back the totals of all time reach."""

from datetime import date, timedelta

import pytest

from accounts.models import Client
from analytics.models import PeriodTotals
from analytics.services import day_units
from operations.models import SyncCoverage, SyncRun
from providers.smartlead import ranges
from tests.support.truth import differences


@pytest.mark.parametrize("days", [400, 1200])
def test_campaigns_of_years_ago_are_pulled_like_any_other(sandbox, connect, pull, clock, days):
    sandbox.advance(days=days)
    connection = connect(sandbox.cinder_key, client=Client.objects.create(name="Cinder Security", slug="cinder"))
    run = pull(connection)
    assert run.outcome == SyncRun.Outcome.DONE, run.message
    oldest = connection.campaigns.order_by("remote_created_at").first()
    assert clock() - oldest.remote_created_at > timedelta(days=days)
    ever = PeriodTotals.objects.filter(campaign__connection=connection, period="all")
    assert ever.count() == connection.campaigns.count()
    assert min(ever.values_list("start", flat=True)) < oldest.remote_created_at.date()
    truth = sandbox.truth(sandbox.cinder_key)
    first = clock().date() - day_units.HISTORY
    for campaign in truth["campaigns"]:
        campaign["days"] = {day: row for day, row in campaign["days"].items() if date.fromisoformat(day) > first}
    assert differences(connection, truth) == []
    assert not SyncCoverage.objects.filter(connection=connection, step="totals", last_success_at=None).exists()


def test_a_span_that_does_not_fit_into_one_call_is_split_like_one_that_was_refused(sandbox, connect, pull, monkeypatch):
    monkeypatch.setattr(ranges, "MAX_SPAN_DAYS", 60)
    connection = connect(sandbox.cinder_key, client=Client.objects.create(name="Cinder Security", slug="cinder"))
    run = pull(connection)
    assert run.outcome == SyncRun.Outcome.DONE, run.message
    assert differences(connection, sandbox.truth(sandbox.cinder_key)) == []
    connection.refresh_from_db()
    assert connection.learned["sync"]["narrow_day_spans"]
