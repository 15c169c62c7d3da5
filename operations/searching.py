"""Search over everything: rooms register where to look (`search_sources`) and what one can go to (`search_places`).

A source reads through `visible_to(user)` alone, so nobody finds what is not theirs.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from django.urls import Resolver404, resolve, reverse

from operations.folding import fold
from operations.registry import search_places, search_sources

LONGEST = 100
MOST_WORDS = 8
MOST_RECENT = 6


@dataclass(frozen=True)
class Asked:
    """What was typed, and its words; every word has to be found."""

    text: str = ""
    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, typed: str) -> Self:
        text = typed.replace("\x00", "").strip()[:LONGEST]
        return cls(text, tuple(dict.fromkeys(text.split()))[:MOST_WORDS])

    @property
    def number(self) -> int | None:
        """The one number that was typed, as an id at a provider."""
        return number_in(self.text)


def number_in(word: str) -> int | None:
    return int(word) if word.isascii() and word.isdigit() and len(word) < 19 else None


@dataclass(frozen=True)
class Item:
    """One thing that was found. It is drawn with the tile of a client, the glyph of a `status`, or an icon, in this order."""

    title: str
    url: str
    note: str = ""
    icon: str = "arrow-right"
    status: str = ""
    tile: int = 0
    initials: str = ""


Find = Callable[[Any, Asked, int], Sequence[Item]]
Recall = Callable[[Any, Sequence[str]], Sequence[Item]]


@dataclass(frozen=True)
class SearchSource:
    """Things of one kind. `find(user, asked, most)` gives the best of them first; `page` is the name of the address of one, which
    takes one key, and `recall(user, keys)` gives those with these keys in any order.
    """

    label: str
    find: Find
    page: str = ""
    recall: Recall = lambda user, keys: ()


@dataclass(frozen=True)
class Place:
    """A page or an action by its name; `words` are other words that people may type for it."""

    label: str
    address: str
    icon: str
    words: str = ""
    query: str = ""
    allowed: Callable[[Any], bool] = lambda user: True

    @property
    def item(self) -> Item:
        return Item(self.label, reverse(self.address) + self.query, icon=self.icon)

    def is_meant_by(self, asked: Asked) -> bool:
        names = fold(f"{self.label} {self.words}")
        return all(fold(word) in names for word in asked.words)


@dataclass(frozen=True)
class Group:
    label: str
    items: list[Item]
    more: bool = False


def search(user: Any, asked: Asked, *, most: int, recent: Iterable[str] = ()) -> list[Group]:
    """What the reader may see that has every word in it, in groups of at most `most`; without a word, where they were last
    (`recent`: addresses) and where they can go.
    """
    if not asked.words:
        groups = [Group("Recent", recall(user, recent)), Group("Go to", places(user, asked))]
    else:
        groups = [_ask(source, user, asked, most) for _, source in search_sources]
        groups.append(Group("Pages and actions", places(user, asked)))
    return [group for group in groups if group.items]


def _ask(source: SearchSource, user: Any, asked: Asked, most: int) -> Group:
    found = list(source.find(user, asked, most + 1))
    return Group(source.label, found[:most], more=len(found) > most)


def places(user: Any, asked: Asked) -> list[Item]:
    """The pages and actions that are meant; those whose name begins with the words come first."""
    meant = [place for _, place in search_places if place.is_meant_by(asked) and place.allowed(user)]
    start = fold(asked.text)
    return [place.item for place in sorted(meant, key=lambda place: not fold(place.label).startswith(start))]


def recall(user: Any, paths: Iterable[str]) -> list[Item]:
    """The things behind these addresses, in this order, as far as the reader may see them."""
    sources = {source.page: source for _, source in search_sources if source.page}
    keys: dict[str, list[str]] = {}
    wanted = list(dict.fromkeys(paths))[:MOST_RECENT]
    for path in wanted:
        try:
            match = resolve(path)
        except Resolver404:
            continue
        if match.view_name in sources and len(match.kwargs) == 1:
            keys.setdefault(match.view_name, []).append(str(*match.kwargs.values()))
    found = {item.url: item for page, theirs in keys.items() for item in sources[page].recall(user, theirs)}
    return [found[path] for path in wanted if path in found]
