"""Starting, pausing and stopping many campaigns."""

from datetime import datetime
from typing import Any

from campaigns.bulk.actions import BulkAction, Options
from campaigns.bulk.kind import CampaignJob, State
from campaigns.models import Campaign
from campaigns.standing import STARTABLE, STATUS, STOPPABLE, capabilities_of
from operations import audit
from operations.jobs.handlers import Outcome, job_handler
from operations.models import Job, JobItem
from operations.registry import bulk_actions

Status = Campaign.Status
WORDS = {value: str(word) for value, word in Status.choices}


@job_handler
class StatusJob(CampaignJob):
    name = "campaign status"
    label = "Start, pause or stop"
    icon = "player-pause"
    calls = ("campaign_write", "read")

    def now_is(self, campaign: Campaign) -> dict[str, Any]:
        return {"status": campaign.status}

    def refusal(self, campaign: Campaign, wanted: State) -> str:
        word = WORDS.get(campaign.status, campaign.status)
        match wanted["status"]:
            case Status.ACTIVE if campaign.is_archived:
                return "Archived, unarchive it first"
            case Status.ACTIVE if campaign.status not in STARTABLE:
                return f"{word}, can’t be started"
            case Status.PAUSED if campaign.status != Status.ACTIVE:
                return f"{word}, not sending"
            case Status.STOPPED if campaign.status not in STOPPABLE:
                return f"{word}, nothing to stop"
            case Status.STOPPED if not capabilities_of(campaign).final_stop:
                return f"{campaign.connection.get_provider_display()} stops nothing for good, pause it instead"
        return ""

    def same(self, wanted: State) -> str:
        return f"Already {self.tell('status', wanted['status']).lower()}"

    def apply(self, item: JobItem, campaign: Campaign, actor: audit.Actor, now: datetime) -> Outcome:
        return self.ask(STATUS, item, campaign, {"status": item.wanted["status"]}, item.before, actor, now)

    def undoes(self, job: Job) -> bool:
        return job.parameters.get("action") != "stop"

    def undo_wanted(self, item: JobItem) -> dict[str, Any]:
        """What was started from a draft can only be paused: no provider makes it a draft again."""
        before = item.before.get("status")
        return {"status": before if before in (Status.ACTIVE, Status.PAUSED) else Status.PAUSED.value}

    def tell(self, name: str, value: Any) -> str:
        return WORDS.get(value, str(value))


class _SetStatus(BulkAction):
    kind = StatusJob.name
    status: str

    def wanted(self, campaign: Campaign, options: Options) -> dict[str, Any]:
        return {"status": self.status}


class Start(_SetStatus):
    slug, label, icon, phrase = "start", "Start", "player-play", "Start"
    status = Status.ACTIVE.value
    on_bar = True


class Pause(_SetStatus):
    slug, label, icon, phrase = "pause", "Pause", "player-pause", "Pause"
    status = Status.PAUSED.value
    on_bar = True


class Stop(_SetStatus):
    slug, label, icon, phrase = "stop", "Stop for good", "ban", "Stop"
    status = Status.STOPPED.value
    lasting = (
        "A stopped campaign can’t be started again, by nobody. Its leads get no further email. This can’t be undone."
    )


bulk_actions.add(Start.slug, Start(), order=10)
bulk_actions.add(Pause.slug, Pause(), order=20)
bulk_actions.add(Stop.slug, Stop(), order=90)
