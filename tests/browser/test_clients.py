"""A client from its page to its portal: branded, looked at as its people do, and read by them, who meet only what is theirs."""

import re
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.visitor import ADMIN, MANAGER, PASSWORD, Visitor

pytestmark = pytest.mark.browser

Visitors = Callable[..., Visitor]
HANNA = "hanna@ferro.example"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>document.title = "taken"</script></svg>'
OTHERS = ("Kestrel Payments", "Larkfield Health", "Smartlead", "Halyard main", "Connections")


def test_a_portal_is_branded_looked_at_and_left_and_its_client_sees_only_their_own(visitor: Visitors) -> None:
    idris = visitor()
    page = idris.page
    idris.signs_in(MANAGER)
    page.get_by_role("link", name="Clients", exact=True).click()
    expect(page.get_by_role("heading", name="Clients")).to_be_visible()
    idris.finds_no_barrier()
    page.get_by_label("Search clients by name, or by who runs them").fill("ferro")
    expect(idris.rows()).to_have_count(1)
    page.locator("[data-rows]").get_by_role("link", name="Ferro Logistics").click()
    expect(page.locator(".qd-kpi")).to_have_count(4)
    idris.sees_painted(page.locator(".qd-chart"))
    idris.finds_no_barrier()
    for tab in ("Mailboxes", "People", "Connections", "Activity", "Branding"):
        page.get_by_role("navigation", name="Client").get_by_role("link", name=tab).click()
        expect(page.locator("[aria-current=page]", has_text=tab)).to_be_visible()
        idris.finds_no_barrier()

    logo = page.get_by_label("Logo", exact=True)
    logo.set_input_files({"name": "logo.svg", "mimeType": "image/svg+xml", "buffer": SVG})
    page.get_by_label(re.compile("^Colour")).fill("#ffffff")
    page.get_by_role("button", name="Save branding").click()
    expect(page.get_by_text("This is no PNG, JPEG or WebP picture.")).to_be_visible()
    expect(page.get_by_label(re.compile("^Colour"))).to_have_value("#ffffff")
    picture = BytesIO()
    Image.new("RGB", (200, 60), "#9a3412").save(picture, "PNG")
    logo.set_input_files({"name": "logo.png", "mimeType": "image/png", "buffer": picture.getvalue()})
    page.get_by_label(re.compile("^Colour")).fill("#fde68a")
    page.get_by_label(re.compile("^Name in the portal")).fill("Ferro")
    page.get_by_role("button", name="Save branding").click()
    expect(page.locator("#toasts")).to_contain_text("has its new look")
    expect(page.get_by_text("On white text in #fde68a would be hard to read")).to_be_visible()
    idris.finds_no_barrier()

    page.get_by_role("link", name="View as client").click()
    expect(page.get_by_role("region", name="Preview")).to_be_visible()
    idris.finds_no_barrier()
    page.locator("summary", has_text="View as").click()
    page.get_by_role("button", name="Hanna Vogel").click()
    expect(page.get_by_role("region", name="Viewing as client")).to_contain_text("you are viewing as Hanna Vogel")
    expect(page).to_have_title("Campaigns · Ferro")
    idris.finds_no_barrier()
    assert idris.status_of("/accounts/password/change/") == 404
    assert idris.status_of("/campaigns/") == 404
    page.get_by_role("button", name="Leave").click()
    expect(page.get_by_role("heading", name="Ferro Logistics")).to_be_visible()
    page.get_by_role("link", name="Activity").last.click()
    expect(page.get_by_text("Portal opened as this person", exact=True)).to_be_visible()

    hanna = visitor(viewport={"width": 390, "height": 844})
    page = hanna.page
    hanna.goes_to("/")
    page.get_by_label("Email").fill(HANNA)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="Hello, Hanna")).to_be_visible()
    expect(page.locator(".qd-phead img")).to_be_visible()
    hanna.finds_no_barrier()
    page.get_by_role("link", name="Last 90 days").click()
    expect(page).to_have_url(re.compile(r"\?days=90$"))
    expect(page.get_by_role("link", name="Last 90 days")).to_have_attribute("aria-current", "true")
    shown = page.content()
    for word in OTHERS:
        assert word not in shown, word
    for closed in (
        "/clients/",
        "/clients/ferro-logistics/",
        "/portal/preview/ferro-logistics/",
        "/campaigns/",
        "/activity/",
    ):
        assert hanna.status_of(closed) == 404, closed
    assert hanna.status_of("/portal/brand/ferro-logistics/logo") == 200
    assert hanna.status_of("/portal/brand/kestrel-payments/style.css") == 404


def test_a_client_is_added_and_made_at_the_provider(visitor: Visitors) -> None:
    maya = visitor()
    page = maya.page
    maya.signs_in(ADMIN)
    maya.may_change("Halyard main")
    maya.goes_to("/clients/add/")
    maya.finds_no_barrier()
    page.get_by_label("Name").fill("Nova Freight")
    page.get_by_label("Run by").select_option(label="Maya Lindqvist")
    page.get_by_label("Make it now").check()
    page.get_by_label("Email of the client there").fill("ops@nova-freight.example")
    page.get_by_label(re.compile("Make an API key")).check()
    maya.finds_no_barrier()
    page.get_by_role("button", name="Add client").click()
    rows = page.locator("#live tbody tr")
    expect(rows).to_have_count(2, timeout=30_000)
    expect(rows.filter(has_text="Nova Freight").filter(has_text="Disabled")).to_have_count(1)
    maya.finds_no_barrier()
