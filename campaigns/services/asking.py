"""Asking for a change of one campaign at its provider."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from campaigns.models import Campaign
from operations import audit
from operations.models import Write
from operations.writes import planning
from operations.writes.carrying import ask_for_write
from providers.limiting import Priority


def ask_for_change(
    campaign: Campaign,
    kind: str,
    wanted: Mapping[str, Any],
    *,
    before: Mapping[str, Any],
    actor: audit.Actor,
    now: datetime,
    priority: Priority = Priority.PEOPLE,
) -> Write:
    """A write of this kind that the workers are told of; its payload is `wanted` with the provider's number of the campaign.
    Asked twice, while the first one is the newest on its way, it is the same write.
    """
    subject = {"subject_type": Campaign._meta.label, "subject_id": str(campaign.pk)}
    with transaction.atomic():
        moving = Write.objects.unsettled().filter(connection_id=campaign.connection_id, kind=kind, **subject)
        newest = moving.order_by("-pk").first()
        if newest is not None and all(newest.payload.get(name) == value for name, value in wanted.items()):
            return newest
        write = ask_for_write(
            kind,
            campaign,
            connection_id=campaign.connection_id,
            client_id=campaign.client_id,
            payload={"remote_id": campaign.remote_id, **wanted},
            before=before,
            actor=actor,
            now=now,
            priority=priority,
        )
        planning.announce(campaign.connection_id)
    return write
