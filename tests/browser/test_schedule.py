"""A week is dragged, typed and moved by keys, saved, and read back; a colleague's change is never overwritten."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.visitor import ADMIN, PASSWORD, Visitor
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.browser

Visitors = Callable[..., Visitor]
NAME = "Freight directors · DACH · Q4"


def there(sandbox: Sandbox) -> dict[str, Any]:
    campaigns = sandbox.truth(sandbox.agency_key, days=False)["campaigns"]
    return next(one for one in campaigns if one["name"] == NAME)


def opens_schedule(maya: Visitor) -> Page:
    page = maya.page
    maya.goes_to(f"/campaigns/?q={NAME[:17]}")
    page.get_by_role("link", name=NAME, exact=True).first.click()
    page.get_by_role("navigation", name="Campaign").get_by_role("link", name="Schedule").click()
    maya.arrives(page.get_by_role("heading", name="Sending week"))
    return page


def drag(page: Page, week: Locator, start: tuple[float, float], end: tuple[float, float]) -> None:
    """From one place of the week to another; places are an hour and a row (0 is Monday)."""
    box = week.bounding_box()
    assert box is not None
    at = [
        (box["x"] + box["width"] * hour / 24, box["y"] + box["height"] * (row + 0.5) / 7) for hour, row in (start, end)
    ]
    page.mouse.move(*at[0])
    page.mouse.down()
    page.mouse.move((at[0][0] + at[1][0]) / 2, at[1][1])
    page.mouse.move(*at[1])
    page.mouse.up()


def test_a_week_is_dragged_typed_saved_and_read_back(visitor: Visitors, sandbox: Sandbox) -> None:
    maya = visitor(timezone_id="Europe/London")
    maya.signs_in(ADMIN)
    maya.may_change("Halyard main")
    page = opens_schedule(maya)
    maya.until(lambda: "waiting leads finish" in page.locator("#pace").inner_text(), seconds=60)
    was = there(sandbox)["schedule"]
    start, end = page.locator("#start"), page.locator("#end")
    expect(start).to_have_value(was["start_hour"])
    expect(page.get_by_role("button", name="Yours, London")).to_be_visible()
    expect(page.locator("[data-bottom] span").first).to_have_text("23")
    expect(page.locator("#next-hint")).to_contain_text("London")

    week, monday = page.locator("#drag"), page.locator('[data-row="1"]')
    width = "part => part.getBoundingClientRect().width"
    assert week.evaluate(width) == pytest.approx(monday.evaluate(width), abs=1)
    hour = int(was["end_hour"][:2]) + int(was["end_hour"][3:]) / 60
    drag(page, week, (hour, 1), (19.5, 1))
    expect(end).to_have_value("19:30")
    expect(page.locator('[data-mark="end"]')).to_have_text(f"was {was['end_hour']}")
    expect(page.locator("#unsaved")).to_have_text("1 unsaved change")
    edge = page.get_by_role("slider", name="Sending begins")
    edge.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("PageUp")
    expect(edge).to_have_attribute("aria-valuetext", "09:45")
    expect(start).to_have_value("09:45")
    drag(page, week, (3, 5), (3.1, 5))
    expect(page.get_by_role("checkbox", name="Sat")).not_to_be_checked()
    page.get_by_role("checkbox", name="Sun").check()
    page.get_by_label("Max new leads per day").fill("41")
    expect(page.locator("#pace")).to_contain_text("at up to 41 a day")
    expect(page.locator("#pace")).to_contain_text("With the saved schedule:")
    expect(page.locator("#gap-hint")).to_contain_text("in 9 h 45 min")
    expect(page.locator('[data-cap="7"]')).to_have_text("41 leads")
    expect(page.locator("#unsaved")).to_have_text("4 unsaved changes")
    page.get_by_role("button", name="Yours, London").click()
    expect(page.locator("[data-top] span").first).to_have_text("23")
    maya.finds_no_barrier()

    page.keyboard.press("Control+s")
    expect(page.locator("main, #toasts").filter(has_text="Schedule saved.").first).to_be_visible()
    expect(page.locator("#start")).to_have_value("09:45")
    expect(page.locator("#unsaved")).to_have_text("")
    now = there(sandbox)
    assert now["schedule"] == {**was, "days": [0, 1, 2, 3, 4, 5], "start_hour": "09:45", "end_hour": "19:30"}
    assert now["max_new_leads_per_day"] == 41


def test_what_somebody_changed_at_the_provider_is_chosen_field_by_field(visitor: Visitors, sandbox: Sandbox) -> None:
    maya = visitor()
    maya.signs_in(ADMIN)
    maya.may_change("Halyard main")
    page = opens_schedule(maya)
    gap = int(page.get_by_label("Minimum gap between emails").input_value())
    sandbox.change("set", campaign=there(sandbox)["id"], fields={"gap_minutes": gap + 5, "max_new_leads_per_day": 77})
    page.get_by_label("Minimum gap between emails").fill(str(gap + 2))
    page.get_by_role("button", name="Save schedule").first.click()
    conflict = page.locator("#outcome")
    expect(conflict).to_contain_text("Changed in Smartlead since you opened this page.")
    expect(conflict).to_contain_text(f"Take theirs: {gap + 5} minutes")
    expect(page.get_by_label(f"Keep mine: {gap + 2} minutes")).to_be_checked()
    expect(page.get_by_label("Take theirs: 77")).to_be_checked()
    expect(page.get_by_label("Max new leads per day")).to_have_value("77")
    maya.finds_no_barrier()
    assert there(sandbox)["gap_minutes"] == gap + 5, "nothing was sent"
    page.get_by_role("button", name="Save schedule").first.click()
    expect(page.locator("main, #toasts").filter(has_text="Schedule saved.").first).to_be_visible()
    assert (there(sandbox)["gap_minutes"], there(sandbox)["max_new_leads_per_day"]) == (gap + 2, 77)


def test_who_was_signed_out_meanwhile_keeps_what_was_typed_and_saves_it(visitor: Visitors, sandbox: Sandbox) -> None:
    maya = visitor()
    maya.signs_in(ADMIN)
    maya.may_change("Halyard main")
    page = opens_schedule(maya)
    gap = page.get_by_label("Minimum gap between emails")
    typed = str(int(gap.input_value()) + 3)
    gap.fill(typed)
    maya.context.clear_cookies(name="quarterdeck_session")
    page.get_by_role("button", name="Save schedule").first.click()
    expect(page.locator("#toasts")).to_contain_text("You are signed out")
    expect(gap).to_have_value(typed)

    elsewhere = maya.context.new_page()
    elsewhere.goto(maya.url)
    elsewhere.get_by_label("Email").fill(ADMIN)
    elsewhere.get_by_label("Password").fill(PASSWORD)
    elsewhere.get_by_role("button", name="Sign in", exact=True).click()
    expect(elsewhere.get_by_role("heading", name="Campaigns")).to_be_attached()
    elsewhere.close()
    page.get_by_role("button", name="Save schedule").first.click()
    expect(page.locator("main, #toasts").filter(has_text="Schedule saved.").first).to_be_visible()
    assert there(sandbox)["gap_minutes"] == int(typed)


def test_it_all_works_without_scripts(visitor: Visitors, sandbox: Sandbox) -> None:
    maya = visitor(java_script_enabled=False)
    maya.signs_in(ADMIN)
    maya.may_change("Halyard main")
    page = opens_schedule(maya)
    page.locator("#end").fill("16")
    page.locator("#start").fill("17:00")
    page.get_by_role("button", name="Save schedule").first.click()
    expect(page.locator("#end-error")).to_contain_text("Sending must end after it begins at 17:00")
    page.locator("#start").fill("8")
    page.get_by_role("button", name="Save schedule").first.click()
    expect(page.locator("#end-error")).to_have_count(0)
    maya.until(lambda: there(sandbox)["schedule"]["start_hour"] == "08:00" and "Saving…" not in page.content())
    expect(page.locator("#start")).to_have_value("08:00")


def test_settings_on_a_phone(visitor: Visitors, sandbox: Sandbox) -> None:
    maya = visitor(viewport={"width": 390, "height": 844})
    maya.page.set_viewport_size({"width": 1440, "height": 900})
    maya.signs_in(ADMIN)
    maya.may_change("Halyard main")
    page = opens_schedule(maya)
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("navigation", name="Campaign").get_by_role("link", name="Settings").click()
    maya.arrives(page.get_by_label("Send as plain text"))
    page.get_by_label("Send as plain text").check()
    page.get_by_label("Pause when bounces reach").fill("none")
    expect(page.locator("#discard")).to_be_visible()
    page.get_by_role("button", name="Save settings").last.click()
    expect(page.locator("#bounce_pause_threshold-error")).to_contain_text("Type a percentage such as 3 or 2.5.")
    maya.finds_no_barrier()
    page.get_by_label("Pause when bounces reach").fill("2,5")
    page.get_by_role("button", name="Save settings").last.click()
    told = "Accepted, can’t be read back: pause when bounces reach"
    expect(page.locator("main, #toasts").filter(has_text=told).first).to_be_visible()
    now = there(sandbox)
    assert now["send_as_plain_text"] is True
    assert now["settings"]["bounce_autopause_threshold"] == "2.5"
