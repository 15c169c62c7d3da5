"""How a session becomes a person."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User
from accounts.second_factor import with_second_factor


class Backend(AuthenticationBackend):
    """allauth's, which also reads, in the one query of each request, what `owes_second_factor` asks."""

    def get_user(self, user_id: Any) -> User | None:
        user = with_second_factor(User.objects.filter(pk=user_id)).first()
        return user if user is not None and self.user_can_authenticate(user) else None
