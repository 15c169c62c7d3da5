"""Pages about the agency's clients that are mostly numbers."""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.client_frame import client_frame, visible_client
from accounts.models import Client, Mailbox
from analytics.client_numbers import ClientNumbers, campaigns_of, day_of
from analytics.clients.health import Health, Signs, health_of, mailbox_counts
from analytics.clients.keys import Keys, worst_key_of
from analytics.clients.listing import COLUMNS, DEFAULT_SORT, Column, client_rows, in_order, sort_or_default
from analytics.clients.overview import LISTED, Listed, attention_first, kpis, recent
from analytics.models import DailyStats
from analytics.portal.page import chart_of, preset_of, presets_of
from analytics.spans import DaySpan
from campaigns.lists.chips import address
from campaigns.models import Campaign
from operations.web import CountedPaginator, HtmxRequest, render_page

PER_PAGE = 50
SHOWN = 30
LONGEST_SEARCH = 120


@dataclass(frozen=True)
class Head:
    """The head of a column, with the address that sorts by it."""

    key: str
    label: str
    classes: str
    url: str
    sort: str
    direction: str


@require_safe
def client_list(request: HtmxRequest) -> HttpResponse:
    """The clients that the reader may see, worst first; htmx gets the table."""
    search = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:LONGEST_SEARCH]
    sort = sort_or_default(request.GET.get("sort", ""))
    keys = Keys(request.user)
    rows = in_order(client_rows(request.user, search, keys), sort)
    page = CountedPaginator(rows, PER_PAGE, count=len(rows)).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": page.object_list,
        "heads": [_head(request, column, sort) for column in COLUMNS],
        "sort": "" if sort == DEFAULT_SORT else sort,
        "search": search,
        "nobodys": keys.nobodys if request.user.is_agency_admin else [],
        "now": timezone.now(),
    }
    return render_page(request, "clients/list.html", context, partial="results")


def _head(request: HtmxRequest, column: Column, sort: str) -> Head:
    """Clicking the sorted one turns the order."""
    down, up = f"-{column.key}", column.key
    direction = {down: "descending", up: "ascending"}.get(sort, "")
    turned = {"descending": up, "ascending": down}.get(direction) or (down if column.first == "descending" else up)
    return Head(column.key, column.label, column.classes, address(request.GET, {"sort": [turned]}), turned, direction)


@require_safe
def client_page(request: HtmxRequest, slug: str) -> HttpResponse:
    """One client: the numbers of their campaigns together, and the campaigns, those that need somebody first."""
    client, now = visible_client(request, slug), timezone.now()
    campaigns = list(campaigns_of(client, request.user, *LISTED))
    today = day_of(campaigns, now.astimezone(ZoneInfo(settings.QUARTERDECK_REPORTING_TIME_ZONE)).date())
    span = DaySpan.from_query(preset_of(request.GET), today)
    numbers = ClientNumbers(campaigns, DailyStats.objects.visible_to(request.user), span, today)
    shown = attention_first(campaigns)
    context = client_frame(request, client, "overview") | {
        "numbers": numbers,
        "kpis": kpis(numbers),
        "chart": chart_of(numbers),
        "span": span,
        "presets": presets_of(span),
        "rows": shown[:SHOWN],
        "more": max(0, len(shown) - SHOWN),
        "active": sum(one.status == Campaign.Status.ACTIVE for one in campaigns),
        "health": _health(request.user, client, shown, numbers),
        "synced_at": numbers.synced_at,
        "now": now,
        "today": today,
    }
    return render_page(request, "clients/overview.html", context, partial="numbers")


def _health(user: Any, client: Client, shown: list[Listed], numbers: ClientNumbers) -> Health:
    """As in the list: by the last 30 days, whatever days the page shows."""
    boxes = mailbox_counts(Mailbox.objects.visible_to(user).filter(client=client)).get(client.pk, {})
    active = [row for row in shown if row.campaign.status == Campaign.Status.ACTIVE]
    signs = Signs(
        worst_key_of(client, user),
        recent(numbers.rows_of_numbers),
        active=len(active),
        over_limit=sum(row.bounces_too_much for row in active),
        runs_out=sum(row.runs_out for row in active),
        mailboxes=boxes.get("mailboxes", 0),
        mailboxes_out=boxes.get("mailboxes_out", 0),
    )
    return health_of(signs)
