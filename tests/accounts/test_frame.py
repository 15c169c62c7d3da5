"""The sidebar: the reader's clients, a flag where a key behind one fails, and how many keys do."""

import pytest
from django.test import Client as Browser
from django.test import RequestFactory

from accounts.frame import Frame, frame
from accounts.models import Connection, User
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


@pytest.mark.parametrize("failing", [False, True])
def test_it_takes_two_queries_or_three_while_an_agency_key_fails(
    failing: bool, two_clients: TwoClients, django_assert_num_queries
) -> None:
    if failing:
        fail(two_clients.shared, Connection.Health.REFUSED)
    shown = Frame(two_clients.people["admin"])
    with django_assert_num_queries(3 if failing else 2):
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
