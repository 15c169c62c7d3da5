"""The numbers of each campaign in one row."""

from django.db import models

from campaigns.models.campaigns import Campaign


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
