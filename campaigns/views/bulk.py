"""One change of many campaigns: its options, what it would do, and starting it as a job."""

import re
import secrets
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from campaigns.bulk.actions import BulkAction
from campaigns.bulk.dry_run import DryRun, dry_run
from campaigns.bulk.selecting import MOST, Selection
from operations import audit
from operations.changes import changes_stopped
from operations.jobs import watching
from operations.jobs.starting import start_job
from operations.models import AuditEntry, Job
from operations.registry import bulk_actions
from operations.web import HtmxRequest

FIRST = 3
MOST_IN_ADDRESS = 100
TOKEN = re.compile(r"[0-9a-f]{32}")


@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request: HtmxRequest, action: str) -> HttpResponse:
    """GET, or POST without `go`: what would be done. POST with `go` ("all" or "first"): do it. The selection, also a
    filter, is read anew inside the reader's scope each time.
    """
    if action not in bulk_actions:
        raise Http404
    chosen: BulkAction = bulk_actions[action]
    data = request.POST if request.method == "POST" else request.GET
    selection = Selection.from_query(data)
    if selection.keys and not selection.everything and not selection.of(request.user).exists():
        raise Http404
    if not request.user.may_change or not chosen.is_for(request.user):
        raise PermissionDenied("You can look at these campaigns and not change them.")
    return answer(request, chosen, data)


def answer(request: HtmxRequest, action: BulkAction, data: QueryDict) -> HttpResponse:
    """The page of an action for the selection in `data`, or the way to the job that was started."""
    selection = Selection.from_query(data)
    if request.method == "POST" and "go" in data and was_started(request.user, token_of(data)):
        return redirect(back_to(selection))
    campaigns = selection.of(request.user)
    form = action.form(data if "options" in data else None, request.user, campaigns)
    context: dict[str, Any] = {
        "now": timezone.now(),
        "action": action,
        "selection": selection,
        "by_address": len(selection.keys) <= MOST_IN_ADDRESS,
        "form": form,
        "stopped": changes_stopped() if action.handler.calls else None,
        "back": back_to(selection),
        "typed": data.get("typed", ""),
        "first": FIRST,
        "token": secrets.token_hex(16),
    }
    if form is None or form.is_valid():
        options = action.options(form.cleaned_data if form else {}, request.user)
        plan = dry_run(action, campaigns, options, request.user)
        found = len(plan.changes) + len(plan.skipped)
        context |= {"plan": plan, "found": found, "cut": found == MOST, "carried": carried(data, form)}
        context["to_type"] = f"{action.word} {len(plan.changes)}" if action.lasting else ""
        if request.method == "POST" and "go" in data:
            refusal = why_not_started(data, plan, context)
            if not refusal:
                return started(request, action, selection, plan, dict(options), first=data["go"] == "first")
            context["refusal"] = refusal
    return render(request, "campaigns/bulk/action.html", context)


def why_not_started(data: QueryDict, plan: DryRun, context: dict[str, Any]) -> str:
    """In a sentence why nothing was started though the button was pressed; empty: it may be started."""
    if context["stopped"]:
        return "All changes are stopped, so nothing was started."
    if not plan.changes:
        return "None of the campaigns would be changed, so nothing was started."
    if data.get("seen") != plan.digest:
        return "Something has changed since this was drawn up, so nothing was started. Look at it once more."
    if context["to_type"] and " ".join(data.get("typed", "").lower().split()) != context["to_type"]:
        return f"Type “{context['to_type']}” to go on. Nothing was started."
    return ""


def started(
    request: HtmxRequest,
    action: BulkAction,
    selection: Selection,
    plan: DryRun,
    options: dict[str, Any],
    *,
    first: bool,
) -> HttpResponse:
    job: Job = start_job(
        action.kind,
        [change.planned for change in plan.changes],
        actor=audit.Actor(request.user, AuditEntry.Origin.BULK),
        now=timezone.now(),
        parameters={"action": action.slug, "phrase": action.phrase, "options": options, "skipped": len(plan.skipped)},
        first=FIRST if first else None,
        asked_by=token_of(request.POST),
    )
    watching.watch(request.session, job.pk)
    return redirect(back_to(selection))


def token_of(data: QueryDict) -> str | None:
    """What makes a form that is sent twice start one job."""
    token = data.get("token", "")
    return token if TOKEN.fullmatch(token) else None


def was_started(user: Any, token: str | None) -> bool:
    return token is not None and Job.objects.filter(actor=user, asked_by=token).exists()


def back_to(selection: Selection) -> str:
    query = QueryDict(selection.filter).urlencode()
    return f"{reverse('campaigns:list')}?{query}" if query else reverse("campaigns:list")


def carried(data: QueryDict, form: Any) -> list[tuple[str, str]]:
    """The options as they were sent, for the form that starts the job to send them again."""
    if form is None:
        return []
    return [("options", "1"), *((name, value) for name in form.fields for value in data.getlist(name))]
