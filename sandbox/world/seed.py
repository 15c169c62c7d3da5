"""Builds the world: the demo agency from its plan, and fresh agencies for benches on demand."""

from datetime import UTC, date, datetime, time, timedelta

from ..clock import Clock
from . import content, halyard
from .days import FOLLOW_UP_DAYS, WEEKDAY_WEIGHT, chance, settle, weight
from .model import Campaign, Client, Key, Mailbox, Pace, Tag
from .world import World

HISTORY_DAYS = 118
EMAILS_PER_PERSON = 3.05


def build(seed: int, clock: Clock, built_on: date) -> World:
    world = World(seed, clock, built_on)
    for plan in halyard.CLIENTS:
        created = moment(built_on - timedelta(days=200 + plan.id % 60), plan.id)
        account = world.account(plan.account)
        account.clients[plan.id] = content.client(plan, created)
        first_id = 71000 + (plan.id - 300) * 40
        account.mailboxes |= {box.id: box for box in content.mailboxes(plan, first_id, created, seed)}
    tags = {name: Tag(3 + place, name, color) for place, (name, color) in enumerate(halyard.TAG_COLORS.items())}
    clients = {plan.id: plan for plan in halyard.CLIENTS}
    for campaign_plan in halyard.CAMPAIGNS:
        owner = clients.get(campaign_plan.client_id or 0)
        campaign = plan_campaign(campaign_plan, owner.account if owner else "halyard", built_on, seed)
        campaign.tags = [tags[name] for name in campaign_plan.tags.split(",") if name]
        boxes = world.account(campaign.account).mailboxes.values()
        own = [box.id for box in boxes if box.client_id == campaign.client_id]
        content.dress(campaign, owner.timezone if owner else "UTC", owner.name if owner else "Halyard", own)
        if campaign.id == halyard.LAGGING_CAMPAIGN:
            campaign.totals_lag = 0.04
        if campaign.id == halyard.TEXT_TRACKING_CAMPAIGN:
            campaign.track_settings, campaign.track_settings_as_text = ["DONT_EMAIL_OPEN"], True
        settle(seed, world.add_campaign(campaign), clock.now())
    created_at = moment(built_on - timedelta(days=190), 1)
    for secret, label, account_name in (
        (halyard.AGENCY_KEY, "halyard-main", "halyard"),
        (halyard.CINDER_KEY, "cinder", "cinder"),
        (halyard.KESTREL_KEY, "kestrel", "kestrel"),
        (halyard.SOLWAY_KEY, "solway", "solway"),
    ):
        scope = None if account_name == "halyard" else frozenset(world.account(account_name).clients)
        world.add_key(Key(secret, label, account_name, scope, created_at=created_at))
    return world


def moment(day: date, salt: int) -> datetime:
    """A time of day with milliseconds, as timestamps at the provider look."""
    return datetime.combine(day, time(8), UTC) + timedelta(milliseconds=salt * 7_919_337 % 28_800_000)


def plan_campaign(plan: halyard.Plan, account: str, built_on: date, seed: int) -> Campaign:
    """A campaign whose drawn days will come close to the planned figures."""
    pace = Pace()
    if plan.sent:
        rested = {"ACTIVE": 0, "PAUSED": 3 + plan.id % 9, "STOPPED": 10, "ARCHIVED": 24}.get(
            plan.status, 6 + plan.id % 9
        )
        last_on = built_on - timedelta(days=rested)
        window = [last_on - timedelta(days=back) for back in range(30 - rested)]
        pace.per_weekday = plan.sent / sum(WEEKDAY_WEIGHT[day.weekday()] for day in window)
        pace.started_on, volume = _start(plan, pace.per_weekday, built_on, last_on)
        pace.new_share = min(0.95, plan.contacted / volume * (1.06 if plan.contacted == plan.leads else 1.0))
        people_per_email = min(1.0, pace.new_share * (30 + FOLLOW_UP_DAYS) / 30)
        pace.reply_share = plan.reply_percent / 100 * people_per_email
        pace.positive_share = min(0.9, plan.positive / (pace.reply_share * plan.sent))
        pace.bounce_share = plan.bounce_percent / 100
        pace.open_share = 0.34 + 0.2 * chance(seed, plan.id)
        pace.last_on = None if plan.status == "ACTIVE" else last_on
    created_on = (pace.started_on or built_on - timedelta(days=plan.id % 20)) - timedelta(days=2)
    updated = pace.last_on or built_on - timedelta(days=1 + plan.id % 3)
    return Campaign(
        id=plan.id,
        name=plan.name,
        account=account,
        client_id=plan.client_id,
        status=plan.status,
        created_at=moment(created_on, plan.id),
        updated_at=moment(max(updated, created_on + timedelta(days=1)), plan.id + 1),
        parent_campaign_id=plan.parent,
        leads=plan.leads,
        pace=pace,
    )


def _start(plan: halyard.Plan, per_weekday: float, built_on: date, last_on: date) -> tuple[date, float]:
    """The first day, chosen so that the emails sent so far fit the people contacted, and their expected number."""
    earliest = built_on - timedelta(days=HISTORY_DAYS)
    start = min(built_on - timedelta(days=36), last_on - timedelta(days=20))
    while True:
        length = (last_on - start).days + 1
        volume = per_weekday * sum(weight(start + timedelta(days=day), start) for day in range(length))
        if volume >= plan.contacted * EMAILS_PER_PERSON or start <= earliest:
            return start, volume
        start -= timedelta(days=1)


def fresh_agency(
    world: World, label: str, *, clients: int, campaigns: int, mailboxes: int, days: int, leads: int
) -> Key:
    """A new account with its own agency key: running campaigns with steps, mailboxes and days."""
    known = world.find_key(label)
    if known is not None:
        raise ValueError(f"there is a key called {label!r}")
    account = world.account(label)
    today = world.today()
    created = moment(today - timedelta(days=days + 30), 3)
    for place in range(clients):
        number = world.new_id()
        name = f"{label} client {place + 1}"
        account.clients[number] = Client(number, name, f"{number}@{label}.example", f"uuid-{number}", label, created)
    owners = list(account.clients)
    for place in range(mailboxes):
        number = world.new_id()
        owner = owners[place % len(owners)] if owners else None
        address = f"box{place + 1}@{label}.example"
        account.mailboxes[number] = Mailbox(
            number, f"Box {place + 1}", address, "SMTP", label, owner, created, "sandbox-pw"
        )
    for place in range(campaigns):
        number = world.new_id()
        luck = chance(world.seed, number)
        pace = Pace(
            per_weekday=60 + 80 * luck, started_on=today - timedelta(days=days), reply_share=0.015 + 0.02 * luck
        )
        campaign = Campaign(
            id=number,
            name=f"{label} campaign {place + 1}",
            account=label,
            client_id=owners[place % len(owners)] if owners else None,
            status="ACTIVE",
            created_at=moment(today - timedelta(days=days + 1), number),
            updated_at=moment(today - timedelta(days=1), number),
            leads=leads,
            pace=pace,
        )
        own = [box.id for box in account.mailboxes.values() if box.client_id == campaign.client_id]
        content.dress(campaign, "Europe/London", label, own)
        # Drawn now: a pause at the first call would look to a limiter like calls that arrive together.
        world.settled(world.add_campaign(campaign))
    return world.add_key(Key(world.secret_for(label), label, label))
