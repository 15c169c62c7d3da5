"""Changing the settings of a campaign."""

from collections.abc import Sequence

from campaigns.models import Campaign
from campaigns.services import settings as services
from campaigns.services.edits import changed_meanwhile
from campaigns.services.mirror import mirror_one
from operations.models import Write
from operations.writes.kinds import WriteKind, write_kind
from providers import readback
from providers.calls import Call
from providers.ports import Provider
from providers.records import Difference, RemoteCampaign

NOT_TOLD = "accepted, can't be read back"


@write_kind
class SettingsSave(WriteKind[RemoteCampaign]):
    """Payload: `remote_id` and those of the settings in `services.settings` that are to change."""

    name = services.KIND
    label = "Change the settings"
    looks_first = True

    def call(self, provider: Provider, write: Write) -> Call[None]:
        return provider.save_settings(write.payload["remote_id"], services.change_of(write.payload))

    def read_back(self, provider: Provider, write: Write) -> Call[RemoteCampaign]:
        return provider.campaign(write.payload["remote_id"])

    def conflict(self, write: Write, read: RemoteCampaign) -> Sequence[Difference]:
        return changed_meanwhile(write.before, write.payload, services.told_settings(read))

    def compare(self, write: Write, read: RemoteCampaign) -> Sequence[Difference]:
        found = readback.settings(services.change_of(write.payload), read)
        if write.state == Write.State.UNKNOWN:
            # The answer was lost, and the provider will never say whether these were taken: send them again.
            found += [Difference(name, write.payload[name], None) for name in services.UNTOLD if name in write.payload]
        return found

    def store(self, write: Write, read: RemoteCampaign) -> None:
        told = services.told_settings(read)
        write.after = {name: told[name] for name in write.payload if name in told}
        if write.state == Write.State.DONE:
            write.after |= {name: NOT_TOLD for name in services.UNTOLD if name in write.payload}
        campaign = Campaign.objects.filter(connection_id=write.connection_id, remote_id=read.id).first()
        if campaign is not None:
            ours = () if write.state == Write.State.CONFLICT else ("settings", "client")
            mirror_one(campaign, read, write.settled_at or campaign.synced_at, ours=ours)
            services.follow_the_client(campaign, write)
