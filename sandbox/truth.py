"""`GET /_truth`: the whole world in neutral, fully typed JSON, to compare with what somebody made of the answers."""

from datetime import date
from typing import Any

from .world import figures
from .world.model import NOTHING, Campaign, Client, Day, Key, Mailbox
from .world.senders import by_mailbox
from .world.split import Work, added
from .world.world import World

Range = tuple[date, date]


def as_json(
    world: World, key: Key | None = None, with_days: bool = True, statistics: Range | None = None
) -> dict[str, Any]:
    """The world, or what one key sees of it; with `statistics` of steps, variants and mailboxes in a range."""
    accounts = world.accounts.values() if key is None else [world.accounts[key.account]]

    def seen(client_id: int | None) -> bool:
        return key is None or key.sees(client_id)

    shares: dict[int, Day] = {}
    campaigns = []
    for each in accounts:
        for _, one in sorted(each.campaigns.items()):
            if seen(one.client_id):
                found = _campaign(world, world.settled(one), with_days)
                if statistics:
                    found |= _statistics(world, one, statistics, shares)
                campaigns.append(found)
    boxes = [one for each in accounts for one in world.mailboxes(each).values() if seen(one.client_id)]
    return {
        "now": world.now().isoformat(),
        "today": world.today().isoformat(),
        "seed": world.seed,
        "built_on": world.built_on.isoformat(),
        "keys": [_key(world, one) for one in world.keys.values() if key is None or one is key],
        "clients": [_client(one) for each in accounts for one in each.clients.values() if seen(one.id)],
        "campaigns": campaigns,
        "mailboxes": [
            _mailbox(one) | ({"statistics": _day(shares.get(one.id, NOTHING))} if statistics else {}) for one in boxes
        ],
    }


def _key(world: World, key: Key) -> dict[str, Any]:
    account = world.accounts[key.account]
    return {
        "label": key.label,
        "account": key.account,
        "kind": "agency" if key.client_ids is None else "client",
        "client_ids": sorted(one for one in account.clients if key.sees(one)),
        "campaign_ids": sorted(one.id for one in account.campaigns.values() if key.sees(one.client_id)),
        "revoked": key.revoked,
        "dialect": key.dialect,
    }


def _client(client: Client) -> dict[str, Any]:
    return {
        "id": client.id,
        "name": client.name,
        "email": client.email,
        "account": client.account,
        "created_at": client.created_at.isoformat(),
    }


def _mailbox(box: Mailbox) -> dict[str, Any]:
    return {
        "id": box.id,
        "from_name": box.from_name,
        "from_email": box.from_email,
        "type": box.kind,
        "account": box.account,
        "client_id": box.client_id,
        "per_day": box.per_day,
        "connected": box.connected,
        "suspended": box.suspended,
        "warmup": box.warmup,
        "reputation": box.reputation,
        "gap_minutes": box.gap_minutes,
        "tracking_domain": box.tracking_domain,
        "bcc": box.bcc,
        "signature": box.signature,
        "warmup_per_day": box.warmup_per_day,
        "warmup_reply_rate": box.warmup_reply_rate,
        "rampup": box.rampup,
        "tags": [{"id": tag.id, "name": tag.name, "color": tag.color} for tag in box.tags],
    }


def _statistics(world: World, campaign: Campaign, among: Range, shares: dict[int, Day]) -> dict[str, Any]:
    """Figures by step, variant and mailbox; the mailboxes' are also added to `shares`.

    A step without variants has one row with the variant null. Steps that were replaced are listed too.
    """
    works = world.split(campaign).works(*among)
    by_box = by_mailbox(world.seed, campaign, *among)
    for box, row in by_box.items():
        shares[box] = shares.get(box, NOTHING) + row
    return {
        "step_statistics": {
            str(step): _work(added(work for (number, _), work in works.items() if number == step))
            for step in dict.fromkeys(step for step, _ in works)
        },
        "variant_statistics": [
            {"step": step, "variant": variant} | _work(work) for (step, variant), work in works.items()
        ],
        "mailbox_statistics": {str(box): _day(row) for box, row in sorted(by_box.items())},
    }


