"""What was changed at the provider outside of this product, found by a sync and written into the audit trail.

What we change ourselves is stored by read-back, so a sync finds no difference there. Two races remain: a list that was
asked for before our change and stored after it, and a change whose answer was lost. Both are left to the write itself
(`changes_of_ours`).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from accounts.models import Connection, RemoteClient
from campaigns.models import Campaign
from operations.models import AuditEntry, Write

STATUS, DETAILS, CLIENT, SEQUENCE, MAILBOXES, LIST = (
    "campaign status",
    "campaign details",
    "campaign client",
    "campaign sequence",
    "campaign mailboxes",
    "campaign list",
)
HELD_FOR = timedelta(hours=1)
OF_THE_ROW = ("name", "status", "schedule", "settings", "remote_client_id", "client_id", "gone_at")
UNTOLD = frozenset({"settings.raw_stop_rule"})  # the word behind the stop rule, which is told itself


@dataclass(frozen=True)
class Ours:
    """Campaigns (by key) that we are changing: `held` are left as they are by a sync, of `quiet` nothing is recorded."""

    held: frozenset[int]
    quiet: frozenset[int]


NOTHING_OF_OURS = Ours(frozenset(), frozenset())


@dataclass(frozen=True)
class Found:
    """Something of one campaign that the provider holds otherwise than we did. `client_id` says who may read of it."""

    what: str
    campaign_id: int
    name: str
    client_id: int | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def changes_of_ours(connection_id: int, asked_at: datetime) -> Ours:
    """Which campaigns an answer to a question of `asked_at` may show in the middle of a change of ours. One query."""
    writes = Write.objects.filter(connection_id=connection_id, subject_type=Campaign._meta.label)
    moving = writes.filter(Q(settled_at=None) | Q(settled_at__gt=asked_at))
    held: set[int] = set()
    quiet: set[int] = set()
    for subject_id, settled_at, created_at in moving.values_list("subject_id", "settled_at", "created_at"):
        # One whose outcome nobody can find out for an hour must not keep the campaign from being read.
        recent = settled_at is not None or created_at > asked_at - HELD_FOR
        (held if recent else quiet).add(int(subject_id))
    return Ours(frozenset(held), frozenset(held | quiet))


def record(connection_id: int, found: Iterable[Found], now: datetime) -> int:
    """Write what was found into the audit trail, in a query or two; returns how many entries that made."""
    rows = list(found)
    if not rows:
        return 0
    provider = Connection.objects.get(pk=connection_id).get_provider_display()
    AuditEntry.objects.bulk_create(
        [
            AuditEntry(
                at=now,
                origin=AuditEntry.Origin.PROVIDER,
                actor_label=provider,
                client_id=one.client_id,
                action=f"{one.what}: found",
                subject_type=Campaign._meta.label,
                subject_id=str(one.campaign_id),
                subject_label=one.name[:300],
                before=dict(one.before),
                after=dict(one.after),
            )
            for one in rows
        ],
        batch_size=500,
    )
    return len(rows)


def rows_before(connection_id: int, remote_ids: Collection[int]) -> dict[int, Campaign]:
    """Those campaigns as they are stored now, by remote id: what `row_changes` compares with."""
    rows = Campaign.objects.filter(connection_id=connection_id, remote_id__in=remote_ids)
    return {row.remote_id: row for row in rows.only("remote_id", *OF_THE_ROW)}


def row_changes(
    connection_id: int, pairs: Iterable[tuple[Campaign, Campaign]], ours: Collection[str] = ()
) -> list[Found]:
    """What differs between rows as they were and as they were told; `ours` are names of fields that we set ourselves."""
    found: list[Found] = []
    moved: list[tuple[Campaign, Campaign]] = []
    for old, new in pairs:
        changed = {
            name: (before, after)
            for name, (before, after) in _differences(old, new).items()
            if name.partition(".")[0] not in ours
        }
        # Whoever saw the campaign before need not see it now: of a campaign that changed hands, admins alone are told.
        client_id = new.client_id if new.client_id == old.client_id else None
        if status := changed.pop("status", None):
            found.append(_found(STATUS, old, new, client_id, {"status": status}))
        if changed:
            found.append(_found(DETAILS, old, new, client_id, changed))
        if old.remote_client_id != new.remote_client_id and "client" not in ours:
            moved.append((old, new))
    return [*found, *_moves(connection_id, moved)]


def _found(
    what: str, old: Campaign, new: Campaign, client_id: int | None, changed: Mapping[str, tuple[Any, Any]]
) -> Found:
    before = {name: pair[0] for name, pair in changed.items()}
    after = {name: pair[1] for name, pair in changed.items()}
    return Found(what, old.pk, new.name, client_id, before, after)


def _differences(old: Campaign, new: Campaign) -> dict[str, tuple[Any, Any]]:
    """By dotted name. What one of both does not tell is no difference."""
    found: dict[str, tuple[Any, Any]] = {}
    if old.name != new.name:
        found["name"] = (old.name, new.name)
    if old.status != new.status and Campaign.Status.UNKNOWN not in (old.status, new.status):
        found["status"] = (str(old.status), str(new.status))
    for part in ("schedule", "settings"):
        before, after = getattr(old, part) or {}, getattr(new, part) or {}
        for name in before.keys() & after.keys():
            was, is_now = _plain(before[name]), _plain(after[name])
            if was != is_now and None not in (was, is_now) and f"{part}.{name}" not in UNTOLD:
                found[f"{part}.{name}"] = (was, is_now)
    return found


def _plain(value: Any) -> Any:
    """As JSON gives it back: what was stored is compared with what was just told."""
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return str(value) if isinstance(value, str) else value


def _moves(connection_id: int, moved: Iterable[tuple[Campaign, Campaign]]) -> list[Found]:
    """Campaigns that went to another client: for admins alone, because the names of both clients are in it."""
    moved = list(moved)
    if not moved:
        return []
    names = dict(RemoteClient.objects.filter(connection_id=connection_id).values_list("remote_id", "name"))

    def name_of(remote_id: int | None) -> str:
        return "Nobody’s" if remote_id is None else names.get(remote_id) or f"Client {remote_id}"

    return [
        _found(CLIENT, old, new, None, {"client": (name_of(old.remote_client_id), name_of(new.remote_client_id))})
        for old, new in moved
    ]


def listed_changes(gone: Iterable[Campaign], back: Iterable[Campaign]) -> list[Found]:
    """Campaigns that the provider lists no more, and those that it lists again."""
    return [
        *(Found(LIST, one.pk, one.name, one.client_id, {"listed": True}, {"listed": False}) for one in gone),
        *(Found(LIST, one.pk, one.name, one.client_id, {"listed": False}, {"listed": True}) for one in back),
    ]


@dataclass(frozen=True)
class Senders:
    """Addresses of mailboxes that a campaign sends from no more, and those that it sends from since."""

    attached: tuple[str, ...] = ()
    detached: tuple[str, ...] = ()


def sender_changes(campaigns: Iterable[Campaign], changed: Mapping[int, Senders]) -> list[Found]:
    """What differs in who sends, by the key of the campaign."""
    return [
        Found(
            MAILBOXES,
            one.pk,
            one.name,
            one.client_id,
            {"detached": sorted(changed[one.pk].detached)},
            {"attached": sorted(changed[one.pk].attached)},
        )
        for one in campaigns
        if one.pk in changed
    ]
