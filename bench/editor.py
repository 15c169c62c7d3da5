"""How soon a sequence can be written in: python -m bench.editor

Starts the product, gives one campaign 5 and then 20 steps of two texts each, and opens its sequence in Chromium again and again.
Printed are milliseconds from asking for the page to the shown body being editable, to a typed letter standing in the form, and
the server's time for the page and for the checks while typing. Exit status 1 if an editor is not usable within the limit.
"""

import argparse
import os
import statistics
import sys
from dataclasses import dataclass
from typing import Any

import httpx
from playwright.sync_api import Page, sync_playwright

from bench.pages import EMAIL, PASSWORD, Asked, count_queries, join, measure, sign_in, wait_for_first_syncs
from bench.product import Product, product
from tests.support.chromium import find_chromium

SIZES = (5, 20)
LIMIT_MS = 1000.0
BODY = (
    "<p>{{Hi|Hello|Hey}} {{{{first_name}}}},</p><p>{lines}</p>"
    '<p>Look at <a href="https://example.com/{number}">our page</a> for {{{{company_name}}}}.</p><p>Best,<br>Jonas</p>'
)
LINE = "Most {{industry}} teams we see lose a day a week to this, and an estimate of it costs them an hour. "


@dataclass(frozen=True)
class Opened:
    """Milliseconds of one visit."""

    editable: float
    typed: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visits", type=int, default=15, help="per size, after two to warm up")
    parser.add_argument("--limit", type=float, default=LIMIT_MS, help="milliseconds until the editor is usable")
    options = parser.parse_args()
    slow = False
    with product() as running:
        join(running)
        wait_for_first_syncs()
        print(f"load of the machine {os.getloadavg()[0]:.1f}; {options.visits} visits each")
        print(
            f"{'steps':<7}{'editable ms: median':>20}{'max':>7}{'typed: median':>15}{'server: median':>16}{'p95':>7}{'queries':>9}"
        )
        for steps in SIZES:
            path = f"/campaigns/{campaign_with(steps)}/sequence/"
            visits = visit(running, path, options.visits)
            served, queries = serve(running, path)
            editable = [one.editable for one in visits]
            print(
                f"{steps:<7}{statistics.median(editable):>20.0f}{max(editable):>7.0f}"
                f"{statistics.median(one.typed for one in visits):>15.0f}"
                f"{statistics.median(served):>16.1f}{statistics.quantiles(served, n=20)[-1]:>7.1f}{queries:>9}"
            )
            slow |= statistics.quantiles(editable, n=20)[-1] > options.limit
    sys.exit(slow)


def campaign_with(steps: int) -> int:
    """The number of a campaign whose sequence may be changed and has that many steps in our copy of it."""
    from accounts.models import Connection
    from campaigns.models import Campaign, Step, Variant

    campaign = Campaign.objects.filter(status="paused", gone_at=None).order_by("pk")[0]
    Connection.objects.filter(pk=campaign.connection_id).update(may_write=True)
    Step.objects.filter(campaign=campaign).delete()
    for number in range(1, steps + 1):
        minutes = 0 if number == 1 else 3 * Step.MINUTES_A_DAY
        step = Step.objects.create(campaign=campaign, remote_id=900_000 + number, number=number, delay_minutes=minutes)
        for place, label in enumerate("AB", start=1):
            body = BODY.format(
                lines=(LINE * 5).strip(), number=number * place
            )  # a text that the editor need not change
            remote_id = 910_000 + 10 * number + place
            Variant.objects.create(
                step=step, remote_id=remote_id, position=place, label=label, subject=f"Text {number}{label}", body=body
            )
    return int(campaign.pk)


def visit(running: Product, path: str, visits: int) -> list[Opened]:
    """Each visit is a tab of its own, with the files of before in the browser's cache."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox", "--disable-gpu"])
        context = browser.new_context(viewport={"width": 1440, "height": 1000}, locale="en-GB")
        page = context.new_page()
        page.goto(running.url)
        page.get_by_label("Email").fill(EMAIL)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_load_state()
        found = []
        for number in range(visits + 2):
            tab = context.new_page()
            found.append(opened(tab, running.url + path, f"§{number}§"))
            tab.close()
        browser.close()
    return found[2:]


def opened(page: Page, address: str, letters: str) -> Opened:
    """The page itself notes when its shown body can be written in."""
    page.goto(address, wait_until="commit")
    page.wait_for_function("() => performance.getEntriesByName('editor ready').length > 0", polling=20)
    editable = page.evaluate("performance.getEntriesByName('editor ready')[0].startTime")
    shown = page.locator("[data-body]:not([hidden])")
    shown.frame_locator("iframe").locator("#body").press_sequentially(letters)
    page.wait_for_function(
        "letters => document.querySelector('[data-body]:not([hidden]) textarea').value.includes(letters)",
        arg=letters,
        polling=20,
    )
    return Opened(float(editable), float(page.evaluate("performance.now()")))


def serve(running: Product, path: str) -> tuple[list[float], int]:
    page = Asked("sequence", path)
    with httpx.Client(base_url=running.url, trust_env=False, follow_redirects=True, timeout=30) as http:
        sign_in(http)
        queries: dict[str, Any] = count_queries([page])
        return measure(http, page, 60, queries[page.name], running.pids("gunicorn")).times, queries[page.name]


if __name__ == "__main__":
    main()
