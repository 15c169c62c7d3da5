"""The audit trail."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from operations.scoping import ClientScopedQuerySet


class AuditEntryQuerySet(ClientScopedQuerySet["AuditEntry"]):
    client_path = "client"


class AuditEntry(models.Model):
    """One change: who or what made it, to which thing, before and after. Never holds a key or a password.

    Written by services, because signals miss bulk updates. `action` names the kind of change, with ": " and how it ended
    where that is not plain; of what was found changed at a provider it ends in ": found", and `actor_label` is the
    provider's name. `write` is the change at a provider that it tells of, if it was made from here, and `job` the job that it
    was a part of.
    """

    class Origin(models.TextChoices):
        PAGE = "page", "In Quarterdeck"
        BULK = "bulk", "In a bulk job"
        COMMAND = "command", "On the command line"
        SYSTEM = "system", "Automatically"
        PROVIDER = "provider", "At the provider"

    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_label = models.CharField(max_length=160, blank=True)
    origin = models.CharField(max_length=16, choices=Origin)
    client = models.ForeignKey("accounts.Client", null=True, on_delete=models.SET_NULL, related_name="+")
    action = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=40)
    subject_label = models.CharField(max_length=300)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    write = models.ForeignKey("operations.Write", null=True, on_delete=models.SET_NULL, related_name="+")
    job = models.ForeignKey("operations.Job", null=True, on_delete=models.SET_NULL, related_name="+")

    objects = AuditEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="audit_newest"),
            models.Index(fields=["client", "-at"], name="audit_of_client"),
            models.Index(fields=["origin", "-at"], name="audit_by_origin"),
            models.Index(fields=["action", "-at"], name="audit_by_action"),
            models.Index(fields=["subject_type", "subject_id", "-at"], name="audit_of_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_label or self.get_origin_display()}: {self.action} {self.subject_label}"
