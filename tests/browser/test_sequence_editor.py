"""Writing a sequence in a real browser: the editor in its frame, checks while typing, saving a paused and a running campaign."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from tests.browser.visitor import ADMIN, MANAGER, Visitor
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.browser

Visitors = Callable[..., Visitor]


def test_texts_are_written_checked_and_saved(visitor: Visitors, sandbox: Sandbox) -> None:
    maya = visitor()
    page = maya.page
    opens_the_editor(maya, sandbox, "PAUSED")
    body = body_of(page, "s1v1")
    expect(body).to_be_visible(timeout=3_000)
    maya.finds_no_barrier()

    body.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" {Worth a look|{{First_Name}}")
    checks = page.locator("#checks")
    expect(checks).to_contain_text("Spintax isn’t closed")
    expect(checks).to_contain_text("Unknown variable First_Name")
    page.get_by_role("button", name="Use first_name").click()
    expect(checks).not_to_contain_text("Unknown variable First_Name")
    expect(body).to_contain_text("{Worth a look|{{first_name}}")
    page.keyboard.press("Control+s")
    expect(page.locator("#problems")).to_contain_text("Not saved: 1 thing to fix first.")
    expect(page.locator("#problems")).to_be_focused()

    body = body_of(page, "s1v1")
    body.click()
    page.keyboard.press("Control+End")
    page.keyboard.type("}")
    expect(page.locator("#checks")).not_to_contain_text("Spintax isn’t closed")
    page.locator("#s1v1-subject").fill("Better, {{first_name}}")
    expect(page.locator("#preview-head")).to_contain_text("Better, Katrin")
    expect(page.frame_locator("#preview").locator("body")).to_contain_text("Worth a look")
    moves_a_step_by_keys(page)
    page.get_by_role("button", name="Save", exact=False).first.click()
    expect(page.locator("#save")).to_contain_text("Saved and verified", timeout=30_000)
    saved = steps_of(sandbox, page)
    assert saved[0]["variants"][0]["subject"] == "Better, {{first_name}}"
    assert saved[0]["variants"][0]["body"].endswith("{Worth a look|{{first_name}}}</p>")
    maya.finds_no_barrier()


def test_a_running_campaign_is_paused_saved_and_resumed_and_a_colleagues_text_is_kept(
    visitor: Visitors, sandbox: Sandbox
) -> None:
    maya = visitor()
    page = maya.page
    opens_the_editor(maya, sandbox, "ACTIVE")
    expect(page.locator("#sequence-notes")).to_contain_text("This campaign is active.")
    page.locator("#s1v1-subject").fill("While it runs")
    page.get_by_role("button", name="Save and resume").click()
    expect(page.locator("#save")).to_contain_text("active again, with the new text", timeout=40_000)
    assert steps_of(sandbox, page)[0]["variants"][0]["subject"] == "While it runs"
    assert campaign_of(sandbox, page)["status"] == "ACTIVE"

    sandbox.change("edit", campaign=campaign_of(sandbox, page)["id"], step=1, variant="A", subject="Theirs")
    page.locator("#s1v1-subject").fill("Mine")
    page.get_by_role("button", name="Save and resume").click()
    conflict = page.locator("#sequence-notes").get_by_role("alert").filter(has_text="Choose which to keep")
    expect(conflict).to_contain_text("Step 1, variant A changed in Smartlead", timeout=40_000)
    expect(conflict.locator(".del")).to_have_text("Theirs")
    expect(conflict.locator(".add")).to_have_text("Mine")
    assert steps_of(sandbox, page)[0]["variants"][0]["subject"] == "Theirs"
    maya.finds_no_barrier()
    conflict.get_by_role("button", name="Take theirs").click()
    expect(page.locator("#s1v1-subject")).to_have_value("Theirs")
    expect(page.locator("#sequence-notes")).not_to_contain_text("Choose which to keep")


def test_what_the_editor_would_change_opens_as_html_and_a_draft_outlives_the_page(
    visitor: Visitors, sandbox: Sandbox
) -> None:
    maya = visitor()
    page = maya.page
    opens_the_editor(maya, sandbox, "PAUSED")
    page.get_by_role("button", name="Edit HTML").click()
    source = page.locator("#s1v1-body")
    expect(source).to_be_visible()
    source.fill("<!-- kept --><table><tr><td>Hi {{first_name}}</td></tr></table>")
    page.get_by_role("button", name="Add step").click()
    expect(page.locator("#steps > li")).to_have_count(4)
    expect(page.locator("#draft-state")).to_contain_text("Draft kept here")
    page.reload()
    expect(page.locator("#sequence-notes")).to_contain_text("This is your draft, not yet saved.")
    expect(page.locator("[data-body=s1v1] [data-lossy]")).to_contain_text("comments, tables")
    expect(page.locator("#s1v1-body")).to_have_value("<!-- kept --><table><tr><td>Hi {{first_name}}</td></tr></table>")
    expect(page.locator("#steps > li")).to_have_count(4)
    page.get_by_role("button", name="Discard my draft").click()
    expect(page.locator("#steps > li")).to_have_count(3)


def test_two_people_write_the_same_step_and_one_of_them_has_no_mouse(visitor: Visitors, sandbox: Sandbox) -> None:
    maya, second = visitor(), visitor()
    page, other = maya.page, second.page
    opens_the_editor(maya, sandbox, "PAUSED")
    second.signs_in(MANAGER)
    other.goto(page.url)
    other.locator("#s1v1-subject").fill("From the other desk")
    other.get_by_role("button", name="Save", exact=False).first.click()
    expect(other.locator("#save")).to_contain_text("Saved and verified", timeout=30_000)

    page.locator("#s1v1-subject").focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("By keys alone")
    press_until(page, "Tab", "document.activeElement.tagName === 'IFRAME'")
    page.keyboard.type("Typed first. ")
    page.keyboard.press("Control+s")
    conflict = page.locator("#sequence-notes").get_by_role("alert").filter(has_text="Choose which to keep")
    expect(conflict).to_contain_text("Step 1, variant A changed in Smartlead")
    expect(conflict.locator(".del").first).to_have_text("From the other desk")
    expect(conflict.locator(".add").first).to_have_text("By keys alone")
    press_until(page, "Tab", "String(document.activeElement.value).startsWith('mine:')")
    page.keyboard.press("Enter")
    expect(conflict).to_have_count(0)
    expect(body_of(page, "s1v1")).to_contain_text("Typed first.")
    page.keyboard.press("Control+s")
    expect(page.locator("#save")).to_contain_text("Saved and verified", timeout=30_000)
    assert steps_of(sandbox, page)[0]["variants"][0]["subject"] == "By keys alone"
    page.get_by_role("link", name="History").first.click()
    expect(page.locator(".qd-versions > li").nth(1)).to_contain_text("From the other desk")


def test_what_was_just_typed_is_there_when_one_comes_back(visitor: Visitors, sandbox: Sandbox) -> None:
    maya = visitor()
    page = maya.page
    opens_the_editor(maya, sandbox, "PAUSED")
    body_of(page, "s1v1").click()
    page.keyboard.press("Control+Home")
    page.keyboard.type("Not ten seconds ago. ")
    page.locator("[data-show=s2]").first.click()
    page.locator("summary[aria-label='More for this step']").locator("visible=true").click()
    page.get_by_role("button", name="Remove step").locator("visible=true").click()
    expect(page.locator("#steps > li")).to_have_count(2)
    page.get_by_role("button", name="Undo the removal").click()
    expect(page.locator("#steps > li")).to_have_count(3)
    page.reload()
    expect(page.locator("#sequence-notes")).to_contain_text("This is your draft, not yet saved.")
    expect(body_of(page, "s1v1")).to_contain_text("Not ten seconds ago.")


def test_on_a_telephone_nothing_sticks_out(visitor: Visitors, sandbox: Sandbox) -> None:
    maya = visitor(viewport={"width": 390, "height": 844}, has_touch=True)
    opens_the_editor(maya, sandbox, "PAUSED")
    expect(body_of(maya.page, "s1v1")).to_be_visible()
    width = maya.page.evaluate("[document.scrollingElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]
    maya.finds_no_barrier()


def opens_the_editor(maya: Visitor, sandbox: Sandbox, status: str) -> None:
    """The sequence of a campaign of Kestrel Payments, whose key may be used to change things."""
    page = maya.page
    maya.signs_in(ADMIN)
    maya.may_change("Kestrel Payments")
    campaigns = sandbox.truth(sandbox.kestrel_key, days=False)["campaigns"]
    wanted = next(one["id"] for one in campaigns if one["status"] == status)
    maya.goes_to(f"/campaigns/?client=kestrel-payments&status={status.lower()}")
    maya.until(lambda: maya.rows().count() > 0)
    for href in [link.get_attribute("href") or "" for link in page.locator("[data-row-link]").all()]:
        maya.goes_to(f"{href}sequence/")
        if str(wanted) in page.locator("#campaign-head").inner_text():
            return
    raise AssertionError(f"campaign {wanted} is not in the list")


def body_of(page: Page, key: str) -> Any:
    frame: FrameLocator = page.frame_locator(f"[data-body='{key}'] iframe")
    return frame.locator("#body")


def press_until(page: Page, key: str, holds: str) -> None:
    for _ in range(60):
        page.keyboard.press(key)
        if page.evaluate(holds):
            return
    raise AssertionError(f"{key} did not lead to {holds}")


def moves_a_step_by_keys(page: Page) -> None:
    """Down and up again: the texts change places, the waits stay."""
    waits = [field.input_value() for field in page.locator("[data-delay]").all()]
    page.get_by_role("button", name="Move step 2.").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#order-live")).to_have_text("Now step 3 of 3.")
    assert page.locator("#steps > li").nth(2).get_attribute("data-step") == "s2"
    assert [field.input_value() for field in page.locator("[data-delay]").all()] == waits
    page.keyboard.press("ArrowUp")
    expect(page.locator("#order-live")).to_have_text("Now step 2 of 3.")


def campaign_of(sandbox: Sandbox, page: Page) -> dict[str, Any]:
    told = page.locator("#campaign-head").inner_text()
    campaigns = sandbox.truth(sandbox.kestrel_key, days=False)["campaigns"]
    return next(one for one in campaigns if str(one["id"]) in told)


def steps_of(sandbox: Sandbox, page: Page) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = campaign_of(sandbox, page)["steps"]
    return steps
