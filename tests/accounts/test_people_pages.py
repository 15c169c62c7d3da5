"""People come in by a link, get what an admin gives them, and are out at once when they leave."""

import re
from datetime import timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail, signing
from django.core.mail.backends import locmem
from django.test import Client as Browser
from django.utils import timezone

from accounts.models import Invitation, Membership, User
from accounts.services import people
from operations.audit import Actor
from operations.models import AuditEntry
from tests.fixtures_people import TwoClients
from tests.support.query_counts import recorded_queries

PASSWORD = "correct horse battery"


@pytest.fixture
def admin(two_clients: TwoClients) -> Browser:
    return two_clients.browser("admin")


def invite(admin: Browser, world: TwoClients, **changed: Any) -> User:
    answers = {"email": "Nora@Client.example", "name": "Nora New", "role": "client", "clients": [world.a.pk]} | changed
    assert admin.post("/people/invite/", answers).status_code == 302
    return User.objects.get(email=answers["email"].lower())


def link_in_mail() -> str:
    found = re.search(r"http://testserver(/invitation/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def accepts(link: str, **changed: Any) -> tuple[Browser, Any]:
    browser = Browser()
    return browser, browser.post(link, {"name": "Nora Newman", "password": PASSWORD, "again": PASSWORD} | changed)


def signed_in_by_password(person: User) -> Browser:
    browser = Browser()
    browser.post("/accounts/login/", {"login": person.email, "password": "a long enough password"})
    return browser


def done() -> list[str]:
    """What was written down about people."""
    people = AuditEntry.objects.filter(subject_type="accounts.User").exclude(action__in=["sign in", "refuse sign-in"])
    return [entry.action for entry in people.order_by("pk")]


def test_an_invited_client_login_sets_a_password_and_sees_the_portal_alone(
    admin: Browser, two_clients: TwoClients
) -> None:
    nora = invite(admin, two_clients, may_reply="on")
    assert mail.outbox[-1].to == ["nora@client.example"]
    assert "to look at your campaigns" in mail.outbox[-1].body
    assert "Nora New" in admin.get("/people/").content.decode()
    browser = Browser()
    assert not browser.login(email="nora@client.example", password=PASSWORD)

    opened = Browser().get(link_in_mail())
    assert "nora@client.example" in opened.content.decode()
    browser, answer = accepts(link_in_mail())
    assert answer["Location"] == "/"
    page = browser.get("/", follow=True)
    assert page.redirect_chain[-1][0] == "/portal/"
    assert "Alder campaign" in page.content.decode()
    assert browser.get("/campaigns/").status_code == 404
    nora.refresh_from_db()
    assert (nora.name, nora.is_active) == ("Nora Newman", True)
    assert list(nora.clients_where("may_reply")) == [two_clients.a]
    assert list(nora.clients_where("may_see_leads")) == []
    assert done() == ["invite person", "accept invitation"]


def test_a_link_works_once(admin: Browser, two_clients: TwoClients) -> None:
    invite(admin, two_clients)
    link = link_in_mail()
    accepts(link)
    _, again = accepts(link, password="another long password", again="another long password")
    assert again.status_code == 410
    assert "This invitation was used already" in again.content.decode()
    assert Browser().login(email="nora@client.example", password=PASSWORD)


def test_a_link_is_over_after_72_hours_and_when_a_newer_one_was_sent(admin: Browser, two_clients: TwoClients) -> None:
    nora = invite(admin, two_clients)
    first = link_in_mail()
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    over = accepts(first)[1]
    assert over.status_code == 410
    assert "This invitation is too old" in over.content.decode()
    assert "Invitation expired" in admin.get("/people/").content.decode()

    admin.post(f"/people/{nora.pk}/invitation/")
    second = link_in_mail()
    assert "There is a newer invitation" in accepts(first)[1].content.decode()
    left = Invitation.objects.get().expires_at - timezone.now()
    assert timedelta(hours=71, minutes=59) < left <= timedelta(hours=72)
    assert accepts(second)[1].status_code == 302


@pytest.mark.parametrize(
    "change",
    [
        lambda link: link[:-3] + "xx/",
        lambda link: link[: len(link) // 2] + "/",
        lambda link: "/invitation/WzEsInh5eiJd:1:2/",
        lambda link: f"/invitation/{signing.dumps('first admin', salt='accounts.setup')}/",
        lambda link: f"/invitation/{signing.dumps(['1', 2, 3], salt=people.SALT)}/",
        lambda link: "/invitation/%00/",
    ],
)
def test_a_link_that_is_not_ours_says_so(admin: Browser, two_clients: TwoClients, change: Any) -> None:
    invite(admin, two_clients)
    _, answer = accepts(change(link_in_mail()))
    assert answer.status_code == 404
    assert "This link opens nothing" in answer.content.decode()
    assert not User.objects.get(email="nora@client.example").is_active


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"password": "short", "again": "short"}, "too short"),
        ({"password": "nora@client.example", "again": "nora@client.example"}, "too similar"),
        ({"again": "another long password"}, "The two passwords differ."),
        ({"name": ""}, "required"),
    ],
)
def test_a_password_that_is_no_good_uses_nothing_up(
    admin: Browser, two_clients: TwoClients, changed: dict[str, str], says: str
) -> None:
    invite(admin, two_clients)
    _, refused = accepts(link_in_mail(), **changed)
    assert says in refused.content.decode()
    assert accepts(link_in_mail())[1].status_code == 302


