"""What becomes of a campaign as a whole, in a real browser: paused and started, renamed in a dialog, copied, archived, deleted."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.visitor import ADMIN, Visitor
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.browser

Visitors = Callable[..., Visitor]
NAME = "Freight directors · DACH · Q4"


@pytest.fixture
def maya(visitor: Visitors) -> Visitor:
    """An admin who has allowed changes through the agency's key, before a campaign of it."""
    maya = visitor()
    maya.signs_in(ADMIN)
    maya.may_change("Halyard main")
    maya.goes_to("/campaigns/?q=Freight+directors")
    maya.until(lambda: NAME in maya.names())
    return maya


def head(page: Page) -> Locator:
    return page.locator("#campaign-head")


def remote(sandbox: Sandbox, name: str) -> list[str]:
    """The statuses of the campaigns of that name at the provider."""
    return [one["status"] for one in sandbox.truth(days=False)["campaigns"] if one["name"] == name]


def test_a_campaign_is_paused_and_that_is_undone(maya: Visitor, sandbox: Sandbox) -> None:
    page = maya.page
    page.get_by_role("link", name=NAME).click()
    maya.arrives(head(page))
    head(page).get_by_role("button", name="Pause").click()
    toast = page.locator("#toasts .qd-toast", has_text="Paused")
    expect(toast).to_contain_text("Confirmed in Smartlead.")
    expect(head(page).locator(".qd-st")).to_have_text("Paused")
    page.keyboard.press("u")
    expect(head(page).locator(".qd-st")).to_have_text("Active")
    assert remote(sandbox, NAME) == ["ACTIVE"]
    maya.finds_no_barrier()

    maya.goes_to("/campaigns/?q=Freight+directors")
    row = page.locator("tr:not(.qd-sub)", has_text=NAME)
    row.get_by_role("button", name="Pause").focus()
    page.keyboard.press("Enter")
    expect(row.locator(".qd-st")).to_have_text("Paused")
    expect(row.get_by_role("button", name="Start")).to_be_focused()
    page.keyboard.press("Enter")
    expect(row.locator(".qd-st")).to_have_text("Active")
    assert remote(sandbox, NAME) == ["ACTIVE"]


def test_a_question_opens_as_a_dialog_and_keeps_the_keyboard(maya: Visitor, sandbox: Sandbox) -> None:
    page = maya.page
    page.get_by_role("link", name=NAME).click()
    maya.arrives(head(page))
    menu = head(page).locator("summary[aria-label='More actions']")
    menu.focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Rename…").focus()
    page.keyboard.press("Enter")
    name = page.get_by_label("Name", exact=True)
    expect(name).to_be_focused()
    maya.finds_no_barrier()
    page.keyboard.press("Escape")
    expect(page.locator("#ask")).to_be_hidden()
    expect(menu).to_be_focused()

    page.keyboard.press("Enter")
    page.get_by_role("link", name="Duplicate…").click()
    expect(page.get_by_label("Name of the copy")).to_be_focused()
    page.get_by_label("Name of the copy").fill("Freight directors · copy of mine")
    page.get_by_role("button", name="Duplicate").click()
    maya.arrives(page.get_by_role("heading", name="Freight directors · copy of mine"))
    expect(head(page).locator(".qd-st")).to_have_text("Draft", timeout=30_000)
    assert remote(sandbox, "Freight directors · copy of mine") == ["DRAFTED"]

    head(page).get_by_role("link", name="Start…").click()
    expect(page.locator("#ask")).to_contain_text("begins to send real email")
    page.locator("#ask").get_by_role("button", name="Start campaign").click()
    failed = page.locator("#campaign-notes")
    expect(failed).to_contain_text("Start failed: The campaign has no leads. It is still a draft.")
    maya.finds_no_barrier()

    head(page).locator("summary[aria-label='More actions']").click()
    page.get_by_role("button", name="Archive").click()
    expect(head(page)).to_contain_text("Archived here")
    head(page).get_by_role("button", name="Unarchive").click()
    expect(head(page)).not_to_contain_text("Archived here")

    head(page).locator("summary[aria-label='More actions']").click()
    page.get_by_role("link", name="Delete…").click()
    page.get_by_label("Type the campaign’s name to confirm").fill("something else")
    page.get_by_role("button", name="Delete campaign").click()
    expect(page.locator("#ask")).to_contain_text("That is not its name.")
    expect(page.get_by_label("Type the campaign’s name to confirm")).to_be_focused()
    page.get_by_label("Type the campaign’s name to confirm").fill("Freight directors · copy of mine")
    page.get_by_role("button", name="Delete campaign").click()
    expect(page).to_have_url(re.compile(r"/campaigns/$"))
    expect(page.locator("#toasts")).to_contain_text("is deleted. Confirmed in Smartlead.")
    assert remote(sandbox, "Freight directors · copy of mine") == []


def test_a_new_campaign_is_opened_without_scripts_too(visitor: Visitors, maya: Visitor, sandbox: Sandbox) -> None:
    plain = visitor(java_script_enabled=False, storage_state=maya.context.storage_state())
    page = plain.page
    plain.goes_to("/campaigns/new/")
    page.get_by_label("Name").fill("Plain push")
    page.get_by_label("For").select_option(label="Ferro Logistics")
    page.get_by_role("button", name="Create campaign").click()
    made, again = page.get_by_role("heading", name="Plain push"), page.get_by_role("link", name="Look again")
    for _ in range(30):
        expect(made.or_(again).first).to_be_visible()
        if not again.count():
            break
        page.wait_for_timeout(500)
        again.click()
    expect(made).to_be_visible()
    assert remote(sandbox, "Plain push") == ["DRAFTED"]
    page.locator("summary[aria-label='More actions']").click()
    page.get_by_role("link", name="Delete…").click()
    page.get_by_label("Type the campaign’s name to confirm").fill("Plain push")
    page.get_by_role("button", name="Delete campaign").click()
    expect(page.locator("body")).to_contain_text(re.compile("is deleted|is on its way"))
