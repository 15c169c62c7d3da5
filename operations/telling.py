"""How changes are told to people: in the words of the interface, with what was before and after.

The rooms above register the words of their kinds (`ChangeWords`); a kind without words is told by its name.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.urls import NoReverseMatch, reverse

from operations import wording
from operations.models import AuditEntry, Write
from operations.registry import change_words, subject_pages, write_kinds

Values = Mapping[str, Any]
FOUND = "found"
STATES = {*Write.State.values, FOUND, "cancelled"}
MOST_WORDS = 160


@dataclass(frozen=True)
class TextChange:
    """A text that was changed, to be shown word by word: pieces of ("equal", "del" or "ins", text)."""

    label: str
    pieces: list[tuple[str, str]]


@dataclass(frozen=True)
class ChangeWords:
    """The words of one kind of change; `kind` is what people choose by.

    `done` says what happened ("Paused"), `attempt` what was wanted ("Pause"); both get the values before and after. `names`
    are labels of fields by their dotted name or its last part, None for one that is not shown; `value` writes one value
    of a field, `reason` why it failed from what the provider said.
    """

    kind: str
    icon: str | Callable[[Values, Values], str] = "edit"
    done: Callable[[Values, Values], str] | None = None
    attempt: Callable[[Values, Values], str] | None = None
    names: Mapping[str, str | None] = field(default_factory=dict)
    value: Callable[[str, Any], str] | None = None
    texts: Callable[[Values, Values], list[TextChange]] | None = None
    reason: Callable[[str], str] | None = None


@dataclass(frozen=True)
class Field:
    """One thing that was changed: how it was and how it is; "" where nothing is told."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Told:
    """One change as people read it. `state` is the shape of a status word: completed, failed, pending, draft."""

    at: datetime
    title: str
    by: str
    icon: str
    kind: str
    state: str
    word: str
    fields: list[Field]
    reason: str = ""
    url: str = ""
    entry: AuditEntry | None = None
    write: Write | None = None

    @property
    def moves(self) -> bool:
        return self.write is not None and not self.write.is_settled

    @property
    def subject_url(self) -> str:
        """Where the thing that was changed has its page; "" if it has none."""
        return page_of_subject(self.entry) if self.entry else ""

    @property
    def few(self) -> list[Field]:
        return self.fields[:4]

    @property
    def more(self) -> int:
        return max(0, len(self.fields) - 4)

    @property
    def in_a_line(self) -> str:
        """Reads "Daily maximum 80 → 160, Hours 09:00–17:00 → 08:00–16:00"."""
        return ", ".join(
            f"{one.label} {one.before or wording.DASH} → {one.after or wording.DASH}" for one in self.fields
        )


def parted(action: str) -> tuple[str, str]:
    """The name of an action and how it ended: "campaign status: done" as ("campaign status", "done")."""
    name, _, state = action.rpartition(": ")
    return (name, state) if name and state in STATES else (action, "")


def words_of(name: str) -> ChangeWords:
    if name in change_words:
        words: ChangeWords = change_words[name]
        return words
    label = str(write_kinds[name].label) if name in write_kinds else name[:1].upper() + name[1:]
    return ChangeWords(label)


def tell_entry(entry: AuditEntry) -> Told:
    """What an entry of the audit trail says; `write` should come with it, or it costs a query."""
    name, state = parted(entry.action)
    words = words_of(name)
    write = entry.write
    ended_badly = state in {Write.State.FAILED, Write.State.CONFLICT, "cancelled"}
    if not ended_badly:
        before, after = entry.before, entry.after
        title, reason = _done(words, before, after), ""
    else:
        before, after = entry.before, write.payload if write else {}
        ending = {Write.State.FAILED: "failed", Write.State.CONFLICT: "not sent"}.get(state, "cancelled")  # type: ignore[call-overload]
        title = f"{_attempt(words, before, after)} {ending}"
        reason = _reason(words, str(entry.after.get("message", "")))
    return Told(
        at=entry.at,
        title=title,
        by=by_whom(entry.origin, entry.actor_label, by_itself=entry.after.get("status") == "completed"),
        icon=_icon(words, before, after),
        kind=words.kind,
        state="failed" if ended_badly else "completed",
        word={Write.State.CONFLICT: "Not sent", Write.State.FAILED: "Failed"}.get(state, "Done"),  # type: ignore[call-overload]
        fields=changed_fields(words, before, after),
        reason=reason,
        url=reverse("operations:audit_entry", args=[entry.pk]),
        entry=entry,
        write=write,
    )


