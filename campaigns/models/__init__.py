"""Campaigns as the provider tells them: their texts, their senders, and the numbers of each in one row."""

from campaigns.models.campaigns import Campaign, CampaignQuerySet, Tag
from campaigns.models.numbers import CampaignNumbers
from campaigns.models.senders import CampaignMailbox, CampaignMailboxQuerySet
from campaigns.models.sequence_edits import SequenceDraft, SequenceSave, SequenceVersion
from campaigns.models.sequences import Step, StepQuerySet, Variant, VariantQuerySet

__all__ = [
    "Campaign",
    "CampaignMailbox",
    "CampaignMailboxQuerySet",
    "CampaignNumbers",
    "CampaignQuerySet",
    "SequenceDraft",
    "SequenceSave",
    "SequenceVersion",
    "Step",
    "StepQuerySet",
    "Tag",
    "Variant",
    "VariantQuerySet",
]
