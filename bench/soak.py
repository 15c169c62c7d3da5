"""Thousands of calls with every fault that the sandbox knows: python -m bench.soak [--calls 10000]

The product as `make run` starts it, with six fresh agencies whose limit is 100 calls per second, here and at the sandbox,
so that it takes minutes and not hours. Round after round everything of all of them is pulled, the simulated time moves on
by some hours, campaigns are renamed and added at the provider, and others are paused and started from here; meanwhile

  2 % each   429, 500, 502, 503, HTML or half of the JSON or nothing instead of an answer, slow answers, connections cut
             before, after and in the middle of an answer
  1 %        calls that hang for a second and are cut then
  each round one sync is ended by a 401 or a 403 of the edge, and every third round the port is closed for two seconds

Then the faults end, everything is pulled once more, and the database is compared with the sandbox's truth field by field,
and the changes asked for with those that its log says were carried out. Exit status 1 if anything differs.
"""

import argparse
import random
import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import httpx

from bench import agencies
from bench.bounded import end_within
from bench.product import product

if TYPE_CHECKING:
    from accounts.models import Connection

WINDOW = (100, 1)
AGENCIES, CAMPAIGNS = 6, 25
SHARE = 0.02
KINDS = ("429", "500", "502", "503", "html200", "truncated", "empty", "slow", "cut_before", "cut_after", "cut_midway")
ROUND_GIVES_UP = 120.0
GIVES_UP = 900.0


def rules() -> list[dict[str, Any]]:
    more: dict[str, dict[str, Any]] = {"429": {"retry_after": 1}, "slow": {"seconds": 0.4}}
    found = [{"kind": kind, "share": SHARE, **more.get(kind, {})} for kind in KINDS]
    return [*found, {"kind": "hang", "share": SHARE / 2, "seconds": 1.0}]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    wished = parser.parse_args()
    end_within(1500)
    dice = random.Random(wished.seed)
    with product() as running:
        agencies.join(running)
        client = agencies.steering(running)
        agencies.silence_demo()
        agencies.stand_still(client)
        connections = [
            agencies.add(running, one) for one in agencies.make(client, AGENCIES, campaigns=CAMPAIGNS, prefix="soak")
        ]
        for connection in connections:
            connection.windows = [{"calls": WINDOW[0], "seconds": WINDOW[1]}]
            connection.may_write = True
            connection.save(update_fields=["windows", "may_write"])
        agencies.steer(client, "POST", "/_limits", {"windows": [{"limit": WINDOW[0], "seconds": WINDOW[1]}]})
        agencies.steer(client, "DELETE", "/_log")
        sys.exit(Soak(client, connections, dice).run(wished.calls))


