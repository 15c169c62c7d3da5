"""Carrying out one write: send, read back, settle. Survives a lost answer and a killed worker at every point."""

import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from django.db import transaction

from operations.models import AuditEntry, JobItem, Write
from operations.registry import write_followers, write_kinds
from operations.writes.permission import WritesNotAllowed
from providers.calls import Call
from providers.errors import (
    AuthRejected,
    BlockedByEdge,
    Forbidden,
    LaneBusy,
    NotFound,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    RequestRefused,
    UnexpectedResponse,
    UnknownOutcome,
)
from providers.limiting import Priority
from providers.ports import Provider

T = TypeVar("T")

# Longer than the longest exchange of a write: a slot (10 s), the connection (2 s), the answer (30 s).
LEASE = timedelta(seconds=45)
SENDS = 3
LOOKS = 3
OK = 200
REFUSED, GONE, EMPTY = "refused", "gone", "empty answers"
"""Names in a payload: what a provider said when it refused the change, that it no longer has what the change is about, and how
often it seemed so.
"""


class WriteSession(Protocol):
    """A connection opened for writing; `send` raises the ProviderError family, WritesNotAllowed among it."""

    @property
    def provider(self) -> Provider: ...

    def send(self, call: Call[T]) -> T: ...


OpenSession = Callable[[int], AbstractContextManager[WriteSession]]


def carry_out(write_id: int, session: WriteSession, clock: Callable[[], datetime]) -> Write | None:
    """Work on the write until it is settled or has to wait; None if somebody else holds it. Never raises for the provider."""
    write = Write.objects.claim(write_id, uuid.uuid4().hex, clock(), LEASE)
    if write is None:
        return None
    kind = write_kinds[write.kind]
    if write.state == Write.State.PENDING:
        if kind.looks_first and not _look(write, kind, session, clock):
            return write
        if not _send(write, kind, session, clock):
            return write
    elif not _keep(write, clock(), state=Write.State.UNKNOWN):
        return write
    _check(write, kind, session, clock)
    return write


def _look(write: Write, kind: Any, session: WriteSession, clock: Callable[[], datetime]) -> bool:
    """True where the remote state is still the one that the change was made from. Nothing has been sent so far."""
    write.checks += 1
    try:
        reads = [session.send(call) for call in kind.look(session.provider, write)]
    except (LaneBusy, RateLimited) as error:
        write.checks -= 1
        _wait(write, clock(), Write.State.PENDING, timedelta(seconds=_seconds_to_wait(error)), str(error))
        return False
    except ProviderError as error:
        if _waits_for(error, kind, write, clock()):
            _wait(write, clock(), Write.State.PENDING, _ever_longer(write.checks), str(error))
        elif _is_passing(error, write, clock()):
            _wait(write, clock(), Write.State.PENDING, timedelta(seconds=5 * write.checks), str(error))
        else:
            _note_gone(write, error, clock())
            _settle(write, Write.State.FAILED, clock(), f"{error} Nothing was changed.")
        return False
    if found := kind.seen(write, *reads):
        _keep(write, clock(), payload={**write.payload, **found})
    differences = kind.conflict(write, *reads)
    if differences:
        message = "It was changed at the provider meanwhile, so nothing was sent: " + _in_words(differences)
        _settle(write, Write.State.CONFLICT, clock(), message, kind=kind, look=reads)
        return False
    if kind.already(write, *reads):
        _settle(write, Write.State.DONE, clock(), "", kind=kind, look=reads)
        return False
    write.checks = 0
    return True


def _is_passing(error: ProviderError, write: Write, now: datetime) -> bool:
    """Whether asking again may help."""
    if isinstance(error, NotFound):
        return not _is_gone(error, write, now)
    return isinstance(error, ProviderUnavailable | UnknownOutcome | UnexpectedResponse) and write.checks < LOOKS


def _is_gone(error: NotFound, write: Write, now: datetime) -> bool:
    """An answer without a body says "no such object" (smartlead-api 1.7), and so does a provider with a hiccup: it is believed
    once it has been said so many times.
    """
    if error.status != OK:
        return True
    times = write.payload.get(EMPTY, 0) + 1
    _keep(write, now, payload={**write.payload, EMPTY: times})
    return times >= LOOKS


def _note_gone(write: Write, error: ProviderError, now: datetime) -> None:
    if isinstance(error, NotFound):
        _keep(write, now, payload={**write.payload, GONE: True})


def _waits_for(error: ProviderError, kind: Any, write: Write, now: datetime) -> bool:
    """Whether this change, of which nothing has left, is to wait until the key works, the provider answers, changes are
    allowed again.
    """
    stuck = AuthRejected | Forbidden | BlockedByEdge | ProviderUnavailable | UnexpectedResponse | WritesNotAllowed
    patience: timedelta | None = kind.patience(write)
    return patience is not None and isinstance(error, stuck) and now - write.created_at < patience


def _ever_longer(times: int) -> timedelta:
    return timedelta(seconds=min(300, 5 * 2 ** min(times, 6)))


def _seconds_to_wait(error: LaneBusy | RateLimited) -> float:
    return error.wait if isinstance(error, LaneBusy) else error.retry_after or 5.0


