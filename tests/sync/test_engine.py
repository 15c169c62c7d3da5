from datetime import timedelta

import pytest

from accounts.models import Client, Connection
from accounts.services import sessions
from accounts.services.connections import replace_key, set_enabled
from accounts.services.sessions import open_for_sync
from operations.audit import Actor
from operations.lanes import shared_loop
from operations.models import ApiCall, SyncCoverage, SyncRun, SyncState
from operations.registry import sync_steps
from operations.sync import engine, planning
from operations.sync.engine import Turn, advance
from operations.sync.outcomes import retry_delay
from providers.errors import AuthRejected, ProviderUnavailable
from providers.secret import SecretText
from tests.support.truth import differences


@pytest.fixture
def agency(sandbox, connect):
    return connect(sandbox.agency_key)


def turn(connection, clock):
    return advance(connection.pk, open_for_sync, shared_loop().loop, clock)


def test_a_revoked_key_ends_the_run_and_keeps_the_data(sandbox, agency, pull, clock):
    pull(agency)
    before = agency.campaigns.count()
    sandbox.keys(revoke="halyard-main")
    run = pull(agency)
    agency.refresh_from_db()
    assert (run.outcome, run.failure) == (SyncRun.Outcome.FAILED, "AuthRejected")
    assert run.calls == 1
    assert agency.health == Connection.Health.REFUSED
    assert agency.campaigns.present().count() == before
    assert SyncState.objects.get(connection=agency).due_at - clock() > timedelta(minutes=55)


def test_a_new_key_makes_it_work_again(sandbox, agency, pull, clock):
    replace_key(agency, SecretText("sandbox-no-such-key"), Actor(), clock())
    assert pull(agency).outcome == SyncRun.Outcome.FAILED
    replace_key(agency, SecretText(sandbox.agency_key), Actor(), clock())
    assert pull(agency).outcome == SyncRun.Outcome.DONE
    agency.refresh_from_db()
    assert agency.health == Connection.Health.OK
    assert agency.last_success_at is not None


def test_a_provider_that_is_down_ends_the_run_soon(sandbox, agency, pull):
    sandbox.faults({"kind": "502"})
    run = pull(agency)
    agency.refresh_from_db()
    assert (run.outcome, run.failure) == (SyncRun.Outcome.FAILED, "ProviderUnavailable")
    assert run.calls <= 9
    assert agency.health == Connection.Health.UNREACHABLE


def test_a_broken_connection_is_left_alone_for_longer_each_time():
    waits = [retry_delay(ProviderUnavailable("down"), failures) for failures in range(1, 12)]
    assert waits == sorted(waits)
    assert timedelta(seconds=15) < waits[0] < waits[2] < waits[-1] == timedelta(minutes=10)
    assert retry_delay(AuthRejected("revoked"), 1) == timedelta(hours=1)


def test_html_instead_of_json_is_a_gap_and_not_an_end(sandbox, agency, pull):
    pull(agency)
    kept = agency.campaigns.count()
    sandbox.faults({"kind": "html200", "path": "*/analytics/*"})
    run = pull(agency)
    assert run.outcome in {SyncRun.Outcome.PARTIAL, SyncRun.Outcome.FAILED}
    assert run.message
    assert "<" not in run.message
    assert agency.campaigns.present().count() == kept
    assert not SyncCoverage.objects.get(connection=agency, step="totals").last_success_at > run.started_at


def test_one_worker_at_a_time_holds_a_connection(agency, clock):
    assert SyncState.objects.claim(agency.pk, "somebody", clock(), engine.LEASE)
    assert turn(agency, clock) is Turn.NOT_MINE


def test_a_lost_lease_saves_nothing(sandbox, agency, clock, monkeypatch):
    SyncState.objects.filter(connection=agency).update(requested_at=clock())

    def somebody_else(*_args, **_options):
        return False

    monkeypatch.setattr(type(SyncState.objects.all()), "renew", somebody_else)
    assert turn(agency, clock) is Turn.LOST
    assert agency.campaigns.count() == 0


def test_a_run_whose_worker_died_goes_on_where_it_was(sandbox, agency, clock, monkeypatch):
    """The worker dies after a save in the middle of the day rows; the next one asks only for what was not stored."""
    SyncState.objects.filter(connection=agency).update(requested_at=clock())
    saves = 0
    original = engine._Slice._save

    class Died(BaseException):
        pass

    def save_and_die(self, session, step_name, *args):
        nonlocal saves
        result = original(self, session, step_name, *args)
        if step_name == "days":
            raise Died
        return result

    monkeypatch.setattr(engine, "SAVE_EVERY", 0.05)
    monkeypatch.setattr(engine._Slice, "_save", save_and_die)
    with pytest.raises(Died):
        turn(agency, clock)
    monkeypatch.undo()
    run = SyncRun.objects.get(connection=agency)
    left = len(run.cursor["units"])
    assert run.is_running
    assert run.cursor["step"] == "days"
    assert left > 0
    assert turn(agency, clock) is Turn.NOT_MINE  # the lease of the dead worker still runs
    SyncState.objects.filter(connection=agency).update(lease_until=clock() - timedelta(seconds=1))
    assert turn(agency, clock) is Turn.FINISHED
    run.refresh_from_db()
    assert run.outcome == SyncRun.Outcome.DONE
    assert differences(agency, sandbox.truth(sandbox.agency_key)) == []


