"""Which writes wait for a worker, and telling one about them."""

from datetime import datetime, timedelta

import structlog
from celery import current_app
from django.db import transaction
from django.db.models import F
from kombu.exceptions import OperationalError

from operations.models import Write

log = structlog.get_logger(__name__)

ADVANCE_TASK = "accounts.advance_writes"
EXPIRES = timedelta(seconds=60)


def announce(connection_id: int) -> None:
    """Tell the workers, once the current transaction is through, that writes of this connection wait."""
    transaction.on_commit(lambda: _send(connection_id))


def _send(connection_id: int) -> None:
    try:
        current_app.send_task(ADVANCE_TASK, args=[connection_id], expires=EXPIRES.total_seconds(), ignore_result=True)
    except OperationalError as error:
        # Only a hint: the planner finds the rows once the broker is back.
        log.warning("workers not told of writes", connection=connection_id, reason=type(error).__name__)


def wake(connection_id: int | None = None) -> None:
    """What waited for a key, a permission or a provider need not wait any longer: of one connection, or of all."""
    waiting = Write.objects.unsettled().filter(due_at__gt=F("created_at"))
    if connection_id is not None:
        waiting = waiting.filter(connection_id=connection_id)
    connection_ids = set(waiting.order_by().values_list("connection_id", flat=True))
    waiting.update(due_at=F("created_at"))
    for one in connection_ids:
        announce(one)


def plan(now: datetime) -> int:
    """Announce every connection with writes that wait, new ones and those whose worker died; returns how many."""
    connection_ids = set(Write.objects.due(now).order_by().values_list("connection_id", flat=True).distinct())
    for connection_id in connection_ids:
        announce(connection_id)
    return len(connection_ids)
