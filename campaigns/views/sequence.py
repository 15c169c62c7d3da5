"""The sequence editor: the page, and what its buttons do as plain requests. Saving and drafts never lose what was typed."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_POST

from campaigns.frame import changeable_campaign, frame, visible_campaign
from campaigns.models import Campaign, SequenceSave, SequenceVersion
from campaigns.sequence_editor.buttons import add_step, add_variant, move_step, remove_step, remove_variant
from campaigns.sequence_editor.copy_checks import Place, check_text
from campaigns.sequence_editor.edited import EditedSequence, EditedStep, EditedVariant, texts_of
from campaigns.sequence_editor.editing import Editing, keep, opened, posted, shown_save
from campaigns.sequence_editor.page import Page
from campaigns.sequence_editor.rows import Problem, problems_of
from campaigns.services.sequence_drafts import discard_draft
from campaigns.services.sequence_saving import save_sequence
from campaigns.services.sequence_texts import SaveRefused, TextsRefused
from campaigns.standing import why_unchangeable
from operations import audit
from operations.web import HtmxRequest
from operations.writes.waiting import wait_while


@require_http_methods(["GET", "HEAD", "POST"])
def sequence(request: HtmxRequest, pk: int) -> HttpResponse:
    """The page with the person's draft where there is one; a POST carries the whole editor and says what to `do` with it."""
    now = timezone.now()
    if request.method == "POST":
        return _do(request, changeable_campaign(request, pk), now)
    campaign = visible_campaign(request, pk)
    editing = opened(request.user, campaign)
    return _show(
        request,
        campaign,
        editing,
        now,
        shown=request.GET.get("show", ""),
        save=shown_save(campaign, editing.moving, request.GET.get("save")),
        restores=_number(request.GET.get("restores", "")),
    )


def _show(request: HtmxRequest, campaign: Campaign, editing: Editing, now: datetime, **about: Any) -> HttpResponse:
    context = frame(request, campaign, "sequence", now)
    context["page"] = Page.of(campaign, editing, request.user, read_only=context["read_only"], **about)
    return render(request, "campaigns/sequence/page.html", context)


def _do(request: HtmxRequest, campaign: Campaign, now: datetime) -> HttpResponse:
    editing = posted(request.user, campaign, request.POST)
    what, _, key = request.POST.get("do", "keep").partition(":")
    key = key or request.POST.get("shown", "")
    if what == "save":
        return _save(request, campaign, editing, now)
    if what in ("theirs", "mine"):
        keep(request.user, campaign, editing.decided(key, take_theirs=what == "theirs"), now)
        return _back(campaign, request.POST.get("shown", ""), editing.edited, restores=request.POST.get("restores"))
    shown = _change(editing.edited, what, key)
    if why_unchangeable(campaign):
        messages.error(request, f"{why_unchangeable(campaign)} Your draft is kept.")
    keep(request.user, campaign, editing, now)
    if what == "test":
        return redirect(
            f"{reverse('campaigns:sequence_test', args=[campaign.pk])}?{urlencode({'show': _place(editing.edited, shown)})}"
        )
    return _back(campaign, shown, editing.edited, restores=request.POST.get("restores"))


def _change(edited: EditedSequence, what: str, key: str) -> str:
    """Does it, and returns the key of what is to be shown afterwards."""
    made: EditedStep | EditedVariant | None = None
    if what == "add-step":
        made = add_step(edited)
    elif what == "add-variant":
        made = add_variant(edited, key)
    elif what == "remove-step":
        remove_step(edited, key)
    elif what == "remove-variant":
        remove_variant(edited, key)
    elif what in ("up", "down"):
        move_step(edited, key, -1 if what == "up" else 1)
    elif what == "fix":
        _fix(edited, key)
    return made.key if made else key


def _fix(edited: EditedSequence, key: str) -> None:
    """Without scripts: all that can be settled by a replacement in this text is replaced."""
    found = edited.find(key)
    if found is None:
        return
    variant = found[1]
    for one in check_text(variant.subject, variant.body, Place(False)).fixes:
        assert one.fix is not None
        variant.subject, variant.body = one.fix.apply(variant.subject), one.fix.apply(variant.body)


def _place(edited: EditedSequence, key: str) -> str:
    """The key under which the page shows this text when it is drawn anew: keys tell places."""
    for number, step in enumerate(edited, start=1):
        for place, variant in enumerate(step.variants, start=1):
            if key in (variant.key, step.key):
                return f"s{number}v{place}"
    return ""


def _back(campaign: Campaign, shown: str, edited: EditedSequence, **more: Any) -> HttpResponseRedirect:
    query = {"show": _place(edited, shown)} | more
    kept = {name: value for name, value in query.items() if value}
    address = reverse("campaigns:sequence", args=[campaign.pk])
    return HttpResponseRedirect(f"{address}?{urlencode(kept)}" if kept else address)


def _save(request: HtmxRequest, campaign: Campaign, editing: Editing, now: datetime) -> HttpResponse:
    """Local validation, then the save itself; a problem shows the page as it was posted, with what to fix."""
    editing = replace(editing, draft=keep(request.user, campaign, editing, now))
    shown = request.POST.get("shown", "")
    checked = editing.checked(campaign)
    problems = problems_of(editing.edited, checked)
    if not problems and editing.conflicts:
        problems = [Problem("", "", "Somebody changed the same text meanwhile: choose below which to keep.")]
    if reason := why_unchangeable(campaign):
        problems = [Problem("", "", reason)]
    if not problems:
        try:
            texts = texts_of(editing.edited, editing.base)
            save = save_sequence(
                campaign,
                texts,
                editing.base,
                audit.Actor.on_page(request.user),
                now,
                restores=restored_version(request, campaign),
            )
        except TextsRefused as refused:
            problems = [Problem("", "", text) for text in refused.problems]
        except SaveRefused as refused:
            problems = [Problem("", "", str(refused))]
        else:
            wait_while(lambda: SequenceSave.objects.unfinished().filter(pk=save.pk).exists())
            return _back(campaign, shown, editing.edited, save=str(save.pk))
    restores = _number(request.POST.get("restores", ""))
    return _show(request, campaign, editing, now, shown=problems[0].key or shown, problems=problems, restores=restores)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def restored_version(request: HtmxRequest, campaign: Campaign) -> SequenceVersion | None:
    """The version that is being restored, where the page says so."""
    number = _number(request.POST.get("restores", ""))
    return SequenceVersion.objects.filter(campaign=campaign, number=number).first() if number else None


@require_POST
def discard(request: HtmxRequest, pk: int) -> HttpResponse:
    """Forget the person's draft, on their word."""
    campaign = changeable_campaign(request, pk)
    discard_draft(request.user, campaign)
    messages.success(request, "Draft discarded.")
    return redirect("campaigns:sequence", pk=campaign.pk)
