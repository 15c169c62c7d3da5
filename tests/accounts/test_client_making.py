"""The pages that add, name and place clients. What they ask for at a provider is carried out as a worker would, over loopback."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client as Browser

from accounts.models import Client, Connection, Membership, RemoteClient, User
from accounts.services.remote_clients import CREATE
from accounts.services.writing import advance_writes
from operations.models import AuditEntry, Write
from tests.fixtures_people import TwoClients
from tests.support.query_counts import recorded_queries
from tests.support.sandbox import AGENCY_KEY, Sandbox

ADD = "/clients/add/"
CONNECTIONS = "/clients/nova-freight/connections/"


@pytest.fixture
def admin(two_clients: TwoClients) -> Browser:
    return two_clients.browser("admin")


def test_a_client_of_our_own_alone_has_a_page_and_the_manager_who_runs_it(
    two_clients: TwoClients, admin: Browser
) -> None:
    wanda = two_clients.people["without clients"]
    answer = admin.post(ADD, {"name": " Nova   Freight ", "owner": wanda.pk, "place": "later"})
    assert (answer.status_code, answer["Location"]) == (302, CONNECTIONS)
    client = Client.objects.get(slug="nova-freight")
    assert (client.name, client.owner) == ("Nova Freight", wanda)
    assert two_clients.browser("without clients").get("/clients/nova-freight/").status_code == 200
    assert {"add client", "change access"} <= set(AuditEntry.objects.values_list("action", flat=True))


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"name": ""}, "required"),
        ({"name": "alder  ANALYTICS"}, "There is a client named"),
        ({"name": "x" * 121}, "at most 120"),
        ({"place": "there", "remote": ""}, "Choose the client that it is."),
        ({"place": "there", "remote": "999999"}, "valid choice"),
        ({"place": "new", "email": "ops@nova.example"}, "is read-only"),
        ({"place": "elsewhere"}, "valid choice"),
        ({"owner": "999999"}, "valid choice"),
    ],
)
def test_what_can_not_be_is_said_beside_the_field_and_nothing_is_made(
    two_clients: TwoClients, admin: Browser, form: dict[str, str], told: str
) -> None:
    before = Client.objects.count()
    page = admin.post(ADD, {"name": "Nova Freight", "place": "later"} | form).content.decode()
    assert told in page
    assert "Not added." in page
    assert Client.objects.count() == before
    assert not Write.objects.filter(kind=CREATE).exists()


def test_no_login_of_a_client_and_no_analyst_can_run_one(two_clients: TwoClients, admin: Browser) -> None:
    for kind in ("client login", "analyst", "deactivated"):
        if kind == "deactivated":
            User.objects.filter(pk=two_clients.people[kind].pk).update(is_active=False)
        page = admin.post("/clients/alder/edit/", {"name": "Alder", "owner": two_clients.people[kind].pk})
        assert "valid choice" in page.content.decode()
    assert Client.objects.get(pk=two_clients.a.pk).owner is None


def test_a_client_that_is_there_already_takes_its_campaigns_along(two_clients: TwoClients, admin: Browser) -> None:
    two_clients.campaign_nobody.remote_client_id = two_clients.remote_nobody.remote_id
    two_clients.campaign_nobody.save()
    suggested = admin.get(ADD, {"remote": two_clients.remote_nobody.pk}).content.decode()
    assert f'value="{two_clients.remote_nobody.name}"' in suggested
    admin.post(ADD, {"name": "Nova Freight", "place": "there", "remote": two_clients.remote_nobody.pk})
    client = Client.objects.get(name="Nova Freight")
    assert RemoteClient.objects.get(pk=two_clients.remote_nobody.pk).client == client
    two_clients.campaign_nobody.refresh_from_db()
    assert two_clients.campaign_nobody.client == client


def test_a_client_that_is_somebodys_can_not_be_taken(two_clients: TwoClients, admin: Browser) -> None:
    answer = admin.post(ADD, {"name": "Nova Freight", "place": "there", "remote": two_clients.remote_b.pk})
    assert "valid choice" in answer.content.decode()
    assert RemoteClient.objects.get(pk=two_clients.remote_b.pk).client == two_clients.b


def test_a_new_name_keeps_the_address_and_is_in_the_trail(two_clients: TwoClients, admin: Browser) -> None:
    manager = two_clients.people["manager"]
    had = Membership.objects.filter(user=manager).count()
    answer = admin.post("/clients/alder/edit/", {"name": "Alder & Sons", "owner": manager.pk})
    assert answer["Location"] == "/clients/alder/"
    assert "Alder &amp; Sons" in admin.get("/clients/alder/").content.decode()
    entry = AuditEntry.objects.get(action="change client")
    assert (entry.before["name"], entry.after["name"]) == ("Alder Analytics", "Alder & Sons")
    assert entry.after["owner"] == str(manager)
    assert Membership.objects.filter(user=manager).count() == had
    admin.post("/clients/alder/edit/", {"name": "Alder & Sons", "owner": manager.pk})
    assert AuditEntry.objects.filter(action="change client").count() == 1


def test_the_pages_take_few_queries(admin: Browser) -> None:
    for name, path in (
        ("add a client", ADD),
        ("edit a client", "/clients/alder/edit/"),
        ("place a client", "/clients/alder/place/"),
    ):
        with recorded_queries(name):
            assert admin.get(path).status_code == 200


@pytest.mark.django_db(transaction=True)
class TestAtTheProvider:
    @pytest.fixture
    def agency(self, two_clients: TwoClients, sandbox: Sandbox, connect: Any) -> Connection:
        connection: Connection = connect(AGENCY_KEY, name="Halyard main")
        Connection.objects.filter(pk=connection.pk).update(may_write=True, windows=[{"calls": 1000, "seconds": 1}])
        return connection

    def test_it_is_made_with_its_key_and_the_page_tells_how_far_it_is(
        self, agency: Connection, admin: Browser, sandbox: Sandbox
    ) -> None:
        form = {
            "name": "Nova Freight",
            "place": "new",
            "maker": agency.pk,
            "email": "ops@nova.example",
            "with_key": "on",
        }
        assert admin.post(ADD, form)["Location"] == CONNECTIONS
        pending = admin.get(CONNECTIONS).content.decode()
        assert "Making the client …" in pending
        assert 'data-poll="2"' in pending
        work(agency)
        done = admin.get(CONNECTIONS, headers={"HX-Request": "true"}).content.decode()
        assert "data-poll" not in done
        assert "<html" not in done
        (made,) = [one for one in sandbox.truth(AGENCY_KEY, days=False)["clients"] if one["name"] == "Nova Freight"]
        keys = sandbox.keys()
        (key,) = [one["key"] for one in keys if one["client_ids"] == [made["id"]]]
        assert f"key …{key[-4:]}" in done
        assert "Disabled" in done
        kept = Connection.objects.get(client__name="Nova Freight")
        told = admin.get(f"/connections/{kept.pk}/enabled/").content.decode()
        assert "counted twice" in told
        for path in (CONNECTIONS, "/clients/nova-freight/activity/", "/activity/changes/", f"/connections/{kept.pk}/"):
            assert key not in admin.get(path).content.decode(), path

    def test_an_address_that_is_taken_is_said_with_a_way_on(
        self, agency: Connection, admin: Browser, sandbox: Sandbox
    ) -> None:
        sandbox.change("add_client", name="Old Nova", email="ops@nova.example")
        admin.post(ADD, {"name": "Nova Freight", "place": "new", "maker": agency.pk, "email": "ops@nova.example"})
        work(agency)
        page = admin.get(CONNECTIONS).content.decode()
        assert "Somebody at the provider has this address already." in page
        assert 'href="/clients/nova-freight/place/"' in page
        form = {"place": "new", "maker": agency.pk, "email": "other@nova.example"}
        assert admin.post("/clients/nova-freight/place/", form)["Location"] == CONNECTIONS
        work(agency)
        assert RemoteClient.objects.filter(client__name="Nova Freight").count() == 1
        assert "address already" not in admin.get(CONNECTIONS).content.decode()


def work(connection: Connection) -> None:
    while advance_writes(connection.pk, lambda: datetime.now(UTC)):
        pass
