"""Who works here and who may look in: invitations, roles, clients, leaving and coming back.

Every function writes its audit entry in the transaction of the change. `str()` of an error is fit for a page.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.core import signing
from django.db import IntegrityError, transaction
from django.utils.crypto import get_random_string

from accounts.models import Client, Invitation, Membership, SignInRules, User
from accounts.models.people import Switch
from operations import audit

LINK_LIVES = timedelta(hours=72)
SALT = "accounts.invitation"


class NotPossible(ValueError):
    """The change would leave the agency without what it needs, or asks for what cannot be."""


class LinkUnknown(Exception):
    """No link of ours (or not the whole of one), or the invitation was withdrawn meanwhile."""


class LinkOver(Exception):
    """The link is ours and opens nothing any more. `str()` is why: "used", "replaced" (a newer one was sent) or "too old"."""


@dataclass(frozen=True)
class Access:
    """What a person may see and do: of the role, the clients, and for a client login the switches."""

    role: User.Role
    clients: tuple[Client, ...] = ()
    switches: frozenset[Switch] = field(default_factory=frozenset)

    def checked(self) -> "Access":
        """As it is stored: an admin needs no clients, and only client logins have switches. Raises NotPossible."""
        if self.role == User.Role.ADMIN:
            return Access(self.role)
        if self.role != User.Role.CLIENT:
            return Access(self.role, self.clients)
        if len(self.clients) != 1:
            raise NotPossible("A client login belongs to exactly one client.")
        return self


def access_of(person: User) -> Access:
    memberships = list(Membership.objects.filter(user=person).select_related("client"))
    switches = frozenset(name for row in memberships for name in Membership.SWITCHES if getattr(row, name))
    return Access(User.Role(person.role), tuple(row.client for row in memberships), switches)


def invite(email: str, name: str, access: Access, *, actor: audit.Actor, now: datetime) -> Invitation:
    """A person who takes their place by the link of the invitation, and can't sign in before. Raises NotPossible."""
    access = access.checked()
    with transaction.atomic():
        person = _new_person(email, name=name, role=access.role, is_active=False, date_joined=now)
        _give(person, access, now)
        invitation = Invitation(user=person, invited_by=actor.user)
        _renew(invitation, now)
        audit.record(actor, "invite person", person, after={"email": person.email, **_in_words(access)})
    return invitation


def send_again(person: User, *, actor: audit.Actor, now: datetime) -> Invitation:
    """The invitation with a new link; the one before opens nothing any more. Raises NotPossible."""
    with transaction.atomic():
        invitation = _open_invitation(person)
        _renew(invitation, now)
        audit.record(actor, "invite person again", person)
    return invitation


def withdraw(person: User, *, actor: audit.Actor) -> None:
    """Take the invitation back; the person, who never signed in, goes with it. Raises NotPossible."""
    with transaction.atomic():
        _open_invitation(person)
        audit.record(actor, "withdraw invitation", person, before={"email": person.email})
        person.delete()


def token_of(invitation: Invitation) -> str:
    """What the link carries."""
    return signing.dumps([invitation.pk, invitation.nonce], salt=SALT)


def invitation_by(token: str, now: datetime) -> Invitation:
    """The invitation that the link stands for. Raises LinkUnknown or LinkOver."""
    try:
        pk, nonce = signing.loads(token, salt=SALT)
    except (signing.BadSignature, TypeError, ValueError):
        raise LinkUnknown from None
    invitation = Invitation.objects.select_related("user", "invited_by").filter(pk=pk).first()
    if invitation is None:
        raise LinkUnknown
    if invitation.accepted_at is not None:
        raise LinkOver("used")
    if invitation.nonce != nonce:
        raise LinkOver("replaced")
    if not invitation.is_open(now):
        raise LinkOver("too old")
    return invitation


def accept(token: str, *, name: str, password: str, now: datetime) -> User:
    """The person, who can sign in from now on; the link is used up. Raises LinkUnknown or LinkOver."""
    with transaction.atomic():
        invitation = invitation_by(token, now)
        # Two clicks at once: one of them finds nothing to take any more.
        if not Invitation.objects.open().filter(pk=invitation.pk, nonce=invitation.nonce).update(accepted_at=now):
            raise LinkOver("used")
        person = invitation.user
        person.name, person.is_active = name, True
        person.set_password(password)
        person.save(update_fields=["name", "is_active", "password"])
        # Whoever holds the link reads this mailbox.
        EmailAddress.objects.update_or_create(
            user=person, email=person.email, defaults={"verified": True, "primary": True}
        )
        audit.record(audit.Actor.on_page(person), "accept invitation", person)
    return person


