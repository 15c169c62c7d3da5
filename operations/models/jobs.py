"""Long work that a person started: a job, and an item for each thing that it is about."""

from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet

from operations.models.audit import AuditEntry
from operations.scoping import ClientScopedQuerySet


class JobItemQuerySet(ClientScopedQuerySet["JobItem"]):
    client_path = "client"

    def unsettled(self) -> Self:
        return self.filter(state__in=JobItem.UNSETTLED)

    def under_way(self) -> Self:
        """Begun and not ended."""
        return self.filter(state__in=JobItem.UNDER_WAY)


class JobQuerySet(QuerySet["Job"]):
    def visible_to(self, user: Any) -> Self:
        """Jobs that have at least one item which `user` may see; of such a job, they see those items and no others."""
        return self.filter(Exists(JobItem.objects.visible_to(user).filter(job=OuterRef("pk"))))

    def unfinished(self) -> Self:
        return self.filter(finished_at=None)


class Job(models.Model):
    """Work on many things. How far it is, its items say; `parameters` are plain JSON without secrets.

    `first` is how many items are begun before it asks whether to go on (null: all); `held_at` says since when it asks.
    `parent` is the job whose failed items this one tries again, or whose changes it takes back (`purpose`).
    Until `undo_until` it can be taken back; null: it cannot. `asked_by` is the form that asked for it: a form that is sent twice
    asks for one job.
    """

    class Purpose(models.TextChoices):
        DO = "do", "Do"
        RETRY = "retry", "Retry"
        UNDO = "undo", "Undo"

    UNDO_FOR = timedelta(hours=24)

    kind = models.CharField(max_length=40)
    purpose = models.CharField(max_length=8, choices=Purpose, default=Purpose.DO)
    parameters = models.JSONField(default=dict)
    parent = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="followers")

    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    actor_label = models.CharField(max_length=160, blank=True)
    origin = models.CharField(max_length=16, choices=AuditEntry.Origin)

    asked_by = models.CharField(max_length=32, null=True, blank=True, unique=True)

    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    first = models.PositiveIntegerField(null=True)
    held_at = models.DateTimeField(null=True)
    undo_until = models.DateTimeField(null=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="job_newest"),
            models.Index(fields=["finished_at"], name="job_unfinished", condition=Q(finished_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.get_purpose_display()})"

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None


class JobItem(models.Model):
    """One thing that a job changes, with its own client, and what became of it.

    `before` is how it was when the job was made, `wanted` what it is to be; `after` what it was found to be. `expects`: the
    item is left alone unless it is still like this (what an undo takes back must not be somebody else's later change).
    `write` is the change at the provider, whose end is the end of the item. `unknown`: the answer was lost, and the
    provider is being asked.
    """

    class State(models.TextChoices):
        PENDING = "pending", "Waiting"
        RUNNING = "running", "In work"
        UNKNOWN = "unknown", "Being checked"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    UNDER_WAY = (State.RUNNING, State.UNKNOWN)
    UNSETTLED = (State.PENDING, *UNDER_WAY)

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveIntegerField()
    client = models.ForeignKey("accounts.Client", null=True, on_delete=models.SET_NULL, related_name="+")
    connection = models.ForeignKey("accounts.Connection", null=True, on_delete=models.SET_NULL, related_name="+")
    subject_type = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=40)
    subject_label = models.CharField(max_length=300)

    before = models.JSONField(default=dict)
    wanted = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    expects = models.JSONField(null=True)

    state = models.CharField(max_length=16, choices=State, default=State.PENDING)
    changed = models.BooleanField(default=False)
    message = models.CharField(max_length=300, blank=True)
    write = models.OneToOneField("operations.Write", null=True, on_delete=models.SET_NULL, related_name="+")
    began_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)

    objects = JobItemQuerySet.as_manager()

    class Meta:
        ordering = ["job_id", "position"]
        constraints = [models.UniqueConstraint(fields=["job", "position"], name="job_item_once_per_position")]
        indexes = [
            models.Index(fields=["job", "state", "position"], name="job_item_by_state"),
            models.Index(fields=["client", "job"], name="job_item_of_client"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_label}: {self.get_state_display()}"

    @property
    def is_settled(self) -> bool:
        return self.state not in self.UNSETTLED

    def settle(self, state: str, now: datetime, message: str = "") -> None:
        """Note the end in this object; the caller saves it."""
        self.state, self.settled_at, self.message = state, now, message[:300]
