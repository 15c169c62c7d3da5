"""What people do with jobs, in the audit trail."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from operations import audit
from operations.models import Job
from operations.registry import job_handlers


def record(actor: audit.Actor, action: str, job: Job, after: Mapping[str, Any] | None = None) -> None:
    """One entry under the heading of the job. It is the client's where all of its items are; else admins alone read it."""
    clients = list(job.items.order_by().values_list("client_id", flat=True))
    handler = job_handlers.get(job.kind)
    audit.record(
        replace(actor, job_id=job.pk),
        action,
        job,
        client_id=clients[0] if len(set(clients)) == 1 else None,
        after=after,
        label=handler.title(job, len(clients)) if handler else "",
    )
