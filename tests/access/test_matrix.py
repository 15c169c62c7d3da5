"""Every route, for every kind of person, by GET and by POST: what the table says, and a refusal changes and sends nothing."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session

from tests.access.matrix import ROUTES, Row, expected
from tests.access.routes import address_of, all_routes
from tests.fixtures_people import CANARY_B, CANARY_NOBODY, KINDS, Door, TwoClients


def test_every_route_has_a_row() -> None:
    assert set(all_routes()) - set(ROUTES) == set(), "say in tests/access/matrix.py who may do what at these routes"


def test_every_row_has_a_route() -> None:
    assert set(ROUTES) - set(all_routes()) == set(), "these rows are about routes that are gone"


def rows_of_everything() -> dict[str, Any]:
    """A picture of the database: how many rows each table has, and the content of those that say who may do what."""
    telling = {
        "accounts.Connection",
        "accounts.RemoteClient",
        "accounts.Client",
        "accounts.Membership",
        "operations.SyncState",
        "operations.Installation",
    }
    picture: dict[str, Any] = {}
    for model in apps.get_models():
        if model is Session:
            continue
        manager: Any = model._default_manager
        picture[model._meta.label] = (
            list(manager.order_by("pk").values()) if model._meta.label in telling else manager.count()
        )
    return picture


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("route", sorted(ROUTES))
def test_a_route_answers_as_the_table_says(
    route: str, method: str, kind: str, two_clients: TwoClients, door: Door
) -> None:
    row = ROUTES[route]
    browser = two_clients.browser(kind)
    address = address_of(route, row.args(two_clients))
    before, knocks = rows_of_everything(), door.knocks
    response = browser.get(address) if method == "GET" else browser.post(address, row.data(two_clients))
    wanted = expected(row, method, kind)
    assert response.status_code == wanted, f"{kind}: {method} {address}"
    if needs_login(row, wanted, kind):
        assert response["Location"].startswith(("/accounts/login/?", "/admin/login/?"))
    if (method == "GET" and not row.get_writes) or is_refusal(row, wanted, kind):
        assert rows_of_everything() == before
        assert door.knocks == knocks


def needs_login(row: Row, wanted: int, kind: str) -> bool:
    return wanted == 302 and kind in ("anonymous", "deactivated") and not row.open_to_all


def is_refusal(row: Row, wanted: int, kind: str) -> bool:
    return wanted in {403, 404, 405} or needs_login(row, wanted, kind)


PAGES = (
    "campaigns:list",
    "analytics:campaign_overview",
    "operations:activity",
    "operations:calls",
    "operations:run",
    "operations:key",
    "operations:changes",
    "operations:change",
    "operations:coverage",
    "accounts:connections",
    "accounts:connection",
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
        ("operations:changes", []),
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
