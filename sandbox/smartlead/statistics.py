"""Statistics of one campaign: lifetime totals and totals of a range (section 3.2)."""

from datetime import date, timedelta
from typing import Any

from ..answers import Answer, in_json, refuse
from ..world import figures
from ..world.figures import Totals
from ..world.model import NOTHING, Campaign
from .call import Call, stamp

LONGEST_RANGE = 30
"""Days in one call, both ends counted."""


def analytics(call: Call) -> Answer:
    """Lifetime totals; every counter is a string (section 3.2.1)."""
    campaign = call.campaign()
    if campaign is None:
        return in_json({})
    owner = call.account.clients.get(campaign.client_id or 0)
    counts = figures.lead_counts(campaign, call.world.today())
    found = _head(call, campaign) | _counters(campaign, figures.totals(campaign))
    found |= {
        "sequence_count": str(len(campaign.steps)),
        "tags": [{"id": tag.id, "name": tag.name, "color": tag.color} for tag in campaign.tags],
        "client_id": campaign.client_id,
        "client_name": owner.name if owner else None,
        "client_email": owner.email if owner else None,
        "client_company_name": owner.name if owner else None,
        "parent_campaign_id": campaign.parent_campaign_id,
        "send_as_plain_text": campaign.send_as_plain_text,
        "campaign_lead_stats": {
            "total": counts.total,
            "notStarted": counts.waiting,
            "inprogress": counts.in_progress,
            "completed": counts.completed,
            "paused": counts.paused,
            "stopped": counts.stopped,
            "blocked": counts.blocked,
            "interested": counts.interested,
            "revenue": 0,
        },
    }
    return in_json(found)


def _head(call: Call, campaign: Campaign) -> dict[str, Any]:
    return {
        "id": campaign.id,
        "user_id": call.account.user_id,
        "created_at": stamp(campaign.created_at, campaign.id % 3 == 0),
        "status": campaign.status,
        "name": campaign.name,
    }


def _counters(campaign: Campaign, totals: Totals) -> dict[str, str]:
    days, planned = totals.days, figures.planned(campaign)
    sent_ever = sum(row.sent for row in campaign.rows.values())
    counters = {
        "sent_count": days.sent,
        "unique_sent_count": totals.people,
        "open_count": days.opened,
        "unique_open_count": totals.openers,
        "click_count": days.clicked,
        "unique_click_count": figures.clicked_emails(days.clicked),
        "reply_count": days.replied,
        "block_count": days.bounced // 6,
        "bounce_count": days.bounced,
        "unsubscribed_count": days.unsubscribed,
        "total_count": planned,
        "drafted_count": max(0, planned - sent_ever),
    }
    return {name: str(number) for name, number in counters.items()}


def _range(call: Call) -> tuple[date, date]:
    first, last = call.dates()
    if last < first:
        raise refuse({"error": "End date should be greater than start date"}, 400)
    if (last - first).days >= LONGEST_RANGE:
        raise refuse({"error": "Date difference should be max of 30days"}, 400)
    return first, last


def analytics_by_date(call: Call) -> Answer:
    """Totals of the whole range, no rows (section 3.2.2). In the guides' dialect one row per day."""
    first, last = _range(call)
    call.time_zone("time_zone")
    campaign = call.campaign()
    if campaign is None:
        raise refuse({"error": "Invalid campaign id'"}, 400)
    if call.guides:
        return in_json(_by_day(campaign, first, last))
    found = _head(call, campaign) | {"start_date": first.isoformat(), "end_date": last.isoformat()}
    counters = _counters(campaign, figures.totals(campaign, first, last))
    if campaign.id % 5 == 0:
        # Some live answers lack the people figures.
        counters = {name: text for name, text in counters.items() if not name.startswith("unique_")}
    return in_json(found | counters)


def _by_day(campaign: Campaign, first: date, last: date) -> list[dict[str, Any]]:
    rows = []
    for back in range((last - first).days + 1):
        day = first + timedelta(days=back)
        row = campaign.rows.get(day, NOTHING)
        rows.append(
            {
                "date": day.isoformat(),
                "sent_count": row.sent,
                "open_count": row.opened,
                "click_count": row.clicked,
                "reply_count": row.replied,
                "positive_reply_count": row.positive,
                "bounce_count": row.bounced,
                "unsubscribed_count": row.unsubscribed,
            }
        )
    return rows


def top_level_by_date(call: Call) -> Answer:
    """The only per-campaign call with positive replies (section 3.2.3)."""
    first, last = _range(call)
    campaign = call.campaign()
    if campaign is None:
        raise refuse({"error": "Invalid campaign id'"}, 400)
    days = figures.totals(campaign, first, last).days
    counts = figures.lead_counts(campaign, call.world.today())
    return in_json(
        {
            "id": campaign.id,
            "name": campaign.name,
            "status": campaign.status,
            "start_date": first.isoformat(),
            "end_date": last.isoformat(),
            "total_count": figures.planned(campaign),
            "sent_count": str(days.sent),
            "skipped_count": 0,
            "open_count": str(days.opened),
            "click_count": str(days.clicked),
            "reply_count": str(days.replied),
            "positive_reply_count": str(days.positive),
            "bounce_count": str(days.bounced),
            "failed_count": 0,
            "stopped_count": counts.stopped,
            "unsubscribed_count": str(days.unsubscribed),
        }
    )
