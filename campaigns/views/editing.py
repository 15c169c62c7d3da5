"""What the editors of a campaign do alike after a save: wait a moment, then say what became of it."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse

from campaigns.models import Campaign
from campaigns.outcomes import Words, outcome_of
from campaigns.services import edits
from operations.models import Write
from operations.web import HtmxRequest
from operations.writes.waiting import wait_while


def named_write(request: HtmxRequest) -> int | None:
    """The save that the address names by `?write=`."""
    number = request.GET.get("write", "")
    return int(number) if number.isdecimal() and len(number) < 19 else None


def still_on_its_way(write: Write | None) -> HttpResponse:
    """The answer to a page that asks how its save comes on: nothing new, or load the page again."""
    if write is not None and not write.is_settled:
        return HttpResponse(status=204)
    return HttpResponse(headers={"HX-Refresh": "true"})


def after_save(request: HtmxRequest, campaign: Campaign, write: Write, page: str, words: Words) -> HttpResponse:
    """Lead to the page that says what became of the save, or to the list if it took the campaign out of the reader's sight."""
    wait_while(lambda: not edits.is_settled(campaign, request.user, write))
    ended = edits.shown_write(campaign, request.user, write.kind, write.pk) or write
    address = reverse(page, args=[campaign.pk])
    if ended.state != Write.State.DONE:
        return HttpResponseRedirect(f"{address}?write={write.pk}")
    provider = campaign.connection.get_provider_display()
    outcome = outcome_of(ended, words, provider=provider, now_told={}, user=request.user)
    messages.success(request, f"{outcome.title} {outcome.text}")
    if not Campaign.objects.visible_to(request.user).filter(pk=campaign.pk).exists():
        return redirect("campaigns:list")
    return HttpResponseRedirect(address)
