"""What people do to sequences: versions that were verified, drafts that are kept, and saves that are under way or over."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns.models.campaigns import Campaign
from operations.scoping import ClientScopedQuerySet


class SequenceVersionQuerySet(ClientScopedQuerySet["SequenceVersion"]):
    client_path = "campaign__client"

    def newest(self) -> Self:
        return self.order_by("-number")


class SequenceVersion(models.Model):
    """A sequence as the provider held it at `verified_at`. `texts` is read with `campaigns.services.sequence_texts.from_json`.

    `made_at` is when it was saved here, or first seen where it was made at the provider.
    """

    class Origin(models.TextChoices):
        SAVED = "saved", "Saved here"
        RESTORED = "restored", "Restored"
        FOUND = "found", "Found at the provider"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="sequence_versions")
    number = models.PositiveIntegerField()
    texts = models.JSONField(default=list)
    origin = models.CharField(max_length=16, choices=Origin)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    made_by_label = models.CharField(max_length=160, blank=True)
    verified_at = models.DateTimeField(null=True)

    objects = SequenceVersionQuerySet.as_manager()

    class Meta:
        ordering = ["campaign_id", "-number", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="sequence_version_once"),
        ]

    def __str__(self) -> str:
        return f"Version {self.number}"


class SequenceDraftQuerySet(ClientScopedQuerySet["SequenceDraft"]):
    client_path = "campaign__client"

    def visible_to(self, user: Any) -> Self:
        """A draft is its writer's own: nobody else sees it, and its writer only while the campaign is visible to them."""
        visible = super().visible_to(user)
        return visible.filter(person=user) if user.is_authenticated else visible


class SequenceDraft(models.Model):
    """What one person has typed and not saved. `base` is what the sequence was when they began."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="sequence_drafts")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    texts = models.JSONField(default=list)
    base = models.JSONField(default=list)
    kept_at = models.DateTimeField()

    objects = SequenceDraftQuerySet.as_manager()

    class Meta:
        ordering = ["campaign_id", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "person"], name="sequence_draft_once_per_person"),
        ]

    def __str__(self) -> str:
        return f"draft for campaign {self.campaign_id}"


class SequenceSaveQuerySet(ClientScopedQuerySet["SequenceSave"]):
    client_path = "campaign__client"

    def unfinished(self) -> Self:
        return self.filter(ended_at=None)

    def with_write(self) -> Self:
        """With the change that is under way, in the same query."""
        return self.select_related("write", "version")


class SequenceSave(models.Model):
    """One save of a sequence, from asking for it to its outcome. It keeps what was typed, whatever becomes of it.

    While it is under way `stage` and `write` say how far it is; `write` may wait for a long time, with its reason as
    message. `outcome` and `message` are the end of it. `theirs` is what the provider held where that was neither `base` nor
    `texts`: null where there was no such conflict. `paused_at` is since when the campaign is paused for this save.
    """

    class Stage(models.TextChoices):
        PAUSE = "pause", "Check and pause"
        SAVE = "save", "Save and verify"
        RESUME = "resume", "Resume"
        ENDED = "ended", "Ended"

    class Outcome(models.TextChoices):
        """What stands at the provider at the end. The first three are the ends of a save of a running campaign."""

        RUNNING_NEW = "running_new", "New text verified and running"
        RUNNING_OLD = "running_old", "Text as it was, running"
        PAUSED = "paused", "Not sending"
        SAVED = "saved", "Saved and verified"
        UNCHANGED = "unchanged", "Not saved"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="sequence_saves")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_by_label = models.CharField(max_length=160, blank=True)
    origin = models.CharField(max_length=16)
    restores = models.PositiveIntegerField(null=True, help_text="Number of the version that is restored.")

    texts = models.JSONField(default=list)
    base = models.JSONField(default=list)
    theirs = models.JSONField(null=True)

    stage = models.CharField(max_length=16, choices=Stage, default=Stage.SAVE)
    write = models.ForeignKey("operations.Write", null=True, on_delete=models.SET_NULL, related_name="+")
    was_active = models.BooleanField(default=False)
    paused_at = models.DateTimeField(null=True)
    saved_at = models.DateTimeField(null=True)

    outcome = models.CharField(max_length=16, choices=Outcome, blank=True)
    message = models.CharField(max_length=600, blank=True)
    version = models.ForeignKey(SequenceVersion, null=True, on_delete=models.SET_NULL, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects = SequenceSaveQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign"], condition=Q(ended_at=None), name="one_unfinished_save_per_campaign"
            ),
        ]
        indexes = [models.Index(fields=["campaign", "-started_at"], name="sequence_save_newest")]

    def __str__(self) -> str:
        return self.get_outcome_display() or self.get_stage_display()

    @property
    def is_ended(self) -> bool:
        return self.ended_at is not None

    @property
    def is_conflict(self) -> bool:
        """Somebody else's text was found, and is kept in `theirs`."""
        return self.theirs is not None
