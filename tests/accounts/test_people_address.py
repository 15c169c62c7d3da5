"""Who gets another address in the Django admin signs in by that one alone."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client as Browser

from accounts.models import User
from tests.fixtures_people import TwoClients


@pytest.fixture
def admin(two_clients: TwoClients) -> Browser:
    return two_clients.browser("admin")


def test_an_address_that_was_changed_in_the_django_admin_is_no_way_in_any_more(
    admin: Browser, two_clients: TwoClients
) -> None:
    mona, password = two_clients.people["manager"], "a long enough password"
    old, new = mona.email, "mona.new@agency.example"
    EmailAddress.objects.create(user=mona, email=old, verified=True, primary=True)
    at_work = two_clients.browser("manager")
    Browser().post("/accounts/password/reset/", {"email": old})
    sent_before = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", str(mail.outbox[-1].body))
    _give_address(admin, mona, new)

    assert at_work.get("/campaigns/")["Location"].startswith("/accounts/login/")
    assert not signs_in(old, password)
    assert sent_before
    assert "Location" not in Browser().get(sent_before[1]).headers
    mail.outbox.clear()
    Browser().post("/accounts/password/reset/", {"email": old})
    assert mail.outbox == []
    Browser().post("/accounts/password/reset/", {"email": new})
    assert [one.to for one in mail.outbox] == [[new]]
    assert signs_in(new, password)


def test_the_address_of_an_open_invitation_or_of_somebody_else_cannot_be_taken(
    admin: Browser, two_clients: TwoClients
) -> None:
    mona, nora = two_clients.people["manager"], "nora@agency.example"
    EmailAddress.objects.create(user=two_clients.people["analyst"], email="taken@agency.example", verified=True)
    assert "somebody with this address" in _give_address(admin, mona, "Taken@agency.example")
    admin.post("/people/invite/", {"email": nora, "name": "Nora", "role": "analyst"})
    assert "invite the new address" in _give_address(admin, User.objects.get(email=nora), "other@agency.example")
    assert not User.objects.filter(email__in=["taken@agency.example", "other@agency.example"]).exists()


def _give_address(admin: Browser, person: User, email: str) -> str:
    rows = list(person.memberships.all())
    whole = {"email": email, "name": person.name, "role": person.role}
    whole |= {"is_active": "on"} if person.is_active else {}
    whole |= {f"memberships-{name}": str(len(rows)) for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    for number, row in enumerate(rows):
        whole |= {f"memberships-{number}-id": str(row.pk), f"memberships-{number}-client": str(row.client_id)}
    answer: Any = admin.post(f"/admin/accounts/user/{person.pk}/change/", whole)
    return str(answer.content.decode())


def signs_in(email: str, password: str) -> bool:
    return bool(Browser().post("/accounts/login/", {"login": email, "password": password}).status_code == 302)
