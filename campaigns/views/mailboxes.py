"""Who a campaign sends from: its mailboxes, and attaching and detaching them with the effect shown before."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Mailbox
from campaigns.frame import changeable_campaign, frame, visible_campaign
from campaigns.mailbox_rows import (
    Capacity,
    attachable_mailboxes,
    attached_mailboxes,
    effect_of,
    pending_of,
    recent_changes,
    rows_of,
)
from campaigns.models import Campaign
from campaigns.senders import visible_mailboxes
from campaigns.services.mailboxes import ATTACH, DETACH, KIND, change_mailboxes
from operations.audit import Actor
from operations.models import Write
from operations.telling import tell_write
from operations.web import HtmxRequest, page_of, render_page, wants_partial
from operations.writes.waiting import wait_while

PER_PAGE = 50
DEEDS = (ATTACH, DETACH)
EFFECT = "effect"


@require_safe
def mailboxes(request: HtmxRequest, pk: int) -> HttpResponse:
    """The mailboxes of a campaign; htmx gets what moves, or with `part=effect` what detaching the ticked ones does."""
    campaign = visible_campaign(request, pk)
    return _attached_page(request, campaign, ticked=_numbers(request.GET.getlist("mailbox")))


def _attached_page(
    request: HtmxRequest, campaign: Campaign, *, ticked: Iterable[int] = (), refused: str = ""
) -> HttpResponse:
    now = timezone.now()
    boxes = list(attached_mailboxes(campaign, request.user))
    chosen = [box for box in boxes if box.pk in set(ticked)]
    part = _part(request)
    context: dict[str, Any] = {
        "now": now,
        "campaign": campaign,
        "do": DETACH,
        "effect": effect_of(campaign, DETACH, boxes, chosen) if chosen else None,
        "refused": refused,
    }
    if part != EFFECT:
        writes = recent_changes(campaign, request.user, now)
        context |= frame(request, campaign, "mailboxes", now) | {
            "rows": rows_of(boxes, now, pending=pending_of(writes), ticked=[box.pk for box in chosen]),
            "capacity": Capacity.of(boxes),
            "sent_today": _sum(box.sent_today for box in boxes),
            "sent_unknown": sum(box.sent_today is None for box in boxes),
            "changes": [tell_write(write) for write in writes],
            "moves": any(not write.is_settled for write in writes),
        }
    return render_page(request, "campaigns/mailboxes/attached.html", context, partial=part or "live")


@require_safe
def attach_list(request: HtmxRequest, pk: int) -> HttpResponse:
    """The mailboxes that may be attached; htmx gets the list, or with `part=effect` what attaching the ticked ones does."""
    campaign = changeable_campaign(request, pk)
    return _attach_page(request, campaign, ticked=_numbers(request.GET.getlist("mailbox")))


def _attach_page(
    request: HtmxRequest, campaign: Campaign, *, ticked: Iterable[int] = (), refused: str = ""
) -> HttpResponse:
    now = timezone.now()
    ticked = set(ticked)
    asked = request.GET if request.method == "GET" else request.POST
    text, only = asked.get("q", "").strip()[:100], asked.get("only", "")
    part = _part(request)
    context: dict[str, Any] = {
        "now": now, "campaign": campaign, "do": ATTACH, "refused": refused, "q": text, "only": only,
    }  # fmt: skip
    chosen = list(attachable_mailboxes(campaign, request.user).filter(pk__in=ticked)) if ticked else []
    if chosen:
        context["effect"] = effect_of(campaign, ATTACH, attached_mailboxes(campaign, request.user), chosen)
    if part != EFFECT:
        found = attachable_mailboxes(campaign, request.user, text, only)
        page = page_of(found, number=asked.get("page"), per_page=PER_PAGE, count=found.count())
        context |= frame(request, campaign, "mailboxes", now) | {
            "page": page,
            "rows": (rows := rows_of(_with_clients(request, page.object_list), now, ticked=ticked)),
            "ticked": chosen,
            "whole_list": f"{request.path}?{urlencode([('mailbox', box.pk) for box in chosen])}",
            "elsewhere": [box for box in chosen if box not in [row.box for row in rows]],
        }
    return render_page(request, "campaigns/mailboxes/attach.html", context, partial=part or "list")


def _part(request: HtmxRequest) -> str:
    """The part that htmx asks for by its name; "" for the one that the page is about."""
    asks = wants_partial(request) and request.method == "GET" and request.GET.get("part") == EFFECT
    return EFFECT if asks else ""


def _with_clients(request: HtmxRequest, boxes: Any) -> Any:
    """Whose each mailbox is, for those who see every client."""
    return boxes.select_related("client") if request.user.is_agency_admin else boxes


@require_POST
def change(request: HtmxRequest, pk: int) -> HttpResponse:
    """Attach or detach the ticked mailboxes, or take an earlier such change back (`undo` is its number)."""
    campaign = changeable_campaign(request, pk)
    do, chosen = _wish(request, campaign)
    show = _attach_page if do == ATTACH else _attached_page
    context = frame(request, campaign, "mailboxes", timezone.now())
    ticked = [box.pk for box in chosen]
    if context["read_only"]:
        return show(request, campaign, ticked=ticked, refused=f"{context['read_only']} Nothing was changed.")
    if not chosen:
        messages.warning(request, "No mailbox was ticked, so nothing was changed.")
        return redirect("campaigns:mailboxes", pk)
    effect = effect_of(campaign, do, attached_mailboxes(campaign, request.user), chosen)
    if effect.stops and request.POST.get("confirmed") != "yes":
        return show(request, campaign, ticked=ticked)
    write = change_mailboxes(campaign, do, chosen, Actor.on_page(request.user), timezone.now())
    wait_while(lambda: Write.objects.unsettled().filter(pk=write.pk).exists())
    return redirect("campaigns:mailboxes", pk)


def _wish(request: HtmxRequest, campaign: Campaign) -> tuple[str, list[Mailbox]]:
    """What is to be done with which mailboxes; 404 for one that the person may not see or that is of another connection."""
    visible = visible_mailboxes(request.user).filter(connection=campaign.connection_id)
    if undo := _numbers([request.POST.get("undo", "")]):
        rows = Write.objects.visible_to(request.user).filter(subject_id=str(campaign.pk), kind=KIND)
        write = get_object_or_404(rows, pk__in=undo, state=Write.State.DONE, connection=campaign.connection_id)
        do = DETACH if write.payload["do"] == ATTACH else ATTACH
        return do, list(visible.filter(remote_id__in=write.payload["mailbox_ids"]))
    do = request.POST.get("do", "")
    if do not in DEEDS:
        raise BadRequest
    wanted = set(_numbers(request.POST.getlist("mailbox")))
    chosen = list(visible.filter(pk__in=wanted))
    if len(chosen) != len(wanted):
        raise Http404
    return do, chosen


def _numbers(texts: Iterable[str]) -> list[int]:
    return [int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 19]


def _sum(values: Iterable[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None
