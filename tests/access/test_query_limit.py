"""No page makes more than ten queries, whoever asks: session, person and frame among them."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.access.matrix import ROUTES
from tests.access.routes import address_of
from tests.fixtures_people import LOOKING, TwoClients

MOST = 10
DJANGOS_OWN = ("_delete",)  # the admin looks for everything that would go, too
MADE_ON_THE_FIRST_VISIT = "/accounts/email/"  # allauth's own row about the address of a person


def test_no_page_makes_more_than_ten_queries(two_clients: TwoClients) -> None:
    too_many, pages = [], 0
    for kind in ("admin", "manager", "client login", LOOKING):
        browser = two_clients.browser(kind)
        browser.get(MADE_ON_THE_FIRST_VISIT)
        for route, row in sorted(ROUTES.items()):
            if route.startswith("admin:") and route.endswith(DJANGOS_OWN):
                continue
            with CaptureQueriesContext(connection) as captured:
                response = browser.get(address_of(route, row.args(two_clients)))
            pages += response.status_code == 200
            if response.status_code == 200 and len(captured) > MOST:
                too_many.append(f"{kind}: {route} {len(captured)}")
    assert not too_many, "; ".join(too_many)
    assert pages > len(ROUTES)
