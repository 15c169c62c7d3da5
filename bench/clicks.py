"""What a person does in the sequence editor, as plain requests without scripts: sign in, open it, write another text, save."""

from collections.abc import Callable
from html.parser import HTMLParser

import httpx

from bench import pages
from bench.product import Product

Fields = list[tuple[str, str]]


class Person:
    """Somebody who is signed in. Each save is a connection of its own, as a browser's would be."""

    def __init__(self, running: Product) -> None:
        self.url = running.url
        with self._http() as http:
            pages.sign_in(http)
            self.cookies = dict(http.cookies)

    def rewrite(self, campaign_id: int, body: str, clicks: Callable[[], None] = lambda: None) -> str:
        """Save the sequence with this in place of every text; returns the address of the page that says what became of it,
        or "" where the server was gone before it answered. `clicks` is called when the button is pressed.
        """
        path = f"/campaigns/{campaign_id}/sequence/"
        with self._http() as http:
            form = _Form()
            page = http.get(path)
            form.feed(page.text)
            assert form.fields, f"there is no editor at {page.url}"
            typed = [(name, f"{body}{name}" if name.endswith("-body") else value) for name, value in form.fields]
            values: dict[str, list[str]] = {}
            for name, value in [*typed, ("do", "save")]:
                values.setdefault(name, []).append(value)
            clicks()
            try:
                return str(http.post(path, data=values, headers={"Referer": str(page.url)}).url)
            except httpx.TransportError:
                return ""

    def _http(self) -> httpx.Client:
        cookies = getattr(self, "cookies", None)
        return httpx.Client(base_url=self.url, cookies=cookies, trust_env=False, follow_redirects=True, timeout=30)


class _Form(HTMLParser):
    """The fields of the editor's form, as a browser would send them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.fields: Fields = []
        self._inside = False
        self._area: str | None = None
        self._text = ""
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name = given.get("name") or ""
        if tag == "form":
            self._inside = given.get("id") == "sequence"
        elif not self._inside:
            return
        elif tag == "input" and name:
            self.fields.append((name, given.get("value") or ""))
        elif tag == "textarea" and name:
            self._area, self._text = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and "selected" in given:
            self.fields.append((self._select, given.get("value") or ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea" and self._area is not None:
            self.fields.append((self._area, self._text.removeprefix("\n")))
            self._area = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._text += data
