"""How two texts of a sequence differ: which step and which variant became which, and what of them was changed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

from campaigns.models import Step
from campaigns.services.sequence_texts import Texts
from providers.drafts import Split, StepDraft, VariantDraft
from providers.readback import line_ends

ALIKE = 0.5
"""From this share of common words on, a step without an id is taken for the one that it seems to come from."""
_WORDS = re.compile(r"\s+|[^\s\w]|\w+")

Pair = tuple[StepDraft | None, StepDraft | None]
Values = dict[str, Any]


@dataclass(frozen=True)
class Piece:
    kind: Literal["equal", "del", "ins"]
    text: str


def word_pieces(old: str, new: str) -> tuple[Piece, ...]:
    """Both texts in one: the words that stay, those that went, those that came."""
    before, after = _WORDS.findall(old), _WORDS.findall(new)
    pieces: list[Piece] = []
    for tag, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("equal", "".join(before[a:b])))
            continue
        if b > a:
            pieces.append(Piece("del", "".join(before[a:b])))
        if d > c:
            pieces.append(Piece("ins", "".join(after[c:d])))
    return tuple(pieces)


def changed_parts(old: Texts, new: Texts) -> tuple[Values, Values]:
    """What was changed, as the audit trail keeps it: values by name, whole texts under `texts`; before and after."""
    changes = _Changes({}, {}, {}, {})
    pairs = step_pairs(old, new)
    for before, after in sorted(pairs, key=lambda pair: ((pair[1] or pair[0]).number, pair[0] is None)):  # type: ignore[union-attr]
        changes.of_step(before, after)
    if changes.old_texts:
        changes.old["texts"], changes.new["texts"] = changes.old_texts, changes.new_texts
    return changes.old, changes.new


@dataclass
class _Changes:
    old: Values
    new: Values
    old_texts: dict[str, str]
    new_texts: dict[str, str]

    def of_step(self, before: StepDraft | None, after: StepDraft | None) -> None:
        step = after or before
        assert step is not None
        name = f"Step {step.number}"
        if before is None or after is None:
            self._there(name, before, after)
        else:
            # Delays in minutes, as the audit trail has them of all providers.
            delays = [one.delay_days * Step.MINUTES_A_DAY for one in (before, after)]
            self._note(f"{name}, delay", *delays)
            if max(len(before.variants), len(after.variants)) > 1:
                self._note(f"{name}, split", before.effective_split, after.effective_split)
            self._note(f"{name}, position", before.number, after.number)
        pairs = list(variant_pairs(before, after))
        for was, is_now in pairs:
            self._of_variant(name, (before, was), (after, is_now), alone=len(pairs) == 1)

    def _of_variant(
        self,
        name: str,
        old: tuple[StepDraft | None, VariantDraft | None],
        new: tuple[StepDraft | None, VariantDraft | None],
        *,
        alone: bool,
    ) -> None:
        (before, was), (after, is_now) = old, new
        one = is_now or was
        assert one is not None
        own = f"{name}, text" if alone else f"{name}, variant {one.label}"
        if was is None or is_now is None:
            if before is not None and after is not None:
                self._there(own, was, is_now)
        else:
            self._note(f"{own}, share", _share(before, was), _share(after, is_now))
        for part in ("subject", "body"):
            text, other = getattr(was, part, ""), getattr(is_now, part, "")
            if line_ends(text) != line_ends(other):
                self.old_texts[f"{own}, {part}"], self.new_texts[f"{own}, {part}"] = text, other

    def _there(self, name: str, before: object, after: object) -> None:
        self._note(name, *("there" if side else "not there" for side in (before, after)))

    def _note(self, name: str, before: Any, after: Any) -> None:
        if before != after:
            self.old[name], self.new[name] = before, after


def step_pairs(old: Texts, new: Texts) -> list[Pair]:
    """Which step became which: by id, and those without a partner by what they say."""
    by_id: dict[int | None, StepDraft] = {step.id: step for step in old if step.id is not None}
    pairs: list[Pair] = []
    left = []
    for step in new:
        if (partner := by_id.pop(step.id, None)) is not None:
            pairs.append((partner, step))
        else:
            left.append(step)
    lone = [step for step in old if step.id is None or step.id in by_id]
    for step in left:
        best = max(lone, key=lambda one: _likeness(one, step), default=None)
        if best is not None and _likeness(best, step) >= ALIKE:
            lone.remove(best)
            pairs.append((best, step))
        else:
            pairs.append((None, step))
    return pairs + [(step, None) for step in lone]


def variant_pairs(
    old: StepDraft | None, new: StepDraft | None
) -> Iterator[tuple[VariantDraft | None, VariantDraft | None]]:
    """Which variant became which: by id, else by its label."""
    left = list(old.variants) if old else []
    for one in new.variants if new else ():
        partner = next((it for it in left if it.id is not None and it.id == one.id), None)
        partner = partner or next((it for it in left if it.label == one.label and None in (it.id, one.id)), None)
        if partner is None and old and new and len(old.variants) == len(new.variants) == 1:
            partner = left[0]
        if partner is not None:
            left.remove(partner)
        yield partner, one
    yield from ((one, None) for one in left)


def _likeness(one: StepDraft, other: StepDraft) -> float:
    before, after = (" ".join(it.body for it in step.variants).split() for step in (one, other))
    return SequenceMatcher(None, before, after, autojunk=False).ratio()


def _share(step: StepDraft | None, variant: VariantDraft) -> int | None:
    return variant.share if step is not None and step.effective_split is Split.PERCENTAGE else None
