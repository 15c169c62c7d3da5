"""Campaigns as read: list, one, sequences, mailboxes of a campaign."""

from typing import Any

from ..answers import Answer, in_json
from ..world.days import chance
from ..world.model import Campaign, Step, Tag
from ..world.world import World
from .call import Call, nothing, stamp
from .mailboxes import as_account, campaigns_by_mailbox, sent_today


def list_campaigns(call: Call) -> Answer:
    wanted = call.integer("client_id", None)
    with_tags = call.flag("include_tags")
    world = call.world
    found = [
        as_read(world, campaign, with_tags)
        for campaign in world.visible(call.key)
        if wanted is None or campaign.client_id == wanted
    ]
    return in_json(found)


def get_campaign(call: Call) -> Answer:
    campaign = call.campaign()
    return nothing() if campaign is None else in_json(as_read(call.world, campaign, call.flag("include_tags")))


def as_read(world: World, campaign: Campaign, with_tags: bool) -> dict[str, Any]:
    """A campaign in the words of the read side (section 3.1.1 of the API reference)."""
    odd = campaign.id % 3 == 0
    schedule = campaign.schedule
    found: dict[str, Any] = {
        "id": campaign.id,
        "user_id": world.accounts[campaign.account].user_id,
        "created_at": stamp(campaign.created_at, odd),
        "updated_at": stamp(campaign.updated_at, odd),
        "status": campaign.status,
        "name": campaign.name,
        "track_settings": (
            ",".join(campaign.track_settings) if campaign.track_settings_as_text else campaign.track_settings
        ),
        "scheduler_cron_value": schedule
        and {
            "tz": schedule.timezone,
            "days": schedule.days,
            "startHour": schedule.start_hour,
            "endHour": schedule.end_hour,
        },
        "min_time_btwn_emails": campaign.gap_minutes,
        "max_leads_per_day": campaign.max_new_leads_per_day,
        "stop_lead_settings": campaign.stop_lead_settings,
        "schedule_start_time": schedule.starts_at if schedule else None,
        "enable_ai_esp_matching": campaign.enable_ai_esp_matching,
        "send_as_plain_text": campaign.send_as_plain_text,
        "follow_up_percentage": campaign.follow_up_percentage,
        "unsubscribe_text": campaign.unsubscribe_text,
        "parent_campaign_id": campaign.parent_campaign_id,
        "client_id": campaign.client_id,
    }
    if with_tags:
        found["tags"] = [_as_tag(tag) for tag in campaign.tags]
    return found


def _as_tag(tag: Tag) -> dict[str, Any]:
    return {"tag_id": tag.id, "tag_name": tag.name, "tag_color": tag.color}


def get_sequences(call: Call) -> Answer:
    """Every step, in no particular order (section 3.1.8)."""
    campaign = call.known_campaign()
    steps = sorted(campaign.steps, key=lambda step: chance(step.id))
    user = call.account.user_id
    found = [_as_step(campaign, step, user) for step in steps]
    return in_json({"success": True, "data": found} if call.guides else found)


def _as_step(campaign: Campaign, step: Step, user_id: int) -> dict[str, Any]:
    changed = stamp(campaign.updated_at)
    return {
        "id": step.id,
        "created_at": stamp(campaign.created_at),
        "updated_at": changed,
        "email_campaign_id": campaign.id,
        "seq_number": step.number,
        "seq_delay_details": {"delayInDays": step.delay_days},
        "subject": "" if step.variants else step.subject,
        "email_body": "" if step.variants else step.body,
        "sequence_variants": [
            {
                "id": variant.id,
                "created_at": stamp(campaign.created_at),
                "updated_at": changed,
                "email_campaign_seq_id": step.id,
                "variant_label": variant.label,
                "subject": variant.subject,
                "email_body": variant.body,
                "is_deleted": variant.deleted,
                "variant_distribution_percentage": variant.percentage,
                "optional_email_body_1": None,
                "user_id": user_id,
            }
            for variant in step.variants
        ],
    }


def campaign_mailboxes(call: Call) -> Answer:
    """Account objects with their passwords in clear text, as live (section 3.1.11)."""
    campaign = call.known_campaign()
    boxes, used = call.world.mailboxes(call.account), campaigns_by_mailbox(call.account)
    sent, tags = sent_today(call), call.flag("include_tags")
    return in_json(
        [
            as_account(call.world, boxes[box], used, sent, plain=True, tags=tags)
            for box in campaign.mailbox_ids
            if box in boxes
        ]
    )
