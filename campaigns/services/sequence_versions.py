"""The history of a sequence: every text that was verified at the provider, once."""

from dataclasses import replace
from datetime import datetime

from django.db.models import Max

from campaigns.models import SequenceSave, SequenceVersion
from campaigns.services.sequence_texts import Texts, from_json, same_texts, to_json
from providers.drafts import Split


def note_found(campaign_id: int, texts: Texts, now: datetime) -> SequenceVersion | None:
    """What stands at the provider and was not saved here as the last thing; None where it is the newest version anyway."""
    newest = SequenceVersion.objects.filter(campaign=campaign_id).newest().first()
    if not texts:
        return None
    if newest is not None and same_texts(kept := from_json(newest.texts), with_splits(texts, kept)):
        return None
    return _add(campaign_id, texts, SequenceVersion.Origin.FOUND, now)


def note_saved(save: SequenceSave, told: Texts, now: datetime) -> SequenceVersion:
    """What was saved here, as the provider told it afterwards; the newest version where that is the same."""
    texts = with_splits(told, from_json(save.texts))
    newest = SequenceVersion.objects.filter(campaign=save.campaign_id).newest().first()
    if newest is not None and same_texts(from_json(newest.texts), texts):
        SequenceVersion.objects.filter(pk=newest.pk).update(verified_at=now)
        return newest
    origin = SequenceVersion.Origin.RESTORED if save.restores else SequenceVersion.Origin.SAVED
    return _add(save.campaign_id, texts, origin, now, save)


def with_splits(told: Texts, wanted: Texts) -> Texts:
    """What was told, with the way of splitting that providers do not tell again, step by step."""
    by_number = {step.number: step for step in wanted if step.split is Split.WINNER}
    return tuple(
        replace(step, split=one.split, test_share=one.test_share, win_by=one.win_by)
        if (one := by_number.get(step.number)) and step.effective_split is Split.EQUAL
        else step
        for step in told
    )


def _add(
    campaign_id: int, texts: Texts, origin: str, now: datetime, save: SequenceSave | None = None
) -> SequenceVersion:
    last = SequenceVersion.objects.filter(campaign=campaign_id).aggregate(last=Max("number"))["last"] or 0
    return SequenceVersion.objects.create(
        campaign_id=campaign_id,
        number=last + 1,
        texts=to_json(texts),
        origin=origin,
        made_at=now,
        made_by_id=save.asked_by_id if save else None,
        made_by_label=save.asked_by_label if save else "",
        verified_at=now,
    )
