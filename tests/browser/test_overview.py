"""The overview of a campaign in a real browser: figures that drive the chart, days, and nothing that jumps."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.visitor import MANAGER, Visitor

pytestmark = pytest.mark.browser

Visitors = Callable[..., Visitor]
PHONE: ViewportSize = {"width": 390, "height": 844}
FERRO = "Freight directors · DACH · Q4"

WATCH_SHIFTS = """
window.shifted = 0;
new PerformanceObserver(list => { for (const entry of list.getEntries()) window.shifted += entry.value; })
  .observe({type: 'layout-shift', buffered: true});
"""
MOST_SHIFT = 0.02  # of the window, over everything that happens while the page loads


def open_campaign(visitor: Visitor) -> Page:
    """The manager finds the campaign once its days and its steps have been read."""
    visitor.signs_in(MANAGER)
    visitor.goes_to("/campaigns/?q=Freight+directors")
    visitor.until(lambda: visitor.page.get_by_role("link", name=FERRO).count() > 0, seconds=60)
    visitor.page.get_by_role("link", name=FERRO).first.click()
    visitor.arrives(visitor.page.locator("#steps"))
    visitor.until(lambda: "All steps" in visitor.page.locator("#steps").inner_text(), seconds=60)
    visitor.until(lambda: visitor.page.locator("[data-chart]").count() > 0, seconds=60)
    return visitor.page


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["wide", "phone"])
def test_figures_drive_the_chart_by_keyboard_and_stand_in_the_address(
    visitor: Visitors, viewport: ViewportSize | None
) -> None:
    idris = visitor(viewport=viewport) if viewport else visitor()
    page = open_campaign(idris)
    chart = page.locator("[data-chart]")
    for name, title, address in (
        ("Reply rate", "Replies per email", "measure=reply"),
        ("Positive replies", "Positive replies by day", "measure=positive"),
        ("Bounce rate", "Bounce rate", "measure=bounce"),
    ):
        figure = page.locator(".qd-kpis").get_by_role("button", name=re.compile(f"^{name}"))
        figure.focus()
        page.keyboard.press("Enter")
        expect(page.locator("#numbers-title")).to_have_text(title)
        expect(figure).to_have_attribute("aria-pressed", "true")
        expect(figure).to_be_focused()
        assert page.url.endswith(f"?{address}")
        idris.sees_painted(chart, points=300)
        idris.finds_no_barrier()
    page.locator("#span-menu summary").click()
    page.get_by_role("link", name="Last 90 days").click()
    expect(page.locator("#span-menu summary")).to_contain_text("Last 90 days")
    page.get_by_role("button", name="All replies").click()
    expect(page.get_by_role("button", name="All replies")).to_have_attribute("aria-pressed", "true")
    assert {"days=90", "measure=bounce", "by=all"} == set(page.url.partition("?")[2].split("&"))
    page.reload()
    expect(page.locator("#numbers-title")).to_have_text("Bounce rate")
    expect(page.get_by_role("button", name="All replies")).to_have_attribute("aria-pressed", "true")
    page.go_back()
    expect(page.get_by_role("button", name="Positive replies", exact=True)).to_have_attribute("aria-pressed", "true")


def test_days_that_do_not_exist_are_named_and_stay_to_be_corrected(visitor: Visitors) -> None:
    idris = visitor()
    page = open_campaign(idris)
    idris.goes_to(re.sub(r"^\w+://[^/]+", "", page.url).partition("?")[0] + "?from=2026-02-31&to=2026-03-10")
    expect(page.get_by_role("alert")).to_contain_text(
        "There is no 31 February 2026. These are the last 30 days instead."
    )
    first = page.get_by_label("From", exact=True)
    expect(first).to_be_visible()
    expect(first).to_have_value("2026-02-31")
    expect(first).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("To", exact=True)).to_have_value("2026-03-10")
    idris.finds_no_barrier()
    first.fill("2026-02-28")
    page.get_by_role("button", name="Show these days").click()
    expect(page.locator("#span-menu summary")).to_contain_text("28 Feb – 10 Mar")
    expect(page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("viewport", [None, PHONE], ids=["wide", "phone"])
def test_nothing_jumps_while_the_page_loads(visitor: Visitors, viewport: ViewportSize | None) -> None:
    idris = visitor(viewport=viewport) if viewport else visitor()
    page = open_campaign(idris)
    page.add_init_script(WATCH_SHIFTS)
    for measure in ("sent", "reply", "positive", "bounce"):
        idris.goes_to(re.sub(r"^\w+://[^/]+", "", page.url).partition("?")[0] + f"?measure={measure}")
        expect(page.locator("[data-chart] canvas").first).to_be_visible()
        page.wait_for_timeout(300)
        shifted = page.evaluate("window.shifted")
        assert shifted < MOST_SHIFT


def test_it_works_without_scripts(visitor: Visitors) -> None:
    idris = visitor(java_script_enabled=False)
    page = open_campaign(idris)
    page.locator(".qd-kpis").get_by_role("button", name=re.compile("^Bounce rate")).click()
    expect(page.locator("#numbers-title")).to_have_text("Bounce rate")
    page.get_by_role("button", name="All replies").click()
    expect(page.locator("#numbers-title")).to_have_text("Bounce rate")
    page.locator("#span-menu summary").click()
    page.get_by_role("link", name="Last 7 days").click()
    assert {"days=7", "measure=bounce", "by=all"} == set(page.url.partition("?")[2].split("&"))
