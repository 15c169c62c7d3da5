"""One page of the campaign list, from few queries however many rows there are.

Sub-sequences stand under their parent when both match; a matching sub-sequence whose parent does not match has a row of
its own. Neither is counted as a campaign.
"""

import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.paginator import Page
from django.db.models import Count, Q, prefetch_related_objects

from campaigns.columns import ordering
from campaigns.figures import Figure, bounce_figure, reply_figure, runs_out_of_leads
from campaigns.filters import UNASSIGNED, CampaignFilters
from campaigns.models import Campaign, CampaignNumbers, CampaignQuerySet, Tag
from operations.web import page_of

PER_PAGE = 50


@dataclass(frozen=True)
class Row:
    campaign: Campaign
    under_parent: bool
    parent_name: str  # empty unless this is a sub-sequence

    @property
    def numbers(self) -> CampaignNumbers | None:
        return getattr(self.campaign, "numbers", None)

    @property
    def reply(self) -> Figure:
        return reply_figure(self.numbers)

    @property
    def bounce(self) -> Figure:
        return bounce_figure(self.numbers)

    @property
    def runs_out(self) -> bool:
        return runs_out_of_leads(self.campaign, self.numbers)

    @property
    def digest(self) -> str:
        """Changes when anything changes that the row shows."""
        numbers = self.numbers
        shown = (
            self.campaign.pk,
            self.campaign.name,
            self.campaign.status,
            self.campaign.client_id,
            bool(self.campaign.gone_at),
            numbers
            and (
                numbers.recent_sent,
                numbers.recent_replied,
                numbers.recent_positive,
                numbers.recent_bounced,
                numbers.leads_total,
                numbers.leads_waiting,
            ),
        )
        return f"{zlib.crc32(repr(shown).encode()):08x}"


@dataclass(frozen=True)
class Facets:
    """What there is to choose from, and how many campaigns each choice would show."""

    total: int  # campaigns without any filter
    found: int  # campaigns that match
    found_sub_sequences: int
    rows: int  # top-level rows of the list, over all pages
    by_status: dict[str, int]  # of those that match everything but the status
    clients: list[tuple[str, str]]  # slug and name of every client that has campaigns, by name


@dataclass(frozen=True)
class Listing:
    filters: CampaignFilters
    page: "Page[Any]"
    rows: list[Row] = field(default_factory=list)

    @property
    def digests(self) -> str:
        """What the reader has before them, for the question whether it changed."""
        return "".join(row.digest for row in self.rows)

    def changed_since(self, digests: str) -> int:
        """How many of these rows are not among those with the given digests."""
        seen = {digests[i : i + 8] for i in range(0, len(digests), 8)}
        return sum(row.digest not in seen for row in self.rows)


def count_facets(visible: CampaignQuerySet, filters: CampaignFilters) -> Facets:
    """One grouped query for every count of the page."""
    content, client, status = filters.content_condition(), filters.client_condition(), filters.status_condition()
    main = Q(parent_remote_id=None)
    groups = (
        filters.base(visible)
        .order_by()
        .values("client__slug", "client__name", "status")
        .annotate(
            total=Count("pk", filter=main),
            any_status=Count("pk", filter=main & content & client),
            found=Count("pk", filter=main & content & client & status),
            found_sub=Count("pk", filter=~main & content & client & status),
            rows=Count("pk", filter=Q(pk__in=top_rows(visible, filters).values("pk"))),
        )
    )
    by_status: Counter[str] = Counter()
    clients: dict[str, str] = {}
    sums: Counter[str] = Counter()
    for group in groups:
        by_status[group["status"]] += group["any_status"]
        clients[group["client__slug"] or UNASSIGNED] = group["client__name"] or "Nobody’s yet"
        for key in ("total", "found", "found_sub", "rows"):
            sums[key] += group[key]
    in_order = sorted(clients.items(), key=lambda item: (item[0] == UNASSIGNED, item[1].casefold()))
    return Facets(sums["total"], sums["found"], sums["found_sub"], sums["rows"], dict(by_status), in_order)


def top_rows(visible: CampaignQuerySet, filters: CampaignFilters) -> CampaignQuerySet:
    """Matching campaigns, except sub-sequences whose (top-level) parent matches too: those follow their parent."""
    matching = filters.apply(visible)
    return matching.exclude(parent__in=matching.filter(parent=None).values("pk"))


def read_page(visible: CampaignQuerySet, filters: CampaignFilters, *, number: str | None, count: int) -> Listing:
    """The rows of one page with numbers, client, connection and tags: three queries, four if a parent is elsewhere."""
    joined = ("client", "connection", "numbers")
    in_order = top_rows(visible, filters).select_related(*joined).order_by(*ordering(filters.sort))
    page = page_of(in_order, number=number, per_page=PER_PAGE, count=count)
    heads: list[Campaign] = list(page.object_list)
    children = list(
        filters.apply(visible)
        .filter(parent__in=[head.pk for head in heads if head.parent_id is None])
        .select_related(*joined)
        .order_by(*ordering(filters.sort))
    )
    prefetch_related_objects([*heads, *children], "tags")
    names = {head.pk: head.name for head in heads}
    names |= _names(visible, {head.parent_id for head in heads if head.parent_id} - names.keys())
    rows: list[Row] = []
    for head in heads:
        rows.append(Row(head, under_parent=False, parent_name=_parent_name(head, names)))
        rows.extend(
            Row(child, under_parent=True, parent_name=head.name) for child in children if child.parent_id == head.pk
        )
    return Listing(filters, page, rows)


def _names(visible: CampaignQuerySet, keys: Iterable[int | None]) -> dict[int, str]:
    keys = [key for key in keys if key]
    return dict(visible.filter(pk__in=keys).values_list("pk", "name")) if keys else {}


def _parent_name(campaign: Campaign, names: dict[int, str]) -> str:
    if campaign.parent_remote_id is None:
        return ""
    return names.get(campaign.parent_id or 0) or f"campaign {campaign.parent_remote_id}"


def tag_names(visible: CampaignQuerySet) -> list[str]:
    """Names of all tags on these campaigns; the same name at two connections is one choice."""
    used = Campaign.tags.through.objects.filter(campaign__in=visible).values("tag_id")
    return list(Tag.objects.filter(pk__in=used).order_by("name").values_list("name", flat=True).distinct())
