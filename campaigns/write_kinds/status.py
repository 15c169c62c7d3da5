"""Starting, pausing and stopping a campaign at its provider."""

from collections.abc import Sequence

from campaigns.models import Campaign
from campaigns.services.mirror import mirror_one
from operations.models import Write
from operations.writes.kinds import WriteKind, write_kind
from providers import readback
from providers.calls import Call
from providers.ports import Provider
from providers.records import CampaignStatus, Difference, RemoteCampaign


@write_kind
class StatusChange(WriteKind[RemoteCampaign]):
    """Payload: `remote_id`, `status` (active, paused or stopped)."""

    name = "campaign status"
    label = "Start, pause or stop a campaign"

    def call(self, provider: Provider, write: Write) -> Call[None]:
        return provider.set_status(write.payload["remote_id"], CampaignStatus(write.payload["status"]))

    def read_back(self, provider: Provider, write: Write) -> Call[RemoteCampaign]:
        return provider.campaign(write.payload["remote_id"])

    def compare(self, write: Write, read: RemoteCampaign) -> Sequence[Difference]:
        return readback.status(CampaignStatus(write.payload["status"]), read)

    def store(self, write: Write, read: RemoteCampaign) -> None:
        write.after = {"status": read.status.value}
        campaign = Campaign.objects.filter(connection_id=write.connection_id, remote_id=read.id).first()
        if campaign is not None:
            # A status that is not the wanted one is nobody's here.
            ours = () if self.compare(write, read) else ("status",)
            mirror_one(campaign, read, write.settled_at or campaign.synced_at, ours=ours)
