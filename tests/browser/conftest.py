"""A running installation with its demo world, and people in front of Chromium.

Everything here ends with the last test of this folder: while Playwright runs, Django takes the thread for an event loop.
"""

from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ViewportSize, expect, sync_playwright

from tests.browser.visitor import Visitor
from tests.support.chromium import find_chromium
from tests.support.product import Product, product
from tests.support.sandbox import Sandbox

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-quic", "--no-first-run")
PATIENCE_MS = 15_000
SEEN = pytest.StashKey[list[Visitor]]()
BEHIND = pytest.StashKey[Product]()
DESKTOP: ViewportSize = {"width": 1440, "height": 1000}


@pytest.fixture(scope="package")
def installation() -> Iterator[Product]:
    with product() as running:
        yield running


@pytest.fixture(scope="package")
def sandbox(installation: Product) -> Iterator[Sandbox]:
    """The provider of that installation."""
    with Sandbox(installation.sandbox_url) as provider:
        yield provider


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=[*FLAGS])
        yield browser
        browser.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A journey that failed tells what was on the pages, and what the programs behind them said last."""
    report = yield
    if report.when == "call" and report.failed:
        visitors: list[Visitor] = item.stash[SEEN]
        report.sections += [(f"In front of visitor {at}", one.account()) for at, one in enumerate(visitors, 1)]
        report.sections.append(("The product's last words", item.stash[BEHIND].last_words()))
    return report


@pytest.fixture
def visitor(
    request: pytest.FixtureRequest, installation: Product, chromium: Browser
) -> Iterator[Callable[..., Visitor]]:
    """Makes visitors, with a window and cookies of their own; afterwards nothing may have gone wrong before their eyes."""
    visitors: list[Visitor] = []
    request.node.stash[SEEN] = visitors
    request.node.stash[BEHIND] = installation

    def make(*, viewport: ViewportSize = DESKTOP, **options: Any) -> Visitor:
        context = chromium.new_context(viewport=viewport, reduced_motion="reduce", locale="en-GB", **options)
        context.set_default_timeout(PATIENCE_MS)
        visitors.append(Visitor(context, installation.url))
        return visitors[-1]

    yield make
    complaints = [complaint for one in visitors for complaint in one.complaints]
    for one in visitors:
        one.context.close()
    assert complaints == []
