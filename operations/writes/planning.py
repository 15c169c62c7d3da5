"""Which writes wait for a worker, and telling one about them."""

from datetime import datetime, timedelta

from celery import current_app
from django.db import transaction

from operations.models import Write

ADVANCE_TASK = "accounts.advance_writes"
EXPIRES = timedelta(seconds=60)


def announce(connection_id: int) -> None:
    """Tell the workers, once the current transaction is through, that writes of this connection wait."""
    transaction.on_commit(
        lambda: current_app.send_task(
            ADVANCE_TASK, args=[connection_id], expires=EXPIRES.total_seconds(), ignore_result=True
        )
    )


def plan(now: datetime) -> int:
    """Announce every connection with writes that wait, new ones and those whose worker died; returns how many."""
    connection_ids = set(Write.objects.due(now).order_by().values_list("connection_id", flat=True).distinct())
    for connection_id in connection_ids:
        announce(connection_id)
    return len(connection_ids)
