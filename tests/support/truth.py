"""What the sandbox knows, beside what our database says."""

from datetime import date
from typing import Any

from accounts.models import Connection, RemoteClient
from analytics.models import DailyStats, PeriodTotals
from campaigns.models import Campaign, CampaignNumbers

DAY_FIELDS = ("sent", "opened", "replied", "positive", "bounced", "unsubscribed")
LEAD_FIELDS = {
    "leads_total": "total",
    "leads_waiting": "waiting",
    "leads_in_progress": "in_progress",
    "leads_completed": "completed",
}
STATUS = {"DRAFTED": "draft"}


def differences(connection: Connection, truth: dict[str, Any]) -> list[str]:
    """Every field in which our rows of one connection differ from the provider's world as its key sees it; empty if none.

    `unsubscribed` of the last two days is compared only where we know it: the cheap source of these days does not tell.
    """
    found: list[str] = []
    if connection.client_id is None:
        ours = dict(RemoteClient.objects.filter(connection=connection, gone_at=None).values_list("remote_id", "name"))
        _compare(found, "clients", ours, {client["id"]: client["name"] for client in truth["clients"]})
    campaigns = {
        row.remote_id: row for row in Campaign.objects.filter(connection=connection).present().prefetch_related("tags")
    }
    _compare(found, "campaign ids", sorted(campaigns), sorted(campaign["id"] for campaign in truth["campaigns"]))
    numbers = CampaignNumbers.objects.in_bulk([row.pk for row in campaigns.values()])
    totals = {
        row.campaign_id: row for row in PeriodTotals.objects.filter(period="all", campaign__connection=connection)
    }
    days: dict[int, dict[date, DailyStats]] = {}
    for row in DailyStats.objects.filter(campaign__connection=connection):
        days.setdefault(row.campaign_id, {})[row.day] = row
    for told in truth["campaigns"]:
        if told["id"] not in campaigns:
            continue
        campaign = campaigns[told["id"]]
        _campaign(found, campaign, told)
        _totals(found, campaign, totals.get(campaign.pk), told["totals"])
        _leads(found, campaign, numbers.get(campaign.pk), told["leads"])
        _days(found, campaign, days.get(campaign.pk, {}), told["days"], date.fromisoformat(truth["today"]))
    return found


def _campaign(found: list[str], ours: Campaign, told: dict[str, Any]) -> None:
    label = f"campaign {told['id']}"
    _compare(found, f"{label} name", ours.name, told["name"])
    _compare(found, f"{label} status", ours.status, STATUS.get(told["status"], told["status"].lower()))
    _compare(found, f"{label} client", ours.remote_client_id, told["client_id"])
    _compare(found, f"{label} parent", ours.parent_remote_id, told["parent_campaign_id"])
    _compare(
        found, f"{label} tags", sorted(tag.name for tag in ours.tags.all()), sorted(tag["name"] for tag in told["tags"])
    )


def _totals(found: list[str], campaign: Campaign, ours: PeriodTotals | None, told: dict[str, Any]) -> None:
    pairs = {
        "sent": "sent",
        "replied": "replied",
        "bounced": "bounced",
        "positive": "positive",
        "contacted": "people_contacted",
    }
    for name, theirs in pairs.items():
        value = getattr(ours, name) if ours else 0
        _compare(found, f"campaign {campaign.remote_id} total {name}", value, told[theirs])


def _leads(found: list[str], campaign: Campaign, ours: CampaignNumbers | None, told: dict[str, Any]) -> None:
    for name, theirs in LEAD_FIELDS.items():
        _compare(found, f"campaign {campaign.remote_id} {name}", getattr(ours, name, None), told[theirs])


def _days(
    found: list[str], campaign: Campaign, ours: dict[date, DailyStats], told: dict[str, Any], today: date
) -> None:
    theirs = {date.fromisoformat(day): row for day, row in told.items()}
    for day in sorted(ours.keys() | theirs.keys()):
        for name in DAY_FIELDS:
            value = getattr(ours[day], name) if day in ours else 0
            if value is None and name == "unsubscribed" and (today - day).days < 2:
                continue
            _compare(found, f"campaign {campaign.remote_id} {day} {name}", value or 0, theirs.get(day, {}).get(name, 0))


def _compare(found: list[str], what: str, ours: object, theirs: object) -> None:
    if ours != theirs:
        found.append(f"{what}: we say {ours!r}, the provider {theirs!r}")
