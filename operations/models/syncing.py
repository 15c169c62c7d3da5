"""The sync engine's rows: a lease per connection, a run per pull, and how fresh each resource is."""

from datetime import UTC, datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from operations.scoping import ClientScopedQuerySet

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


class SyncStateQuerySet(models.QuerySet["SyncState"]):
    def due(self, now: datetime) -> Self:
        """Connections with work to do that nobody holds and nobody has been told about."""
        return self.filter(
            connection__disabled_at=None, due_at__lte=now, lease_until__lt=now, announced_until__lt=now
        ).order_by("due_at", "pk")

    def waiting(self, now: datetime) -> Self:
        """Announced, and not yet taken by a worker."""
        return self.filter(announced_until__gte=now, lease_until__lt=now)

    def claim(self, connection_id: int, owner: str, now: datetime, lease: timedelta) -> "SyncState | None":
        """Take the connection's lease; None if somebody holds it or it is disabled.

        One conditional UPDATE, so two workers cannot both win.
        """
        won = self.filter(connection_id=connection_id, lease_until__lt=now, connection__disabled_at=None).update(
            lease_owner=owner, lease_until=now + lease, announced_until=LONG_AGO
        )
        return self.select_related("run").get(connection_id=connection_id) if won else None

    def renew(self, connection_id: int, owner: str, now: datetime, lease: timedelta) -> bool:
        """Keep the lease; False if it was lost, and then nothing of the slice may be saved."""
        return bool(
            self.filter(connection_id=connection_id, lease_owner=owner, lease_until__gte=now).update(
                lease_until=now + lease
            )
        )


class SyncState(models.Model):
    """The one lease of a connection: whoever holds it is the only background worker on it."""

    connection = models.OneToOneField(
        "accounts.Connection", on_delete=models.CASCADE, primary_key=True, related_name="sync_state"
    )
    due_at = models.DateTimeField(default=timezone.now)
    lease_owner = models.CharField(max_length=64, blank=True)
    lease_until = models.DateTimeField(default=LONG_AGO)
    announced_until = models.DateTimeField(default=LONG_AGO)
    run = models.ForeignKey("operations.SyncRun", null=True, on_delete=models.SET_NULL, related_name="+")
    failures_in_a_row = models.PositiveIntegerField(default=0)
    requested_at = models.DateTimeField(null=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = SyncStateQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="sync_state_due")]

    def __str__(self) -> str:
        return f"connection {self.connection_id}, due {self.due_at:%H:%M:%S}"


class SyncRunQuerySet(ClientScopedQuerySet["SyncRun"]):
    client_path = "connection__client"

    def visible_to(self, user: Any) -> Self:
        """Runs of the connections that the user may see; counts of agency-wide ones are for admins (`may_see_counts`)."""
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_agency_admin:
            return self.all()
        clients = user.client_ids()
        shared = Q(connection__client=None, connection__remote_clients__client__in=clients)
        seen = self.model._default_manager.filter(shared).values("pk")
        return self.filter(Q(connection__client__in=clients) | Q(pk__in=seen))

    def running(self) -> Self:
        return self.filter(outcome=SyncRun.Outcome.RUNNING)


class SyncRun(models.Model):
    """One background pull of one connection: which steps, how far, what it found, how it ended."""

    class Outcome(models.TextChoices):
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        PARTIAL = "partial", "Done, with gaps"
        FAILED = "failed", "Failed"

    class Trigger(models.TextChoices):
        SCHEDULE = "schedule", "Schedule"
        PERSON = "person", "A person"
        COMMAND = "command", "Command"

    connection = models.ForeignKey("accounts.Connection", on_delete=models.CASCADE, related_name="sync_runs")
    trigger = models.CharField(max_length=16, choices=Trigger, default=Trigger.SCHEDULE)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=16, choices=Outcome, default=Outcome.RUNNING)
    steps = models.JSONField(default=list)
    cursor = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    units_total = models.PositiveIntegerField(default=0)
    units_done = models.PositiveIntegerField(default=0)
    calls = models.PositiveIntegerField(default=0)
    errors = models.PositiveIntegerField(default=0)
    failure = models.CharField(max_length=40, blank=True)
    message = models.CharField(max_length=300, blank=True)

    objects = SyncRunQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        indexes = [
            models.Index(fields=["-started_at", "-id"], name="sync_run_newest"),
            models.Index(fields=["connection", "-started_at"], name="sync_run_of_connection"),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {', '.join(self.steps)}"

    @property
    def took(self) -> timedelta | None:
        return self.finished_at - self.started_at if self.finished_at else None

    @property
    def is_running(self) -> bool:
        return self.outcome == self.Outcome.RUNNING

    @property
    def step_now(self) -> str:
        """Name of the step in work, empty when finished."""
        return str(self.cursor.get("step", "")) if self.is_running else ""


class SyncCoverage(models.Model):
    """How fresh one resource of one connection is. `applies` is false where there is no such thing behind the connection."""

    connection = models.ForeignKey("accounts.Connection", on_delete=models.CASCADE, related_name="coverage")
    step = models.CharField(max_length=40)
    last_success_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(default=LONG_AGO)
    counts = models.JSONField(default=dict)
    applies = models.BooleanField(default=True)

    class Meta:
        ordering = ["connection_id", "step"]
        constraints = [models.UniqueConstraint(fields=["connection", "step"], name="coverage_once_per_step")]

    def __str__(self) -> str:
        return f"{self.step} of connection {self.connection_id}"
