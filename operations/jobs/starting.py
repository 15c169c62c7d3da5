"""Making jobs: from a plan, from what failed in another one, and from what another one changed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from operations import audit
from operations.jobs import planning, trail
from operations.jobs.handlers import JobHandler, Planned
from operations.models import Job, JobItem
from operations.registry import job_handlers


class NotPossible(Exception):
    """The job can't be retried, undone or gone on with; `str()` says why, for the person who asked."""


def start_job(
    kind: str,
    planned: Sequence[Planned],
    *,
    actor: audit.Actor,
    now: datetime,
    parameters: Mapping[str, Any] | None = None,
    first: int | None = None,
    purpose: Job.Purpose = Job.Purpose.DO,
    parent: Job | None = None,
    asked_by: str | None = None,
) -> Job:
    """A job with an item for each thing, told to the workers once the transaction is through. With `first` it asks after so
    many whether to go on. Where the form `asked_by` has asked before, it is the job that was made then.
    """
    if kind not in job_handlers:
        raise LookupError(f"There is no kind of job named {kind!r}.")
    values = {
        "kind": kind,
        "purpose": purpose,
        "parameters": dict(parameters or {}),
        "parent": parent,
        "actor": actor.user,
        "actor_label": str(actor.user) if actor.user else "",
        "origin": actor.origin,
        "created_at": now,
        "first": first if first is not None and first < len(planned) else None,
    }
    with transaction.atomic():
        job, made = Job.objects.get_or_create(asked_by=asked_by, defaults=values) if asked_by else _made(values)
        if not made:
            return job
        JobItem.objects.bulk_create([_item(job, position, one) for position, one in enumerate(planned)], batch_size=500)
        trail.record(actor, "start job", job, {"items": len(planned)})
        planning.announce(job.pk)
    return job


def _made(values: Mapping[str, Any]) -> tuple[Job, bool]:
    return Job.objects.create(**values), True


def _item(job: Job, position: int, planned: Planned) -> JobItem:
    return JobItem(
        job=job,
        position=position,
        client_id=planned.client_id,
        connection_id=planned.connection_id,
        subject_type=planned.subject_type,
        subject_id=planned.subject_id,
        subject_label=planned.subject_label[:300],
        before=dict(planned.before),
        wanted=dict(planned.wanted),
        expects=None if planned.expects is None else dict(planned.expects),
    )


def retry_failed(job: Job, user: Any, actor: audit.Actor, now: datetime) -> Job:
    """A new job of those failed items that `user` may see. NotPossible where there are none, or they are tried already."""
    with transaction.atomic():
        locked = Job.objects.select_for_update().get(pk=job.pk)
        if not locked.is_finished:
            raise NotPossible("The job is still running.")
        if locked.followers.filter(purpose=Job.Purpose.RETRY).exists():
            raise NotPossible("The failed ones are being tried again already.")
        failed = list(JobItem.objects.visible_to(user).filter(job=job, state=JobItem.State.FAILED))
        if not failed:
            raise NotPossible("Nothing failed that you can try again.")
        return start_job(
            job.kind,
            [_planned(item, before=item.before, wanted=item.wanted, expects=item.expects) for item in failed],
            actor=actor,
            now=now,
            parameters=job.parameters,
            purpose=Job.Purpose.RETRY,
            parent=job,
        )


def undo(job: Job, user: Any, actor: audit.Actor, now: datetime) -> Job:
    """A new job that puts back what this one changed, of the items that `user` may see. NotPossible with the reason."""
    with transaction.atomic():
        locked = Job.objects.select_for_update().get(pk=job.pk)
        if locked.undo_until is None:
            raise NotPossible("This can’t be undone.")
        if now >= locked.undo_until:
            raise NotPossible("It was more than 24 hours ago, so it can’t be undone any more.")
        if locked.followers.filter(purpose=Job.Purpose.UNDO).exists():
            raise NotPossible("It is being undone already.")
        handler: JobHandler = job_handlers[job.kind]
        changed = list(changed_items(job, user))
        if not changed:
            raise NotPossible("Nothing was changed that you can undo.")
        return start_job(
            job.kind,
            [
                _planned(item, before=item.after, wanted=handler.undo_wanted(item), expects=item.after)
                for item in changed
            ],
            actor=actor,
            now=now,
            parameters=job.parameters,
            purpose=Job.Purpose.UNDO,
            parent=job,
        )


def changed_items(job: Job, user: Any) -> Iterable[JobItem]:
    return JobItem.objects.visible_to(user).filter(job=job, state=JobItem.State.DONE, changed=True)


def _planned(
    item: JobItem, *, before: Mapping[str, Any], wanted: Mapping[str, Any], expects: Mapping[str, Any] | None
) -> Planned:
    return Planned(
        subject_type=item.subject_type,
        subject_id=item.subject_id,
        subject_label=item.subject_label,
        client_id=item.client_id,
        connection_id=item.connection_id,
        before=before,
        wanted=wanted,
        expects=expects,
    )
