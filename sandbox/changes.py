"""`POST /_change`: what somebody does in the provider's own interface, behind the back of everyone who uses the API."""

from collections.abc import Callable
from datetime import date
from typing import Any

from .world import content
from .world.model import NOTHING, Campaign, Client, Step, Tag, Variant
from .world.world import World

STATUSES = ("DRAFTED", "ACTIVE", "PAUSED", "STOPPED", "COMPLETED", "ARCHIVED")
SETTABLE = {
    "name", "unsubscribe_text", "stop_lead_settings", "send_as_plain_text", "follow_up_percentage", "gap_minutes",
    "max_new_leads_per_day", "enable_ai_esp_matching", "track_settings", "track_settings_as_text", "totals_lag",
    "mailbox_ids", "parent_campaign_id",
}  # fmt: skip

Change = dict[str, Any]


def _campaign(world: World, change: Change) -> Campaign:
    found = world.campaigns.get(change["campaign"])
    if found is None:
        raise ValueError(f"no campaign {change['campaign']}")
    return world.settled(found)


def _client(world: World, number: int) -> Client:
    for account in world.accounts.values():
        if number in account.clients:
            return account.clients[number]
    raise ValueError(f"no client {number}")


def rename(world: World, change: Change) -> None:
    campaign = _campaign(world, change)
    campaign.name = change["name"]
    world.touch(campaign)


def set_status(world: World, change: Change) -> None:
    if change["status"] not in STATUSES:
        raise ValueError(f"a status is one of {STATUSES}")
    world.set_status(_campaign(world, change), change["status"])


def delete(world: World, change: Change) -> None:
    world.drop_campaign(_campaign(world, change))


def add_campaign(world: World, change: Change) -> dict[str, int]:
    """A campaign for a client, or the agency's own in an account. With `leads` it is ready to run."""
    client_id = change.get("client_id")
    account = _client(world, client_id).account if client_id is not None else change.get("account", "halyard")
    if account not in world.accounts:
        raise ValueError(f"no account {account}")
    now = world.now()
    campaign = Campaign(
        id=change.get("id") or world.new_id(),
        name=change.get("name", "Untitled Campaign"),
        account=account,
        client_id=client_id,
        status="DRAFTED",
        created_at=now,
        updated_at=now,
        parent_campaign_id=change.get("parent_campaign_id"),
        leads=change.get("leads", 500),
    )
    if campaign.id in world.campaigns:
        raise ValueError(f"there is a campaign {campaign.id}")
    boxes = [box.id for box in world.account(account).mailboxes.values() if box.client_id == client_id]
    content.dress(campaign, "UTC", "Somebody", boxes)
    world.add_campaign(campaign)
    for name in change.get("tags", []):
        add_tag(world, {"campaign": campaign.id, "name": name})
    if change.get("status", "DRAFTED") != "DRAFTED":
        set_status(world, {"campaign": campaign.id, "status": change["status"]})
    return {"campaign": campaign.id}


def add_client(world: World, change: Change) -> dict[str, int]:
    number = change.get("id") or world.new_id()
    account = world.account(change.get("account", "halyard"))
    email = change.get("email", f"{number}@client.example")
    account.clients[number] = Client(number, change["name"], email, f"uuid-{number}", account.name, world.now())
    return {"client": number}


def rename_client(world: World, change: Change) -> None:
    _client(world, change["client"]).name = change["name"]


def delete_client(world: World, change: Change) -> None:
    """The client goes; its campaigns become the agency's own."""
    client = _client(world, change["client"])
    account = world.accounts[client.account]
    del account.clients[client.id]
    for campaign in account.campaigns.values():
        if campaign.client_id == client.id:
            campaign.client_id = None


def move(world: World, change: Change) -> None:
    """A campaign goes to another client of the same account, or with null to none."""
    campaign, client_id = _campaign(world, change), change["client_id"]
    if client_id is not None and client_id not in world.accounts[campaign.account].clients:
        raise ValueError(f"no client {client_id} in the same account")
    campaign.client_id = client_id
    world.touch(campaign)


