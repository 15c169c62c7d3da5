"""Giving many campaigns of the agency's key to a client: at the provider, because the provider says whose they are."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms

from accounts.models import Client, RemoteClient
from campaigns.bulk.actions import BulkAction, Options
from campaigns.bulk.kind import CampaignJob, State
from campaigns.models import Campaign, CampaignQuerySet
from campaigns.services.settings import CLIENT, KIND
from operations import audit
from operations.jobs.handlers import Outcome, Teller, Told, job_handler
from operations.models import JobItem
from operations.registry import bulk_actions


@job_handler
class ClientJob(CampaignJob):
    """State: `client` is ours, `remote` the provider's number of them (None: the agency itself)."""

    name = "client of campaigns"
    label = "Assign to a client"
    icon = "building"
    calls = ("read", "campaign_write", "read")

    def now_is(self, campaign: Campaign) -> dict[str, Any]:
        return {"client": campaign.client_id, "remote": campaign.remote_client_id}

    def refusal(self, campaign: Campaign, wanted: State) -> str:
        return "Its key is a client’s own" if campaign.connection.client_id is not None else ""

    def same(self, wanted: State) -> str:
        return "Is this client’s already"

    def apply(self, item: JobItem, campaign: Campaign, actor: audit.Actor, now: datetime) -> Outcome:
        if not self._may_have(item, actor.user):
            return Outcome.failed("You can’t give it to that client any more.")
        if not self._still_stands(item, campaign):
            return Outcome.failed("It would go to another client by now: the clients of its key were mapped anew.")
        before = {CLIENT: campaign.remote_client_id}
        return self.ask(KIND, item, campaign, {CLIENT: item.wanted["remote"]}, before, actor, now)

    def _may_have(self, item: JobItem, user: Any) -> bool:
        """Whether the client is one of this person's; only admins give a campaign back to nobody."""
        if user is None or user.is_agency_admin:
            return True
        return Client.objects.visible_to(user).filter(pk=item.wanted["client"]).exists()

    def _still_stands(self, item: JobItem, campaign: Campaign) -> bool:
        """Whether the remote client stands for the client that the dry run named; the agency itself stands for nobody."""
        client, remote = item.wanted["client"], item.wanted["remote"]
        if remote is None:
            return client is None
        standing = RemoteClient.objects.filter(
            connection_id=campaign.connection_id, remote_id=remote, client_id=client, gone_at=None
        )
        return standing.exists()

    def teller(self, user: Any) -> Teller:
        names = dict(Client.objects.visible_to(user).values_list("pk", "name"))

        def word(state: Mapping[str, Any]) -> str:
            key = state.get("client")
            return "Nobody’s yet" if key is None else names.get(key, "Another client")

        def told(before: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[Told]:
            return [("Client", word(before), word(wanted))]

        return told


class ClientForm(forms.Form):
    client = forms.ModelChoiceField(
        Client.objects.none(), label="Client", widget=forms.Select(attrs={"class": "form-select"}), empty_label="Choose"
    )

    def __init__(self, data: Any, *, clients: Any) -> None:
        super().__init__(data)
        field: Any = self.fields["client"]
        field.queryset = clients
        field.help_text = "Only clients that a remote client of the campaigns’ keys stands for."


class AssignClient(BulkAction):
    slug, label, icon, phrase = "client", "Assign to client", "building", "Assign {} to a client"
    kind = ClientJob.name

    def form(self, data: Any, user: Any, campaigns: CampaignQuerySet) -> forms.Form:
        of_keys = RemoteClient.objects.visible_to(user).filter(
            gone_at=None, connection__client=None, connection__in=campaigns.order_by().values("connection")
        )
        return ClientForm(data, clients=Client.objects.visible_to(user).filter(pk__in=of_keys.values("client")))

    def options(self, cleaned: Mapping[str, Any], user: Any) -> Options:
        """Which remote clients stand for the client, by key."""
        client: Client = cleaned["client"]
        remote: dict[str, list[int]] = {}
        rows = RemoteClient.objects.visible_to(user).filter(client=client, gone_at=None)
        for connection_id, remote_id in rows.order_by("remote_id").values_list("connection_id", "remote_id"):
            remote.setdefault(str(connection_id), []).append(remote_id)
        return {"client": client.pk, "remote": remote}

    def wanted(self, campaign: Campaign, options: Options) -> dict[str, Any]:
        return {"client": options["client"], "remote": options["remote"][str(campaign.connection_id)][0]}

    def keeps_out(self, campaign: Campaign, options: Options) -> str:
        if campaign.connection.client_id is not None:
            return "Its key is a client’s own"
        if campaign.client_id == options["client"]:
            return "Is this client’s already"
        standing = options["remote"].get(str(campaign.connection_id), [])
        if not standing:
            return f"No remote client of {campaign.connection.name} stands for them"
        if len(standing) > 1:
            return f"Several remote clients of {campaign.connection.name} stand for them: choose on its settings page"
        return ""


bulk_actions.add(AssignClient.slug, AssignClient(), order=60)
