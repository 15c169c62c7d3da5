"""Starting, pausing, stopping, renaming, deleting and putting away a campaign. A worker carries the changes out; the pages
wait a few seconds for it, then show what is on its way and ask again.
"""

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.frame import changeable_campaign, head, visible_campaign
from campaigns.lifecycle_forms import Rename, TypedName
from campaigns.lists.state_cell import state_cell
from campaigns.models import Campaign
from campaigns.refusals import refusal_of
from campaigns.services import lifecycle
from campaigns.services.lifecycle import NotPossible
from campaigns.services.status import change_status
from campaigns.standing import DELETE, RENAME, VERBS, Actions, aim_of, why_unchangeable
from operations.audit import Actor
from operations.models import AuditEntry, Write
from operations.web import HtmxRequest, wants_partial
from operations.writes.waiting import wait_while

form_page = require_http_methods(["GET", "HEAD", "POST"])
DONE = {"active": "Started", "paused": "Paused", "stopped": "Stopped", RENAME: "Renamed", DELETE: "Deleted"}
UNDO = {
    "active": ("pause", "Pausing it again is a new change."),
    "paused": ("start", "Starting it again is a new change."),
}


@require_POST
def pause(request: HtmxRequest, pk: int) -> HttpResponse:
    return _set_status(request, changeable_campaign(request, pk), Campaign.Status.PAUSED)


@form_page
def start(request: HtmxRequest, pk: int) -> HttpResponse:
    """The page that says what will be sent, and the deed."""
    campaign = changeable_campaign(request, pk)
    if request.method == "POST":
        return _set_status(request, campaign, Campaign.Status.ACTIVE)
    return _ask(request, campaign, "start", {"provider": campaign.connection.get_provider_display()})


@form_page
def stop(request: HtmxRequest, pk: int) -> HttpResponse:
    """For good: asks for the campaign's name."""
    campaign = changeable_campaign(request, pk)
    form = TypedName(request.POST if request.method == "POST" else None, name=campaign.name)
    reason = "" if _offers(request, campaign).stop else "Only an active or paused campaign can be stopped."
    if request.method == "POST" and not reason and form.is_valid():
        return _set_status(request, campaign, Campaign.Status.STOPPED)
    return _ask(request, campaign, "stop", {"form": form, "reason": reason})


@form_page
def rename(request: HtmxRequest, pk: int) -> HttpResponse:
    campaign = changeable_campaign(request, pk)
    form = Rename(request.POST if request.method == "POST" else None, initial={"name": campaign.name})
    if request.method == "POST" and form.is_valid() and not why_unchangeable(campaign):
        name = form.cleaned_data["name"]
        if name == campaign.name:
            return _leave(request, _here(request, campaign))
        write = lifecycle.rename_campaign(campaign, name, _actor(request), timezone.now())
        return _after(request, campaign, write)
    return _ask(request, campaign, "rename", {"form": form})


@form_page
def delete(request: HtmxRequest, pk: int) -> HttpResponse:
    """For good: asks for the campaign's name, and refuses for an active one."""
    campaign = changeable_campaign(request, pk)
    form = TypedName(request.POST if request.method == "POST" else None, name=campaign.name)
    reason = ""
    if campaign.status == Campaign.Status.ACTIVE:
        reason = "It is active, and what sends can’t be deleted. Pause it first."
    if request.method == "POST" and not reason and form.is_valid() and not why_unchangeable(campaign):
        write = lifecycle.delete_campaign(campaign, _actor(request), timezone.now())
        return _after(request, campaign, write)
    numbers = getattr(campaign, "numbers", None)
    effect = {"leads": numbers.leads_total if numbers else None}
    return _ask(request, campaign, "delete", {"form": form, "reason": reason} | effect)


@require_POST
def archive(request: HtmxRequest, pk: int) -> HttpResponse:
    """Put away or bring back: our own mark, so it is done at once and can be undone."""
    campaign = changeable_campaign(request, pk)
    wish = request.POST.get("archive")
    if wish not in ("yes", "no"):
        raise BadRequest
    try:
        lifecycle.set_archived(campaign, wish == "yes", _actor(request), timezone.now())
    except NotPossible as error:
        return _refuse(request, campaign, "Archive", str(error))
    title = "Archived" if wish == "yes" else "Back in the list"
    text = "Only here: the provider knows nothing of it." if wish == "yes" else ""
    toast = {"title": title, "text": text, "undo": "archive", "undo_value": "no" if wish == "yes" else "yes"}
    return _answer(request, pk, toast, f"“{campaign.name}”: {title.lower()}.")


@require_safe
def standing(request: HtmxRequest, pk: int) -> HttpResponse:
    """The head of a campaign, or its state in a row of the list: what moves while a change is on its way."""
    campaign = visible_campaign(request, pk)
    if not wants_partial(request):
        return redirect("analytics:campaign_overview", pk)
    waiting = request.GET.get("waiting", "")
    write = _change(campaign, waiting)
    # What a job changes, the job tells of.
    if write is not None and write.is_settled and write.origin != AuditEntry.Origin.BULK:
        return _settled(request, campaign, write)
    return _part(request, campaign)


def _set_status(request: HtmxRequest, campaign: Campaign, status: str) -> HttpResponse:
    if reason := why_unchangeable(campaign):
        return _refuse(request, campaign, VERBS[status], reason)
    write = change_status(campaign, status, _actor(request), timezone.now())
    return _after(request, campaign, write)


