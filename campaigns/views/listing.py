"""The list of campaigns. The page of one campaign belongs to analytics, which owns its numbers."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns.bulk.menu import menu_for
from campaigns.lists.chips import address, toolbar
from campaigns.lists.columns import CHOOSABLE, COLUMNS, DEFAULT_SORT, Column, chosen_columns
from campaigns.lists.filters import CampaignFilters
from campaigns.lists.listing import Facets, count_facets, drawn, read_page, tag_names
from campaigns.models import Campaign
from campaigns.sources import Sources
from operations.models import SyncRun
from operations.web import HtmxRequest, render_page, wants_partial

COLUMNS_IN_SESSION = "campaign_columns"


@dataclass(frozen=True)
class Head:
    """The head of a column, with the address that sorts by it."""

    key: str
    label: str
    classes: str
    quiet: bool
    url: str = ""
    sort: str = ""
    direction: str = ""


@require_safe
def campaign_list(request: HtmxRequest) -> HttpResponse:
    """Every campaign that the reader may see; htmx gets the table, and with `seen` only whether it changed."""
    now = timezone.now()
    filters = CampaignFilters.from_query(request.GET)
    visible = Campaign.objects.visible_to(request.user)
    facets = count_facets(visible, filters)
    listing = read_page(
        visible,
        filters,
        number=request.GET.get("page"),
        count=facets.rows,
        may_change=request.user.may_change,
        now=now,
    )
    sources = Sources.visible_to(request.user, now, filters)
    context = {"now": now, "filters": filters, "facets": facets, "listing": listing, "sources": sources}
    if "seen" in request.GET and wants_partial(request):
        context["updates"] = listing.changed_since(request.GET["seen"])
        context["reload_url"] = address(request.GET, {"page": request.GET.getlist("page")})
        return render_page(request, "campaigns/list.html", context, partial="updates")
    columns, bulk = remembered_columns(request), menu_for(request.user)
    context |= {
        "heads": heads(request, filters, columns),
        "toolbar": toolbar(request.GET, filters, facets, tag_names(visible), columns),
        "sort": "" if filters.sort == DEFAULT_SORT else filters.sort,
        "empty": why_empty(request, filters, facets, sources, now) if not listing.rows else None,
        "partial": wants_partial(request),
        "bulk": bulk,
        "rows": [drawn(row, columns, selectable=bulk is not None) for row in listing.rows],
        "filter": address(request.GET, {"cols": []}).removeprefix("?"),
    }
    return render_page(request, "campaigns/list.html", context, partial="results")


def remembered_columns(request: HtmxRequest) -> tuple[str, ...]:
    """The columns named in the address, else those of the last time, else all."""
    wish = request.GET.getlist("cols")
    if not wish:
        return chosen_columns(request.session.get(COLUMNS_IN_SESSION, []))
    columns = chosen_columns(wish)
    if list(columns) != request.session.get(COLUMNS_IN_SESSION, list(CHOOSABLE)):
        request.session[COLUMNS_IN_SESSION] = list(columns) or ["none"]
    return columns


def heads(request: HtmxRequest, filters: CampaignFilters, columns: tuple[str, ...]) -> list[Head]:
    """The heads of the shown columns; clicking the sorted one turns the order."""
    shown = [column for column in COLUMNS if not column.choosable or column.key in columns]
    return [head(request, filters, column) for column in shown]


def head(request: HtmxRequest, filters: CampaignFilters, column: Column) -> Head:
    if column.sort is None:
        return Head(column.key, column.label, column.classes, column.quiet_head)
    down, up = f"-{column.key}", column.key
    direction = {down: "descending", up: "ascending"}.get(filters.sort, "")
    turned = {"descending": up, "ascending": down}.get(direction) or (down if column.first == "descending" else up)
    url = address(request.GET, {"sort": [turned]})
    return Head(column.key, column.label, column.classes, column.quiet_head, url, turned, direction)


@dataclass(frozen=True)
class Empty:
    """Why the list has no rows: `kind` is waiting, first, none or filtered."""

    kind: str
    text: str = ""
    run: SyncRun | None = None


def why_empty(request: HtmxRequest, filters: CampaignFilters, facets: Facets, sources: Sources, now: datetime) -> Empty:
    if filters.narrows and facets.total:
        return Empty("filtered", f"No {describe(filters, facets)}.")
    if not sources.all:
        return Empty("filtered", "No campaigns.") if filters.narrows else Empty("first")
    if sources.awaits_first_sync:
        runs = SyncRun.objects.visible_to(request.user).running().order_by("-started_at")
        return Empty("waiting", run=runs.first())
    return Empty("filtered", "No campaigns.") if filters.narrows else Empty("none")


def describe(filters: CampaignFilters, facets: Facets) -> str:
    """The filters in words: "paused campaigns tagged Nordics of Ferro Logistics with “freight”"."""
    labels = dict(Campaign.Status.choices)
    names = dict(facets.clients)
    parts = [" or ".join(str(labels.get(s, s)).lower() for s in filters.statuses)]
    parts.append("archived campaigns" if filters.archived else "campaigns")
    if filters.tags:
        parts.append("tagged " + " or ".join(filters.tags))
    if filters.clients:
        parts.append("of " + " or ".join(names.get(slug, "that client") for slug in filters.clients))
    if filters.text:
        parts.append(f"with “{filters.text}”")
    return " ".join(filter(None, parts))
