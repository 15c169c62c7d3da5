"""One key, one connection: a second lane for the same key would let twice as many calls through as the provider allows."""

import io
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.db import connection as database
from django.test import Client as Browser
from django.utils import timezone

from accounts.models import Client, Connection
from accounts.secrets import key_ring
from accounts.services.connections import add_connection, replace_key, rotate_keys
from accounts.services.keys import KeyInUse
from operations.audit import Actor
from operations.models import AuditEntry
from providers.secret import SecretText
from tests.fixtures_people import Door, TwoClients

OTHER_RING = "other:" + "QUJD" * 10 + "QUI="
KEY = "one-and-the-same-key-4711"


@pytest.fixture
def admin(two_clients: TwoClients) -> Browser:
    return two_clients.browser("admin")


@pytest.fixture
def add(two_clients: TwoClients, door: Door) -> Callable[..., Connection]:
    def add(name: str, key: str = KEY, base_url: str = "") -> Connection:
        return add_connection(
            name=name,
            provider="smartlead",
            base_url=base_url or door.base_url,
            key=SecretText(key),
            client=None,
            actor=Actor(),
            now=timezone.now(),
        )

    return add


def key_of(connection: Connection) -> str:
    return f"key-of-{connection.pk}-for-tests"


def test_a_key_is_added_once(add: Callable[..., Connection]) -> None:
    first = add("First")
    with pytest.raises(KeyInUse, match="already connected as “First”") as refused:
        add("Second")
    assert refused.value.connection == first
    assert KEY not in str(refused.value)
    assert not Connection.objects.filter(name="Second").exists()


def test_the_same_text_at_another_host_is_another_key(add: Callable[..., Connection], settings: Any) -> None:
    add("First")
    settings.QUARTERDECK_ALLOWED_BASE_URLS = ["https://server.smartlead.ai"]
    add("Second", base_url="https://server.smartlead.ai/api/v1")
    with pytest.raises(KeyInUse, match="Second"):
        add("Third", base_url="https://SERVER.smartlead.ai/api/v1")


def test_a_key_does_not_replace_another_connections_key(two_clients: TwoClients) -> None:
    sealed = two_clients.own_b.sealed_key
    with pytest.raises(KeyInUse, match="Alder key"):
        replace_key(two_clients.own_b, SecretText(key_of(two_clients.own_a)), Actor(), timezone.now())
    two_clients.own_b.refresh_from_db()
    assert two_clients.own_b.sealed_key == sealed
    assert not AuditEntry.objects.filter(action="replace key").exists()


def test_a_connections_own_key_can_be_entered_again_and_a_replaced_one_is_free(
    two_clients: TwoClients, add: Callable[..., Connection]
) -> None:
    former = key_of(two_clients.own_a)
    replace_key(two_clients.own_a, SecretText(former), Actor(), timezone.now())
    replace_key(two_clients.own_a, SecretText(KEY), Actor(), timezone.now())
    add("Former", key=former)


