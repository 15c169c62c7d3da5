"""Sending accounts as the provider tells them. Their passwords are dropped where answers are read: there is no column for one."""

from typing import Self

from django.db import models

from accounts.models.connections import Connection
from accounts.models.people import Client
from operations.scoping import ClientScopedQuerySet


class MailboxQuerySet(ClientScopedQuerySet["Mailbox"]):
    """`visible_to` knows a mailbox by its own client alone; `campaigns.senders` adds those that visible campaigns send from."""

    client_path = "client"

    def present(self) -> Self:
        """Those that the provider still has."""
        return self.filter(gone_at=None)

    def warming_up(self) -> Self:
        return self.filter(warmup_status=Mailbox.WARMING_UP)


class Mailbox(models.Model):
    """An account that emails are sent from. Null: the provider does not tell.

    `remote_campaign_ids` are the campaigns that send from it where the list of mailboxes tells them, whoever they belong
    to: show people the links (`campaigns.CampaignMailbox`), which are scoped, never this. `listed` is False for one that
    the key does not list and that is known only as a sender of a campaign. The `warmup_week` is what was told at
    `warmup_week_at` of the seven days before: `sent`, `spam`, `inbox`, `received`, and `days` with
    `day`, `sent`, `replied`, `saved_from_spam`; the other warmup columns are as old as the row (`synced_at`).
    """

    WARMING_UP = "active"

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="mailboxes")
    remote_id = models.BigIntegerField()
    client = models.ForeignKey(Client, null=True, blank=True, on_delete=models.SET_NULL, related_name="mailboxes")
    remote_client_id = models.BigIntegerField(null=True)

    address = models.CharField(max_length=320)
    name = models.CharField(max_length=300, blank=True)
    kind = models.CharField(max_length=40, blank=True)
    daily_limit = models.PositiveIntegerField(null=True)
    sent_today = models.PositiveIntegerField(null=True)
    min_gap_minutes = models.PositiveIntegerField(null=True)
    smtp_ok = models.BooleanField(null=True)
    imap_ok = models.BooleanField(null=True)
    problems = models.JSONField(default=list)
    suspended = models.BooleanField(null=True)
    tags = models.JSONField(default=list)

    warmup_status = models.CharField(max_length=20, blank=True)
    warmup_sent = models.PositiveIntegerField(null=True)
    warmup_spam = models.PositiveIntegerField(null=True)
    warmup_reputation = models.FloatField(null=True)
    warmup_reply_rate = models.FloatField(null=True)
    warmup_blocked_reason = models.CharField(max_length=300, blank=True)
    warmup_started_at = models.DateTimeField(null=True)
    warmup_week = models.JSONField(null=True)
    warmup_week_at = models.DateTimeField(null=True)

    remote_campaign_ids = models.JSONField(null=True)
    listed = models.BooleanField(default=True)
    fingerprint = models.CharField(max_length=40, blank=True)
    synced_at = models.DateTimeField()
    gone_at = models.DateTimeField(null=True)

    objects = MailboxQuerySet.as_manager()

    class Meta:
        ordering = ["address", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "remote_id"], name="mailbox_once_per_connection"),
        ]
        indexes = [
            models.Index(fields=["client", "gone_at"], name="mailbox_of_client"),
            models.Index(fields=["connection", "gone_at"], name="mailbox_of_connection"),
        ]

    def __str__(self) -> str:
        return self.address or f"Mailbox {self.remote_id}"

    @property
    def can_send(self) -> bool:
        """Nothing that we know keeps it from sending; what the provider does not tell counts as well."""
        return self.gone_at is None and not self.suspended and self.smtp_ok is not False

    @property
    def left_today(self) -> int | None:
        """How many emails it may still send today, as of `synced_at`."""
        if self.daily_limit is None or self.sent_today is None:
            return None
        return max(0, self.daily_limit - self.sent_today)
