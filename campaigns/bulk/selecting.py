"""Which campaigns a bulk action is about: ticked ones, or everything that a filter matches, always inside the reader's scope."""

from dataclasses import dataclass
from typing import Any, Self

from django.http import QueryDict

from campaigns.lists.filters import CampaignFilters
from campaigns.models import Campaign, CampaignQuerySet

MOST = 2_000


@dataclass(frozen=True)
class Selection:
    """A reading of what a form sent. `filter` is the query string of the list; it counts only with `everything`."""

    keys: tuple[int, ...]
    everything: bool
    filter: str

    @classmethod
    def from_query(cls, query: QueryDict) -> Self:
        """`campaign` may be given many times, and hold several numbers with commas between them; nonsense is left out, and what
        is more than one job takes.
        """
        words = [word for value in query.getlist("campaign") for word in value.split(",")]
        keys = [int(word) for word in words if word.isascii() and word.isdigit() and len(word) < 19]
        return cls(tuple(dict.fromkeys(keys))[:MOST], query.get("everything") == "1", query.get("filter", "")[:2_000])

    @property
    def filters(self) -> CampaignFilters:
        return CampaignFilters.from_query(QueryDict(self.filter))

    @property
    def keys_text(self) -> str:
        """The ticked ones in one field, however many: "12,15,16"."""
        return ",".join(map(str, self.keys))

    def of(self, user: Any) -> CampaignQuerySet:
        """The campaigns, none that `user` may not see: an address with foreign numbers or a foreign filter finds nothing."""
        visible = Campaign.objects.visible_to(user)
        if self.everything:
            return self.filters.apply(visible)
        return visible.filter(pk__in=self.keys)
