"""Sequences: the steps of a campaign and the texts of each."""

from typing import Self

from django.db import models

from campaigns.models.campaigns import Campaign
from operations.scoping import ClientScopedQuerySet
from providers.records import RemoteVariant


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

    def as_told(self) -> RemoteVariant:
        """The variant in the provider's terms."""
        return RemoteVariant(self.remote_id, self.label, self.subject, self.body, self.share)