def _work(work: Work) -> dict[str, int]:
    return _day(work) | {"emails_opened": work.openers, "emails_clicked": work.clickers}


def _campaign(world: World, campaign: Campaign, with_days: bool) -> dict[str, Any]:
    totals = figures.totals(campaign)
    counts = figures.lead_counts(campaign, world.today())
    schedule = campaign.schedule
    found: dict[str, Any] = {
        "id": campaign.id,
        "name": campaign.name,
        "account": campaign.account,
        "client_id": campaign.client_id,
        "status": campaign.status,
        "parent_campaign_id": campaign.parent_campaign_id,
        "created_at": campaign.created_at.isoformat(),
        "updated_at": campaign.updated_at.isoformat(),
        "tags": [{"id": tag.id, "name": tag.name, "color": tag.color} for tag in campaign.tags],
        "schedule": schedule
        and {
            "timezone": schedule.timezone,
            "days": schedule.days,
            "start_hour": schedule.start_hour,
            "end_hour": schedule.end_hour,
            "starts_at": schedule.starts_at,
        },
        "gap_minutes": campaign.gap_minutes,
        "max_new_leads_per_day": campaign.max_new_leads_per_day,
        "tracks_opens": campaign.tracks_opens,
        "tracks_clicks": "DONT_LINK_CLICK" not in campaign.track_settings,
        "tracks_replies": "DONT_REPLY_TO_AN_EMAIL" not in campaign.track_settings,
        "stop_lead_settings": campaign.stop_lead_settings,
        "unsubscribe_text": campaign.unsubscribe_text,
        "send_as_plain_text": campaign.send_as_plain_text,
        "follow_up_percentage": campaign.follow_up_percentage,
        "enable_ai_esp_matching": campaign.enable_ai_esp_matching,
        "settings": campaign.settings,
        "mailbox_ids": campaign.mailbox_ids,
        "team_member_id": campaign.team_member_id,
        "lead_mailboxes": {str(lead): box for lead, box in campaign.lead_mailboxes.items()},
        "test_emails": campaign.test_emails,
        "steps": [_step(one) for one in sorted(campaign.steps, key=lambda step: step.number)],
        "totals": {
            **_day(totals.days),
            "people_contacted": totals.people,
            "people_opened": totals.openers,
            "emails_planned": figures.planned(campaign),
            "neutral": totals.neutral,
            "negative": totals.negative,
        },
        "totals_lag": campaign.totals_lag,
        "leads": {
            "total": counts.total,
            "waiting": counts.waiting,
            "in_progress": counts.in_progress,
            "completed": counts.completed,
            "paused": counts.paused,
            "stopped": counts.stopped,
            "blocked": counts.blocked,
            "interested": counts.interested,
        },
    }
    if with_days:
        found["days"] = {day.isoformat(): _day(row) for day, row in sorted(campaign.rows.items())}
    return found


def _day(row: Any) -> dict[str, int]:
    return {
        "sent": row.sent,
        "opened": row.opened,
        "clicked": row.clicked,
        "replied": row.replied,
        "positive": row.positive,
        "bounced": row.bounced,
        "unsubscribed": row.unsubscribed,
    }


def _step(step: Any) -> dict[str, Any]:
    return {
        "id": step.id,
        "number": step.number,
        "delay_days": step.delay_days,
        "subject": step.subject,
        "body": step.body,
        "distribution": step.distribution if step.variants else None,
        "variants": [
            {
                "id": one.id,
                "label": one.label,
                "subject": one.subject,
                "body": one.body,
                "percentage": one.percentage if isinstance(one.percentage, int) else None,
                "deleted": one.deleted,
            }
            for one in step.variants
        ],
    }
