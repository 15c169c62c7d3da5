"""Deleting many campaigns at their providers."""

from datetime import datetime
from typing import Any

from campaigns.bulk.actions import BulkAction, Options
from campaigns.bulk.kind import CampaignJob, State
from campaigns.models import Campaign
from campaigns.standing import DELETE
from operations import audit
from operations.jobs.handlers import Outcome, job_handler
from operations.models import Job, JobItem
from operations.registry import bulk_actions


@job_handler
class DeleteJob(CampaignJob):
    name = "delete campaigns"
    label = "Delete"
    icon = "trash"
    calls = ("read", "campaign_write", "read")

    def now_is(self, campaign: Campaign) -> dict[str, Any]:
        return {"status": "gone" if campaign.gone_at else campaign.status}

    def refusal(self, campaign: Campaign, wanted: State) -> str:
        return "Active, pause it first" if campaign.status == Campaign.Status.ACTIVE else ""

    def same(self, wanted: State) -> str:
        return "Gone at the provider already"

    def apply(self, item: JobItem, campaign: Campaign, actor: audit.Actor, now: datetime) -> Outcome:
        before = {"name": campaign.name, "status": campaign.status}
        return self.ask(DELETE, item, campaign, {}, before, actor, now)

    def undoes(self, job: Job) -> bool:
        return False

    def tell(self, name: str, value: Any) -> str:
        words = {one: str(word) for one, word in Campaign.Status.choices}
        return "Deleted" if value == "gone" else words.get(value, str(value))


class Delete(BulkAction):
    slug, label, icon, phrase = "delete", "Delete", "trash", "Delete"
    kind = DeleteJob.name
    lasting = (
        "Their sequences, the places of their leads in them and their figures are deleted at the provider. "
        "This can’t be undone."
    )

    def wanted(self, campaign: Campaign, options: Options) -> dict[str, Any]:
        return {"status": "gone"}


bulk_actions.add(Delete.slug, Delete(), order=95)
