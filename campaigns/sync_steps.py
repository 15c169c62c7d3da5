"""What campaigns keep fresh: the list with names, statuses, tags, schedules and settings; senders; steps and texts."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from campaigns.models import Campaign
from campaigns.services.mirror import mirror_campaigns, reown_campaigns
from campaigns.services.senders import drop_unlinked, links_from_campaigns, links_from_list, list_tells_links
from campaigns.services.sequences import mirror_steps
from operations.registry import client_rows_follow, mailboxes_follow
from operations.sync.steps import Stored, SyncScope, SyncStep, sync_step
from providers.calls import Call
from providers.records import RemoteCampaign, RemoteMailbox, RemoteStep


@sync_step
class CampaignList(SyncStep[tuple[RemoteCampaign, ...]]):
    name = "campaigns"
    label = "Campaigns"
    essential = True
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


@sync_step
class Links(SyncStep[tuple[RemoteMailbox, ...]]):
    """Which mailboxes each campaign sends from: no call where the list of mailboxes tells it, else one per campaign."""

    name = "links"
    label = "Senders of campaigns"
    order = 70
    fresh_for = timedelta(hours=1)

    def units(self, scope: SyncScope) -> list[str]:
        if list_tells_links(scope.connection_id, whole_agency=scope.client_id is None):
            return []
        return _to_ask_again(scope, "links_synced_at")

    def call(self, scope: SyncScope, unit: str) -> Call[tuple[RemoteMailbox, ...]]:
        return scope.provider.campaign_mailboxes(int(unit))

    def store(self, scope: SyncScope, results: Sequence[tuple[str, tuple[RemoteMailbox, ...]]]) -> Stored:
        told = {int(unit): boxes for unit, boxes in results}
        return Stored(links_from_campaigns(scope.connection_id, told, scope.now, by_sync=True))

    def finish(self, scope: SyncScope) -> Mapping[str, int]:
        return {"gone": drop_unlinked(scope.connection_id, scope.now)}


@sync_step
class Sequences(SyncStep[tuple[RemoteStep, ...]]):
    """Steps and texts, one call per campaign. Schedule and settings come with the list of campaigns."""

    name = "sequences"
    label = "Sequences"
    order = 80
    fresh_for = timedelta(hours=1)

    def units(self, scope: SyncScope) -> list[str]:
        return _to_ask_again(scope, "steps_synced_at")

    def call(self, scope: SyncScope, unit: str) -> Call[tuple[RemoteStep, ...]]:
        return scope.provider.steps(int(unit))

    def store(self, scope: SyncScope, results: Sequence[tuple[str, tuple[RemoteStep, ...]]]) -> Stored:
        told = {int(unit): steps for unit, steps in results}
        return Stored(mirror_steps(scope.connection_id, told, scope.now, by_sync=True))


def _to_ask_again(scope: SyncScope, asked_at: str) -> list[str]:
    wanted = Campaign.objects.filter(connection_id=scope.connection_id).present()
    if not scope.thorough:
        wanted = wanted.to_ask_again(asked_at, scope.now)
    return [str(remote_id) for remote_id in wanted.order_by("-remote_id").values_list("remote_id", flat=True)]


client_rows_follow("campaigns", order=10)(reown_campaigns)
mailboxes_follow("campaign links")(links_from_list)
