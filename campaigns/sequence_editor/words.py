"""What a page says about the save of a sequence: its stages, its outcome, and what to do next."""

from dataclasses import dataclass

from campaigns.models import SequenceSave
from campaigns.refusals import refusal_of
from operations.models import Write
from operations.writes.carrying import REFUSED

CONFLICT = "The sequence was changed at {provider} after you opened it."
STARTED_MEANWHILE = "Somebody started the campaign at {provider} while it was being saved."
CHANGED_WHILE_PAUSED = "The sequence was changed at {provider} while the campaign was paused."
CHANGED_AND_STARTED = "The sequence was changed and the campaign was started at {provider} meanwhile."
TOO_LATE = "It took too long until {provider} could be asked again."

Outcome = SequenceSave.Outcome
Stage = SequenceSave.Stage


def provider_of(save: SequenceSave) -> str:
    return str(save.campaign.connection.get_provider_display())


def reason_of(save: SequenceSave, write: Write) -> str:
    """Why this stage did not end as wanted, in a sentence."""
    provider, fields = provider_of(save), ", ".join(one["field"] for one in write.differences)
    if write.message.startswith("The provider accepted the change and did not make it"):
        return f"{provider} accepted the change and holds something else: {fields}."
    if write.message.startswith("The answer was lost"):
        return f"{provider}’s answer was lost, and the change was not made."
    if REFUSED in write.payload:
        return f"{provider} refused the change: {_sentence(write.payload[REFUSED])}"
    if write.state == Write.State.CONFLICT:
        return f"It was changed at {provider} meanwhile: {fields}."
    return _sentence(refusal_of(write).text.removesuffix("Nothing was changed."))


def outcome_sentence(save: SequenceSave, reason: str) -> str:
    """What happened, what it means for sending, and that nothing typed is lost."""
    provider = provider_of(save)
    reason = reason.replace("{provider}", provider)
    theirs = "with the text that is there" if save.is_conflict else "with the text as it was"
    match save.outcome:
        case Outcome.SAVED:
            return f"Saved and verified at {provider}."
        case Outcome.RUNNING_NEW:
            again = "active again" if save.was_active else "active"
            return f"Saved and verified at {provider}. The campaign is {again}, with the new text."
        case Outcome.RUNNING_OLD if save.version_id:
            return f"{reason} Your text was saved before. The campaign is active, with the text that is there."
        case Outcome.RUNNING_OLD:
            still = "active again" if save.paused_at else "still active"
            return f"{reason} Nothing was saved and the campaign is {still}, {theirs}. Your text is kept here."
        case Outcome.PAUSED if save.version_id:
            return f"Saved and verified at {provider}, and the campaign is not sending. {reason}"
        case Outcome.PAUSED:
            return f"{reason} Your text was not saved, and the campaign is not sending. Your text is kept here."
    return f"{reason} Nothing was saved. Your text is kept here."


def _sentence(text: str) -> str:
    text = text.strip()
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."


@dataclass(frozen=True)
class StageRow:
    """One stage as a page lists it. `state` is waiting, now, done, failed, skipped or checking; `word` says it."""

    name: str
    state: str
    word: str


@dataclass(frozen=True)
class SaveView:
    """A save in the words of the interface. `moves` while it goes on by itself; `stuck` where it waits for something."""

    save: SequenceSave
    stages: tuple[StageRow, ...]
    title: str
    text: str
    action: str
    """What to do next: compare, start, save again, wait, or nothing."""
    moves: bool
    stuck: bool

    @classmethod
    def of(cls, save: SequenceSave) -> "SaveView":
        """`save` with its write and its campaign's connection in the same query."""
        stages = tuple(_stages(save))
        if save.is_ended:
            return cls(save, stages, _TITLES[save.outcome], save.message, _action(save), moves=False, stuck=False)
        text = _waiting(save)
        return cls(save, stages, _title_now(save), text, "wait" if text else "", moves=True, stuck=bool(text))


