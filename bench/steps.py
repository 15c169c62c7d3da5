"""First syncs as they really are: python -m bench.steps [--connections 20] [--campaigns 30]

The product as `make run` starts it (one worker of 32 threads, beat, Redis, SQLite), fresh agencies in its sandbox whose
answers take 180 to 220 ms, default limits (10 per 2 s for each key), everything on this machine. All connections are
asked to sync at the same moment. Prints

  time / allowed   how long the limits take for the calls needed, of how long the sync took: calls needed x 0.2 s
  calls / least    calls made, of the fewest possible
  429              refusals, as the sandbox counted them
  CPU per call     of the worker and of Redis; everything is in it: lane, HTTP, parsing, rows
  worker MB        resident memory of the worker at the end

and then, from one more connection that this process syncs alone without a limit, what a call of each step costs.

The fewest calls of a first sync follow from what each call can tell (smartlead-api 3.1 to 3.6):

  clients     1
  campaigns   1, with schedule, settings and tags of all
  totals      1 for each set period and page of 1,000 campaigns: all time, and 7, 30 and 90 days with those before
  days        for each campaign one call with every day of its life and one with the days' positive replies
  leads       1 for each campaign
  mailboxes   1 for a page of 100
  links       0: an agency's mailboxes tell their campaigns
  sequences   1 for each campaign
  steps       1 for each campaign that has sent something
  warmup      1 for each mailbox that warms up and whose hour of the day it is
  reconcile   4: names of campaigns and of clients, number of mailboxes, headline totals
"""

import argparse
import math
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from bench import agencies
from bench.bounded import end_within
from bench.lane import cpu_of, megabytes_of
from bench.product import Product, product

if TYPE_CHECKING:
    from accounts.models import Connection
    from operations.models import SyncRun

DELAY = (0.18, 0.22)
CALLS, SECONDS = 10, 2.0
GIVE_UP = 900.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=20)
    parser.add_argument("--campaigns", type=int, default=30)
    wished = parser.parse_args()
    end_within(1200)
    with product() as running:
        agencies.join(running)
        client = agencies.steering(running)
        agencies.silence_demo()
        agencies.stand_still(client)
        print(agencies.table([first_syncs(running, client, wished.connections, wished.campaigns)]), flush=True)
        print()
        print(agencies.table(cost_of_steps(running, client, wished.campaigns)), flush=True)


def first_syncs(running: Product, client: Any, count: int, campaigns: int) -> dict[str, object]:
    from django.utils import timezone

    from operations.models import SyncRun
    from operations.sync import planning

    made = agencies.make(client, count, campaigns=campaigns, prefix="steps")
    connections = [agencies.add(running, agency) for agency in made]
    agencies.steer(client, "POST", "/_limits", {"delay": DELAY})
    agencies.steer(client, "DELETE", "/_log")
    before = usage(running)
    planning.request_sync([connection.pk for connection in connections], timezone.now())
    runs = SyncRun.objects.filter(connection__in=connections)
    agencies.wait_for(
        lambda: runs.count() == count and not runs.running().exists(), GIVE_UP, "the first syncs", every=1.0
    )
    after = usage(running)
    calls = agencies.all_calls(client)
    fields, found = agencies.different(client, connections)
    for line in found[:10]:
        print("   ", line)
    shares, extra = [], []
    needed_in_all = 0
    for run in runs.select_related("connection"):
        needed = least(run)
        needed_in_all += needed
        arrivals = [call["at"] for call in calls if call["key"] == run.connection.name]
        assert run.finished_at is not None
        took = run.finished_at.timestamp() - run.started_at.timestamp()
        shares.append(needed * SECONDS / CALLS / took)
        extra.append(len(arrivals) / needed)
        if run.outcome != SyncRun.Outcome.DONE:
            print(f"    {run.connection.name}: {run.get_outcome_display()} {run.message}")
    first = min(run.started_at for run in runs)
    span = max(call["at"] for call in calls) - min(call["at"] for call in calls)
    return {
        "connections × campaigns": f"{count} × {campaigns}",
        "calls": len(calls),
        "calls/s": f"{len(calls) / span:.0f}",
        "time allowed / time, mean / worst": f"{sum(shares) / count:.3f} / {min(shares):.3f}",
        "calls / least, mean / worst": f"{sum(extra) / count:.3f} / {max(extra):.3f}",
        "429": sum(call["status"] == 429 for call in calls),
        "last started after, s": f"{(max(run.started_at for run in runs) - first).total_seconds():.1f}",
        "CPU per call worker + Redis, ms": " + ".join(
            f"{(after[name] - before[name]) / len(calls) * 1000:.2f}" for name in ("worker", "redis")
        ),
        "cores worker / all": " / ".join(
            f"{(after[name] - before[name]) / span:.2f}" for name in ("worker", "machine")
        ),
        "worker MB": f"{after['megabytes']:.0f}",
        "fields / different": f"{fields:,} / {len(found)}",
    }


