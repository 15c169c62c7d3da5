"""Making a client at the provider, and its key: there is one afterwards, it is ours, and nobody ever sees the key."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import Client, Connection, RemoteClient
from accounts.secrets import key_ring
from accounts.services.clients import create_client
from accounts.services.remote_clients import CREATE_KEY, make_remote_client
from accounts.services.sessions import open_for_job
from accounts.services.writing import advance_writes
from operations.audit import Actor
from operations.models import ApiCall, AuditEntry, Write
from operations.writes import carrying
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
Clock = Callable[[], datetime]
EMAIL = "ops@nova.example"


@pytest.fixture(params=["live", "guides"])
def agency(request: Any, transactional_db: None, sandbox: Sandbox, connect: Any) -> Iterator[Connection]:
    """The agency's key, allowed to change things, at a server of either dialect."""
    sandbox.dialect(request.param)
    connection = connect(sandbox.agency_key, name="Halyard main")
    connection.may_write = True
    connection.save()
    yield connection
    sandbox.dialect("live")


@pytest.fixture
def nova(agency: Connection, clock: Clock) -> Client:
    return create_client("Nova Freight", Actor(), clock())


def ask(nova: Client, agency: Connection, clock: Clock, *, with_key: bool = True) -> Write:
    return make_remote_client(nova, agency, EMAIL, with_key=with_key, actor=Actor(), now=clock())


def settle(write: Write, clock: Clock, *, minutes: float = 0) -> Write:
    with open_for_job(Connection.objects.get(pk=write.connection_id)) as session:
        carrying.carry_out(write.pk, session, lambda: clock() + timedelta(minutes=minutes))
    write.refresh_from_db()
    return write


def finish(agency: Connection, clock: Clock, *, minutes: float = 0) -> None:
    while advance_writes(agency.pk, lambda: clock() + timedelta(minutes=minutes)):
        pass


def there(sandbox: Sandbox) -> list[dict[str, Any]]:
    clients = sandbox.truth(sandbox.agency_key, days=False)["clients"]
    return [client for client in clients if client["email"] == EMAIL]


def keys_of(sandbox: Sandbox, remote_id: int) -> list[str]:
    """The texts of the keys that open this client alone."""
    keys = sandbox.keys()
    return [key["key"] for key in keys if key["client_ids"] == [remote_id]]


def everything_stored() -> str:
    rows = [
        *Write.objects.values(),
        *AuditEntry.objects.values(),
        *ApiCall.objects.values(),
        *Connection.objects.values(),
    ]
    return json.dumps(rows, default=str)


def test_a_client_that_was_made_is_there_once_and_is_mapped(
    sandbox: Sandbox, agency: Connection, nova: Client, clock: Clock
) -> None:
    ask(nova, agency, clock, with_key=False)
    finish(agency, clock)
    (made,) = there(sandbox)
    assert made["name"] == "Nova Freight"
    assert RemoteClient.objects.get(remote_id=made["id"]).client == nova
    actions = AuditEntry.objects.filter(client=nova).order_by("pk").values_list("action", flat=True)
    assert {"create client: done", "map remote client"} <= set(actions)
    assert not keys_of(sandbox, made["id"])


def test_its_key_opens_that_client_is_sealed_and_stands_nowhere_in_clear(
    sandbox: Sandbox, agency: Connection, nova: Client, clock: Clock
) -> None:
    ask(nova, agency, clock)
    finish(agency, clock)
    (made,) = there(sandbox)
    (key,) = keys_of(sandbox, made["id"])
    kept = Connection.objects.get(client=nova)
    assert kept.open_key(key_ring()).reveal() == key
    assert key not in everything_stored()
    write = Write.objects.get(kind=CREATE_KEY)
    assert write.after == {"key": f"…{key[-4:]}", "connection": "Nova Freight"}


def test_its_key_is_kept_unused_so_that_nothing_is_counted_twice(
    sandbox: Sandbox, agency: Connection, nova: Client, clock: Clock
) -> None:
    ask(nova, agency, clock)
    finish(agency, clock)
    kept = Connection.objects.get(client=nova)
    assert (kept.is_enabled, kept.may_write) == (False, False)


@pytest.mark.parametrize("kind", ["cut_after", "cut_midway"])
def test_a_lost_answer_to_a_client_finds_the_one_that_was_made(
    sandbox: Sandbox, agency: Connection, nova: Client, clock: Clock, kind: str
) -> None:
    sandbox.faults({"kind": kind, "next": 1, "path": "*/client/save"})
    ask(nova, agency, clock)
    finish(agency, clock)
    (made,) = there(sandbox)
    assert RemoteClient.objects.get(remote_id=made["id"]).client == nova
    assert Connection.objects.filter(client=nova).exists()


def test_a_client_that_got_lost_on_the_way_is_made_after_two_looks(
    sandbox: Sandbox, agency: Connection, nova: Client, clock: Clock
) -> None:
    sandbox.faults({"kind": "cut_before", "next": 1, "path": "*/client/save"})
    ask(nova, agency, clock)
    for minutes in range(3):
        finish(agency, clock, minutes=minutes)
    assert len(there(sandbox)) == 1
    assert Connection.objects.filter(client=nova).count() == 1


@pytest.mark.parametrize("kind", ["cut_after", "cut_midway"])
def test_a_key_whose_answer_was_lost_gets_a_new_value_and_no_second_one_is_made(
    sandbox: Sandbox, agency: Connection, nova: Client, clock: Clock, kind: str
) -> None:
    sandbox.faults({"kind": kind, "next": 1, "path": "*/client/api-key", "method": "POST"})
    ask(nova, agency, clock)
    for minutes in range(3):
        finish(agency, clock, minutes=minutes)
    (made,) = there(sandbox)
    (key,) = keys_of(sandbox, made["id"])
    assert Connection.objects.get(client=nova).open_key(key_ring()).reveal() == key
    assert Write.objects.get(kind=CREATE_KEY).state == Write.State.DONE


def test_an_address_that_somebody_has_is_refused_and_nothing_is_mapped(
    sandbox: Sandbox, agency: Connection, nova: Client, clock: Clock
) -> None:
    sandbox.change("add_client", name="Old Nova", email=EMAIL.upper())
    write = settle(ask(nova, agency, clock), clock)
    assert write.state == Write.State.CONFLICT
    assert [one["name"] for one in sandbox.truth(sandbox.agency_key, days=False)["clients"]].count("Old Nova") == 1
    assert not there(sandbox)
    assert not RemoteClient.objects.filter(client=nova).exists()


def test_without_permission_nothing_leaves_and_the_reason_is_said(
    sandbox: Sandbox, agency: Connection, nova: Client, clock: Clock
) -> None:
    Connection.objects.filter(pk=agency.pk).update(may_write=False)
    write = settle(ask(nova, agency, clock), clock)
    assert write.state == Write.State.FAILED
    assert "read-only" in write.message
    assert not there(sandbox)


def test_asked_twice_it_is_one(sandbox: Sandbox, agency: Connection, nova: Client, clock: Clock) -> None:
    assert ask(nova, agency, clock) == ask(nova, agency, clock)
    finish(agency, clock)
    assert len(there(sandbox)) == 1
