"""What the frame of every page shows beside the page itself: the reader's clients, and whether their keys work."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from django.conf import settings
from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, Value, When
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from accounts.branding import Portal
from accounts.models import Client, Connection, RemoteClient, User
from accounts.outbox import outbox_is_here
from accounts.standing import Standing, standing_of
from accounts.viewing import viewer_of

MOST_CLIENTS = 60  # in the sidebar; more are a list to search and not one to read


@dataclass(frozen=True)
class FrameClient:
    """One client of the sidebar. `flag` is "", "warn" or "bad", and `flag_word` the word for it."""

    name: str
    initials: str
    tile: int
    url: str
    flag: str
    flag_word: str
    is_current: bool = False

    @property
    def entry(self) -> SafeString:
        return _entry(self)


@lru_cache(maxsize=2048)
def _entry(client: FrameClient) -> SafeString:
    """Drawn by its template once, then remembered: a sidebar of hundreds of clients is on every page."""
    return render_to_string("frame/sidebar_client.html", {"client": client})


class Frame:
    """Read when a template asks for it: one query."""

    def __init__(
        self,
        user: Any,
        viewer: Callable[[], User | None] = lambda: None,
        look: Portal | None = None,
        current_client: str | None = None,
    ) -> None:
        """`current_client` is the slug of the one whose campaigns the page lists."""
        self._user = user
        self._current = current_client
        self._viewer = viewer
        self._look = look

    @property
    def viewer(self) -> User | None:
        """Who of the agency looks at the page as this client login; None if nobody does."""
        return self._viewer()

    @property
    def workspace_name(self) -> str:
        return settings.QUARTERDECK_WORKSPACE_NAME

    @property
    def is_admin(self) -> bool:
        return bool(getattr(self._user, "is_agency_admin", False))

    @property
    def has_outbox(self) -> bool:
        return self.is_admin and outbox_is_here()

    @property
    def _is_client_login(self) -> bool:
        return bool(getattr(self._user, "is_client_login", False))

    @property
    def layout(self) -> str:
        """The frame of pages that the agency's people and client logins both have: those of one's own account."""
        return "portal/base.html" if self._is_client_login else "base.html"

    @cached_property
    def portal(self) -> Portal | None:
        """The look of the portal that a client login is in, or that somebody of the agency looks at."""
        if self._look is not None or not self._is_client_login:
            return self._look
        client = Client.objects.visible_to(self._user).select_related("branding").first()
        return Portal.of(client) if client else None

    @property
    def portal_name(self) -> str:
        """Whose portal a client login is in."""
        return self.portal.name if self.portal else self.workspace_name

    @cached_property
    def _rows(self) -> list[Any]:
        """The clients with the worst state of the keys behind each, and in every row how many keys there are."""
        if self._is_client_login:
            return []
        keys = Connection.objects.visible_to(self._user).enabled()
        mapped = RemoteClient.objects.filter(client=OuterRef("pk"), gone_at=None, connection__client=None)
        mapped = mapped.filter(connection__in=keys.failing())
        return list(
            Client.objects.visible_to(self._user)
            .annotate(
                own_health=_worst(keys.failing().filter(client=OuterRef("pk")), "health"),
                shared_health=_worst(mapped, "connection__health"),
                keys_total=_number_of(keys),
                keys_failing=_number_of(keys.failing()),
            )
            .values_list("pk", "name", "slug", "own_health", "shared_health", "keys_total", "keys_failing", named=True)
        )

    @cached_property
    def _keys(self) -> tuple[int, int]:
        """How many keys there are, and how many fail; one more query only where keys have come before clients."""
        if self._rows:
            return self._rows[0].keys_total or 0, self._rows[0].keys_failing or 0
        if not self.is_admin:
            return 0, 0
        keys = Connection.objects.visible_to(self._user).enabled()
        counted = keys.aggregate(total=Count("pk"), failing=Count("pk", filter=Q(health__in=Connection.BROKEN)))
        return counted["total"], counted["failing"]

    @property
    def keys_total(self) -> int:
        return self._keys[0]

    @property
    def keys_failing(self) -> int:
        return self._keys[1]

    @cached_property
    def clients(self) -> list[FrameClient]:
        """By name. Of very many those to look at, the current one, and as many of the others as there is room for."""
        address = reverse("campaigns:list")
        everybody = [
            _frame_client(
                row.pk,
                row.name,
                row.own_health,
                row.shared_health,
                f"{address}?client={row.slug}",
                row.slug == self._current,
            )
            for row in self._rows
        ]
        if len(everybody) <= MOST_CLIENTS:
            return everybody
        by_need = sorted(everybody, key=lambda client: (not client.is_current, client.flag != "bad", not client.flag))
        chosen = set(by_need[:MOST_CLIENTS])
        return [client for client in everybody if client in chosen]

    @property
    def clients_total(self) -> int:
        return len(self._rows)


@lru_cache(maxsize=2048)
def _frame_client(
    pk: int, name: str, own_health: str | None, shared_health: str | None, url: str, is_current: bool
) -> FrameClient:
    client, trouble = Client(pk=pk, name=name), _worse(own_health, shared_health)
    return FrameClient(
        name=name,
        initials=client.initials,
        tile=client.tile,
        url=url,
        flag=trouble.tone if trouble else "",
        flag_word=trouble.word if trouble else "",
        is_current=is_current,
    )


def _worst(rows: "QuerySet[Any]", health: str) -> Subquery:
    """Of rows that fail, the state of the one that fails worst: what a person must do comes before what may pass."""
    bad = [state for state in Connection.BROKEN if standing_of(Connection(health=state)).tone == "bad"]
    place = Case(When(**{f"{health}__in": bad}, then=Value(0)), default=Value(1))
    return Subquery(rows.order_by(place, "pk").values(health)[:1])


def _worse(*healths: str | None) -> Standing | None:
    standings = [standing_of(Connection(health=health)) for health in healths if health]
    return min(standings, key=lambda standing: standing.tone != "bad", default=None)


def _number_of(rows: "QuerySet[Any]") -> Subquery:
    counted = rows.order_by().annotate(one=Value(1)).values("one").annotate(number=Count("pk"))
    return Subquery(counted.values("number"))


def show_look(request: HttpRequest, client: Client) -> None:
    """Draw the page in the look of the client’s portal; `client` was read with its branding."""
    request.quarterdeck_look = Portal.of(client)  # type: ignore[attr-defined]


def frame(request: HttpRequest) -> dict[str, Frame]:
    """Context processor: `frame`. Whoever is not signed in learns the name of the workspace from it, and nothing else."""
    user = getattr(request, "user", None)
    if user is None:
        return {}
    look: Portal | None = getattr(request, "quarterdeck_look", None)
    listed = request.GET.get("client") if request.path == reverse("campaigns:list") else None
    return {"frame": Frame(user, lambda: viewer_of(request) if hasattr(request, "session") else None, look, listed)}
