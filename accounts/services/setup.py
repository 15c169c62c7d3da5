"""The first admin of a new installation, made by whoever holds the link from the console."""

from datetime import datetime, timedelta

from django.core import signing
from django.db import transaction

from accounts.models import User
from operations import audit

LINK_LIVES = timedelta(hours=24)
SALT = "accounts.setup"


class LinkExpired(Exception):
    """The link is ours, but older than LINK_LIVES."""


class LinkUnknown(Exception):
    """No link of ours, or one that has done its work: there are people now."""


def is_set_up() -> bool:
    """Whether there is anybody who could sign in."""
    return User.objects.exists()


def setup_token() -> str:
    return signing.dumps("first admin", salt=SALT)


def check_token(token: str) -> None:
    """Raises LinkUnknown or LinkExpired."""
    if is_set_up():
        raise LinkUnknown
    try:
        signing.loads(token, salt=SALT, max_age=LINK_LIVES)
    except signing.SignatureExpired:
        raise LinkExpired from None
    except signing.BadSignature:
        raise LinkUnknown from None


def create_first_admin(token: str, *, email: str, name: str, password: str, now: datetime) -> User:
    """The admin that the link stands for. Raises LinkUnknown or LinkExpired; the link is of no use afterwards."""
    with transaction.atomic():
        check_token(token)
        user = User.objects.create_user(email, password, name=name, role=User.Role.ADMIN, date_joined=now)
        audit.record(audit.Actor(user=user, origin="page"), "make first admin", user, after={"email": user.email})
    return user
