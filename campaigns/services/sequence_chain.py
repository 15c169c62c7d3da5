"""How one save goes from stage to stage: check and pause, save and verify, resume.

Every stage is a change of its own (campaigns.write_kinds.sequence), asked for in the transaction that settles the one before,
so nothing is lost between them. A campaign that was not running has the middle stage alone. What is resumed was compared
with the provider immediately before.
"""

from datetime import datetime, timedelta
from typing import Any

from campaigns.models import Campaign, SequenceSave
from campaigns.sequence_editor import words
from campaigns.services.sequence_diff import changed_parts
from campaigns.services.sequence_drafts import discard_saved_draft
from campaigns.services.sequence_texts import Texts, from_json, to_json, told_texts
from campaigns.services.sequence_versions import note_found, note_saved
from campaigns.standing import STATUS, capabilities_of
from operations.audit import Actor
from operations.models import Write
from operations.writes import planning
from operations.writes.asking import ask_for_write
from operations.writes.carrying import GONE
from providers.records import CampaignStatus, RemoteStep

PAUSE, SAVE, RESUME = "sequence pause", "sequence save", "sequence resume"
STAGES = {PAUSE: SequenceSave.Stage.PAUSE, SAVE: SequenceSave.Stage.SAVE, RESUME: SequenceSave.Stage.RESUME}
PATIENCE = timedelta(days=3)
"""How long a campaign that was paused for a save may wait for its key before somebody has to start it again."""

OLD, NEW, OTHER = "old", "new", "other"
ACTIVE = CampaignStatus.ACTIVE.value

Outcome = SequenceSave.Outcome


def begin(save: SequenceSave, campaign: Campaign, now: datetime) -> None:
    """Ask for the first stage."""
    needs_pause = campaign.status == Campaign.Status.ACTIVE and not may_edit_running(campaign)
    _ask(save, PAUSE if needs_pause else SAVE, now)


def may_edit_running(campaign: Campaign) -> bool:
    """Whether its provider takes texts of a campaign that runs."""
    return capabilities_of(campaign).edit_while_active


def save_of(write: Write) -> SequenceSave:
    """The save that a change is a stage of."""
    return SequenceSave.objects.select_related("campaign__connection").get(pk=write.payload["save"])


def note(write: Write, **facts: Any) -> None:
    """Keep with the change what was found out about it."""
    write.payload = {**write.payload, **facts}
    Write.objects.filter(pk=write.pk).update(payload=write.payload)


def go_on(write: Write) -> None:
    """What follows from the end of a stage; runs in the transaction that settles it."""
    save = (
        SequenceSave.objects.select_for_update(of=("self",))
        .select_related("campaign__connection")
        .get(pk=write.payload["save"])
    )
    if save.is_ended or save.write_id != write.pk:
        return
    now = write.settled_at or write.created_at
    {PAUSE: _after_pause, SAVE: _after_save, RESUME: _after_resume}[write.kind](save, write, now)


def remember_theirs(save_id: int, steps: tuple[RemoteStep, ...], now: datetime) -> None:
    """Somebody else's text: kept beside what was typed, and in the history."""
    theirs = told_texts(steps)
    save = SequenceSave.objects.only("campaign_id").get(pk=save_id)
    SequenceSave.objects.filter(pk=save_id).update(theirs=to_json(theirs))
    note_found(save.campaign_id, theirs, now)


def expected_texts(save: SequenceSave) -> Texts:
    """What has to stand at the provider for the campaign to be resumed: the verified new text, else the old one."""
    return from_json(save.version.texts if save.version else save.base)


def not_to_be_resumed(save: SequenceSave) -> Write | None:
    """The newest change of status that somebody asked for since the save began, if it is a pause or a stop."""
    asked = Write.objects.filter(
        connection_id=save.campaign.connection_id,
        subject_type=Campaign._meta.label,
        subject_id=str(save.campaign_id),
        kind=STATUS,
        created_at__gte=save.started_at,
    )
    newest = asked.exclude(state=Write.State.FAILED).order_by("-pk").first()
    return newest if newest is not None and newest.payload.get("status") != ACTIVE else None


def _after_pause(save: SequenceSave, write: Write, now: datetime) -> None:
    is_active = write.payload.get("status", ACTIVE) == ACTIVE
    if write.state == Write.State.DONE:
        if write.sends:
            save.was_active, save.paused_at = True, now
        _ask(save, SAVE, now)
    elif write.state == Write.State.CONFLICT:
        _end(save, Outcome.RUNNING_OLD if is_active else Outcome.UNCHANGED, words.CONFLICT, now)
    elif is_active and not write.payload.get(GONE):
        _end(save, Outcome.RUNNING_OLD, words.reason_of(save, write), now)
    else:
        _end(save, Outcome.PAUSED, words.reason_of(save, write), now)


