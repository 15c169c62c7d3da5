"""Cached statistics: a row per campaign and day, the provider's own totals of set periods, and what each step did."""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import QuerySet, Sum

from operations.scoping import ClientScopedQuerySet


class DailyStatsQuerySet(ClientScopedQuerySet["DailyStats"]):
    client_path = "client"

    def between(self, start: date, end: date) -> Self:
        """Days from `start` to `end`, both included."""
        return self.filter(day__gte=start, day__lte=end)

    def by_day(self, *names: str) -> "QuerySet[DailyStats, Any]":
        """A tuple per day, oldest first: the day, and the sum of each of these counters."""
        totals = {f"total_{name}": Sum(name) for name in names}
        return self.order_by("day").values("day").annotate(**totals).values_list("day", *totals)


class DailyStats(models.Model):
    """One campaign on one day (in the reporting time zone): the rows that every chart is drawn from.

    A day without a row had no activity. `unsubscribed` and `positive` are null where the source did not tell.
    """

    campaign = models.ForeignKey("campaigns.Campaign", on_delete=models.CASCADE, related_name="daily_stats")
    client = models.ForeignKey("accounts.Client", null=True, on_delete=models.SET_NULL, related_name="+")
    day = models.DateField()
    sent = models.PositiveIntegerField(default=0)
    opened = models.PositiveIntegerField(default=0)
    replied = models.PositiveIntegerField(default=0)
    positive = models.PositiveIntegerField(null=True)
    bounced = models.PositiveIntegerField(default=0)
    unsubscribed = models.PositiveIntegerField(null=True)
    synced_at = models.DateTimeField()

    objects = DailyStatsQuerySet.as_manager()

    class Meta:
        ordering = ["campaign_id", "day"]
        constraints = [models.UniqueConstraint(fields=["campaign", "day"], name="daily_stats_once_per_day")]
        indexes = [
            # Holds all that the days of a client are added up from: the rows themselves lie far apart.
            models.Index(
                fields=["client", "day", "campaign", "sent", "replied", "positive", "bounced", "opened"],
                name="daily_stats_of_client_whole",
            )
        ]

    def __str__(self) -> str:
        return f"campaign {self.campaign_id} on {self.day}"


class PeriodTotals(models.Model):
    """The provider's own totals of a campaign for a set period. People cannot be added up over days, so they are asked for.

    Null: the provider does not tell.
    """

    class Period(models.TextChoices):
        ALL = "all", "All time"
        DAYS_7 = "7d", "Last 7 days"
        DAYS_30 = "30d", "Last 30 days"
        DAYS_90 = "90d", "Last 90 days"
        BEFORE_7 = "7d-before", "The 7 days before"
        BEFORE_30 = "30d-before", "The 30 days before"
        BEFORE_90 = "90d-before", "The 90 days before"

    campaign = models.ForeignKey("campaigns.Campaign", on_delete=models.CASCADE, related_name="period_totals")
    period = models.CharField(max_length=16, choices=Period)
    start = models.DateField()
    end = models.DateField()
    sent = models.PositiveIntegerField(null=True)
    contacted = models.PositiveIntegerField(null=True)
    opened = models.PositiveIntegerField(null=True)
    replied = models.PositiveIntegerField(null=True)
    positive = models.PositiveIntegerField(null=True)
    bounced = models.PositiveIntegerField(null=True)
    synced_at = models.DateTimeField()

    class Meta:
        ordering = ["campaign_id", "period"]
        verbose_name_plural = "period totals"
        constraints = [models.UniqueConstraint(fields=["campaign", "period"], name="period_totals_once")]

    def __str__(self) -> str:
        return f"{self.period} of campaign {self.campaign_id}"


class StepNumbers(models.Model):
    """What each step of a campaign did from `start` to `end`, as the provider told it in one answer.

    `rows` is a list of dicts: `step` (the provider's id), `variant` (its id, or null where the provider tells of steps alone),
    and the counters `sent`, `replied`, `positive`, `bounced`, `unsubscribed`, each null where the provider does not tell.
    """

    campaign = models.OneToOneField("campaigns.Campaign", on_delete=models.CASCADE, related_name="step_numbers")
    start = models.DateField()
    end = models.DateField()
    rows = models.JSONField(default=list)
    synced_at = models.DateTimeField()

    class Meta:
        ordering = ["campaign_id"]
        verbose_name_plural = "step numbers"

    def __str__(self) -> str:
        return f"steps of campaign {self.campaign_id}"
