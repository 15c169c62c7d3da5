"""What a bulk job does when all goes well and when all goes wrong: python -m bench.bulk [--campaigns 200] [--keys 20]

The product as `make run` starts it, with fresh agencies behind as many keys. All campaigns are paused by one job, made from the
same dry run as on the page, and started again by an undo: with the workers left alone, with the worker killed by `kill -9` in
the middle, and with everything at once: 5 % of the calls meet a 502 or a hang-up, one answer is lost, one key is revoked and
the worker is killed. Then the key works again, what failed is tried again, and both jobs are undone. Limits are those of a plan
of 60 calls per minute and key, spread evenly (`--calls` per `--seconds`), answers take 180 to 220 ms; the first pause is made
under the default limits of 10 per 2 s. From the sandbox's own log and truth:

  at best      seconds until the limits let the last call leave, as the dry run says, and its answer
  took         seconds from the button to the last item; allowed: 1.1 x at best, with a kill also lease + planner + 1 s.
               Not asked for with faults: what they cost is up to them. Nor under the default limits: these let all keys
               together make 100 calls a second, and two processors say how long that takes
  busy         share of the machine's processors that was in use meanwhile, by whomever: near 100 % it is these that say how
               long it takes, and not the limits
  once         campaigns that were changed exactly once at the provider, of those whose item says done
  429          calls that came too early for the provider's window, and were repeated
  items        how the items of the job ended

Exit status 1 if a campaign was changed twice, an item says otherwise than the provider, a field differs between here and
there, an item failed without a reason, an undo left something changed, or it took longer than allowed.
"""

import argparse
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from bench import agencies
from bench.bounded import end_within
from bench.kill import synced
from bench.product import Product, product

if TYPE_CHECKING:
    from accounts.models import Connection
    from operations.models import Job

DELAY = (0.18, 0.22)
PLANNER = 2.0
TOLERANCE = 1.0
GIVE_UP = 300.0


