"""Credentials at a provider and the remote clients that they open."""

from typing import Any, Self
from urllib.parse import urlsplit

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models.people import Client, User
from accounts.secrets import KeyRing
from operations.scoping import ClientScopedQuerySet
from providers.secret import SecretText


class ConnectionQuerySet(ClientScopedQuerySet["Connection"]):
    client_path = "client"

    def visible_to(self, user: Any) -> Self:
        """Connections of the user's clients, and agency-wide ones that hold at least one of these clients.

        An agency-wide connection also holds other people's clients: show its health, never its calls or counts, to
        somebody who is not an admin.
        """
        if not user.is_authenticated or not user.is_active:
            return self.none()
        if user.is_agency_admin:
            return self.all()
        clients = user.client_ids()
        shared = RemoteClient.objects.filter(client__in=clients).values("connection_id")
        return self.filter(Q(client__in=clients) | Q(client=None, pk__in=shared))

    def enabled(self) -> Self:
        return self.filter(disabled_at=None)

    def failing(self) -> Self:
        return self.enabled().filter(health__in=Connection.BROKEN)


class Connection(models.Model):
    """One API key at one provider, for one client or (client is null) for the whole agency.

    The key is write-only: it is sealed with the row's identity, and only its last four characters can be read again.
    """

    class Provider(models.TextChoices):
        SMARTLEAD = "smartlead", "Smartlead"

    class Health(models.TextChoices):
        UNCHECKED = "unchecked", "Not checked yet"
        OK = "ok", "Working"
        REFUSED = "refused", "Key refused"
        BLOCKED = "blocked", "Blocked"
        UNREACHABLE = "unreachable", "Not reachable"
        ODD = "odd", "Answers not understood"

    BROKEN = (Health.REFUSED, Health.BLOCKED, Health.UNREACHABLE, Health.ODD)

    provider = models.CharField(max_length=16, choices=Provider, default=Provider.SMARTLEAD)
    name = models.CharField(max_length=120)
    client = models.ForeignKey(Client, null=True, blank=True, on_delete=models.PROTECT, related_name="connections")
    base_url = models.CharField(max_length=200)
    sealed_key = models.TextField(blank=True, editable=False)
    key_last4 = models.CharField(max_length=4, blank=True, editable=False)
    key_set_at = models.DateTimeField(null=True, editable=False)
    key_fingerprint = models.CharField(max_length=64, blank=True, editable=False)  # shown nowhere

    may_write = models.BooleanField(default=False)
    disabled_at = models.DateTimeField(null=True, blank=True)
    plan = models.CharField(max_length=40, default="smartlead")
    windows = models.JSONField(
        default=list, blank=True, help_text="Limits agreed with the provider, instead of those of a plan."
    )
    learned = models.JSONField(default=dict, blank=True, editable=False)
    sees = models.JSONField(default=dict, blank=True, editable=False)

    health = models.CharField(max_length=16, choices=Health, default=Health.UNCHECKED, editable=False)
    health_reason = models.CharField(max_length=300, blank=True, editable=False)
    health_since = models.DateTimeField(default=timezone.now, editable=False)
    last_success_at = models.DateTimeField(null=True, editable=False)

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(User, null=True, blank=True, editable=False, on_delete=models.SET_NULL)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["name"], name="connection_name_once"),
            models.UniqueConstraint(
                fields=["key_fingerprint"], condition=~Q(key_fingerprint=""), name="connection_key_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_enabled(self) -> bool:
        return self.disabled_at is None

    @property
    def is_broken(self) -> bool:
        return self.is_enabled and self.health in self.BROKEN

    @property
    def seal_context(self) -> str:
        """Bound into the sealed key, so that a ciphertext copied to another row does not open there."""
        return f"accounts.Connection:{self.pk}"

    def seal_key(self, key: SecretText, ring: KeyRing) -> None:
        """Put a new key in; the row must be saved once before (its identity is part of the seal)."""
        if self.pk is None:
            raise ValueError("save the connection before sealing its key")
        self.sealed_key = ring.seal(key.reveal(), self.seal_context)
        self.key_last4 = key.last_four
        self.key_fingerprint = self.fingerprint_of(key, ring)
        self.key_set_at = timezone.now()

    @staticmethod
    def fingerprint_context(provider: str, base_url: str) -> tuple[str, str]:
        """What besides its text makes a key the same key. The port is left out: limits are those of the host."""
        return provider, urlsplit(base_url).hostname or ""

    def fingerprint_of(self, key: SecretText, ring: KeyRing) -> str:
        return ring.fingerprint(key.reveal(), self.fingerprint_context(self.provider, self.base_url))

    def open_key(self, ring: KeyRing) -> SecretText:
        """The key, for the HTTP client alone; raises SecretUnreadable."""
        return SecretText(ring.open(self.sealed_key, self.seal_context))


class RemoteClientQuerySet(ClientScopedQuerySet["RemoteClient"]):
    client_path = "client"

    def unmapped(self) -> Self:
        return self.filter(client=None, gone_at=None)


class RemoteClient(models.Model):
    """A client sub-account at the provider, and which Client of ours it stands for. Null: nobody has said yet; never guessed."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="remote_clients")
    remote_id = models.BigIntegerField()
    name = models.CharField(max_length=300, blank=True)
    client = models.ForeignKey(Client, null=True, blank=True, on_delete=models.SET_NULL, related_name="remote_clients")
    synced_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True, blank=True)

    objects = RemoteClientQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "remote_id"], name="remote_client_once_per_connection"),
        ]

    def __str__(self) -> str:
        return self.name or f"Client {self.remote_id}"