def test_two_admins_who_invite_the_same_person_at_once_make_one(two_clients: TwoClients) -> None:
    """The second one looked before the first had stored."""
    access, now = people.Access(User.Role.ADMIN), timezone.now()
    actor = Actor.on_page(two_clients.people["admin"])
    people.invite("twice@agency.example", "T", access, actor=actor, now=now)
    looked = User.objects.filter(email__iexact="twice@agency.example")
    with pytest.raises(people.NotPossible, match="already"):
        people.invite("Twice@Agency.example", "T", access, actor=actor, now=now)
    assert looked.count() == 1


ODD = [
    "%00",
    "a" * 3000,
    "%20".join("abcdefgh" * 300),
    "%F0%9F%90%99",
    "' or 1=1 --",
    "&page=99999999999999999999",
    "&page=-1",
]


@pytest.mark.parametrize("typed", ODD)
def test_an_odd_search_is_answered(admin: Browser, two_clients: TwoClients, typed: str) -> None:
    assert admin.get(f"/people/?q={typed}").status_code == 200


@pytest.mark.parametrize(
    "odd",
    [
        {"role": "emperor"},
        {"role": ""},
        {"clients": ["none", "-1", "99999999999999999999999"]},
        {"name": "x" * 121},
        {"name": "a\x00b"},
        {"email": "nobody"},
        {"email": "a" * 250 + "@client.example"},
    ],
)
def test_odd_answers_invite_nobody(admin: Browser, two_clients: TwoClients, odd: dict[str, Any]) -> None:
    answers = {"email": "nora@client.example", "name": "Nora", "role": "analyst", "clients": [two_clients.a.pk]} | odd
    answer = admin.post("/people/invite/", answers)
    assert "Not invited." in answer.content.decode()
    assert mail.outbox == []
    assert admin.get("/people/99999999999999999999999/").status_code == 404


def test_a_withdrawn_invitation_leaves_nobody(admin: Browser, two_clients: TwoClients) -> None:
    nora = invite(admin, two_clients)
    admin.post(f"/people/{nora.pk}/withdraw/")
    assert not User.objects.filter(email="nora@client.example").exists()
    assert accepts(link_in_mail())[1].status_code == 404
    assert done() == ["invite person", "withdraw invitation"]


