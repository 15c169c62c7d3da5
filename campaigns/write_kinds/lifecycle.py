"""Making, copying, renaming and deleting campaigns at their provider.

Making and copying can't be repeated safely (smartlead-api 1.12): after a lost answer the provider's list says whether it was
done, by comparing it with what was there before.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from campaigns.models import Campaign
from campaigns.services.lifecycle import CREATE, DRESS_COPY, DUPLICATE, READ_NEW, dress_copy, read_new
from campaigns.services.mirror import mirror_new, mirror_one
from campaigns.services.senders import links_from_campaigns
from campaigns.services.sequences import mirror_steps
from campaigns.standing import DELETE, RENAME
from operations.models import Write
from operations.writes.kinds import WriteKind, write_kind
from providers import readback
from providers.calls import Call
from providers.drafts import UNCHANGED, SettingsChange
from providers.errors import UnexpectedResponse
from providers.ports import Provider
from providers.records import CampaignStatus, Created, Difference, RemoteCampaign, RemoteStep
from providers.text import storable

Listed = tuple[RemoteCampaign, ...]
NOTHING: Collection[str] = ()


def found_again(write: Write) -> Campaign | None:
    return Campaign.objects.filter(connection_id=write.connection_id, remote_id=write.payload["remote_id"]).first()


def _same_name(told: str, ours: str) -> bool:
    return storable(told)[:500] == storable(ours)[:500]


@write_kind
class CreateCampaign(WriteKind[Listed]):
    """Payload: `name`, `remote_client_id`, `own_key`, and once it is there `made_id`. Refuses a name that its client has."""

    name = CREATE
    label = "Create a campaign"
    looks_first = True

    def call(self, provider: Provider, write: Write) -> Call[Created]:
        client_id = None if write.payload["own_key"] else write.payload["remote_client_id"]
        return provider.create_campaign(write.payload["name"], client_id=client_id)

    def told(self, write: Write, answer: Created) -> Mapping[str, Any]:
        return {"made_id": answer.id}

    def read_back(self, provider: Provider, write: Write) -> Call[Listed]:
        if made_id := write.payload.get("made_id"):
            return provider.campaign(made_id).then(lambda one: (one,))
        return provider.campaigns()

    def conflict(self, write: Write, read: Listed) -> Sequence[Difference]:
        # Whatever is found after a lost answer is ours, because nothing of this name was there before.
        return [Difference("name", "free", "taken")] if self._ours(write, read) else []

    def compare(self, write: Write, read: Listed) -> Sequence[Difference]:
        ours = self._ours(write, read)
        if ours is None:
            return [Difference("campaign", write.payload["name"], "not there")]
        client_id = None if write.payload["own_key"] else write.payload["remote_client_id"]
        return readback.created_campaign(write.payload["name"], client_id, ours)

    def store(self, write: Write, read: Listed) -> None:
        ours = self._ours(write, read)
        if ours is not None:
            mirror_new(write.connection_id, [ours], write.settled_at or write.created_at)
            write.after = {"remote_id": ours.id, "name": ours.name, "status": ours.status.value}

    def settled(self, write: Write) -> None:
        if write.state == Write.State.DONE:
            made = Campaign.objects.filter(connection_id=write.connection_id, remote_id=write.after["remote_id"])
            read_new(write, made, write.settled_at or write.created_at)

    def _ours(self, write: Write, read: Listed) -> RemoteCampaign | None:
        made_id = write.payload.get("made_id")
        for one in read:
            if one.id == made_id or (made_id is None and self._has_its_name(write, one)):
                return one
        return None

    def _has_its_name(self, write: Write, one: RemoteCampaign) -> bool:
        same_client = write.payload["own_key"] or one.client_id == write.payload["remote_client_id"]
        return same_client and one.name.strip() == write.payload["name"]


@write_kind
class DuplicateCampaign(WriteKind[Listed]):
    """Payload: `remote_id` (of the original), `source` (its name), `name`, `remote_client_id`, `sub_sequences`; then
    `copies_before` (ids that could be taken for the copy), and once it is there `made_id`.
    """

    name = DUPLICATE
    label = "Duplicate a campaign"
    looks_first = True

    def call(self, provider: Provider, write: Write) -> Call[Created]:
        return provider.duplicate_campaign(write.payload["remote_id"], sub_sequences=write.payload["sub_sequences"])

    def told(self, write: Write, answer: Created) -> Mapping[str, Any]:
        return {"made_id": answer.id}

    def read_back(self, provider: Provider, write: Write) -> Call[Listed]:
        made_id = write.payload.get("made_id")
        if made_id and not write.payload["sub_sequences"]:
            return provider.campaign(made_id).then(lambda one: (one,))
        return provider.campaigns()

    def conflict(self, write: Write, read: Listed) -> Sequence[Difference]:
        if not any(one.id == write.payload["remote_id"] for one in read):
            return [Difference("original", "there", "gone")]
        # Kept before anything is sent: without it nobody can tell the copy from older ones once an answer is lost.
        write.payload["copies_before"] = [one.id for one in read if self._could_be_copy(write, one)]
        Write.objects.filter(pk=write.pk).update(payload=write.payload)
        return []

    def compare(self, write: Write, read: Listed) -> Sequence[Difference]:
        copy = self._copy(write, read)
        if copy is None:
            return [Difference("copy", "there", "not there")]
        return [Difference("status", "draft", copy.status.value)] if copy.status != CampaignStatus.DRAFT else []

    def store(self, write: Write, read: Listed) -> None:
        copy = self._copy(write, read)
        if copy is not None:
            family = [copy, *(one for one in read if one.parent_id == copy.id)]
            mirror_new(write.connection_id, family, write.settled_at or write.created_at)
            write.after = {"remote_id": copy.id, "name": copy.name, "status": copy.status.value}

    def settled(self, write: Write) -> None:
        """The copy gets the name that was asked for, and it and its sub-sequences the client that some servers leave out."""
        if write.state != Write.State.DONE:
            return
        own = Campaign.objects.filter(connection_id=write.connection_id, connection__client=None)
        of_agency = own.filter(remote_id=write.after["remote_id"]).exists()
        rows = Campaign.objects.filter(connection_id=write.connection_id)
        copy = rows.get(remote_id=write.after["remote_id"])
        family = [copy, *rows.filter(parent_remote_id=copy.remote_id)]
        for row in family:
            wanted: dict[str, Any] = {}
            if row is copy and row.name != write.payload["name"]:
                wanted["name"] = write.payload["name"]
            if of_agency and row.remote_client_id != write.payload["remote_client_id"]:
                wanted["remote_client_id"] = write.payload["remote_client_id"]
            if wanted:
                dress_copy(write, row, wanted, write.settled_at or write.created_at)
        read_new(write, family, write.settled_at or write.created_at)

    def _copy(self, write: Write, read: Listed) -> RemoteCampaign | None:
        made_id, before = write.payload.get("made_id"), write.payload.get("copies_before", ())
        for one in read:
            if one.id == made_id:
                return one
            if made_id is None and one.id not in before and self._could_be_copy(write, one):
                return one
        return None

    def _could_be_copy(self, write: Write, one: RemoteCampaign) -> bool:
        is_other = one.id != write.payload["remote_id"] and one.parent_id is None
        return is_other and one.name.startswith(write.payload["source"])


class _Settings(WriteKind[RemoteCampaign]):
    """A change of some settings of one campaign."""

    def change(self, write: Write) -> SettingsChange:
        payload = write.payload
        client_id = payload.get("remote_client_id", UNCHANGED)
        return SettingsChange(name=payload.get("name"), client_id=client_id)

    def call(self, provider: Provider, write: Write) -> Call[None]:
        return provider.save_settings(write.payload["remote_id"], self.change(write))

    def read_back(self, provider: Provider, write: Write) -> Call[RemoteCampaign]:
        return provider.campaign(write.payload["remote_id"])

    def compare(self, write: Write, read: RemoteCampaign) -> Sequence[Difference]:
        return readback.settings(self.change(write), read)

    def store(self, write: Write, read: RemoteCampaign) -> None:
        now = {"name": read.name, "remote_client_id": read.client_id}
        write.after = {name: value for name, value in now.items() if name in write.payload}
        campaign = found_again(write)
        if campaign is not None:
            mirror_one(campaign, read, write.settled_at or campaign.synced_at, ours=self._ours(write))

    def _ours(self, write: Write) -> Collection[str]:
        """What this change has set; where nothing was sent, whatever differs is somebody else's."""
        if write.state == Write.State.CONFLICT:
            return NOTHING
        return {"name", "client"} if "remote_client_id" in write.payload else {"name"}