@dataclass
class Stage:
    running: Product
    client: httpx.Client
    connections: "list[Connection]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--campaigns", type=int, default=200)
    parser.add_argument("--keys", type=int, default=20)
    parser.add_argument("--faults", type=float, default=0.05)
    parser.add_argument("--calls", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=2.0)
    wished = parser.parse_args()
    end_within(1800)
    with product() as running:
        agencies.join(running)
        client = agencies.steering(running)
        agencies.silence_demo()
        agencies.stand_still(client)
        agencies.steer(client, "POST", "/_limits", {"delay": DELAY})
        made = agencies.make(client, wished.keys, campaigns=wished.campaigns // wished.keys, prefix="bulk")
        connections = [connected(running, agency) for agency in made]
        agencies.wait_for(lambda: synced(connections), GIVE_UP, "the first syncs")
        quiet(connections)
        stage = Stage(running, client, connections)
        rows = [measured(stage, "pause", "10 per 2 s", on_time=False)[1]]
        limit(stage, wished.calls, wished.seconds)
        rows += played(stage, wished.faults)
    print(agencies.table([{name: cell for name, cell in row.items() if name != "wrong"} for row in rows]))
    for row in rows:
        for line in str(row["wrong"]).splitlines():
            print(f"{row['job']}, {row['how']}: {line}")
    sys.exit(any(row["wrong"] for row in rows))


def connected(running: Product, agency: agencies.Agency) -> "Connection":
    """With changes allowed, and its first sync asked for."""
    from django.utils import timezone

    from accounts.services.connections import set_may_write
    from operations.audit import Actor
    from operations.sync import planning

    connection = agencies.add(running, agency)
    set_may_write(connection, True, Actor.on_command_line())
    planning.ensure_state(connection.pk, timezone.now())
    return connection


def quiet(connections: "list[Connection]") -> None:
    """Nothing but the job is to use the lanes: syncs are due tomorrow."""
    from datetime import timedelta

    from django.utils import timezone

    from operations.models import SyncCoverage, SyncState

    later = timezone.now() + timedelta(days=1)
    SyncCoverage.objects.filter(connection__in=connections).update(due_at=later)
    SyncState.objects.filter(connection__in=connections).update(due_at=later)


def limit(stage: Stage, calls: int, seconds: float) -> None:
    """At the provider, and as the plan of every key here."""
    from accounts.models import Connection

    windows = [{"calls": calls, "seconds": seconds}]
    agencies.steer(stage.client, "POST", "/_limits", {"windows": [{"limit": calls, "seconds": seconds}]})
    Connection.objects.filter(pk__in=[one.pk for one in stage.connections]).update(windows=windows)


def played(stage: Stage, faults: float) -> list[dict[str, object]]:
    from operations.jobs.starting import retry_failed, undo
    from operations.models import Job

    _, row = measured(stage, "undo", "left alone", [Job.objects.latest("pk")], undo)
    rows = [row]
    for how, kill in (("left alone", False), ("worker killed", True)):
        paused, row = measured(stage, "pause", how, kill=kill)
        rows.append(row)
        _, row = measured(stage, "undo", "left alone", [paused], undo)
        rows.append(row)
    share = faults / 3
    agencies.steer(
        stage.client, "POST", "/_faults",
        [
            {"kind": "revoked", "key": stage.connections[0].name},
            {"kind": "cut_after", "next": 1, "method": "POST", "key": stage.connections[1].name},
            *({"kind": kind, "share": share} for kind in ("502", "cut_before", "cut_after")),
        ],
    )  # fmt: skip
    paused, row = measured(stage, "pause", "everything at once", kill=True, on_time=False)
    rows.append(row)
    again, row = measured(stage, "retry", "the key works again", [paused], retry_failed)
    rows.append(row)
    _, row = measured(stage, "undo", "of both jobs", [paused, again], undo)
    rows.append(row)
    return rows


def measured(
    stage: Stage,
    what: str,
    how: str,
    of: "Sequence[Job]" = (),
    follow: Any = None,
    *,
    kill: bool = False,
    on_time: bool = True,
) -> "tuple[Job, dict[str, object]]":
    from operations.models import Job, JobItem
    from operations.writes import planning, settling

    time.sleep(3)  # the windows of what came before are over
    agencies.steer(stage.client, "DELETE", "/_log")
    busy, began = Busy(), time.time()
    print(f"{what}, {how} …", file=sys.stderr, flush=True)
    jobs = [followed(one, follow) for one in of] if follow else [paused_all(stage.connections)]
    items = JobItem.objects.filter(job__in=jobs)
    total = items.count()
    if kill:
        agencies.wait_for(
            lambda: items.filter(state="done").count() > total / 3, GIVE_UP, "the middle of it", every=0.05
        )
        os.kill(stage.running.pid("worker"), signal.SIGKILL)
    # Whether a change was made that was on its way to a revoked key is not known before the key works again.
    revoked = [] if on_time or not kill else [stage.connections[0].pk]
    open_items = items.unsettled().exclude(state="unknown", connection__in=revoked)
    agencies.wait_for(lambda: not open_items.exists(), GIVE_UP, "the items to end", every=0.05)
    took = time.time() - began
    if revoked:
        agencies.steer(stage.client, "DELETE", "/_faults")
        planning.wake()  # as a replaced key does
    unfinished = Job.objects.filter(pk__in=[job.pk for job in jobs], finished_at=None)
    agencies.wait_for(lambda: not unfinished.exists(), GIVE_UP, "the job to end", every=0.05)
    at_best = least(items)
    allowed = 1.1 * at_best + ((settling.LEASE.total_seconds() + PLANNER + TOLERANCE) if kill else 0.0)
    states = Counter(items.values_list("state", flat=True))
    calls = agencies.all_calls(stage.client)
    once, wrong = judged(stage, items, calls)
    wrong += [f"took {took:.1f} s"] if took > allowed and on_time else []
    if what == "undo":
        wrong += not_put_back(stage)
    row: dict[str, object] = {
        "job": what,
        "how": how,
        "campaigns": total,
        "keys": items.values("connection").distinct().count(),
        "calls": len(calls),
        "at best, s": f"{at_best:.1f}",
        "took / allowed, s": f"{took:.1f} / {allowed:.1f}" if on_time else f"{took:.1f}",
        "busy": f"{busy.share():.0%}",
        "once": f"{once} of {states['done']}",
        "faults": sum(bool(call["fault"]) for call in calls),
        "429": sum(call["status"] == 429 for call in calls),
        "items": ", ".join(f"{count} {state}" for state, count in sorted(states.items())),
        "wrong": "\n".join(wrong),
    }
    print(
        {name: row[name] for name in ("took / allowed, s", "busy", "once", "items", "wrong")},
        file=sys.stderr,
        flush=True,
    )
    return jobs[-1], row


class Busy:
    """How much of all processors is used from now on."""

    def __init__(self) -> None:
        self._began = self._read()

    def share(self) -> float:
        idle, total = (now - then for now, then in zip(self._read(), self._began, strict=True))
        return 1 - idle / total if total else 0.0

    def _read(self) -> tuple[int, int]:
        numbers = list(map(int, Path("/proc/stat").read_text().splitlines()[0].split()[1:]))
        return numbers[3] + numbers[4], sum(numbers)


def paused_all(connections: "list[Connection]") -> "Job":
    """What the page of the dry run does."""
    from django.utils import timezone

    from campaigns.bulk.dry_run import dry_run
    from campaigns.models import Campaign
    from operations.jobs.starting import start_job
    from operations.registry import bulk_actions

    action, actor = bulk_actions["pause"], maya()
    plan = dry_run(action, Campaign.objects.filter(connection__in=connections), {}, actor.user)
    planned = [change.planned for change in plan.changes]
    parameters = {"action": action.slug, "phrase": action.phrase}
    return start_job(action.kind, planned, actor=actor, now=timezone.now(), parameters=parameters)


def followed(job: "Job", make: Any) -> "Job":
    """What the buttons "Retry" and "Undo" do."""
    from django.utils import timezone

    actor = maya()
    follower: Job = make(job, actor.user, actor, timezone.now())
    return follower


def maya() -> Any:
    from accounts.models import User
    from operations.audit import Actor
    from operations.models import AuditEntry

    return Actor(User.objects.get(email="maya@halyard.example"), AuditEntry.Origin.BULK)


def least(items: Any) -> float:
    """Seconds that the limits make these items take: until the last call of the busiest key may leave, and is answered."""
    from accounts.services.sessions import plan_rules
    from campaigns.bulk.status import StatusJob

    keys = Counter(item.connection for item in items.select_related("connection"))
    calls = Counter(StatusJob.calls)
    per_key = (
        plan_rules(connection).time_for({category: count * number for category, number in calls.items()})
        for connection, count in keys.items()
    )
    # The last read-back cannot leave before the answer to its change.
    return float(max(max(per_key, default=0.0), sum(DELAY) / 2) + sum(DELAY) / 2)


def statuses(stage: Stage) -> dict[int, str]:
    """By number, of every campaign, as the provider has them."""
    return {
        one["id"]: one["status"].lower()
        for connection in stage.connections
        for one in stage.client.get("/_truth", params={"key": connection.name, "days": "0"}).json()["campaigns"]
    }


def judged(stage: Stage, items: Any, calls: list[dict[str, Any]]) -> tuple[int, list[str]]:
    """How many campaigns were changed exactly once, and what is not as it should be."""
    from campaigns.models import Campaign

    number_of = dict(Campaign.objects.filter(connection__in=stage.connections).values_list("pk", "remote_id"))
    done = Counter(
        int(call["path"].split("/")[-2])
        for call in calls
        if call["method"] == "POST" and call["path"].endswith("/status") and call["carried_out"]
    )
    remote = statuses(stage)
    _, differing = agencies.different(stage.client, stage.connections)
    once, wrong = 0, [f"{number} was changed {count} times" for number, count in done.items() if count > 1]
    for item in items:
        number = number_of[int(item.subject_id)]
        once += item.state == "done" and done[number] == 1
        if (item.state == "done") != (remote[number] == item.wanted["status"]):
            wrong.append(f"{item.subject_label} is {remote[number]}, its item says {item.state}")
        if item.state == "done" and done[number] != 1:
            wrong.append(f"{item.subject_label} was changed {done[number]} times, its item says done")
        if item.state not in ("done", "failed"):
            wrong.append(f"{item.subject_label} ended as {item.state}")
        if item.state == "failed" and not item.message:
            wrong.append(f"{item.subject_label} failed without a reason")
    return once, [*wrong[:10], *differing[:10]]


def not_put_back(stage: Stage) -> list[str]:
    paused = [number for number, status in statuses(stage).items() if status != "active"]
    return [f"{len(paused)} campaigns are still paused after the undo"] if paused else []


if __name__ == "__main__":
    main()
