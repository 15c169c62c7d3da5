"""Jobs and their items as pages show them, cut down to what the reader may know of."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Value, When

from operations import wording
from operations.jobs.handlers import JobHandler, Told
from operations.models import Job, JobItem
from operations.registry import job_handlers

JOBS_PER_PAGE = 30
ITEMS_PER_PAGE = 100
MOST_FAILURES = 5
FILTERS = {"": "All", "open": "Not finished", "failed": "With failures", "mine": "Yours"}
State = JobItem.State
_FIRST = (State.FAILED, State.UNKNOWN, State.RUNNING, State.PENDING, State.CANCELLED)


@dataclass(frozen=True)
class JobRow:
    """One job, for one reader: counts are of the items that they may see."""

    job: Any
    counts: Mapping[str, int]
    clients: int
    changed: int
    user: Any
    now: datetime
    failures: list[JobItem] = field(default_factory=list)

    @property
    def handler(self) -> JobHandler | None:
        return job_handlers.get(self.job.kind)

    @property
    def title(self) -> str:
        return self.handler.title(self.job, self.total) if self.handler else str(self.job.kind).capitalize()

    @property
    def icon(self) -> str:
        return self.handler.icon if self.handler else "activity"

    @property
    def by(self) -> str:
        return self.job.actor_label or self.job.get_origin_display()

    @property
    def by_you(self) -> bool:
        return bool(self.job.actor_id == self.user.pk)

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    @property
    def ended(self) -> int:
        return sum(self.counts.get(state, 0) for state in (State.DONE, State.FAILED, State.CANCELLED))

    @property
    def failed(self) -> int:
        return self.counts.get(State.FAILED, 0)

    @property
    def unknown(self) -> int:
        return self.counts.get(State.UNKNOWN, 0)

    @property
    def left(self) -> int:
        return self.counts.get(State.PENDING, 0)

    @property
    def moves(self) -> bool:
        return not self.job.is_finished and not self.asks

    @property
    def asks(self) -> bool:
        """The first ones are through, and it waits to be told to go on."""
        return not self.job.is_finished and self.job.held_at is not None

    @property
    def state(self) -> str:
        """The status word's shape."""
        if self.asks:
            return "paused"
        if not self.job.is_finished:
            return "pending" if self.job.started_at else "draft"
        if self.job.cancelled_at and self.counts.get(State.CANCELLED):
            return "stopped"
        return "failed" if self.failed and not self.counts.get(State.DONE) else "completed"

    @property
    def word(self) -> str:
        words = {"paused": "Waits for you", "pending": "Running", "draft": "Waiting", "stopped": "Cancelled"}
        return words.get(self.state) or ("Failed" if self.state == "failed" else "Done")

    @property
    def tone(self) -> str:
        if not self.job.is_finished:
            return ""
        return "bad" if self.state == "failed" else "warn" if self.failed or self.state == "stopped" else "good"

    @property
    def progress(self) -> str:
        """Reads "6 of 9 done, 2 failed, 1 being checked"."""
        parts = [f"{self.ended:,} of {self.total:,} done"]
        named = (
            (self.failed, "failed"),
            (self.counts.get(State.CANCELLED, 0), "cancelled"),
            (self.unknown, "being checked"),
        )
        return ", ".join([*parts, *(f"{count:,} {word}" for count, word in named if count)])

    @property
    def sub(self) -> str:
        """Reads "3 clients, 2 failed"."""
        parts = [f"{self.clients:,} client{'' if self.clients == 1 else 's'}"] if self.clients else []
        parts += [f"{self.failed:,} failed"] if self.failed else []
        parts += [f"{self.unknown:,} being checked"] if self.unknown else []
        return ", ".join(parts)

    @property
    def took(self) -> timedelta:
        return (self.job.finished_at or self.now) - self.job.created_at

    @property
    def may_steer(self) -> bool:
        return may_steer(self.job, self.user)

    @property
    def may_cancel(self) -> bool:
        return self.may_steer and not self.job.is_finished and self.left > 0

    @property
    def may_go_on(self) -> bool:
        return self.may_steer and self.asks

    @property
    def may_retry(self) -> bool:
        return self.may_steer and self.job.is_finished and self.failed > 0 and not self.job.is_retried

    @property
    def may_undo(self) -> bool:
        until = self.job.undo_until
        return self.may_steer and until is not None and self.now < until and self.changed > 0 and not self.job.is_undone

    @property
    def undo_left(self) -> str:
        return wording.length(self.job.undo_until - self.now)

    @property
    def lasts(self) -> bool:
        """It is through, something was changed, and nobody can take it back by a button."""
        return bool(self.handler and self.changed and not self.handler.undoes(self.job))


