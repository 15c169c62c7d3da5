"""Saving a sequence at its provider: asking for it, and going on with what could not be finished."""

from datetime import datetime

from django.db import IntegrityError, transaction

from campaigns.models import Campaign, SequenceSave, SequenceVersion
from campaigns.services import sequence_chain
from campaigns.services.sequence_texts import (
    SaveRefused,
    Texts,
    TextsRefused,
    from_json,
    prepared,
    require_writable,
    to_json,
)
from campaigns.standing import why_unchangeable
from operations import audit

__all__ = [
    "NothingMayChange",
    "SaveRefused",
    "SaveUnderWay",
    "TextsRefused",
    "newest_save",
    "restore",
    "retry",
    "save_sequence",
]


class NothingMayChange(SaveRefused):
    """The connection is read-only or disabled, all changes are stopped, or the campaign is gone."""


class SaveUnderWay(SaveRefused):
    """Another save of this campaign has not ended; `save` is that one."""

    def __init__(self, save: SequenceSave) -> None:
        who = save.asked_by_label or "Somebody"
        super().__init__(f"{who} is saving this sequence right now. Save again when that has ended.")
        self.save = save


def save_sequence(
    campaign: Campaign,
    texts: Texts,
    base: Texts,
    actor: audit.Actor,
    now: datetime,
    *,
    restores: SequenceVersion | None = None,
) -> SequenceSave:
    """Ask for the sequence to become `texts`, from `base` that the page was opened with; a worker carries it out.

    Raises SaveRefused (NothingMayChange, SaveUnderWay, TextsRefused) with the reason. A running campaign is paused, saved,
    verified and resumed. Whatever becomes of it, the row that is returned keeps what was typed.
    """
    if reason := why_unchangeable(campaign):
        raise NothingMayChange(reason)
    texts = prepared(texts, base)
    require_writable(texts)
    try:
        with transaction.atomic():
            save = SequenceSave.objects.create(
                campaign=campaign,
                asked_by=actor.user,
                asked_by_label=str(actor.user) if actor.user else "",
                origin=actor.origin,
                restores=restores.number if restores else None,
                texts=to_json(texts),
                base=to_json(base),
                started_at=now,
            )
            sequence_chain.begin(save, campaign, now)
    except IntegrityError:
        under_way = SequenceSave.objects.filter(campaign=campaign).unfinished().first()
        if under_way is None:
            raise
        raise SaveUnderWay(under_way) from None
    return save


def retry(save: SequenceSave, actor: audit.Actor, now: datetime) -> SequenceSave:
    """Ask again for what a save that has ended was about, with the same texts and the same base. Raises as `save_sequence`."""
    return save_sequence(save.campaign, from_json(save.texts), from_json(save.base), actor, now)


def restore(version: SequenceVersion, current: Texts) -> Texts:
    """The texts of a version, to be edited or saved in place of `current`: what exists of its steps and variants keeps its
    id and its numbers, what was removed since comes back as new.
    """
    return prepared(from_json(version.texts), current)


def newest_save(campaign: Campaign) -> SequenceSave | None:
    """The save that is under way, else the last one, with its write; one query."""
    return SequenceSave.objects.filter(campaign=campaign).with_write().order_by("-started_at", "-pk").first()
