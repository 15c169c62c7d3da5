"""Make the demo world: an invented agency, whose keys open the sandbox."""

from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from accounts.models import Client, Connection, Membership, RemoteClient, User
from accounts.models.people import Switch
from accounts.secrets import SecretUnreadable, key_ring
from accounts.services import health
from accounts.services.base_urls import default_base_url
from accounts.services.clients import create_client
from accounts.services.connections import add_connection
from accounts.services.keys import holder_of, note_fingerprint
from operations.audit import Actor
from operations.models import SyncState
from operations.sync import planning
from providers.secret import SecretText

PASSWORD = "quarterdeck"  # noqa: S105  the demo's own, printed for whoever starts it


class Person(NamedTuple):
    email: str
    name: str
    role: User.Role
    clients: tuple[str, ...] = ()
    may: tuple[Switch, ...] = ()


class Key(NamedTuple):
    """A key of the sandbox: it opens nothing else."""

    name: str
    key: str
    client: str = ""


# As in the sandbox's seed, which nothing of ours may import.
CLIENTS = {
    "Arbor Analytics": 301,
    "Brightwater HR": 302,
    "Cinder Security": 303,
    "Ferro Logistics": 304,
    "Juno Talent": 305,
    "Kestrel Payments": 306,
    "Larkfield Health": 307,
    "Mossgate Robotics": 308,
    "Solway Energy": 309,
    "Tidemark Legal": 310,
}
KEYS = (
    Key("Halyard main", "sandbox-agency-halyard-main-f3a9"),
    Key("Cinder Security", "sandbox-client-cinder-08bc", "Cinder Security"),
    Key("Kestrel Payments", "sandbox-client-kestrel-d41e", "Kestrel Payments"),
    Key("Solway Energy", "sandbox-client-solway-77c2", "Solway Energy"),
)
PEOPLE = (
    Person("maya@halyard.example", "Maya Lindqvist", User.Role.ADMIN),
    Person(
        "idris@halyard.example",
        "Idris Kaya",
        User.Role.MANAGER,
        ("Ferro Logistics", "Larkfield Health", "Kestrel Payments", "Solway Energy"),
    ),
    Person("noor@halyard.example", "Noor Haddad", User.Role.ANALYST, ("Ferro Logistics", "Kestrel Payments")),
    Person(
        "hanna@ferro.example", "Hanna Vogel", User.Role.CLIENT, ("Ferro Logistics",), ("may_see_leads", "may_reply")
    ),
)


class Command(BaseCommand):
    help = (
        "Make what is missing of the demo world: people, clients, connections to the sandbox, and the mapping of its clients. "
        "Safe to repeat; what was changed by hand stays. Refuses to run unless QUARTERDECK_DEMO is on."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.QUARTERDECK_DEMO:
            raise CommandError(
                "This installation is not a demo: its people would get a password that everybody knows. "
                "Set QUARTERDECK_DEMO=1, with a database of its own."
            )
        if not settings.QUARTERDECK_SANDBOX_URL:
            raise CommandError("QUARTERDECK_SANDBOX_URL does not say where the sandbox is. `make run` sets it.")
        now, actor = timezone.now(), Actor.on_command_line()
        with transaction.atomic():
            clients = make_clients(actor, now)
            for person in PEOPLE:
                make_person(person, clients, now)
            for key in KEYS:
                make_connection(key, clients, actor, now)
        for person in PEOPLE:
            self.stdout.write(f"{person.email}  {PASSWORD}  {person.role.label}")


def make_clients(actor: Actor, now: datetime) -> dict[str, Client]:
    known = {client.name: client for client in Client.objects.filter(name__in=CLIENTS)}
    return {name: known.get(name) or create_client(name, actor, now) for name in CLIENTS}


def make_person(person: Person, clients: dict[str, Client], now: datetime) -> None:
    if User.objects.filter(email=person.email).exists():
        return
    user = User.objects.create_user(person.email, PASSWORD, name=person.name, role=person.role, date_joined=now)
    Membership.objects.bulk_create(
        Membership(user=user, client=clients[name], created_at=now, **dict.fromkeys(person.may, True))
        for name in person.clients
    )


def make_connection(key: Key, clients: dict[str, Client], actor: Actor, now: datetime) -> None:
    """The connection, leading to where the sandbox is today; it is due for its first sync as soon as a worker runs."""
    base_url = default_base_url(Connection.Provider.SMARTLEAD)
    connection = Connection.objects.filter(name=key.name).first()
    # One that was renamed is known by its key, which can't be added a second time.
    connection = connection or holder_of(SecretText(key.key), Connection.Provider.SMARTLEAD, base_url)
    if connection is None:
        connection = add_connection(
            name=key.name,
            provider=Connection.Provider.SMARTLEAD,
            base_url=base_url,
            key=SecretText(key.key),
            client=clients[key.client] if key.client else None,
            actor=actor,
            now=now,
        )
        if not key.client:
            map_sandbox_clients(connection, clients, now)
    elif connection.base_url != base_url:
        connection.base_url = base_url
        connection.save(update_fields=["base_url"])
        with suppress(SecretUnreadable):
            note_fingerprint(connection, key_ring())
        health.note_unchecked(connection, now)
        SyncState.objects.filter(connection=connection).update(due_at=now, failures_in_a_row=0)
    # No message to a worker: `make run` prepares the demo before Redis and the workers are there. Beat's planner finds it.
    planning.ensure_state(connection.pk, now)


def map_sandbox_clients(connection: Connection, clients: dict[str, Client], now: datetime) -> None:
    """Say whose the sandbox's clients are before the first sync meets them. Only a demo may: mapping is never guessed."""
    own_keys = {key.client for key in KEYS}
    RemoteClient.objects.bulk_create(
        RemoteClient(connection=connection, remote_id=remote_id, name=name, client=clients[name], synced_at=now)
        for name, remote_id in CLIENTS.items()
        if name not in own_keys
    )
