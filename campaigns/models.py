"""Campaigns as the provider tells them: their texts, their senders, and the numbers of each in one row."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q

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

    def with_numbers(self) -> Self:
        """With client, connection and numbers in the same query, and tags in one more."""
        return self.select_related("client", "connection", "numbers").prefetch_related("tags")


class Campaign(models.Model):
    """One sequence of emails to a list of leads. The provider owns its state; we keep a copy and say how old it is.

    `synced_at` is the age of the row itself with schedule and settings, `steps_synced_at` that of the steps and their
    variants, `links_synced_at` that of the links to mailboxes; null: never told. `changed_at` is when we found something
    in the row changed.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        ACTIVE = "active", "Active"
        PAUSED = "paused", "Paused"
        COMPLETED = "completed", "Completed"
        STOPPED = "stopped", "Stopped"
        ARCHIVED = "archived", "Archived"
        UNKNOWN = "unknown", "Not synced"

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


class StepQuerySet(ClientScopedQuerySet["Step"]):
    client_path = "campaign__client"

    def with_variants(self) -> Self:
        """With the variants, in order, in one more query."""
        return self.prefetch_related("variants")


class Step(models.Model):
    """A position in a campaign's sequence. How old it is says the campaign (`steps_synced_at`), for all of its steps."""

    MINUTES_A_DAY = 24 * 60

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="steps")
    remote_id = models.BigIntegerField(null=True)
    number = models.PositiveIntegerField()
    delay_minutes = models.PositiveIntegerField(default=0, help_text="After the step before.")

    objects = StepQuerySet.as_manager()

    class Meta:
        ordering = ["campaign_id", "number", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "remote_id"], name="step_once_per_campaign"),
        ]

    def __str__(self) -> str:
        return f"Step {self.number}"

    @property
    def delay_days(self) -> float:
        """The delay in days; whole where the provider knows whole days alone."""
        return self.delay_minutes / self.MINUTES_A_DAY


class VariantQuerySet(ClientScopedQuerySet["Variant"]):
    client_path = "step__campaign__client"


class Variant(models.Model):
    """One text of a step, byte for byte as the provider gave it. A step with a single text has it as its only variant.

    An empty subject means: a reply in the thread of the step before. `share` is a percentage; null (or 0) with all
    variants means an equal split. `remote_id` is null where the provider keeps a single text on the step itself.
    """

    step = models.ForeignKey(Step, on_delete=models.CASCADE, related_name="variants")
    remote_id = models.BigIntegerField(null=True)
    position = models.PositiveIntegerField()
    label = models.CharField(max_length=60, blank=True)
    subject = models.TextField(blank=True)
    body = models.TextField(blank=True)
    share = models.PositiveIntegerField(null=True)

    objects = VariantQuerySet.as_manager()

    class Meta:
        ordering = ["step_id", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["step", "remote_id"], name="variant_once_per_step"),
        ]

    def __str__(self) -> str:
        return self.label or f"Variant {self.position}"


class CampaignMailboxQuerySet(ClientScopedQuerySet["CampaignMailbox"]):
    client_path = "campaign__client"


class CampaignMailbox(models.Model):
    """A campaign sends from a mailbox. How old the links of a campaign are says `Campaign.links_synced_at`."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="mailbox_links")
    mailbox = models.ForeignKey("accounts.Mailbox", on_delete=models.CASCADE, related_name="campaign_links")

    objects = CampaignMailboxQuerySet.as_manager()

    class Meta:
        ordering = ["campaign_id", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "mailbox"], name="mailbox_once_per_campaign"),
        ]

    def __str__(self) -> str:
        return f"campaign {self.campaign_id} sends from mailbox {self.mailbox_id}"


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
