"""The end of changes that come to none by themselves: those that nobody is to send any more, and those we made a mistake with."""

import uuid
from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, transaction

from operations.models import Write
from operations.registry import write_kinds
from operations.writes.settling import LEASE, give_back, settle, tell_followers

log = structlog.get_logger(__name__)

MISHAPS = 3
MISHAP = "mishaps"
"""In a payload: how often we made a mistake with the change."""
DATABASE_AWAY = (OperationalError, InterfaceError)


def ever_longer(times: int) -> timedelta:
    return timedelta(seconds=min(300, 5 * 2 ** min(times, 6)))


def give_up_unsent(connection_id: int, message: str, now: datetime) -> int:
    """Settle as failed what has never left and nobody is at work on; returns how many. What must not be left in the middle
    (`patience`) goes on waiting for as long as that lasts.
    """
    given_up = 0
    waiting = Write.objects.filter(connection_id=connection_id, state=Write.State.PENDING, sends=0, lease_until__lt=now)
    for pk in list(waiting.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            write = Write.objects.claim(pk, uuid.uuid4().hex, now, LEASE)
            if write is None or write.state != Write.State.PENDING or write.sends or write.kind not in write_kinds:
                continue
            patience = write_kinds[write.kind].patience(write)
            if patience is not None and now - write.created_at < patience:
                give_back(write, now, Write.State.PENDING, timedelta(0), message)
                continue
            settle(write, Write.State.FAILED, now, f"{message} Nothing was changed.")
            given_up += 1
    return given_up


def after_mishap(write_id: int, owner: str, now: datetime) -> None:
    """Try again later, a few times; then it has failed, and says whether anything had left."""
    write = Write.objects.filter(pk=write_id, lease_owner=owner, state__in=Write.UNSETTLED).first()
    if write is None:
        return
    times = write.payload.get(MISHAP, 0) + 1
    if times < MISHAPS:
        state = Write.State.UNKNOWN if write.state == Write.State.SENDING else write.state
        message = "Quarterdeck made a mistake with this one and tries again; its log says which."
        give_back(write, now, state, ever_longer(times), message, payload={**write.payload, MISHAP: times})
        return
    known = "Nothing was changed." if not write.sends else "Whether it was made is not known: look at the provider."
    message = f"Quarterdeck made a mistake with this one; its log says which. {known}"
    try:
        settle(write, Write.State.FAILED, now, message)
    except DATABASE_AWAY:
        raise
    except Exception:
        log.exception("What follows from a change could not be done", write=write.pk, kind=write.kind)
        with transaction.atomic():
            Write.objects.filter(pk=write.pk).update(
                state=Write.State.FAILED, message=message, settled_at=now, lease_owner="", lease_until=now
            )
            tell_followers(Write.objects.get(pk=write.pk))
