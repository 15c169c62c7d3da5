"""Whether our campaigns are those of the provider."""

from collections.abc import Sequence
from dataclasses import replace

from campaigns.models import Campaign
from operations.sync.comparing import Check, Compared, check, compare_names
from operations.sync.steps import SyncScope
from providers.calls import Call
from providers.records import RemoteName

WITHOUT_SUB_SEQUENCES = "The provider’s report leaves out sub-sequences."


@check
class CampaignNames(Check[tuple[RemoteName, ...]]):
    """Ids and names as the reports tell them (smartlead-api 3.4 row 6), not the list that our copy is made from."""

    name = "campaigns"

    def call(self, scope: SyncScope) -> Call[tuple[RemoteName, ...]]:
        return scope.provider.campaign_names()

    def compare(self, scope: SyncScope, told: tuple[RemoteName, ...]) -> Sequence[Compared]:
        rows = list(Campaign.objects.filter(connection_id=scope.connection_id).present())
        ours = {row.remote_id: row.name for row in rows}
        theirs = {row.id: row.name for row in told}
        number, names = compare_names("campaigns", "Campaigns", ours, theirs, width=500)
        sub_sequences = {row.remote_id for row in rows if row.parent_remote_id is not None}
        if sub_sequences and not theirs.keys() - ours.keys() and ours.keys() - theirs.keys() == sub_sequences:
            number = replace(number, explained=WITHOUT_SUB_SEQUENCES)
        return [number, names]
