"""What each step did: the provider's own figures, at one call per campaign in which something happened."""

from analytics.models import StepNumbers
from analytics.sync_steps import StepFigures
from campaigns.models import Campaign
from operations.models import SyncRun
from operations.sync.steps import Instead
from providers.errors import NO_ROUTE, Forbidden, RequestRefused
from tests.support.call_counts import calls_of

CALL = "sequence-analytics"
FERRO = 1849203
COUNTERS = ("sent", "replied", "positive", "bounced", "unsubscribed")


def told(sandbox) -> dict[int, dict[str, dict[str, int]]]:
    """By campaign and step, for steps that are in the sequence."""
    found = sandbox.steer("GET", "/_truth", statistics="1", key=sandbox.agency_key)["campaigns"]
    return {
        one["id"]: {
            str(step["id"]): {name: one["step_statistics"].get(str(step["id"]), {}).get(name, 0) for name in COUNTERS}
            for step in one["steps"]
        }
        for one in found
    }


def ours() -> dict[int, dict[str, dict[str, int]]]:
    return {
        numbers.campaign.remote_id: {str(row["step"]): {name: row[name] for name in COUNTERS} for row in numbers.rows}
        for numbers in StepNumbers.objects.select_related("campaign")
    }


def sending() -> int:
    return Campaign.objects.filter(numbers__sent__gt=0).count()


def test_figures_of_steps_are_the_providers_and_cost_a_call_for_each_campaign_that_has_sent(sandbox, connect, pull):
    run = pull(connect(sandbox.agency_key))
    assert run.outcome == SyncRun.Outcome.DONE, run.message
    truth = told(sandbox)
    assert ours() == {number: truth[number] for number in ours()}
    assert calls_of(run)[CALL] == len(ours()) == sending() > 10


def test_a_campaign_in_which_nothing_happened_costs_no_call(sandbox, connect, pull, pull_due):
    connection = connect(sandbox.agency_key)
    pull(connection)
    assert calls_of(pull_due(connection, "days", "steps"))[CALL] == 0
    before = ours()
    sandbox.advance(days=1)
    calls = calls_of(pull_due(connection, "days", "steps"))[CALL]
    truth = told(sandbox)
    moved = {number for number in before if truth[number] != before[number]}
    assert ours() == {number: truth[number] for number in before}
    assert len(moved) <= calls < sending()


class TestRefusals:
    """A server may lack the call, which is in no official page, or answer for short ranges alone."""

    unit = "steps|7|2026-01-01|2026-11-20"

    def refused(self, error: Exception, unit: str = unit) -> Instead | None:
        return StepFigures().refused(None, unit, error)  # type: ignore[arg-type]

    def test_a_server_without_the_call_is_not_asked_again(self, sandbox, connect, pull):
        missing = self.refused(RequestRefused("Cannot GET /campaigns/7/sequence-analytics", status=404, code=NO_ROUTE))
        assert missing == Instead([], {"no_step_numbers": True})
        connection = connect(sandbox.agency_key)
        connection.learned = {"sync": missing.learned}
        connection.save()
        assert calls_of(pull(connection))[CALL] == 0

    def test_a_range_that_is_too_wide_becomes_the_last_30_days(self, sandbox, connect, pull):
        narrow = self.refused(RequestRefused("Date difference should be max of 30days", status=400))
        assert narrow == Instead(["steps|7|2026-10-22|2026-11-20"], {"narrow_step_spans": True})
        assert self.refused(RequestRefused("no", status=400), narrow.units[0]) is None
        connection = connect(sandbox.agency_key)
        connection.learned = {"sync": narrow.learned}
        connection.save()
        assert pull(connection).outcome == SyncRun.Outcome.DONE
        assert {(one.end - one.start).days for one in StepNumbers.objects.all()} <= set(range(30))

    def test_a_forbidden_campaign_is_a_gap_and_teaches_nothing(self):
        assert self.refused(Forbidden("Not yours", status=403)) is None
