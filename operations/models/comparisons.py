"""What reconciliation found: our count of something beside the provider's."""

from django.db import models
from django.db.models import Q

from operations.models.syncing import LONG_AGO


class ComparisonQuerySet(models.QuerySet["Comparison"]):
    def lost(self) -> "ComparisonQuerySet":
        """Differences that nothing explains and that a second look has found as well."""
        return self.filter(since__isnull=False, explained="", confirmed=True)


class Comparison(models.Model):
    """One thing of one connection, counted by us and by the provider, as of `compared_at`.

    `step` names the sync step whose copy was compared. `since` is when the difference was first seen, null while there is
    none; `confirmed` says that a second look, with a copy read anew, found it too. `explained` says why a difference is none
    of ours.
    """

    connection = models.ForeignKey("accounts.Connection", on_delete=models.CASCADE, related_name="comparisons")
    step = models.CharField(max_length=40)
    what = models.CharField(max_length=60)
    ours = models.BigIntegerField()
    theirs = models.BigIntegerField()
    items = models.JSONField(default=list)
    explained = models.CharField(max_length=200, blank=True)
    since = models.DateTimeField(null=True)
    confirmed = models.BooleanField(default=False)
    compared_at = models.DateTimeField(default=LONG_AGO)

    objects = ComparisonQuerySet.as_manager()

    class Meta:
        ordering = ["connection_id", "step", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "step", "what"], name="comparison_once_per_thing"),
        ]
        indexes = [
            models.Index(
                fields=["connection"], name="comparison_lost", condition=Q(since__isnull=False, confirmed=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what}: {self.ours} here, {self.theirs} at the provider"

    @property
    def is_lost(self) -> bool:
        return self.since is not None and self.confirmed and not self.explained
