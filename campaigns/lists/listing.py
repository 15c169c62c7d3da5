"""One page of the campaign list, from few queries however many rows there are.

Sub-sequences stand under their parent when both match; a matching sub-sequence whose parent does not match has a row of
its own. Neither is counted as a campaign.
"""

import zlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from django.core.paginator import Page
from django.db.models import Case, CharField, Count, Exists, OuterRef, Q, Subquery, When
from django.db.models.functions import Cast
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from campaigns.figures import Cells
from campaigns.labels import NOBODY, client_label
from campaigns.lists.columns import ordering
from campaigns.lists.filters import UNASSIGNED, CampaignFilters
from campaigns.lists.state_cell import state_cell
from campaigns.models import Campaign, CampaignQuerySet, Tag
from campaigns.standing import KINDS, Standing, main_action, what_sends
from operations.models import Write
from operations.web import page_of

PER_PAGE = 30

# What a row shows; the rest of a campaign (settings, lifetime totals) stays in the database.
JOINED = ("client", "numbers")
SHOWN = (
    "archived_at",
    "client__name",
    "connection",
    "gone_at",
    "links_synced_at",
    "name",
    "parent",
    "parent_remote_id",
    "remote_id",
    "schedule",
    "status",
    "steps_synced_at",
    "numbers__leads_in_progress",
    "numbers__leads_total",
    "numbers__leads_waiting",
    "numbers__recent_bounce_rate",
    "numbers__recent_bounced",
    "numbers__recent_contacted",
    "numbers__recent_positive",
    "numbers__recent_replied",
    "numbers__recent_reply_rate",
    "numbers__recent_sent",
    "numbers__spark",
)


@dataclass(frozen=True)
class Row:
    """One row, ready to print: what a template looks up or decides costs a multiple of what it costs here."""

    key: str
    url: str
    classes: str
    under_parent: bool
    name: str
    number: str  # what the provider calls it: digits without separators
    parent_name: str  # empty unless this is a sub-sequence
    tags: tuple[str, ...]
    client_name: str  # empty where it is nobody's yet
    client_label: SafeString
    status: str
    cells: Cells
    state: SafeString = field(default=SafeString(""), repr=False)  # the cell of its status: next hours are no news

    @property
    def client_words(self) -> str:
        return self.client_name or NOBODY

    @property
    def digest(self) -> str:
        """Changes when anything changes that the row shows."""
        return f"{zlib.crc32(repr(self).encode()):08x}"


@lru_cache(maxsize=4096)
def drawn(row: Row, columns: tuple[str, ...], *, selectable: bool) -> SafeString:
    """The row as its template draws it, remembered: together they cost a third of the page, and few have changed since."""
    shown = {"row": row, "cells": row.cells, "columns": dict.fromkeys(columns, True), "selectable": selectable}
    return render_to_string("campaigns/_row.html", shown)


@dataclass(frozen=True)
class Facets:
    """What there is to choose from, and how many campaigns each choice would show."""

    total: int  # campaigns without any filter
    found: int  # campaigns that match
    found_sub_sequences: int
    rows: int  # top-level rows of the list, over all pages
    by_status: dict[str, int]  # of those that match everything but the status
    clients: list[tuple[str, str]]  # slug and name of every client that has campaigns, by name
    archived: int = 0  # of those that match everything but the status, put away


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
    found = content & client & status
    groups = (
        filters.base(visible)
        .order_by()
        .annotate(away=Case(When(Campaign.PUT_AWAY, then=True), default=False), on_top=Q(parent_remote_id=None))
        .values("client__slug", "client__name", "status", "away", "on_top")
        .annotate(
            all=Count("pk"),
            any_status=Count("pk", filter=content & client),
            found=Count("pk", filter=found),
            rows=Count("pk", filter=found & ~_under_a_parent(visible, filters)),
        )
    )
    by_status: Counter[str] = Counter()
    clients: dict[str, str] = {}
    sums: Counter[str] = Counter()
    for group in groups:
        if group["on_top"] and not group["away"]:
            by_status[group["status"]] += group["any_status"]
        if group["on_top"] and group["away"]:
            sums["archived"] += group["any_status"]
        if group["away"] != filters.archived:
            continue
        clients[group["client__slug"] or UNASSIGNED] = group["client__name"] or NOBODY
        sums["rows"] += group["rows"]
        if group["on_top"]:
            sums["total"] += group["all"]
        sums["found" if group["on_top"] else "found_sub"] += group["found"]
    in_order = sorted(clients.items(), key=lambda item: (item[0] == UNASSIGNED, item[1].casefold()))
    return Facets(
        total=sums["total"],
        found=sums["found"],
        found_sub_sequences=sums["found_sub"],
        rows=sums["rows"],
        by_status=dict(by_status),
        clients=in_order,
        archived=sums["archived"],
    )


def top_rows(visible: CampaignQuerySet, filters: CampaignFilters) -> CampaignQuerySet:
    """Matching campaigns, except sub-sequences whose (top-level) parent matches too: those follow their parent."""
    return filters.apply(visible).exclude(_under_a_parent(visible, filters))


