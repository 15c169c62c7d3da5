"""What people do, in a real browser, with everything that `make run` starts behind it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitor import ADMIN, MANAGER, Visitor
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.browser

Visitors = Callable[..., Visitor]
OF_IDRIS = {"Ferro Logistics", "Kestrel Payments", "Larkfield Health", "Solway Energy"}


def test_a_new_key_brings_its_campaigns(visitor: Visitors, sandbox: Sandbox) -> None:
    key = sandbox.keys(agencies=1, campaigns=4, clients=2, mailboxes=2, days=30, prefix="fresh")[0]
    maya = visitor()
    page = maya.page
    maya.goes_to("/")
    expect(page.get_by_role("heading", name="Sign in to Halyard Outbound")).to_be_visible()
    maya.finds_no_barrier()
    maya.signs_in(ADMIN)

    page.get_by_role("link", name="Connections").first.click()
    expect(page.get_by_role("heading", name="Connections", level=1)).to_be_visible()
    maya.finds_no_barrier()
    page.get_by_role("link", name="Add key").click()
    expect(page.get_by_label("API key")).to_be_visible()
    maya.finds_no_barrier()
    page.get_by_label("Name").fill("Fresh agency")
    page.get_by_label("API key").fill(key["key"])
    page.get_by_role("button", name="Add key").click()

    expect(page.get_by_role("heading", name="Fresh agency")).to_be_visible()
    expect(page.locator("#verdict")).to_contain_text("It sees 4 campaigns of 2 clients")
    expect(page.get_by_role("heading", name="First sync running")).to_be_visible()
    expect(page.locator("#live")).to_contain_text(re.compile(r"[1-9]\d* of \d+ answered so far"))
    expect(page.locator("#standing")).to_have_text("Healthy")
    key_never_comes_back(page, key["key"])

    expect(page.locator("#mapping")).to_contain_text("2 not mapped")
    theirs = page.locator("#mapping tr", has_text="client 1")
    theirs.get_by_label("New client for").fill("Fresh Foods")
    theirs.get_by_role("button", name="Map").click()
    expect(page.locator("#toasts")).to_contain_text("is Fresh Foods now")
    expect(page.locator("#mapping")).to_contain_text("1 not mapped")
    expect(page.locator("#history")).to_contain_text("Done", timeout=40_000)
    expect(page.get_by_role("heading", name="First sync running")).to_have_count(0)
    maya.finds_no_barrier()

    page.get_by_role("link", name="Campaigns").first.click()
    narrow_by_text(page, "fresh 3")
    expect(maya.rows()).to_have_count(1)
    expect(maya.rows()).to_contain_text("Fresh Foods")
    expect(page).to_have_url(re.compile(r"[?&]q=fresh%203"))
    narrow_by_text(page, "fresh")
    expect(maya.rows()).to_have_count(4)
    tick(page, "Client", "Fresh Foods")
    expect(maya.rows()).to_have_count(2)
    tick(page, "Status", "Paused")
    expect(page.locator("#results")).to_contain_text("No paused campaigns of Fresh Foods with “fresh”.")
    page.go_back()
    expect(maya.rows()).to_have_count(2)
    maya.finds_no_barrier()

    page.locator("[data-row-link]").first.click()
    chart = page.locator("[data-chart]")
    maya.arrives(chart.locator("canvas").first)
    maya.sees_painted(chart)
    expect(page.locator("#chart-summary")).to_contain_text("emails sent from")
    maya.finds_no_barrier()
    page.locator("#span-menu summary").click()
    page.get_by_role("link", name="Last 7 days").click()
    expect(page.locator("#span-menu summary")).to_contain_text("Last 7 days")
    assert page.url.endswith("?days=7")
    expect(chart.locator("canvas").first).to_be_visible()
    maya.sees_painted(chart)

    campaign = page.url
    page.locator(".qd-user").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    page.go_back()
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    assert page.url != campaign


def test_a_manager_sees_the_own_clients_and_no_others(visitor: Visitors) -> None:
    maya, idris = visitor(), visitor()
    maya.signs_in(ADMIN)
    tick(maya.page, "Client", "Tidemark Legal")
    maya.until(lambda: maya.rows().count() > 0)
    expect(maya.rows().first).to_contain_text("Tidemark Legal")
    foreign = maya.page.locator("[data-row-link]").first.get_attribute("href") or ""
    assert maya.status_of(foreign) == 200

    idris.signs_in(MANAGER)
    idris.until(lambda: len(idris.names()) >= 4)
    shown = idris.page.locator("[data-rows] td:nth-child(3) .row-x").all_inner_texts()
    assert {name.split("\n")[-1].strip() for name in shown} <= OF_IDRIS
    clients = idris.page.get_by_role("navigation", name="Clients").get_by_role("link")
    expect(clients).to_have_count(len(OF_IDRIS))
    idris.finds_no_barrier()
    assert idris.status_of(foreign) == 404
    assert idris.status_of("/connections/add/") == 403
    expect(idris.page.get_by_role("link", name="Connections")).to_have_count(0)

    idris.goes_to("/activity/")
    expect(idris.page.get_by_role("heading", name="API health")).to_be_visible()
    expect(idris.page.locator("#keys")).not_to_contain_text("Cinder Security")
    idris.finds_no_barrier()


def test_a_revoked_key_says_so_and_keeps_the_last_figures(visitor: Visitors, sandbox: Sandbox) -> None:
    maya = visitor()
    page = maya.page
    maya.signs_in(ADMIN)
    maya.goes_to("/connections/")
    solway = page.locator("[data-rows] tr", has_text="Solway Energy")
    maya.until(lambda: "ago" in solway.inner_text())
    maya.goes_to("/campaigns/?client=solway-energy&status=active")
    expect(page.locator("#results")).to_contain_text("%")
    before = page.locator("[data-rows] tr").first.inner_text()
    campaign = page.locator("[data-row-link]").first.get_attribute("href") or ""

    sandbox.keys(revoke="solway")
    try:
        maya.goes_to("/connections/")
        page.get_by_role("link", name="Solway Energy").last.click()
        maya.arrives(page.locator("#standing"))
        page.get_by_role("button", name="Check key").click()
        verdict = page.locator("#verdict")
        expect(verdict.get_by_role("alert")).to_contain_text(re.compile(r"Smartlead refused this key at \d\d:\d\d"))
        expect(verdict).to_contain_text(
            re.compile(r"Smartlead last answered at \d\d:\d\d; its campaigns can’t be changed")
        )
        expect(verdict.get_by_role("link", name="Replace key")).to_be_visible()
        expect(page.locator("#standing")).to_have_text("Blocked")
        maya.finds_no_barrier()

        maya.goes_to("/campaigns/?client=solway-energy&status=active")
        expect(page.locator("#notes")).to_contain_text("Solway Energy’s Smartlead key was refused at")
        expect(page.locator(".qd-sync")).to_contain_text(re.compile(r"1 of \d keys failing"))
        assert page.locator("[data-rows] tr").first.inner_text() == before
        maya.finds_no_barrier()

        maya.goes_to(campaign)
        expect(page.locator(".qd-fresh")).to_contain_text(re.compile(r"Frozen at \d\d:\d\d, key refused"))
        expect(page.locator("[data-chart] canvas").first).to_be_visible()
        maya.finds_no_barrier()
    finally:
        sandbox.keys(restore="solway")
    maya.goes_to("/connections/")
    page.get_by_role("link", name="Solway Energy").last.click()
    page.get_by_role("button", name="Check key").click()
    expect(page.locator("#standing")).to_have_text("Healthy")


def test_everything_can_be_reached_by_keys_alone(visitor: Visitors) -> None:
    maya = visitor()
    page, keys = maya.page, maya.page.keyboard
    maya.signs_in(ADMIN)
    maya.goes_to("/campaigns/?client=kestrel-payments")
    maya.until(lambda: maya.rows().count() > 2)
    keys.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    keys.press("Enter")
    expect(page.locator("#main")).to_be_focused()

    keys.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    name = maya.names()[1]
    keys.insert_text(name)
    expect(maya.rows()).to_have_count(1)
    expect(page.get_by_role("searchbox")).to_be_focused()
    keys.press("Escape")
    keys.press("Escape")
    expect(page.get_by_role("searchbox")).not_to_be_focused()

    maya.goes_to("/campaigns/?client=kestrel-payments")
    links = page.locator("[data-row-link]")
    for press, place in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
        keys.press(press)
        expect(links.nth(place)).to_be_focused()
    wanted = links.nth(1).inner_text()
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(wanted)
    page.wait_for_load_state()

    keys.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    maya.finds_no_barrier()
    keys.press("Escape")
    expect(page.get_by_role("dialog")).not_to_be_visible()
    keys.press("g")
    keys.press("a")
    expect(page.get_by_role("heading", name="Activity")).to_be_visible()
    maya.finds_no_barrier()


def test_on_a_telephone_the_menu_and_the_tabs_lead_everywhere(visitor: Visitors) -> None:
    idris = visitor(viewport={"width": 390, "height": 844}, has_touch=True)
    page = idris.page
    idris.signs_in(MANAGER)
    idris.until(lambda: idris.rows().count() > 0)
    nothing_sticks_out(page)
    idris.finds_no_barrier()

    menu = page.locator("#menu")
    expect(menu).not_to_be_in_viewport()
    page.get_by_role("button", name="Open menu").tap()
    expect(menu).to_be_in_viewport()
    idris.finds_no_barrier()
    page.get_by_role("button", name="Close menu").tap()
    expect(menu).not_to_be_in_viewport()
    page.get_by_role("button", name="Open menu").tap()
    menu.get_by_role("link", name="Larkfield Health").tap()
    expect(page).to_have_url(re.compile(r"client=larkfield-health"))
    expect(menu).not_to_be_in_viewport()

    page.locator("[data-row-link]").first.tap()
    expect(page.locator("[data-chart] canvas").first).to_be_visible()
    nothing_sticks_out(page)
    idris.finds_no_barrier()
    page.get_by_role("navigation", name="Main, compact").get_by_role("link", name="Activity").tap()
    expect(page.get_by_role("heading", name="API health")).to_be_visible()
    nothing_sticks_out(page)
    idris.finds_no_barrier()


def test_it_works_without_scripts(visitor: Visitors) -> None:
    maya = visitor(java_script_enabled=False)
    page = maya.page
    maya.signs_in(ADMIN)
    maya.until(lambda: maya.rows().count() > 0)
    page.locator("#chip-client-summary").click()
    page.locator("#chip-client").get_by_label("Ferro Logistics").check()
    page.locator("#chip-client").get_by_role("button", name="Apply").click()
    expect(page.locator("#chip-client-summary")).to_contain_text("Ferro Logistics")
    assert "client=ferro-logistics" in page.url
    for row in maya.rows().all():
        expect(row).to_contain_text("Ferro Logistics")
    page.get_by_role("searchbox").fill(maya.names()[0])
    page.get_by_role("button", name="Search").click()
    expect(page).to_have_url(re.compile(r"[?&]q=[^&]"))
    expect(maya.rows()).not_to_have_count(0)

    name = maya.names()[0]
    page.locator("[data-row-link]").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.locator("#chart-summary")).to_contain_text("emails sent from")
    page.get_by_text("Figures by day").click()
    expect(page.get_by_role("region", name="Figures by day")).to_be_visible()
    page.locator("#menu .qd-user").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()


@pytest.mark.parametrize("pause_ms", [0, 150, 320])
def test_a_click_on_a_head_keeps_what_was_just_typed_and_the_order(visitor: Visitors, pause_ms: int) -> None:
    maya = visitor()
    page = maya.page
    maya.signs_in(ADMIN)
    maya.until(lambda: maya.rows().count() > 20)
    page.wait_for_load_state()
    everything = maya.rows().count()
    page.get_by_role("searchbox").fill("a")
    page.wait_for_timeout(pause_ms)
    page.locator("#sort-name").click()
    page.wait_for_timeout(1_000)
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("Campaign")
    expect(page).to_have_url(re.compile(r"(?=.*[?&]q=a(&|$))(?=.*[?&]sort=name(&|$))"))
    expect(page.get_by_role("searchbox")).to_have_value("a")
    assert "cols=" not in page.url
    assert 0 < maya.rows().count() <= everything
    tick(page, "Status", "Paused")
    expect(page).to_have_url(re.compile(r"(?=.*[?&]q=a&)(?=.*[?&]sort=name(&|$))(?=.*[?&]status=paused)"))


def test_pages_are_stored_nowhere_and_static_files_for_good(visitor: Visitors) -> None:
    somebody = visitor()
    somebody.goes_to("/accounts/login/")
    style = somebody.page.locator('link[href*="quarterdeck"]').get_attribute("href") or ""
    answer = somebody.context.request.get(somebody.url + style)
    assert "immutable" in answer.headers["cache-control"]
    answer = somebody.context.request.get(somebody.url + "/accounts/login/")
    assert "no-store" in answer.headers["cache-control"]


def narrow_by_text(page: Page, text: str) -> None:
    expect(page.get_by_role("searchbox")).to_be_visible()
    page.wait_for_load_state()
    with page.expect_response(lambda answer: "/campaigns/" in answer.url):
        page.get_by_role("searchbox").fill(text)


def tick(page: Page, chip: str, choice: str) -> None:
    """Set a filter and close its list again."""
    page.wait_for_load_state()
    part = page.locator(f"#chip-{chip.lower()}")
    part.locator("summary").click()
    part.get_by_label(choice).check()
    expect(part.locator("summary")).to_contain_text(choice)
    page.keyboard.press("Escape")


def nothing_sticks_out(page: Page) -> None:
    width = page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1], f"{page.url} is {width[0]} wide"


def key_never_comes_back(page: Page, key: str) -> None:
    assert key not in page.content()
