"""How long the server takes for each page, over HTTP on gunicorn: python -m bench.pages

`--world big`: a web server alone before 100 clients (`--clients`), 3,000 campaigns and 1,000,000 day rows, on SQLite or on the
PostgreSQL of DATABASE_URL (`python -m tests.support.postgres python -m bench.pages` brings one). `--world demo`: the demo as
shipped; worker and beat run on meanwhile, as they do in life. Each page is asked for again and again, one after the other.
Exit status 1 if the p95 of a page is over the limit, or a page makes more than ten queries.
"""

import argparse
import os
import re
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from bench.product import Product, product
from bench.serving import served_world

EMAIL, PASSWORD = "maya@halyard.example", "quarterdeck"
HTMX = {"HX-Request": "true"}
LIMIT_MS = 50.0
MOST_QUERIES = 10
SYNCED_WITHIN = 120.0
WARM_UP = 20


@dataclass(frozen=True)
class Asked:
    name: str
    path: str
    htmx: bool = False


@dataclass(frozen=True)
class Measured:
    asked: Asked
    times: list[float]
    cpu_ms: float
    size: int
    queries: int

    @property
    def p95(self) -> float:
        return statistics.quantiles(self.times, n=20)[-1]


@dataclass(frozen=True)
class Visit:
    """What one person asks for."""

    email: str
    password: str
    pages: Callable[[httpx.Client], list[Asked]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--world", choices=("big", "demo"), default="big")
    parser.add_argument("--clients", type=int, default=100, help="of the big world")
    parser.add_argument("--requests", type=int, default=100, help="per page, after 20 to warm up")
    parser.add_argument("--limit", type=float, default=LIMIT_MS, help="milliseconds for the p95 of a page")
    parser.add_argument("--only", default="", help="pages with this in their name")
    options = parser.parse_args()
    measured: list[Measured] = []
    with served_demo() if options.world == "demo" else big_world(options.clients) as (url, web, visits):
        print(f"load of the machine {os.getloadavg()[0]:.1f}; {options.requests} requests each, one after the other")
        print(f"{'page':<34}{'median ms':>10}{'p95 ms':>9}{'max ms':>9}{'CPU ms':>8}{'kB':>7}{'queries':>9}")
        for visit in visits:
            with httpx.Client(base_url=url, trust_env=False, follow_redirects=True, timeout=30) as http:
                sign_in(http, visit.email, visit.password)
                pages = [page for page in visit.pages(http) if options.only in page.name]
                counts = count_queries(pages, visit.email)
                for page in pages:
                    measured.append(measure(http, page, options.requests, counts[page.name], web))
                    print(line(measured[-1]), flush=True)
    slow = [one.asked.name for one in measured if one.p95 > options.limit]
    asking = [one.asked.name for one in measured if one.queries > MOST_QUERIES]
    print(
        f"over {options.limit:g} ms: {', '.join(slow) or 'none'}; over {MOST_QUERIES} queries: {', '.join(asking) or 'none'}"
    )
    sys.exit(bool(slow or asking))


def line(one: Measured) -> str:
    return (
        f"{one.asked.name:<34}{statistics.median(one.times):>10.1f}{one.p95:>9.1f}{max(one.times):>9.1f}"
        f"{one.cpu_ms:>8.1f}{one.size / 1000:>7.0f}{one.queries:>9}"
    )


Served = tuple[str, list[int], list[Visit]]


@contextmanager
def served_demo() -> Iterator[Served]:
    with product() as running:
        join(running)
        wait_for_first_syncs()
        yield running.url, running.pids("gunicorn"), [Visit(EMAIL, PASSWORD, pages_to_ask)]


@contextmanager
def big_world(clients: int) -> Iterator[Served]:
    from bench import big_pages, world

    with served_world(clients) as served:
        people = (
            (world.ADMIN, big_pages.for_admin),
            (world.MANAGER, big_pages.for_manager),
            (world.CLIENT_LOGIN, big_pages.for_client_login),
        )
        yield served.url, served.pids, [Visit(email, world.PASSWORD, pages) for email, pages in people]


def join(running: Product) -> None:
    """Look into the product's own database from here, for what cannot be seen from outside."""
    os.environ |= running.environment | running.settings
    os.environ |= {"DJANGO_SETTINGS_MODULE": "config.settings", "LOG_LEVEL": "WARNING"}
    import django

    django.setup()


def wait_for_first_syncs() -> None:
    from accounts.models import Connection
    from operations.models import SyncRun

    end = time.monotonic() + SYNCED_WITHIN
    while Connection.objects.filter(last_success_at=None).exists() or SyncRun.objects.running().exists():
        if time.monotonic() > end:
            raise SystemExit(f"The first syncs did not end within {SYNCED_WITHIN:.0f} s.")
        time.sleep(0.5)


def count_queries(pages: list[Asked], email: str = EMAIL) -> dict[str, int]:
    """How many queries each page makes, session and person among them."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from accounts.models import User

    browser = Client(HTTP_HOST="localhost")
    browser.force_login(User.objects.get(email=email))
    counts: dict[str, int] = {}
    for page in pages:
        if not counts:
            browser.get(page.path)  # a process asks its database once what it can do
        with CaptureQueriesContext(connection) as captured:
            browser.get(page.path, headers=HTMX if page.htmx else {})
        counts[page.name] = len(captured)
    return counts


def sign_in(http: httpx.Client, email: str = EMAIL, password: str = PASSWORD) -> None:
    form = http.get("/accounts/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form.text)
    assert token
    values = {"login": email, "password": password, "csrfmiddlewaretoken": token[1]}
    answer = http.post("/accounts/login/", data=values, headers={"Referer": str(form.url)})
    assert urlsplit(str(answer.url)).path in ("/campaigns/", "/portal/"), answer.url


def pages_to_ask(http: httpx.Client) -> list[Asked]:
    rows = http.get("/campaigns/").text
    campaign = re.search(r'href="(/campaigns/\d+/)" data-row-link', rows)
    assert campaign, "the list has no rows"
    connection = re.search(r'href="(/connections/\d+/)" data-row-link', http.get("/connections/").text)
    assert connection
    return [
        Asked("campaigns", "/campaigns/"),
        Asked("campaigns, htmx", "/campaigns/?status=active", htmx=True),
        Asked("campaign, 30 days", campaign[1]),
        Asked("campaign, 90 days", f"{campaign[1]}?days=90"),
        Asked("campaign, bounces, htmx", f"{campaign[1]}?measure=bounce", htmx=True),
        Asked("figures of a step", f"{campaign[1]}steps/1/numbers/"),
        Asked("connections", "/connections/"),
        Asked("connection", connection[1]),
        Asked("activity", "/activity/"),
        Asked("call log", "/activity/calls/"),
    ]


def measure(http: httpx.Client, page: Asked, requests: int, queries: int, web: list[int]) -> Measured:
    """Times from sending the request to having read the answer, as a browser on this machine would see them.

    The time on the processor, of all `web` processes, tells what a page costs whatever else the machine is busy with.
    """
    headers = HTMX if page.htmx else {}
    times: list[float] = []
    for number in range(WARM_UP + requests):
        if number == WARM_UP:
            spent = cpu_seconds(web)
        started = time.perf_counter()
        answer = http.get(page.path, headers=headers)
        times.append((time.perf_counter() - started) * 1000)
        assert answer.status_code == 200, f"{page.path}: {answer.status_code}"
    cpu_ms = (cpu_seconds(web) - spent) / requests * 1000
    return Measured(page, times[WARM_UP:], cpu_ms, len(answer.content), queries)


def cpu_seconds(pids: list[int]) -> float:
    """What these processes have spent on the processor so far."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
