"""Setting when a campaign sends."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from campaigns.models import Campaign
from campaigns.services import schedule as services
from campaigns.services.edits import changed_meanwhile
from campaigns.services.mirror import mirror_one
from operations.audit import Actor
from operations.models import Write
from operations.writes import planning
from operations.writes.asking import ask_for_write
from operations.writes.kinds import WriteKind, write_kind
from providers import readback
from providers.calls import Call
from providers.ports import Provider
from providers.records import CampaignStatus, Difference, RemoteCampaign


@write_kind
class ScheduleChange(WriteKind[RemoteCampaign]):
    """Payload: `remote_id` and the fields of `services.schedule.FIELDS`; `repeats_change` for the second form of a Sunday."""

    name = services.KIND
    label = "Change the schedule"
    looks_first = True

    def call(self, provider: Provider, write: Write) -> Call[None]:
        number, draft = write.payload["remote_id"], services.draft_of(write.payload)
        if "repeats_change" in write.payload:
            read = RemoteCampaign(number, "", CampaignStatus.UNKNOWN, "", schedule=services.remote_of(write.before))
            if again := provider.save_schedule_again(number, draft, read):
                return again
        return provider.save_schedule(number, draft)

    def read_back(self, provider: Provider, write: Write) -> Call[RemoteCampaign]:
        return provider.campaign(write.payload["remote_id"])

    def conflict(self, write: Write, read: RemoteCampaign) -> Sequence[Difference]:
        return changed_meanwhile(write.before, write.payload, services.told_schedule(read))

    def compare(self, write: Write, read: RemoteCampaign) -> Sequence[Difference]:
        found = readback.schedule(services.draft_of(write.payload), read)
        left = read.schedule.starts_at if read.schedule else None
        if not write.payload.get("starts_at") and write.before.get("starts_at") and left is not None:
            found.append(Difference("starts_at", None, left))
        return found

    def store(self, write: Write, read: RemoteCampaign) -> None:
        write.after = services.told_schedule(read)
        campaign = Campaign.objects.filter(connection_id=write.connection_id, remote_id=read.id).first()
        if campaign is not None:
            ours = () if write.state == Write.State.CONFLICT else ("schedule", "settings")
            mirror_one(campaign, read, write.settled_at or campaign.synced_at, ours=ours)

    def settled(self, write: Write) -> None:
        """A Sunday that got lost is sent again under its other number: which one a server wants shows only so."""
        if write.state != Write.State.FAILED or "repeats_change" in write.payload or not write.after:
            return
        read = RemoteCampaign(0, "", CampaignStatus.UNKNOWN, "", schedule=services.remote_of(write.after))
        if not readback.sunday_was_lost(services.draft_of(write.payload), read):
            return
        subject: Any = Campaign.objects.filter(pk=write.subject_id).first()
        if subject is None:
            return
        ask_for_write(
            services.KIND,
            subject,
            connection_id=write.connection_id,
            client_id=write.client_id,
            payload={**write.payload, "repeats_change": write.pk},
            before=write.after,
            actor=Actor(user=write.actor, origin=write.origin),
            now=write.settled_at or timezone.now(),
        )
        planning.announce(write.connection_id)