def _send(write: Write, kind: Any, session: WriteSession, clock: Callable[[], datetime]) -> bool:
    """True where something left, so that the remote state is worth reading."""
    try:
        call = kind.call(session.provider, write)
    except ValueError as error:
        _settle(write, Write.State.FAILED, clock(), f"{error} Nothing was changed.")
        return False
    if not _keep(write, clock(), state=Write.State.SENDING, sent_at=clock(), sends=write.sends + 1):
        return False
    try:
        answer = session.send(call)
        if told := kind.told(write, answer):
            _keep(write, clock(), payload={**write.payload, **told})
    except UnknownOutcome as error:
        _keep(write, clock(), state=Write.State.UNKNOWN, message=str(error)[:300])
    except (LaneBusy, RateLimited) as error:
        wait = timedelta(seconds=_seconds_to_wait(error))
        _wait(write, clock(), Write.State.PENDING, wait, str(error), sends=write.sends - 1)
        return False
    except UnexpectedResponse as error:
        # Something was answered, and nobody knows what: the remote state decides.
        _keep(write, clock(), state=Write.State.UNKNOWN, message=str(error)[:300])
    except ProviderError as error:
        return _not_sent(write, kind, error, clock())
    return True


def _not_sent(write: Write, kind: Any, error: ProviderError, now: datetime) -> bool:
    """What becomes of a change that the provider did not take; True where its state is to be read all the same."""
    if kind.reads_refusals and isinstance(error, RequestRefused | NotFound):
        return _keep(write, now, state=Write.State.UNKNOWN, payload={**write.payload, REFUSED: str(error)[:300]})
    if _waits_for(error, kind, write, now):
        write.checks += 1
        _wait(write, now, Write.State.PENDING, _ever_longer(write.checks), str(error), sends=write.sends - 1)
    elif isinstance(error, ProviderUnavailable) and write.sends < SENDS:
        _wait(write, now, Write.State.PENDING, timedelta(seconds=5 * write.sends), str(error))
    elif isinstance(error, ProviderUnavailable):
        _settle(write, Write.State.FAILED, now, f"{error} Nothing was changed.")
    else:
        _settle(write, Write.State.FAILED, now, str(error))
    return False


def _check(write: Write, kind: Any, session: WriteSession, clock: Callable[[], datetime]) -> None:
    """Read the remote state back and settle the write by it."""
    write.checks += 1
    try:
        read = session.send(kind.read_back(session.provider, write))
    except NotFound as error:
        if not _is_gone(error, write, clock()):
            _wait(write, clock(), Write.State.UNKNOWN, timedelta(seconds=5), "We're checking.")
        else:
            _note_gone(write, error, clock())
            _settle(write, Write.State.FAILED, clock(), "It is no longer there at the provider.")
        return
    except (LaneBusy, RateLimited) as error:
        write.checks -= 1
        delay = timedelta(seconds=_seconds_to_wait(error))
        _wait(write, clock(), Write.State.UNKNOWN, delay, f"We're checking. {error}")
        return
    except ProviderError as error:
        # Not knowing is a state: it stays until the provider says what is. A hiccup is over in seconds, an outage is not.
        delay = timedelta(seconds=min(300, 2**write.checks))
        _wait(write, clock(), Write.State.UNKNOWN, delay, f"We're checking. {error}")
        return
    differences = kind.compare(write, read)
    if not differences:
        _settle(write, Write.State.DONE, clock(), "", kind=kind, read=read)
    elif REFUSED in write.payload:
        _settle(write, Write.State.FAILED, clock(), write.payload[REFUSED], kind=kind, read=read)
    elif write.state == Write.State.UNKNOWN and _may_repeat(kind, session, write):
        # The answer was lost and the old state stands: it was not carried out.
        _wait(write, clock(), Write.State.PENDING, timedelta(0), "The answer was lost, and the change was not made.")
    elif write.state == Write.State.UNKNOWN and write.checks < 2:
        # What must not be sent twice is looked at twice: it may still be on its way.
        _wait(write, clock(), Write.State.UNKNOWN, timedelta(seconds=10), "We're checking.")
    elif write.state == Write.State.UNKNOWN and kind.repeats_after_look and write.sends < SENDS:
        write.checks = 0
        _wait(write, clock(), Write.State.PENDING, timedelta(0), "The answer was lost, and the change was not made.")
    else:
        message = "The provider accepted the change and did not make it: "
        if write.state == Write.State.UNKNOWN:
            message = "The answer was lost, and the change was not made: "
        _settle(write, Write.State.FAILED, clock(), message + _in_words(differences), kind=kind, read=read)


def _may_repeat(kind: Any, session: WriteSession, write: Write) -> bool:
    return bool(kind.call(session.provider, write).repeatable) and write.sends < SENDS


def _in_words(differences: Iterable[object]) -> str:
    return "; ".join(map(str, differences))


def _keep(write: Write, now: datetime, **values: Any) -> bool:
    """Move on while holding the lease; False if it was lost, and then nothing may be sent any more."""
    held = Write.objects.filter(pk=write.pk, lease_owner=write.lease_owner, lease_until__gte=now)
    won = held.update(lease_until=now + LEASE, **values)
    for name, value in values.items():
        setattr(write, name, value)
    return bool(won)


def _wait(write: Write, now: datetime, state: str, delay: timedelta, message: str, **values: Any) -> None:
    """Give the write back, to be taken up again after `delay`."""
    values |= {"state": state, "due_at": now + delay, "message": message[:300], "checks": write.checks}
    Write.objects.filter(pk=write.pk, lease_owner=write.lease_owner).update(
        lease_owner="", lease_until=now - timedelta(microseconds=1), **values
    )
    for name, value in values.items():
        setattr(write, name, value)
    _tell_followers(write)


def _tell_followers(write: Write) -> None:
    """Jobs, whose items end with their writes."""
    for _, follow in write_followers:
        follow(write)


def _settle(
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
        _tell_followers(write)
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
