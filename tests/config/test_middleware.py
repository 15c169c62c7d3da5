"""Pages are kept out of caches: whoever goes back after signing out sees nothing. (tests/browser looks at static files.)"""

import pytest

from tests.fixtures_people import TwoClients


@pytest.mark.parametrize("path", ["/campaigns/", "/connections/", "/activity/", "/connections/add/", "/nothing-here/"])
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["page", "part"])
def test_nothing_that_was_shown_is_stored(two_clients: TwoClients, path: str, headers: dict[str, str]) -> None:
    answer = two_clients.browser("admin").get(path, headers=headers)
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("path", ["/accounts/login/", "/campaigns/", "/healthz"])
def test_nor_what_somebody_gets_who_is_not_signed_in(two_clients: TwoClients, path: str) -> None:
    assert "no-store" in two_clients.browser("anonymous").get(path)["Cache-Control"]