def change_access(person: User, access: Access, *, actor: audit.Actor, now: datetime) -> bool:
    """Give the person this role, these clients and switches; False if they have them already. Raises NotPossible."""
    access = access.checked()
    with transaction.atomic():
        _lock_admins()
        before = access_of(person)
        if _in_words(before) == _in_words(access):
            return False
        if access.role != User.Role.ADMIN:
            keep_an_admin(person)
        person.role = access.role
        person.save(update_fields=["role"])
        _give(person, access, now)
        audit.record(actor, "change access", person, before=_in_words(before), after=_in_words(access))
    return True


def deactivate(person: User, *, actor: audit.Actor) -> None:
    """From now on the person can't sign in, and every session of theirs is over. Raises NotPossible."""
    with transaction.atomic():
        _lock_admins()
        if actor.user is not None and actor.user.pk == person.pk:
            raise NotPossible("You can’t deactivate yourself. Another admin can.")
        keep_an_admin(person)
        if not person.is_active:
            raise NotPossible(f"{person} is not active.")
        person.is_active = False
        person.save(update_fields=["is_active"])
        end_sessions(person)
        audit.record(actor, "deactivate person", person)


def reactivate(person: User, *, actor: audit.Actor) -> None:
    """The person can sign in again, with the password and the clients they had. Raises NotPossible."""
    with transaction.atomic():
        if person.is_active or Invitation.objects.open().filter(user=person).exists():
            raise NotPossible(f"{person} is not deactivated.")
        person.is_active = True
        person.save(update_fields=["is_active"])
        audit.record(actor, "reactivate person", person)


def forget_second_factor(person: User, *, actor: audit.Actor) -> None:
    """For somebody who lost phone and recovery codes: app, passkeys and codes open nothing any more, sessions are over."""
    with transaction.atomic():
        Authenticator.objects.filter(user=person).delete()
        end_sessions(person)
        audit.record(actor, "forget second factor", person)


def require_second_factor(required: bool, *, actor: audit.Actor, now: datetime) -> None:
    """Whether everybody of the agency needs a second factor. One who has none meets its set-up at the next click."""
    with transaction.atomic():
        rules = SignInRules.current()
        if rules.staff_need_second_factor == required:
            return
        before = {"second factor": _rule(rules.staff_need_second_factor)}
        rules.staff_need_second_factor, rules.changed_at, rules.changed_by = required, now, actor.user
        rules.save()
        audit.record(actor, "change sign-in rules", rules, before=before, after={"second factor": _rule(required)})


def end_sessions(person: User) -> None:
    """Every session that the person has, on every computer; each is refused at its next request."""
    person.sessions_ended += 1
    person.save(update_fields=["sessions_ended"])


def keep_an_admin(person: User, besides: Iterable[int] = ()) -> None:
    """Raises NotPossible if nobody could run the agency without this person (and without those `besides`)."""
    others = User.objects.filter(role=User.Role.ADMIN, is_active=True).exclude(pk__in=[person.pk, *besides])
    if person.is_agency_admin and not others.exists():
        raise NotPossible(f"{person} is the last admin. Make somebody else an admin first.")


def _lock_admins() -> None:
    """Two admins who take each other's role at the same moment go one after the other."""
    list(User.objects.select_for_update().filter(role=User.Role.ADMIN).order_by("pk").values_list("pk"))


def _new_person(email: str, **fields: Any) -> User:
    try:
        with transaction.atomic():
            if not User.objects.filter(email__iexact=email).exists():
                return User.objects.create_user(email, **fields)
    except IntegrityError:  # somebody else was quicker
        pass
    raise NotPossible("There is somebody with this address already.")


def _open_invitation(person: User) -> Invitation:
    invitation = Invitation.objects.open().filter(user=person).first()
    if invitation is None:
        raise NotPossible(f"{person} has accepted already.")
    return invitation


def _renew(invitation: Invitation, now: datetime) -> None:
    invitation.nonce = get_random_string(32)
    invitation.sent_at, invitation.expires_at = now, now + LINK_LIVES
    invitation.save()


def _give(person: User, access: Access, now: datetime) -> None:
    """Memberships for these clients and no others."""
    Membership.objects.filter(user=person).exclude(client__in=access.clients).delete()
    for client in access.clients:
        switches: dict[str, Any] = {name: name in access.switches for name in Membership.SWITCHES}
        Membership.objects.update_or_create(
            user=person, client=client, defaults=switches, create_defaults=switches | {"created_at": now}
        )


def _in_words(access: Access) -> Mapping[str, Any]:
    words: dict[str, Any] = {"role": access.role.label}
    if access.role != User.Role.ADMIN:
        words["clients"] = sorted(client.name for client in access.clients)
    if access.role == User.Role.CLIENT:
        words["switches"] = sorted(name.replace("_", " ") for name in access.switches)
    return words


def _rule(required: bool) -> str:
    return "required" if required else "optional"
