"""Somebody in front of a real browser, who notices everything that goes wrong on the way."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Locator, Page, expect

AXE = (Path(__file__).resolve().parents[1] / "vendor" / "axe-core" / "axe.min.js").read_text()
PASSWORD = "quarterdeck"
ADMIN, MANAGER = "maya@halyard.example", "idris@halyard.example"

REPORT_REFUSALS = """
document.addEventListener('securitypolicyviolation', function (event) {
  console.error('policy refused ' + event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sourceFile);
});
"""
SEVERE = """async () => {
  await new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)));  // colours may be on their way
  await Promise.allSettled(document.getAnimations().map(animation => animation.finished));
  const result = await axe.run(document, {resultTypes: ['violations']});
  return result.violations.filter(found => found.impact === 'serious' || found.impact === 'critical')
    .map(found => found.id + ': ' + found.nodes.slice(0, 3)
      .map(node => node.target.join(' ') + ' ' + node.failureSummary).join(' | '));
}"""
INK = """canvas => {
  const data = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let painted = 0;
  for (let i = 3; i < data.length; i += 4) if (data[i]) painted += 1;
  return painted;
}"""


@dataclass
class Visitor:
    """`page` is the page in front of them; `complaints` are errors of the console, of scripts and of the policy."""

    context: BrowserContext
    url: str
    complaints: list[str] = field(default_factory=list)
    page: Page = field(init=False)

    def __post_init__(self) -> None:
        self.context.add_init_script(REPORT_REFUSALS)
        self.page = self.context.new_page()
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(f"{self.page.url}: {error}"))
        self.page.on("requestfailed", lambda request: self._failed(request.url, request.failure))

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _failed(self, url: str, failure: str | None) -> None:
        """A question that was given up because the page was left is no complaint."""
        if failure != "net::ERR_ABORTED":
            self.complaints.append(f"{url}: {failure}")

    def account(self) -> str:
        """Where they are, what they read there and what went wrong, for the report of a failed journey."""
        try:
            shown = self.page.locator("body").inner_text(timeout=2_000)
        except Error as error:
            shown = f"(the page does not answer: {error.message})"
        return "\n".join([self.page.url, *self.complaints, shown[:3_000]])

    def goes_to(self, path: str) -> None:
        self.page.goto(self.url + path)

    def arrives(self, sign: Locator) -> None:
        """The page that shows `sign` is there, and its scripts have run; until then it works by plain requests alone."""
        expect(sign).to_be_visible()
        self.page.wait_for_load_state()

    def signs_in(self, email: str) -> None:
        self.goes_to("/")
        self.page.get_by_label("Email").fill(email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        expect(self.page.get_by_role("heading", name="Campaigns")).to_be_attached()
        self.page.wait_for_load_state()

    def status_of(self, path: str) -> int:
        """What the server answers this person, asked beside the page."""
        return self.context.request.get(self.url + path, max_redirects=0).status

    def may_change(self, connection: str) -> None:
        """An admin lets changes through this key, unless that was done before."""
        self.goes_to("/connections/")
        self.page.locator("[data-rows]").get_by_role("link", name=connection).first.click()
        self.arrives(self.page.get_by_role("heading", name=connection, level=1))
        allow = self.page.get_by_role("link", name=re.compile("^Allow changes"))
        if allow.count():
            allow.first.click()
            self.page.get_by_role("button", name=re.compile("^Allow changes")).click()
            expect(self.page.locator("#toasts")).to_contain_text("may change campaigns now")

    def rows(self) -> Locator:
        return self.page.locator("[data-rows] tr")

    def names(self) -> list[str]:
        return self.page.locator("[data-rows] [data-row-link]").all_inner_texts()

    def until(self, holds: Callable[[], bool], *, seconds: float = 20) -> None:
        """Load the page again until it shows what is awaited. It must be the page already: a click may still lead to it."""
        for _ in range(int(seconds / 0.5)):
            if holds():
                return
            self.page.wait_for_timeout(500)
            self.page.reload()
        raise AssertionError(f"{self.page.url} did not come to show it within {seconds} s")

    def sees_painted(self, chart: Locator, *, points: int = 1000) -> None:
        """More than so many points of the chart's canvas get colour; it is drawn a moment after its data is there."""
        canvas = chart.locator("canvas").first
        for _ in range(50):
            painted = canvas.evaluate(INK)
            if painted > points:
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{self.page.url}: only {painted} points of the chart are painted")

    def finds_no_barrier(self) -> None:
        """axe finds nothing serious on this page, in light and in dark."""
        self.page.wait_for_load_state()
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            expect(self.page.locator("html")).to_have_attribute("data-bs-theme", scheme)
            self.page.evaluate(f"window.axe || (() => {{ {AXE} }})()")
            found: list[Any] = self.page.evaluate(SEVERE)
            assert not found, f"{self.page.url} in {scheme}: " + "; ".join(found)
        self.page.emulate_media(color_scheme="light", reduced_motion="reduce")
