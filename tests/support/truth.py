"""What the sandbox knows, beside what our database says."""

from datetime import date
from typing import Any

from accounts.models import Connection, Mailbox, RemoteClient
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
        row.remote_id: row
        for row in Campaign.objects.filter(connection=connection)
        .present()
        .prefetch_related("tags", "steps__variants", "mailbox_links__mailbox")
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
        _steps(found, campaign, told["steps"])
        _links(found, campaign, told["mailbox_ids"])
    _mailboxes(found, connection, truth["mailboxes"])
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


_compared = 0


def compared() -> int:
    """How many fields have been compared so far."""
    return _compared


def _steps(found: list[str], campaign: Campaign, told: list[dict[str, Any]]) -> None:
    ours = [
        (
            step.remote_id,
            step.number,
            step.delay_days,
            [(one.remote_id, one.label, one.subject, one.body, one.share) for one in step.variants.all()],
        )
        for step in campaign.steps.all()
    ]
    theirs = [(step["id"], step["number"], step["delay_days"], _variants(step)) for step in told]
    _compare(found, f"campaign {campaign.remote_id} steps", ours, theirs)


def _variants(step: dict[str, Any]) -> list[tuple[int | None, str, str, str, int | None]]:
    """Deleted ones are no variants; a step without any has the text itself."""
    variants = [
        (one["id"], one["label"], one["subject"], one["body"], one["percentage"])
        for one in step["variants"]
        if not one["deleted"]
    ]
    return variants or [(None, "A", step["subject"], step["body"], None)]


def _links(found: list[str], campaign: Campaign, told: list[int]) -> None:
    ours = sorted(link.mailbox.remote_id for link in campaign.mailbox_links.all())
    _compare(found, f"campaign {campaign.remote_id} mailboxes", ours, sorted(told))


def _mailboxes(found: list[str], connection: Connection, told: list[dict[str, Any]]) -> None:
    rows = Mailbox.objects.present().filter(connection=connection, listed=True)
    ours = {box.remote_id: box for box in rows}
    _compare(found, "mailbox ids", sorted(ours), sorted(box["id"] for box in told))
    for theirs in told:
        if (box := ours.get(theirs["id"])) is None:
            continue
        pairs = {
            "address": (box.address, theirs["from_email"]),
            "name": (box.name, theirs["from_name"]),
            "kind": (box.kind, theirs["type"].lower()),
            "client": (box.remote_client_id, theirs["client_id"]),
            "limit": (box.daily_limit, theirs["per_day"]),
            "sends": (box.smtp_ok, theirs["connected"]),
            "receives": (box.imap_ok, theirs["connected"]),
            "suspended": (box.suspended, theirs["suspended"]),
            "warmup": (box.warmup_status, (theirs["warmup"] or "").lower()),
            "reputation": (box.warmup_reputation, theirs["reputation"] if theirs["warmup"] else None),
        }
        for name, (mine, their) in pairs.items():
            _compare(found, f"mailbox {theirs['id']} {name}", mine, their)


def _compare(found: list[str], what: str, ours: object, theirs: object) -> None:
    global _compared
    _compared += 1
    if ours != theirs:
        found.append(f"{what}: we say {ours!r}, the provider {theirs!r}")