def add_tag(world: World, change: Change) -> None:
    campaign, name = _campaign(world, change), change["name"]
    known = {tag.name: tag for one in world.accounts[campaign.account].campaigns.values() for tag in one.tags}
    tag = known.get(name) or Tag(world.new_id(), name, change.get("color", "#607D8B"))
    if tag not in campaign.tags:
        campaign.tags.append(tag)


def remove_tag(world: World, change: Change) -> None:
    campaign = _campaign(world, change)
    campaign.tags = [tag for tag in campaign.tags if tag.name != change["name"]]


def add_leads(world: World, change: Change) -> None:
    campaign = _campaign(world, change)
    campaign.leads += int(change["count"])
    campaign.used_up_on = None


def set_day(world: World, change: Change) -> None:
    """Overwrites figures of one closed day, as when late bounces and replies are counted for it."""
    campaign, day = _campaign(world, change), date.fromisoformat(change["day"])
    if campaign.closed_through is None or day > campaign.closed_through:
        raise ValueError("only days that are over can be changed")
    # `campaign.sums` stays: it steers how later days are drawn, and those must not answer for the correction.
    campaign.rows[day] = campaign.rows.get(day, NOTHING)._replace(**change["figures"])
    campaign.revision += 1


def set_fields(world: World, change: Change) -> None:
    campaign = _campaign(world, change)
    unknown = set(change["fields"]) - SETTABLE
    if unknown:
        raise ValueError(f"these cannot be set: {sorted(unknown)}; these can: {sorted(SETTABLE)}")
    if "mailbox_ids" in change["fields"]:
        campaign.remember(world.today())
    for name, value in change["fields"].items():
        setattr(campaign, name, value)
    world.touch(campaign)


def edit_text(world: World, change: Change) -> None:
    """Writes into a step (by its number), or into one of its variants (by its label): `subject`, `body`; `delay_days`."""
    campaign = _campaign(world, change)
    step = next((one for one in campaign.steps if one.number == change["step"]), None)
    if step is None:
        raise ValueError(f"no step {change['step']}")
    target: Step | Variant = step
    if step.variants:
        wanted = change.get("variant", "A")
        found = [one for one in step.variants if one.label == wanted and not one.deleted]
        if not found:
            raise ValueError(f"no variant {wanted}")
        target = found[0]
    target.subject = change.get("subject", target.subject)
    target.body = change.get("body", target.body)
    step.delay_days = int(change.get("delay_days", step.delay_days))
    world.touch(campaign)


def set_mailbox(world: World, change: Change) -> None:
    """Connects, disconnects or suspends a mailbox: `connected`, `suspended`, `per_day`, `client_id`."""
    for account in world.accounts.values():
        box = account.mailboxes.get(change["mailbox"])
        if box is not None:
            for name, value in change["fields"].items():
                if name not in {"connected", "suspended", "per_day", "client_id", "warmup", "reputation", "from_name"}:
                    raise ValueError(f"a mailbox has no {name} to set")
                setattr(box, name, value)
            return
    raise ValueError(f"no mailbox {change['mailbox']}")


def set_sunday(world: World, change: Change) -> None:
    """Sunday is kept where it is written as this number; the other one gets lost without a word. Null: both do."""
    if change["number"] not in (0, 7, None):
        raise ValueError("Sunday is 0, 7 or null")
    world.sunday = change["number"]


CHANGES: dict[str, Callable[[World, Change], dict[str, int] | None]] = {
    "rename": rename,
    "status": set_status,
    "delete": delete,
    "add_campaign": add_campaign,
    "add_client": add_client,
    "rename_client": rename_client,
    "delete_client": delete_client,
    "move": move,
    "add_tag": add_tag,
    "remove_tag": remove_tag,
    "add_leads": add_leads,
    "set_day": set_day,
    "set": set_fields,
    "edit": edit_text,
    "set_mailbox": set_mailbox,
    "sunday": set_sunday,
}


def apply(world: World, change: Change) -> dict[str, Any]:
    """Carries out one change; what it made, with its id."""
    action = CHANGES.get(str(change.get("do")))
    if action is None:
        raise ValueError(f'"do" is one of {", ".join(CHANGES)}')
    try:
        return {"do": change["do"]} | (action(world, change) or {})
    except KeyError as missing:
        raise ValueError(f"{change['do']} needs {missing}") from None
