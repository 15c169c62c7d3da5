"""What campaigns keep fresh: the list with names, statuses, tags, schedules and settings."""

from collections.abc import Sequence
from datetime import timedelta

from campaigns.models import Campaign
from campaigns.services.mirror import mirror_campaigns, reown_campaigns
from operations.registry import client_rows_follow
from operations.sync.steps import Stored, SyncScope, SyncStep, sync_step
from providers.calls import Call
from providers.records import RemoteCampaign


@sync_step
class CampaignList(SyncStep[tuple[RemoteCampaign, ...]]):
    name = "campaigns"
    label = "Campaigns"
    order = 20
    fresh_for = timedelta(minutes=5)

    def units(self, scope: SyncScope) -> list[str]:
        return ["list"]

    def call(self, scope: SyncScope, unit: str) -> Call[tuple[RemoteCampaign, ...]]:
        return scope.provider.campaigns()

    def store(self, scope: SyncScope, results: Sequence[tuple[str, tuple[RemoteCampaign, ...]]]) -> Stored:
        unit, remote = results[-1]
        # An empty list where there were campaigns is more often a provider's hiccup than an emptied account: ask twice.
        if (
            not remote
            and unit == "list"
            and Campaign.objects.filter(connection_id=scope.connection_id).present().exists()
        ):
            return Stored(more=["list again"])
        return Stored(mirror_campaigns(scope.connection_id, remote, scope.now))


client_rows_follow("campaigns", order=10)(reown_campaigns)
