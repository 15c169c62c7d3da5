"""Who came in and went, and what people did to their own door, in the audit trail: told by django-allauth and Django."""

from typing import Any

from allauth.account import signals as of_accounts
from allauth.account.authentication import get_authentication_records
from allauth.mfa import signals as of_second_factors
from allauth.mfa.models import Authenticator
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.http import HttpRequest

from accounts.models import User
from operations import audit

METHODS = {
    "password": "password",
    "totp": "authenticator app",
    "webauthn": "passkey",
    "recovery_codes": "recovery code",
    "password_reset": "link to a new password",
}


def came_in(*, request: HttpRequest, user: User, **_: Any) -> None:
    ways = [str(one.get("type") or one.get("method")) for one in get_authentication_records(request, user)]
    told = [METHODS.get(way, way.replace("_", " ")) for way in dict.fromkeys(ways)]
    _record("sign in", user, after={"by": told} if told else {})


def went_out(*, user: User | None, **_: Any) -> None:
    if user is not None:
        _record("sign out", user)


def was_refused(*, credentials: dict[str, Any], **_: Any) -> None:
    """A wrong password for somebody who is here; how often that can happen is limited. Strangers' addresses are not kept."""
    email = str(credentials.get("email") or credentials.get("username") or "")
    person = User.objects.filter(email__iexact=email).first() if email else None
    if person is not None:
        audit.record(audit.Actor(origin="page"), "refuse sign-in", person)


def changed_password(*, user: User, **_: Any) -> None:
    _record("change own password", user)


def reset_password(*, user: User, **_: Any) -> None:
    _record("reset own password", user)


def changed_address(*, user: User, from_email_address: Any, to_email_address: Any, **_: Any) -> None:
    before = {"email": from_email_address.email} if from_email_address else {}
    _record("change own email", user, before=before, after={"email": to_email_address.email})


def added_factor(*, user: User, authenticator: Authenticator, **_: Any) -> None:
    _record("add second factor", user, after={"second factor": METHODS.get(authenticator.type, authenticator.type)})


def removed_factor(*, user: User, authenticator: Authenticator, **_: Any) -> None:
    _record("remove second factor", user, before={"second factor": METHODS.get(authenticator.type, authenticator.type)})


def made_codes(*, user: User, **_: Any) -> None:
    _record("renew recovery codes", user)


def _record(action: str, user: User, **values: Any) -> None:
    audit.record(audit.Actor.on_page(user), action, user, **values)


def connect() -> None:
    for signal, hear in (
        (of_accounts.user_logged_in, came_in),
        (user_logged_out, went_out),
        (user_login_failed, was_refused),
        (of_accounts.password_changed, changed_password),
        (of_accounts.password_set, changed_password),
        (of_accounts.password_reset, reset_password),
        (of_accounts.email_changed, changed_address),
        (of_second_factors.authenticator_added, added_factor),
        (of_second_factors.authenticator_removed, removed_factor),
        (of_second_factors.authenticator_reset, made_codes),
    ):
        signal.connect(hear, dispatch_uid=f"accounts.sign_in_trail.{hear.__name__}.{id(signal)}")
