"""A provider key goes in, opens the provider, and appears nowhere: the sandbox's own key is the canary."""

import base64
import json
import logging
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
import redis
from django.apps import apps
from django.core.signals import got_request_exception
from django.utils import timezone
from django.views.debug import ExceptionReporter

from accounts.models import Connection, User
from accounts.services.connections import check_key
from accounts.services.sessions import open_for_person, open_for_sync
from operations.lanes import shared_loop
from operations.models import ApiCall, AuditEntry, SyncRun, SyncState
from operations.sync import planning
from operations.sync.engine import advance
from providers.errors import ProviderError
from tests.access.routes import address_of
from tests.fixtures_people import TwoClients
from tests.support.sandbox import AGENCY_KEY, Sandbox

CANARIES = (
    AGENCY_KEY,
    AGENCY_KEY[:-4],
    quote(AGENCY_KEY, safe=""),
    base64.b64encode(AGENCY_KEY.encode()).decode()[:24],
    "api_key=sandbox",
)
FAULTS: list[dict[str, Any]] = [
    {"kind": "500", "next": 1},
    {"kind": "html200", "next": 1},
    {"kind": "cut_midway", "next": 1},
]


def assert_clean(text: str, where: str) -> None:
    for canary in CANARIES:
        assert canary not in text, f"the key is in {where}"


