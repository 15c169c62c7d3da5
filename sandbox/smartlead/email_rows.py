"""Rows behind the figures of a campaign: one per email (section 3.2.4), one per lead (3.2.5)."""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from ..answers import Answer, in_json, refuse
from ..world import people
from ..world.emails import Email, Record, as_time
from ..world.model import Campaign
from ..world.people import Person
from ..world.world import World
from .call import Call, stamp
from .validation import invalid

USUAL_PAGE, LONGEST_PAGE, LONGEST_LEADS_PAGE = 100, 1000, 100
MOST_STEPS = 20
STATUSES: dict[str, Callable[[Email], bool]] = {
    "opened": lambda one: one.opened_at is not None,
    "clicked": lambda one: one.clicked_at is not None,
    "replied": lambda one: one.replied_at is not None,
    "unsubscribed": lambda one: one.unsubscribed,
    "bounced": lambda one: one.bounced,
}
SPINTAX = re.compile(r"\{([^{}|]*)\|[^{}]*\}")
VARIABLE = re.compile(r"\{\{(\w+)\}\}")


def existing(call: Call) -> Campaign:
    campaign = call.campaign()
    if campaign is None:
        raise refuse({"error": "Invalid campaign id'"}, 400)
    return campaign


def emails(call: Call) -> Answer:
    """One row per email that was sent, in the order of sending."""
    offset = call.integer("offset", 0) or 0
    limit = call.integer("limit", USUAL_PAGE, 1, LONGEST_PAGE) or USUAL_PAGE
    number = call.integer("email_sequence_number", None, 1, MOST_STEPS)
    status = call.query.get("email_status") or None
    if status is not None and status not in STATUSES:
        raise invalid(f'"email_status" must be one of [{", ".join(STATUSES)}]', ["email_status"], "query")
    first, last = _moment(call, "sent_time_start_date"), _moment(call, "sent_time_end_date", end=True)
    campaign = existing(call)
    found = call.world.emails(campaign)
    rows = found.rows
    if number or status or first is not None or last is not None:
        fits = STATUSES[status] if status else None
        rows = [
            one
            for one in rows
            if (number is None or one.cell.number == number)
            and (fits is None or fits(one))
            and (first is None or one.sent_at >= first)
            and (last is None or one.sent_at < last)
        ]
    page = [
        _as_row(campaign, one, found.leads[one.lead], people.person(call.world, campaign, one.lead))
        for one in rows[offset : offset + limit]
    ]
    return in_json({"total_stats": str(len(rows)), "data": page, "offset": offset, "limit": limit})


def _moment(call: Call, name: str, end: bool = False) -> float | None:
    """A moment of the query; a plain date counts from its start, or up to its `end`."""
    text = call.query.get(name, "")
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise invalid(f'"{name}" must be a valid ISO 8601 date', [name], "query") from None
    if end:
        found += timedelta(days=1) if len(text) == len("2026-01-01") else timedelta(milliseconds=1)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _as_row(campaign: Campaign, one: Email, record: Record, who: Person) -> dict[str, Any]:
    values = _values(who)
    row = {
        "lead_name": who.name,
        "lead_email": who.email,
        "lead_category": record.category,
        "sequence_number": one.cell.number,
        "stats_id": stats_id(campaign, one),
        "email_campaign_seq_id": one.cell.step_id,
        "seq_variant_id": one.cell.variant_id,
        "email_subject": _filled(one.cell.subject, values),
        "email_message": _filled(one.cell.body, values),
        "sent_time": stamp(as_time(one.sent_at)),
        "open_time": _stamp(one.opened_at),
        "click_time": _stamp(one.clicked_at),
        "reply_time": _stamp(one.replied_at),
        "open_count": one.opens,
        "click_count": one.clicks,
        "is_unsubscribed": one.unsubscribed,
        "is_bounced": one.bounced,
    }
    if one.lead % 97 == 96:
        # It may be missing.
        del row["stats_id"]
    return row


def stats_id(campaign: Campaign, one: Email) -> str:
    return str(uuid.UUID(int=campaign.id << 64 | one.lead << 16 | one.cell.number | 0xA739FED0 << 96))


def _stamp(moment: float | None) -> str | None:
    return None if moment is None else stamp(as_time(moment))


@lru_cache(512)
def _parts(text: str) -> list[str]:
    """A text with the first of its alternatives, cut at its variables: every second part is the name of one."""
    return VARIABLE.split(SPINTAX.sub(r"\1", text))


def _filled(text: str, values: dict[str, str]) -> str:
    """A text as it was sent; a variable that the lead lacks becomes a blank."""
    parts = list(_parts(text))
    parts[1::2] = [values.get(name, "") for name in parts[1::2]]
    return "".join(parts)


def _values(who: Person) -> dict[str, str]:
    return {
        "first_name": who.first_name,
        "last_name": who.last_name,
        "email": who.email,
        "company_name": who.company,
        "website": who.website,
        "location": who.location,
    } | who.custom_fields


def leads(call: Call) -> Answer:
    """One row per lead that got an email; the offset comes back as `skip`."""
    offset = call.integer("offset", 0) or 0
    limit = call.integer("limit", USUAL_PAGE, 1, LONGEST_LEADS_PAGE) or USUAL_PAGE
    after = _moment(call, "event_time_gt")
    campaign = existing(call)
    found = [
        (place, record)
        for place, record in call.world.emails(campaign).leads.items()
        if after is None or max(one.last_event_at for one in record.emails) > after
    ]
    rows = [_as_lead(call.world, campaign, place, record) for place, record in found[offset : offset + limit]]
    return in_json({"hasMore": offset + limit < len(found), "skip": offset, "limit": limit, "data": rows})


def _as_lead(world: World, campaign: Campaign, place: int, record: Record) -> dict[str, Any]:
    who = people.person(world, campaign, place)
    return {
        "lead_id": who.id,
        "lead_email": who.email,
        "lead_name": who.name,
        "lead_category": record.category,
        "sent_count": len(record.emails),
        "open_count": sum(one.opens for one in record.emails),
        "click_count": sum(one.clicks for one in record.emails),
        "reply_count": sum(one.replied_at is not None for one in record.emails),
        "last_event_time": _stamp(max(one.last_event_at for one in record.emails)),
    }
