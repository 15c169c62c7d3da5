"""Our counts are compared with the provider's once an hour; what differs is found, kept with its first time, and forgotten."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db.models import F

from accounts.models import Client, Mailbox
from accounts.services.sessions import open_for_sync
from analytics.checks import AT_PROVIDER, DELETED, STILL_COUNTING
from analytics.models import DailyStats, PeriodTotals
from campaigns.models import Campaign
from operations.models import Comparison, SyncCoverage, SyncRun
from operations.sync.comparing import LOOK_AGAIN, Compared, Reconcile, record
from operations.sync.steps import Instead
from providers.errors import Forbidden, RequestRefused


@pytest.fixture
def agency(sandbox, connect, pull):
    connection = connect(sandbox.agency_key)
    run = pull(connection)
    assert run.outcome == SyncRun.Outcome.DONE, run.message
    return connection


def told(connection):
    return {(row.step, row.what): row for row in Comparison.objects.filter(connection=connection)}


def unexplained(connection):
    return Comparison.objects.filter(connection=connection, since__isnull=False, explained="")


def test_after_a_sync_nothing_differs_that_is_not_explained(agency):
    assert list(unexplained(agency)) == []
    rows = told(agency)
    assert rows["campaigns", "Campaigns"].ours == Campaign.objects.filter(connection=agency).count()
    assert rows["mailboxes", "Mailboxes"].theirs == Mailbox.objects.filter(connection=agency).count()
    assert {step for step, _ in rows} == {"clients", "campaigns", "mailboxes", "totals", "days"}
    assert rows["totals", "Emails sent, 30 days"].theirs > 0


def test_it_takes_four_calls_of_an_agency_key_and_two_of_a_clients_own(sandbox, connect, pull, agency, pull_due):
    assert pull_due(agency, "reconcile").calls == 4
    client = Client.objects.create(name="Cinder Security", slug="cinder")
    own = connect(sandbox.cinder_key, client=client)
    pull(own)
    assert pull_due(own, "reconcile").calls == 2
    assert list(unexplained(own)) == []
    assert {step for step, _ in told(own)} == {"campaigns", "totals", "days"}


def test_a_lost_campaign_is_named_and_read_again_and_the_difference_goes(agency, pull_due, clock):
    lost = Campaign.objects.filter(connection=agency).earliest("remote_id")
    lost.delete()
    run = pull_due(agency, "reconcile")
    row = told(agency)["campaigns", "Campaigns"]
    assert row.theirs == row.ours + 1
    assert row.items == [f"Not here: {lost.remote_id} {lost.name}"]
    assert not row.confirmed
    coverage = {one.step: one for one in SyncCoverage.objects.filter(connection=agency)}
    assert coverage["campaigns"].due_at <= clock()
    assert coverage["reconcile"].due_at <= run.started_at + LOOK_AGAIN + timedelta(seconds=30)
    pull_due(agency, "campaigns", "totals", "days", "reconcile")
    row = told(agency)["campaigns", "Campaigns"]
    assert (row.since, row.items) == (None, [])


def test_a_name_that_is_not_the_same_is_a_difference_of_the_names_alone(agency, pull_due):
    campaign = Campaign.objects.filter(connection=agency).earliest("remote_id")
    Campaign.objects.filter(pk=campaign.pk).update(name="Something else")
    pull_due(agency, "reconcile")
    assert told(agency)["campaigns", "Campaigns"].since is None
    row = told(agency)["campaigns", "Campaigns, by name"]
    assert row.items == [f"{campaign.remote_id}: “Something else” here, “{campaign.name}” there"]


def test_lost_day_rows_and_totals_are_seen(agency, pull_due):
    days = DailyStats.objects.filter(campaign__connection=agency)
    days.filter(day__lt=days.latest("day").day).delete()
    PeriodTotals.objects.filter(campaign__connection=agency, sent__gt=50).update(sent=1)
    pull_due(agency, "reconcile")
    found = {(row.step, row.what) for row in unexplained(agency)}
    assert {("days", "Emails sent, 30 days"), ("totals", "Emails sent, 30 days")} <= found


def test_day_rows_that_differ_by_a_few_percent_are_explained_by_the_provider(agency, pull_due):
    days = DailyStats.objects.filter(campaign__connection=agency)
    old = days.filter(day=days.latest("day").day - timedelta(days=9), sent__gt=0).earliest("pk")
    DailyStats.objects.filter(pk=old.pk).update(sent=old.sent + 1)
    pull_due(agency, "reconcile")
    row = told(agency)["days", "Emails sent, 30 days"]
    assert row.since is not None
    assert row.explained == AT_PROVIDER
    assert not Comparison.objects.lost().exists()


def test_campaigns_that_were_deleted_explain_a_headline_that_still_counts_them(agency, pull_due, clock):
    busiest = PeriodTotals.objects.filter(campaign__connection=agency, period="30d").latest("sent").campaign_id
    Campaign.objects.filter(pk=busiest).update(gone_at=clock())
    DailyStats.objects.filter(day=clock().date()).exclude(campaign=busiest).update(sent=0)
    pull_due(agency, "reconcile")
    assert told(agency)["totals", "Emails sent, 30 days"].explained == DELETED


def test_no_more_than_todays_figures_may_have_moved_between_two_reads(agency, pull_due, clock):
    row = PeriodTotals.objects.filter(campaign__connection=agency, period="30d").latest("sent")
    campaign = Campaign.objects.get(pk=row.campaign_id)
    stats, _ = DailyStats.objects.get_or_create(campaign=campaign, day=clock().date(), defaults={"synced_at": clock()})
    DailyStats.objects.filter(pk=stats.pk).update(sent=40)
    PeriodTotals.objects.filter(pk=row.pk).update(sent=F("sent") - 30)
    pull_due(agency, "reconcile")
    assert told(agency)["totals", "Emails sent, 30 days"].explained == STILL_COUNTING


def test_a_key_that_may_not_ask_is_left_out_quietly_and_not_asked_again(agency, clock):
    scope = open_for_sync(agency.pk).scope(clock())
    step = Reconcile()
    assert step.units(scope) == ["campaigns", "clients", "figures", "mailboxes"]
    assert step.refused(scope, "mailboxes", RequestRefused("No such report", status=400)) == Instead([])
    refused = step.refused(scope, "mailboxes", Forbidden("Not for you", status=403))
    assert refused == Instead([], {"refused_checks": ["mailboxes"]})
    assert step.units(replace(scope, learned=refused.learned)) == ["campaigns", "clients", "figures"]


class TestRecord:
    def differing(self, theirs=3, explained=""):
        return [Compared("campaigns", "Campaigns", 2, theirs, explained=explained)]

    def test_a_difference_keeps_its_first_time_and_a_second_look_confirms_it(self, agency, clock):
        first = clock()
        assert record(agency.pk, self.differing(), first) == ["campaigns"]
        assert not Comparison.objects.lost().exists()
        assert record(agency.pk, self.differing(4), first + LOOK_AGAIN) == []
        row = Comparison.objects.lost().get()
        assert (row.since, row.compared_at, row.theirs) == (first, first + LOOK_AGAIN, 4)
        record(agency.pk, [Compared("campaigns", "Campaigns", 2, 2)], first + 2 * LOOK_AGAIN)
        assert not Comparison.objects.lost().exists()

    def test_recording_the_same_answer_twice_changes_nothing(self, agency, clock):
        moment = clock()
        record(agency.pk, self.differing(), moment)
        record(agency.pk, self.differing(), moment)
        assert not Comparison.objects.lost().exists()

    def test_what_is_explained_is_never_lost_and_nothing_is_read_again_for_it(self, agency, clock):
        assert record(agency.pk, self.differing(explained="So it is"), clock()) == []
        record(agency.pk, self.differing(explained="So it is"), clock() + LOOK_AGAIN)
        assert not Comparison.objects.lost().exists()
