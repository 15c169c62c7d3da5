"""The pages that django-allauth brings along speak as ours do, also those that hardly anybody meets."""

import pytest

from tests.fixtures_people import TwoClients


@pytest.mark.parametrize(
    ("kind", "address", "ours", "theirs"),
    [
        ("admin", "/accounts/reauthenticate/", "Enter your password again", "safeguard"),
        ("anonymous", "/accounts/inactive/", "Your account is switched off", "This account is inactive"),
        ("anonymous", "/accounts/confirm-email/", "Look into your mail", "contact us"),
        ("anonymous", "/accounts/confirm-email/nothing/", "This link does not work", "issue a new email"),
        ("anonymous", "/accounts/signup/", "Ask your agency’s admin, who adds", "sorry"),
    ],
)
def test_a_rare_page_has_our_words_and_none_of_allauths(
    kind: str, address: str, ours: str, theirs: str, two_clients: TwoClients
) -> None:
    shown = two_clients.browser(kind).get(address).content.decode()
    assert ours in shown
    assert theirs not in shown
    assert "style=" not in shown


def test_the_password_can_be_entered_again(two_clients: TwoClients) -> None:
    browser = two_clients.browser("admin")
    wrong = browser.post("/accounts/reauthenticate/", {"password": "not this one"})
    assert "invalid-feedback" in wrong.content.decode()
    right = browser.post("/accounts/reauthenticate/", {"password": "a long enough password"})
    assert right.status_code == 302
