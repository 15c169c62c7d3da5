"""The settings of a campaign: what our copy says, what may be set without ever being told again, and asking for a change."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from accounts.models import Client, RemoteClient
from accounts.services.mapping import client_of, tell_of_new_owner
from campaigns.models import Campaign
from campaigns.services.asking import ask_for_change
from operations import audit
from operations.models import Write
from operations.registry import client_rows
from providers.drafts import UNCHANGED, OutOfOffice, SettingsChange, Tracking
from providers.records import RemoteCampaign, StopRule

KIND = "campaign settings"
TRACKING = ("track_opens", "track_clicks", "track_replies")
TOLD = (
    *TRACKING,
    "stop_rule",
    "plain_text",
    "unsubscribe_text",
    "follow_up_percentage",
    "esp_matching",
)
UNTOLD = (
    "bounce_pause_threshold",
    "counts_as_reply",
    "reactivate",
    "reactivate_after_days",
    "categorise",
    "pause_domain_on_reply",
    "domain_rate_limit",
    "unsubscribe_header",
)
"""Accepted by providers and never told again (smartlead-api 3.1.2): sent only when somebody chooses to."""
AWAY = ("counts_as_reply", "reactivate", "reactivate_after_days", "categorise")
CLIENT = "client_id"


def current_settings(campaign: Campaign) -> dict[str, Any]:
    """Every setting that is told, as our copy has it; None for what the provider left out."""
    known = campaign.settings or {}
    found = {name: known.get(name) for name in TOLD}
    return found | {"unsubscribe_text": known.get("unsubscribe_text") or "", CLIENT: campaign.remote_client_id}


def told_settings(read: RemoteCampaign) -> dict[str, Any]:
    """The same settings as the provider says them now."""
    now = read.settings
    return {
        "track_opens": now.track_opens,
        "track_clicks": now.track_clicks,
        "track_replies": now.track_replies,
        "stop_rule": now.stop_rule.value,
        "plain_text": now.plain_text,
        "unsubscribe_text": now.unsubscribe_text,
        "follow_up_percentage": now.follow_up_percentage,
        "esp_matching": now.esp_matching,
        CLIENT: read.client_id,
    }


def with_whole_tracking(changes: Mapping[str, Any], opened: Mapping[str, Any]) -> dict[str, Any]:
    """Tracking is written as a whole: where one part changes, the others go with it as they are."""
    if not any(name in changes for name in TRACKING):
        return dict(changes)
    as_it_is = {name: True if opened.get(name) is None else opened[name] for name in TRACKING}
    return {**as_it_is, **changes}


def change_of(wanted: Mapping[str, Any]) -> SettingsChange:
    """The change that a write's payload names; what it does not name stays as it is."""
    tracking = None
    if "track_opens" in wanted:
        tracking = Tracking(wanted["track_opens"], wanted["track_clicks"], wanted["track_replies"])
    away = {name: wanted[name] for name in AWAY if name in wanted}
    return SettingsChange(
        tracking=tracking,
        stop_rule=StopRule(wanted["stop_rule"]) if "stop_rule" in wanted else None,
        unsubscribe_text=wanted.get("unsubscribe_text"),
        plain_text=wanted.get("plain_text"),
        follow_up_percentage=wanted.get("follow_up_percentage"),
        client_id=wanted.get(CLIENT, UNCHANGED),
        esp_matching=wanted.get("esp_matching"),
        pause_domain_on_reply=wanted.get("pause_domain_on_reply"),
        bounce_pause_threshold=wanted.get("bounce_pause_threshold"),
        domain_rate_limit=wanted.get("domain_rate_limit"),
        out_of_office=OutOfOffice(**away) if away else None,
        unsubscribe_header=wanted.get("unsubscribe_header"),
    )


def save_settings(
    campaign: Campaign, changes: Mapping[str, Any], opened: Mapping[str, Any], actor: audit.Actor, now: datetime
) -> Write:
    """Ask for these settings and no others. `opened` is what the page showed as the provider's state: if one of them has
    changed there since, nothing is sent and the write settles as a conflict.
    """
    wanted = with_whole_tracking(changes, opened)
    before = {name: opened.get(name) for name in wanted if name not in UNTOLD}
    return ask_for_change(campaign, KIND, wanted, before=before, actor=actor, now=now)


def possible_owners(campaign: Campaign, user: Any) -> list[tuple[int | None, str, Client | None]]:
    """Whom this person may give the campaign to at the provider: remote id, its name there, and our client behind it.

    Only behind the agency's key, and only where there is a choice: an admin may choose any, somebody else among the clients
    that they work for, if the campaign is one of these. None is the agency itself, which only admins can see.
    """
    if campaign.connection.client_id is not None:
        return []
    remote = RemoteClient.objects.visible_to(user).filter(connection_id=campaign.connection_id, gone_at=None)
    owners: list[tuple[int | None, str, Client | None]] = [
        (one.remote_id, str(one), one.client) for one in remote.select_related("client")
    ]
    if user.is_agency_admin:
        return [(None, "", None), *owners]
    return owners if len(owners) > 1 and campaign.remote_client_id in [owner[0] for owner in owners] else []


def follow_the_client(campaign: Campaign, write: Write) -> None:
    """Give the campaign, and every row behind it, the client that its remote client is mapped to now."""
    campaign.refresh_from_db(fields=["remote_client_id", "client"])
    if client_of(campaign.connection_id)(campaign.remote_client_id) == campaign.client_id:
        return
    before = campaign.client
    for _, reown in client_rows:
        reown(campaign.connection_id)
    campaign.refresh_from_db(fields=["client"])
    actor = audit.Actor(user=write.actor, origin=write.origin)
    tell_of_new_owner(actor, "campaign client", campaign, before, campaign.client)
