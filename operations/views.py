"""Activity: how the keys do, which syncs ran and run, and every call that left."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

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
from operations.audit import Actor
from operations.changes import (
    CHANGES_PER_PAGE,
    MOST_CHANGES,
    STATES,
    ChangeRow,
    change_rows,
    changes_stopped,
    visible_changes,
)
from operations.coverage import KEYS_PER_PAGE, coverage_of, coverage_of_keys
from operations.jobs.telling import job_rows, visible_jobs
from operations.keys import cards_of, key_cards, visible_keys
from operations.models import ApiCall
from operations.web import HtmxRequest, page_of, render_page, wants_partial
from operations.writes.permission import stop_all_writes

RECENT_JOBS = 5
MOST_CARDS = 24  # of keys, those in trouble first; all of them on demand
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
        cards = key_cards(request.user, now)
        everything = request.GET.get("keys") == "all"
        context |= {"cards": cards, "lanes_away": any(card.lane_away for card in cards), "all_keys": everything}
        context["shown"] = cards if everything else cards[:MOST_CARDS]
        compared = [card.key for card in cards if card.key.compared_at]
        context |= {"compared": bool(compared), "lost": sum(key.lost for key in compared)}
    if not part:
        context["stopped"] = changes_stopped()
        context["jobs"] = job_rows(visible_jobs(request.user)[:RECENT_JOBS], request.user, now)
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
    page = page_of(
        found, number=request.GET.get("page"), per_page=CALLS_PER_PAGE, count=found.order_by()[:MOST_CALLS].count()
    )
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


@require_safe
def key(request: HtmxRequest, pk: int) -> HttpResponse:
    """How one key does: every window, who waits, why it pauses, and what was learned about it."""
    now = timezone.now()
    card = next(iter(cards_of([one for one in visible_keys(request.user, now) if one.id == pk], now)), None)
    if card is None:
        raise Http404
    context: dict[str, Any] = {"now": now, "card": card, "key": card.key, "traffic": card.traffic}
    if not wants_partial(request):
        context |= {"stopped": changes_stopped(), "coverage": coverage_of_keys([card.key], now)[0]}
    return render_page(request, "operations/key.html", context, partial="live")


@require_safe
def changes(request: HtmxRequest) -> HttpResponse:
    """What was and is being changed at the providers, unsettled first, page by page."""
    state = request.GET.get("state", "")
    found = visible_changes(request.user, state)
    page = page_of(
        found, number=request.GET.get("page"), per_page=CHANGES_PER_PAGE, count=found.order_by()[:MOST_CHANGES].count()
    )
    context = {
        "now": timezone.now(),
        "state": state,
        "states": STATES,
        "page": page,
        "rows": change_rows(page.object_list),
        "stopped": changes_stopped(),
    }
    return render(request, "operations/changes.html", context)


@require_safe
def change(request: HtmxRequest, pk: int) -> HttpResponse:
    """One change; htmx gets its row in the list while it is not settled, or what moves on its page."""
    row = ChangeRow(get_object_or_404(visible_changes(request.user, ""), pk=pk))
    context: dict[str, Any] = {"now": timezone.now(), "row": row, "write": row.write}
    if request.GET.get("part") == "row" and wants_partial(request):
        return render(request, "operations/_change.html", context)
    if not wants_partial(request):
        context["stopped"] = changes_stopped()
    return render_page(request, "operations/change.html", context, partial="live")


@require_http_methods(["GET", "HEAD", "POST"])
def stop_changes(request: HtmxRequest) -> HttpResponse:
    """The installation's one switch: first the page that says what it means, then the deed."""
    if not request.user.is_agency_admin:
        raise PermissionDenied
    if request.method == "POST":
        stop = request.POST.get("stop") == "yes"
        stop_all_writes(stop, Actor.on_page(request.user), timezone.now())
        messages.success(request, "All changes are stopped." if stop else "Changes are allowed again.")
        return redirect("operations:activity")
    return render(request, "operations/confirm_stop.html", {"now": timezone.now(), "stopped": changes_stopped()})


@require_safe
def coverage(request: HtmxRequest) -> HttpResponse:
    """What our copy covers, how old it is, and where it differs from the provider."""
    now = timezone.now()
    found = coverage_of(request.user, now)
    compared = [one for one in found if one.key.compared_at]
    page = page_of(found, number=request.GET.get("page"), per_page=KEYS_PER_PAGE, count=len(found))
    context = {
        "now": now,
        "page": page,
        "compared": bool(compared),
        "lost": sum(one.lost for one in found),
        "overdue": sum(one.overdue for one in found),
    }
    return render_page(request, "operations/coverage.html", context, partial="live")
