"""What `kill -9` costs under the supervisor: python -m bench.kill [--campaigns 30] [--victims worker,beat,web,redis]

The product as `make run` starts it. For each program in turn: two fresh agencies are connected with `manage.py connect`
and pull for the first time, while the campaigns of two others are all paused and started again: two changes of each are
asked for at once. Limits are the default 10 per 2 s, answers take 180 to 220 ms. In the middle of it the program
is killed, and everything has to come to its end by itself. From the sandbox's own log and truth:

  reads lost       calls of a first sync that never reached the provider, and fields that differ from its truth
  repeated         reads that were made before the kill and once more after it; how old the oldest was at the kill
  writes lost      changes asked for that were not carried out; doubled: carried out more often than asked for
  silence          longest time without any call in a lane that had work, from the kill on; allowed: lease + planner + 1 s.
                   The lease of a sync is 10 s. That of a change is 45 s, as long as its longest exchange, but only the
                   changes that were under way when their worker died wait for it
  back             seconds until the supervisor had the program running again, and until it said that it works

Exit status 1 if anything was lost or doubled, or a lane was silent for longer than allowed.
"""

import argparse
import contextlib
import itertools
import os
import re
import signal
import sys
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from bench import agencies
from bench.agencies import Agency
from bench.bounded import end_within
from bench.product import Product, product

if TYPE_CHECKING:
    from accounts.models import Connection

DELAY = (0.18, 0.22)
PLANNER = 2.0
TOLERANCE = 1.0
GIVE_UP = 240.0
VICTIMS = "worker,beat,web,redis"


@dataclass
class Stage:
    """Where it happens: the product, the sandbox's doors, and the two connections whose campaigns are changed."""

    running: Product
    client: httpx.Client
    campaigns: int
    writers: "list[Connection]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--campaigns", type=int, default=30)
    parser.add_argument("--victims", default=VICTIMS)
    wished = parser.parse_args()
    end_within(1500)
    with product() as running:
        agencies.join(running)
        client = agencies.steering(running)
        agencies.silence_demo()
        agencies.stand_still(client)
        agencies.steer(client, "POST", "/_limits", {"delay": DELAY})
        made = agencies.make(client, 2, campaigns=wished.campaigns, prefix="written")
        writers = [connect(running, agency, may_write=True) for agency in made]
        agencies.wait_for(lambda: synced(writers), GIVE_UP, "the first syncs")
        stage = Stage(running, client, wished.campaigns, writers)
        rows = [kill(stage, victim) for victim in wished.victims.split(",")]
    print(agencies.table([{name: cell for name, cell in row.items() if name != "wrong"} for row in rows]))
    for row in rows:
        for line in str(row["wrong"]).splitlines():
            print(f"{row['killed']}: {line}")
    sys.exit(any(row["wrong"] for row in rows))


def connect(running: Product, agency: Agency, *, may_write: bool = False) -> "Connection":
    """As an operator does it; the command checks the key and asks for the first sync."""
    from accounts.models import Connection
    from accounts.services.connections import set_may_write
    from operations.audit import Actor

    running.manage(
        "connect", "--agency", "--provider", "smartlead", "--name", agency.label, QUARTERDECK_API_KEY=agency.key
    )
    connection = Connection.objects.get(name=agency.label)
    set_may_write(connection, may_write, Actor.on_command_line())
    return connection


def synced(connections: "list[Connection]") -> bool:
    """Whether each connection's first sync has ended."""
    from operations.models import SyncRun

    runs = SyncRun.objects.filter(connection__in=connections)
    return runs.values("connection").distinct().count() == len(connections) and not runs.running().exists()


def kill(stage: Stage, victim: str) -> dict[str, object]:
    from django.utils import timezone

    from campaigns.services.status import change_status
    from operations.audit import Actor
    from operations.models import Write

    running, client = stage.running, stage.client
    made = agencies.make(client, 2, campaigns=stage.campaigns, prefix=f"read-{victim}")
    agencies.steer(client, "DELETE", "/_log")
    readers = [connect(running, agency) for agency in made]
    asked: Counter[int] = Counter()
    writes = []
    for status in ("paused", "active"):
        for connection in stage.writers:
            for campaign in connection.campaigns.order_by("pk"):
                writes.append(change_status(campaign, status, Actor.on_command_line(), timezone.now()).pk)
                asked[campaign.remote_id] += 1
    wait_for_the_middle(client, [one.name for one in readers], [one.name for one in stage.writers])
    before = running.pid(victim)
    forget_signs_of_life()
    killed_at = time.time()
    os.kill(before, signal.SIGKILL)
    back, works = seconds_until_back(running, victim, before, killed_at)
    agencies.wait_for(lambda: synced(readers), GIVE_UP, "the syncs to end")
    unsettled = Write.objects.unsettled().filter(pk__in=writes)
    agencies.wait_for(lambda: not unsettled.exists(), GIVE_UP, "the writes to be settled")
    calls = agencies.all_calls(client)
    return judged(stage, victim, calls, readers, asked, killed_at) | {"back / at work, s": f"{back:.1f} / {works:.1f}"}


def wait_for_the_middle(client: httpx.Client, readers: list[str], writers: list[str]) -> None:
    def in_the_middle() -> bool:
        # Counters alone: a sandbox that tells its whole log is late for the calls that arrive meanwhile.
        by_key = client.get("/_log", params={"limit": 1}).json()["by_key"]
        return all(by_key.get(name, 0) >= 30 for name in readers) and all(by_key.get(name, 0) >= 20 for name in writers)

    agencies.wait_for(in_the_middle, GIVE_UP, "the middle of it")


