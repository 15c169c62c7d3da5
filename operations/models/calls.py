"""The log of API calls: what left, when, and what came back. No query strings, no bodies, no keys."""

from typing import Self

from django.db import models

from operations.scoping import ClientScopedQuerySet
from providers.calls import Exchange


class ApiCallQuerySet(ClientScopedQuerySet["ApiCall"]):
    # The call log of an agency-wide key speaks of every client behind it, so it is for agency admins only.
    client_path = "connection__client"


class ApiCall(models.Model):
    """One HTTP exchange with a provider."""

    connection = models.ForeignKey("accounts.Connection", on_delete=models.CASCADE, related_name="+")
    run = models.ForeignKey("operations.SyncRun", null=True, on_delete=models.SET_NULL, related_name="api_calls")
    at = models.DateTimeField()
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=200)
    status = models.PositiveSmallIntegerField(null=True)
    failure = models.CharField(max_length=40, blank=True)
    took_ms = models.PositiveIntegerField(default=0)
    category = models.CharField(max_length=20, blank=True)
    attempt = models.PositiveSmallIntegerField(default=1)
    note = models.CharField(max_length=200, blank=True)

    objects = ApiCallQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="api_call_newest"),
            models.Index(fields=["connection", "-at"], name="api_call_of_connection"),
            models.Index(fields=["status", "-at"], name="api_call_by_status"),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path}: {self.status or self.failure}"

    @classmethod
    def of(cls, exchange: Exchange, connection_id: int, run_id: int | None = None) -> Self:
        """The unsaved row of one exchange."""
        return cls(
            connection_id=connection_id,
            run_id=run_id,
            at=exchange.started_at,
            method=exchange.method,
            path=exchange.path[:200],
            status=exchange.status,
            failure=exchange.failure,
            took_ms=exchange.took_ms,
            category=exchange.category,
            attempt=exchange.attempt,
            note=exchange.note[:200],
        )

    @property
    def failed(self) -> bool:
        return bool(self.failure) or (self.status or 0) >= 400
