"""The filter chips above the campaign list: what can be chosen, what is chosen, and the address without it."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Self

from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from campaigns.lists.columns import BY_KEY, CHOOSABLE
from campaigns.lists.filters import CampaignFilters
from campaigns.lists.listing import Facets
from campaigns.models import Campaign

VIEWS = (
    ("All", ()),
    ("Active", (Campaign.Status.ACTIVE,)),
    ("Paused", (Campaign.Status.PAUSED,)),
    ("Drafts", (Campaign.Status.DRAFT,)),
    ("Ended", (Campaign.Status.COMPLETED, Campaign.Status.STOPPED, Campaign.Status.ARCHIVED)),
)

SHOWN_TOO = {"gone": "Gone at the provider", "archived": "Archived here"}


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    checked: bool
    name: str = "cols"

    @property
    def drawn(self) -> SafeString:
        return _drawn(self)


@lru_cache(maxsize=2048)
def _drawn(option: Option) -> SafeString:
    """As its template draws it, remembered: there is one for each client."""
    return render_to_string("components/filter_option.html", {"option": option})


@dataclass(frozen=True)
class Chip:
    name: str
    label: str
    options: list[Option]
    clear_url: str

    @property
    def chosen_text(self) -> str:
        """Reads "Active, Paused +3": the first two choices and how many more."""
        chosen = [option.label for option in self.options if option.checked]
        more = f" +{len(chosen) - 2}" if len(chosen) > 2 else ""
        return ", ".join(chosen[:2]) + more

    @classmethod
    def of(
        cls, name: str, label: str, choices: list[tuple[str, str]], chosen: tuple[str, ...], query: QueryDict
    ) -> Self:
        """A chip whose chosen but unknown values stay visible, so that they can be taken away."""
        known = {value for value, _ in choices}
        choices = [*choices, *((value, value) for value in chosen if value not in known)]
        return cls(name, label, [Option(v, text, v in chosen, name) for v, text in choices], address(query, {name: []}))


@dataclass(frozen=True)
class View:
    """A tab: a named choice of statuses."""

    label: str
    count: int
    url: str
    current: bool


@dataclass(frozen=True)
class Toolbar:
    chips: list[Chip]
    views: list[View]
    columns: list[Option] = field(default_factory=list)


def address(query: QueryDict, changes: dict[str, list[str]]) -> str:
    """The query string with some names replaced, from its first page; "?" alone clears everything."""
    query = query.copy()
    for name in ("page", "seen", "job"):
        query.pop(name, None)
    for name, values in changes.items():
        query.setlist(name, values)
    return f"?{query.urlencode()}"


def toolbar(
    query: QueryDict, filters: CampaignFilters, facets: Facets, tags: list[str], columns: tuple[str, ...]
) -> Toolbar:
    chips = [
        Chip.of("client", "Client", facets.clients, filters.clients, query),
        Chip.of("status", "Status", [(s.value, s.label) for s in Campaign.Status], filters.statuses, query),
        Chip.of("tag", "Tag", [(name, name) for name in tags], filters.tags, query),
        Chip.of("show", "Show", list(SHOWN_TOO.items()), _shown_too(filters), query),
    ]
    views = [
        View(
            label=label,
            count=sum(facets.by_status.get(s, 0) for s in statuses) if statuses else sum(facets.by_status.values()),
            url=address(query, {"status": list(statuses), "show": ["gone"] * filters.with_gone}),
            current=set(filters.statuses) == set(statuses) and not filters.archived,
        )
        for label, statuses in VIEWS
    ]
    if facets.archived or filters.archived:
        shown = {"status": [], "show": ["gone"] * filters.with_gone + ["archived"]}
        views.append(View("Archived", facets.archived, address(query, shown), filters.archived))
    return Toolbar(chips, views, [Option(key, BY_KEY[key].label, key in columns) for key in CHOOSABLE])


def _shown_too(filters: CampaignFilters) -> tuple[str, ...]:
    return ("gone",) * filters.with_gone + ("archived",) * filters.archived
