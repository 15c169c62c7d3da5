"""Jobs in Activity: the list, one job with its items, and what may be done with it."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import trigger_client_event

from operations.audit import Actor
from operations.changes import changes_stopped
from operations.jobs import engine, starting, watching
from operations.jobs.telling import (
    FILTERS,
    ITEMS_PER_PAGE,
    JOBS_PER_PAGE,
    item_rows,
    job_rows,
    may_steer,
    visible_items,
    visible_jobs,
)
from operations.models import AuditEntry, Job
from operations.web import HtmxRequest, page_of, render_page, wants_partial


@require_safe
def jobs(request: HtmxRequest) -> HttpResponse:
    """What people had done to many things at once, newest first, page by page."""
    now, wish = timezone.now(), request.GET.get("show", "")
    found = visible_jobs(request.user, wish)
    page = page_of(found, number=request.GET.get("page"), per_page=JOBS_PER_PAGE, count=found.count())
    context = {
        "now": now,
        "wish": wish,
        "wishes": FILTERS,
        "page": page,
        "rows": job_rows(page.object_list, request.user, now),
        "stopped": changes_stopped(),
    }
    return render(request, "operations/jobs.html", context)


@require_safe
def job(request: HtmxRequest, pk: int) -> HttpResponse:
    """One job; htmx gets its row in the list, its panel on another page, or what moves on its own page."""
    now = timezone.now()
    part = request.GET.get("part", "") if wants_partial(request) else ""
    if part == "panel":
        return _panel(request, pk, now)
    found = get_object_or_404(visible_jobs(request.user), pk=pk)
    if found.is_finished:
        watching.stop_watching(request.session, pk)
    [row] = job_rows([found], request.user, now)
    context: dict[str, Any] = {"now": now, "row": row, "job": found}
    if part == "row":
        return render(request, "operations/_job_row.html", context)
    state = request.GET.get("state", "")
    items = visible_items(found, request.user, state)
    count = row.counts.get(state, 0) if state else row.total
    page = page_of(items, number=request.GET.get("page"), per_page=ITEMS_PER_PAGE, count=count)
    context |= {"page": page, "items": item_rows(found, page.object_list, request.user), "state": state}
    if not part:
        context |= {"stopped": changes_stopped(), "followers": list(visible_jobs(request.user).filter(parent=found))}
        context["followers"] = job_rows(context["followers"], request.user, now)
    return render_page(request, "operations/job.html", context, partial="live")


def _panel(request: HtmxRequest, pk: int, now: datetime) -> HttpResponse:
    """What stands above every page while the job runs; nothing more where it is closed, or there is no such job any more."""
    found = visible_jobs(request.user).filter(pk=pk).first()
    if found is None or found.is_finished or "close" in request.GET:
        watching.stop_watching(request.session, pk)
    if found is None or "close" in request.GET:
        return HttpResponse()
    [row] = job_rows([found], request.user, now, failures=True)
    context = {"now": now, "row": row, "job": found, "back": request.GET.get("back", "")}
    panel = render(request, "operations/_job_panel.html", context)
    # What the job changed is on this page, too: its lists ask for themselves again.
    return panel if row.moves else trigger_client_event(panel, "job-ended", after="settle")


def _steerable(request: HtmxRequest, pk: int) -> Job:
    """404 for a job that the reader knows nothing of, 403 for one that somebody else started."""
    found: Job = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    if not may_steer(found, request.user):
        raise PermissionDenied("This job is somebody else’s: they, or an agency admin, can change it.")
    return found


def _actor(request: HtmxRequest) -> Actor:
    return Actor(request.user, AuditEntry.Origin.BULK)


def _back(request: HtmxRequest, job: Job) -> HttpResponse:
    target = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        return redirect(target)
    return redirect("operations:job", job.pk)


@require_POST
def cancel(request: HtmxRequest, pk: int) -> HttpResponse:
    """Nothing more of it is begun; what is on its way comes to its end."""
    found = _steerable(request, pk)
    cancelled = engine.cancel(found, _actor(request), timezone.now())
    messages.success(request, f"{cancelled:,} cancelled. What was on its way comes to its end.")
    return _back(request, found)


@require_POST
def go_on(request: HtmxRequest, pk: int) -> HttpResponse:
    """The rest, after somebody looked at the first ones."""
    found = _steerable(request, pk)
    engine.go_on(found, _actor(request))
    return _back(request, found)


@require_POST
def retry(request: HtmxRequest, pk: int) -> HttpResponse:
    """The failed ones once more, as a job of their own."""
    return _follow(request, pk, starting.retry_failed)


@require_POST
def undo(request: HtmxRequest, pk: int) -> HttpResponse:
    """What it changed is put back, as a job of its own."""
    return _follow(request, pk, starting.undo)


def _follow(request: HtmxRequest, pk: int, make: Any) -> HttpResponse:
    found = _steerable(request, pk)
    try:
        follower = make(found, request.user, _actor(request), timezone.now())
    except starting.NotPossible as error:
        messages.error(request, str(error))
        return _back(request, found)
    watching.watch(request.session, follower.pk)
    return redirect("operations:job", follower.pk)
