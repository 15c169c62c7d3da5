"""Writes to campaigns: create, duplicate, status, settings, delete, mailboxes (sections 3.1.3-3.1.11)."""

import copy
from typing import Any

from ..answers import Answer, in_json, refuse
from ..world.model import Campaign
from . import validation
from .call import Call, not_found, stamp
from .validation import check

OK = {"ok": True}

TRACK_WRITE_TO_READ = {
    "DONT_TRACK_EMAIL_OPEN": "DONT_EMAIL_OPEN",
    "DONT_TRACK_LINK_CLICK": "DONT_LINK_CLICK",
    "DONT_TRACK_REPLY_TO_AN_EMAIL": "DONT_REPLY_TO_AN_EMAIL",
}
STOP_SETTINGS = ("REPLY_TO_AN_EMAIL", "CLICK_ON_A_LINK", "OPEN_AN_EMAIL")
GUIDES_STOP_SETTINGS = ("REPLY_TO_AN_EMAIL", "OPENED_EMAIL", "CLICKED_LINK", "NEVER")

CREATE = {"name": validation.text(), "client_id": validation.integer(null=True)}
DUPLICATE = {"duplicate_sub_sequence": validation.flag(), "duplicate_client_label": validation.flag()}
SETTINGS = {
    "name": validation.text(),
    "track_settings": validation.array(),
    "stop_lead_settings": validation.text(),
    "unsubscribe_text": validation.text(),
    "send_as_plain_text": validation.flag(),
    "force_plain_text": validation.flag(),
    "follow_up_percentage": validation.integer(0, 100),
    "client_id": validation.integer(null=True),
    "enable_ai_esp_matching": validation.flag(),
    "auto_pause_domain_leads_on_reply": validation.flag(),
    "ignore_ss_mailbox_sending_limit": validation.flag(),
    "bounce_autopause_threshold": validation.text(),
    "domain_level_rate_limit": validation.flag(),
    "out_of_office_detection_settings": validation.mapping(),
    "add_unsubscribe_tag": validation.flag(),
    "ai_categorisation_options": validation.array(),
}
READABLE_SETTINGS = {"name", "unsubscribe_text", "send_as_plain_text", "follow_up_percentage", "enable_ai_esp_matching"}
OUT_OF_OFFICE = {
    "ignoreOOOasReply": validation.flag(),
    "autoReactivateOOO": validation.flag(),
    "reactivateOOOwithDelay": validation.integer(0, null=True),
    "autoCategorizeOOO": validation.flag(),
}


def create(call: Call) -> Answer:
    body = check(call.body(), CREATE)
    world, now = call.world, call.world.now()
    client_id = body.get("client_id")
    if call.key.client_ids is not None:
        # A client's own key makes campaigns of that client, whatever it asks for.
        client_id = min(call.key.client_ids)
    elif client_id is not None and client_id not in call.account.clients:
        raise refuse({"error": "Client not found - Invalid client_id."}, 404)
    name = body.get("name") or "Untitled Campaign"
    campaign = world.add_campaign(Campaign(world.new_id(), name, call.key.account, client_id, "DRAFTED", now, now))
    return in_json({"ok": True, "id": campaign.id, "name": name, "created_at": stamp(now)})


def duplicate(call: Call) -> Answer:
    body = check(call.body(), DUPLICATE)
    found = call.campaign()
    if found is None:
        raise refuse({"message": "Invalid campaign Id!"}, 500)
    twin = _copy(call, found, body.get("duplicate_client_label", False))
    if body.get("duplicate_sub_sequence"):
        for child in [one for one in call.account.campaigns.values() if one.parent_campaign_id == found.id]:
            _copy(call, child, body.get("duplicate_client_label", False)).parent_campaign_id = twin.id
    return in_json({"ok": True, "newCampaignId": twin.id})


def _copy(call: Call, found: Campaign, with_client: bool) -> Campaign:
    """Settings, texts, schedule and mailboxes, but no leads and no past."""
    world, now = call.world, call.world.now()
    keeps_client = with_client or call.key.client_ids is not None
    owner = found.client_id if keeps_client else None
    twin = Campaign(world.new_id(), f"{found.name} - copy", found.account, owner, "DRAFTED", now, now)
    for name in (
        "schedule", "gap_minutes", "max_new_leads_per_day", "track_settings", "stop_lead_settings", "unsubscribe_text",
        "send_as_plain_text", "follow_up_percentage", "enable_ai_esp_matching", "settings", "mailbox_ids", "steps",
    ):  # fmt: skip
        setattr(twin, name, copy.deepcopy(getattr(found, name)))
    for step in twin.steps:
        step.id = world.new_id()
        for variant in step.variants:
            variant.id = world.new_id()
    return world.add_campaign(twin)


