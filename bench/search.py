"""How long a search takes in a large agency: python -m bench.search

Makes 500 clients, 3,000 campaigns, 3,000 mailboxes and 600 people, and types into the search box as an admin and as a manager of 20
clients: letter by letter, whole names, numbers, words that nothing has. On SQLite, or on the PostgreSQL of DATABASE_URL
(`python -m tests.support.postgres python -m bench.search` brings one). Exit status 1 if a p95 is over the limit.
"""

import argparse
import os
import statistics
import sys
import time
from typing import Any

from tests import environment as _environment  # noqa: F401  (the settings of the tests)

LIMIT_MS = 100.0
CLIENTS, CAMPAIGNS, MAILBOXES, PEOPLE, OF_THE_MANAGER = 500, 3_000, 3_000, 600, 20
TOPICS = ("Fintech CFOs", "Freight directors", "Zahnärzte", "Facilities heads", "Series C+", "Dental groups")
PLACES = ("UK", "DACH", "Nordics", "Île-de-France", "US East")
TYPED = ("fintech cfos uk", "zahnÄRZTE", "agency 250", "box-1200@", "person 77", "nordics q3 12", "stop all", "4200")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--limit", type=float, default=LIMIT_MS, help="milliseconds for the p95")
    limit = parser.parse_args().limit
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import setup_test_environment, teardown_test_environment

    setup_test_environment()
    name = connection.creation.create_test_db(verbosity=0)
    try:
        people = seed()
        print(f"{connection.vendor}, load of the machine {os.getloadavg()[0]:.1f}")
        print(f"{'who':<10}{'searches':>10}{'median ms':>11}{'p95 ms':>9}{'max ms':>9}{'CPU ms':>8}{'queries':>9}")
        worst = max(measure(who, person) for who, person in people.items())
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
        teardown_test_environment()
    sys.exit(worst > limit)


def seed() -> dict[str, Any]:
    from django.utils import timezone

    from accounts.models import Client, Connection, Mailbox, Membership, User
    from campaigns.models import Campaign, CampaignMailbox

    now = timezone.now()
    clients = Client.objects.bulk_create(
        [Client(name=f"Agency client {n}", slug=f"client-{n}") for n in range(CLIENTS)]
    )
    key = Connection.objects.create(name="Agency key", base_url="http://127.0.0.1")
    campaigns = Campaign.objects.bulk_create(
        [
            Campaign(
                connection=key, remote_id=n, client=clients[n % CLIENTS], status="active" if n % 3 else "paused", synced_at=now,
                name=f"{TOPICS[n % len(TOPICS)]} · {PLACES[n % len(PLACES)]} · Q{n % 4 + 1} · {n}",
            )
            for n in range(CAMPAIGNS)
        ]
    )  # fmt: skip
    boxes = Mailbox.objects.bulk_create(
        [
            Mailbox(connection=key, remote_id=n, client=clients[n % CLIENTS], address=f"box-{n}@sender.example", synced_at=now)
            for n in range(MAILBOXES)
        ]
    )  # fmt: skip
    links = [CampaignMailbox(campaign=campaigns[n % CAMPAIGNS], mailbox=box) for n, box in enumerate(boxes)]
    CampaignMailbox.objects.bulk_create(links)
    User.objects.bulk_create([User(name=f"Person {n}", email=f"person-{n}@agency.example") for n in range(PEOPLE)])
    admin = User.objects.create_user("admin@agency.example", name="Admin", role=User.Role.ADMIN)
    manager = User.objects.create_user("manager@agency.example", name="Manager")
    Membership.objects.bulk_create([Membership(user=manager, client=client) for client in clients[:OF_THE_MANAGER]])
    return {"admin": admin, "manager": manager}


def measure(who: str, person: Any) -> float:
    from django.db import connection
    from django.test import Client as Browser
    from django.test.utils import CaptureQueriesContext

    browser, times = Browser(headers={"HX-Request": "true"}), []
    browser.force_login(person)
    asked = [text[:end] for text in TYPED for end in range(1, len(text) + 1)]
    for text in ("warm", "up"):
        browser.get("/search/", {"q": text, "part": "box"})
    cpu = time.process_time()
    for text in asked:
        began = time.perf_counter()
        answer = browser.get("/search/", {"q": text, "part": "box"})
        times.append((time.perf_counter() - began) * 1000)
        assert answer.status_code == 200
    cpu_ms = (time.process_time() - cpu) * 1000 / len(times)
    with CaptureQueriesContext(connection) as captured:
        browser.get("/search/", {"q": "fintech", "part": "box"})
        queries = len(captured)
    p95 = statistics.quantiles(times, n=20)[-1]
    print(
        f"{who:<10}{len(times):>10}{statistics.median(times):>11.1f}{p95:>9.1f}{max(times):>9.1f}{cpu_ms:>8.1f}{queries:>9}"
    )
    return p95


if __name__ == "__main__":
    main()
