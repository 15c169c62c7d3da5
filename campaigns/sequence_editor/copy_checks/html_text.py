"""What a reader sees of an email's HTML: its paragraphs as text, and its links."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
UNSEEN = frozenset({"script", "style", "title", "head", "template"})


@dataclass(frozen=True, slots=True)
class Link:
    href: str
    text: str


@dataclass(frozen=True, slots=True)
class Seen:
    """`paragraphs` hold no empty ones; a line break inside one is a newline."""

    paragraphs: tuple[str, ...]
    links: tuple[Link, ...]
    images: int

    @property
    def text(self) -> str:
        return "\n\n".join(self.paragraphs)


@dataclass
class _Reader(HTMLParser):
    paragraphs: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    images: int = 0
    _now: list[str] = field(default_factory=list)
    _unseen: int = 0
    _href: str | None = None
    _link_text: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in UNSEEN:
            self._unseen += 1
        elif tag in BLOCKS:
            self._end_paragraph()
        elif tag == "br":
            self._now.append("\n")
        elif tag == "img":
            self.images += 1
        elif tag == "a":
            self._end_link()
            found = dict(attrs)
            if "href" in found:
                self._href = found["href"] or ""

    def handle_endtag(self, tag: str) -> None:
        if tag in UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag in BLOCKS:
            self._end_paragraph()
        elif tag == "a":
            self._end_link()

    def handle_data(self, data: str) -> None:
        if self._unseen:
            return
        self._now.append(" ".join(data.split("\n")))
        if self._href is not None:
            self._link_text.append(data)

    def finish(self) -> None:
        self.close()
        self._end_link()
        self._end_paragraph()

    def _end_link(self) -> None:
        if self._href is not None:
            self.links.append(Link(self._href.strip(), " ".join("".join(self._link_text).split())))
        self._href = None
        self._link_text.clear()

    def _end_paragraph(self) -> None:
        lines = (" ".join(line.replace("\xa0", " ").split()) for line in "".join(self._now).split("\n"))
        text = "\n".join(lines).strip()
        self._now.clear()
        if text:
            self.paragraphs.append(text)


def seen(html: str) -> Seen:
    """Never raises: odd HTML is read as far as it goes."""
    reader = _Reader()
    reader.feed(html)
    reader.finish()
    return Seen(tuple(reader.paragraphs), tuple(reader.links), reader.images)
