"""Attaching mailboxes to a campaign, and taking them from it."""

from collections.abc import Sequence
from datetime import datetime

from campaigns.models import Campaign
from campaigns.services.mailboxes import ATTACH, KIND
from campaigns.services.senders import links_from_campaigns
from operations.models import Write
from operations.writes.kinds import WriteKind, write_kind
from providers import readback
from providers.calls import Call
from providers.ports import Provider
from providers.records import Difference, RemoteMailbox


@write_kind
class MailboxLinks(WriteKind[tuple[RemoteMailbox, ...]]):
    """Payload: `remote_id`, `do` (attach or detach), `mailbox_ids` at the provider, and their addresses under that word."""

    name = KIND
    label = "Attach or detach mailboxes"

    def call(self, provider: Provider, write: Write) -> Call[None]:
        ask = provider.attach_mailboxes if write.payload["do"] == ATTACH else provider.detach_mailboxes
        return ask(write.payload["remote_id"], write.payload["mailbox_ids"])

    def read_back(self, provider: Provider, write: Write) -> Call[tuple[RemoteMailbox, ...]]:
        return provider.campaign_mailboxes(write.payload["remote_id"])

    def compare(self, write: Write, read: tuple[RemoteMailbox, ...]) -> Sequence[Difference]:
        ids = write.payload["mailbox_ids"]
        attached, detached = (ids, ()) if write.payload["do"] == ATTACH else ((), ids)
        return readback.mailboxes(read, attached=attached, detached=detached)

    def store(self, write: Write, read: tuple[RemoteMailbox, ...]) -> None:
        told = "attached" if write.payload["do"] == ATTACH else "detached"
        write.after = {told: write.payload["addresses"], "senders": len(read)}
        at: datetime = write.settled_at or write.created_at
        if Campaign.objects.filter(connection_id=write.connection_id, remote_id=write.payload["remote_id"]).exists():
            links_from_campaigns(write.connection_id, {write.payload["remote_id"]: read}, at)
