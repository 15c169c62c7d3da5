"""Putting campaigns away and bringing them back: our own mark, so that no provider is asked."""

from datetime import datetime
from typing import Any

from campaigns.bulk.actions import BulkAction, Options
from campaigns.bulk.kind import CampaignJob, State
from campaigns.models import Campaign
from campaigns.services.lifecycle import NotPossible, set_archived
from operations import audit
from operations.jobs.handlers import Outcome, job_handler
from operations.models import JobItem
from operations.registry import bulk_actions


@job_handler
class ArchiveJob(CampaignJob):
    name = "archive campaigns"
    label = "Archive"
    icon = "archive"

    def now_is(self, campaign: Campaign) -> dict[str, Any]:
        return {"archived": campaign.archived_at is not None}

    def refusal(self, campaign: Campaign, wanted: State) -> str:
        sends = wanted["archived"] and campaign.status == Campaign.Status.ACTIVE
        return "Active, pause it first" if sends else ""

    def same(self, wanted: State) -> str:
        return "Archived already" if wanted["archived"] else "Not archived"

    def apply(self, item: JobItem, campaign: Campaign, actor: audit.Actor, now: datetime) -> Outcome:
        try:
            set_archived(campaign, item.wanted["archived"], actor, now)
        except NotPossible as error:
            return Outcome.failed(str(error))
        return Outcome.done(item.wanted)

    def tell(self, name: str, value: Any) -> str:
        return "Archived" if value else "Not archived"


class Archive(BulkAction):
    slug, label, icon, phrase = "archive", "Archive", "archive", "Archive"
    kind = ArchiveJob.name

    def wanted(self, campaign: Campaign, options: Options) -> dict[str, Any]:
        return {"archived": True}


class Unarchive(BulkAction):
    slug, label, icon, phrase = "unarchive", "Unarchive", "archive", "Unarchive"
    kind = ArchiveJob.name

    def wanted(self, campaign: Campaign, options: Options) -> dict[str, Any]:
        return {"archived": False}


bulk_actions.add(Archive.slug, Archive(), order=70)
bulk_actions.add(Unarchive.slug, Unarchive(), order=75)
