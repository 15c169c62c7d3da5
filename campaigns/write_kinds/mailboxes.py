"""Attaching mailboxes to a campaign, and taking them from it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

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
    """Payload: `remote_id`, `do` (attach or detach), `mailbox_ids` at the provider, and their addresses under that word; `left`
    are those still to be sent, where a provider takes one at a time and has got some.
    """

    name = KIND
    label = "Attach or detach mailboxes"
    reads_refusals = True  # where a provider takes one at a time, some were taken before it refused

    def call(self, provider: Provider, write: Write) -> Call[None]:
        ask = provider.attach_mailboxes if write.payload["do"] == ATTACH else provider.detach_mailboxes
        return ask(write.payload["remote_id"], write.payload.get("left", write.payload["mailbox_ids"]))

    def read_back(self, provider: Provider, write: Write) -> Call[tuple[RemoteMailbox, ...]]:
        return provider.campaign_mailboxes(write.payload["remote_id"])

    def compare(self, write: Write, read: tuple[RemoteMailbox, ...]) -> Sequence[Difference]:
        ids = write.payload["mailbox_ids"]
        attached, detached = (ids, ()) if write.payload["do"] == ATTACH else ((), ids)
        return readback.mailboxes(read, attached=attached, detached=detached)

    def rest(self, write: Write, read: tuple[RemoteMailbox, ...]) -> Mapping[str, Any] | None:
        sent = write.payload.get("left", write.payload["mailbox_ids"])
        there = {box.id for box in read}
        left = [one for one in sent if (one in there) != (write.payload["do"] == ATTACH)]
        return {"left": left} if 0 < len(left) < len(sent) else None

    def store(self, write: Write, read: tuple[RemoteMailbox, ...]) -> None:
        told = "attached" if write.payload["do"] == ATTACH else "detached"
        write.after = {told: write.payload["addresses"], "senders": len(read)}
        at: datetime = write.settled_at or write.created_at
        if Campaign.objects.filter(connection_id=write.connection_id, remote_id=write.payload["remote_id"]).exists():
            links_from_campaigns(write.connection_id, {write.payload["remote_id"]: read}, at)