def least(run: "SyncRun") -> int:
    """The fewest calls that this first sync could have taken; see the module."""
    from accounts.models import Mailbox
    from analytics.services.numbers import periods
    from campaigns.models import Campaign

    present = Campaign.objects.filter(connection_id=run.connection_id).present()
    campaigns = present.count()
    today = run.started_at.date()
    boxes = Mailbox.objects.present().filter(connection_id=run.connection_id)
    warming = [one for one in boxes.warming_up().values_list("remote_id", flat=True) if one % 24 == run.started_at.hour]
    totals = len(periods(today, today)) * math.ceil(campaigns / 1000)
    per_campaign = 2 + 1 + 1  # days and positive replies, leads, sequence
    steps = present.filter(numbers__sent__gt=0).count()
    return 1 + 1 + totals + per_campaign * campaigns + steps + math.ceil(boxes.count() / 100) + len(warming) + 4


def usage(running: Product) -> dict[str, float]:
    """Seconds of CPU so far of the worker, of Redis and of the whole machine, and the worker's memory."""
    worker, redis = running.pid("worker"), running.pid("redis")
    return {
        "worker": cpu_of(f"/proc/{worker}/stat"),
        "redis": cpu_of(f"/proc/{redis}/stat"),
        "machine": cpu_of("/proc/stat"),
        "megabytes": megabytes_of(worker),
    }


def cost_of_steps(running: Product, client: Any, campaigns: int) -> list[dict[str, object]]:
    """One first sync in this process, without limit and delay: what the CPU did for each step."""
    from django.utils import timezone

    from accounts.services.sessions import open_for_sync
    from operations.garbage import tune_gc
    from operations.lanes import shared_loop
    from operations.models import SyncRun, SyncState
    from operations.sync import engine

    [agency] = agencies.make(client, 1, campaigns=campaigns, prefix="cost")
    connection = agencies.add(running, agency)
    connection.windows = [{"calls": 100_000, "seconds": 1}]
    connection.save(update_fields=["windows"])
    agencies.steer(client, "POST", "/_limits", {"delay": [0, 0], "windows": [{"limit": 100_000, "seconds": 1}]})
    now = timezone.now()
    # Not due, so that the product's planner leaves it to us.
    SyncState.objects.create(connection=connection, due_at=now + timedelta(hours=1), requested_at=now)
    tune_gc()
    spent: dict[str, float] = {}
    pull = engine._Slice._pull

    def measured(self: Any, session: Any, step_name: str) -> timedelta | None:
        started = time.process_time()
        try:
            return pull(self, session, step_name)
        finally:
            spent[step_name] = spent.get(step_name, 0.0) + time.process_time() - started

    engine._Slice._pull = measured  # type: ignore[method-assign]
    engine.advance(connection.pk, open_for_sync, shared_loop().loop, timezone.now)
    engine._Slice._pull = pull  # type: ignore[method-assign]
    run = SyncRun.objects.get(connection=connection)
    rows: list[dict[str, object]] = []
    calls = calls_by_step(connection)
    for step, seconds in spent.items():
        made = calls.get(step, 0)
        rows.append(
            {
                "step": step,
                "calls": made,
                "CPU, ms": f"{seconds * 1000:.0f}",
                "CPU per call, ms": f"{seconds / made * 1000:.2f}" if made else "–",
                "stored": ", ".join(f"{count} {name}" for name, count in run.counts.get(step, {}).items()) or "–",
            }
        )
    made, seconds = sum(calls.values()), sum(spent.values())
    whole: dict[str, object] = {"step": "all", "calls": made, "CPU, ms": f"{seconds * 1000:.0f}"}
    rows.append(whole | {"CPU per call, ms": f"{seconds / made * 1000:.2f}", "stored": "–"})
    return rows


def calls_by_step(connection: "Connection") -> dict[str, int]:
    from operations.models import ApiCall

    found: dict[str, int] = {}
    for path in ApiCall.objects.filter(connection=connection).values_list("path", flat=True):
        step = step_of(path)
        found[step] = found.get(step, 0) + 1
    return found


def step_of(path: str) -> str:
    """The step whose call this is, by the end of its path."""
    ends = {
        "/client/": "clients",
        "/campaigns/": "campaigns",
        "/overall-stats": "totals",
        "/sequences": "sequences",
        "/sequence-analytics": "steps",
        "/warmup-stats": "warmup",
        "/email-accounts/": "mailboxes",
    }
    for end, step in ends.items():
        if path.endswith(end):
            return step
    return "leads" if path.startswith("/campaigns/") else "days"


if __name__ == "__main__":
    main()
