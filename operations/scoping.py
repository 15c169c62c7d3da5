"""Who may see which rows. Every read of client-owned rows starts with `visible_to(user)`."""

from typing import Any, ClassVar, Self, TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model)


class ClientScopedQuerySet(models.QuerySet[M]):
    """Rows that belong to a client. Fails closed: no user, a deactivated user or no membership means no rows.

    `client_path` leads from the row to its client. A row whose client is null is unmapped and for agency admins only.
    """

    client_path: ClassVar[str] = "client"

    def visible_to(self, user: Any) -> Self:
        """The rows that `user` (`accounts.User` or anonymous) may see, by subquery, so that no join can double or leak a row."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_agency_admin:
            return self.all()
        return self.filter(**{f"{self.client_path}__in": user.client_ids()})
