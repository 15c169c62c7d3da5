"""Starting, pausing and stopping campaigns."""

from datetime import datetime

from django.db import transaction

from campaigns.models import Campaign
from operations import audit
from operations.models import Write
from operations.writes import planning
from operations.writes.carrying import ask_for_write


def change_status(campaign: Campaign, status: str, actor: audit.Actor, now: datetime) -> Write:
    """Ask for a campaign to be made active, paused or stopped; the write says what became of it."""
    with transaction.atomic():
        write = ask_for_write(
            "campaign status",
            campaign,
            connection_id=campaign.connection_id,
            client_id=campaign.client_id,
            payload={"remote_id": campaign.remote_id, "status": status},
            before={"status": campaign.status},
            actor=actor,
            now=now,
        )
        planning.announce(campaign.connection_id)
    return write
