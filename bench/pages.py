"""How long the server takes for each page, over HTTP on gunicorn, in the demo world as shipped: python -m bench.pages

Starts the product, waits for the first syncs, signs in as the admin, and asks for each page one after the other. Worker and
beat run on meanwhile, as they do in life. Exit status 1 if the p95 of a page is over the limit.
"""

import argparse
import os
import re
import statistics
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from bench.product import Product, product

EMAIL, PASSWORD = "maya@halyard.example", "quarterdeck"
HTMX = {"HX-Request": "true"}
LIMIT_MS = 50.0
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=100, help="per page, after 20 to warm up")
    parser.add_argument("--limit", type=float, default=LIMIT_MS, help="milliseconds for the p95 of a page")
    options = parser.parse_args()
    with product() as running:
        join(running)
        wait_for_first_syncs()
        with httpx.Client(base_url=running.url, trust_env=False, follow_redirects=True, timeout=30) as http:
            sign_in(http)
            pages = pages_to_ask(http)
            counts = count_queries(pages)
            print(
                f"load of the machine {os.getloadavg()[0]:.1f}; {options.requests} requests each, one after the other"
            )
            web = running.pids("gunicorn")
            measured = [measure(http, page, options.requests, counts[page.name], web) for page in pages]
    print(f"{'page':<28}{'median ms':>10}{'p95 ms':>9}{'max ms':>9}{'CPU ms':>8}{'kB':>7}{'queries':>9}")
    for one in measured:
        print(
            f"{one.asked.name:<28}{statistics.median(one.times):>10.1f}{one.p95:>9.1f}{max(one.times):>9.1f}"
            f"{one.cpu_ms:>8.1f}{one.size / 1000:>7.0f}{one.queries:>9}"
        )
    sys.exit(any(one.p95 > options.limit for one in measured))


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


def count_queries(pages: list[Asked]) -> dict[str, int]:
    """How many queries each page makes, session and person among them."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from accounts.models import User

    browser = Client(HTTP_HOST="localhost")
    browser.force_login(User.objects.get(email=EMAIL))
    counts = {}
    for page in pages:
        with CaptureQueriesContext(connection) as captured:
            browser.get(page.path, headers=HTMX if page.htmx else {})
        counts[page.name] = len(captured)
    return counts


def sign_in(http: httpx.Client) -> None:
    form = http.get("/accounts/login/")
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form.text)
    assert token
    values = {"login": EMAIL, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
    answer = http.post("/accounts/login/", data=values, headers={"Referer": str(form.url)})
    assert urlsplit(str(answer.url)).path == "/campaigns/", answer.url


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
