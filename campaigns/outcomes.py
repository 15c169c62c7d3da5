"""What became of a save, for the editors: words, and field by field what was wanted beside what the provider says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from campaigns.refusals import told_in_full, waiting_words
from operations.models import Write
from operations.wording import DASH

Show = Callable[[str, Any], str]


@dataclass(frozen=True)
class FieldOutcome:
    """One field of a save: `wanted` by us, `told` by the provider now. `choice` is its radio group after a conflict."""

    name: str
    label: str
    wanted: str
    told: str
    was: str = ""
    takes_theirs: bool = False


@dataclass(frozen=True)
class Outcome:
    """`state` is that of the write; `fields` are those that a partial or refused save, or a conflict, is about."""

    write: Write
    level: str
    title: str
    text: str
    fields: list[FieldOutcome] = field(default_factory=list)

    @property
    def is_pending(self) -> bool:
        return not self.write.is_settled

    @property
    def is_conflict(self) -> bool:
        return self.write.state == Write.State.CONFLICT

    @property
    def is_done(self) -> bool:
        return self.write.state == Write.State.DONE


@dataclass(frozen=True)
class Words:
    """How one editor speaks: the thing ("Schedule"), labels of fields, and how a value of one reads."""

    thing: str
    labels: Mapping[str, str]
    show: Show
    untold: tuple[str, ...] = ()


def outcome_of(write: Write, words: Words, *, provider: str, now_told: Mapping[str, Any], user: Any) -> Outcome:
    """What the page says of this save. `now_told` is the provider's state as our copy has it."""
    if not write.is_settled:
        who = "Your change" if write.actor_id == user.pk else f"A change by {write.actor_label or 'a colleague'}"
        text = f"{who} is on its way to {provider}. It counts as saved once {provider} says so."
        return Outcome(write, "acc", "Saving…", f"{text} {waiting_words(write)}".strip())
    if write.state == Write.State.DONE:
        return Outcome(write, "good", f"{words.thing} saved.", _confirmed(write, words, provider))
    if write.state == Write.State.CONFLICT:
        fields = [
            _field(name, write, words, now_told)
            for name in write.before
            if now_told.get(name) != write.before[name] and now_told.get(name) != write.payload.get(name)
        ]
        text = "Nothing was sent. Choose for each field, then save again. What you typed is kept below."
        return Outcome(write, "warn", f"Changed in {provider} since you opened this page.", text, fields)
    wanted = [name for name in write.payload if name in words.labels]
    missed = (
        [_field(name, write, words, write.after) for name in wanted if _differs(name, write)] if write.after else []
    )
    kept = len([name for name in wanted if name not in words.untold and _changed(name, write)]) - len(missed)
    if missed and (kept > 0 or "repeats_change" in write.payload):
        text = f"{provider} accepted all of it and did not make these. The rest is saved."
        return Outcome(write, "bad", f"{provider} took only a part of it.", text, missed)
    if missed:
        text = f"{provider} accepted the change and did not make it. What you typed is kept below."
        return Outcome(write, "bad", f"{words.thing} not saved.", text, missed)
    text = f"{told_in_full(write.message, write.kind)} What you typed is kept below."
    return Outcome(write, "bad", f"{words.thing} not saved.", text)


def _confirmed(write: Write, words: Words, provider: str) -> str:
    untold = [words.labels[name].lower() for name in words.untold if name in write.payload]
    told = [name for name in write.payload if name in words.labels and name not in words.untold]
    parts = []
    if told:
        parts.append(f"Read back from {provider}: it says the same.")
    if untold:
        parts.append(f"Accepted, can’t be read back: {', '.join(untold)}.")
    return " ".join(parts)


def _differs(name: str, write: Write) -> bool:
    return name in write.after and write.after[name] != write.payload[name] and write.after[name] is not None


def _changed(name: str, write: Write) -> bool:
    return bool(write.before.get(name) != write.payload[name])


def _field(name: str, write: Write, words: Words, told: Mapping[str, Any]) -> FieldOutcome:
    before, wanted = write.before.get(name), write.payload.get(name)
    return FieldOutcome(
        name,
        words.labels.get(name, name),
        words.show(name, wanted) or DASH,
        words.show(name, told.get(name)) or DASH,
        words.show(name, before) or DASH,
        takes_theirs=wanted == before,
    )