def forget_signs_of_life() -> None:
    """They outlive a killed program for some seconds; what comes after this is from its successor."""
    from operations import heartbeats

    redis = heartbeats.connection()
    for key in redis.scan_iter(match=heartbeats.PREFIX + "*"):
        redis.delete(key)


def seconds_until_back(running: Product, victim: str, before: int, killed_at: float) -> tuple[float, float]:
    """Until there is another process, and until that one works."""

    def another() -> bool:
        now = running.pid(victim)
        return now not in (0, before) and os.path.exists(f"/proc/{now}")  # noqa: PTH110

    agencies.wait_for(another, 60, f"another {victim}", every=0.02)
    back = time.time() - killed_at
    agencies.wait_for(lambda: at_work(running, victim), 60, f"{victim} at work", every=0.05)
    return back, time.time() - killed_at


def at_work(running: Product, program: str) -> bool:
    from redis.exceptions import RedisError

    from operations import heartbeats

    if program == "web":
        with contextlib.suppress(httpx.TransportError):
            return httpx.get(f"{running.url}/healthz", trust_env=False).status_code == 200
        return False
    with contextlib.suppress(RedisError):
        if program == "redis":
            return bool(heartbeats.connection().ping())
        return bool(heartbeats.workers_alive() if program == "worker" else heartbeats.beat_is_alive())
    return False


def judged(
    stage: Stage,
    victim: str,
    calls: list[dict[str, Any]],
    readers: "list[Connection]",
    asked: Counter[int],
    killed_at: float,
) -> dict[str, object]:
    from operations.models import SyncRun
    from operations.sync.engine import LEASE
    from operations.writes import settling

    reads = {one.name: [call for call in calls if call["key"] == one.name] for one in readers}
    written = {one.name: [call for call in calls if call["key"] == one.name] for one in stage.writers}
    missing = sum(map(unread, reads.values()))
    fields, differing = agencies.different(stage.client, readers + stage.writers)
    again = [age for lane in reads.values() for age in repeated(lane, killed_at)]
    done = Counter(
        int(call["path"].split("/")[-2])
        for lane in written.values()
        for call in lane
        if call["method"] == "POST" and call["path"].endswith("/status") and call["carried_out"]
    )
    lost, doubled = (asked - done).total(), (done - asked).total()
    read_silence = max(silence(lane, killed_at) for lane in reads.values())
    write_silence = max(silence(lane, killed_at) for lane in written.values())
    allowed = LEASE.total_seconds() + PLANNER + TOLERANCE
    allowed_for_writes = settling.LEASE.total_seconds() + PLANNER + TOLERANCE
    refused = sum(call["status"] == 429 for call in calls)
    runs = [run.outcome for run in SyncRun.objects.filter(connection__in=readers)]
    wrong = [
        *([f"{missing} reads lost"] if missing else []),
        *([f"{lost} writes lost, {doubled} doubled"] if lost or doubled else []),
        *([f"silent for {read_silence:.1f} s"] if read_silence > allowed else []),
        *([f"writes silent for {write_silence:.1f} s"] if write_silence > allowed_for_writes else []),
        *([f"runs ended {runs}"] if runs != [SyncRun.Outcome.DONE.value] * len(readers) else []),
        *differing[:10],
    ]
    return {
        "killed": victim,
        "calls": len(calls),
        "reads lost": missing + len(differing),
        "fields compared": f"{fields:,}",
        "repeated": f"{len(again)} ({max(again, default=0.0):.1f} s old)",
        "writes": asked.total(),
        "lost": lost,
        "doubled": doubled,
        "429": refused,
        "silence of syncs / allowed, s": f"{read_silence:.1f} / {allowed:.0f}",
        "silence of writes / allowed, s": f"{write_silence:.1f} / {allowed_for_writes:.0f}",
        "wrong": "\n".join(wrong),
    }


def unread(calls: list[dict[str, Any]]) -> int:
    """How many calls of a sync the provider never answered: what one campaign was asked for, every one must have been."""
    texts = [f"{call['path']}?{call['query']}" for call in calls if call["status"] == 200]
    ids = {number for text in texts for number in re.findall(r"^/campaigns/(\d+)/", text)}
    asked = {
        (text.replace(number, "{id}"), number)
        for text in texts
        for number in set(re.findall(r"\d+", text)) & ids
    }  # fmt: skip
    return len({kind for kind, _ in asked}) * len(ids) - len(asked)


def repeated(calls: list[dict[str, Any]], killed_at: float) -> list[float]:
    """For each read that was made both before and after the kill: how old it was then, in seconds."""
    first: dict[tuple[str, str], float] = {}
    found = []
    for call in calls:
        what = (call["path"], call["query"])
        if call["at"] <= killed_at:
            if call["carried_out"]:
                first[what] = call["at"]
        elif what in first:
            found.append(killed_at - first.pop(what))
    return found


def silence(calls: list[dict[str, Any]], killed_at: float) -> float:
    """The longest time between two calls of the lane, from the last one before the kill on."""
    before = [call["at"] for call in calls if call["at"] <= killed_at]
    moments = before[-1:] + [call["at"] for call in calls if call["at"] > killed_at]
    return max((later - earlier for earlier, later in itertools.pairwise(moments)), default=0.0)


if __name__ == "__main__":
    main()
