"""Asking for a change of one campaign at its provider."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from campaigns.models import Campaign
from operations import audit
from operations.models import Write
from operations.writes.asking import ask_once


def ask_for_change(
    campaign: Campaign,
    kind: str,
    wanted: Mapping[str, Any],
    *,
    before: Mapping[str, Any],
    actor: audit.Actor,
    now: datetime,
) -> Write:
    """A write of this kind that the workers are told of; its payload is `wanted` with the provider's number of the campaign.
    Asked twice, while the first one is the newest on its way, it is the same write.
    """
    return ask_once(
        kind,
        campaign,
        connection_id=campaign.connection_id,
        client_id=campaign.client_id,
        payload={"remote_id": campaign.remote_id, **wanted},
        before=before,
        actor=actor,
        now=now,
    )
