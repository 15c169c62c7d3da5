"""After a sync, our database says what the provider's world holds, field by field."""

import pytest
from django.utils import timezone

from accounts.models import Client
from accounts.services.sessions import open_for_sync
from operations.lanes import shared_loop
from operations.models import ApiCall, SyncRun, SyncState
from operations.sync.engine import Turn, advance
from tests.support.truth import differences


def test_everything_an_agency_key_sees_is_mirrored(sandbox, connect, pull):
    connection = connect(sandbox.agency_key)
    run = pull(connection)
    assert run.outcome == SyncRun.Outcome.DONE, run.message
    assert differences(connection, sandbox.truth(sandbox.agency_key)) == []
    assert run.units_done == run.units_total


def test_everything_a_clients_own_key_sees_belongs_to_that_client(sandbox, connect, pull):
    client = Client.objects.create(name="Cinder Security", slug="cinder")
    connection = connect(sandbox.cinder_key, client=client)
    assert pull(connection).outcome == SyncRun.Outcome.DONE
    assert differences(connection, sandbox.truth(sandbox.cinder_key)) == []
    assert set(connection.campaigns.values_list("client__name", flat=True)) == {"Cinder Security"}


@pytest.mark.parametrize("days", [1, 3])
def test_it_follows_when_time_moves(sandbox, connect, pull, days):
    connection = connect(sandbox.agency_key)
    pull(connection)
    sandbox.advance(days=days)
    assert pull(connection).outcome == SyncRun.Outcome.DONE
    assert differences(connection, sandbox.truth(sandbox.agency_key)) == []


def test_the_providers_own_date_decides_which_day_it_is(sandbox, connect, pull, settings):
    """The clock of this machine knows nothing of the moved time; the answers do."""
    connection = connect(sandbox.cinder_key)
    SyncState.objects.filter(connection=connection).update(requested_at=timezone.now())
    sandbox.advance(days=2)
    assert advance(connection.pk, open_for_sync, shared_loop().loop, timezone.now) is Turn.FINISHED
    assert differences(connection, sandbox.truth(sandbox.cinder_key)) == []


def test_a_share_of_faulty_answers_changes_nothing_in_the_end(sandbox, connect, pull):
    connection = connect(sandbox.agency_key)
    sandbox.faults(
        {"kind": "502", "share": 0.02},
        {"kind": "html200", "share": 0.015},
        {"kind": "truncated", "share": 0.015},
    )
    run = pull(connection)
    assert run.outcome == SyncRun.Outcome.DONE, run.message
    assert differences(connection, sandbox.truth(sandbox.agency_key)) == []
    assert ApiCall.objects.filter(connection=connection).exclude(status=200).exists() or run.errors


def test_what_changed_at_the_provider_is_found(sandbox, connect, pull):
    connection = connect(sandbox.agency_key)
    pull(connection)
    truth = sandbox.truth(sandbox.agency_key, days=False)
    renamed, deleted = truth["campaigns"][0]["id"], truth["campaigns"][3]["id"]
    sandbox.change("rename", campaign=renamed, name="Ganz neu · 新しい")
    sandbox.change("delete", campaign=deleted)
    run = pull(connection)
    assert differences(connection, sandbox.truth(sandbox.agency_key)) == []
    assert connection.campaigns.get(remote_id=deleted).gone_at is not None
    assert run.counts["campaigns"]["gone"] == 1
