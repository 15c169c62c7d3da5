"""Campaigns as the provider tells them, with their tags."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q

from operations.scoping import ClientScopedQuerySet


class Tag(models.Model):
    """A label of campaigns: given at the provider, or (without `remote_id`) here, which no provider is told of. Reachable only
    through campaigns that one may see.
    """

    connection = models.ForeignKey("accounts.Connection", on_delete=models.CASCADE, related_name="+")
    remote_id = models.BigIntegerField(null=True)
    name = models.CharField(max_length=120)
    color = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "remote_id"], name="tag_once_per_connection"),
            models.UniqueConstraint(
                fields=["connection", "name"], condition=Q(remote_id=None), name="own_tag_once_per_connection"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CampaignQuerySet(ClientScopedQuerySet["Campaign"]):
    client_path = "client"

    def present(self) -> Self:
        """Those that the provider still lists."""
        return self.filter(gone_at=None)

    def main(self) -> Self:
        """Without sub-sequences, which are shown under their parent and never counted as campaigns."""
        return self.filter(parent_remote_id=None)

    def to_ask_again(self, asked_at: str, now: datetime) -> Self:
        """Of a part that takes a call per campaign and whose age is in the column `asked_at`: what to ask for now.

        All that may still run or be written at; those that have ended after something changed, or else once a day.
        """
        old = Q(**{asked_at: None}) | Q(**{f"{asked_at}__lt": now - Campaign.ENDED_FRESH_FOR})
        return self.filter(old | Q(**{f"{asked_at}__lt": F("changed_at")}) | ~Q(status__in=Campaign.ENDED))

    def without_newer(self, stored_at: str, asked_at: datetime) -> Self:
        """Those of which nothing newer than what was asked for at `asked_at` has been stored meanwhile, as after a change
        by a person. Within an hour: a clock that once ran ahead must not keep a campaign from being read for ever.
        """
        return self.exclude(
            **{f"{stored_at}__gt": asked_at, f"{stored_at}__lte": asked_at + timedelta(hours=1)},
        )

    def archived(self) -> Self:
        """Those that somebody put away here, and the sub-sequences of such. What sends is never put away: a campaign that
        was started again at the provider is shown like any other.
        """
        return self.filter(Campaign.PUT_AWAY)

    def with_numbers(self) -> Self:
        """With client, connection and numbers in the same query, and tags in one more."""
        return self.select_related("client", "connection", "numbers").prefetch_related("tags")


class Campaign(models.Model):
    """One sequence of emails to a list of leads. The provider owns its state; we keep a copy and say how old it is.

    `synced_at` is the age of the row itself with schedule and settings, `steps_synced_at` that of the steps and their
    variants, `links_synced_at` that of the links to mailboxes; null: never told. `changed_at` is when we found something
    in the row changed. `archived_at` is a mark of our own, of which the provider knows nothing.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        ACTIVE = "active", "Active"
        PAUSED = "paused", "Paused"
        COMPLETED = "completed", "Completed"
        STOPPED = "stopped", "Stopped"
        ARCHIVED = "archived", "Archived"
        UNKNOWN = "unknown", "Not synced"

    PUT_AWAY = (Q(archived_at__isnull=False) | Q(parent__archived_at__isnull=False)) & ~Q(status=Status.ACTIVE)
    ENDED = (Status.COMPLETED, Status.STOPPED, Status.ARCHIVED)
    ENDED_FRESH_FOR = timedelta(days=1)

    connection = models.ForeignKey("accounts.Connection", on_delete=models.CASCADE, related_name="campaigns")
    remote_id = models.BigIntegerField()
    client = models.ForeignKey("accounts.Client", null=True, on_delete=models.SET_NULL, related_name="campaigns")
    remote_client_id = models.BigIntegerField(null=True)
    parent_remote_id = models.BigIntegerField(null=True)
    parent = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="sub_sequences")

    name = models.CharField(max_length=500)
    status = models.CharField(max_length=16, choices=Status, default=Status.UNKNOWN)
    raw_status = models.CharField(max_length=40, blank=True)
    tags = models.ManyToManyField(Tag, related_name="campaigns")
    schedule = models.JSONField(null=True)
    settings = models.JSONField(default=dict)
    remote_created_at = models.DateTimeField(null=True)
    remote_updated_at = models.DateTimeField(null=True)

    fingerprint = models.CharField(max_length=40, blank=True)
    changed_at = models.DateTimeField(null=True)
    synced_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)

    steps_fingerprint = models.CharField(max_length=40, blank=True)
    steps_synced_at = models.DateTimeField(null=True)
    links_synced_at = models.DateTimeField(null=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "remote_id"], name="campaign_once_per_connection"),
        ]
        indexes = [
            models.Index(fields=["client", "status"], name="campaign_of_client"),
            models.Index(fields=["connection", "gone_at"], name="campaign_of_connection"),
            models.Index(fields=["name", "id"], name="campaign_by_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_archived(self) -> bool:
        """Somebody put it away here, and it does not send."""
        return self.archived_at is not None and self.status != self.Status.ACTIVE
