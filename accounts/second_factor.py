"""Who has a second factor (an authenticator app or a passkey), and who must set one up before anything else."""

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import SignInRules, User

# Recovery codes alone are no second factor: they come with one.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def with_second_factor(users: QuerySet[User]) -> QuerySet[User]:
    """Each with `has_second_factor` and `asked_for_second_factor`, in the same query."""
    own = Authenticator.objects.filter(user=OuterRef("pk"), type__in=FACTORS)
    rule = SignInRules.objects.filter(staff_need_second_factor=True)
    return users.annotate(has_second_factor=Exists(own), asked_for_second_factor=Exists(rule))


def owes_second_factor(user: User) -> bool:
    """Whether the agency asks for one that this person does not have. A client login is never asked."""
    if user.is_client_login:
        return False
    if not hasattr(user, "asked_for_second_factor"):
        user = with_second_factor(User.objects.all()).get(pk=user.pk)
    return bool(user.asked_for_second_factor and not user.has_second_factor)  # type: ignore[attr-defined]
