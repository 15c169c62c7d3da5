"""Saving a schedule (section 3.1.6): a flat body, with other names than the read side has."""

import re

from ..answers import Answer, in_json, refuse
from ..world.model import Schedule
from . import validation
from .call import Call, is_time_zone
from .validation import check, invalid

HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
SHORTEST_GAP = 3

COMMON = {
    "timezone": validation.text(required=True),
    "days_of_the_week": validation.integers(required=True),
    "start_hour": validation.text(required=True),
    "end_hour": validation.text(required=True),
    "min_time_btw_emails": validation.integer(SHORTEST_GAP, required=True),
    "schedule_start_time": validation.text(),
}
LIVE_FIELDS = COMMON | {"max_new_leads_per_day": validation.integer(1, required=True)}
GUIDES_FIELDS = COMMON | {"max_leads_per_day": validation.integer(1, required=True)}


def save(call: Call) -> Answer:
    body = check(call.body(), GUIDES_FIELDS if call.guides else LIVE_FIELDS)
    campaign = call.known_campaign()
    if not is_time_zone(body["timezone"]):
        raise refuse({"error": f"Invalid timezone - {body['timezone']}"}, 400)
    days = body["days_of_the_week"]
    if not days or not all(0 <= day <= (6 if call.world.sunday == 0 else 7) for day in days):
        raise invalid('"days_of_the_week[0]" must be less than or equal to 6', ["days_of_the_week"])
    days = [day for day in days if day not in (0, 7) or day == call.world.sunday]
    for name in ("start_hour", "end_hour"):
        if not HOUR.fullmatch(body[name]):
            raise refuse({"error": f"Invalid {name} - {body[name]}"}, 400)
    if body["start_hour"] >= body["end_hour"]:
        raise refuse({"error": "startHour cannot be greater that endHour"}, 400)
    campaign.schedule = Schedule(
        body["timezone"], sorted(set(days)), body["start_hour"], body["end_hour"], body.get("schedule_start_time")
    )
    campaign.gap_minutes = body["min_time_btw_emails"]
    campaign.max_new_leads_per_day = body["max_leads_per_day" if call.guides else "max_new_leads_per_day"]
    call.world.touch(campaign)
    return in_json({"ok": True})
