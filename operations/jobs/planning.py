"""Which jobs wait for a worker, and telling one about them."""

from datetime import datetime, timedelta

import structlog
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from operations.models import Job

log = structlog.get_logger(__name__)

ADVANCE_TASK = "operations.advance_job"
EXPIRES = timedelta(seconds=60)


def announce(job_id: int) -> None:
    """Tell the workers, once the current transaction is through, that this job waits."""
    transaction.on_commit(lambda: _send(job_id))


def _send(job_id: int) -> None:
    try:
        current_app.send_task(ADVANCE_TASK, args=[job_id], expires=EXPIRES.total_seconds(), ignore_result=True)
    except OperationalError as error:
        # Only a hint: the planner finds the rows once the broker is back.
        log.warning("workers not told of a job", job=job_id, reason=type(error).__name__)


def plan(now: datetime) -> int:
    """Announce every job that is not finished and does not wait for a person; returns how many."""
    job_ids = list(Job.objects.unfinished().filter(held_at=None).order_by("pk").values_list("pk", flat=True))
    for job_id in job_ids:
        announce(job_id)
    return len(job_ids)
