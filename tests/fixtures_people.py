"""Two clients behind one agency key, a key of each client's own, and one person of every kind. Loaded by tests/conftest.py.

Names hold canaries: a page for somebody of client A must never contain `CANARY_B` or `CANARY_NOBODY`.
"""

import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client as Browser

from accounts.models import Client, Connection, Mailbox, Membership, RemoteClient, User
from accounts.secrets import key_ring
from campaigns.models import Campaign, CampaignNumbers
from operations.models import ApiCall, AuditEntry, Comparison, Job, JobItem, SyncCoverage, SyncRun, SyncState, Write
from providers.secret import SecretText

CANARY_B = "birchcanary"
CANARY_NOBODY = "nobodyscanary"
KINDS = (
    "anonymous",
    "deactivated",
    "client login",
    "other client login",
    "analyst",
    "other analyst",
    "manager",
    "other manager",
    "without clients",
    "admin",
    "admin as client",
    "machine token",
)
LOOKING, MACHINE = KINDS[-2:]


class _Door(socketserver.ThreadingTCPServer):
    """Stands where the provider would be: refuses every key, and counts who knocks."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        self.knocks = 0
        super().__init__(("127.0.0.1", 0), _Refuse)


class _Refuse(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, _Door)
        self.server.knocks += 1
        while self.rfile.readline().strip():
            pass
        body = b'{"message": "Invalid API Key"}'
        head = f"HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self.wfile.write(head.encode() + body)


@dataclass
class Door:
    """A provider at loopback that refuses every key; `knocks` is how many calls reached it."""

    server: _Door

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/smartlead/api/v1"

    @property
    def knocks(self) -> int:
        return self.server.knocks


@pytest.fixture(scope="session")
def _door_server() -> Iterator[_Door]:
    with _Door() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def door(_door_server: _Door, settings: Any) -> Door:
    origin = f"http://127.0.0.1:{_door_server.server_address[1]}"
    settings.QUARTERDECK_ALLOWED_BASE_URLS = [*settings.QUARTERDECK_ALLOWED_BASE_URLS, origin]
    return Door(_door_server)


@dataclass
class TwoClients:
    """`shared` is the agency key: it holds `a`, `b` and a remote client that is nobody's. `own_a` and `own_b` are theirs alone."""

    a: Client
    b: Client
    shared: Connection
    own_a: Connection
    own_b: Connection
    remote_a: RemoteClient
    remote_b: RemoteClient
    remote_nobody: RemoteClient
    campaign_a: Campaign
    campaign_own_a: Campaign
    campaign_b: Campaign
    campaign_nobody: Campaign
    run_shared: SyncRun
    run_a: SyncRun
    run_b: SyncRun
    write_a: Write
    making_a: Write
    write_b: Write
    entry_a: AuditEntry
    entry_b: AuditEntry
    people: dict[str, User] = field(default_factory=dict)
    job_a: Job = field(default_factory=Job)
    job_both: Job = field(default_factory=Job)

    def browser(self, kind: str) -> Browser:
        """A test client that is signed in as this kind of person; "deactivated" was signed in while they still could.

        A machine brings a token and no session, from an address of its own (sign-ins are counted by address). Quarterdeck gives
        out no tokens, so whatever it brings opens nothing.
        """
        if kind == MACHINE:
            token = "qd_0123456789abcdef"
            return Browser(headers={"Authorization": f"Bearer {token}", "X-API-Key": token}, REMOTE_ADDR="127.0.0.9")
        browser = Browser()
        if kind == LOOKING:
            browser.force_login(self.people["admin"])
            browser.post("/portal/view-as/", {"user_pk": self.people["client login"].pk})
        elif kind != "anonymous":
            browser.force_login(self.people[kind])
        if kind == "deactivated":
            User.objects.filter(pk=self.people[kind].pk).update(is_active=False)
        return browser


