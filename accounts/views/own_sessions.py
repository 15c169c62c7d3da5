"""The computers and phones on which one is signed in."""

from typing import Any

from allauth.usersessions.views import ListUserSessionsView
from django.views.generic.edit import FormView

from accounts.signing_in import live_sessions


class OwnSessions(ListUserSessionsView):
    """django-allauth's page, which asks the database anew for each session; this one asks once for all."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sessions = live_sessions(self.request.user)
        context: dict[str, Any] = FormView.get_context_data(self, **kwargs)
        return context | {"sessions": sessions, "session_count": len(sessions)}


own_sessions = OwnSessions.as_view()
