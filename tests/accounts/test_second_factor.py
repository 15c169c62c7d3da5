"""Signing in: guesses are slowed down, a second factor is asked for where there is one, and the agency may insist on it."""

import base64
import re
import time
from io import StringIO
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.core import mail
from django.core.management import call_command
from django.test import Client as Browser

from accounts.models import User
from tests.fixtures_people import TwoClients

PASSWORD = "a long enough password"
LOGIN = "/accounts/login/"


def sign_in(person: User, password: str = PASSWORD) -> tuple[Browser, Any]:
    browser = Browser()
    return browser, browser.post(LOGIN, {"login": person.email, "password": password})


def code_of(secret: str) -> str:
    """What an app that holds the secret shows now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def with_app(person: User) -> str:
    secret = generate_totp_secret()
    TOTP.activate(person, secret)
    RecoveryCodes.activate(person)
    return secret


def test_password_and_code_of_the_app_open_the_door_together(two_clients: TwoClients) -> None:
    mona = two_clients.people["manager"]
    secret = with_app(mona)
    browser, answer = sign_in(mona)
    assert answer["Location"] == "/accounts/second-factor/authenticate/"
    assert browser.get("/campaigns/").status_code == 302, "the password alone opened the door"
    assert "code" in browser.get(answer["Location"]).content.decode()
    refused = browser.post(answer["Location"], {"code": "000000"})
    assert refused.status_code == 200
    assert browser.get("/campaigns/").status_code == 302
    browser.post(answer["Location"], {"code": code_of(secret)})
    assert browser.get("/campaigns/").status_code == 200


def test_a_recovery_code_opens_the_door_once(two_clients: TwoClients) -> None:
    mona = two_clients.people["manager"]
    with_app(mona)
    code = Authenticator.objects.get(user=mona, type=Authenticator.Type.RECOVERY_CODES).wrap().get_unused_codes()[0]
    for opens in (True, False):
        browser, answer = sign_in(mona)
        browser.post(answer["Location"], {"code": code})
        assert (browser.get("/campaigns/").status_code == 200) is opens


@pytest.mark.django_db(transaction=True)  # the notice leaves when all is stored
def test_an_app_is_set_up_on_ones_own_pages(two_clients: TwoClients) -> None:
    mona = two_clients.people["manager"]
    browser, _ = sign_in(mona)
    setting_up = "/accounts/second-factor/totp/activate/"
    asked_again = browser.get(setting_up)["Location"]
    page = browser.post(asked_again, {"password": PASSWORD, "next": setting_up}, follow=True).content.decode()
    secret = re.search(r"<code>([A-Z2-7]+)</code>", page)
    assert secret, page
    answer = browser.post(setting_up, {"code": code_of(secret[1])}, follow=True)
    assert "Recovery codes" in answer.content.decode()
    stored = Authenticator.objects.get(user=mona, type=Authenticator.Type.TOTP).data["secret"]
    assert secret[1] not in stored, "the secret lies open in the database"
    assert mail.outbox[-1].subject == "An authenticator app was set up"
    assert "example.com" not in mail.outbox[-1].body


def test_guessing_passwords_is_stopped_after_five_tries(two_clients: TwoClients) -> None:
    mona = two_clients.people["manager"]
    for _ in range(5):
        sign_in(mona, "a wrong password")
    browser, answer = sign_in(mona)
    assert answer.status_code == 200
    assert "Too many failed login attempts" in answer.content.decode()
    assert browser.get("/campaigns/").status_code == 302
    assert sign_in(two_clients.people["analyst"])[1].status_code == 302, "one person’s guesses lock out another"


def test_guessing_codes_is_stopped_too(two_clients: TwoClients) -> None:
    mona = two_clients.people["manager"]
    secret = with_app(mona)
    browser, answer = sign_in(mona)
    for _ in range(6):
        browser.post(answer["Location"], {"code": "000000"})
    browser.post(answer["Location"], {"code": code_of(secret)})
    assert browser.get("/campaigns/").status_code == 302


def test_mail_for_a_new_password_goes_only_to_people_who_are_here(two_clients: TwoClients) -> None:
    for address in ("stranger@else.example", two_clients.people["deactivated"].email):
        User.objects.filter(email=address).update(is_active=False)
        Browser().post("/accounts/password/reset/", {"email": address})
    assert mail.outbox == []
    Browser().post("/accounts/password/reset/", {"email": two_clients.people["analyst"].email})
    assert "http://testserver/accounts/password/reset/key/" in mail.outbox[-1].body


@pytest.fixture
def required(two_clients: TwoClients) -> None:
    two_clients.browser("admin").post("/people/rules/", {"require": "yes"})


@pytest.mark.usefixtures("required")
@pytest.mark.parametrize("kind", ["admin", "manager", "analyst"])
def test_staff_without_a_second_factor_set_one_up_before_anything_else(two_clients: TwoClients, kind: str) -> None:
    browser = two_clients.browser(kind)
    for path in ("/", "/campaigns/", "/activity/", "/people/", "/admin/", "/accounts/email/"):
        assert browser.get(path)["Location"] == "/accounts/second-factor/", path
    assert browser.get("/campaigns/", headers={"HX-Request": "true"})["HX-Redirect"] == "/accounts/second-factor/"
    assert "requires a second factor" in browser.get("/accounts/second-factor/").content.decode()
    with_app(two_clients.people[kind])
    assert browser.get("/campaigns/").status_code == 200


@pytest.mark.usefixtures("required")
def test_client_logins_are_not_asked(two_clients: TwoClients) -> None:
    assert two_clients.browser("client login").get("/portal/").status_code == 200


@pytest.mark.usefixtures("required")
def test_a_lost_phone_is_forgotten_by_an_admin_and_set_up_anew(two_clients: TwoClients) -> None:
    mona, admin = two_clients.people["manager"], two_clients.browser("admin")
    with_app(two_clients.people["admin"])
    with_app(mona)
    before = two_clients.browser("manager")
    admin.post(f"/people/{mona.pk}/forget-second-factor/")
    assert before.get("/campaigns/")["Location"].startswith(LOGIN)
    browser, answer = sign_in(mona)
    assert answer["Location"] == "/"
    assert browser.get("/campaigns/")["Location"] == "/accounts/second-factor/"


def test_one_can_sign_out_everywhere_else(two_clients: TwoClients) -> None:
    mona = two_clients.people["manager"]
    at_home, _ = sign_in(mona)
    at_work, _ = sign_in(mona)
    assert at_work.get("/accounts/sessions/").content.decode().count("127.0.0.1") == 2
    at_work.post("/accounts/sessions/")
    assert at_home.get("/campaigns/").status_code == 302
    assert at_work.get("/campaigns/").status_code == 200


def test_signing_out_everywhere_else_ends_sessions_that_began_without_a_password(two_clients: TwoClients) -> None:
    """By an invitation, and while looking at a portal."""
    admin, adele = two_clients.browser("admin"), two_clients.people["admin"]
    admin.post("/people/invite/", {"email": "nora@agency.example", "name": "Nora", "role": "admin"})
    link = re.search(r"http://testserver(/invitation/\S+)", str(mail.outbox[-1].body))
    assert link
    invited = Browser()
    invited.post(link[1], {"name": "Nora", "password": PASSWORD, "again": PASSWORD})
    assert "127.0.0.1" in invited.get("/accounts/sessions/").content.decode()
    at_home, _ = sign_in(User.objects.get(email="nora@agency.example"))
    at_home.post("/accounts/sessions/")
    assert invited.get("/campaigns/")["Location"].startswith(LOGIN)

    looking, at_work = sign_in(adele)[0], sign_in(adele)[0]
    looking.post("/portal/view-as/", {"user_pk": two_clients.people["client login"].pk})
    assert looking.get("/portal/").status_code == 200
    at_work.post("/accounts/sessions/")
    assert looking.get("/portal/")["Location"].startswith(LOGIN)
    assert at_work.get("/campaigns/").status_code == 200
    assert at_work.get("/accounts/sessions/").content.decode().count("This one") == 1


def test_secrets_of_second_factors_follow_the_key_ring(two_clients: TwoClients, settings: Any) -> None:
    mona = two_clients.people["manager"]
    secret = with_app(mona)
    codes = Authenticator.objects.get(user=mona, type=Authenticator.Type.RECOVERY_CODES).wrap().get_unused_codes()
    old = settings.QUARTERDECK_KEYS
    new = "new:" + base64.b64encode(b"another test ring key 32 bytes..").decode()
    settings.QUARTERDECK_KEYS = [new, *old]
    call_command("rotate_keys", stdout=StringIO())
    settings.QUARTERDECK_KEYS = [new]
    browser, answer = sign_in(mona)
    browser.post(answer["Location"], {"code": code_of(secret)})
    assert browser.get("/campaigns/").status_code == 200
    again = Authenticator.objects.get(user=mona, type=Authenticator.Type.RECOVERY_CODES).wrap().get_unused_codes()
    assert again == codes
