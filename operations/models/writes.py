"""Changes at a provider, as rows: what was asked for, whether it left, and what the provider said afterwards."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from operations.models.audit import AuditEntry
from operations.models.syncing import LONG_AGO
from operations.scoping import ClientScopedQuerySet
from providers.limiting import Priority


class WriteQuerySet(ClientScopedQuerySet["Write"]):
    client_path = "client"

    def unsettled(self) -> Self:
        return self.filter(state__in=Write.UNSETTLED)

    def due(self, now: datetime) -> Self:
        """Writes that may be worked on now: nobody holds them, and nothing older about the same subject is unsettled."""
        older = Write.objects.unsettled().filter(
            connection=OuterRef("connection"),
            subject_type=OuterRef("subject_type"),
            subject_id=OuterRef("subject_id"),
            pk__lt=OuterRef("pk"),
        )
        return (
            self.unsettled()
            .filter(~Exists(older), due_at__lte=now, lease_until__lt=now, connection__disabled_at=None)
            .order_by("priority", "pk")
        )

    def claim(self, pk: int, owner: str, now: datetime, lease: timedelta) -> "Write | None":
        """Take one write; None if somebody holds it or it is settled."""
        won = self.filter(pk=pk, lease_until__lt=now, state__in=Write.UNSETTLED).update(
            lease_owner=owner, lease_until=now + lease
        )
        return self.get(pk=pk) if won else None


class Write(models.Model):
    """One change at a provider.

    `sending` is committed before the call leaves. Whoever finds a write in `sending` without a living worker, or in
    `unknown`, reads the remote state back and decides: done, or pending again, or failed. Nothing is repeated blindly.
    `conflict`: nothing was sent, because the provider holds something else than the page that asked for the change showed.
    `priority` is that of the lane (`providers.limiting.Priority`): what one person waits for goes before bulk work.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Waiting"
        SENDING = "sending", "Being sent"
        UNKNOWN = "unknown", "Being checked"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CONFLICT = "conflict", "Changed meanwhile"

    UNSETTLED = (State.PENDING, State.SENDING, State.UNKNOWN)

    connection = models.ForeignKey("accounts.Connection", on_delete=models.CASCADE, related_name="+")
    client = models.ForeignKey("accounts.Client", null=True, on_delete=models.SET_NULL, related_name="+")
    kind = models.CharField(max_length=40)
    subject_type = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=40)
    subject_label = models.CharField(max_length=300)
    payload = models.JSONField(default=dict)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    differences = models.JSONField(default=list)

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_label = models.CharField(max_length=160, blank=True)
    origin = models.CharField(max_length=16, choices=AuditEntry.Origin)

    state = models.CharField(max_length=16, choices=State, default=State.PENDING)
    priority = models.PositiveSmallIntegerField(default=Priority.PEOPLE)
    message = models.CharField(max_length=300, blank=True)
    sends = models.PositiveSmallIntegerField(default=0)
    checks = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(default=timezone.now)
    lease_owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(default=LONG_AGO)

    objects = WriteQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(
                fields=["due_at", "lease_until"],
                name="write_unsettled",
                condition=Q(state__in=["pending", "sending", "unknown"]),
            ),
            models.Index(fields=["connection", "subject_type", "subject_id"], name="write_of_subject"),
            models.Index(fields=["connection", "settled_at"], name="write_settled"),
            models.Index(fields=["-created_at", "-id"], name="write_newest"),
            models.Index(fields=["-settled_at"], name="write_by_end"),
            models.Index(fields=["state", "-settled_at"], name="write_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.subject_label}: {self.get_state_display()}"

    @property
    def is_settled(self) -> bool:
        return self.state not in self.UNSETTLED


class Installation(models.Model):
    """The one row about this installation as a whole."""

    writes_stopped_at = models.DateTimeField(null=True)
    writes_stopped_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_installation")]

    def __str__(self) -> str:
        return "writes stopped" if self.writes_stopped_at else "writes possible"

    @classmethod
    def current(cls) -> "Installation":
        return cls.objects.get_or_create(pk=1)[0]