def set_status(call: Call) -> Answer:
    start = "ACTIVE" if call.guides else "START"
    body = check(call.body(), {"status": validation.one_of(start, "PAUSED", "STOPPED", required=True)})
    campaign, wanted = call.known_campaign(), body["status"]
    if campaign.status == "STOPPED" and wanted != "STOPPED":
        raise refuse({"error": "Campaign is stopped and cannot be changed."}, 400)
    if wanted == start:
        _may_start(campaign)
        wanted = "ACTIVE"
    elif campaign.status in {"DRAFTED", "COMPLETED"} and wanted == "PAUSED":
        raise refuse({"error": f"Campaign with status {campaign.status} cannot be paused."}, 400)
    if wanted != campaign.status:
        call.world.set_status(campaign, wanted)
    return in_json(OK)


def _may_start(campaign: Campaign) -> None:
    if not campaign.steps:
        raise refuse({"error": "Campaign sequence is empty. Add at least one sequence."}, 400)
    if not campaign.mailbox_ids:
        raise refuse({"error": "No email account is attached to the campaign."}, 400)
    if not campaign.leads:
        raise refuse({"error": "Campaign has no leads."}, 400)
    if campaign.schedule is None:
        # A domain error as a server error: live servers stumble over the missing cron expression.
        message = "Invalid cron expression: value is empty"
        raise refuse({"statusCode": 500, "error": "Internal Server Error", "message": message}, 500)


def save_settings(call: Call) -> Answer:
    body = check(call.body(), SETTINGS)
    campaign = call.known_campaign()
    tracking = None if "track_settings" not in body else _tracking(call, body["track_settings"])
    stops = GUIDES_STOP_SETTINGS if call.guides else STOP_SETTINGS
    if "stop_lead_settings" in body and body["stop_lead_settings"] not in stops:
        raise refuse({"error": f"Invalid stop_lead_settings value - {body['stop_lead_settings']}"}, 400)
    if "out_of_office_detection_settings" in body:
        check(body["out_of_office_detection_settings"], OUT_OF_OFFICE, "out_of_office_detection_settings")
    if body.get("client_id") is not None and body["client_id"] not in call.account.clients:
        raise refuse({"error": "Client not found - Invalid client_id."}, 404)
    for name, value in body.items():
        if name in READABLE_SETTINGS:
            setattr(campaign, name, value)
        elif name not in {"track_settings", "stop_lead_settings", "client_id"}:
            campaign.settings[name] = value
    if tracking is not None:
        campaign.track_settings, campaign.track_settings_as_text = tracking, False
    if "stop_lead_settings" in body:
        campaign.stop_lead_settings = body["stop_lead_settings"]
    if "client_id" in body and call.key.client_ids is None:
        campaign.client_id = body["client_id"]
    call.world.touch(campaign)
    return in_json(OK)


def _tracking(call: Call, values: list[Any]) -> list[str]:
    """The written words turned into those that are read; the read ones are refused."""
    known = TRACK_WRITE_TO_READ | ({read: read for read in TRACK_WRITE_TO_READ.values()} if call.guides else {})
    for value in values:
        if not isinstance(value, str) or value not in known:
            raise refuse({"error": f"Invalid track_settings value - {value}"}, 400)
    return [known[value] for value in values]


def delete(call: Call) -> Answer:
    campaign = call.known_campaign()
    if campaign.status == "ACTIVE":
        message = "Active campaigns cannot be deleted. Stop the campaign first."
        raise refuse({"success": False, "error": {"code": "CAMPAIGN_ACTIVE", "message": message}}, 400)
    call.world.drop_campaign(campaign)
    return in_json(OK)


def _box_ids(call: Call, extra: dict[str, validation.Field]) -> list[int]:
    if call.guides:
        body = check(call.body(), {"email_account_id": validation.integer(required=True)})
        return [body["email_account_id"]]
    ids: list[int] = check(call.body(), {"email_account_ids": validation.integers(required=True)} | extra)[
        "email_account_ids"
    ]
    return ids


def attach_mailboxes(call: Call) -> Answer:
    ids = _box_ids(call, {"auto_adjust_warmup": validation.flag()})
    campaign = call.campaign()
    if campaign is None:
        raise not_found()
    for number in ids:
        box = call.account.mailboxes.get(number)
        if box is None or not call.key.sees(box.client_id):
            raise refuse({"error": f"Email account id - {number} not allowed. Permission Error."}, 400)
    now, links = call.world.now(), []
    campaign.remember(call.world.today())
    for number in dict.fromkeys(ids):
        if number not in campaign.mailbox_ids:
            campaign.mailbox_ids.append(number)
        links.append(
            {
                "id": campaign.id * 100 + number % 100,
                "email_campaign_id": campaign.id,
                "email_account_id": number,
                "updated_at": stamp(now),
            }
        )
    return in_json({"ok": True, "result": links})


def detach_mailboxes(call: Call) -> Answer:
    ids = set(_box_ids(call, {}))
    campaign = call.known_campaign()
    left = [number for number in campaign.mailbox_ids if number not in ids]
    if campaign.status == "ACTIVE" and not left:
        raise refuse({"error": "Cannot remove the last email account of an active campaign."}, 400)
    campaign.remember(call.world.today())
    gone = len(campaign.mailbox_ids) - len(left)
    campaign.mailbox_ids = left
    return in_json({"ok": True, "result": gone})