def _after_save(save: SequenceSave, write: Write, now: datetime) -> None:
    is_active = write.payload.get("status") == ACTIVE
    if write.state == Write.State.DONE:
        save.saved_at = now
        discard_saved_draft(save.asked_by, save.campaign_id, from_json(save.texts))
        if save.was_active:
            _resume(save, now)
        else:
            _end(save, Outcome.RUNNING_NEW if is_active else Outcome.SAVED, "", now)
    elif write.state == Write.State.CONFLICT:
        if is_active and not save.is_conflict and save.paused_at is None and not write.payload.get("turned"):
            # We thought that it was not running, and it is.
            _ask(save, PAUSE, now)
        elif is_active:
            reason = words.CONFLICT if save.is_conflict else words.STARTED_MEANWHILE
            _end(save, Outcome.RUNNING_OLD, reason, now)
        else:
            _end(save, Outcome.PAUSED if save.was_active else Outcome.UNCHANGED, words.CONFLICT, now)
    elif not save.was_active:
        _end(save, Outcome.UNCHANGED, words.reason_of(save, write), now)
    elif write.payload.get("text") == OTHER:
        _end(save, Outcome.PAUSED, words.reason_of(save, write), now)
    else:
        # The old text stands, or nothing was sent at all: the next stage compares before it starts anything.
        save.message = words.reason_of(save, write)
        _resume(save, now)


def _resume(save: SequenceSave, now: datetime) -> None:
    if save.paused_at is not None and now - save.paused_at > PATIENCE:
        _end(save, Outcome.PAUSED, save.message or words.TOO_LATE, now)
    else:
        _ask(save, RESUME, now)


def _after_resume(save: SequenceSave, write: Write, now: datetime) -> None:
    if write.state == Write.State.DONE:
        _end(save, Outcome.RUNNING_NEW if save.version_id else Outcome.RUNNING_OLD, save.message, now)
    elif write.payload.get("status") == ACTIVE:
        _end(save, Outcome.RUNNING_OLD, words.CHANGED_AND_STARTED, now)
    else:
        _end(save, Outcome.PAUSED, " ".join(filter(None, [save.message, _why_not_resumed(save, write)])), now)


def _why_not_resumed(save: SequenceSave, write: Write) -> str:
    if write.state == Write.State.CONFLICT and save.is_conflict:
        return words.CHANGED_WHILE_PAUSED
    if write.state == Write.State.CONFLICT and (wish := not_to_be_resumed(save)):
        done = "stopped" if wish.payload.get("status") == CampaignStatus.STOPPED else "paused"
        return f"{wish.actor_label or 'Somebody'} {done} it meanwhile, so it was not started again."
    return words.reason_of(save, write)


def verified(save: SequenceSave, steps: tuple[RemoteStep, ...], now: datetime) -> None:
    """The provider says that the new text stands: into the history, with the one that it replaces."""
    note_found(save.campaign_id, from_json(save.base), now)
    save.version = note_saved(save, told_texts(steps), now)
    SequenceSave.objects.filter(pk=save.pk).update(version=save.version)


def _ask(save: SequenceSave, kind: str, now: datetime) -> None:
    """Ask for a stage, and let the save point at it."""
    campaign = save.campaign
    before = {PAUSE: {"status": "active"}, RESUME: {"status": "paused"}}.get(kind)
    turned = save.write is not None and save.write.kind == PAUSE
    save.write = ask_for_write(
        kind,
        campaign,
        connection_id=campaign.connection_id,
        client_id=campaign.client_id,
        payload={"remote_id": campaign.remote_id, "save": save.pk} | ({"turned": True} if turned else {}),
        before=before or changed_parts(from_json(save.base), from_json(save.texts))[0],
        actor=Actor(save.asked_by, save.origin),
        now=now,
    )
    save.stage = STAGES[kind]
    save.save(update_fields=["write", "stage", "was_active", "paused_at", "saved_at", "message"])
    planning.announce(campaign.connection_id)


def _end(save: SequenceSave, outcome: str, reason: str, now: datetime) -> None:
    save.stage, save.outcome, save.ended_at = SequenceSave.Stage.ENDED, outcome, now
    save.message = words.outcome_sentence(save, reason)[:600]
    save.save(update_fields=["stage", "outcome", "ended_at", "message", "was_active", "paused_at", "saved_at"])
