"""The commands for operators: what they print, how they end, and that no secret is an argument."""

import io
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import close_old_connections
from django.db import connection as database
from django.test import Client as Browser
from django.utils import timezone

from accounts.models import Client, Connection, RemoteClient, User
from accounts.secrets import key_ring
from accounts.services import setup
from accounts.services.sessions import open_for_sync
from operations import heartbeats
from operations.lanes import shared_loop
from operations.models import AuditEntry, SyncRun, SyncState
from operations.sync.engine import advance
from tests.fixtures_people import TwoClients
from tests.support.sandbox import AGENCY_KEY, CINDER_KEY, SOLWAY_KEY, Sandbox

pytestmark = pytest.mark.django_db


def run(name: str, *arguments: str, stdin: str = "") -> str:
    """What the command prints."""
    out = io.StringIO()
    call_command(name, *arguments, stdout=out, stderr=out)
    return out.getvalue()


@pytest.fixture
def key_on_stdin(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    return lambda key: monkeypatch.setattr("sys.stdin", io.StringIO(key))


class TestConnect:
    def connect(self, sandbox: Sandbox, *arguments: str) -> str:
        return run("connect", *arguments, "--provider", "smartlead", "--base-url", sandbox.base_url)

    def test_it_adds_a_clients_key_from_standard_input_and_says_what_it_sees(
        self, sandbox: Sandbox, key_on_stdin: Callable[[str], None]
    ) -> None:
        key_on_stdin(CINDER_KEY + "\n")
        told = self.connect(sandbox, "--client", "Cinder Security", "--create-client")
        connection = Connection.objects.get()
        assert connection.client == Client.objects.get(name="Cinder Security", slug="cinder-security")
        assert connection.open_key(key_ring()).reveal() == CINDER_KEY
        assert not connection.may_write
        assert connection.health == Connection.Health.OK
        assert "sees 4 campaigns" in told
        assert CINDER_KEY not in told
        assert "…08bc" in told

    def test_it_adds_an_agency_key_from_the_environment(
        self, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("QUARTERDECK_API_KEY", AGENCY_KEY)
        told = self.connect(sandbox, "--agency", "--name", "Halyard main")
        assert Connection.objects.get(name="Halyard main").client is None
        assert "of 8 clients" in told

    def test_it_does_not_invent_a_client(self, sandbox: Sandbox, key_on_stdin: Callable[[str], None]) -> None:
        key_on_stdin(CINDER_KEY)
        with pytest.raises(CommandError, match="--create-client"):
            self.connect(sandbox, "--client", "Cinder Security")
        assert not Connection.objects.exists()

    def test_a_refused_key_is_kept_and_ends_with_status_2(
        self, sandbox: Sandbox, key_on_stdin: Callable[[str], None]
    ) -> None:
        key_on_stdin("no-such-key-at-all")
        with pytest.raises(CommandError) as ended:
            self.connect(sandbox, "--agency")
        assert ended.value.returncode == 2
        told = str(ended.value)
        assert "no-such-key" not in told
        assert "“Smartlead agency” was kept" in told
        assert f"/connections/{Connection.objects.get().pk}/key/" in told
        assert Connection.objects.get().health == Connection.Health.REFUSED

    def test_an_address_that_is_not_allowed_leaves_nothing_behind(
        self, sandbox: Sandbox, key_on_stdin: Callable[[str], None]
    ) -> None:
        key_on_stdin(CINDER_KEY)
        with pytest.raises(CommandError, match="QUARTERDECK_ALLOWED_BASE_URLS"):
            run(
                "connect",
                "--client",
                "New",
                "--create-client",
                "--provider",
                "smartlead",
                "--base-url",
                "https://evil.example",
            )
        assert not Connection.objects.exists()
        assert not Client.objects.exists()

    @pytest.mark.parametrize("typed", ["", "   \n", "two words", "x" * 600, "1234567", "clé-secrète-4711"])
    def test_what_is_no_key_is_refused(self, typed: str, sandbox: Sandbox, key_on_stdin: Callable[[str], None]) -> None:
        key_on_stdin(typed)
        with pytest.raises(CommandError):
            self.connect(sandbox, "--agency")
        assert not Connection.objects.exists()

    def test_a_name_that_is_taken_is_refused(self, sandbox: Sandbox, key_on_stdin: Callable[[str], None]) -> None:
        for expectation in (None, "Choose another --name"):
            key_on_stdin(AGENCY_KEY if expectation is None else SOLWAY_KEY)
            if expectation is None:
                self.connect(sandbox, "--agency", "--name", "Halyard main")
            else:
                with pytest.raises(CommandError, match=expectation):
                    self.connect(sandbox, "--agency", "--name", "Halyard main")
        assert Connection.objects.count() == 1


class TestSync:
    def test_it_needs_something_to_sync(self) -> None:
        with pytest.raises(CommandError, match="no enabled connection"):
            run("sync", "--all")
        with pytest.raises(CommandError, match="no connection 77"):
            run("sync", "--connection", "77")

    def test_a_disabled_connection_is_not_synced(self, two_clients: TwoClients) -> None:
        Connection.objects.filter(pk=two_clients.own_a.pk).update(disabled_at=timezone.now())
        with pytest.raises(CommandError, match="disabled"):
            run("sync", "--connection", str(two_clients.own_a.pk))

    def test_without_waiting_it_asks_and_says_when_no_worker_runs(self, two_clients: TwoClients) -> None:
        told = run("sync", "--connection", str(two_clients.own_a.pk))
        assert "Asked for: Alder key." in told
        assert "No worker is running" in told
        assert SyncState.objects.get(connection=two_clients.own_a).requested_at is not None

    def test_waiting_without_a_worker_ends_within_five_seconds(self, two_clients: TwoClients) -> None:
        began = time.monotonic()
        with pytest.raises(CommandError, match="No worker is running"):
            run("sync", "--all", "--wait")
        assert time.monotonic() - began < 5

    @pytest.mark.django_db(transaction=True)
    def test_waiting_shows_each_step_and_a_summary_and_fails_if_a_key_does(
        self, connect: Callable[..., Connection], sandbox: Sandbox, worker: None
    ) -> None:
        good = connect(CINDER_KEY, client=Client.objects.create(name="Cinder", slug="cinder"), name="Cinder")
        bad = connect(SOLWAY_KEY, client=Client.objects.create(name="Solway", slug="solway"), name="Solway")
        sandbox.keys(revoke=SOLWAY_KEY)
        out = io.StringIO()
        with pytest.raises(CommandError, match="1 of 2 syncs"):
            call_command("sync", "--all", "--wait", "--timeout", "60", stdout=out)
        told = out.getvalue()
        assert "Cinder: Campaigns: 4 seen" in told
        rows = {
            line.split("  ")[0]: line.split() for line in told.splitlines() if line.startswith(("Cinder ", "Solway "))
        }
        assert rows["Cinder"][1:3] == ["Done", "4"]
        assert "Failed" in rows["Solway"]
        assert SyncRun.objects.get(connection=good).trigger == SyncRun.Trigger.COMMAND
        bad.refresh_from_db()
        assert bad.health == Connection.Health.REFUSED

    @pytest.mark.django_db(transaction=True)
    def test_it_gives_up_after_its_time_and_leaves_the_sync_to_the_worker(self, two_clients: TwoClients) -> None:
        heartbeats.pulse(f"{heartbeats.PREFIX}worker:asleep")
        with pytest.raises(CommandError, match="Not finished within 1 s"):
            run("sync", "--connection", str(two_clients.own_a.pk), "--wait", "--timeout", "1")


@pytest.fixture
def worker() -> Iterator[None]:
    """A worker in a thread of this process: shows signs of life, and takes what is due as the real task does."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.1):
            heartbeats.pulse(f"{heartbeats.PREFIX}worker:thread")
            for pk in SyncState.objects.filter(due_at__lte=timezone.now()).values_list("pk", flat=True):
                advance(pk, open_for_sync, shared_loop().loop, timezone.now)
            close_old_connections()
        database.close()

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stop.set()
    thread.join()


class TestSetupLink:
    def link(self) -> str:
        return run("setup_link", "--address", "https://deck.example").strip().removeprefix("https://deck.example")

    def fill_in(self, link: str, **changes: str) -> Any:
        form = {
            "name": "Maya",
            "email": "Maya@Agency.example",
            "password": "a long phrase 77",
            "again": "a long phrase 77",
        }
        return Browser().post(link, form | changes)

    def test_it_makes_the_first_admin_once(self) -> None:
        link = self.link()
        assert Browser().get(link).status_code == 200
        response = self.fill_in(link)
        assert response.status_code == 302
        user = User.objects.get()
        assert (user.email, user.role) == ("maya@agency.example", User.Role.ADMIN)
        assert user.check_password("a long phrase 77")
        assert response.client.get("/connections/").status_code == 200
        assert AuditEntry.objects.filter(action="make first admin").count() == 1
        for again in (Browser().get(link), self.fill_in(link, email="second@agency.example")):
            assert again.status_code == 404
        assert User.objects.count() == 1

    @pytest.mark.parametrize(
        "wrong",
        [{"password": "short", "again": "short"}, {"again": "another phrase 78"}, {"email": "nobody"}, {"name": ""}],
    )
    def test_bad_input_makes_nobody_and_never_sends_the_password_back(self, wrong: dict[str, str]) -> None:
        response = self.fill_in(self.link(), **wrong)
        assert response.status_code == 200
        assert not User.objects.exists()
        assert "invalid-feedback" in response.content.decode()
        assert "a long phrase" not in response.content.decode()

    def test_a_changed_link_is_unknown_and_an_old_one_says_that_it_has_expired(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        link = self.link()
        assert Browser().get(link.rstrip("/") + "x/").status_code == 404
        monkeypatch.setattr(setup, "LINK_LIVES", timedelta(seconds=-1))
        expired = Browser().get(link)
        assert expired.status_code == 410
        assert "setup_link" in expired.content.decode()
        assert self.fill_in(link).status_code == 410
        assert not User.objects.exists()

    def test_it_is_refused_once_there_are_people(self, two_clients: TwoClients) -> None:
        with pytest.raises(CommandError, match="There are people already"):
            run("setup_link")


class TestDemo:
    @pytest.fixture(autouse=True)
    def _demo(self, settings: Any) -> None:
        settings.QUARTERDECK_DEMO = True
        settings.QUARTERDECK_SANDBOX_URL = "http://127.0.0.1:9900"
        settings.QUARTERDECK_ALLOWED_BASE_URLS = ["http://127.0.0.1:9900", "http://127.0.0.1:9901"]

    def test_it_refuses_where_there_is_no_demo(self, settings: Any) -> None:
        settings.QUARTERDECK_DEMO = False
        with pytest.raises(CommandError, match="not a demo"):
            run("demo")
        assert not User.objects.exists()

    def test_it_makes_people_clients_keys_and_the_mapping_before_any_sync(self) -> None:
        told = run("demo")
        assert "maya@halyard.example" in told
        assert User.objects.get(email="maya@halyard.example").is_agency_admin
        idris = User.objects.get(email="idris@halyard.example")
        assert sorted(idris.visible_clients().values_list("name", flat=True)) == [
            "Ferro Logistics", "Kestrel Payments", "Larkfield Health", "Solway Energy",
        ]  # fmt: skip
        assert Client.objects.count() == 10
        assert Connection.objects.count() == 4
        main = Connection.objects.get(name="Halyard main")
        assert main.base_url == "http://127.0.0.1:9900/smartlead/api/v1"
        assert main.remote_clients.count() == 7
        assert RemoteClient.objects.get(remote_id=304).client == Client.objects.get(name="Ferro Logistics")
        assert SyncState.objects.filter(due_at__lte=timezone.now()).count() == 4

    def test_it_can_be_repeated_and_leaves_what_was_changed_by_hand(self) -> None:
        run("demo")
        idris = User.objects.get(email="idris@halyard.example")
        idris.memberships.filter(client__name="Ferro Logistics").delete()
        RemoteClient.objects.filter(remote_id=304).update(client=None)
        before = [model.objects.count() for model in (User, Client, Connection, RemoteClient, AuditEntry)]
        run("demo")
        assert [model.objects.count() for model in (User, Client, Connection, RemoteClient, AuditEntry)] == before
        assert idris.memberships.count() == 3
        assert RemoteClient.objects.get(remote_id=304).client is None

    def test_it_knows_a_connection_that_was_renamed_by_its_key(self) -> None:
        run("demo")
        Connection.objects.filter(name="Solway Energy").update(name="Solway, renamed")
        run("demo")
        assert Connection.objects.count() == 4
        assert Connection.objects.filter(name="Solway, renamed").exists()

    def test_its_connections_follow_a_sandbox_that_moved(self, settings: Any) -> None:
        run("demo")
        Connection.objects.update(health=Connection.Health.UNREACHABLE)
        SyncState.objects.update(due_at=timezone.now() + timedelta(hours=1), failures_in_a_row=4)
        settings.QUARTERDECK_SANDBOX_URL = "http://127.0.0.1:9901"
        run("demo")
        for connection in Connection.objects.select_related("sync_state"):
            assert connection.base_url == "http://127.0.0.1:9901/smartlead/api/v1"
            assert connection.health == Connection.Health.UNCHECKED
            assert connection.sync_state.due_at <= timezone.now()


def test_rotate_keys_says_how_many(two_clients: TwoClients, settings: Any) -> None:
    assert "newest entry" in run("rotate_keys")
    settings.QUARTERDECK_KEYS = ["other:" + "QUJD" * 10 + "QUI=", *settings.QUARTERDECK_KEYS]
    assert run("rotate_keys").startswith("3 keys")
    settings.QUARTERDECK_KEYS = ["third:" + "REVG" * 10 + "REU="]
    with pytest.raises(CommandError, match="nothing was lost"):
        run("rotate_keys")


def test_plugs_lists_every_registry_in_running_order() -> None:
    told = run("plugs")
    assert "sync steps" in told
    assert told.index("clients") < told.index("campaigns") < told.index("totals")
    assert "accounts.watched.watched_connections" in told


@pytest.mark.parametrize("name", ["connect", "sync", "rotate_keys", "setup_link", "demo", "plugs"])
def test_each_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        call_command(name, "--help")
    assert ended.value.code == 0
    assert "usage:" in capsys.readouterr().out
