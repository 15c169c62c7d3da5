"""Starting, pausing and stopping campaigns."""

from datetime import datetime

from django.db import transaction

from campaigns.models import Campaign
from campaigns.services.asking import ask_for_change
from campaigns.standing import STATUS, changes_of
from operations import audit
from operations.models import Write


def change_status(campaign: Campaign, status: str, actor: audit.Actor, now: datetime) -> Write:
    """Ask for a campaign to be made active, paused or stopped; the write says what became of it. Asked twice, while the
    first one is on its way, it is the same write.
    """
    with transaction.atomic():
        last = changes_of(campaign).unsettled().first()
        if last is not None and last.kind == STATUS and last.payload.get("status") == status:
            return last
        wanted, before = {"status": status}, {"status": campaign.status}
        return ask_for_change(campaign, STATUS, wanted, before=before, actor=actor, now=now)
