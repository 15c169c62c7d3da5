"""Parts of the sequence editor that its scripts ask for: checks while typing, new steps and texts, drafts, a save's progress."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from campaigns.frame import changeable_campaign, visible_campaign
from campaigns.models import SequenceSave
from campaigns.sequence_editor import previews
from campaigns.sequence_editor.buttons import add_step, add_variant
from campaigns.sequence_editor.edited import read_sequence
from campaigns.sequence_editor.editing import Editing, keep, posted
from campaigns.sequence_editor.page import Page
from campaigns.sequence_editor.words import SaveView
from operations.web import HtmxRequest


@require_POST
def check(request: HtmxRequest, pk: int) -> HttpResponse:
    """What the checks say about the posted texts, for the one that is shown; badges of the steps and the preview beside it."""
    campaign = changeable_campaign(request, pk)
    editing = Editing(read_sequence(request.POST), (), ())
    page = Page.of(campaign, editing, request.user, shown=request.POST.get("shown", ""))
    page.typed_samples = {
        name.removeprefix("sample-"): value[:500]
        for name, value in request.POST.items()
        if name.startswith("sample-") and isinstance(value, str)
    }
    if page.panel:
        text = page.panel.edited
        token = previews.store(request.user, text.subject, text.body, page.sample_values)
        page.preview_url = page.address_of_preview(token)
    return render(request, "campaigns/sequence/checked.html", {"page": page, "campaign": campaign})


@require_POST
def part(request: HtmxRequest, pk: int) -> HttpResponse:
    """A new step, or a new text of a step, as pieces of the page; nothing is kept by it."""
    campaign = changeable_campaign(request, pk)
    editing = Editing(read_sequence(request.POST), (), ())
    what, _, key = request.POST.get("do", "").partition(":")
    made = add_variant(editing.edited, key) if what == "add-variant" else add_step(editing.edited)
    if made is None:
        return HttpResponse(status=404)
    page = Page.of(campaign, editing, request.user, shown=made.key)
    row = next(row for row in page.rows if row.shown)
    context = {"page": page, "campaign": campaign, "row": row, "one": page.panel, "whole_step": what != "add-variant"}
    response = render(request, "campaigns/sequence/part.html", context)
    response["X-Shown"] = page.shown
    return response


@require_POST
def draft(request: HtmxRequest, pk: int) -> HttpResponse:
    """Keep what is typed as the person's draft. It may be asked for by a page that is being left."""
    now = timezone.now()
    campaign = changeable_campaign(request, pk)
    kept = keep(request.user, campaign, posted(request.user, campaign, request.POST), now)
    return JsonResponse({"kept": kept is not None})


@require_safe
def save(request: HtmxRequest, pk: int, number: int) -> HttpResponse:
    """Where a save stands. At its end the whole page is shown anew: its texts have ids then that they had not before."""
    campaign = visible_campaign(request, pk)
    found = get_object_or_404(
        SequenceSave.objects.visible_to(request.user).with_write().select_related("campaign__connection"),
        campaign=campaign,
        pk=number,
    )
    if found.is_ended:
        response = HttpResponse(status=204)
        response["HX-Redirect"] = f"{reverse('campaigns:sequence', args=[pk])}?save={found.pk}"
        return response
    return render(request, "campaigns/sequence/_save.html", {"view": SaveView.of(found), "campaign": campaign})