def _after(request: HtmxRequest, campaign: Campaign, write: Write) -> HttpResponse:
    """Wait a moment for the change, then say what became of it or that it is on its way."""
    wait_while(lambda: Write.objects.unsettled().filter(pk=write.pk).exists())
    write.refresh_from_db()
    if write.is_settled:
        return _settled(request, visible_campaign(request, campaign.pk), write)
    if wants_partial(request):
        if _in_dialog(request):
            return _leave(request, _here(request, campaign))
        return _part(request, visible_campaign(request, campaign.pk))
    messages.info(request, f"{VERBS[aim_of(write)]} of “{campaign.name}” is on its way.")
    return _leave(request, _here(request, campaign))


def _settled(request: HtmxRequest, campaign: Campaign, write: Write) -> HttpResponse:
    aim = aim_of(write)
    done = write.state == Write.State.DONE
    provider = campaign.connection.get_provider_display()
    if done and aim == DELETE:
        messages.success(request, f"“{campaign.name}” is deleted. Confirmed in {provider}.")
        return _leave(request, reverse("campaigns:list"))
    if not done:
        # The page itself says it, in a note beside the status that still holds.
        said = f"{VERBS[aim]} failed: {refusal_of(write).text}"
        return _answer(request, campaign.pk, None, said, level=messages.ERROR)
    undo, again = UNDO.get(aim, ("", ""))
    title = DONE[aim] if aim != RENAME else f"Renamed to “{campaign.name}”"
    toast = {"title": title, "text": " ".join(filter(None, (f"Confirmed in {provider}.", again))), "undo": undo}
    return _answer(request, campaign.pk, toast, f"{title}: “{campaign.name}”. Confirmed in {provider}.")


def _refuse(request: HtmxRequest, campaign: Campaign, verb: str, reason: str) -> HttpResponse:
    """Nothing was asked for, and why."""
    if wants_partial(request) and not _in_dialog(request):
        response = _part(request, campaign)
        toast = {"level": "error", "title": f"{verb} failed", "text": f"{reason} Nothing was changed."}
        response["HX-Trigger"] = json.dumps({"toast": toast})
        return response
    messages.error(request, f"{verb} failed: {reason} Nothing was changed.")
    return _leave(request, _here(request, campaign))


def _answer(
    request: HtmxRequest, pk: int, toast: dict[str, Any] | None, said: str, *, level: int = messages.SUCCESS
) -> HttpResponse:
    """What changed, in the part that asked for it; for a whole page a message and the way back."""
    campaign = visible_campaign(request, pk)
    if wants_partial(request) and not _in_dialog(request):
        return _part(request, campaign, toast=toast)
    messages.add_message(request, level, said)
    return _leave(request, _here(request, campaign))


def _part(request: HtmxRequest, campaign: Campaign, *, toast: dict[str, Any] | None = None) -> HttpResponse:
    """The row's state, or the head with the notes about it out of band."""
    asked = request.POST if request.method == "POST" else request.GET
    now = timezone.now()
    tab = asked.get("tab", "")
    context = head(request, campaign, tab if tab.isidentifier() else "", now) | {"toast": toast}
    if asked.get("part") == "row":
        context["cell"] = state_cell(campaign, context["standing"], offers=context["actions"].main, now=now)
        return render(request, "campaigns/lifecycle/row_state.html", context)
    return render(request, "campaigns/lifecycle/head.html", context)


def _ask(request: HtmxRequest, campaign: Campaign, what: str, more: dict[str, Any]) -> HttpResponse:
    """A page that asks before something is done; htmx gets it for a dialog."""
    now = timezone.now()
    context = head(request, campaign, "", now) | {"what": what, "in_dialog": _in_dialog(request)} | more
    context["next"] = _here(request, campaign)
    template = f"campaigns/lifecycle/{what}.html"
    return render(request, f"{template}#ask" if wants_partial(request) else template, context)


def _offers(request: HtmxRequest, campaign: Campaign) -> Actions:
    return Actions.of(campaign, may_change=request.user.may_change, read_only=False, moving=False)


def _change(campaign: Campaign, number: str) -> Write | None:
    if not (number.isascii() and number.isdigit() and len(number) < 19):
        return None
    subject = {"subject_type": Campaign._meta.label, "subject_id": str(campaign.pk)}
    return Write.objects.filter(connection_id=campaign.connection_id, pk=int(number), **subject).first()


def _actor(request: HtmxRequest) -> Actor:
    return Actor.on_page(request.user)


def _in_dialog(request: HtmxRequest) -> bool:
    """The question stands in a dialog, or on a page of its own: afterwards the page behind it is loaded."""
    return bool(request.htmx) and "dialog" in (request.POST if request.method == "POST" else request.GET)


def _here(request: HtmxRequest, campaign: Campaign) -> str:
    """The page that somebody came from, if it is one of ours, else the campaign's first one."""
    target: Any = (request.POST if request.method == "POST" else request.GET).get("next", "")
    if target and url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        return str(target)
    return reverse("analytics:campaign_overview", args=[campaign.pk])


def _leave(request: HtmxRequest, url: str) -> HttpResponse:
    """Go to another page, also out of an answer that htmx would put into a part."""
    if wants_partial(request):
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)
