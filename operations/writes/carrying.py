"""Carrying out one write: send, read back, settle. Survives a lost answer and a killed worker at every point."""

import uuid
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

import structlog

from operations.models import Write
from operations.registry import write_kinds
from operations.writes.giving_up import DATABASE_AWAY, after_mishap, ever_longer
from operations.writes.permission import WritesNotAllowed
from operations.writes.settling import LEASE, give_back, keep, settle
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
from providers.ports import Provider

T = TypeVar("T")
log = structlog.get_logger(__name__)

SENDS = 3
LOOKS = 3
NOBODY_CAN_TELL = timedelta(days=3)  # how long a change is looked for at a provider that shows nothing of it
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
    """Work on the write until it is settled or has to wait; None if somebody else holds it. Raises for the database alone."""
    write = Write.objects.claim(write_id, uuid.uuid4().hex, clock(), LEASE)
    if write is None:
        return None
    try:
        return _carried(write, write_kinds[write.kind], session, clock)
    except DATABASE_AWAY:
        raise  # the lease ends by itself, and another worker goes on from what is stored
    except Exception:
        # A mistake of ours with one change must not keep others of its subject waiting for ever, nor be made without an end.
        log.exception("A change could not be carried out", write=write.pk, kind=write.kind)
        after_mishap(write.pk, write.lease_owner, clock())
        return write


def _carried(write: Write, kind: Any, session: WriteSession, clock: Callable[[], datetime]) -> Write:
    if write.state == Write.State.PENDING:
        if kind.looks_first and not _look(write, kind, session, clock):
            return write
        if not _send(write, kind, session, clock):
            return write
    elif not keep(write, clock(), state=Write.State.UNKNOWN):
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
        give_back(write, clock(), Write.State.PENDING, timedelta(seconds=_seconds_to_wait(error)), str(error))
        return False
    except ProviderError as error:
        if _waits_for(error, kind, write, clock()):
            give_back(write, clock(), Write.State.PENDING, ever_longer(write.checks), str(error))
        elif _is_passing(error, write, clock()):
            give_back(write, clock(), Write.State.PENDING, timedelta(seconds=5 * write.checks), str(error))
        else:
            _note_gone(write, error, clock())
            settle(write, Write.State.FAILED, clock(), f"{error} Nothing was changed.")
        return False
    if found := kind.seen(write, *reads):
        keep(write, clock(), payload={**write.payload, **found})
    differences = kind.conflict(write, *reads)
    if differences:
        message = "It was changed at the provider meanwhile, so nothing was sent: " + _in_words(differences)
        settle(write, Write.State.CONFLICT, clock(), message, kind=kind, look=reads)
        return False
    if kind.already(write, *reads):
        settle(write, Write.State.DONE, clock(), "", kind=kind, look=reads)
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
    keep(write, now, payload={**write.payload, EMPTY: times})
    return times >= LOOKS


def _note_gone(write: Write, error: ProviderError, now: datetime) -> None:
    if isinstance(error, NotFound):
        keep(write, now, payload={**write.payload, GONE: True})


def _waits_for(error: ProviderError, kind: Any, write: Write, now: datetime) -> bool:
    """Whether this change, of which nothing has left, is to wait until the key works, the provider answers, changes are
    allowed again.
    """
    stuck = AuthRejected | Forbidden | BlockedByEdge | ProviderUnavailable | UnexpectedResponse | WritesNotAllowed
    patience: timedelta | None = kind.patience(write)
    return patience is not None and isinstance(error, stuck) and now - write.created_at < patience


def _seconds_to_wait(error: LaneBusy | RateLimited) -> float:
    return error.wait if isinstance(error, LaneBusy) else error.retry_after or 5.0


def _send(write: Write, kind: Any, session: WriteSession, clock: Callable[[], datetime]) -> bool:
    """True where something left, so that the remote state is worth reading."""
    try:
        call = kind.call(session.provider, write)
    except ValueError as error:
        settle(write, Write.State.FAILED, clock(), f"{error} Nothing was changed.")
        return False
    if not keep(write, clock(), state=Write.State.SENDING, sent_at=clock(), sends=write.sends + 1):
        return False
    try:
        answer = session.send(call)
        if told := kind.told(write, answer):
            keep(write, clock(), payload={**write.payload, **told})
    except UnknownOutcome as error:
        keep(write, clock(), state=Write.State.UNKNOWN, message=str(error)[:300])
    except (LaneBusy, RateLimited) as error:
        wait = timedelta(seconds=_seconds_to_wait(error))
        give_back(write, clock(), Write.State.PENDING, wait, str(error), sends=write.sends - 1)
        return False
    except UnexpectedResponse as error:
        # Something was answered, and nobody knows what: the remote state decides.
        keep(write, clock(), state=Write.State.UNKNOWN, message=str(error)[:300])
    except ProviderError as error:
        return _not_sent(write, kind, error, clock())
    return True


