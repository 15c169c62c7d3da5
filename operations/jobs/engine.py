"""Working on a job: begin what may begin, follow the writes, end the job. Safe to run twice, and to be killed anywhere.

An item is begun in one transaction with the change of our own data, or with the write that carries it to the provider; from
there on the write has the lease, the repetition and the reading back. So a worker that is killed leaves nothing half begun.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Case, Count, Exists, OuterRef, Q, When, Window
from django.db.models.functions import RowNumber

from operations import audit
from operations.jobs import planning, trail
from operations.jobs.handlers import JobHandler, Outcome
from operations.models import AuditEntry, Job, JobItem, Write
from operations.registry import job_handlers, write_followers
from operations.writes import planning as write_planning
from providers.limiting import Priority

log = structlog.get_logger(__name__)

# Items of one connection under way: enough to keep its lane busy, few enough that "cancel" means something.
AT_ONCE = 24
CHUNK = 20
TO_START_WITH = 2
BEGUN = ["state", "message", "before", "after", "changed", "write", "began_at", "settled_at"]


def advance(job_id: int, clock: Callable[[], datetime]) -> int:
    """Begin what may begin by now, and end the job if nothing is left; returns how many items were begun."""
    begun = 0
    while some := _begin_some(job_id, clock()):
        begun += some
    finish_if_over(job_id, clock())
    return begun


def _begin_some(job_id: int, now: datetime) -> int:
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(pk=job_id, finished_at=None, held_at=None).first()
        if job is None or job.kind not in job_handlers:
            return 0
        items = _next_items(job)
        if not items:
            _hold_if_asked(job, now)
            return 0
        _begin(job, items, now)
        if job.started_at is None:
            Job.objects.filter(pk=job.pk).update(started_at=now)
    return len(items)


def _next_items(job: Job) -> list[JobItem]:
    """In their order, but for the first ones of each connection: no lane is to stand idle until others are filled."""
    under_way = job.items.under_way().exclude(connection=None).order_by().values_list("connection")
    counts = dict(under_way.annotate(count=Count("pk")))
    full = [connection for connection, count in counts.items() if count >= AT_ONCE]
    pending = job.items.filter(state=JobItem.State.PENDING).exclude(connection__in=full)
    if job.first is not None:
        pending = pending.filter(position__lt=job.first)
    place = Window(RowNumber(), partition_by="connection", order_by="position")
    idle = Q(place__lte=TO_START_WITH) & ~Q(connection=None) & ~Q(connection__in=list(counts))
    by_need = Case(When(idle, then=0), default=1)
    return list(pending.annotate(place=place).order_by(by_need, "position")[:CHUNK])


def _begin(job: Job, items: list[JobItem], now: datetime) -> None:
    handler: JobHandler = job_handlers[job.kind]
    refusal = _why_not(job)
    actor = audit.Actor(job.actor, AuditEntry.Origin.BULK, job_id=job.pk)
    subjects = {} if refusal else handler.subjects(items, job.actor)
    connections: set[int] = set()
    for item in items:
        item.began_at = now
        if refusal:
            outcome = Outcome.failed(refusal)
        elif item.pk not in subjects:
            outcome = Outcome.failed(f"{job.actor_label or 'Whoever started this'} can’t see or change it any more.")
        else:
            outcome = _begun(handler, item, subjects[item.pk], actor, now)
        _note(item, outcome, now)
        if outcome.write is not None:
            connections.add(outcome.write.connection_id)
    # As an insert that becomes an update: bulk_update takes many times as long to put its query together.
    JobItem.objects.bulk_create(items, update_conflicts=True, unique_fields=["pk"], update_fields=BEGUN)
    for connection_id in connections:
        write_planning.announce(connection_id)


def _begun(handler: JobHandler, item: JobItem, subject: Any, actor: audit.Actor, now: datetime) -> Outcome:
    before = item.before
    try:
        with transaction.atomic():
            return handler.begin(item, subject, actor, now)
    except Exception:
        # A mistake of ours about one thing must not keep the others waiting, nor be made again every two seconds.
        log.exception("A job could not begin an item", job=item.job_id, item=item.pk)
        item.before = before
        return Outcome.failed("Quarterdeck made a mistake with this one; its log says which. Nothing was changed.")


def _why_not(job: Job) -> str:
    """Rights are asked for again when the work is done: they may have been taken away since the job was started."""
    if job.actor is None:
        return "The person who started this is no longer here." if job.actor_label else ""
    if not job.actor.is_active:
        return f"{job.actor_label} was deactivated."
    return "" if job.actor.may_change else f"{job.actor_label} may not change anything any more."


def _note(item: JobItem, outcome: Outcome, now: datetime) -> None:
    item.write, item.after, item.changed = outcome.write, dict(outcome.after), outcome.changed
    item.state, item.message = outcome.state, outcome.message[:300]
    if item.is_settled:
        item.settled_at = now


def _hold_if_asked(job: Job, now: datetime) -> None:
    """After the first few, somebody is to look before it goes on."""
    if job.first is None or not job.items.filter(state=JobItem.State.PENDING).exists():
        return
    if not job.items.under_way().exists():
        Job.objects.filter(pk=job.pk).update(held_at=now)


def finish_if_over(job_id: int, now: datetime) -> bool:
    """End the job if all of its items have ended. Until when it can be taken back counts from here."""
    unsettled = JobItem.objects.unsettled().filter(job=OuterRef("pk"))
    with transaction.atomic():
        if not Job.objects.unfinished().filter(~Exists(unsettled), pk=job_id).update(finished_at=now):
            return False
        job = Job.objects.get(pk=job_id)
        handler: JobHandler | None = job_handlers.get(job.kind)
        takes_back = job.purpose != Job.Purpose.UNDO and handler is not None and handler.undoes(job)
        if takes_back and job.items.filter(changed=True).exists():
            Job.objects.filter(pk=job_id).update(undo_until=now + Job.UNDO_FOR)
    return True


def cancel(job: Job, actor: audit.Actor, now: datetime) -> int:
    """Items not begun are cancelled; what is under way comes to its end. Returns how many were cancelled."""
    with transaction.atomic():
        locked = Job.objects.select_for_update().get(pk=job.pk)
        if locked.is_finished:
            return 0
        cancelled = locked.items.filter(state=JobItem.State.PENDING).update(
            state=JobItem.State.CANCELLED, settled_at=now, message="Cancelled before it was begun."
        )
        Job.objects.filter(pk=job.pk).update(cancelled_at=now, cancelled_by=actor.user, held_at=None)
        trail.record(actor, "cancel job", locked, {"cancelled": cancelled})
        finish_if_over(job.pk, now)
    return cancelled


def go_on(job: Job, actor: audit.Actor) -> bool:
    """Begin the rest of a job that asked after its first items; False if it does not ask."""
    with transaction.atomic():
        won = Job.objects.unfinished().filter(pk=job.pk, held_at__isnull=False).update(held_at=None, first=None)
        if won:
            trail.record(actor, "go on with job", job)
            planning.announce(job.pk)
    return bool(won)


def follow_write(write: Write) -> None:
    """What became of a write becomes of its item, in the transaction that says so."""
    if write.priority != Priority.JOBS:
        return
    item: Any = JobItem.objects.under_way().select_related("job").filter(write_id=write.pk).first()
    if item is None:
        return
    handler: JobHandler | None = job_handlers.get(item.job.kind)
    message = handler.explain(write) if handler else write.message
    if not write.is_settled:
        item.state = JobItem.State.UNKNOWN if write.state == Write.State.UNKNOWN else JobItem.State.RUNNING
        item.message = message[:300]
    elif write.state == Write.State.DONE:
        item.settle(JobItem.State.DONE, write.settled_at or item.began_at)
        item.after, item.changed = item.wanted, True
    elif again := _second_form(write):
        item.write = again
    else:
        item.settle(JobItem.State.FAILED, write.settled_at or item.began_at, message)
    item.save(update_fields=["state", "message", "after", "changed", "settled_at", "write"])
    if item.is_settled:
        # Once this is committed: of two last items that end at the same moment, each is unsettled for the other before.
        transaction.on_commit(lambda: finish_if_over(item.job_id, item.settled_at))
        if _wants_more(item):
            planning.announce(item.job_id)


def _wants_more(item: JobItem) -> bool:
    """Whether the workers are to be told: a task for each item that ends would cost more than it brings."""
    items = JobItem.objects.filter(job=item.job_id)
    if not items.filter(state=JobItem.State.PENDING).exists():
        return False
    return items.under_way().filter(connection=item.connection_id).count() <= AT_ONCE // 2


def _second_form(write: Write) -> Write | None:
    """The write that tries the same change in another form, where the end of this one has asked for it; it is the job's, too."""
    again: Write | None = (
        Write.objects.unsettled()
        .filter(connection_id=write.connection_id, kind=write.kind, pk__gt=write.pk, payload__repeats_change=write.pk)
        .first()
    )
    if again is not None:
        Write.objects.filter(pk=again.pk).update(priority=Priority.JOBS)
    return again


write_followers.add("jobs", follow_write)
