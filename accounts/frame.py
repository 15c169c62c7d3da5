"""What the frame of every page shows beside the page itself: the reader's clients, and whether their keys work."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts.models import Client, Connection, RemoteClient
from accounts.standing import Standing, standing_of


@dataclass(frozen=True)
class FrameClient:
    """One client of the sidebar. `flag` is "", "warn" or "bad", and `flag_word` the word for it."""

    name: str
    initials: str
    tile: int
    url: str
    flag: str
    flag_word: str


class Frame:
    """Read when a template asks for it: two queries, and a third while an agency-wide key is failing."""

    def __init__(self, user: Any) -> None:
        self._user = user

    @property
    def workspace_name(self) -> str:
        return settings.QUARTERDECK_WORKSPACE_NAME

    @property
    def is_admin(self) -> bool:
        return bool(getattr(self._user, "is_agency_admin", False))

    @cached_property
    def _connections(self) -> list[Connection]:
        return list(
            Connection.objects.visible_to(self._user)
            .enabled()
            .only(
                "name",
                "provider",
                "client",
                "health",
                "health_reason",
                "health_since",
                "disabled_at",
                "last_success_at",
            )
        )

    @property
    def _failing(self) -> list[Connection]:
        return [connection for connection in self._connections if connection.is_broken]

    @property
    def keys_total(self) -> int:
        return len(self._connections)

    @property
    def keys_failing(self) -> int:
        return len(self._failing)

    @cached_property
    def clients(self) -> list[FrameClient]:
        address = reverse("campaigns:list")
        standings = self._worst_standings()
        return [
            FrameClient(
                name=client.name,
                initials=client.initials,
                tile=client.tile,
                url=f"{address}?{urlencode({'client': client.slug})}",
                flag=standings[client.pk].tone if client.pk in standings else "",
                flag_word=standings[client.pk].word if client.pk in standings else "",
            )
            for client in Client.objects.visible_to(self._user)
        ]

    def _worst_standings(self) -> Mapping[int, Standing]:
        """What is wrong with the keys behind each client, by client id; clients whose keys work are left out."""
        worst: dict[int, Standing] = {}
        owners = self._clients_behind(connection.pk for connection in self._failing if connection.client_id is None)
        for connection in self._failing:
            standing = standing_of(connection)
            for client_id in [connection.client_id] if connection.client_id else owners.get(connection.pk, []):
                if client_id not in worst or standing.tone == "bad":
                    worst[client_id] = standing
        return worst

    def _clients_behind(self, connection_ids: Iterable[int]) -> Mapping[int, list[int]]:
        wanted = list(connection_ids)
        behind: dict[int, list[int]] = {}
        if wanted:
            mapped = RemoteClient.objects.filter(connection_id__in=wanted, client__isnull=False, gone_at=None)
            for connection_id, client_id in mapped.values_list("connection_id", "client_id").order_by():
                behind.setdefault(connection_id, []).append(client_id)
        return behind


def frame(request: HttpRequest) -> dict[str, Frame]:
    """Context processor: `frame`. Whoever is not signed in learns the name of the workspace from it, and nothing else."""
    user = getattr(request, "user", None)
    return {} if user is None else {"frame": Frame(user)}