@write_kind
class RenameCampaign(_Settings):
    """Payload: `remote_id`, `name`. Refuses where somebody else has renamed it since."""

    name = RENAME
    label = "Rename a campaign"
    looks_first = True

    def conflict(self, write: Write, read: RemoteCampaign) -> Sequence[Difference]:
        known = (write.before["name"], write.payload["name"])
        if any(_same_name(read.name, one) for one in known):
            return []
        return [Difference("name", write.before["name"], read.name)]


@write_kind
class DressCopy(_Settings):
    """Payload: `remote_id`, and `name` or `remote_client_id` or both."""

    name = DRESS_COPY
    label = "Name a copied campaign"

    def store(self, write: Write, read: RemoteCampaign) -> None:
        super().store(write, read)
        mirror_new(write.connection_id, [read], write.settled_at or write.created_at)  # with the client it has now


@write_kind
class DeleteCampaign(WriteKind[Listed]):
    """Payload: `remote_id`. Refuses where it was started or renamed since; the provider's list shows that it is gone."""

    name = DELETE
    label = "Delete a campaign"
    looks_first = True

    def call(self, provider: Provider, write: Write) -> Call[None]:
        return provider.delete_campaign(write.payload["remote_id"])

    def read_back(self, provider: Provider, write: Write) -> Call[Listed]:
        # The answer about a single one does not tell "deleted" from a hiccup (smartlead-api 1.7).
        others = Campaign.objects.filter(connection_id=write.connection_id).present()
        more = others.exclude(remote_id=write.payload["remote_id"]).exists()

        def not_empty(listed: Listed) -> Listed:
            if more and not listed:
                raise UnexpectedResponse("The provider listed no campaigns at all.")
            return listed

        return provider.campaigns().then(not_empty)

    def conflict(self, write: Write, read: Listed) -> Sequence[Difference]:
        there = self._listed(write, read)
        if there is None:
            return [Difference("campaign", "there", "gone")]
        if there.status == CampaignStatus.ACTIVE:
            return [Difference("status", write.before["status"], there.status.value)]
        if not _same_name(there.name, write.before["name"]):
            return [Difference("name", write.before["name"], there.name)]
        return []

    def compare(self, write: Write, read: Listed) -> Sequence[Difference]:
        there = self._listed(write, read)
        return [Difference("campaign", "deleted", "still there")] if there else []

    def store(self, write: Write, read: Listed) -> None:
        there, campaign = self._listed(write, read), found_again(write)
        if campaign is None:
            return
        if there is not None:
            mirror_one(campaign, there, write.settled_at or campaign.synced_at, ours=NOTHING)
            return
        Campaign.objects.filter(pk=campaign.pk, gone_at=None).update(gone_at=write.settled_at)
        write.after = {"deleted": True}

    def _listed(self, write: Write, read: Listed) -> RemoteCampaign | None:
        return next((one for one in read if one.id == write.payload["remote_id"]), None)


