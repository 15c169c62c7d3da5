"""Activity: how the keys do, which syncs ran and run, and every call that left."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from operations.activity import (
    CALLS,
    CALLS_PER_PAGE,
    MOST_CALLS,
    RUNS,
    STATUSES,
    CallFilters,
    call_rows,
    is_number,
    run_row,
    run_rows,
    visible_calls,
    visible_runs,
)
from operations.keys import key_cards, visible_keys
from operations.models import ApiCall
from operations.web import HtmxRequest, page_of, render_page, wants_partial

PARTS = ("keys", "runs", "calls", "news")


@require_safe
def activity(request: HtmxRequest) -> HttpResponse:
    """The overview; htmx asks for the `part` that it wants to renew."""
    now = timezone.now()
    part = request.GET.get("part", "") if wants_partial(request) else ""
    if part and part not in PARTS:
        raise Http404
    filters = CallFilters.from_query(request.GET)
    context: dict[str, Any] = {"now": now, "part": part, "filters": filters, "statuses": STATUSES}
    if part in ("", "keys"):
        context["cards"] = key_cards(request.user, now)
    if part in ("", "runs"):
        runs = narrowed(visible_runs(request.user), filters.key)
        context["runs"] = run_rows(runs[:RUNS], request.user)
    if part in ("", "calls"):
        context["calls"] = call_rows(visible_calls(request.user, filters)[:CALLS])
    if part == "news":
        newest = request.GET.get("newest", "")
        newer = visible_runs(request.user).filter(pk__gt=int(newest) if is_number(newest) else 0)
        context["news"] = narrowed(newer, filters.key).count()
    return render_page(request, "operations/activity.html", context, partial=part)


def narrowed(runs: Any, key: str) -> Any:
    """The runs of the key that the address names; of none if it names nonsense."""
    if not key:
        return runs
    return runs.filter(connection_id=int(key)) if is_number(key) else runs.none()


@require_safe
def calls(request: HtmxRequest) -> HttpResponse:
    """The call log, page by page."""
    now = timezone.now()
    filters = CallFilters.from_query(request.GET)
    found = visible_calls(request.user, filters)
    page = page_of(found, number=request.GET.get("page"), per_page=CALLS_PER_PAGE, count=found[:MOST_CALLS].count())
    context = {"now": now, "filters": filters, "statuses": STATUSES, "page": page, "calls": call_rows(page.object_list)}
    if not wants_partial(request):
        context["keys"] = visible_keys(request.user, now)
    return render_page(request, "operations/calls.html", context, partial="calls")


@require_safe
def run(request: HtmxRequest, pk: int) -> HttpResponse:
    """One sync; htmx gets its row in the list, or what moves on its page."""
    now = timezone.now()
    found = get_object_or_404(visible_runs(request.user), pk=pk)
    row = run_row(found, request.user)
    context: dict[str, Any] = {"now": now, "row": row, "run": found}
    if request.GET.get("part") == "row" and wants_partial(request):
        return render(request, "operations/_run.html", context)
    if row.tells:
        of_run = ApiCall.objects.visible_to(request.user).filter(run=found).select_related("connection")
        context["calls"] = call_rows(of_run[:CALLS_PER_PAGE])
    return render_page(request, "operations/run.html", context, partial="live")
