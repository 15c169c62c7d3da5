"""The rows of the client list: how each client is doing, what their keys and campaigns do; worst first, or as one likes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Min, Q, Sum

from accounts.models import Client, Mailbox
from accounts.standing import Standing
from analytics.clients.health import ACTIVE, OVER_LIMIT, RUNS_OUT, Health, Signs, health_of, mailbox_counts
from analytics.clients.keys import Keys
from analytics.metrics import BOUNCE_LIMIT, Counts
from campaigns.models import Campaign

COUNTERS = ("sent", "contacted", "replied", "positive", "bounced")


@dataclass(frozen=True)
class ClientRow:
    """`counts` are those of the last 30 days, over the campaigns of the client; people count once per campaign."""

    client: Client
    standing: Standing
    health: Health
    active: int
    campaigns: int
    counts: Counts
    synced_at: datetime | None

    @property
    def bounce_tone(self) -> str:
        rate = self.counts.bounce_rate
        if not rate.enough:
            return "faint"
        return "bad strong" if (rate.percent or 0) > BOUNCE_LIMIT else ""

    @property
    def reply_percent(self) -> float | None:
        """Of people; of emails it would be another measure."""
        counts = self.counts
        return None if counts.replies_are_per_email or not counts.sent else counts.reply_rate.percent


@dataclass(frozen=True)
class Column:
    key: str
    label: str
    classes: str
    value: Callable[[ClientRow], Any]
    first: str = "descending"


COLUMNS = (
    Column("name", "Client", "", lambda row: row.client.name.casefold(), "ascending"),
    Column("health", "Health", "", lambda row: (row.health.rank, -(row.counts.sent or 0)), "ascending"),
    Column("keys", "Keys", "p3", lambda row: row.standing.rank, "ascending"),
    Column("active", "Active", "r p2", lambda row: row.active),
    Column("sent", "Sent", "r p2", lambda row: row.counts.sent or None),
    Column("reply", "Reply", "r", lambda row: row.reply_percent),
    Column("positive", "Positive", "r p2", lambda row: row.counts.positive if row.counts.sent else None),
    Column("bounce", "Bounce", "r p2", lambda row: row.counts.bounce_rate.percent),
    Column("sync", "Last sync", "r p3", lambda row: row.synced_at),
    Column("owner", "Run by", "p3", lambda row: str(row.client.owner).casefold() if row.client.owner else None, "ascending"),
)  # fmt: skip
BY_KEY = {column.key: column for column in COLUMNS}
DEFAULT_SORT = "health"


def sort_or_default(wish: str) -> str:
    return wish if wish.removeprefix("-") in BY_KEY else DEFAULT_SORT


def in_order(rows: list[ClientRow], sort: str) -> list[ClientRow]:
    """A total order: clients without the figure come last in both directions, equal ones by name."""
    value = BY_KEY[sort.removeprefix("-")].value
    by_name = sorted(rows, key=lambda row: (row.client.name.casefold(), row.client.pk))
    known = [row for row in by_name if value(row) is not None]
    return [*sorted(known, key=value, reverse=sort.startswith("-")), *(row for row in by_name if value(row) is None)]


def client_rows(user: Any, search: str, keys: Keys) -> list[ClientRow]:
    """Every client that the reader may see and that the words match. Three queries, however many there are."""
    clients = Client.objects.visible_to(user).select_related("owner")
    for word in search.split():
        clients = clients.filter(Q(name__icontains=word) | Q(owner__name__icontains=word))
    figures, boxes = _figures(user), mailbox_counts(Mailbox.objects.visible_to(user))
    return [_row(one, keys.worst_of(one.pk), figures.get(one.pk, {}), boxes.get(one.pk, {})) for one in clients]


def _row(client: Client, standing: Standing, figures: Mapping[str, Any], boxes: Mapping[str, Any]) -> ClientRow:
    counts = Counts(*(None if figures.get(f"without_{name}") else figures.get(name) for name in COUNTERS))
    signs = Signs(
        standing,
        counts,
        active=figures.get("active", 0),
        over_limit=figures.get("over_limit", 0),
        runs_out=figures.get("runs_out", 0),
        mailboxes=boxes.get("mailboxes", 0),
        mailboxes_out=boxes.get("mailboxes_out", 0),
    )
    return ClientRow(
        client, standing, health_of(signs), signs.active, figures.get("campaigns", 0), counts, figures.get("synced_at")
    )


def _figures(user: Any) -> dict[int, dict[str, Any]]:
    """By client: counts of campaigns, and sums of what each campaign did in 30 days. A sum is left out where a campaign that
    sent something does not tell.
    """
    sends = Q(numbers__recent_sent__gt=0)
    sums: dict[str, Any] = {name: Sum(f"numbers__recent_{name}", filter=sends, default=0) for name in COUNTERS}
    untold = {
        f"without_{name}": Count("pk", filter=sends & Q(**{f"numbers__recent_{name}": None})) for name in COUNTERS[1:]
    }
    found: Any = (
        Campaign.objects.visible_to(user)
        .present()
        .main()
        .filter(client__isnull=False)
        .order_by()
        .values("client_id")
        .annotate(
            campaigns=Count("pk", filter=Q(archived_at=None) | ACTIVE),
            active=Count("pk", filter=ACTIVE),
            over_limit=Count("pk", filter=ACTIVE & OVER_LIMIT),
            runs_out=Count("pk", filter=RUNS_OUT),
            synced_at=Min("numbers__totals_at"),
            **sums,
            **untold,
        )
    )
    return {row["client_id"]: row for row in found}