@write_kind
class ReadNew(WriteKind[tuple[RemoteStep, ...]]):
    """Reads what a campaign that was just made has beside its row: steps and mailboxes. Nothing is ever sent.

    A sync would read both within the hour; until then a copy would look empty. Payload: `remote_id`.
    """

    name = READ_NEW
    label = "Read a new campaign"
    looks_first = True

    def call(self, provider: Provider, write: Write) -> Call[Any]:
        raise ValueError("There is nothing to be sent.")

    def look(self, provider: Provider, write: Write) -> Sequence[Call[Any]]:
        remote_id = write.payload["remote_id"]
        return provider.steps(remote_id), provider.campaign_mailboxes(remote_id)

    def already(self, write: Write, *reads: Any) -> bool:
        return True

    def read_back(self, provider: Provider, write: Write) -> Call[tuple[RemoteStep, ...]]:
        return provider.steps(write.payload["remote_id"])

    def compare(self, write: Write, read: tuple[RemoteStep, ...]) -> Sequence[Difference]:
        return ()

    def store_look(self, write: Write, *reads: Any) -> None:
        steps, boxes = reads
        self.store(write, steps)
        links_from_campaigns(write.connection_id, {write.payload["remote_id"]: boxes}, self._asked_at(write))

    def store(self, write: Write, read: tuple[RemoteStep, ...]) -> None:
        mirror_steps(write.connection_id, {write.payload["remote_id"]: read}, self._asked_at(write))

    def is_audited(self, write: Write) -> bool:
        return False

    def settled(self, write: Write) -> None:
        """No change, so it leaves nothing among the changes."""
        Write.objects.filter(pk=write.pk).delete()

    def _asked_at(self, write: Write) -> Any:
        return write.settled_at or write.created_at
