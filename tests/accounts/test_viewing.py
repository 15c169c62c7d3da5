"""Looking at a portal as a client login: what it shows, what it never allows, and when it is over."""

from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client as Browser

from accounts.models import Membership, User
from accounts.services.people import Access, change_access, deactivate, end_sessions
from operations.audit import Actor
from operations.models import AuditEntry
from tests.fixtures_people import TwoClients

BEGIN, LEAVE = "/portal/view-as/", "/portal/leave/"


def begin(world: TwoClients, kind: str = "manager", whom: str = "client login") -> Browser:
    browser = world.browser(kind)
    answer = browser.post(BEGIN, {"user_pk": world.people[whom].pk})
    assert (answer.status_code, answer["Location"]) == (302, "/portal/")
    return browser


@pytest.mark.parametrize("kind", ["manager", "admin"])
def test_they_see_what_the_client_sees_under_a_banner_and_come_back_to_the_client(
    two_clients: TwoClients, kind: str
) -> None:
    browser = begin(two_clients, kind)
    page = browser.get("/portal/").content.decode()
    assert f"{two_clients.people[kind]}, you are viewing as Alma at Alder." in page
    assert "Hello, Alma" in page
    left = browser.post(LEAVE)
    assert (left.status_code, left["Location"]) == (302, "/clients/alder/")
    assert browser.get("/campaigns/").status_code == 200


def test_begin_and_end_are_in_the_trail_of_the_client_with_who_looked(two_clients: TwoClients) -> None:
    begin(two_clients).post(LEAVE)
    entries = AuditEntry.objects.filter(action__contains="view").order_by("pk")
    manager = two_clients.people["manager"]
    assert [(one.action, one.actor, one.client, one.subject_label) for one in entries] == [
        ("view as client", manager, two_clients.a, "Alma at Alder"),
        ("stop viewing as client", manager, two_clients.a, "Alma at Alder"),
    ]


def test_nothing_can_be_changed_and_nobodys_account_is_opened_meanwhile(two_clients: TwoClients) -> None:
    browser = begin(two_clients)
    person = User.objects.get(pk=two_clients.people["client login"].pk)
    for address in ("/portal/", "/accounts/login/"):
        assert browser.post(address, {}).status_code == 403, address
    for address in (
        "/accounts/password/change/",
        "/accounts/second-factor/",
        "/accounts/sessions/",
        "/accounts/email/",
    ):
        assert browser.get(address).status_code == 404, address
        assert browser.post(address, {}).status_code == 404, address
    for address in ("/campaigns/", "/clients/", "/clients/alder/", "/portal/preview/alder/", BEGIN, "/admin/"):
        assert browser.get(address).status_code in {302, 404}, address
    assert User.objects.get(pk=person.pk).password == person.password


@pytest.mark.parametrize("over", ["deactivated", "sessions ended", "another role", "client taken away", "password"])
def test_it_is_over_at_the_next_click_when_who_looks_may_no_longer(two_clients: TwoClients, over: str) -> None:
    browser, manager, actor = begin(two_clients), two_clients.people["manager"], Actor()
    if over == "deactivated":
        deactivate(manager, actor=actor)
    elif over == "sessions ended":
        end_sessions(manager)
    elif over == "another role":
        change_access(manager, Access(User.Role.ANALYST, (two_clients.a,)), actor=actor, now=two_clients.a.created_at)
    elif over == "client taken away":
        Membership.objects.filter(user=manager).delete()
    else:
        manager.set_password("another long password")
        manager.save()
    for _ in range(2):
        answer = browser.get("/portal/")
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/")
    assert browser.get("/campaigns/").status_code == 302


def test_it_is_over_when_the_client_login_is_deactivated(two_clients: TwoClients) -> None:
    browser = begin(two_clients)
    deactivate(two_clients.people["client login"], actor=Actor())
    assert browser.get("/portal/").status_code == 302


@pytest.mark.parametrize(
    ("kind", "whom", "status"),
    [
        ("manager", "other client login", 404),
        ("manager", "analyst", 404),
        ("manager", "admin", 404),
        ("admin", "manager", 404),
        ("admin", "admin", 404),
        ("analyst", "client login", 403),
        ("other analyst", "client login", 404),
        ("client login", "other client login", 404),
    ],
)
def test_nobody_looks_as_somebody_who_is_none_of_their_clients(
    two_clients: TwoClients, kind: str, whom: str, status: int
) -> None:
    browser = two_clients.browser(kind)
    assert browser.post(BEGIN, {"user_pk": two_clients.people[whom].pk}).status_code == status
    assert not AuditEntry.objects.filter(action="view as client").exists()
    assert "hijack_history" not in browser.session


@pytest.mark.parametrize("whom", ["", "x", "-1", "99999999999999999999999", "999999"])
def test_odd_input_is_no_server_error(two_clients: TwoClients, whom: str) -> None:
    assert two_clients.browser("admin").post(BEGIN, {"user_pk": whom}).status_code in {400, 404}


def test_looking_is_no_sign_in_of_the_client(two_clients: TwoClients) -> None:
    person = two_clients.people["client login"]
    before = User.objects.get(pk=person.pk).last_login
    begin(two_clients)
    assert User.objects.get(pk=person.pk).last_login == before
    assert not UserSession.objects.filter(user=person).exists()


def test_the_preview_is_theirs_who_may_see_the_client_and_offers_whom_to_look_as(two_clients: TwoClients) -> None:
    manager: Any = two_clients.browser("manager").get("/portal/preview/alder/").content.decode()
    assert "Alma at Alder" in manager
    assert "Preview." in manager
    analyst = two_clients.browser("analyst").get("/portal/preview/alder/").content.decode()
    assert "View as" not in analyst
