"""Search and jump, by keyboard alone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.visitor import ADMIN, MANAGER, Visitor

pytestmark = pytest.mark.browser

Visitors = Callable[..., Visitor]


def test_everything_is_a_few_keys_away(visitor: Visitors) -> None:
    maya = visitor()
    page = maya.page
    maya.signs_in(ADMIN)
    maya.until(lambda: maya.rows().count() > 0)
    name = maya.names()[0]
    field, found = page.get_by_role("combobox", name="Search everything"), page.locator("#search-found")
    chosen = found.locator("[aria-selected=true]")

    page.locator(".qd-user").focus()
    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(chosen).to_have_text("Campaigns")
    maya.finds_no_barrier()
    page.keyboard.press("ArrowDown")
    expect(chosen).to_contain_text("New campaign")
    assert field.get_attribute("aria-activedescendant") == chosen.get_attribute("id")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(chosen).to_have_text(found.get_by_role("option").last.inner_text())
    page.keyboard.press("Escape")
    expect(field).to_be_hidden()
    expect(page.locator(".qd-user")).to_be_focused()

    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    page.keyboard.type(name.upper())
    page.keyboard.press("Enter")  # before the answer is there: it is opened once it comes
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(page).to_have_url(re.compile(r"/campaigns/\d+/$"))

    maya.goes_to("/connections/")
    page.keyboard.press("/")
    expect(found.get_by_role("group", name="Recent")).to_contain_text(name)
    page.keyboard.type("zzzz nothing")
    expect(found).to_contain_text("Nothing found")
    expect(page.locator("[data-search-says]")).to_have_text("Nothing found")
    maya.finds_no_barrier()
    field.fill("stop all")
    expect(chosen).to_contain_text("Stop all changes")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/activity/changes/stop/$"))


def test_nobody_jumps_to_what_is_not_theirs(visitor: Visitors) -> None:
    idris = visitor()
    idris.signs_in(MANAGER)
    idris.until(lambda: idris.rows().count() > 0)
    found = idris.page.locator("#search-found")
    idris.page.keyboard.press("Control+k")
    expect(idris.page.get_by_role("combobox", name="Search everything")).to_be_focused()
    idris.page.keyboard.type("kestrel")
    expect(found.get_by_role("group", name="Clients")).to_contain_text("Kestrel Payments")
    for foreign in ("tidemark", "cinder", "maya", "add a connection"):
        idris.page.get_by_role("combobox", name="Search everything").fill(foreign)
        expect(found).to_contain_text("Nothing found")


def test_without_scripts_it_is_a_page(visitor: Visitors) -> None:
    maya = visitor(java_script_enabled=False)
    maya.signs_in(ADMIN)
    maya.page.get_by_role("link", name="Search or jump to").click()
    maya.page.get_by_role("searchbox", name="Search everything").fill("kestrel")
    maya.page.keyboard.press("Enter")
    maya.page.get_by_role("main").get_by_role("link", name="Kestrel Payments", exact=True).first.click()
    expect(maya.page.get_by_role("heading", name="Kestrel Payments")).to_be_visible()


def test_the_page_of_results_follows_what_is_typed(visitor: Visitors) -> None:
    maya = visitor()
    maya.signs_in(ADMIN)
    maya.goes_to("/search/")
    maya.page.keyboard.press("/")
    maya.page.keyboard.type("kestrel")
    expect(maya.page.get_by_role("region", name="Clients")).to_contain_text("Kestrel Payments")
    expect(maya.page).to_have_url(re.compile(r"/search/\?q=kestrel$"))
    maya.finds_no_barrier()
