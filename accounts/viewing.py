"""Looking at a portal as a client login does: who may, what is open meanwhile, and how it ends."""

from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare

from accounts.middleware import OWN_ACCOUNT, Gate, name_of
from accounts.models import Membership, User
from operations import audit

HISTORY = "hijack_history"  # django-hijack's: the keys of those who look
PROVEN = (
    "viewing_as_proven"  # what the session of who looks had proven; it no longer holds once their sessions are ended
)
WAYS_OUT = {"portal:leave", "account_logout"}
READING = {"GET", "HEAD", "OPTIONS"}


def client_logins_of(user: User) -> QuerySet[User]:
    """The client logins of the clients that this person may see; those who can't sign in are left out."""
    members = Membership.objects.filter(client__in=user.visible_clients()).values("user_id")
    return User.objects.filter(role=User.Role.CLIENT, is_active=True, pk__in=members)


def who_can_be_viewed(user: User) -> QuerySet[User]:
    """The client logins that this person may look as: admins at any, managers at those of their clients."""
    return client_logins_of(user) if user.may_change else User.objects.none()


def may_view_as(*, hijacker: User, hijacked: User) -> bool:
    """django-hijack's question."""
    return who_can_be_viewed(hijacker).filter(pk=hijacked.pk).exists()


def viewer_of(request: HttpRequest) -> User | None:
    """Who of the agency looks at this page as a client login; None if nobody does."""
    history = request.session.get(HISTORY)
    if not history:
        return None
    if not hasattr(request, "_viewer"):
        request._viewer = User.objects.filter(pk=history[-1], is_active=True).first()  # type: ignore[attr-defined]
    found: User | None = request._viewer  # type: ignore[attr-defined]
    return found


def is_viewing(request: HttpRequest) -> bool:
    session = getattr(request, "session", None)
    return bool(session is not None and session.get(HISTORY))


class OnlyLooking(Gate):
    """While somebody looks as a client login nothing can be changed, nor that person's account be opened. It ends at once when
    who looks is deactivated, has their sessions ended, or may no longer look.
    """

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not is_viewing(request):
            return None
        viewer = viewer_of(request)
        proven = viewer is not None and constant_time_compare(
            request.session.get(PROVEN, ""), viewer.get_session_auth_hash()
        )
        if viewer is None or not proven or not may_view_as(hijacker=viewer, hijacked=request.user):  # type: ignore[arg-type]
            logout(request)
            return redirect("account_login")
        name = name_of(request)
        if name in WAYS_OUT:
            return None
        if name in OWN_ACCOUNT:
            raise Http404
        if request.method not in READING:
            raise PermissionDenied
        return None


def note_begin(*, request: HttpRequest, hijacker: User, hijacked: User, **_: Any) -> None:
    request.session[PROVEN] = hijacker.get_session_auth_hash()
    _record("view as client", hijacker, hijacked)


def note_end(*, request: HttpRequest, hijacker: User, hijacked: User, **_: Any) -> None:
    request.session.pop(PROVEN, None)
    # The session of before is gone; this one is theirs to see and to end.
    UserSession.objects.create_from_request(request)
    _record("stop viewing as client", hijacker, hijacked)


def _record(action: str, viewer: User, viewed: User) -> None:
    client = viewed.visible_clients().first()
    audit.record(audit.Actor.on_page(viewer), action, viewed, client_id=client.pk if client else None)
