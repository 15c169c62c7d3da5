"""Who came in and what people did to their own door is in the audit trail; what opens the door is nowhere in it."""

import re
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.apps import apps
from django.core import mail
from django.test import Client as Browser

from accounts.models import User
from operations.models import AuditEntry
from tests.fixtures_people import TwoClients

OLD, NEW, WRONG, RESET, INVITED = (
    f"{word} horse battery staple" for word in ("old", "new", "wrong", "reset", "invited")
)


def sign_in(email: str, password: str) -> tuple[Browser, Any]:
    browser = Browser()
    return browser, browser.post("/accounts/login/", {"login": email, "password": password})


def link_in_mail(start: str) -> str:
    found = re.search(rf"http://testserver({start}\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


@pytest.fixture
def secrets(two_clients: TwoClients) -> set[str]:
    """What somebody typed and was shown while they used every door there is: none of it may be kept."""
    mona, admin = two_clients.people["manager"], two_clients.browser("admin")
    mona.set_password(OLD)
    mona.save()
    sign_in(mona.email, WRONG)
    browser, _ = sign_in(mona.email, OLD)
    browser.post("/accounts/password/change/", {"oldpassword": OLD, "password1": NEW, "password2": NEW})
    setting_up = "/accounts/second-factor/totp/activate/"
    browser.post(browser.get(setting_up)["Location"], {"password": NEW, "next": setting_up})
    shown = re.search(r"<code>([A-Z2-7]+)</code>", browser.get(setting_up).content.decode())
    assert shown
    code = format_hotp_value(hotp_value(shown[1], int(time.time()) // 30))
    browser.post(setting_up, {"code": code})
    codes = Authenticator.objects.get(user=mona, type=Authenticator.Type.RECOVERY_CODES)
    kept = RecoveryCodes(codes).get_unused_codes()
    elsewhere = sign_in(mona.email, NEW)[0]
    elsewhere.post("/accounts/second-factor/authenticate/", {"code": kept[0]})
    elsewhere.post("/accounts/logout/")
    browser.post("/accounts/sessions/")
    Browser().post("/accounts/password/reset/", {"email": mona.email})
    link, setter = link_in_mail("/accounts/password/reset/key/"), Browser()
    setter.post(setter.get(link)["Location"], {"password1": RESET, "password2": RESET})
    admin.post("/people/invite/", {"email": "nora@agency.example", "name": "Nora", "role": "analyst"})
    invitation = link_in_mail("/invitation/")
    Browser().post(invitation, {"name": "Nora", "password": INVITED, "again": INVITED})
    nora = User.objects.get(email="nora@agency.example")
    assert nora.check_password(INVITED)
    changed = {"email": nora.email, "name": "Nora N", "role": "manager", "is_active": "on"}
    inline = {
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "0",
        "memberships-0-client": two_clients.a.pk,
    }
    answer = admin.post(f"/admin/accounts/user/{nora.pk}/change/", changed | inline)
    assert answer.status_code == 302, answer.content.decode()
    return {OLD, NEW, WRONG, RESET, INVITED, shown[1], *kept, link.split("/")[-2], invitation.split("/")[-2]}


@pytest.mark.django_db(transaction=True)
def test_every_door_is_in_the_trail_and_no_key_to_it(two_clients: TwoClients, secrets: set[str]) -> None:
    mona = two_clients.people["manager"]
    own = AuditEntry.objects.filter(subject_type="accounts.User", subject_id=str(mona.pk)).order_by("pk")
    assert set(own.values_list("action", flat=True)) >= {
        "sign in",
        "sign out",
        "refuse sign-in",
        "change own password",
        "add second factor",
        "reset own password",
        "end own sessions",
    }
    assert ["password", "recovery code"] in [entry.after.get("by") for entry in own.filter(action="sign in")]
    assert not own.get(action="refuse sign-in").actor_label
    nora = AuditEntry.objects.get(action="change user in admin")
    assert (nora.before, nora.after["role"]) == ({"name": "Nora", "role": "Analyst"}, "Account manager")
    assert nora.after["beside"] == ["membership Nora N · Alder Analytics added"]

    admin = two_clients.browser("admin")
    export: Any = admin.get("/activity/audit/export/")
    texts = {"the export": b"".join(export.streaming_content).decode()}
    for address in ("/activity/audit/", *(f"/activity/audit/{entry.pk}/" for entry in AuditEntry.objects.all())):
        texts[address] = admin.get(address).content.decode()
    for model in apps.get_models():
        if model._meta.app_label in {"operations", "accounts", "admin", "usersessions"}:
            texts[model._meta.label] = repr(list(model._default_manager.values()))
    assert "Signed in" in texts["the export"]
    for where, text in texts.items():
        for secret in secrets:
            assert secret not in text, f"{where} has something that opens a door"


def test_taking_the_trail_along_is_in_the_trail(two_clients: TwoClients) -> None:
    manager = two_clients.browser("manager")
    b"".join(manager.get("/activity/audit/export/?client=alder&kind=Status").streaming_content)  # type: ignore[attr-defined]
    noted = AuditEntry.objects.get(action="export audit trail")
    assert noted.actor == two_clients.people["manager"]
    assert noted.after == {"client": "alder", "kind": "Status"}


def test_people_and_their_sign_ins_are_for_admins_alone(two_clients: TwoClients) -> None:
    person = two_clients.people["analyst"]
    sign_in(person.email, "a long enough password")
    assert "Signed in" in two_clients.browser("admin").get("/activity/audit/").content.decode()
    assert "Signed in" not in two_clients.browser("manager").get("/activity/audit/").content.decode()
