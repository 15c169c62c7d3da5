"""Coming in: an invitation from its mail to the portal, a code of an app, a passkey."""

import re
import time
from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect

from tests.browser.visitor import ADMIN, Visitor

pytestmark = pytest.mark.browser

Visitors = Callable[..., Visitor]
NEW_PASSWORD = "correct horse battery"


def test_an_invited_client_sees_their_own_campaigns_and_nothing_else(visitor: Visitors) -> None:
    maya, lena = visitor(), visitor()
    invite(maya, "Lena Larkfield", "lena@larkfield.example", "Client login", "Larkfield Health")
    maya.goes_to("/outbox/")
    maya.finds_no_barrier()
    link = maya.page.get_by_role("link", name=re.compile("invitation")).first.get_attribute("href")
    assert link

    page = lena.page
    page.goto(link)
    lena.finds_no_barrier()
    accept(page)
    expect(page.get_by_text("Larkfield Health").first).to_be_visible()
    assert page.url.endswith("/portal/")
    lena.finds_no_barrier()
    shown = page.content()
    for word in ("Smartlead", "Ferro Logistics", "Kestrel Payments", "Connections"):
        assert word not in shown
    for closed in ("/campaigns/", "/activity/", "/connections/", "/people/", "/outbox/", "/admin/"):
        assert lena.status_of(closed) == 404, closed

    maya.goes_to("/people/?q=lena@")
    maya.page.get_by_role("link", name="Lena Larkfield").click()
    expect(maya.page.get_by_role("button", name="Deactivate")).to_be_visible()
    maya.finds_no_barrier()
    maya.page.get_by_role("button", name="Deactivate").click()
    expect(maya.page.locator("#toasts")).to_contain_text("signed out everywhere")
    page.reload()
    expect(page.get_by_role("heading", name="Sign in to Halyard Outbound")).to_be_visible()


def test_an_analyst_signs_in_with_the_code_of_an_app_and_then_with_a_passkey(visitor: Visitors) -> None:
    maya, abel = visitor(), visitor()
    invite(maya, "Abel Analyst", "abel@halyard.example", "Analyst", "Ferro Logistics")
    maya.goes_to("/outbox/")
    link = maya.page.get_by_role("link", name=re.compile("invitation")).first.get_attribute("href")
    assert link
    page = abel.page
    page.goto(link)
    accept(page)
    expect(page.get_by_role("heading", name="Campaigns")).to_be_attached()

    abel.goes_to("/accounts/second-factor/")
    abel.finds_no_barrier()
    page.get_by_role("link", name="Set up app").click()
    prove(page)
    secret = page.locator("code").inner_text()
    abel.finds_no_barrier()
    page.get_by_label("Code from the app").fill(code_of(secret))
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    abel.finds_no_barrier()

    sign_out(page)
    page.get_by_label("Email").fill("abel@halyard.example")
    page.get_by_label("Password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="One more step")).to_be_visible()
    abel.finds_no_barrier()
    page.get_by_label("Code").fill("000000")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Incorrect code.")).to_be_visible()
    page.get_by_label("Code").fill(code_of(secret))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Campaigns")).to_be_attached()

    has_a_finger(page)
    abel.goes_to("/accounts/second-factor/")
    page.get_by_role("link", name="Add passkey").click()
    prove(page)
    abel.arrives(page.get_by_role("heading", name="Add a passkey"))
    page.get_by_role("button", name="Add passkey").click()
    expect(page.get_by_role("heading", name="Passkeys")).to_be_visible()
    abel.goes_to("/accounts/sessions/")
    abel.finds_no_barrier()
    sign_out(page)
    abel.arrives(page.get_by_role("button", name="Sign in with a passkey"))
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Campaigns")).to_be_attached()


def invite(maya: Visitor, name: str, email: str, role: str, client: str) -> None:
    page = maya.page
    maya.signs_in(ADMIN)
    page.get_by_role("link", name="People").first.click()
    expect(page.get_by_role("heading", name="People", level=1)).to_be_visible()
    maya.finds_no_barrier()
    page.get_by_role("link", name="Invite").click()
    expect(page.get_by_label("Email")).to_be_visible()
    maya.finds_no_barrier()
    page.get_by_label("Email").fill(email)
    page.get_by_label("Name").fill(name)
    page.get_by_label(role).check()
    page.get_by_label(client).check()
    page.get_by_role("button", name="Send invitation").click()
    expect(page.locator("#toasts")).to_contain_text(f"An invitation went to {email}.")
    expect(maya.rows().filter(has_text=email)).to_contain_text("Invited")


def accept(page: Page) -> None:
    page.get_by_label("Password", exact=True).fill(NEW_PASSWORD)
    page.get_by_label("Password again").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Set password and sign in").click()


def prove(page: Page) -> None:
    """The password again, as before everything that matters."""
    expect(page.get_by_role("heading", name="Enter your password again")).to_be_visible()
    page.get_by_label("Password").fill(NEW_PASSWORD)
    page.get_by_role("button", name="Go on").click()


def sign_out(page: Page) -> None:
    page.locator(".qd-user").click()
    page.get_by_role("button", name="Sign out", exact=True).last.click()
    expect(page.get_by_role("heading", name="Sign in to Halyard Outbound")).to_be_visible()


def code_of(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def has_a_finger(page: Page) -> None:
    """A reader in the computer, which always recognises its owner."""
    wire = page.context.new_cdp_session(page)
    wire.send("WebAuthn.enable")
    reader = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    reader |= {"isUserVerified": True, "automaticPresenceSimulation": True}
    wire.send("WebAuthn.addVirtualAuthenticator", {"options": reader})