def test_the_database_refuses_a_second_row_of_the_same_key(two_clients: TwoClients) -> None:
    fingerprint = Connection.objects.values_list("key_fingerprint", flat=True).get(pk=two_clients.own_a.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Connection.objects.filter(pk=two_clients.own_b.pk).update(key_fingerprint=fingerprint)
    Connection.objects.update(key_fingerprint="")


class TestRotation:
    def test_a_key_is_recognised_before_during_and_after(
        self, two_clients: TwoClients, add: Callable[..., Connection], settings: Any
    ) -> None:
        add("First")
        before = Connection.objects.get(name="First").key_fingerprint
        settings.QUARTERDECK_KEYS = [OTHER_RING, *settings.QUARTERDECK_KEYS]
        with pytest.raises(KeyInUse):
            add("Second")
        rotate_keys(actor=Actor())
        settings.QUARTERDECK_KEYS = [OTHER_RING]
        assert Connection.objects.get(name="First").key_fingerprint not in {"", before}
        with pytest.raises(KeyInUse):
            add("Second")

    def test_another_secret_key_of_django_changes_nothing(self, add: Callable[..., Connection], settings: Any) -> None:
        add("First")
        settings.SECRET_KEY = "another-secret-key-of-fifty-characters-or-more-0123456789"
        with pytest.raises(KeyInUse):
            add("Second")

    def test_rows_without_a_fingerprint_get_one_and_of_two_alike_the_first(self, two_clients: TwoClients) -> None:
        ring = key_ring()
        twin = two_clients.own_b
        twin.sealed_key = ring.seal(key_of(two_clients.own_a), twin.seal_context)
        twin.save()
        Connection.objects.update(key_fingerprint="")
        assert rotate_keys(actor=Actor()) == 0
        fingerprints = dict(Connection.objects.values_list("pk", "key_fingerprint"))
        assert fingerprints[two_clients.own_a.pk]
        assert fingerprints[two_clients.shared.pk]
        assert fingerprints[twin.pk] == ""


class TestPages:
    def form(self, world: TwoClients, **changes: str) -> dict[str, str]:
        form = {"name": "Again", "provider": "smartlead", "client": "", "new_client": "Brand new"}
        return form | {"base_url": world.own_a.base_url, "key": key_of(world.own_a)} | changes

    def test_the_form_names_the_other_connection_and_keeps_what_was_typed(
        self, two_clients: TwoClients, admin: Browser
    ) -> None:
        shown = admin.post("/connections/add/", self.form(two_clients)).content.decode()
        assert "This key is already connected as “Alder key”." in shown
        assert "is-invalid" in shown
        assert 'value="Again"' in shown
        assert 'value="Brand new"' in shown
        assert key_of(two_clients.own_a) not in shown
        assert not Client.objects.filter(name="Brand new").exists()
        assert Connection.objects.count() == 3

    def test_the_form_for_another_key_says_so_too(self, two_clients: TwoClients, admin: Browser) -> None:
        address = f"/connections/{two_clients.shared.pk}/key/"
        shown = admin.post(address, {"key": key_of(two_clients.own_a)}).content.decode()
        assert "This key is already connected as “Alder key”." in shown
        assert "is-invalid" in shown

    def test_and_so_does_the_admin_site(self, two_clients: TwoClients, admin: Browser) -> None:
        address = f"/admin/accounts/connection/{two_clients.shared.pk}/change/"
        shown = admin.post(address, {"name": "Renamed", "new_key": key_of(two_clients.own_a)}).content.decode()
        assert "This key is already connected as “Alder key”." in shown
        assert 'value="Renamed"' in shown
        assert not Connection.objects.filter(name="Renamed").exists()

    def test_no_page_shows_a_fingerprint(self, two_clients: TwoClients, admin: Browser) -> None:
        pk, fingerprint = two_clients.own_a.pk, two_clients.own_a.key_fingerprint
        assert fingerprint
        for address in ("/connections/", f"/connections/{pk}/", f"/admin/accounts/connection/{pk}/change/"):
            assert fingerprint not in admin.get(address).content.decode()
        assert fingerprint not in str(list(AuditEntry.objects.values()))


def test_the_command_refuses_it_and_makes_no_client(
    two_clients: TwoClients, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUARTERDECK_API_KEY", key_of(two_clients.own_a))
    with pytest.raises(CommandError, match=r"This key is already connected as “Alder key”\."):
        call_command(
            "connect", "--client", "Newcomer", "--create-client", "--provider", "smartlead",
            "--base-url", door.base_url, stdout=io.StringIO(),
        )  # fmt: skip
    assert not Client.objects.filter(name="Newcomer").exists()
    assert Connection.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_of_two_who_add_a_key_in_the_same_moment_one_is_told(add: Callable[..., Connection]) -> None:
    start = threading.Barrier(2)

    def race(name: str) -> str:
        start.wait()
        try:
            return add(name).name
        except KeyInUse as error:
            return str(error)
        finally:
            database.close()

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(race, ["First", "Second"]), key=len)
    assert Connection.objects.filter(name__in=["First", "Second"]).count() == 1
    assert answers[1] == f"This key is already connected as “{answers[0]}”."


def test_keys_from_before_this_rule_are_known_after_the_migration(two_clients: TwoClients) -> None:
    migration = import_module("accounts.migrations.0003_key_fingerprint")
    taken = dict(Connection.objects.values_list("pk", "key_fingerprint"))
    Connection.objects.update(key_fingerprint="")
    Connection.objects.filter(pk=two_clients.own_b.pk).update(
        sealed_key=two_clients.own_a.sealed_key
    )  # unreadable there
    migration.take_fingerprints(apps, None)
    assert dict(Connection.objects.values_list("pk", "key_fingerprint")) == taken | {two_clients.own_b.pk: ""}
