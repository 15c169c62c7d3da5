"""The keys that lead to clients, and the worst of them for each."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from accounts.models import Client, Connection, RemoteClient
from accounts.standing import Standing, standing_of

NO_KEY = Standing("none", "No key", "", "No connection leads to this client yet")


@dataclass(frozen=True)
class Nobodys:
    """Clients behind an agency-wide key that nobody has mapped."""

    connection: Connection
    count: int


class Keys:
    """Every enabled key that the reader may see, and whom it leads to. Two queries."""

    def __init__(self, user: Any) -> None:
        connections = {one.pk: one for one in Connection.objects.visible_to(user).enabled()}
        remote = RemoteClient.objects.visible_to(user).filter(gone_at=None).order_by()
        pairs = list(remote.values_list("connection_id", "client_id"))
        behind: list[tuple[int, int | None]] = [
            (one.pk, one.client_id) for one in connections.values() if one.client_id
        ]
        self._standings: dict[int, list[Standing]] = {}
        unmapped: dict[int, int] = {}
        for connection_id, client_id in [*behind, *pairs]:
            if connection_id not in connections:
                continue
            if client_id is None:
                unmapped[connection_id] = unmapped.get(connection_id, 0) + 1
            else:
                self._standings.setdefault(client_id, []).append(standing_of(connections[connection_id]))
        self.nobodys = [Nobodys(connections[pk], count) for pk, count in sorted(unmapped.items())]

    def worst_of(self, client_id: int) -> Standing:
        return worst(self._standings.get(client_id, ()))


def worst(standings: Iterable[Standing]) -> Standing:
    return min(standings, key=lambda standing: standing.rank, default=NO_KEY)


def worst_key_of(client: Client, user: Any) -> Standing:
    """That of the worst enabled key that leads to the client. One query."""
    mapped = RemoteClient.objects.visible_to(user).filter(client=client, gone_at=None).values("connection_id")
    keys = Connection.objects.visible_to(user).enabled().filter(Q(client=client) | Q(pk__in=mapped))
    return worst(map(standing_of, keys))