_TITLES = {
    Outcome.SAVED.value: "Saved and verified",
    Outcome.RUNNING_NEW.value: "Saved, verified and sending",
    Outcome.RUNNING_OLD.value: "Not saved, still sending",
    Outcome.PAUSED.value: "Not sending",
    Outcome.UNCHANGED.value: "Not saved",
}
NAMES = ("Check", "Pause", "Save", "Verify", "Resume")
DOING = ("Comparing with {provider}…", "Pausing…", "Saving…", "Reading it back…", "Resuming…")
DONE = ("Nobody changed it meanwhile", "Paused", "Saved", "The new text stands", "Sending again")


def _title_now(save: SequenceSave) -> str:
    return DOING[_at(save)].replace("{provider}", provider_of(save))


def _at(save: SequenceSave) -> int:
    """Which of the five stages is under way."""
    write = save.write
    left = write is not None and write.state != Write.State.PENDING
    if save.stage == Stage.PAUSE:
        return 1 if left else 0
    if save.stage == Stage.SAVE:
        return 3 if write is not None and write.state == Write.State.UNKNOWN else 2
    return 4


def _stages(save: SequenceSave) -> list[StageRow]:
    runs = save.was_active or save.stage == Stage.PAUSE
    rows = []
    for place, name in enumerate(NAMES):
        if name in ("Pause", "Resume") and not runs:
            continue
        rows.append(StageRow(name, *_state(save, place)))
    return rows


def _state(save: SequenceSave, place: int) -> tuple[str, str]:
    done, now, waiting = ("done", DONE[place]), ("now", _title_now(save)), ("waiting", "Waits")
    if not save.is_ended:
        at = _at(save)
        if place == at:
            return ("checking", now[1]) if save.write and save.write.state == Write.State.UNKNOWN else now
        if place < at and place in (2, 3) and save.version_id is None:
            return "failed", "Not saved"
        return done if place < at else waiting
    if place == 0:
        return ("failed", "Changed meanwhile") if save.is_conflict and not save.paused_at else done
    if place == 1:
        return done if save.paused_at else ("failed", "Not paused")
    if place in (2, 3):
        return done if save.saved_at else (("failed", "Not saved") if place == 2 else ("skipped", "Not needed"))
    if save.outcome in (Outcome.RUNNING_NEW, Outcome.RUNNING_OLD):
        return done if save.paused_at else ("skipped", "Not needed")
    return "failed", "Not sending"


def _action(save: SequenceSave) -> str:
    if save.is_conflict:
        return "compare"
    if save.outcome == Outcome.PAUSED:
        return "start"
    return "save again" if save.outcome in (Outcome.RUNNING_OLD, Outcome.UNCHANGED) else ""


def _waiting(save: SequenceSave) -> str:
    """What a save that has not ended waits for; "" while it simply goes on."""
    write = save.write
    if write is None or not write.message:
        return ""
    provider = provider_of(save)
    why = _sentence(write.message.removeprefix("We're checking.").strip())
    if "slot" in why or "limit" in why.lower():
        return f"Slowed by {provider}’s rate limit. Your change is queued and goes out shortly."
    sending = "The campaign is paused. " if save.paused_at else ""
    if write.state == Write.State.UNKNOWN:
        what = {
            Stage.PAUSE: "Whether the campaign is paused",
            Stage.SAVE: "Whether the new text has arrived",
            Stage.RESUME: "Whether the campaign is sending again",
        }[Stage(save.stage)]
        return f"{sending}{what} is not known yet; we ask again until {provider} answers. {why}"
    if save.stage == Stage.RESUME and save.version_id:
        return (
            f"The new text is saved and verified, and the campaign is paused. It is resumed as soon as possible. {why}"
        )
    if save.paused_at:
        return f"{sending}{why} It goes on by itself as soon as that is over."
    return f"{why} Nothing was sent so far; we try again."