class Everything(logging.Handler):
    """Keeps every record of every library as text: message, arguments, extras and tracebacks."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        parts = [record.getMessage(), repr(record.__dict__)]
        if record.exc_info and record.exc_info[1]:
            parts += traceback.format_exception(record.exc_info[1])
        self.lines.append("\n".join(parts))


@pytest.fixture
def log() -> Iterator[Everything]:
    """Our loggers and the root at DEBUG; those of the HTTP libraries as the product sets them, because they log URLs."""
    handler, root = Everything(), logging.getLogger()
    level = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(handler)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def in_use(sandbox: Sandbox, two_clients: TwoClients, settings: Any, log: Everything) -> Connection:
    """A connection that was added by a person, checked, synced in good times and bad, and refused at last."""
    settings.QUARTERDECK_ALLOWED_BASE_URLS = [sandbox.url]
    browser = two_clients.browser("admin")
    form = {"name": "Canary", "provider": "smartlead", "base_url": sandbox.base_url, "key": AGENCY_KEY}
    browser.post("/connections/add/", form | {"base_url": "https://evil.example"})
    added = browser.post("/connections/add/", form)
    connection = Connection.objects.get(name="Canary")
    assert added.headers["Location"] == f"/connections/{connection.pk}/"
    Connection.objects.filter(pk=connection.pk).update(windows=[{"calls": 1000, "seconds": 1}])
    browser.post(f"/connections/{connection.pk}/check/", headers={"HX-Request": "true"})
    sync(connection)
    sandbox.faults(*FAULTS)
    sync(connection)
    sandbox.clear_faults()
    sandbox.keys(revoke=AGENCY_KEY)
    sync(connection)
    browser.post(f"/connections/{connection.pk}/check/")
    browser.post(f"/connections/{connection.pk}/key/", {"key": "has a space " + AGENCY_KEY})
    connection.refresh_from_db()
    return connection


def sync(connection: Connection) -> None:
    planning.request_sync([connection.pk], timezone.now())
    for _ in range(20):
        advance(connection.pk, open_for_sync, shared_loop().loop, timezone.now)
        state = SyncState.objects.get(connection=connection)
        if state.run_id is None and state.requested_at is None:
            return


def test_the_key_was_really_used(in_use: Connection) -> None:
    assert in_use.health == Connection.Health.REFUSED
    outcomes = set(SyncRun.objects.filter(connection=in_use).values_list("outcome", flat=True))
    assert {"done", "failed"} <= outcomes
    statuses = set(ApiCall.objects.filter(connection=in_use).values_list("status", flat=True))
    assert {200, 401, 500} <= statuses


def test_no_log_record_holds_the_key(in_use: Connection, log: Everything) -> None:
    logging.getLogger("accounts.views").info("heard")
    assert "heard" in log.lines[-1], "nothing is recorded"
    assert not any("HTTP Request" in line for line in log.lines), "httpx logs URLs"
    for line in log.lines:
        assert_clean(line, f"the log: {line[:80]}")


def test_no_row_holds_the_key(in_use: Connection) -> None:
    for model in apps.get_models():
        manager: Any = model._default_manager
        for row in manager.values():
            assert_clean(repr(row), model._meta.label)
    assert AuditEntry.objects.filter(action="add connection", after__key="…f3a9").exists()


def test_no_message_to_a_worker_and_nothing_else_in_redis_holds_the_key(
    in_use: Connection, redis_server: str, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        planning.request_sync([in_use.pk], timezone.now())
    with redis.Redis.from_url(redis_server) as store:
        names = list(store.scan_iter())
        assert b"celery" in names
        for name in names:
            assert_clean(repr(name) + repr(store.dump(name)), f"Redis under {name!r}")
        for message in store.lrange("celery", 0, -1):
            body = json.loads(message)["body"]
            assert_clean(base64.b64decode(body).decode(), "a message")


def pages(connection: Connection) -> list[str]:
    run = SyncRun.objects.filter(connection=connection).latest("pk")
    return [
        "/connections/",
        f"/connections/{connection.pk}/",
        f"/connections/{connection.pk}/key/",
        f"/connections/{connection.pk}/writes/",
        f"/connections/{connection.pk}/enabled/",
        "/activity/",
        "/activity/audit/",
        "/activity/calls/",
        *(f"/activity/audit/{entry.pk}/" for entry in AuditEntry.objects.all()),
        f"/activity/runs/{run.pk}/",
        "/campaigns/",
        "/admin/",
        "/admin/accounts/connection/",
        f"/admin/accounts/connection/{connection.pk}/change/",
        f"/admin/accounts/connection/{connection.pk}/history/",
        address_of("accounts:add_connection", []),
    ]


def test_no_page_holds_the_key_or_its_sealed_form(in_use: Connection, two_clients: TwoClients) -> None:
    browser = two_clients.browser("admin")
    for address in pages(in_use):
        response = browser.get(address)
        assert response.status_code == 200, address
        text = response.content.decode()
        assert_clean(text, address)
        assert in_use.sealed_key not in text
        assert in_use.sealed_key[-20:] not in text


def test_the_exported_audit_trail_holds_no_key(in_use: Connection, two_clients: TwoClients) -> None:
    response: Any = two_clients.browser("admin").get("/activity/audit/export/")
    text = b"".join(response.streaming_content).decode()
    assert "Connection added" in text
    assert_clean(text, "the export")


@pytest.mark.parametrize("address", ["/connections/add/", "/connections/{pk}/key/"])
def test_a_refused_form_does_not_send_the_key_back(address: str, in_use: Connection, two_clients: TwoClients) -> None:
    form = {"name": "Canary", "provider": "smartlead", "base_url": "nonsense", "key": f"{AGENCY_KEY} and more"}
    response = two_clients.browser("admin").post(address.format(pk=in_use.pk), form)
    assert response.status_code == 200
    assert_clean(response.content.decode(), address)
    if "add" in address:
        assert 'value="nonsense"' in response.content.decode()


def test_the_admin_takes_a_key_and_never_shows_it(in_use: Connection, two_clients: TwoClients) -> None:
    browser = two_clients.browser("admin")
    address = f"/admin/accounts/connection/{in_use.pk}/change/"
    response = browser.post(address, {"name": "Canary", "new_key": AGENCY_KEY}, follow=True)
    assert response.status_code == 200
    in_use.refresh_from_db()
    assert in_use.key_last4 == "f3a9"
    assert in_use.health == Connection.Health.UNCHECKED
    for shown in (address, f"/admin/accounts/connection/{in_use.pk}/history/", "/admin/"):
        assert_clean(browser.get(shown).content.decode(), shown)
    assert AuditEntry.objects.filter(action="replace key").exists()


def failures(sandbox: Sandbox) -> list[Callable[[], object]]:
    return [
        lambda: sandbox.faults({"kind": "500", "next": 50}),
        lambda: sandbox.faults({"kind": "html200", "next": 50}),
        lambda: sandbox.faults({"kind": "cut_before", "next": 50}),
        lambda: sandbox.keys(revoke=AGENCY_KEY),
    ]


@pytest.mark.parametrize("number", range(4))
def test_no_exception_holds_the_key_not_even_with_its_local_variables(
    number: int, sandbox: Sandbox, connect: Callable[..., Connection]
) -> None:
    connection = connect(AGENCY_KEY)
    failures(sandbox)[number]()
    with pytest.raises(ProviderError) as caught, open_for_person(connection) as session:
        session.send(session.provider.check_key())
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert_clean("".join(told.format()), "the traceback")
    assert_clean(repr(caught.value) + repr(caught.value.__dict__), "the exception")
    assert caught.value.__cause__ is None


def test_a_wrong_address_does_not_put_the_key_into_an_exception(connect: Callable[..., Connection]) -> None:
    connection = connect(AGENCY_KEY)
    Connection.objects.filter(pk=connection.pk).update(base_url="http://127.0.0.1:1/api")
    connection.refresh_from_db()
    verdict = check_key(connection, timezone.now())
    assert verdict.error is not None
    assert_clean(str(verdict.error) + connection.health_reason, "the verdict")
    assert connection.health == Connection.Health.UNREACHABLE


def test_the_error_report_of_a_crashed_page_leaves_the_key_out(
    sandbox: Sandbox, two_clients: TwoClients, settings: Any
) -> None:
    settings.QUARTERDECK_ALLOWED_BASE_URLS = [sandbox.url]
    settings.QUARTERDECK_KEYS = ["broken ring"]
    reports: list[str] = []

    def report(request: Any, **_: Any) -> None:
        reporter = ExceptionReporter(request, *sys.exc_info())
        reports.extend([reporter.get_traceback_text(), reporter.get_traceback_html()])

    got_request_exception.connect(report)
    browser = two_clients.browser("admin")
    browser.raise_request_exception = False
    try:
        form = {"name": "Crash", "provider": "smartlead", "base_url": sandbox.base_url, "key": AGENCY_KEY}
        response = browser.post("/connections/add/", form)
    finally:
        got_request_exception.disconnect(report)
    assert response.status_code == 500
    assert len(reports) == 2
    for text in [*reports, response.content.decode()]:
        assert_clean(text, "the error report")
    assert not Connection.objects.filter(name="Crash").exists()


def test_a_person_has_no_way_to_read_the_key(two_clients: TwoClients) -> None:
    assert User.objects.count() == len(two_clients.people)
    public = {name for name in dir(Connection) if not name.startswith("_")}
    assert "key" not in public
    assert repr(two_clients.own_a) == "<Connection: Alder key>"
