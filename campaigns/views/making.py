"""Making a campaign, new or as a copy of one: the form, and the page that waits until it is there and opens it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from campaigns.frame import changeable_campaign, head
from campaigns.lifecycle_forms import CreateCampaign, Duplicate, places
from campaigns.models import Campaign
from campaigns.refusals import MEANWHILE, refusal_of, waiting_words
from campaigns.services import lifecycle
from campaigns.services.lifecycle import CREATE, DRESS_COPY, LONGEST_NAME, MADE
from campaigns.standing import capabilities_of, why_unchangeable
from operations.audit import Actor
from operations.models import Write
from operations.web import HtmxRequest, render_page, wants_partial
from operations.writes.permission import why_read_only
from operations.writes.waiting import wait_while

form_page = require_http_methods(["GET", "HEAD", "POST"])
COPY = " - copy"


@form_page
def create(request: HtmxRequest) -> HttpResponse:
    """A new campaign of a client: an empty draft, opened as soon as it is there."""
    if not request.user.may_change:
        raise PermissionDenied("You can look at campaigns and not make any.")
    choice = places(request.user)
    first = {"place": choice[0].key} if len(choice) == 1 else {}
    form = CreateCampaign(request.POST if request.method == "POST" else None, places=choice, initial=first)
    read_only = why_read_only(connection_name="", may_write=True)
    if request.method == "POST" and form.is_valid() and not read_only:
        place = form.cleaned_data["place"]
        write = lifecycle.create_campaign(
            place.connection,
            place.client,
            remote_client_id=place.remote_client_id,
            name=form.cleaned_data["name"],
            actor=Actor.on_page(request.user),
            now=timezone.now(),
        )
        return _wait_for(request, write)
    return render(request, "campaigns/lifecycle/create.html", {"form": form, "places": choice, "read_only": read_only})


@form_page
def duplicate(request: HtmxRequest, pk: int) -> HttpResponse:
    """A copy of a campaign, with its sub-sequences where there are some and the provider copies them."""
    campaign = changeable_campaign(request, pk)
    can = capabilities_of(campaign)
    children = Campaign.objects.visible_to(request.user).present().filter(parent=campaign).count()
    form = Duplicate(
        request.POST if request.method == "POST" else None,
        offers_sub_sequences=can.sub_sequences and bool(children),
        initial={"name": campaign.name[: LONGEST_NAME - len(COPY)] + COPY, "sub_sequences": True},
    )
    if request.method == "POST" and form.is_valid() and can.duplicate and not why_unchangeable(campaign):
        write = lifecycle.duplicate_campaign(
            campaign,
            form.cleaned_data["name"],
            sub_sequences=form.cleaned_data.get("sub_sequences", False),
            actor=Actor.on_page(request.user),
            now=timezone.now(),
        )
        return _wait_for(request, write)
    asked = request.POST if request.method == "POST" else request.GET
    context = head(request, campaign, "", timezone.now()) | {
        "form": form,
        "sub_sequences": children,
        "in_dialog": bool(request.htmx) and "dialog" in asked,
        "next": reverse("analytics:campaign_overview", args=[campaign.pk]),
    }
    return render_page(request, "campaigns/lifecycle/duplicate.html", context, partial="ask")


@require_safe
def making(request: HtmxRequest, pk: int) -> HttpResponse:
    """What becomes of a campaign that is being made; once it is there, the way leads to it."""
    write = get_object_or_404(Write.objects.visible_to(request.user).select_related("connection"), pk=pk, kind__in=MADE)
    made = _made(request, write)
    if made is not None and write.state == Write.State.DONE and not _is_being_dressed(made):
        return _go(request, reverse("analytics:campaign_overview", args=[made.pk]))
    conflict = write.state == Write.State.CONFLICT
    context: dict[str, Any] = {
        "now": timezone.now(),
        "write": write,
        "pending": not write.is_settled or write.state == Write.State.DONE,
        "provider": write.connection.get_provider_display(),
        "waits": waiting_words(write),
        "reason": _why_not(write),
        "taken_by": made if conflict else None,
        "creates": write.kind == CREATE,
        "name": write.payload.get("name", ""),
    }
    return render_page(request, "campaigns/lifecycle/making.html", context, partial="live")


def _why_not(write: Write) -> str:
    if not write.is_settled or write.state == Write.State.DONE:
        return ""
    if write.state == Write.State.CONFLICT and write.kind == CREATE:
        return "There is a campaign of that name already, so none was made."
    if write.state == Write.State.CONFLICT:
        return MEANWHILE
    return refusal_of(write).text


def _made(request: HtmxRequest, write: Write) -> Campaign | None:
    remote_id = write.after.get("remote_id")
    rows = Campaign.objects.visible_to(request.user).filter(connection_id=write.connection_id, remote_id=remote_id)
    return rows.first() if remote_id else None


def _is_being_dressed(copy: Campaign) -> bool:
    subject = {"subject_type": Campaign._meta.label, "subject_id": str(copy.pk)}
    return Write.objects.unsettled().filter(kind=DRESS_COPY, **subject).exists()


def _wait_for(request: HtmxRequest, write: Write) -> HttpResponse:
    wait_while(lambda: Write.objects.unsettled().filter(pk=write.pk).exists())
    return _go(request, reverse("campaigns:making", args=[write.pk]))


def _go(request: HtmxRequest, url: str) -> HttpResponse:
    if wants_partial(request):
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)
