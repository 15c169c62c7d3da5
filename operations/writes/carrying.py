"""Carrying out one write: send, read back, settle. Survives a lost answer and a killed worker at every point."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from django.db import models, transaction

from operations import audit
from operations.models import AuditEntry, Write
from operations.registry import write_kinds
from providers.calls import Call
from providers.errors import (
    LaneBusy,
    NotFound,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
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


class WriteSession(Protocol):
    """A connection opened for writing; `send` raises the ProviderError family, WritesNotAllowed among it."""

    @property
    def provider(self) -> Provider: ...

    def send(self, call: Call[T]) -> T: ...


OpenSession = Callable[[int], AbstractContextManager[WriteSession]]


def ask_for_write(
    kind: str,
    subject: models.Model,
    *,
    connection_id: int,
    client_id: int | None,
    payload: Mapping[str, Any],
    before: Mapping[str, Any],
    actor: audit.Actor,
    now: datetime,
    priority: Priority = Priority.PEOPLE,
) -> Write:
    """A pending write. The caller announces it, or carries it out itself within its own patience."""
    if kind not in write_kinds:
        raise LookupError(f"There is no kind of write named {kind!r}.")
    return Write.objects.create(
        connection_id=connection_id,
        client_id=client_id,
        kind=kind,
        subject_type=subject._meta.label,
        subject_id=str(subject.pk),
        subject_label=str(subject)[:300],
        payload=dict(payload),
        before=dict(before),
        actor=actor.user,
        actor_label=str(actor.user) if actor.user else "",
        origin=actor.origin,
        priority=priority,
        created_at=now,
        due_at=now,
    )


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
        read = session.send(kind.read_back(session.provider, write))
    except (LaneBusy, RateLimited) as error:
        write.checks -= 1
        _wait(write, clock(), Write.State.PENDING, timedelta(seconds=_seconds_to_wait(error)), str(error))
        return False
    except (ProviderUnavailable, UnknownOutcome, UnexpectedResponse) as error:
        if write.checks >= LOOKS:
            _settle(write, Write.State.FAILED, clock(), f"{error} Nothing was changed.")
        else:
            _wait(write, clock(), Write.State.PENDING, timedelta(seconds=5 * write.checks), str(error))
        return False
    except ProviderError as error:
        _settle(write, Write.State.FAILED, clock(), f"{error} Nothing was changed.")
        return False
    differences = kind.conflict(write, read)
    if differences:
        message = "It was changed at the provider meanwhile, so nothing was sent: " + _in_words(differences)
        _settle(write, Write.State.CONFLICT, clock(), message, kind=kind, read=read)
        return False
    write.checks = 0
    return True


def _seconds_to_wait(error: LaneBusy | RateLimited) -> float:
    return error.wait if isinstance(error, LaneBusy) else error.retry_after or 5.0


def _send(write: Write, kind: Any, session: WriteSession, clock: Callable[[], datetime]) -> bool:
    """True where something left, so that the remote state is worth reading."""
    if not _keep(write, clock(), state=Write.State.SENDING, sent_at=clock(), sends=write.sends + 1):
        return False
    try:
        answer = session.send(kind.call(session.provider, write))
        if told := kind.told(write, answer):
            _keep(write, clock(), payload={**write.payload, **told})
    except UnknownOutcome as error:
        _keep(write, clock(), state=Write.State.UNKNOWN, message=str(error)[:300])
    except (LaneBusy, RateLimited) as error:
        wait = timedelta(seconds=_seconds_to_wait(error))
        _wait(write, clock(), Write.State.PENDING, wait, str(error), sends=write.sends - 1)
        return False
    except ProviderUnavailable as error:
        if write.sends >= SENDS:
            _settle(write, Write.State.FAILED, clock(), f"{error} Nothing was changed.")
        else:
            _wait(write, clock(), Write.State.PENDING, timedelta(seconds=5 * write.sends), str(error))
        return False
    except UnexpectedResponse as error:
        # Something was answered, and nobody knows what: the remote state decides.
        _keep(write, clock(), state=Write.State.UNKNOWN, message=str(error)[:300])
    except ProviderError as error:
        _settle(write, Write.State.FAILED, clock(), str(error))
        return False
    return True


def _check(write: Write, kind: Any, session: WriteSession, clock: Callable[[], datetime]) -> None:
    """Read the remote state back and settle the write by it."""
    write.checks += 1
    try:
        read = session.send(kind.read_back(session.provider, write))
    except NotFound as error:
        if error.status == OK and write.checks < LOOKS:
            # An answer without a body says "no such object" (smartlead-api 1.7), and so does a provider with a hiccup.
            _wait(write, clock(), Write.State.UNKNOWN, timedelta(seconds=5), "We're checking.")
        else:
            _settle(write, Write.State.FAILED, clock(), "It is no longer there at the provider.")
        return
    except ProviderError as error:
        # Not knowing is a state: it stays until the provider says what is.
        delay = timedelta(seconds=min(300, 5 * 2 ** min(write.checks, 6)))
        _wait(write, clock(), Write.State.UNKNOWN, delay, f"We're checking. {error}")
        return
    differences = kind.compare(write, read)
    if not differences:
        _settle(write, Write.State.DONE, clock(), "", kind=kind, read=read)
    elif write.state == Write.State.UNKNOWN and _may_repeat(kind, session, write):
        # The answer was lost and the old state stands: it was not carried out.
        _wait(write, clock(), Write.State.PENDING, timedelta(0), "The answer was lost, and the change was not made.")
    elif write.state == Write.State.UNKNOWN and write.checks < 2:
        # What must not be sent twice is looked at twice: it may still be on its way.
        _wait(write, clock(), Write.State.UNKNOWN, timedelta(seconds=10), "We're checking.")
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


def _settle(write: Write, state: str, now: datetime, message: str, *, kind: Any = None, read: Any = None) -> None:
    """The end of a write, with its audit entry; our rows follow what the provider said last."""
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
        if kind is not None and read is not None:
            write.differences = [
                {"field": one.field, "written": str(one.written), "read": str(one.read)}
                for one in kind.compare(write, read)
            ]
            kind.store(write, read)
            Write.objects.filter(pk=write.pk).update(differences=write.differences, after=write.after)
        write_kinds[write.kind].settled(write)
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
        )
