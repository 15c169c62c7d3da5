"""Many campaigns at once, in a real browser: ticked, looked at, changed, tried again, put back."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.test_lifecycle import maya as maya
from tests.browser.visitor import ADMIN, Visitor
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.browser

Visitors = Callable[..., Visitor]
LIST = "/campaigns/?client=tidemark-legal&client=juno-talent&status=active"


def remote(sandbox: Sandbox, names: list[str]) -> set[str]:
    """In which states the campaigns of these names are at the provider."""
    return {one["status"] for one in sandbox.truth(days=False)["campaigns"] if one["name"] in names}


def test_many_campaigns_are_paused_retried_and_put_back(maya: Visitor, sandbox: Sandbox) -> None:
    page = maya.page
    maya.goes_to(LIST)
    maya.until(lambda: maya.rows().count() >= 3)
    names = maya.names()
    bar = page.get_by_role("region", name="Selected campaigns")
    expect(bar).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(bar).to_contain_text("1 selected")
    for _ in names[1:]:
        page.keyboard.press("j")
    page.keyboard.press("Shift+X")
    expect(bar).to_contain_text(f"{len(names)} selected")
    maya.finds_no_barrier()
    page.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    page.get_by_label("Select the rows of this page").check()
    bar.get_by_role("button", name="Pause").click()

    expect(page.locator(".qd-head")).to_contain_text(f"{len(names)} of {len(names)} campaigns would be changed")
    assert remote(sandbox, names) == {"ACTIVE"}
    maya.finds_no_barrier()
    numbers = page.locator("tbody .sub.num").all_inner_texts()
    sandbox.faults({"kind": "revoked", "next": 1, "method": "POST", "path": f"*/campaigns/{numbers[0]}/status"})
    page.get_by_role("button", name=re.compile("^Pause:")).click()

    panel = page.locator(".qd-jobpanel")
    expect(panel).to_contain_text(f"Pause {len(names)} campaigns")
    expect(panel.get_by_role("status")).to_have_text(f"{len(names)} of {len(names)} done, 1 failed")
    expect(maya.rows()).to_have_count(1)  # of the active ones; the list has followed
    maya.finds_no_barrier()
    sandbox.clear_faults()
    panel.get_by_role("button", name="Retry 1 failed").click()
    expect(page.get_by_role("heading", name="Retry: pause 1 campaign", exact=False)).to_be_visible()
    expect(page.locator("#items-head")).to_have_text("1 of 1 done")
    assert remote(sandbox, names) == {"PAUSED"}
    maya.finds_no_barrier()

    for count in (1, len(names) - 1):
        maya.goes_to("/activity/jobs/")
        maya.finds_no_barrier()
        verb = "Retry" if count == 1 else "Pause"
        page.get_by_role("link", name=re.compile(f"^{verb}")).first.click()
        page.get_by_role("button", name="Undo").click()
        expect(page.get_by_role("heading", name="Undo:", exact=False)).to_be_visible()
        expect(page.locator("#items-head")).to_have_text(f"{count} of {count} done")
    assert remote(sandbox, names) == {"ACTIVE"}


def test_everything_that_matches_is_tagged_and_a_word_is_typed_before_a_delete(maya: Visitor) -> None:
    page = maya.page
    maya.goes_to("/campaigns/?status=draft")
    maya.until(lambda: maya.rows().count() >= 2)
    count = maya.rows().count()
    page.get_by_label("Select the rows of this page").check()
    bar = page.get_by_role("region", name="Selected campaigns")
    bar.get_by_role("button", name="Tag", exact=True).click()
    maya.arrives(page.get_by_label("Tags"))
    page.get_by_label("Tags").fill("Later")
    page.get_by_role("button", name="Show what it would do").click()
    maya.arrives(page.get_by_role("heading", name=f"{count} would be changed"))
    page.get_by_role("button", name=re.compile("^Tag:")).click()
    expect(page.locator(".qd-jobpanel").get_by_role("status")).to_have_text(f"{count} of {count} done")
    maya.goes_to("/campaigns/?status=draft&tag=Later")
    expect(maya.rows()).to_have_count(count)

    page.get_by_label("Select the rows of this page").check()
    bar.get_by_text("More").click()
    bar.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name=re.compile("^Delete:")).click()
    expect(page.get_by_role("alert").first).to_contain_text(f"Type “delete {count}” to go on")
    maya.finds_no_barrier()


def test_it_works_on_a_phone_and_without_scripts(visitor: Visitors, maya: Visitor) -> None:
    phone = visitor(viewport={"width": 390, "height": 844})
    phone.signs_in(ADMIN)
    phone.goes_to(LIST)
    phone.page.locator("[data-check]").first.check()
    expect(phone.page.get_by_role("region", name="Selected campaigns")).to_be_visible()
    phone.finds_no_barrier()
    phone.page.get_by_role("region", name="Selected campaigns").get_by_role("button", name="Pause").click()
    expect(phone.page.locator(".qd-head")).to_contain_text("1 of 1 campaign would be changed")
    width = phone.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width <= 0
    phone.finds_no_barrier()

    plain = visitor(java_script_enabled=False)
    plain.signs_in(ADMIN)
    plain.goes_to("/campaigns/?status=paused")
    plain.page.locator("[data-check]").first.check()
    plain.page.get_by_text("More", exact=True).last.click()
    plain.page.get_by_role("button", name="Archive", exact=True).click()
    expect(plain.page.get_by_role("heading", name="Archive", exact=True)).to_be_visible()
    plain.page.get_by_role("button", name=re.compile("^Archive:")).click()
    plain.page.get_by_role("link", name="See how far it is").click()
    expect(plain.page.get_by_role("heading", name="Archive 1 campaign")).to_be_visible()
    for _ in range(20):
        if "1 of 1 done" in plain.page.locator("#items-head").inner_text().lower():
            break
        plain.page.wait_for_timeout(500)
        plain.page.reload()
    expect(plain.page.locator("#items-head")).to_have_text("1 of 1 done")
    plain.page.get_by_role("button", name="Undo").click()
    expect(plain.page.get_by_role("heading", name="Undo: archive 1 campaign", exact=False)).to_be_visible()
