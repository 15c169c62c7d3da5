"""A client login meets their own portal and account, and nothing of the agency’s."""

from typing import Any

import pytest
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.middleware import OWN_ACCOUNT, is_public
from tests.access.routes import all_routes
from tests.fixtures_people import CANARY_B, CANARY_NOBODY, TwoClients
from tests.support.query_counts import recorded_queries

THEIRS = (
    "/portal/",
    "/accounts/password/change/",
    "/accounts/second-factor/",
    "/accounts/sessions/",
    "/accounts/email/",
)
OF_THE_AGENCY = ("Smartlead", "Connections", "Activity", "Keys", "/campaigns/", "/people/", "Halyard key", "Alder key")


@pytest.mark.parametrize("path", THEIRS)
def test_their_pages_name_neither_other_clients_nor_what_the_agency_works_with(
    two_clients: TwoClients, path: str
) -> None:
    page = two_clients.browser("client login").get(path).content.decode()
    assert "Alder Analytics" in page
    for word in (CANARY_B, CANARY_NOBODY, *OF_THE_AGENCY):
        assert word not in page, word


def test_signing_in_leads_to_the_portal(two_clients: TwoClients) -> None:
    page = two_clients.browser("client login").get("/", follow=True)
    assert page.redirect_chain[-1][0] == "/portal/"
    shown = page.content.decode()
    assert "Alder campaign" in shown
    assert "Alder campaign of its own" in shown


def test_the_portal_takes_few_queries(two_clients: TwoClients) -> None:
    browser = two_clients.browser("client login")
    with recorded_queries("portal"):
        browser.get("/portal/")


def test_a_page_is_closed_to_them_unless_it_says_otherwise() -> None:
    """Of all routes, only these answer a client login: whoever opens another one adds it here on purpose."""
    opened = {
        name
        for name, view in _views(get_resolver().url_patterns, "")
        if getattr(view, "for_client_logins", False) and not is_public(view)
    }
    assert {name for name in opened if not name.startswith("portal:")} == {"home"}
    assert set(all_routes()) >= OWN_ACCOUNT, "these names lead nowhere, and would open whatever takes them later"


def _views(patterns: list[URLPattern | URLResolver], namespace: str) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            found += _views(pattern.url_patterns, inner)
        else:
            found.append((f"{namespace}{pattern.name}", pattern.callback))
    return found


def test_both_gates_stand_behind_the_one_that_asks_who_is_there() -> None:
    order = [name.rpartition(".")[2] for name in settings.MIDDLEWARE]
    assert (
        order.index("LoginRequiredMiddleware") < order.index("PagesForClientLogins") < order.index("SecondFactorFirst")
    )
