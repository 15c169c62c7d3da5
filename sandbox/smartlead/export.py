"""All leads of a campaign as CSV (section 3.2.8)."""

import csv
import io
import json

from ..answers import Answer, in_text
from ..world import figures, people
from ..world.emails import POSITIVE, Record
from ..world.model import Campaign
from ..world.world import World
from .call import Call, nothing, stamp

CSV = "text/csv; charset=utf-8"
COLUMNS = (
    "id", "campaign_lead_map_id", "status", "category", "is_interested", "created_at", "first_name", "last_name",
    "email", "phone_number", "company_name", "website", "location", "custom_fields", "linkedin_profile",
    "company_url", "is_unsubscribed", "unsubscribed_client_id_map", "last_email_sequence_sent", "open_count",
    "click_count", "reply_count",
)  # fmt: skip
NOBODY = Record()


def leads_export(call: Call) -> Answer:
    campaign = call.campaign()
    if campaign is None:
        return nothing()
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(_rows(call.world, campaign))
    answer = in_text(text.getvalue(), content_type=CSV)
    answer.headers["Content-Disposition"] = f'attachment; filename="sl_campaign_{campaign.id}_leads.csv"'
    return answer


def _rows(world: World, campaign: Campaign) -> list[list[object]]:
    records, known = world.emails(campaign).leads, statuses(world, campaign)
    created = stamp(campaign.created_at)
    rows: list[list[object]] = []
    for place in range(campaign.leads):
        who, record = people.person(world, campaign, place), records.get(place, NOBODY)
        category = record.category
        rows.append(
            [
                who.id,
                people.MAP_OFFSET + campaign.id * people.LEADS_PER_CAMPAIGN + place,
                known.get(place, "STARTED"),
                category or "",
                _flag(category in POSITIVE),
                created,
                who.first_name,
                who.last_name,
                who.email,
                who.phone or "",
                who.company,
                who.website,
                who.location,
                json.dumps(who.custom_fields, ensure_ascii=False),
                who.linkedin,
                who.website,
                _flag(record.unsubscribed),
                "{}",
                record.emails[-1].cell.number if record.emails else "",
                sum(one.opens for one in record.emails),
                sum(one.clicks for one in record.emails),
                sum(one.replied_at is not None for one in record.emails),
            ]
        )
    return rows


def _flag(value: bool) -> str:
    return "true" if value else "false"


def statuses(world: World, campaign: Campaign) -> dict[int, str]:
    """The status of every lead that got an email, so that they count up to the campaign's lead counts."""
    counts = figures.lead_counts(campaign, world.today())
    found, others = {}, []
    for place, record in world.emails(campaign).leads.items():
        if record.bounced or record.stopped:
            found[place] = "BLOCKED" if record.bounced else "STOPPED"
        else:
            others.append(place)
    others.sort()
    running = len(others) - counts.in_progress
    for at, place in enumerate(others):
        found[place] = "PAUSED" if at < counts.paused else "COMPLETED" if at < running else "INPROGRESS"
    return found