@pytest.fixture
def two_clients(db: None, door: Door) -> TwoClients:
    world = _two_clients(door)
    world.job_a = _job(world, "manager", world.campaign_a)
    world.job_both = _job(world, "admin", world.campaign_a, world.campaign_b, world.campaign_nobody)
    return world


def _job(world: TwoClients, kind: str, *campaigns: Campaign) -> Job:
    """A job of this person that has failed everywhere; it can be retried."""
    now, person = datetime.now(UTC), world.people[kind]
    job = Job.objects.create(
        kind="campaign status", parameters={"action": "pause", "phrase": "Pause"}, actor=person, actor_label=str(person),
        origin="bulk", created_at=now, finished_at=now,
    )  # fmt: skip
    for position, campaign in enumerate(campaigns):
        JobItem.objects.create(
            job=job, position=position, client=campaign.client, connection=campaign.connection,
            subject_type="campaigns.Campaign", subject_id=str(campaign.pk), subject_label=campaign.name, state="failed",
            message=f"Refused for {campaign.name}", before={"status": "active"}, wanted={"status": "paused"}, settled_at=now,
        )  # fmt: skip
    return job


def _two_clients(door: Door) -> TwoClients:
    now = datetime.now(UTC)
    a = Client.objects.create(name="Alder Analytics", slug="alder")
    b = Client.objects.create(name=f"Birch {CANARY_B}", slug=f"birch-{CANARY_B}")
    shared = _connection("Agency key", None, door, now)
    own_a = _connection("Alder key", a, door, now)
    own_b = _connection(f"Birch key {CANARY_B}", b, door, now)
    remote_a, remote_b, remote_nobody = (
        RemoteClient.objects.create(connection=shared, remote_id=number, name=name, client=client, synced_at=now)
        for number, name, client in (
            (501, "Alder at provider", a),
            (502, f"Birch at provider {CANARY_B}", b),
            (503, f"Unmapped {CANARY_NOBODY}", None),
        )
    )
    return TwoClients(
        a,
        b,
        shared,
        own_a,
        own_b,
        remote_a,
        remote_b,
        remote_nobody,
        campaign_a=_campaign(shared, 1, "Alder campaign", a, now),
        campaign_own_a=_campaign(own_a, 2, "Alder campaign of its own", a, now),
        campaign_b=_campaign(shared, 3, f"Birch campaign {CANARY_B}", b, now),
        campaign_nobody=_campaign(shared, 4, f"Unmapped campaign {CANARY_NOBODY}", None, now),
        write_a=_write(shared, a, "Alder campaign", now),
        making_a=_write(shared, a, "New campaign of Alder", now, kind="create campaign"),
        entry_a=_entry(shared, a, "Alder campaign", now),
        entry_b=_entry(shared, b, f"Birch campaign {CANARY_B}", now),
        write_b=_write(shared, b, f"Birch campaign {CANARY_B}", now),
        run_shared=_run(shared, now, f"of everybody {CANARY_B}"),
        run_a=_run(own_a, now, "of alder"),
        run_b=_run(own_b, now, f"of birch {CANARY_B}"),
        people=_people(a, b),
    )


def _people(a: Client, b: Client) -> dict[str, User]:
    people = {
        "admin": _person("Adele Admin", "admin@agency.example", role=User.Role.ADMIN),
        "manager": _person("Mona Manager", "mona@agency.example"),
        "other manager": _person(f"Otto {CANARY_B}", "otto@agency.example"),
        "analyst": _person("Anna Analyst", "anna@agency.example", role=User.Role.ANALYST),
        "other analyst": _person(f"Arne {CANARY_B}", "arne@agency.example", role=User.Role.ANALYST),
        "client login": _person("Alma at Alder", "alma@alder.example", role=User.Role.CLIENT),
        "other client login": _person(f"Bert at {CANARY_B}", "bert@birch.example", role=User.Role.CLIENT),
        "without clients": _person("Wanda Without", "wanda@agency.example"),
        "deactivated": _person("Dora Deactivated", "dora@agency.example"),
    }
    of_a, of_b = (
        ("manager", "deactivated", "analyst", "client login"),
        ("other manager", "other analyst", "other client login"),
    )
    for kind, client in (*((kind, a) for kind in of_a), *((kind, b) for kind in of_b)):
        Membership.objects.create(user=people[kind], client=client)
    return people


