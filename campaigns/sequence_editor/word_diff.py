"""Two versions of a text beside each other: the paragraphs that differ, with the words that differ."""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from campaigns.sequence_editor.copy_checks.html_text import seen

_WORDS = re.compile(r"\{\{[^{}]*\}\}|\s+|[\w'’-]+|[^\w\s]")


@dataclass(frozen=True)
class Piece:
    text: str
    changed: bool


@dataclass(frozen=True)
class Change:
    """One passage. `old` or `new` is None where there is nothing on that side."""

    where: str
    old: tuple[Piece, ...] | None
    new: tuple[Piece, ...] | None


def changes_between(fields: Iterable[tuple[str, str, str]]) -> list[Change]:
    """For fields as name, old value and new value. Bodies are compared as their readers see them, and as HTML where only
    that differs.
    """
    found: list[Change] = []
    for name, old, new in fields:
        if name == "Body":
            found += body_changes(old, new)
        else:
            found.append(_change(name, old, new))
    return found


def body_changes(old: str, new: str) -> list[Change]:
    before, after = seen(old).paragraphs, seen(new).paragraphs
    if before == after:
        before, after = tuple(old.split("\n")), tuple(new.split("\n"))
        return _passages(before, after, "Body, HTML line") if before != after else []
    return _passages(before, after, "Body, paragraph")


def _passages(before: Sequence[str], after: Sequence[str], name: str) -> list[Change]:
    found = []
    for kind, from_old, to_old, from_new, to_new in difflib.SequenceMatcher(None, before, after, False).get_opcodes():
        if kind == "equal":
            continue
        for place in range(max(to_old - from_old, to_new - from_new)):
            old = before[from_old + place] if from_old + place < to_old else None
            new = after[from_new + place] if from_new + place < to_new else None
            number = (from_new if new is not None else from_old) + place + 1
            found.append(_change(f"{name} {number}", old, new))
    return found


def _change(where: str, old: str | None, new: str | None) -> Change:
    if old is None or new is None or not old or not new:
        return Change(where, _whole(old), _whole(new))
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    left: list[Piece] = []
    right: list[Piece] = []
    for kind, from_old, to_old, from_new, to_new in difflib.SequenceMatcher(None, before, after, False).get_opcodes():
        for side, words in ((left, before[from_old:to_old]), (right, after[from_new:to_new])):
            if words:
                side.append(Piece("".join(words), kind != "equal"))
    return Change(where, tuple(left), tuple(right))


def _whole(text: str | None) -> tuple[Piece, ...] | None:
    return (Piece(text, False),) if text else None
