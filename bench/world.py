"""A large agency as rows, put straight into a database: so many clients, 3,000 campaigns, 1,000,000 day rows and the rest.

The same for every run, but for the day that it ends with. The biggest client has a tenth of all campaigns. Day rows lie in the
table as syncs leave them there: day by day, each with all campaigns.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from bench.world_log import add_activity

if TYPE_CHECKING:
    from accounts.models import Client, Connection, Mailbox
    from campaigns.models import Campaign

CAMPAIGNS, DAY_ROWS, MAILBOXES, TAGS, PEOPLE = 3_000, 1_000_000, 3_000, 40, 400
STEPS, VARIANTS, SENDERS, OF_THE_MANAGER = 4, 2, 8, 20
ADMIN, MANAGER, CLIENT_LOGIN = "admin@bench.example", "manager@bench.example", "login@bench.example"
PASSWORD = "a password of the bench"
TOPICS = (
    "Fintech CFOs",
    "Freight directors",
    "Zahnärzte",
    "Facilities heads",
    "Series C+",
    "Dental groups",
    "Breweries",
)
PLACES = ("UK", "DACH", "Nordics", "Île-de-France", "US East", "Benelux")
STATUSES = ("active",) * 8 + ("paused",) * 4 + ("completed",) * 5 + ("draft",) + ("stopped",) * 2
PERIODS = (
    ("all", 0, 0), ("7d", 7, 0), ("30d", 30, 0), ("90d", 90, 0), ("7d-before", 7, 7), ("30d-before", 30, 30),
    ("90d-before", 90, 90),
)  # fmt: skip
PULLED = ("campaigns", "clients", "mailboxes", "links", "sequences", "totals", "days", "leads", "steps")
COUNTERS = ("sent", "contacted", "opened", "replied", "positive", "bounced")
BODY = (
    "<p>Hi {{first_name}},</p><p>"
    + "Most {{industry}} teams lose a day a week to this. " * 16
    + "</p><p>Best,<br>Jonas</p>"
)
SCHEDULE = {
    "time_zone": "Europe/Berlin", "days": [1, 2, 3, 4, 5], "start": "08:30", "end": "17:30", "min_gap_minutes": 12,
    "daily_new_leads": 40, "starts_at": None,
}  # fmt: skip


@dataclass
class World:
    """What the parts of the world are made of; `now` is the moment that everything ends with."""

    clients_wanted: int
    now: datetime
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    clients: "list[Client]" = field(default_factory=list)
    connections: "list[Connection]" = field(default_factory=list)
    mailboxes: "list[Mailbox]" = field(default_factory=list)
    campaigns: "list[Campaign]" = field(default_factory=list)
    people: list[Any] = field(default_factory=list)

    @property
    def today(self) -> date:
        return self.now.date()


def build(clients: int, now: datetime) -> None:
    """Into an empty database that is migrated."""
    from django.db import transaction

    world = World(clients, now)
    with transaction.atomic():
        add_clients_and_people(world)
        add_connections(world)
        add_mailboxes(world)
        add_campaigns(world)
        add_sequences(world)
        add_numbers(world)
        add_activity(world)


def add_clients_and_people(world: World) -> None:
    from accounts.models import Branding, Client, Membership, User

    admin = User.objects.create_user(ADMIN, PASSWORD, name="Ada Admin", role=User.Role.ADMIN)
    manager = User.objects.create_user(MANAGER, PASSWORD, name="Mona Manager")
    login = User.objects.create_user(CLIENT_LOGIN, PASSWORD, name="Carl Client", role=User.Role.CLIENT)
    others = [User(name=f"Person {n}", email=f"person-{n}@bench.example") for n in range(PEOPLE)]
    for number, person in enumerate(others):
        person.role = User.Role.CLIENT if number % 4 == 0 else User.Role.MANAGER
        person.set_unusable_password()
    world.people = [admin, manager, login, *User.objects.bulk_create(others)]
    world.clients = Client.objects.bulk_create(
        Client(name=f"{TOPICS[n % len(TOPICS)].split()[0]} agency {n}", slug=f"client-{n}", owner=manager)
        for n in range(world.clients_wanted)
    )
    Branding.objects.create(client=world.clients[0], name="Biggest", colour="#1f6f54", changed_at=world.now)
    memberships = [Membership(user=manager, client=client) for client in world.clients[:OF_THE_MANAGER]]
    memberships += [Membership(user=login, client=world.clients[0])]
    memberships += [
        Membership(user=person, client=client)
        for person in others
        for client in world.chance.sample(world.clients, 1 if person.role == User.Role.CLIENT else 8)
    ]
    Membership.objects.bulk_create(memberships)


def add_connections(world: World) -> None:
    """Five keys of the agency with 70 of 100 clients behind them, and a key of their own for the others. Two fail."""
    from accounts.models import Connection, RemoteClient
    from operations.models import Comparison, SyncCoverage, SyncState

    shared = [Connection(name=f"Agency key {n}") for n in range(5)]
    cut = world.clients_wanted * 7 // 10
    own = [Connection(name=f"Key of {client.name}", client=client) for client in world.clients[cut:]]
    for connection in (*shared, *own):
        connection.base_url, connection.health, connection.may_write = "http://127.0.0.1:1/api", "ok", True
        connection.health_since = connection.last_success_at = world.now - timedelta(minutes=4)
        connection.key_fingerprint, connection.key_last4 = connection.name, "1234"
    shared[4].health, own[0].health = "unreachable", "refused"
    world.connections = Connection.objects.bulk_create([*shared, *own])
    RemoteClient.objects.bulk_create(
        RemoteClient(connection=shared[n % 5], remote_id=n, name=client.name, client=client, synced_at=world.now)
        for n, client in enumerate(world.clients[:cut])
    )
    for connection in world.connections:
        SyncState.objects.create(connection=connection, due_at=world.now + timedelta(days=3650))
    SyncCoverage.objects.bulk_create(
        SyncCoverage(connection=connection, step=step, last_success_at=world.now, due_at=world.now, counts={"seen": 90})
        for connection in world.connections
        for step in PULLED
    )
    Comparison.objects.bulk_create(
        Comparison(
            connection=connection, step=step, what=f"Number of {step}", ours=30, theirs=30, compared_at=world.now
        )
        for connection in world.connections
        for step in PULLED[:6]
    )


def key_of(world: World, number: int) -> "Connection":
    """The key that opens the account of client `number`."""
    cut = world.clients_wanted * 7 // 10
    return world.connections[number % 5] if number < cut else world.connections[5 + number - cut]


def add_mailboxes(world: World) -> None:
    from accounts.models import Mailbox

    world.mailboxes = Mailbox.objects.bulk_create(
        (
            Mailbox(
                connection=key_of(world, n % world.clients_wanted), remote_id=n, client=world.clients[n % world.clients_wanted],
                address=f"box-{n}@sender-{n % 97}.example", kind="gmail", daily_limit=40, sent_today=n % 41, smtp_ok=n % 31 != 0,
                imap_ok=True, suspended=False, warmup_status="active", warmup_reputation=97.5, synced_at=world.now,
            )
            for n in range(MAILBOXES)
        ),
        batch_size=500,
    )  # fmt: skip


def add_campaigns(world: World) -> None:
    """One in ten is of the biggest client, and one in ten is the sub-sequence of the one before."""
    from campaigns.models import Campaign, CampaignMailbox, Tag

    made: list[Campaign] = []
    for n in range(CAMPAIGNS):
        owner = 0 if n % 10 == 0 else n % world.clients_wanted
        below = made[n - 1] if n % 10 == 1 else None
        owner = 0 if below else owner
        made.append(
            Campaign(
                connection=key_of(world, owner), remote_id=70_000 + n, client=world.clients[owner], schedule=SCHEDULE,
                name=f"{TOPICS[n % len(TOPICS)]} · {PLACES[n % len(PLACES)]} · Q{n % 4 + 1} · {n}",
                status=world.chance.choice(STATUSES), parent_remote_id=below.remote_id if below else None,
                settings={"track_opens": False, "track_clicks": False, "stop_rule": "reply", "plain_text": True},
                remote_created_at=world.now - timedelta(days=380), synced_at=world.now, steps_synced_at=world.now,
                links_synced_at=world.now, archived_at=world.now if n % 25 == 7 else None, fingerprint=str(n),
            )
        )  # fmt: skip
    world.campaigns = Campaign.objects.bulk_create(made, batch_size=500)
    for n in range(1, CAMPAIGNS, 10):
        made[n].parent = made[n - 1]
    Campaign.objects.bulk_update(made[1::10], ["parent"])
    tags = Tag.objects.bulk_create(
        Tag(connection=world.connections[n % 5], remote_id=n, name=f"Tag {n // 2}") for n in range(TAGS)
    )
    links = Campaign.tags.through
    links.objects.bulk_create(
        (links(campaign=one, tag=tag) for one in made for tag in world.chance.sample(tags, world.chance.randint(0, 3))),
        batch_size=2_000,
    )
    boxes: dict[int | None, list[Any]] = {}
    for box in world.mailboxes:
        boxes.setdefault(box.client_id, []).append(box)
    CampaignMailbox.objects.bulk_create(
        (CampaignMailbox(campaign=one, mailbox=box) for one in made for box in boxes[one.client_id][:SENDERS]),
        batch_size=2_000,
    )


def add_sequences(world: World) -> None:
    from campaigns.models import SequenceVersion, Step, Variant

    steps = Step.objects.bulk_create(
        (
            Step(campaign=one, remote_id=one.remote_id * 10 + n, number=n + 1, delay_minutes=n * 4320)
            for one in world.campaigns
            for n in range(STEPS)
        ),
        batch_size=2_000,
    )
    Variant.objects.bulk_create(
        (
            Variant(
                step=step, remote_id=(step.remote_id or 0) * 10 + n, position=n + 1, label="AB"[n], body=BODY,
                subject="" if step.number > 1 else f"A question, {n}",
            )
            for step in steps
            for n in range(VARIANTS)
        ),
        batch_size=1_000,
    )  # fmt: skip
    SequenceVersion.objects.bulk_create(
        SequenceVersion(campaign=one, number=number, texts=[], origin="found", made_at=world.now)
        for one in world.campaigns[:300]
        for number in range(1, 6)
    )


@dataclass
class Story:
    """The days of one campaign, oldest first, as they are drawn when they are asked for."""

    campaign: Any
    volume: int
    days: int
    sums: dict[date, tuple[int, ...]] = field(default_factory=dict)

    def on(self, day: date, noise: int) -> tuple[int, ...]:
        """Sent, opened, replied, positive and bounced."""
        sent = 0 if day.weekday() > 4 else self.volume + noise % 23
        replied = (sent * (noise % 7)) // 100
        told = (sent, sent // 3, replied, replied // 3, sent * (noise % 5) // 200)
        self.sums[day] = told
        return told

    def total(self, first: date, last: date) -> dict[str, int]:
        rows = [told for day, told in self.sums.items() if first <= day <= last]
        sent, opened, replied, positive, bounced = (sum(row[n] for row in rows) for n in range(5))
        return dict(zip(COUNTERS, (sent, sent // 2, opened, replied, positive, bounced), strict=True))


def add_numbers(world: World) -> None:
    """Day rows, and from them the totals of campaigns and periods."""
    running = [one for one in world.campaigns if one.status != "draft"]
    length, more = divmod(DAY_ROWS, len(running))
    stories = [Story(one, world.chance.randint(20, 400), length + (n < more)) for n, one in enumerate(running)]
    add_day_rows(world, stories)
    add_totals(world, stories)


def add_day_rows(world: World, stories: list[Story]) -> None:
    from django.db import connection

    from analytics.models import DailyStats

    def rows() -> Iterator[tuple[Any, ...]]:
        synced_at = connection.ops.adapt_datetimefield_value(world.now)
        for back in range(max(story.days for story in stories) - 1, -1, -1):
            day = world.today - timedelta(days=back)
            for number, story in enumerate(stories):
                if back < story.days:
                    told = story.on(day, (back * 7919 + number * 104_729) % 1_009)
                    yield (story.campaign.pk, story.campaign.client_id, day.isoformat(), *told, synced_at)

    table = connection.ops.quote_name(DailyStats._meta.db_table)
    columns = "campaign_id, client_id, day, sent, opened, replied, positive, bounced, synced_at"
    left = rows()
    with connection.cursor() as cursor:
        while some := list(islice(left, 20_000)):
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({', '.join(['%s'] * 9)})", some)


def add_totals(world: World, stories: list[Story]) -> None:
    from analytics.models import PeriodTotals, StepNumbers
    from campaigns.models import CampaignNumbers

    periods, numbers, steps = [], [], []
    first = world.today - timedelta(days=400)
    for story in stories:
        for name, length, before in PERIODS:
            end = world.today - timedelta(days=before)
            start = end - timedelta(days=length - 1) if length else first
            told = story.total(start, end)
            periods.append(
                PeriodTotals(campaign=story.campaign, period=name, start=start, end=end, synced_at=world.now, **told)
            )
        numbers.append(numbers_of(world, story, first))
        rows = steps_of(story)
        steps.append(StepNumbers(campaign=story.campaign, start=first, end=world.today, rows=rows, synced_at=world.now))
    PeriodTotals.objects.bulk_create(periods, batch_size=2_000)
    CampaignNumbers.objects.bulk_create(numbers, batch_size=500)
    StepNumbers.objects.bulk_create(steps, batch_size=500)


def numbers_of(world: World, story: Story, first: date) -> Any:
    from campaigns.models import CampaignNumbers

    recent = story.total(world.today - timedelta(days=29), world.today)
    waiting, total = world.chance.randint(0, 900), 1_000
    return CampaignNumbers(
        campaign=story.campaign, **story.total(first, world.today), totals_at=world.now, recent_until=world.today,
        recent_sent=recent["sent"], recent_contacted=recent["contacted"], recent_replied=recent["replied"],
        recent_positive=recent["positive"], recent_bounced=recent["bounced"],
        recent_reply_rate=recent["replied"] * 100 / max(1, recent["contacted"]),
        recent_bounce_rate=recent["bounced"] * 100 / max(1, recent["sent"]),
        spark=[story.sums.get(world.today - timedelta(days=n), (0,))[0] for n in range(29, -1, -1)],
        days_from=world.today - timedelta(days=story.days - 1), days_through=world.today, leads_total=total,
        leads_waiting=waiting, leads_in_progress=total - waiting, leads_completed=0, leads_paused=0, leads_stopped=0,
        leads_blocked=0, unsubscribed=3, leads_at=world.now,
    )  # fmt: skip


def steps_of(story: Story) -> list[dict[str, Any]]:
    return [
        {
            "step": story.campaign.remote_id * 10 + step, "variant": (story.campaign.remote_id * 10 + step) * 10 + variant,
            "sent": story.volume * 40, "replied": story.volume, "positive": story.volume // 3, "bounced": 3, "unsubscribed": 1,
        }
        for step in range(STEPS)
        for variant in range(VARIANTS)
    ]  # fmt: skip