def test_only_what_is_due_is_asked_for(sandbox, agency, pull, clock):
    pull(agency)
    later = clock() + timedelta(minutes=6)
    assert planning.due_steps(agency.pk, later) == ["campaigns"]
    assert planning.due_steps(agency.pk, clock()) == []
    assert planning.due_steps(agency.pk, clock() + timedelta(hours=2)) == sync_steps.names()


def test_the_planner_announces_each_connection_once(agency, clock, django_capture_on_commit_callbacks):
    now = clock()
    with django_capture_on_commit_callbacks() as messages:
        assert planning.plan(now) == 1
        assert planning.plan(now) == 0
    assert len(messages) == 1
    assert planning.plan(now + timedelta(seconds=61)) == 1  # the message was lost or its worker died


def test_a_disabled_connection_is_left_alone(agency, clock):
    agency.disabled_at = clock()
    agency.save()
    assert planning.plan(clock()) == 0


def test_every_call_is_logged_without_key_or_query(sandbox, agency, pull):
    run = pull(agency)
    calls = ApiCall.objects.filter(run=run)
    assert (
        calls.count() == run.calls == sandbox.log()["counters"]["calls"] if "counters" in sandbox.log() else run.calls
    )
    assert not calls.filter(path__contains="?").exists()
    assert not calls.filter(path__contains="sandbox-").exists()


def test_a_list_that_is_suddenly_empty_is_asked_for_twice(sandbox, agency, pull):
    pull(agency)
    kept = agency.campaigns.present().count()
    for campaign in sandbox.truth(sandbox.agency_key, days=False)["campaigns"]:
        sandbox.change("delete", campaign=campaign["id"])
    run = pull(agency)
    assert run.counts["campaigns"]["gone"] == kept
    assert ApiCall.objects.filter(run=run, path="/campaigns/").count() == 2


def test_disabling_a_connection_ends_its_run(sandbox, agency, clock):
    SyncState.objects.filter(connection=agency).update(requested_at=clock())
    planning.start_run(SyncState.objects.get(connection=agency), clock())
    set_enabled(agency, False, Actor(), clock())
    run = SyncRun.objects.get(connection=agency)
    assert (run.outcome, run.message) == (SyncRun.Outcome.FAILED, "The connection was disabled.")
    assert turn(agency, clock) is not Turn.FINISHED


def test_a_run_with_the_old_key_says_nothing_about_the_new_one(sandbox, agency, clock):
    SyncState.objects.filter(connection=agency).update(requested_at=clock())

    def replaced_meanwhile(connection_id):
        session = open_for_sync(connection_id)
        replace_key(agency, SecretText("sandbox-another-key"), Actor(), clock())
        sandbox.keys(revoke="halyard-main")
        return session

    assert advance(agency.pk, replaced_meanwhile, shared_loop().loop, clock) is Turn.LOST
    agency.refresh_from_db()
    assert agency.health == Connection.Health.UNCHECKED
    run = SyncRun.objects.get(connection=agency)
    assert (run.outcome, run.message) == (SyncRun.Outcome.FAILED, "The key was replaced.")


def test_a_wrong_path_at_the_right_host_never_looks_healthy(sandbox, agency, pull):
    """Every call is a route that does not exist: the address is not that of the API."""
    Connection.objects.filter(pk=agency.pk).update(base_url=sandbox.url)
    run = pull(agency)
    agency.refresh_from_db()
    assert run.outcome == SyncRun.Outcome.FAILED
    assert agency.health == Connection.Health.ODD
    assert agency.last_success_at is None
    assert not SyncCoverage.objects.filter(connection=agency, last_success_at__isnull=False).exists()


def test_a_sync_that_was_asked_for_and_failed_is_tried_again_soon(sandbox, agency, pull, clock):
    pull(agency)
    sandbox.faults({"kind": "502"})
    run = pull(agency)
    assert run.outcome == SyncRun.Outcome.FAILED
    state = SyncState.objects.get(connection=agency)
    assert state.due_at - clock() < timedelta(minutes=1)
    sandbox.clear_faults()
    SyncState.objects.filter(connection=agency).update(due_at=clock())
    SyncCoverage.objects.filter(connection=agency, due_at__lte=state.due_at).update(due_at=clock())
    assert turn(agency, clock) is Turn.FINISHED
    again = SyncRun.objects.filter(connection=agency).latest("pk")
    assert again.pk != run.pk
    assert set(again.steps) == set(run.steps)


def test_what_does_not_exist_behind_a_key_is_not_called_fresh(sandbox, connect, pull):
    client = Client.objects.create(name="Cinder Security", slug="cinder")
    connection = connect(sandbox.cinder_key, client=client)
    pull(connection)
    coverage = SyncCoverage.objects.get(connection=connection, step="clients")
    assert not coverage.applies


def test_what_was_learned_and_could_not_be_stored_is_in_the_log(caplog):
    def broken() -> None:
        raise RuntimeError("disk full")

    sessions._later(broken)
    sessions._notes.submit(lambda: None).result()
    assert [str(record.exc_info[1]) for record in caplog.records if record.exc_info] == ["disk full"]