def _not_sent(write: Write, kind: Any, error: ProviderError, now: datetime) -> bool:
    """What becomes of a change that the provider did not take; True where its state is to be read all the same."""
    if kind.reads_refusals and isinstance(error, RequestRefused | NotFound):
        return keep(write, now, state=Write.State.UNKNOWN, payload={**write.payload, REFUSED: str(error)[:300]})
    if _waits_for(error, kind, write, now):
        write.checks += 1
        give_back(write, now, Write.State.PENDING, ever_longer(write.checks), str(error), sends=write.sends - 1)
    elif isinstance(error, ProviderUnavailable) and write.sends < SENDS:
        give_back(write, now, Write.State.PENDING, timedelta(seconds=5 * write.sends), str(error))
    elif isinstance(error, ProviderUnavailable):
        settle(write, Write.State.FAILED, now, f"{error} Nothing was changed.")
    else:
        settle(write, Write.State.FAILED, now, str(error))
    return False


def _check(write: Write, kind: Any, session: WriteSession, clock: Callable[[], datetime]) -> None:
    """Read the remote state back and settle the write by it."""
    write.checks += 1
    try:
        read = session.send(kind.read_back(session.provider, write))
    except NotFound as error:
        if not _is_gone(error, write, clock()):
            give_back(write, clock(), Write.State.UNKNOWN, timedelta(seconds=5), "We're checking.")
        else:
            _note_gone(write, error, clock())
            settle(write, Write.State.FAILED, clock(), "It is no longer there at the provider.")
        return
    except (LaneBusy, RateLimited) as error:
        write.checks -= 1
        delay = timedelta(seconds=_seconds_to_wait(error))
        give_back(write, clock(), Write.State.UNKNOWN, delay, f"We're checking. {error}")
        return
    except ProviderError as error:
        if clock() - (write.sent_at or write.created_at) > NOBODY_CAN_TELL:
            message = (
                "It could not be read back for days, so nobody can tell whether it was made. Look at the provider."
            )
            settle(write, Write.State.FAILED, clock(), f"{message} {error}")
            return
        # Not knowing is a state: it stays until the provider says what is. A hiccup is over in seconds, an outage is not.
        delay = timedelta(seconds=min(300, 2**write.checks))
        give_back(write, clock(), Write.State.UNKNOWN, delay, f"We're checking. {error}")
        return
    differences = kind.compare(write, read)
    if not differences:
        settle(write, Write.State.DONE, clock(), "", kind=kind, read=read)
    elif REFUSED in write.payload:
        settle(write, Write.State.FAILED, clock(), write.payload[REFUSED], kind=kind, read=read)
    elif (
        write.state == Write.State.UNKNOWN and (rest := kind.rest(write, read)) and _is_repeatable(kind, session, write)
    ):
        write.checks = 0
        more = {"payload": {**write.payload, **rest}, "sends": max(1, write.sends - 1)}
        give_back(write, clock(), Write.State.PENDING, timedelta(0), "Some of it is made, the rest follows.", **more)
    elif write.state == Write.State.UNKNOWN and write.sends < SENDS and _is_repeatable(kind, session, write):
        # The answer was lost and the old state stands: it was not carried out.
        give_back(
            write, clock(), Write.State.PENDING, timedelta(0), "The answer was lost, and the change was not made."
        )
    elif write.state == Write.State.UNKNOWN and write.checks < 2:
        # What must not be sent twice is looked at twice: it may still be on its way.
        give_back(write, clock(), Write.State.UNKNOWN, timedelta(seconds=10), "We're checking.")
    elif write.state == Write.State.UNKNOWN and kind.repeats_after_look and write.sends < SENDS:
        write.checks = 0
        give_back(
            write, clock(), Write.State.PENDING, timedelta(0), "The answer was lost, and the change was not made."
        )
    else:
        message = "The provider accepted the change and did not make it: "
        if write.state == Write.State.UNKNOWN:
            message = "The answer was lost, and the change was not made: "
        settle(write, Write.State.FAILED, clock(), message + _in_words(differences), kind=kind, read=read)


def _is_repeatable(kind: Any, session: WriteSession, write: Write) -> bool:
    return bool(kind.call(session.provider, write).repeatable)


def _in_words(differences: Iterable[object]) -> str:
    return "; ".join(map(str, differences))
