"""What the people pages show: who is here, what they may, and how they come in."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from accounts.models import Invitation, User
from accounts.second_factor import with_second_factor

ORDER = (User.Role.ADMIN, User.Role.MANAGER, User.Role.ANALYST, User.Role.CLIENT)


@dataclass(frozen=True)
class PersonRow:
    """One person; `standing` is "active", "invited", "expired" (the link of the invitation) or "deactivated"."""

    person: User
    invitation: Invitation | None
    standing: str
    clients: tuple[str, ...]

    @property
    def has_second_factor(self) -> bool:
        return bool(getattr(self.person, "has_second_factor", False))

    @property
    def is_waiting(self) -> bool:
        return self.standing in {"invited", "expired"}

    @property
    def clients_in_short(self) -> str:
        """The first three by name, and how many more; an admin's are all."""
        if self.person.role == User.Role.ADMIN:
            return "All clients"
        more = len(self.clients) - 3
        return ", ".join(self.clients[:3]) + (f" and {more} more" if more > 0 else "")


def everybody(search: str) -> QuerySet[User]:
    """The agency's people by role, then client logins; those whose name, address or client holds the words."""
    rank = Case(*(When(role=role, then=Value(place)) for place, role in enumerate(ORDER)), output_field=IntegerField())
    people = with_second_factor(User.objects.select_related("invitation").prefetch_related("memberships__client"))
    for word in search.split():
        of_client = User.objects.filter(memberships__client__name__icontains=word).values("pk")
        people = people.filter(Q(name__icontains=word) | Q(email__icontains=word) | Q(pk__in=of_client))
    return people.order_by(rank, "name", "pk")


def row_of(person: User, now: datetime) -> PersonRow:
    invitation: Invitation | None = getattr(person, "invitation", None)
    if invitation is not None and invitation.accepted_at is None:
        standing = "invited" if invitation.is_open(now) else "expired"
    else:
        standing = "active" if person.is_active else "deactivated"
    names = tuple(sorted(membership.client.name for membership in person.memberships.all()))
    return PersonRow(person, invitation, standing, names)
