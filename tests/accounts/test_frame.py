"""The sidebar: the reader's clients, a flag where a key behind one fails, and how many keys do."""

import pytest
from django.test import Client as Browser
from django.test import RequestFactory

from accounts.frame import Frame, frame
from accounts.models import Client, Connection, RemoteClient, User
from tests.fixtures_people import CANARY_B, TwoClients

pytestmark = pytest.mark.django_db


def flags(user: User) -> dict[str, tuple[str, str]]:
    return {client.name: (client.flag, client.flag_word) for client in Frame(user).clients}


def fail(connection: Connection, health: str) -> None:
    Connection.objects.filter(pk=connection.pk).update(health=health)


def test_everybody_sees_own_clients_only(two_clients: TwoClients) -> None:
    people = two_clients.people
    assert set(flags(people["admin"])) == {two_clients.a.name, two_clients.b.name}
    assert set(flags(people["manager"])) == {two_clients.a.name}
    assert flags(people["without clients"]) == {}
    assert Frame(people["without clients"]).keys_total == 0


def test_a_client_is_flagged_when_its_own_key_fails(two_clients: TwoClients) -> None:
    fail(two_clients.own_a, Connection.Health.UNREACHABLE)
    assert flags(two_clients.people["admin"]) == {
        two_clients.a.name: ("warn", "Watch"),
        two_clients.b.name: ("", ""),
    }


def test_every_client_behind_a_failing_agency_key_is_flagged_by_its_worst_key(two_clients: TwoClients) -> None:
    fail(two_clients.shared, Connection.Health.REFUSED)
    fail(two_clients.own_a, Connection.Health.UNREACHABLE)
    assert set(flags(two_clients.people["admin"]).values()) == {("bad", "Blocked")}
    shown = Frame(two_clients.people["manager"])
    assert (shown.keys_failing, shown.keys_total) == (2, 2)
    assert [client.url for client in shown.clients] == ["/campaigns/?client=alder"]


def test_the_worst_of_all_keys_behind_a_client_counts_in_any_order(two_clients: TwoClients) -> None:
    fail(two_clients.shared, Connection.Health.ODD)
    fail(two_clients.own_a, Connection.Health.BLOCKED)
    Connection.objects.create(name="Second key", client=two_clients.a, health=Connection.Health.UNREACHABLE)
    Connection.objects.create(name="Off", client=two_clients.b, health="refused", disabled_at=two_clients.b.created_at)
    assert flags(two_clients.people["admin"]) == {
        two_clients.a.name: ("bad", "Blocked"),
        two_clients.b.name: ("warn", "Watch"),
    }
    RemoteClient.objects.filter(pk=two_clients.remote_b.pk).update(gone_at=two_clients.b.created_at)
    assert flags(two_clients.people["admin"])[two_clients.b.name] == ("", "")
    shown = Frame(two_clients.people["admin"])
    assert (shown.keys_failing, shown.keys_total) == (3, 4)


def test_of_very_many_clients_the_one_shown_and_those_in_trouble_are_there(two_clients: TwoClients) -> None:
    Client.objects.bulk_create(Client(name=f"Many {number:03}", slug=f"many-{number:03}") for number in range(150))
    bad, current = Client.objects.get(slug="many-140"), Client.objects.get(slug="many-149")
    Connection.objects.create(name="Broken", client=bad, health=Connection.Health.REFUSED)
    shown = Frame(two_clients.people["admin"], current_client=current.slug)
    names = [client.name for client in shown.clients]
    assert len(names) == 60
    assert {bad.name, current.name} < set(names)
    assert names == sorted(names)
    assert shown.clients_total == 152
    assert "All 152 clients" in two_clients.browser("admin").get("/campaigns/").content.decode()


def test_keys_are_counted_before_there_is_a_client(two_clients: TwoClients) -> None:
    Connection.objects.exclude(pk=two_clients.shared.pk).update(client=None)
    Client.objects.all().delete()
    fail(two_clients.shared, Connection.Health.REFUSED)
    shown = Frame(two_clients.people["admin"])
    assert (shown.clients, shown.keys_failing, shown.keys_total) == ([], 1, 3)
    assert Frame(two_clients.people["manager"]).keys_total == 0


@pytest.mark.parametrize("failing", [False, True])
def test_it_takes_one_query_also_while_an_agency_key_fails(
    failing: bool, two_clients: TwoClients, django_assert_num_queries
) -> None:
    if failing:
        fail(two_clients.shared, Connection.Health.REFUSED)
    shown = Frame(two_clients.people["admin"])
    with django_assert_num_queries(1):
        assert shown.clients
        assert shown.keys_total == 3
        assert shown.keys_failing == int(failing)


def test_a_page_that_does_not_show_it_pays_nothing_and_nobody_else_learns_of_it(
    two_clients: TwoClients, django_assert_num_queries
) -> None:
    request = RequestFactory().get("/")
    assert frame(request) == {}
    request.user = two_clients.people["admin"]
    with django_assert_num_queries(0):
        assert frame(request)["frame"].is_admin
    assert CANARY_B not in Browser().get("/accounts/login/").content.decode()
