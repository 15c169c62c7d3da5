"""Fresh agencies in a running product's sandbox, and our database beside it, for benches that need more than the demo."""

import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx

from bench.product import Product

if TYPE_CHECKING:
    from accounts.models import Connection


@dataclass(frozen=True)
class Agency:
    """An account of the sandbox with a key that sees all of it."""

    label: str
    key: str
    campaign_ids: tuple[int, ...]


def join(running: Product) -> None:
    """Set Django up in this process, on the product's own database and Redis."""
    os.environ |= running.environment | running.settings | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    import django

    django.setup()


def steering(running: Product) -> httpx.Client:
    """The way to the sandbox's own doors."""
    return httpx.Client(base_url=running.sandbox_url, timeout=120, trust_env=False)


def steer(client: httpx.Client, method: str, path: str, body: Any = None) -> Any:
    answer = client.request(method, path, json=body)
    answer.raise_for_status()
    return answer.json()


def make(client: httpx.Client, agencies: int, *, campaigns: int, mailboxes: int = 6, prefix: str) -> list[Agency]:
    body = {"agencies": agencies, "campaigns": campaigns, "mailboxes": mailboxes, "prefix": prefix}
    made = steer(client, "POST", "/_keys", body)["keys"]
    return [Agency(one["label"], one["key"], tuple(one["campaign_ids"])) for one in made]


def add(running: Product, agency: Agency) -> "Connection":
    """A connection to the agency, not due for anything yet; a key check is left out, so that no call is made."""
    from django.utils import timezone

    from accounts.services.connections import add_connection
    from operations.audit import Actor
    from providers.secret import SecretText

    return add_connection(
        name=agency.label,
        provider="smartlead",
        base_url=f"{running.sandbox_url}/smartlead/api/v1",
        key=SecretText(agency.key),
        client=None,
        actor=Actor.on_command_line(),
        now=timezone.now(),
    )


def silence_demo() -> None:
    """Disable the demo's own connections and wait until nobody works on them, so that they take no part."""
    from django.utils import timezone

    from accounts.models import Connection
    from accounts.services.connections import set_enabled
    from operations.audit import Actor
    from operations.models import SyncRun

    for connection in Connection.objects.enabled():
        set_enabled(connection, False, Actor.on_command_line(), timezone.now())
    wait_for(lambda: not SyncRun.objects.running().exists(), 120, "the demo's first sync")


def stand_still(client: httpx.Client) -> None:
    """Move the sandbox to an hour at which no figures grow (they do from 7 to 18 UTC), so that its truth stays put."""
    now = datetime.fromisoformat(steer(client, "GET", "/_clock")["now"])
    wanted = now.replace(hour=19, minute=0, second=0)
    if now.hour >= 19:
        # Late enough already, unless midnight would come during the bench.
        wanted = now if now.hour < 23 else wanted + timedelta(days=1)
    if wanted > now:
        steer(client, "POST", "/_clock", {"to": wanted.isoformat()})


def wait_for(what: Any, seconds: float, words: str, every: float = 0.25) -> None:
    """Ends the program if the condition does not come true in time."""
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            raise SystemExit(f"Waited {seconds:.0f} s in vain for {words}.")
        time.sleep(every)


def all_calls(client: httpx.Client, **query: Any) -> list[dict[str, Any]]:
    """Every call that reached the sandbox since its log was cleared, oldest first."""
    answer = client.get("/_log", params={"limit": 100_000, **query})
    answer.raise_for_status()
    calls: list[dict[str, Any]] = answer.json()["calls"]
    return calls


def different(client: httpx.Client, connections: Iterable["Connection"]) -> tuple[int, list[str]]:
    """How many fields of these connections were compared with the sandbox's truth, and those that differ."""
    from tests.support.truth import compared, differences

    before, found = compared(), []
    for connection in connections:
        truth = client.get("/_truth", params={"key": connection.name}).json()
        found += [f"{connection.name}: {line}" for line in differences(connection, truth)]
    return compared() - before, found


def table(rows: Sequence[dict[str, object]]) -> str:
    """The rows as a table in Markdown, each column as wide as it must be."""
    names = list(rows[0])
    cells = [names, *([str(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(names))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in cells
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)
