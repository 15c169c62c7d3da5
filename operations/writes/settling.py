"""The lease of a write while somebody works on it, giving it back, and its end with the audit entry."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from operations.models import AuditEntry, JobItem, Write
from operations.registry import write_followers, write_kinds
from providers.limiting import Priority

# Longer than the longest exchange of a write: a slot (10 s), the connection (2 s), the answer (30 s).
LEASE = timedelta(seconds=45)


def keep(write: Write, now: datetime, **values: Any) -> bool:
    """Move on while holding the lease; False if it was lost, and then nothing may be sent any more."""
    held = Write.objects.filter(pk=write.pk, lease_owner=write.lease_owner, lease_until__gte=now)
    won = held.update(lease_until=now + LEASE, **values)
    for name, value in values.items():
        setattr(write, name, value)
    return bool(won)


def give_back(write: Write, now: datetime, state: str, delay: timedelta, message: str, **values: Any) -> None:
    """Give the write back, to be taken up again after `delay`."""
    values |= {"state": state, "due_at": now + delay, "message": message[:300], "checks": write.checks}
    # In one transaction: whoever takes the write up next, and settles it, must come after those who are told of this.
    with transaction.atomic():
        given = Write.objects.filter(pk=write.pk, lease_owner=write.lease_owner, state__in=Write.UNSETTLED).update(
            lease_owner="", lease_until=now - timedelta(microseconds=1), **values
        )
        for name, value in values.items():
            setattr(write, name, value)
        if given:
            tell_followers(write)


def tell_followers(write: Write) -> None:
    """Jobs, whose items end with their writes."""
    for _, follow in write_followers:
        follow(write)


def settle(
    write: Write,
    state: str,
    now: datetime,
    message: str,
    *,
    kind: Any = None,
    read: Any = None,
    look: Sequence[Any] = (),
) -> None:
    """The end of a write, with its audit entry; our rows follow what the provider said last: a read-back, or a look."""
    with transaction.atomic():
        won = Write.objects.filter(pk=write.pk, lease_owner=write.lease_owner, state__in=Write.UNSETTLED).update(
            state=state,
            message=message[:300],
            settled_at=now,
            checks=write.checks,
            lease_owner="",
            lease_until=now - timedelta(microseconds=1),
        )
        write.state, write.message, write.settled_at = state, message[:300], now
        if not won:
            return
        if kind is not None:
            _take_in(write, kind, read, look)
        known = write_kinds[write.kind]
        job_id = _job_of(write)
        known.settled(write)
        tell_followers(write)
        if not known.is_audited(write):
            return
        AuditEntry.objects.create(
            at=now,
            actor_id=write.actor_id,
            actor_label=write.actor_label,
            origin=write.origin,
            client_id=write.client_id,
            action=f"{write.kind}: {state}",
            subject_type=write.subject_type,
            subject_id=write.subject_id,
            subject_label=write.subject_label,
            before=write.before,
            after=write.after if state == Write.State.DONE else {"message": message},
            write=write,
            job_id=job_id,
        )


def _job_of(write: Write) -> int | None:
    """The job whose item this write carries out; asked before the item is told, which may then go on with another write."""
    if write.priority != Priority.JOBS:
        return None
    found: int | None = JobItem.objects.filter(write=write).values_list("job_id", flat=True).first()
    return found


def _take_in(write: Write, kind: Any, read: Any, look: Sequence[Any]) -> None:
    """What the provider said last, into our rows and beside what was wanted."""
    found = kind.conflict(write, *look) if len(look) > 1 else kind.compare(write, look[0] if look else read)
    write.differences = [{"field": one.field, "written": str(one.written), "read": str(one.read)} for one in found]
    if look:
        kind.store_look(write, *look)
    else:
        kind.store(write, read)
    Write.objects.filter(pk=write.pk).update(differences=write.differences, after=write.after)
