"""The stages of saving a sequence at its provider (campaigns.services.sequence_chain has their order).

Payload of each: `remote_id`, `save` (key of the SequenceSave, which holds the texts), and, once the provider was looked at,
`status` (of the campaign) and `text` (which text stands there: old, new or other).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from campaigns.models import Campaign
from campaigns.services import sequence_chain as chain
from campaigns.services.mirror import mirror_one
from campaigns.services.sequence_diff import changed_parts
from campaigns.services.sequence_texts import differences, from_json, told_texts
from campaigns.services.sequences import mirror_steps
from operations.models import Write
from operations.writes.kinds import WriteKind, write_kind
from providers import readback
from providers.calls import Call
from providers.ports import Provider
from providers.records import CampaignStatus, Difference, RemoteCampaign, RemoteStep

Steps = tuple[RemoteStep, ...]


def _take_campaign(write: Write, read: RemoteCampaign, *, ours: Collection[str] = ()) -> None:
    campaign = Campaign.objects.filter(connection_id=write.connection_id, remote_id=read.id).first()
    if campaign is not None:
        mirror_one(campaign, read, write.settled_at or campaign.synced_at, ours=ours)


def _take_steps(write: Write, steps: Steps) -> None:
    asked_at = write.settled_at or write.created_at
    mirror_steps(write.connection_id, {write.payload["remote_id"]: steps}, asked_at)


class _StatusForSave(WriteKind[RemoteCampaign]):
    """Setting the status for the sake of a save, after comparing the texts with those that must stand there."""

    looks_first = True
    reads_refusals = True
    status: CampaignStatus

    def call(self, provider: Provider, write: Write) -> Call[None]:
        return provider.set_status(write.payload["remote_id"], self.status)

    def look(self, provider: Provider, write: Write) -> Sequence[Call[Any]]:
        remote_id = write.payload["remote_id"]
        return provider.campaign(remote_id), provider.steps(remote_id)

    def read_back(self, provider: Provider, write: Write) -> Call[RemoteCampaign]:
        return provider.campaign(write.payload["remote_id"])

    def seen(self, write: Write, *reads: Any) -> Mapping[str, Any]:
        return {"status": reads[0].status.value}

    def compare(self, write: Write, read: RemoteCampaign) -> Sequence[Difference]:
        return readback.status(self.status, read)

    def store(self, write: Write, read: RemoteCampaign) -> None:
        write.after = {"status": read.status.value}
        chain.note(write, status=read.status.value)
        is_ours = write.sends > 0 and read.status is self.status
        _take_campaign(write, read, ours={"status"} if is_ours else ())

    def store_look(self, write: Write, *reads: Any) -> None:
        campaign, steps = reads
        self.store(write, campaign)
        if self._differences(write, steps):
            chain.remember_theirs(write.payload["save"], steps, write.settled_at or write.created_at)
            _take_steps(write, steps)

    def settled(self, write: Write) -> None:
        chain.go_on(write)

    def _differences(self, write: Write, steps: Steps) -> list[Difference]:
        return differences(chain.expected_texts(chain.save_of(write)), told_texts(steps))


@write_kind
class PauseForSave(_StatusForSave):
    """Nothing is paused where somebody has changed the texts, or where the campaign does not run any more."""

    name = chain.PAUSE
    label = "Pause a campaign to save its sequence"
    status = CampaignStatus.PAUSED

    def conflict(self, write: Write, *reads: Any) -> Sequence[Difference]:
        return self._differences(write, reads[1])

    def already(self, write: Write, *reads: Any) -> bool:
        return bool(reads[0].status is not CampaignStatus.ACTIVE)

    def is_audited(self, write: Write) -> bool:
        return write.state != Write.State.DONE or write.sends > 0


@write_kind
class ResumeAfterSave(_StatusForSave):
    """Only what was verified is sent: the texts are compared once more before the campaign runs again. One that somebody
    paused or stopped meanwhile stays so.
    """

    name = chain.RESUME
    label = "Resume a campaign after saving its sequence"
    status = CampaignStatus.ACTIVE

    def patience(self, write: Write) -> timedelta | None:
        return chain.PATIENCE

    def conflict(self, write: Write, *reads: Any) -> Sequence[Difference]:
        campaign, steps = reads
        found = self._differences(write, steps)
        if not found and campaign.status not in (CampaignStatus.PAUSED, CampaignStatus.ACTIVE):
            found.append(Difference("status", CampaignStatus.PAUSED.value, campaign.status.value))
        if campaign.status is CampaignStatus.PAUSED and chain.not_to_be_resumed(chain.save_of(write)):
            found.append(Difference("status", CampaignStatus.ACTIVE.value, campaign.status.value))
        return found

    def already(self, write: Write, *reads: Any) -> bool:
        return bool(reads[0].status is CampaignStatus.ACTIVE)

    def is_audited(self, write: Write) -> bool:
        return write.state != Write.State.DONE or write.sends > 0


@write_kind
class SequenceSaving(WriteKind[Steps]):
    """Replaces the sequence, if it is still the one that the page was opened with, and compares what the provider has then."""

    name = chain.SAVE
    label = "Save a sequence"
    looks_first = True
    reads_refusals = True
    repeats_after_look = True

    def patience(self, write: Write) -> timedelta | None:
        return chain.PATIENCE if chain.save_of(write).was_active else None

    def call(self, provider: Provider, write: Write) -> Call[None]:
        return provider.save_steps(write.payload["remote_id"], from_json(chain.save_of(write).texts))

    def look(self, provider: Provider, write: Write) -> Sequence[Call[Any]]:
        return provider.steps(write.payload["remote_id"]), provider.campaign(write.payload["remote_id"])

    def read_back(self, provider: Provider, write: Write) -> Call[Steps]:
        return provider.steps(write.payload["remote_id"])

    def seen(self, write: Write, *reads: Any) -> Mapping[str, Any]:
        return {"status": reads[1].status.value}

    def conflict(self, write: Write, *reads: Any) -> Sequence[Difference]:
        steps, campaign = reads
        if self.already(write, *reads):
            return ()
        found = differences(from_json(chain.save_of(write).base), told_texts(steps))
        if not found and campaign.status is CampaignStatus.ACTIVE and not self._may_edit_running(write):
            found.append(Difference("status", CampaignStatus.PAUSED.value, campaign.status.value))
        return found

    def already(self, write: Write, *reads: Any) -> bool:
        """An earlier attempt arrived after all, or somebody made the very same change."""
        steps, _ = reads
        changed = bool(differences(from_json(chain.save_of(write).base), told_texts(steps)))
        return not self.compare(write, steps) and (write.sends > 0 or changed)

    def compare(self, write: Write, read: Steps) -> Sequence[Difference]:
        return readback.steps(from_json(chain.save_of(write).texts), read)

    def store(self, write: Write, read: Steps) -> None:
        save, told = chain.save_of(write), told_texts(read)
        base = from_json(save.base)
        now = write.settled_at or write.created_at
        _take_steps(write, read)
        if write.state == Write.State.DONE:
            write.after = changed_parts(base, told)[1]
            chain.note(write, text=chain.NEW)
            chain.verified(save, read, now)
        elif differences(base, told):
            chain.note(write, text=chain.OTHER)
            chain.remember_theirs(save.pk, read, now)
        else:
            chain.note(write, text=chain.OLD)

    def store_look(self, write: Write, *reads: Any) -> None:
        steps, campaign = reads
        _take_campaign(write, campaign)
        self.store(write, steps)

    def settled(self, write: Write) -> None:
        chain.go_on(write)

    def _may_edit_running(self, write: Write) -> bool:
        return chain.may_edit_running(chain.save_of(write).campaign)

    def is_audited(self, write: Write) -> bool:
        return not (write.state == Write.State.CONFLICT and write.payload.get("text") == chain.OLD)