def _person(name: str, email: str, **fields: Any) -> User:
    return User.objects.create_user(email, "a long enough password", name=name, **fields)


def _connection(name: str, client: Client | None, door: Door, now: datetime) -> Connection:
    connection = Connection.objects.create(
        name=name,
        client=client,
        base_url=door.base_url,
        health=Connection.Health.OK,
        health_since=now,
        last_success_at=now,
    )
    connection.seal_key(SecretText(f"key-of-{connection.pk}-for-tests"), key_ring())
    connection.save()
    SyncState.objects.create(connection=connection, due_at=now.replace(year=now.year + 1))
    SyncCoverage.objects.create(
        connection=connection, step="campaigns", last_success_at=now, due_at=now, counts={"seen": 77_007}
    )
    Comparison.objects.create(
        connection=connection, step="campaigns", what="Campaigns", ours=77_007, theirs=77_008, since=now,
        items=[f"Not here: 9 of-{name}", f"Not here: 10 {CANARY_NOBODY}"] if client is None else [], compared_at=now,
        confirmed=client is None,
    )  # fmt: skip
    if client is None:
        fact = {"at": now.isoformat(), "text": f"Somebody else uses it {CANARY_NOBODY}"}
        Connection.objects.filter(pk=connection.pk).update(learned={"lane": {"second_user": fact}})
    return connection


def _entry(connection: Connection, client: Client, label: str, now: datetime) -> AuditEntry:
    """Something that was changed at the provider; with it, a mailbox of the client."""
    Mailbox.objects.create(
        connection=connection,
        client=client,
        remote_id=client.pk,
        address=f"{client.slug}@sender.example",
        synced_at=now,
    )
    return AuditEntry.objects.create(
        at=now,
        origin=AuditEntry.Origin.PROVIDER,
        actor_label="Smartlead",
        client=client,
        action="campaign details: found",
        subject_type="campaigns.Campaign",
        subject_id="1",
        subject_label=label,
        before={"name": f"{label} as it was"},
        after={"name": label},
    )


def _write(
    connection: Connection, client: Client, label: str, now: datetime, *, kind: str = "campaign status"
) -> Write:
    return Write.objects.create(
        connection=connection,
        client=client,
        kind=kind,
        subject_type="campaigns.Campaign",
        subject_id="1",
        subject_label=label,
        payload={"remote_id": 1, "status": "paused"},
        before={"status": "active"},
        actor_label="Adele Admin",
        origin="page",
        created_at=now,
    )


def _campaign(connection: Connection, number: int, name: str, client: Client | None, now: datetime) -> Campaign:
    campaign = Campaign.objects.create(
        connection=connection, remote_id=number, client=client, name=name, status="active", synced_at=now
    )
    CampaignNumbers.objects.create(campaign=campaign)
    return campaign


def _run(connection: Connection, now: datetime, message: str) -> SyncRun:
    run = SyncRun.objects.create(
        connection=connection,
        started_at=now,
        finished_at=now,
        outcome=SyncRun.Outcome.PARTIAL,
        steps=["campaigns"],
        cursor={"done": ["campaigns"]},
        counts={"campaigns": {"seen": 77_007}},
        message=message,
        failure="ProviderUnavailable",
    )
    ApiCall.objects.create(
        connection=connection, run=run, at=now, method="GET", path=f"/campaigns/{connection.pk}/of-{connection.name}"[:200],
        status=500, took_ms=12, note=message,
    )  # fmt: skip
    return run
