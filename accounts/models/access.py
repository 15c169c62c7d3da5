"""How people come in: invitations, and what the agency asks for at the door."""

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> Self:
        return self.filter(accepted_at=None)


class Invitation(models.Model):
    """The link by which a person takes their place. Until then they can't sign in; a withdrawn one goes away with the person."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="invitation")
    # What the link must know. Each sending makes a new one, so that the link before opens nothing any more.
    nonce = models.CharField(max_length=32)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    accepted_at = models.DateTimeField(null=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-sent_at", "-pk"]

    def __str__(self) -> str:
        return f"Invitation of {self.user_id}"

    def is_open(self, now: datetime) -> bool:
        return self.accepted_at is None and now < self.expires_at


class SignInRules(models.Model):
    """The one row that says what this installation asks of those who sign in."""

    staff_need_second_factor = models.BooleanField(default=False)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_set_of_sign_in_rules")]

    def __str__(self) -> str:
        return f"second factor {'required' if self.staff_need_second_factor else 'optional'}"

    @classmethod
    def current(cls) -> "SignInRules":
        """The rules as they are; nothing is written for an installation that never changed them."""
        return cls.objects.first() or cls(pk=1)