class Soak:
    def __init__(self, client: httpx.Client, connections: "list[Connection]", dice: random.Random) -> None:
        self.client = client
        self.connections = connections
        self.dice = dice
        self.rounds = self.moved_hours = self.changes = self.closings = 0
        self.outcomes: Counter[str] = Counter()

    def run(self, calls: int) -> bool:
        """True if anything is wrong in the end."""
        began = time.monotonic()
        self.pull()
        agencies.steer(self.client, "POST", "/_faults", rules())
        while self.calls_so_far() < calls and time.monotonic() - began < GIVES_UP:
            self.one_round()
        hits = self.hits()
        agencies.steer(self.client, "DELETE", "/_faults")
        agencies.wait_for(self.has_settled, 400, "the writes to be settled", every=1.0)
        self.pull(until_done=True)
        return self.report(hits, time.monotonic() - began)

    def one_round(self) -> None:
        self.rounds += 1
        one = self.dice.choice(self.connections)
        # The list of campaigns is what a sync begins with, so that this ends one.
        rule = {"kind": self.dice.choice(["revoked", "cloudflare"]), "next": 1, "key": one.name, "path": "/campaigns/"}
        agencies.steer(self.client, "POST", "/_faults", rule)
        if self.rounds % 3 == 0:
            self.closings += 1
            agencies.steer(self.client, "POST", "/_faults", {"kind": "down", "seconds": 2})
            time.sleep(2.5)  # nobody can be steered meanwhile either
        self.write()
        self.change_at_the_provider()
        hours = self.dice.choice([1, 5, 24, 30])
        self.moved_hours += hours
        agencies.steer(self.client, "POST", "/_clock", {"hours": hours})
        self.pull()
        print(f"round {self.rounds}: {self.calls_so_far():,} calls, runs so far {dict(self.outcomes)}", flush=True)

    def calls_so_far(self) -> int:
        answer = self.client.get("/_log", params={"limit": 1})
        return int(answer.json()["total"])

    def write(self) -> None:
        """Have some campaigns paused, or started where they are paused."""
        from django.utils import timezone

        from campaigns.models import Campaign
        from campaigns.services.status import change_status
        from operations.audit import Actor

        for connection in self.connections:
            rows = connection.campaigns.present().filter(status__in=[Campaign.Status.ACTIVE, Campaign.Status.PAUSED])
            for campaign in self.dice.sample(list(rows.order_by("pk")), 4):
                status = "active" if campaign.status == Campaign.Status.PAUSED else "paused"
                change_status(campaign, status, Actor.on_command_line(), timezone.now())

    def change_at_the_provider(self) -> None:
        from campaigns.models import Campaign

        rows = list(Campaign.objects.present().filter(connection__in=self.connections).order_by("pk"))
        renamed = self.dice.choice(rows).remote_id
        self.change({"do": "rename", "campaign": renamed, "name": f"Renamed in round {self.rounds} · 改名"})
        if self.rounds % 4 == 0:
            connection = self.dice.choice(self.connections)
            clients = self.client.get("/_truth", params={"key": connection.name, "days": "0"}).json()["clients"]
            self.change(
                {"do": "add_campaign", "client_id": clients[0]["id"], "name": "New", "status": "ACTIVE", "leads": 900}
            )

    def change(self, what: dict[str, Any]) -> None:
        agencies.steer(self.client, "POST", "/_change", what)
        self.changes += 1

    def pull(self, *, until_done: bool = False) -> None:
        """Ask for a sync of everything and wait for its end, whatever that is."""
        from django.db.models import Max
        from django.utils import timezone

        from operations.models import SyncRun
        from operations.sync import planning

        runs = SyncRun.objects.filter(connection__in=self.connections)
        last = runs.aggregate(last=Max("pk"))["last"] or 0
        new = runs.filter(pk__gt=last)
        planning.request_sync([connection.pk for connection in self.connections], timezone.now())
        agencies.wait_for(
            lambda: new.values("connection").distinct().count() == AGENCIES and not new.running().exists(),
            ROUND_GIVES_UP,
            "a round of syncs",
        )
        self.outcomes.update(new.values_list("outcome", flat=True))
        bad = list(new.exclude(outcome=SyncRun.Outcome.DONE))
        if until_done and bad:
            raise SystemExit(f"Without faults, {[(run.connection_id, run.message) for run in bad]}")

    def has_settled(self) -> bool:
        from operations.models import Write

        return not Write.objects.unsettled().filter(connection__in=self.connections).exists()

    def hits(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for rule in self.client.get("/_faults").json()["rules"]:
            found[rule["kind"]] += rule["hits"]
        return found

    def report(self, hits: Counter[str], seconds: float) -> bool:
        from operations.models import Write

        log = self.client.get("/_log", params={"limit": 100_000}).json()
        carried_out = Counter(
            int(call["path"].split("/")[-2])
            for call in log["calls"]
            if call["method"] == "POST" and call["path"].endswith("/status") and call["carried_out"]
        )
        writes = Write.objects.filter(connection__in=self.connections)
        states = Counter(writes.values_list("state", flat=True))
        asked = Counter(write.payload["remote_id"] for write in writes)
        done = Counter(write.payload["remote_id"] for write in writes.filter(state=Write.State.DONE))
        doubled, lost, hidden = (
            (more - less).total() for more, less in ((carried_out, asked), (done, carried_out), (carried_out, done))
        )
        fields, differing = agencies.different(self.client, self.connections)
        struck = sum(hits.values())
        rows = {
            "calls": f"{log['total']:,} in {seconds:.0f} s, {log['total'] / seconds:.0f} a second",
            "rounds, syncs": f"{self.rounds}, {dict(self.outcomes)}",
            "faults": f"{struck:,} ({struck / log['total']:.1%}): {', '.join(f'{n} {kind}' for kind, n in hits.items())}",
            "port closed": f"{self.closings} times for 2 s",
            "refused by the limit": log["violations"],
            "time moved": f"{self.moved_hours} hours; {self.changes} changes at the provider",
            "writes asked for": f"{writes.count()}, {dict(states)}",
            "sent more than once": writes.filter(sends__gt=1).count(),
            "carried out twice": doubled,
            "called done, not carried out": lost,
            "carried out, called failed": hidden,
            "fields compared": f"{fields:,}",
            "fields different": len(differing),
        }
        print()
        print(agencies.table([{"": name, "figure": cell} for name, cell in rows.items()]))
        for line in differing[:20]:
            print("   ", line)
        for write in writes.filter(state=Write.State.FAILED):
            hidden_here = carried_out[write.payload["remote_id"]] > done[write.payload["remote_id"]]
            print("    carried out, called failed:" if hidden_here else "    failed:", write, write.message)
        return bool(lost or doubled or hidden or differing)


if __name__ == "__main__":
    main()
