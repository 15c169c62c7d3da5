"""Sessions that begin and end without django-allauth, so that its list of them stays complete."""

from allauth.core import context
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, login, update_session_auth_hash
from django.contrib.sessions.models import Session
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from accounts.services.people import end_sessions
from operations import audit


def sign_in(request: HttpRequest, person: User) -> None:
    """By a link that proves who it is, instead of a password. The session is one of those that the person can see and end."""
    login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
    UserSession.objects.create_from_request(request)


def live_sessions(person: User) -> list[UserSession]:
    """Those that still open something, the oldest first. The others are forgotten."""
    listed = list(UserSession.objects.filter(user=person).order_by("created_at", "pk"))
    stored = Session.objects.filter(session_key__in=[one.session_key for one in listed], expire_date__gt=timezone.now())
    proofs = {row.session_key: row.get_decoded().get(HASH_SESSION_KEY) for row in stored}
    wanted = {person.get_session_auth_hash(), *person.get_session_auth_fallback_hash()}
    live = [one for one in listed if proofs.get(one.session_key) in wanted]
    if len(live) < len(listed):
        UserSession.objects.filter(user=person).exclude(pk__in=[one.pk for one in live]).delete()
    return live


class SessionsAdapter(DefaultUserSessionsAdapter):
    """“Sign out everywhere else” ends those sessions, too, that the list does not hold, such as a look through a client's eyes."""

    def end_sessions(self, sessions: list[UserSession]) -> None:
        super().end_sessions(sessions)
        request: HttpRequest = context.request
        assert isinstance(request.user, User)
        ended = {"sessions ended": len(sessions)}
        with transaction.atomic():
            end_sessions(request.user)
            audit.record(audit.Actor.on_page(request.user), "end own sessions", request.user, after=ended)
        before = request.session.session_key
        update_session_auth_hash(request, request.user)
        UserSession.objects.filter(session_key=before).update(session_key=request.session.session_key)
