"""The history of a sequence: every text that was verified, what changed in it, and going back to one."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from campaigns.frame import changeable_campaign, frame, visible_campaign
from campaigns.models import SequenceVersion
from campaigns.sequence_editor.differences import PartChanges, part_changes
from campaigns.services.sequence_drafts import keep_draft
from campaigns.services.sequence_saving import restore
from campaigns.services.sequence_texts import Texts, current_texts, from_json
from operations.web import HtmxRequest

SHOWN = 50


@dataclass(frozen=True)
class VersionRow:
    """One version with what it changed in the one before, and what is otherwise now."""

    version: SequenceVersion
    who: str
    since_before: Sequence[PartChanges]
    against_now: Sequence[PartChanges]
    is_now: bool
    first: bool


@require_safe
def versions(request: HtmxRequest, pk: int) -> HttpResponse:
    """Newest first; the newest fifty."""
    campaign = visible_campaign(request, pk)
    kept = list(SequenceVersion.objects.filter(campaign=campaign).newest()[: SHOWN + 1])
    texts = [from_json(one.texts) for one in kept]
    now_texts = current_texts(campaign, texts[0] if texts else ())
    rows = [
        _row(version, mine, texts[place + 1] if place + 1 < len(texts) else None, now_texts)
        for place, (version, mine) in enumerate(zip(kept, texts, strict=True))
    ][:SHOWN]
    context = frame(request, campaign, "sequence", timezone.now())
    context |= {"rows": rows, "editable": request.user.may_change and not context["read_only"]}
    return render(request, "campaigns/sequence/versions.html", context)


def _row(version: SequenceVersion, texts: Texts, before: Texts | None, now_texts: Texts) -> VersionRow:
    against_now = part_changes(texts, now_texts)
    found = version.origin == SequenceVersion.Origin.FOUND
    who = "" if found else version.made_by_label or "Automatically"
    since = part_changes(before, texts) if before is not None else []
    return VersionRow(version, who, since, against_now, not against_now, before is None)


@require_POST
def restore_version(request: HtmxRequest, pk: int, number: int) -> HttpResponse:
    """The text of a version as the person's draft, to be looked at and saved; what was in the draft before is replaced."""
    now = timezone.now()
    campaign = changeable_campaign(request, pk)
    version = get_object_or_404(SequenceVersion, campaign=campaign, number=number)
    current = current_texts(campaign)
    keep_draft(request.user, campaign, restore(version, current), current, now)
    messages.success(request, f"Version {version.number} is your draft now. Save it to send it.")
    return redirect(f"{reverse('campaigns:sequence', args=[pk])}?restores={version.number}")
