"""Who a campaign sends from, and what happened to it: taken away, given back, and what somebody changed at the provider."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.test_lifecycle import NAME, head
from tests.browser.test_lifecycle import maya as maya
from tests.browser.visitor import Visitor
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.browser

Visitors = Callable[..., Visitor]
PHONE: ViewportSize = {"width": 390, "height": 844}
ADDRESS = "anna@getferro.co"


def there(sandbox: Sandbox) -> dict[str, object]:
    campaigns = sandbox.truth(sandbox.agency_key, days=False)["campaigns"]
    return next(one for one in campaigns if one["name"] == NAME)


def numbers(sandbox: Sandbox, name: str) -> list[int]:
    return [one["id"] for one in sandbox.truth(sandbox.agency_key, days=False)["campaigns"] if one["name"] == name]


def opens_tab(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Campaign").get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible()


def test_a_mailbox_is_taken_away_and_given_back_by_keyboard(maya: Visitor, sandbox: Sandbox) -> None:
    page = maya.page
    page.get_by_role("link", name=NAME).click()
    maya.arrives(head(page))
    maya.until(lambda: page.get_by_text("3 of 13 mailboxes can’t send.").count() > 0, seconds=60)
    page.get_by_role("link", name="See mailboxes").click()
    maya.arrives(page.get_by_role("heading", name="Mailboxes", exact=True))
    for _ in range(13):
        page.keyboard.press("j")
        if page.evaluate("document.activeElement.getAttribute('aria-label')") == ADDRESS:
            break
    page.keyboard.press("x")
    effect = page.locator("#effect")
    expect(effect).to_contain_text("Capacity a day: 300 → 270")
    maya.finds_no_barrier()
    effect.get_by_role("button", name="Detach 1").focus()
    page.keyboard.press("Enter")
    change = page.locator(".qd-note", has_text=f"Detached {ADDRESS}")
    expect(change).to_contain_text("Confirmed in Smartlead")
    assert len(there(sandbox)["mailbox_ids"]) == 12  # type: ignore[arg-type]
    maya.finds_no_barrier()

    page.get_by_role("link", name="Attach mailboxes").click()
    maya.arrives(page.get_by_label("Search mailboxes"))
    page.get_by_label("Search mailboxes").fill(ADDRESS)
    page.wait_for_url(re.compile(r"[?&]q="))  # the list is drawn anew
    expect(page.get_by_role("heading", name="1 mailbox to attach")).to_be_visible()
    page.get_by_label(ADDRESS, exact=True).check()
    expect(page.locator("#effect")).to_contain_text("Capacity a day: 270 → 300")
    maya.finds_no_barrier()
    page.get_by_role("button", name="Attach 1").click()
    expect(page.locator(".qd-note", has_text=f"Attached {ADDRESS}")).to_contain_text("Confirmed in Smartlead")
    assert len(there(sandbox)["mailbox_ids"]) == 13  # type: ignore[arg-type]


def test_what_was_changed_here_and_at_the_provider_stands_in_one_timeline(maya: Visitor, sandbox: Sandbox) -> None:
    page = maya.page
    page.get_by_role("link", name=NAME).click()
    maya.arrives(head(page))
    head(page).locator("summary[aria-label='More actions']").click()
    page.get_by_role("link", name="Rename…").click()
    page.get_by_label("Name", exact=True).fill(f"{NAME} ✉️")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("heading", name=f"{NAME} ✉️")).to_be_visible()
    maya.until(lambda: bool(numbers(sandbox, f"{NAME} ✉️")))
    [number] = numbers(sandbox, f"{NAME} ✉️")
    sandbox.change("rename", campaign=number, name=NAME)
    sandbox.change("set", campaign=number, fields={"unsubscribe_text": "No more of this"})
    sandbox.change("edit", campaign=number, step=1, variant="A", subject="Empty legs over the Brenner")
    campaign = page.url
    maya.goes_to("/connections/")
    page.get_by_role("link", name="Halyard main").first.click()
    page.get_by_role("button", name="Sync now").click()
    expect(page.locator("#toasts")).to_contain_text("asked for")

    page.goto(campaign)
    opens_tab(page, "Activity")
    timeline = page.locator("#timeline")
    maya.until(lambda: timeline.get_by_text("Sequence changed").count() > 0, seconds=60)
    renamed = timeline.locator("li", has_text="Renamed")
    expect(renamed).to_contain_text("Maya Lindqvist")
    found = timeline.locator("li", has_text="No more of this")
    expect(found).to_contain_text("Changed in Smartlead")
    expect(found).to_contain_text("Unsubscribe text:")
    maya.finds_no_barrier()
    timeline.locator("li", has_text="Sequence changed").get_by_role("link", name="Details").click()
    expect(page.locator(".qd-words ins", has_text="over").first).to_be_visible()
    expect(page.locator(".qd-words del", has_text="on").first).to_be_visible()
    maya.finds_no_barrier()


def test_mailboxes_on_a_phone_without_scripts(visitor: Visitors, maya: Visitor, sandbox: Sandbox) -> None:
    visit = visitor(viewport=PHONE, java_script_enabled=False, storage_state=maya.context.storage_state())
    page = visit.page
    visit.goes_to("/campaigns/?q=Freight+directors")
    page.get_by_role("link", name=NAME).click()
    opens_tab(page, "Mailboxes")
    page.get_by_label(ADDRESS, exact=True).check()
    page.get_by_role("button", name="Show what detaching them does").click()
    expect(page.locator("#effect")).to_contain_text("Capacity a day: 300 → 270")
    page.get_by_role("button", name="Detach 1").click()
    newest = page.locator(".qd-note", has_text=ADDRESS).first  # below it those of a moment ago
    expect(newest).to_contain_text("Detach")
    visit.until(lambda: "Confirmed in Smartlead" in newest.inner_text())
    newest.get_by_role("button", name="Undo").click()
    visit.until(lambda: len(there(sandbox)["mailbox_ids"]) == 13)  # type: ignore[arg-type]
