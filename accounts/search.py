"""Where search looks in this room: clients, connections, people; and the pages and actions that one can go to by name."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Case, Q, Value, When
from django.urls import reverse

from accounts.models import Client, Connection, User
from accounts.outbox import outbox_is_here
from operations.folding import holds, starts_with
from operations.registry import search_places, search_sources
from operations.searching import Asked, Item, Place, SearchSource, number_in

CLIENT, CONNECTION = "analytics:client", "accounts:connection"


def best_first(field: str, asked: Asked) -> Case:
    """For order_by: what begins with the words as typed, then the rest."""
    return Case(When(starts_with(field, asked.text), then=Value(0)), default=Value(1))


def find_clients(user: Any, asked: Asked, most: int) -> Sequence[Item]:
    clients = Client.objects.visible_to(user)
    for word in asked.words:
        clients = clients.filter(holds("name", word))
    return [_client(client) for client in clients.order_by(best_first("name", asked), "name", "pk")[:most]]


def recall_clients(user: Any, slugs: Sequence[str]) -> Sequence[Item]:
    return [_client(client) for client in Client.objects.visible_to(user).filter(slug__in=slugs)]


def _client(client: Client) -> Item:
    return Item(client.name, reverse(CLIENT, args=[client.slug]), tile=client.tile, initials=client.initials)


def find_connections(user: Any, asked: Asked, most: int) -> Sequence[Item]:
    connections = Connection.objects.visible_to(user).select_related("client")
    for word in asked.words:
        connections = connections.filter(Q(holds("name", word)) | Q(holds("client__name", word)))
    return [_connection(one) for one in connections.order_by(best_first("name", asked), "name", "pk")[:most]]


def recall_connections(user: Any, keys: Sequence[str]) -> Sequence[Item]:
    numbers = [number for key in keys if (number := number_in(key)) is not None]
    connections = Connection.objects.visible_to(user).filter(pk__in=numbers).select_related("client")
    return [_connection(one) for one in connections]


def _connection(connection: Connection) -> Item:
    health = connection.get_health_display() if connection.is_enabled else "Disabled"
    whose = connection.client.name if connection.client else "Whole agency"
    note = " · ".join((connection.get_provider_display(), whose, health))
    return Item(connection.name, reverse(CONNECTION, args=[connection.pk]), note, icon="key")


def find_people(user: Any, asked: Asked, most: int) -> Sequence[Item]:
    """For agency admins alone, as the pages that these lead to."""
    if not user.is_agency_admin:
        return []
    people = User.objects.all()
    for word in asked.words:
        people = people.filter(Q(holds("name", word)) | Q(holds("email", word)))
    return [_person(person) for person in people.order_by(best_first("name", asked), "name", "pk")[:most]]


def _person(person: User) -> Item:
    facts = [person.get_role_display(), person.email if person.name else "", "" if person.is_active else "Deactivated"]
    note = " · ".join(filter(None, facts))
    return Item(str(person), reverse("accounts:person", args=[person.pk]), note, icon="user")


search_sources.add("clients", SearchSource("Clients", find_clients, CLIENT, recall_clients), order=10)
search_sources.add(
    "connections", SearchSource("Connections", find_connections, CONNECTION, recall_connections), order=40
)
search_sources.add("people", SearchSource("People", find_people), order=50)


def _is_admin(user: Any) -> bool:
    return bool(user.is_agency_admin)


for order, (name, place) in enumerate(
    {
        "connections": Place("Connections", "accounts:connections", "plug-connected", "keys api"),
        "add connection": Place(
            "Add a connection", "accounts:add_connection", "plus", "new key connect smartlead", allowed=_is_admin
        ),
        "add client": Place(
            "Add a client", "accounts:add_client", "building", "new customer create", allowed=_is_admin
        ),
        "people": Place("People", "accounts:people", "users", "team users roles second factor", allowed=_is_admin),
        "invite": Place("Invite a person", "accounts:invite", "mail-plus", "new user add", allowed=_is_admin),
        "password": Place("Change your password", "account_change_password", "lock", "your account"),
        "second factor": Place("Your second factor", "mfa_index", "shield-lock", "your account passkey totp mfa codes"),
        "sessions": Place("Your sessions", "usersessions_list", "device-desktop", "your account sign out everywhere"),
        "outbox": Place(
            "Outbox of the demo",
            "accounts:outbox",
            "mail",
            "mail sent",
            allowed=lambda user: _is_admin(user) and outbox_is_here(),
        ),
        "django admin": Place("Django admin", "admin:index", "settings", "site", allowed=_is_admin),
    }.items()
):
    search_places.add(name, place, order=400 + order)
