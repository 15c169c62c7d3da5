"""Asking for mailboxes to be attached to a campaign or taken from it."""

from collections.abc import Sequence
from datetime import datetime

from accounts.models import Mailbox
from campaigns.models import Campaign
from campaigns.services.asking import ask_for_change
from operations import audit
from operations.models import Write

KIND = "campaign mailboxes"
ATTACH, DETACH = "attach", "detach"


def change_mailboxes(
    campaign: Campaign,
    do: str,
    mailboxes: Sequence[Mailbox],
    actor: audit.Actor,
    now: datetime,
) -> Write:
    """Ask for these mailboxes to be attached or detached (`do`); the write says what became of it."""
    boxes = sorted(mailboxes, key=lambda box: (box.address, box.pk))
    wanted = {
        "do": do,
        "mailbox_ids": [box.remote_id for box in boxes],
        "addresses": [box.address for box in boxes],
    }
    before = {"senders": campaign.mailbox_links.count()}
    return ask_for_change(campaign, KIND, wanted, before=before, actor=actor, now=now)
