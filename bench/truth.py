"""Does our database say what the provider's world holds, field by field? python -m bench.truth

Starts the product with its demo world, and compares with the sandbox's `/_truth`: after the first sync, after moved time,
and after a sync with 5 % faults. Exit status 1 if a field differs or a call was refused with 429.
"""

import os
import sys
import time
from typing import Any

import httpx

from bench.bounded import end_within
from bench.product import product

FAULTS = [
    {"kind": "502", "share": 0.02},
    {"kind": "html200", "share": 0.015},
    {"kind": "truncated", "share": 0.015},
]


def main() -> None:
    end_within(1200)
    with product() as running:
        os.environ |= running.environment | running.settings | {"DJANGO_SETTINGS_MODULE": "config.settings"}
        wrong = False
        steer = httpx.Client(base_url=running.sandbox_url, timeout=60, trust_env=False)
        print(f"{'after':<28}{'fields':>9}{'different':>11}{'calls':>8}{'429':>6}{'faults':>8}{'sync s':>8}")
        for label, prepare in (
            ("the first sync", None),
            ("one day later", {"days": 1}),
            ("three more days later", {"days": 3}),
            ("a sync with 5 % faults", FAULTS),
        ):
            steer.delete("/_log")
            if isinstance(prepare, dict):
                steer.post("/_clock", json=prepare).raise_for_status()
            elif prepare:
                steer.post("/_clock", json={"hours": 5}).raise_for_status()
                steer.post("/_faults", json=prepare).raise_for_status()
            started = time.monotonic()
            result = running.manage("sync", "--all", "--wait", check=False)
            took = time.monotonic() - started
            steer.delete("/_faults")
            log = steer.get("/_log", params={"limit": 100_000}).json()
            refused = log["by_status"].get("429", 0)
            faults = sum(bool(call["fault"]) for call in log["calls"])
            fields, different = compare(steer)
            wrong = wrong or bool(different) or bool(refused) or result.returncode != 0
            print(
                f"{label:<28}{fields:>9,}{len(different):>11,}{log['total']:>8,}{refused:>6}{faults:>8}{took:>8.1f}",
                flush=True,
            )
            for line in different[:10]:
                print("   ", line)
            if result.returncode:
                print(result.stdout[-1500:], result.stderr[-500:])
    sys.exit(wrong)


def compare(steer: httpx.Client) -> tuple[int, list[str]]:
    """How many fields were compared, and those that differ."""
    import django

    django.setup()
    from django.db import connections

    from accounts.models import Connection
    from tests.support.truth import compared, differences

    keys: dict[str, str] = {key["label"]: key["label"] for key in steer.get("/_keys").json()["keys"]}
    found: list[str] = []
    fields = 0
    for connection in Connection.objects.enabled():
        label = next(label for label in keys if label.split("-")[0] in connection.name.lower())
        truth: dict[str, Any] = steer.get("/_truth", params={"key": label}).json()
        before = compared()
        found += [f"{connection.name}: {line}" for line in differences(connection, truth)]
        fields += compared() - before
    connections.close_all()
    return fields, found


if __name__ == "__main__":
    main()
