"""What the campaign list is narrowed to: all of it is in the address, so that a view can be shared and "back" restores it."""

from dataclasses import dataclass
from typing import Self

from django.db.models import Q
from django.http import QueryDict

from campaigns.lists.columns import sort_or_default
from campaigns.models import Campaign, CampaignQuerySet
from operations.folding import holds

NUL = "\0"  # PostgreSQL refuses it in any text, even in a question
UNASSIGNED = "none"  # in place of a client's slug: campaigns that are nobody's yet (only admins see such rows)


@dataclass(frozen=True)
class CampaignFilters:
    """A reading of the query string. Unknown words narrow to nothing instead of being ignored: nothing widens by mistake."""

    text: str = ""
    clients: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    with_gone: bool = False
    archived: bool = False  # those that were put away, instead of the others
    sort: str = ""

    @classmethod
    def from_query(cls, query: QueryDict) -> Self:
        def words(name: str) -> tuple[str, ...]:
            return tuple(dict.fromkeys(filter(None, map(without_nul, query.getlist(name)))))

        return cls(
            text=without_nul(query.get("q", "")).strip()[:200],
            clients=words("client"),
            statuses=words("status"),
            tags=words("tag"),
            with_gone="gone" in query.getlist("show"),
            archived="archived" in query.getlist("show"),
            sort=sort_or_default(query.get("sort", "")),
        )

    @property
    def narrows(self) -> bool:
        return bool(self.text or self.clients or self.statuses or self.tags or self.archived)

    def base(self, visible: CampaignQuerySet) -> CampaignQuerySet:
        """What the list is about before it is narrowed: gone campaigns are left out unless asked for."""
        return visible if self.with_gone else visible.present()

    def shelf_condition(self) -> Q:
        """Archived campaigns are a list of their own: no other shows or counts them."""
        return Campaign.PUT_AWAY if self.archived else ~Campaign.PUT_AWAY

    def content_condition(self) -> Q:
        """The part of the condition that the counts beside the statuses respect too: text and tags."""
        condition = Q()
        for word in self.text.split():
            by_id = Q(remote_id=int(word)) if word.isascii() and word.isdigit() and len(word) < 19 else Q()
            condition &= Q(holds("name", word)) | by_id
        if self.tags:
            tagged = Campaign.tags.through.objects.filter(tag__name__in=self.tags).values("campaign_id")
            condition &= Q(pk__in=tagged)
        return condition

    def client_condition(self) -> Q:
        if not self.clients:
            return Q()
        unassigned = Q(client=None) if UNASSIGNED in self.clients else Q(pk__in=())
        return Q(client__slug__in=[slug for slug in self.clients if slug != UNASSIGNED]) | unassigned

    def status_condition(self) -> Q:
        return Q(status__in=self.statuses) if self.statuses else Q()

    def apply(self, visible: CampaignQuerySet) -> CampaignQuerySet:
        """The matching campaigns, sub-sequences among them, without an order."""
        everything = self.shelf_condition() & self.content_condition()
        everything &= self.client_condition() & self.status_condition()
        return self.base(visible).filter(everything).order_by()


def without_nul(text: str) -> str:
    return text.replace(NUL, "")