def test_nobody_who_is_here_can_be_withdrawn_or_invited_twice(admin: Browser, two_clients: TwoClients) -> None:
    manager = two_clients.people["manager"]
    admin.post(f"/people/{manager.pk}/withdraw/")
    assert User.objects.filter(pk=manager.pk).exists()
    answer = admin.post("/people/invite/", {"email": "MONA@agency.example", "name": "Mona", "role": "admin"})
    assert "There is somebody with this address already." in answer.content.decode()
    assert mail.outbox == []


def test_mail_that_does_not_leave_is_told_and_the_invitation_stands(
    admin: Browser, two_clients: TwoClients, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang_up(*_: Any) -> int:
        raise SMTPServerDisconnected("Connection unexpectedly closed")

    monkeypatch.setattr(locmem.EmailBackend, "send_messages", hang_up)
    nora = invite(admin, two_clients)
    page = admin.get(f"/people/{nora.pk}/").content.decode()
    assert "could not be sent (Connection unexpectedly closed)" in page
    assert Invitation.objects.open().filter(user=nora).exists()


@pytest.mark.parametrize("clients", ["none", "both"])
def test_a_client_login_belongs_to_exactly_one_client(admin: Browser, two_clients: TwoClients, clients: str) -> None:
    chosen = [] if clients == "none" else [two_clients.a.pk, two_clients.b.pk]
    answers = {"email": "x@client.example", "name": "X", "role": "client", "clients": chosen}
    assert "belongs to exactly one client" in admin.post("/people/invite/", answers).content.decode()
    assert not User.objects.filter(email="x@client.example").exists()


def test_a_new_role_and_other_clients_count_at_the_next_click(admin: Browser, two_clients: TwoClients) -> None:
    mona, browser = two_clients.people["manager"], two_clients.browser("manager")
    address = f"/campaigns/{two_clients.campaign_own_a.pk}/"
    assert browser.get(address).status_code == 200
    admin.post(f"/people/{mona.pk}/", {"role": "analyst", "clients": [two_clients.b.pk]})
    assert browser.get(address).status_code == 404
    mona.refresh_from_db()
    assert not mona.may_change
    entry = AuditEntry.objects.get(action="change access")
    assert entry.before == {"role": "Account manager", "clients": ["Alder Analytics"]}
    assert entry.after["role"] == "Analyst"


def test_saving_what_is_there_already_leaves_no_trace(admin: Browser, two_clients: TwoClients) -> None:
    mona = two_clients.people["manager"]
    admin.post(f"/people/{mona.pk}/", {"role": "manager", "clients": [two_clients.a.pk]})
    assert done() == []


def test_who_is_deactivated_is_out_everywhere_at_once_and_stays_out_when_let_in_again(
    admin: Browser, two_clients: TwoClients
) -> None:
    mona = two_clients.people["manager"]
    at_work, at_home = two_clients.browser("manager"), two_clients.browser("manager")
    admin.post(f"/people/{mona.pk}/deactivate/")
    for browser in (at_work, at_home):
        assert browser.get("/campaigns/")["Location"].startswith("/accounts/login/")
    admin.post(f"/people/{mona.pk}/reactivate/")
    assert at_work.get("/campaigns/").status_code == 302, "a session of before came back to life"
    assert Browser().login(email=mona.email, password="a long enough password")
    assert done() == ["deactivate person", "reactivate person"]


@pytest.mark.parametrize("path", ["/people/{pk}/deactivate/", "/people/{pk}/"])
def test_the_last_admin_stays(admin: Browser, two_clients: TwoClients, path: str) -> None:
    adele = two_clients.people["admin"]
    admin.post(path.format(pk=adele.pk), {"role": "manager"})
    adele.refresh_from_db()
    assert adele.is_agency_admin
    assert done() == []


@pytest.mark.parametrize("changed", [{"role": "analyst"}, {"is_active": ""}])
def test_the_last_admin_stays_in_the_django_admin_too(
    admin: Browser, two_clients: TwoClients, changed: dict[str, str]
) -> None:
    adele = two_clients.people["admin"]
    whole = {"email": adele.email, "name": adele.name, "role": "admin", "is_active": "on", **changed}
    whole |= {f"memberships-{name}": "0" for name in ("TOTAL_FORMS", "INITIAL_FORMS")}
    page = admin.post(f"/admin/accounts/user/{adele.pk}/change/", whole)
    assert "is the last admin" in page.content.decode()
    admin.post(f"/admin/accounts/user/{adele.pk}/delete/", {"post": "yes"})
    adele.refresh_from_db()
    assert adele.is_agency_admin


@pytest.mark.parametrize("clients", [[], ["a", "b"]])
def test_a_client_login_belongs_to_one_client_in_the_django_admin_too(
    admin: Browser, two_clients: TwoClients, clients: list[str]
) -> None:
    answers = {"email": "x@client.example", "name": "X", "role": "client", "password1": PASSWORD, "password2": PASSWORD}
    answers |= {"memberships-TOTAL_FORMS": str(len(clients)), "memberships-INITIAL_FORMS": "0"}
    answers |= {f"memberships-{number}-client": getattr(two_clients, name).pk for number, name in enumerate(clients)}
    page = admin.post("/admin/accounts/user/add/", answers | {"usable_password": "true"})
    assert "belongs to exactly one client" in page.content.decode()
    assert not User.objects.filter(email="x@client.example").exists()


def test_one_of_two_admins_may_leave(two_clients: TwoClients) -> None:
    adele = two_clients.people["admin"]
    second = User.objects.create_user("second@agency.example", PASSWORD, role=User.Role.ADMIN)
    people.deactivate(adele, actor=Actor.on_page(second))
    with pytest.raises(people.NotPossible, match="last admin"):
        people.change_access(second, people.Access(User.Role.ANALYST), actor=Actor.on_page(second), now=timezone.now())


def test_the_list_asks_as_often_for_many_as_for_few(admin: Browser, two_clients: TwoClients) -> None:
    for number in range(40):
        person = User.objects.create_user(f"p{number}@agency.example", name=f"Person {number}")
        Membership.objects.create(user=person, client=two_clients.a)
    with recorded_queries("people"):
        page = admin.get("/people/")
    assert page.content.decode().count('id="person-') == User.objects.count()
    assert "Person 7" in admin.get("/people/?q=p7@").content.decode()
    assert "Person 7" not in admin.get("/people/?q=Birch").content.decode()


def test_one_person_takes_few_queries(admin: Browser, two_clients: TwoClients) -> None:
    with recorded_queries("person"):
        admin.get(f"/people/{two_clients.people['analyst'].pk}/")


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("invite", "/people/invite/"),
        ("own password", "/accounts/password/change/"),
        ("own second factor", "/accounts/second-factor/"),
        ("own sessions", "/accounts/sessions/"),
        ("own address", "/accounts/email/"),
    ],
)
@pytest.mark.parametrize("kind", ["admin", "client login"])
def test_forms_about_people_and_oneself_take_few_queries(
    two_clients: TwoClients, name: str, path: str, kind: str
) -> None:
    if (name, kind) == ("invite", "client login"):
        return
    person = two_clients.people[kind]
    browser, *_ = [signed_in_by_password(person) for _ in range(4)]
    browser.get(path)  # allauth notes the address when it is first looked at
    with recorded_queries(f"{name}, {kind}"):
        assert browser.get(path).status_code == 200


def test_the_demo_shows_its_mail_with_links_that_can_be_opened(
    admin: Browser, two_clients: TwoClients, settings: Any, tmp_path: Any
) -> None:
    settings.QUARTERDECK_DEMO = True
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "django.core.mail.backends.filebased.EmailBackend", str(tmp_path)
    assert "Nothing sent yet" in admin.get("/outbox/").content.decode()
    invite(admin, two_clients, name="Nora <b>& Sons</b>")
    page = admin.get("/outbox/").content.decode()
    assert "Nora &lt;b&gt;&amp; Sons" in page
    link = re.search(r'href="http://testserver(/invitation/[^"]+)"', page)
    assert link
    assert accepts(link[1])[1].status_code == 302