def may_steer(job: Job, user: Any) -> bool:
    """Whoever started a job may cancel, retry and undo it, and an agency admin may."""
    return bool(user.may_change and (user.is_agency_admin or job.actor_id == user.pk))


@dataclass(frozen=True)
class ItemRow:
    item: JobItem
    fields: list[Told]

    @property
    def state(self) -> str:
        shapes = {State.PENDING: "draft", State.DONE: "completed", State.FAILED: "failed", State.CANCELLED: "stopped"}
        return shapes.get(State(self.item.state), "pending")

    @property
    def word(self) -> str:
        return str(self.item.get_state_display())


def visible_jobs(user: Any, wish: str = "") -> Any:
    """The jobs of which the reader may see at least one item, newest first. An unknown wish finds none."""
    followers = Job.objects.filter(parent=OuterRef("pk"))
    jobs = Job.objects.visible_to(user).annotate(
        is_retried=Exists(followers.filter(purpose=Job.Purpose.RETRY)),
        is_undone=Exists(followers.filter(purpose=Job.Purpose.UNDO)),
    )
    if wish not in FILTERS:
        return jobs.none()
    if wish == "open":
        jobs = jobs.unfinished()
    elif wish == "failed":
        failed = JobItem.objects.visible_to(user).filter(job=OuterRef("pk"), state=State.FAILED)
        jobs = jobs.filter(Exists(failed))
    elif wish == "mine":
        jobs = jobs.filter(actor=user)
    return jobs.order_by("-created_at", "-pk")


def job_rows(jobs: Iterable[Any], user: Any, now: datetime, *, failures: bool = False) -> list[JobRow]:
    """The rows of these jobs: one query for all counts, and one more for what failed if that is to be listed."""
    jobs = list(jobs)
    items = JobItem.objects.visible_to(user).filter(job__in=[job.pk for job in jobs])
    counts: dict[int, Counter[str]] = {job.pk: Counter() for job in jobs}
    clients: dict[int, set[int | None]] = {job.pk: set() for job in jobs}
    changed: Counter[int] = Counter()
    for group in items.order_by().values("job", "state", "client", "changed").annotate(count=Count("pk")):
        counts[group["job"]][group["state"]] += group["count"]
        clients[group["job"]].add(group["client"])
        changed[group["job"]] += group["count"] if group["changed"] else 0
    failed: dict[int, list[JobItem]] = {job.pk: [] for job in jobs}
    if failures and any(counts[pk][State.FAILED] for pk in counts):
        worst = items.filter(state=State.FAILED).select_related("connection").order_by("job", "position")
        for item in worst[:MOST_FAILURES]:
            failed[item.job_id].append(item)
    return [
        JobRow(
            job,
            dict(counts[job.pk]),
            len(clients[job.pk] - {None}),
            changed[job.pk],
            user,
            now,
            failed[job.pk],
        )
        for job in jobs
    ]


def visible_items(job: Job, user: Any, state: str = "") -> Any:
    """The items that the reader may see: failed ones first, then those under way, then the rest in their order."""
    items = JobItem.objects.visible_to(user).filter(job=job)
    if state:
        items = items.filter(state=state) if state in State.values else items.none()
    cases = [When(state=state, then=Value(place)) for place, state in enumerate(_FIRST)]
    place = Case(*cases, default=Value(len(_FIRST)), output_field=IntegerField())
    return items.select_related("client", "connection").order_by(place, "position")


def item_rows(job: Job, items: Iterable[JobItem], user: Any) -> list[ItemRow]:
    handler: JobHandler | None = job_handlers.get(job.kind)
    tell = handler.teller(user) if handler else lambda before, wanted: []
    return [ItemRow(item, tell(item.before, item.wanted)) for item in items]