def _under_a_parent(visible: CampaignQuerySet, filters: CampaignFilters) -> Q:
    return Q(parent__in=filters.apply(visible).filter(parent=None).values("pk"))


def read_page(
    visible: CampaignQuerySet,
    filters: CampaignFilters,
    *,
    number: str | None,
    count: int,
    may_change: bool,
    now: datetime,
) -> Listing:
    """The rows of one page with numbers, client and tags: three queries, and one more while changes of them are on their way."""
    order = ordering(filters.sort)
    page = page_of(
        top_rows(visible, filters).order_by(*order).values("pk"), number=number, per_page=PER_PAGE, count=count
    )
    keys = [row["pk"] for row in page.object_list]  # known, they are found by index; as subqueries they cost a scan
    heads, under_them = Q(pk__in=keys), Q(parent__in=keys, parent__parent=None)
    # One order for both: the heads keep the order of the page, and those under the same head the order among themselves.
    matching = filters.apply(visible).filter(heads | under_them).select_related(*JOINED).only(*SHOWN).order_by(*order)
    parent = visible.filter(pk=OuterRef("parent")).order_by().values("name")
    annotated = matching.annotate(parent_name=Subquery(parent), **_on_their_way(), **what_sends())
    campaigns: list[Any] = list(annotated)
    changes = Write.objects.in_bulk([one.moving for one in campaigns if one.moving])

    def state(campaign: Any) -> SafeString:
        offers = main_action(campaign) if may_change and campaign.takes_changes and not campaign.gone_at else ""
        return state_cell(campaign, Standing.of(campaign, changes.get(campaign.moving), now), offers=offers, now=now)

    return Listing(filters, page, _rows(campaigns, state))


@cache
def _on_their_way() -> dict[str, Any]:
    """To annotate with the newest change that is on its way (`moving`), and whether the connection takes any (`takes_changes`)."""
    subject = {"subject_type": Campaign._meta.label, "subject_id": Cast(OuterRef("pk"), CharField())}
    changes = Write.objects.unsettled().filter(connection=OuterRef("connection"), kind__in=KINDS, **subject)
    takes = Case(When(connection__may_write=True, connection__disabled_at=None, then=True), default=False)
    return {"moving": Subquery(changes.order_by("-pk").values("pk")[:1]), "takes_changes": takes}


def _rows(campaigns: list[Any], state: Callable[[Campaign], SafeString]) -> list[Row]:
    """Each head followed by the sub-sequences under it."""
    top_level = {campaign.pk for campaign in campaigns if campaign.parent_id is None}
    tags = _tags_of(campaigns)
    address = reverse("analytics:campaign_overview", args=[0]).replace("0", "{}")  # looked up once, not for each row

    def row(campaign: Any, *, under_parent: bool = False) -> Row:
        client, gone = campaign.client, campaign.gone_at is not None
        return Row(
            key=str(campaign.pk),
            url=address.format(campaign.pk),
            classes=" ".join(["qd-sub"] * under_parent + ["qd-gone"] * gone),
            under_parent=under_parent,
            name=campaign.name,
            number=str(campaign.remote_id),
            parent_name=_parent_name(campaign),
            tags=tuple(tags.get(campaign.pk, ())),
            client_name=client.name if client else "",
            client_label=client_label(client),
            status="gone" if gone else campaign.status,
            state=state(campaign),
            cells=Cells.of(campaign, getattr(campaign, "numbers", None)),
        )

    under: dict[int, list[Row]] = {}
    heads: list[Campaign] = []
    for campaign in campaigns:
        if campaign.parent_id in top_level:
            under.setdefault(campaign.parent_id, []).append(row(campaign, under_parent=True))
        else:
            heads.append(campaign)
    rows: list[Row] = []
    for head in heads:
        rows.append(row(head))
        rows.extend(under.get(head.pk, []))
    return rows


def _tags_of(campaigns: Iterable[Campaign]) -> dict[int, list[str]]:
    links = Campaign.tags.through.objects.filter(campaign__in=[campaign.pk for campaign in campaigns])
    tags: dict[int, list[str]] = {}
    for campaign_id, name in links.order_by("tag__name", "tag_id").values_list("campaign_id", "tag__name"):
        tags.setdefault(campaign_id, []).append(name)
    return tags


def _parent_name(campaign: Any) -> str:
    """A parent that the reader may not see keeps its name to itself."""
    if campaign.parent_remote_id is None:
        return ""
    return campaign.parent_name or f"campaign {campaign.parent_remote_id}"


def tag_names(visible: CampaignQuerySet) -> list[str]:
    """Names of all tags on these campaigns; the same name at two connections is one choice."""
    used = Campaign.tags.through.objects.filter(tag=OuterRef("pk"), campaign__in=visible)
    return list(Tag.objects.filter(Exists(used)).order_by("name").values_list("name", flat=True).distinct())
