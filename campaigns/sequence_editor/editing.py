"""What one person is editing: the texts on the page, what they began with, and what the provider holds meanwhile."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.http import QueryDict

from campaigns.models import Campaign, SequenceDraft, SequenceSave
from campaigns.sequence_editor.checks import Checked, check_sequence
from campaigns.sequence_editor.conflicts import Conflict, decide, merge
from campaigns.sequence_editor.edited import EditedSequence, edited, read_sequence, texts_of
from campaigns.sequence_editor.kept import kept_beside
from campaigns.services.edits import seal, unseal
from campaigns.services.sequence_drafts import discard_draft, keep_draft
from campaigns.services.sequence_texts import Texts, current_texts, from_json, prepared, same_texts, to_json

KIND = "sequence"


@dataclass(frozen=True)
class Editing:
    """`base` is what a save must find at the provider. While there are conflicts it is what the person began with."""

    edited: EditedSequence
    base: Texts
    current: Texts
    conflicts: tuple[Conflict, ...] = ()
    draft: SequenceDraft | None = None
    moving: int | None = None
    """The number of the save that is under way."""

    @property
    def texts(self) -> Texts:
        return texts_of(self.edited, self.base)

    def sealed(self, campaign: Campaign) -> str:
        """What the form carries, so that nobody's change is overwritten by a page that has been open for long."""
        return seal(campaign, KIND, {"steps": to_json(self.base)})

    def decided(self, key: str, *, take_theirs: bool) -> "Editing":
        texts, base = decide(self.texts, self.base, self.current, key, take_theirs=take_theirs)
        return replace(self, edited=edited(texts), base=base)

    def checked(self, campaign: Campaign) -> Checked:
        return check_sequence(self.edited, campaign)


def opened(user: Any, campaign: Campaign) -> Editing:
    """What the page shows: the person's draft where there is one, brought together with what the provider holds now."""
    kept = kept_beside(campaign, user)
    current = current_texts(campaign, kept.remembered)
    as_it_is = Editing(edited(current), current, current, moving=kept.moving)
    if kept.draft is None:
        return as_it_is
    merged = merge(from_json(kept.draft.texts), from_json(kept.draft.base), current)
    if same_texts(merged.texts, current) and not merged.conflicts:
        return as_it_is
    return Editing(edited(merged.texts), merged.base, current, merged.conflicts, kept.draft, kept.moving)


def posted(user: Any, campaign: Campaign, data: QueryDict) -> Editing:
    """What was posted. What the provider alone changed since the page was opened is taken over where nothing was typed."""
    kept = kept_beside(campaign, user)
    current, draft = current_texts(campaign, kept.remembered), kept.draft
    sealed = unseal(campaign, KIND, data.get("base", ""))
    begun = from_json(draft.base) if draft else current
    base = from_json(sealed["steps"]) if sealed is not None else begun
    typed = read_sequence(data, *([from_json(draft.texts)] if draft else []), base)
    merged = merge(texts_of(typed, base), base, current)
    shown = edited(merged.texts) if merged.taken_over else typed
    return Editing(shown, merged.base, current, merged.conflicts, draft, kept.moving)


def keep(user: Any, campaign: Campaign, editing: Editing, now: datetime) -> SequenceDraft | None:
    """Keep it as the person's draft; what does not differ from the provider's texts is no draft."""
    texts = prepared(editing.texts, editing.base)
    if same_texts(texts, editing.base) and not editing.conflicts:
        discard_draft(user, campaign)
        return None
    return keep_draft(user, campaign, texts, editing.base, now)


def shown_save(campaign: Campaign, moving: int | None, wanted: str | None) -> SequenceSave | None:
    """The save that the page is about: the one that is under way, else the one whose number was `wanted`."""
    number = moving
    if number is None and wanted and wanted.isascii() and wanted.isdigit() and len(wanted) < 18:
        number = int(wanted)
    if number is None:
        return None
    saves = SequenceSave.objects.filter(campaign=campaign).with_write().select_related("campaign__connection")
    return saves.filter(pk=number).first()
