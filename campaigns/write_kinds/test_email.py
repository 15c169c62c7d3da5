"""Sending a real email that shows one lead's version of a step. Nothing can be read back of it, so it is never repeated."""

from collections.abc import Mapping, Sequence
from typing import Any

from operations.models import Write
from operations.writes.kinds import WriteKind, write_kind
from providers.calls import Call
from providers.drafts import TestEmail
from providers.ports import Provider
from providers.records import Difference, RemoteCampaign

KIND = "test email"
NOT_KNOWN = (
    "The answer was lost: the test email may have been sent or not. Look into the inbox before you send another."
)


@write_kind
class TestEmailSending(WriteKind[RemoteCampaign]):
    """Payload: `remote_id`, `lead_id`, `step_number`, `mailbox_id` (or null), `address`; `answered` once the provider
    said that it was sent.
    """

    __test__ = False
    name = KIND
    label = "Send a test email"

    def call(self, provider: Provider, write: Write) -> Call[None]:
        wanted = write.payload
        test = TestEmail(wanted["lead_id"], wanted["step_number"], wanted["mailbox_id"], wanted["address"])
        return provider.send_test_email(wanted["remote_id"], test)

    def told(self, write: Write, answer: Any) -> Mapping[str, Any]:
        return {"answered": True}

    def read_back(self, provider: Provider, write: Write) -> Call[RemoteCampaign]:
        return provider.campaign(write.payload["remote_id"])

    def compare(self, write: Write, read: RemoteCampaign) -> Sequence[Difference]:
        return () if write.payload.get("answered") else [Difference("test email", "sent", "not known")]

    def settled(self, write: Write) -> None:
        if write.state == Write.State.FAILED and write.sends and "answer was lost" in write.message:
            write.message = NOT_KNOWN
            Write.objects.filter(pk=write.pk).update(message=NOT_KNOWN)

    def store(self, write: Write, read: RemoteCampaign) -> None:
        write.after = {"sent": "yes" if write.payload.get("answered") else "not known"}
