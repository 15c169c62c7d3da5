"""Our copy of the mailboxes that a connection sees."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from accounts.models import Mailbox
from accounts.services.mapping import client_of, reown
from operations.sync.values import fingerprint, natural
from providers.records import RemoteMailbox, RemoteWarmup
from providers.reports import RemoteWarmupStats
from providers.text import storable

MIRRORED = [
    "remote_client_id",
    "client",
    "address",
    "name",
    "kind",
    "daily_limit",
    "sent_today",
    "min_gap_minutes",
    "smtp_ok",
    "imap_ok",
    "problems",
    "suspended",
    "tags",
    "warmup_status",
    "warmup_sent",
    "warmup_spam",
    "warmup_reputation",
    "warmup_reply_rate",
    "warmup_blocked_reason",
    "warmup_started_at",
    "remote_campaign_ids",
    "listed",
    "fingerprint",
    "synced_at",
    "gone_at",
]


def mirror_mailboxes(connection_id: int, told: Sequence[RemoteMailbox], seen_at: datetime) -> dict[str, int]:
    """Take in a part of the connection's list, as of `seen_at`. Only rows whose fingerprint changed are written."""
    return _upsert(connection_id, {box.id: box for box in told}, seen_at, listed=True)


def note_senders(connection_id: int, told: Sequence[RemoteMailbox], seen_at: datetime) -> dict[int, int]:
    """Take in mailboxes that campaigns send from; the list knows better about those that it holds.

    Returns the keys of our rows by remote id. A client's own key may list that client's mailboxes alone, while its
    campaigns send from the agency's too: these get a row that is not `listed`.
    """
    boxes = {box.id: box for box in told}
    in_list = Mailbox.objects.present().filter(connection_id=connection_id, listed=True, remote_id__in=boxes)
    listed = set(in_list.values_list("remote_id", flat=True))
    _upsert(connection_id, {key: box for key, box in boxes.items() if key not in listed}, seen_at, listed=False)
    rows = Mailbox.objects.filter(connection_id=connection_id, remote_id__in=boxes)
    return dict(rows.values_list("remote_id", "pk"))


def missing_since(connection_id: int, seen_at: datetime) -> int:
    """How many mailboxes of the connection's list were not seen in it at `seen_at` or later."""
    rows = Mailbox.objects.present().filter(connection_id=connection_id, listed=True)
    return rows.filter(synced_at__lt=seen_at).count()


def mark_gone(connection_id: int, seen_at: datetime, now: datetime) -> int:
    """Say of the mailboxes that the whole list of `seen_at` does not hold that they are gone; returns how many."""
    rows = Mailbox.objects.present().filter(connection_id=connection_id, listed=True)
    return rows.filter(synced_at__lt=seen_at).update(gone_at=now)


def store_warmup(connection_id: int, told: Sequence[RemoteWarmupStats], now: datetime) -> dict[str, int]:
    """The last week's warmup of these mailboxes, in one write."""
    stats = {one.mailbox_id: one for one in told}
    rows = list(Mailbox.objects.filter(connection_id=connection_id, remote_id__in=stats).only("remote_id"))
    for row in rows:
        row.warmup_week, row.warmup_week_at = _week(stats[row.remote_id]), now
    Mailbox.objects.bulk_update(rows, ["warmup_week", "warmup_week_at"])
    return {"seen": len(rows)}


def reown_mailboxes(connection_id: int) -> int:
    """Give each mailbox the client that its remote client is mapped to now; returns how many changed."""
    return reown(Mailbox.objects.all(), connection_id)


def _upsert(connection_id: int, boxes: dict[int, RemoteMailbox], seen_at: datetime, *, listed: bool) -> dict[str, int]:
    ours = Mailbox.objects.filter(connection_id=connection_id, remote_id__in=boxes)
    known = {row["remote_id"]: row for row in ours.values("remote_id", "fingerprint", "client_id", "gone_at", "listed")}
    owner_of = client_of(connection_id)
    rows = [_row(connection_id, box, owner_of(box.client_id), seen_at, listed) for box in boxes.values()]
    touched = [row for row in rows if _is_touched(row, known.get(row.remote_id))]
    Mailbox.objects.bulk_create(
        touched,
        update_conflicts=True,
        unique_fields=["connection", "remote_id"],
        update_fields=MIRRORED,
        batch_size=500,
    )
    ours.update(synced_at=seen_at)
    new = sum(1 for row in touched if row.remote_id not in known)
    back = sum(1 for row in touched if row.remote_id in known and known[row.remote_id]["gone_at"])
    return {"seen": len(boxes), "new": new, "changed": len(touched) - new - back, "back": back}


def _is_touched(row: Mailbox, old: Mapping[str, Any] | None) -> bool:
    if old is None or old["gone_at"] is not None:
        return True
    before = (old["fingerprint"], old["client_id"], old["listed"])
    return before != (row.fingerprint, row.client_id, row.listed)


def _row(connection_id: int, box: RemoteMailbox, client_id: int | None, seen_at: datetime, listed: bool) -> Mailbox:
    warmup = box.warmup or RemoteWarmup(status="")
    return Mailbox(
        connection_id=connection_id,
        remote_id=box.id,
        remote_client_id=box.client_id,
        client_id=client_id,
        address=storable(box.address)[:320],
        name=storable(box.name)[:300],
        kind=storable(box.kind)[:40],
        daily_limit=natural(box.daily_limit),
        sent_today=natural(box.sent_today),
        min_gap_minutes=natural(box.min_gap_minutes),
        smtp_ok=box.smtp_ok,
        imap_ok=box.imap_ok,
        problems=_problems(box),
        suspended=box.suspended,
        tags=[{"id": tag.id, "name": storable(tag.name), "color": storable(tag.color)} for tag in box.tags],
        warmup_status=storable(warmup.status)[:20],
        warmup_sent=natural(warmup.sent),
        warmup_spam=natural(warmup.spam),
        warmup_reputation=warmup.reputation,
        warmup_reply_rate=warmup.reply_rate,
        warmup_blocked_reason=storable(warmup.blocked_reason)[:300],
        warmup_started_at=warmup.started_at,
        remote_campaign_ids=_campaign_ids(box),
        listed=listed,
        fingerprint=fingerprint(box),
        synced_at=seen_at,
        gone_at=None,
    )


def _problems(box: RemoteMailbox) -> list[str]:
    """What the provider says is wrong, each once: sending and receiving often fail for the same reason."""
    told = (storable(text)[:300] for text in (box.smtp_problem, box.imap_problem) if text.strip())
    return list(dict.fromkeys(told))


def _campaign_ids(box: RemoteMailbox) -> list[int] | None:
    """Sorted. One that is said to be in campaigns without a name of them counts as not told, or its links would be lost."""
    if box.campaign_ids is None or (box.campaign_count and not box.campaign_ids):
        return None
    return sorted(set(box.campaign_ids))


def _week(stats: RemoteWarmupStats) -> dict[str, Any]:
    found = asdict(stats)
    del found["mailbox_id"]
    found["days"] = [{**day, "day": day["day"].isoformat()} for day in found["days"]]
    return found