def tell_write(write: Write) -> Told:
    """A change at a provider: what is wanted while it is not settled, then what became of it."""
    words = words_of(write.kind)
    before, wanted, after = write.before, write.payload, write.after
    if write.state == Write.State.DONE:
        title, state, word = _done(words, before, after), "completed", "Done"
    elif write.is_settled:
        ending = "not sent" if write.state == Write.State.CONFLICT else "failed"
        title, state, word = f"{_attempt(words, before, wanted)} {ending}", "failed", ending.capitalize()
    else:
        waits = write.state == Write.State.PENDING
        title = _attempt(words, before, wanted)
        state, word = ("draft", "Waiting") if waits else ("pending", "Being checked")
    return Told(
        at=write.settled_at or write.created_at,
        title=title,
        by=by_whom(write.origin, write.actor_label),
        icon=_icon(words, before, wanted),
        kind=words.kind,
        state=state,
        word=word,
        fields=changed_fields(words, before, after if state == "completed" else wanted),
        reason=_reason(words, write.message) if state == "failed" else write.message,
        url=reverse("operations:change", args=[write.pk]),
        write=write,
    )


def by_whom(origin: str, actor: str, *, by_itself: bool = False) -> str:
    """Reads "Maya Lindqvist", "Automatically", "Changed in Smartlead", or "At Smartlead" for what it did `by_itself`."""
    if origin == AuditEntry.Origin.PROVIDER:
        if by_itself:
            return f"At {actor or 'the provider'}"
        return f"Changed in {actor}" if actor else "Changed at the provider"
    if origin == AuditEntry.Origin.SYSTEM:
        return f"Automatically, for {actor}" if actor else "Automatically"
    return actor or str(dict(AuditEntry.Origin.choices).get(origin, origin))


def _done(words: ChangeWords, before: Values, after: Values) -> str:
    return words.done(before, after) if words.done else words.kind


def _reason(words: ChangeWords, said: str) -> str:
    return words.reason(said) if words.reason and said else said


def _icon(words: ChangeWords, before: Values, after: Values) -> str:
    return words.icon if isinstance(words.icon, str) else words.icon(before, after)


def _attempt(words: ChangeWords, before: Values, after: Values) -> str:
    return words.attempt(before, after) if words.attempt else words.kind


def changed_fields(words: ChangeWords, before: Values, after: Values) -> list[Field]:
    """The fields in which both sides differ, or that only one of them has; those without a label are left out."""
    old, new = dict(_flat(before)), dict(_flat(after))
    found = []
    for name in dict.fromkeys([*old, *new]):
        label = _label(words, name)
        if label is None or old.get(name) == new.get(name):
            continue
        told = Field(label, *(_in_words(words, name, side.get(name)) for side in (old, new)))
        if told.before or told.after:
            found.append(told)
    return found


def columns_of(words: ChangeWords, *sides: Values) -> list[tuple[str, list[str]]]:
    """Each field that one of the sides tells of, with its label and its value on each side; "" where nothing is told."""
    flat = [dict(_flat(side)) for side in sides]
    found = []
    for name in dict.fromkeys(name for side in flat for name in side):
        label = _label(words, name)
        told = [_in_words(words, name, side.get(name)) for side in flat]
        if label is not None and any(told):
            found.append((label, told))
    return found


def texts_of(entry: AuditEntry) -> list[TextChange]:
    """The texts that an entry is about, word by word."""
    words = words_of(parted(entry.action)[0])
    return words.texts(entry.before, entry.after) if words.texts else []


def _flat(values: Values, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _label(words: ChangeWords, name: str) -> str | None:
    last = name.rpartition(".")[2]
    for known in (name, name.partition(".")[0] + ".*", last):
        if known in words.names:
            return words.names[known]
    if last in {"remote_id", "message", "id"} or last.endswith("_id"):
        return None
    text = last.replace("_", " ")
    return text[:1].upper() + text[1:]


def _in_words(words: ChangeWords, name: str, value: Any) -> str:
    told = words.value(name, value) if words.value and value is not None else plain(value)
    return told if len(told) <= MOST_WORDS else told[: MOST_WORDS - 1].rstrip() + "…"


def plain(value: Any) -> str:
    """A value in words: "yes" and "no", lists with commas, numbers with grouped thousands; "" for nothing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return wording.thousands(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(plain(one) for one in value)
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)


def kinds() -> dict[str, str]:
    """The kinds of changes that one may choose by, with their labels: everything that has words, and all kinds of writes."""
    labels = {words_of(name).kind for name in [*change_words.names(), *write_kinds.names()]}
    return {label: label for label in sorted(labels)}


def of_kind(kind: str) -> Q:
    """The entries of this kind."""
    names = [name for name in {*change_words.names(), *write_kinds.names()} if words_of(name).kind == kind]
    return Q(action__in=[*names, *(f"{name}: {state}" for name in names for state in sorted(STATES))])


def page_of_subject(entry: AuditEntry) -> str:
    """Where the thing that was changed has its page; "" if it has none."""
    if entry.subject_type not in subject_pages:
        return ""
    try:
        return reverse(subject_pages[entry.subject_type], args=[entry.subject_id])
    except NoReverseMatch:
        return ""
