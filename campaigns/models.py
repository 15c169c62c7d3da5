"""Campaigns as the provider tells them, and the numbers of each in one row."""

from typing import Self

from django.db import models

from operations.scoping import ClientScopedQuerySet


class Tag(models.Model):
    """A label that people gave campaigns at the provider. Reachable only through campaigns that one may see."""

    connection = models.ForeignKey("accounts.Connection", on_delete=models.CASCADE, related_name="+")
    remote_id = models.BigIntegerField()
    name = models.CharField(max_length=120)
    color = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["connection", "remote_id"], name="tag_once_per_connection")]

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

    def with_numbers(self) -> Self:
        """With client, connection and numbers in the same query, and tags in one more."""
        return self.select_related("client", "connection", "numbers").prefetch_related("tags")


class Campaign(models.Model):
    """One sequence of emails to a list of leads. The provider owns its state; we keep a copy and say how old it is."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        ACTIVE = "active", "Active"
        PAUSED = "paused", "Paused"
        COMPLETED = "completed", "Completed"
        STOPPED = "stopped", "Stopped"
        ARCHIVED = "archived", "Archived"
        UNKNOWN = "unknown", "Not synced"

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
    synced_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)

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


class CampaignNumbers(models.Model):
    """What lists show of a campaign: written by analytics, read by everybody, so that a list is one join.

    `recent_*` cover the 30 days that end with `recent_until`; the others are lifetime. Null: the provider does not tell.
    `days_from` to `days_through` is the span whose day rows were asked for; `days_settled_on` is when the last week's rows
    were last asked for again, because replies and unsubscribes are counted late.
    Rates are stored for sorting only; pages compute them from numerator and denominator (analytics.metrics).
    """

    RECENT_DAYS = 30

    campaign = models.OneToOneField(Campaign, on_delete=models.CASCADE, primary_key=True, related_name="numbers")

    sent = models.PositiveIntegerField(null=True)
    contacted = models.PositiveIntegerField(null=True)
    opened = models.PositiveIntegerField(null=True)
    replied = models.PositiveIntegerField(null=True)
    positive = models.PositiveIntegerField(null=True)
    bounced = models.PositiveIntegerField(null=True)
    totals_at = models.DateTimeField(null=True)

    recent_until = models.DateField(null=True)
    recent_sent = models.PositiveIntegerField(null=True)
    recent_contacted = models.PositiveIntegerField(null=True)
    recent_replied = models.PositiveIntegerField(null=True)
    recent_positive = models.PositiveIntegerField(null=True)
    recent_bounced = models.PositiveIntegerField(null=True)
    recent_reply_rate = models.FloatField(null=True)
    recent_bounce_rate = models.FloatField(null=True)
    spark = models.JSONField(default=list)

    days_from = models.DateField(null=True)
    days_through = models.DateField(null=True)
    days_settled_on = models.DateField(null=True)

    leads_total = models.PositiveIntegerField(null=True)
    leads_waiting = models.PositiveIntegerField(null=True)
    leads_in_progress = models.PositiveIntegerField(null=True)
    leads_completed = models.PositiveIntegerField(null=True)
    leads_paused = models.PositiveIntegerField(null=True)
    leads_stopped = models.PositiveIntegerField(null=True)
    leads_blocked = models.PositiveIntegerField(null=True)
    unsubscribed = models.PositiveIntegerField(null=True)
    leads_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-recent_sent"], name="numbers_by_recent_sent")]

    def __str__(self) -> str:
        return f"numbers of campaign {self.campaign_id}"

    @property
    def leads_reached(self) -> int | None:
        """Leads that are no longer waiting for their first email."""
        if self.leads_total is None or self.leads_waiting is None:
            return None
        return self.leads_total - self.leads_waiting
