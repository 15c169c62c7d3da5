"""Making, copying, renaming, deleting and putting away campaigns. What a provider has to do is asked for as a write."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Client, Connection
from campaigns.models import Campaign
from campaigns.services.asking import ask_for_change
from campaigns.standing import DELETE, RENAME
from operations import audit
from operations.models import Write
from operations.writes.asking import ask_once

CREATE, DUPLICATE, DRESS_COPY = "create campaign", "duplicate campaign", "dress a copied campaign"
READ_NEW = "read a new campaign"
MADE = (CREATE, DUPLICATE)
LONGEST_NAME = 200


class NotPossible(Exception):
    """The campaign is in a state in which this can't be done; the message says why and what to do."""


def create_campaign(
    connection: Connection,
    client: Client | None,
    *,
    remote_client_id: int | None,
    name: str,
    actor: audit.Actor,
    now: datetime,
) -> Write:
    """Ask for an empty draft. No two campaigns of one client have a name: what exists already is found, not made again."""
    payload = {
        "name": name,
        "remote_client_id": remote_client_id,
        "own_key": connection.client_id is not None,
    }
    return ask_once(
        CREATE,
        connection,
        connection_id=connection.pk,
        client_id=client.pk if client else None,
        payload=payload,
        before={},
        actor=actor,
        now=now,
        label=name,
    )


def duplicate_campaign(
    campaign: Campaign, name: str, *, sub_sequences: bool, actor: audit.Actor, now: datetime
) -> Write:
    """Ask for a copy with this name and the same client: texts, schedule, settings and mailboxes, but no leads and figures."""
    wanted = {
        "source": campaign.name,
        "name": name,
        "sub_sequences": sub_sequences,
        "remote_client_id": campaign.remote_client_id,
    }
    return ask_for_change(campaign, DUPLICATE, wanted, before={}, actor=actor, now=now)


def dress_copy(write: Write, copy: Campaign, changes: Mapping[str, Any], now: datetime) -> Write:
    """Give a copy what its provider does not copy (`name`, `remote_client_id`), in the name of who asked for the copy."""
    actor = audit.Actor(user=write.actor, origin=write.origin)
    before = {"name": copy.name, "remote_client_id": copy.remote_client_id}
    return ask_once(
        DRESS_COPY,
        copy,
        connection_id=copy.connection_id,
        client_id=write.client_id,
        payload={"remote_id": copy.remote_id, **changes},
        before=before,
        actor=actor,
        now=now,
    )


def read_new(write: Write, made: Iterable[Campaign], now: datetime) -> None:
    """Have steps and mailboxes of campaigns that `write` made read at once, after whatever else is done to them."""
    actor = audit.Actor(user=write.actor, origin=write.origin)
    for campaign in made:
        ask_for_change(campaign, READ_NEW, {}, before={}, actor=actor, now=now)


def rename_campaign(campaign: Campaign, name: str, actor: audit.Actor, now: datetime) -> Write:
    return ask_for_change(campaign, RENAME, {"name": name}, before={"name": campaign.name}, actor=actor, now=now)


def delete_campaign(campaign: Campaign, actor: audit.Actor, now: datetime) -> Write:
    """Raises NotPossible for an active one."""
    if campaign.status == Campaign.Status.ACTIVE:
        raise NotPossible("It is active. Pause it first, then delete it.")
    before = {"name": campaign.name, "status": campaign.status}
    return ask_for_change(campaign, DELETE, {}, before=before, actor=actor, now=now)


def set_archived(campaign: Campaign, archived: bool, actor: audit.Actor, now: datetime) -> bool:
    """Put a campaign away or bring it back: our own mark, so the provider is not asked. False if it was so already.

    Raises NotPossible while it, or a sub-sequence of it, is active.
    """
    if (campaign.archived_at is not None) == archived:
        return False
    if archived and campaign.status == Campaign.Status.ACTIVE:
        raise NotPossible("It is active. Pause it first, then archive it.")
    running = Campaign.objects.present().filter(parent=campaign, status=Campaign.Status.ACTIVE).count()
    if archived and running:
        what = "A sub-sequence of it is" if running == 1 else f"{running} sub-sequences of it are"
        raise NotPossible(f"{what} active. Pause first, then archive it.")
    with transaction.atomic():
        Campaign.objects.filter(pk=campaign.pk).update(archived_at=now if archived else None)
        action = "archive campaign" if archived else "unarchive campaign"
        audit.record(
            actor,
            action,
            campaign,
            client_id=campaign.client_id,
            before={"archived": not archived},
            after={"archived": archived},
        )
    campaign.archived_at = now if archived else None
    return True
