"""What has happened in a large agency: syncs, calls, changes, jobs, and the trail of all that."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

RUNS, CALLS, CHANGES, ENTRIES, JOBS, ITEMS = 20_000, 200_000, 20_000, 60_000, 300, 100
PATHS = ("/campaigns/", "/analytics/day-wise-overall-stats", "/email-accounts/", "/campaigns/1/sequences")


def add_activity(world: Any) -> None:
    """`world` is a `bench.world.World`."""
    add_runs_and_calls(world)
    add_changes(world)
    add_jobs(world)


def add_runs_and_calls(world: Any) -> None:
    from operations.models import ApiCall, SyncRun

    keys = world.connections
    SyncRun.objects.bulk_create(
        (
            SyncRun(
                connection=keys[n % len(keys)], started_at=world.now - timedelta(minutes=n), outcome="done", steps=["totals"],
                finished_at=world.now - timedelta(minutes=n) + timedelta(seconds=9), calls=12, counts={"totals": {"seen": 30}},
            )
            for n in range(RUNS)
        ),
        batch_size=1_000,
    )  # fmt: skip

    def calls() -> Iterator[Any]:
        for n in range(CALLS):
            status = 429 if n % 211 == 0 else 500 if n % 499 == 0 else 200
            yield ApiCall(
                connection=keys[n % len(keys)], at=world.now - timedelta(seconds=n * 6), method="GET", status=status,
                path=PATHS[n % len(PATHS)], took_ms=80 + n % 400, category="reading",
            )  # fmt: skip

    ApiCall.objects.bulk_create(calls(), batch_size=2_000)


def add_changes(world: Any) -> None:
    """Changes at the provider, the newest 40 of them on their way, and three entries of the trail for each."""
    from operations.models import AuditEntry, Write

    person = world.people[1]

    def about(n: int) -> dict[str, Any]:
        one = world.campaigns[n * 13 % len(world.campaigns)]
        subject = {"subject_type": "campaigns.Campaign", "subject_id": str(one.pk), "subject_label": one.name}
        return subject | {"client_id": one.client_id}

    writes = Write.objects.bulk_create(
        (
            Write(
                **about(n), connection_id=world.campaigns[n * 13 % len(world.campaigns)].connection_id, kind="campaign status",
                payload={"remote_id": 1, "status": "paused"}, before={"status": "active"}, after={"status": "paused"},
                actor=person, actor_label=str(person), origin="page", created_at=world.now - timedelta(minutes=n),
                state="pending" if n < 40 else "done", settled_at=None if n < 40 else world.now - timedelta(minutes=n),
            )
            for n in range(CHANGES)
        ),
        batch_size=1_000,
    )  # fmt: skip
    AuditEntry.objects.bulk_create(
        (
            AuditEntry(
                **about(n), at=world.now - timedelta(minutes=n), actor=person, actor_label=str(person),
                origin=("page", "bulk", "system", "provider")[n % 4], action="campaign status",
                before={"status": "active"}, after={"status": "paused"}, write=writes[n // 3],
            )
            for n in range(ENTRIES)
        ),
        batch_size=1_000,
    )  # fmt: skip


def add_jobs(world: Any) -> None:
    from operations.models import Job, JobItem

    person = world.people[1]
    jobs = Job.objects.bulk_create(
        Job(
            kind="campaign status", parameters={"action": "pause", "phrase": "Pause"}, actor=person, actor_label=str(person),
            origin="bulk", created_at=world.now - timedelta(hours=n), started_at=world.now - timedelta(hours=n),
            finished_at=world.now - timedelta(hours=n) + timedelta(seconds=50) if n else None,
        )
        for n in range(JOBS)
    )  # fmt: skip

    def items() -> Iterator[Any]:
        for number, job in enumerate(jobs):
            for position in range(ITEMS):
                one = world.campaigns[(number * 29 + position * 17) % len(world.campaigns)]
                failed = position % 20 == 3
                yield JobItem(
                    job=job, position=position, client_id=one.client_id, connection_id=one.connection_id,
                    subject_type="campaigns.Campaign", subject_id=str(one.pk), subject_label=one.name,
                    before={"status": "active"}, wanted={"status": "paused"}, changed=not failed,
                    state="failed" if failed else "done" if number else "pending",
                    message="The provider refused it." if failed else "", settled_at=world.now,
                )  # fmt: skip

    JobItem.objects.bulk_create(items(), batch_size=1_000)
