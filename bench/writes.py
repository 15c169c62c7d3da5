"""Every kind of change of a campaign, and what the provider holds afterwards: python -m bench.writes

The product as `make run` starts it, with a fresh agency for each form of the provider's API; its worker carries the changes out.
After each, every campaign of the agency is compared field by field with the sandbox's truth: what was wanted is so, everything
else is as it was, and our copy says the same. Exit status 1 if anything is otherwise.
"""

import argparse
import sys
from typing import TYPE_CHECKING, Any

import httpx

from bench import agencies
from bench.bounded import end_within
from bench.kill import connect, synced
from bench.product import Product, product

if TYPE_CHECKING:
    from campaigns.models import Campaign

GIVE_UP = 240.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dialects", default="live,guides")
    wished = parser.parse_args()
    end_within(1200)
    wrong = []
    with product() as running:
        agencies.join(running)
        client = agencies.steering(running)
        agencies.silence_demo()
        agencies.stand_still(client)
        for dialect in wished.dialects.split(","):
            cells, found = changed(running, client, dialect)
            print(f"\nThe provider's API in its form “{dialect}”\n\n{agencies.table(cells)}", flush=True)
            wrong += [f"{dialect}, {line}" for line in found]
    for line in wrong:
        print(f"WRONG: {line}")
    sys.exit(bool(wrong))


def changed(running: Product, client: httpx.Client, dialect: str) -> tuple[list[dict[str, object]], list[str]]:
    from django.utils import timezone

    from tests.support.write_table import rows

    campaign = running_campaign(running, client, dialect)
    label = campaign.connection.name

    def truth() -> dict[int, Any]:
        told = client.get("/_truth", params={"key": label, "days": "0"}).json()["campaigns"]
        return {one["id"]: one for one in told}

    def work() -> None:
        agencies.wait_for(lambda: nothing_left(campaign), GIVE_UP, "the change", every=0.1)

    found = list(rows(campaign, truth, work, timezone.now))
    return [row.cells() for row in found], [f"{row.change.name}: {line}" for row in found for line in row.wrong]


def running_campaign(running: Product, client: httpx.Client, dialect: str) -> "Campaign":
    """Of an agency that is known here; a sync makes no calls meanwhile."""
    from django.utils import timezone

    from operations.models import SyncState

    agencies.steer(client, "POST", "/_limits", {"windows": [{"limit": 100_000, "seconds": 1}]})
    [made] = agencies.make(client, 1, campaigns=4, prefix=f"changed-{dialect}")
    agencies.steer(client, "POST", "/_dialect", {"dialect": dialect, "key": made.label})
    number = made.campaign_ids[0]
    agencies.steer(client, "POST", "/_change", {"do": "status", "campaign": number, "status": "ACTIVE"})
    other = agencies.steer(client, "GET", f"/_truth?key={made.label}&days=0")["campaigns"][-1]["account"]
    agencies.steer(client, "POST", "/_change", {"do": "add_client", "name": "Another client", "account": other})
    connection = connect(running, made, may_write=True)
    agencies.wait_for(lambda: synced([connection]), GIVE_UP, "the first sync")
    SyncState.objects.filter(connection=connection).update(due_at=timezone.now().replace(year=2100))
    return connection.campaigns.get(remote_id=number)


def nothing_left(campaign: "Campaign") -> bool:
    from campaigns.models import SequenceSave
    from operations.models import Write

    changes = Write.objects.unsettled().filter(connection=campaign.connection_id)
    return not changes.exists() and not SequenceSave.objects.unfinished().filter(campaign=campaign).exists()


if __name__ == "__main__":
    main()
