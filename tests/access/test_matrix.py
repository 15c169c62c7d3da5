"""Every route, for every kind of person, by GET and by POST: what the table says, and a refusal changes and sends nothing."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client as Browser

from tests.access.matrix import LOGIN, METHODS, ROUTES, expected
from tests.access.routes import address_of, all_routes
from tests.fixtures_people import CANARY_B, CANARY_NOBODY, KINDS, MACHINE, Door, TwoClients

READING = {"SELECT", "SAVEPOINT", "RELEASE", "ROLLBACK"}
SESSIONS = '"django_session"'
REFUSED = {403, 404, 405}


def test_every_route_has_a_row() -> None:
    assert set(all_routes()) - set(ROUTES) == set(), "say in tests/access/matrix.py who may do what at these routes"


def test_every_row_has_a_route() -> None:
    assert set(ROUTES) - set(all_routes()) == set(), "these rows are about routes that are gone"


@dataclass(frozen=True)
class Answer:
    """What somebody got, and what it did: the statements that changed rows, and the calls that reached the provider."""

    status: int
    location: str
    changes: list[str]
    knocks: int


@pytest.mark.parametrize("route", sorted(ROUTES))
def test_a_route_answers_as_the_table_says(route: str, two_clients: TwoClients, door: Door) -> None:
    """Everybody asks in the same world: what one of them changes is rolled back before the next."""
    row = ROUTES[route]
    address, data = address_of(route, row.args(two_clients)), row.data(two_clients)
    wrong: list[str] = []
    for kind in KINDS:
        with rolled_back():
            browser = two_clients.browser(kind)
            for method in METHODS:
                with rolled_back():
                    answer = ask(browser, method, address, data, door)
                wrong += [f"{kind}: {method} {address} {what}" for what in wrong_with(answer, route, method, kind)]
    assert wrong == []


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask(browser: Browser, method: str, address: str, data: Mapping[str, Any], door: Door) -> Answer:
    knocks = door.knocks
    with changes() as changed:
        response = browser.get(address) if method == "GET" else browser.post(address, data)
        if response.streaming:  # an export reads its rows as it is sent
            b"".join(response.streaming_content)  # type: ignore[attr-defined]
    return Answer(response.status_code, response.headers.get("Location", ""), changed, door.knocks - knocks)


@contextmanager
def changes() -> Iterator[list[str]]:
    """Every statement that writes, whatever it hits; only the session that remembers who asks is left out."""
    written: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.split(None, 1)[0].upper() not in READING and SESSIONS not in sql:
            written.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield written


def wrong_with(answer: Answer, route: str, method: str, kind: str) -> Iterator[str]:
    row, wanted = ROUTES[route], expected(route, method, kind)
    if answer.status != wanted:
        yield f"answers {answer.status}, the table says {wanted}"
    sent_to_sign_in = wanted == LOGIN and kind in ("anonymous", "deactivated", MACHINE) and not row.open_to_all
    if sent_to_sign_in and not answer.location.startswith(("/accounts/login/?", "/admin/login/?")):
        yield f"leads to {answer.location}, not to the sign-in"
    if sent_to_sign_in or wanted in REFUSED or (method == "GET" and not row.get_writes):
        if answer.changes:
            yield f"changes rows: {answer.changes[0]}"
        if answer.knocks:
            yield "calls the provider"


def test_the_matrix_notices_what_is_changed_and_sent(two_clients: TwoClients, door: Door) -> None:
    admin, analyst = two_clients.browser("admin"), two_clients.people["analyst"]
    left = ask(admin, "POST", f"/people/{analyst.pk}/deactivate/", {}, door)
    assert any("accounts_user" in sql for sql in left.changes)
    assert ask(admin, "POST", f"/connections/{two_clients.own_a.pk}/check/", {}, door).knocks == 1


PAGES = (
    "campaigns:list",
    "campaigns:mailboxes",
    "campaigns:attach_mailboxes",
    "campaigns:sequence",
    "campaigns:sequence_preview",
    "campaigns:sequence_versions",
    "campaigns:sequence_test",
    "campaigns:schedule",
    "campaigns:pace",
    "campaigns:settings",
    "campaigns:activity",
    "campaigns:client_mailboxes",
    "analytics:campaign_overview",
    "analytics:clients",
    "analytics:client",
    "portal:preview",
    "operations:activity",
    "operations:audit",
    "operations:audit_entry",
    "operations:calls",
    "operations:jobs",
    "operations:job",
    "operations:run",
    "operations:key",
    "operations:changes",
    "operations:change",
    "operations:coverage",
    "accounts:connections",
    "accounts:connection",
    "accounts:branding",
    "accounts:client_people",
    "accounts:client_connections",
    "accounts:client_activity",
)


@pytest.mark.parametrize("htmx", [False, True], ids=["whole page", "htmx"])
@pytest.mark.parametrize("route", PAGES)
def test_a_page_for_one_client_never_names_another(route: str, htmx: bool, two_clients: TwoClients) -> None:
    page = read(route, two_clients, ROUTES[route].args(two_clients), htmx=htmx)
    assert CANARY_B not in page
    assert CANARY_NOBODY not in page


@pytest.mark.parametrize("htmx", [False, True], ids=["whole page", "htmx"])
def test_the_agency_key_shows_a_manager_neither_the_others_nor_its_counts(two_clients: TwoClients, htmx: bool) -> None:
    for route, args in (
        ("accounts:connection", [two_clients.shared.pk]),
        ("operations:run", [two_clients.run_shared.pk]),
        ("operations:key", [two_clients.shared.pk]),
        ("operations:activity", []),
        ("operations:audit", []),
        ("operations:changes", []),
        ("operations:jobs", []),
        ("operations:job", [two_clients.job_both.pk]),
        ("operations:coverage", []),
        ("accounts:connections", []),
    ):
        page = read(route, two_clients, args, htmx=htmx)
        for secret in (CANARY_B, CANARY_NOBODY, f"/campaigns/{two_clients.shared.pk}/"):
            assert secret not in page, f"{route} shows {secret}"
        if args:
            assert "77,007" not in page


@pytest.mark.parametrize("query", ["?key={shared}", "?status=errors", "?key={own_b}", "?part=calls&key={shared}"])
def test_the_call_log_of_a_manager_holds_calls_of_own_keys_only(query: str, two_clients: TwoClients) -> None:
    narrowed = query.format(shared=two_clients.shared.pk, own_b=two_clients.own_b.pk)
    for path in ("/activity/", "/activity/calls/"):
        page = two_clients.browser("manager").get(path + narrowed).content.decode()
        assert CANARY_B not in page
        assert f"/campaigns/{two_clients.shared.pk}/" not in page


def test_an_admin_sees_everything_that_these_tests_look_for(two_clients: TwoClients) -> None:
    browser = two_clients.browser("admin")
    assert "77,007" in browser.get(f"/connections/{two_clients.shared.pk}/").content.decode()
    assert f"/campaigns/{two_clients.shared.pk}/" in browser.get("/activity/").content.decode()
    assert CANARY_NOBODY in browser.get("/campaigns/").content.decode()


def read(route: str, world: TwoClients, args: list[Any], *, htmx: bool) -> str:
    headers = {"HX-Request": "true"} if htmx else {}
    response = world.browser("manager").get(address_of(route, args), headers=headers)
    assert response.status_code == 200
    return response.content.decode()
