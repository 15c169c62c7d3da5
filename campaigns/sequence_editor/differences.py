"""What differs between two sequences, part by part, in words that can be read."""

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.sequence_editor.edited import plain_lines
from campaigns.sequence_editor.word_diff import Change, changes_between
from campaigns.services.sequence_texts import Texts
from providers.drafts import StepDraft, VariantDraft


@dataclass(frozen=True)
class PartChanges:
    """`title` reads "Step 1, variant A"."""

    title: str
    changes: Sequence[Change]


def part_changes(old: Texts, new: Texts) -> list[PartChanges]:
    """From old to new; steps are the same by id, else by number."""
    found = []
    pairs = _pairs(old, new)
    for before, after in pairs:
        step = after or before
        assert step is not None
        title = f"Step {step.number}"
        if before is None or after is None:
            word = ("not there", "there") if before is None else ("there", "not there")
            found.append(PartChanges(title, changes_between([("The step", *word)])))
        if before and after:
            rules = [
                ("Wait", f"{before.delay_days} days", f"{after.delay_days} days"),
                ("Place", f"step {before.number}", f"step {after.number}"),
                ("Split", _split(before), _split(after)),
            ]
            if changed := [rule for rule in rules if rule[1] != rule[2]]:
                found.append(PartChanges(title, changes_between(changed)))
        found += _of_texts(title, before, after)
    return found


def _pairs(old: Texts, new: Texts) -> list[tuple[StepDraft | None, StepDraft | None]]:
    by_id: dict[int | None, StepDraft] = {step.id: step for step in old if step.id is not None}
    by_number = {step.number: step for step in old if step.id is None or all(step.id != one.id for one in new)}
    pairs: list[tuple[StepDraft | None, StepDraft | None]] = []
    used: set[int] = set()
    for step in new:
        before = by_id.get(step.id) or by_number.get(step.number)
        if before is not None:
            used.add(before.number)
        pairs.append((before, step))
    return pairs + [(step, None) for step in old if step.number not in used]


def _of_texts(title: str, before: StepDraft | None, after: StepDraft | None) -> list[PartChanges]:
    olds = {one.label: one for one in before.variants} if before else {}
    news = {one.label: one for one in after.variants} if after else {}
    found = []
    for label in dict.fromkeys([*olds, *news]):
        old, new = olds.get(label, VariantDraft("", "")), news.get(label, VariantDraft("", ""))
        fields = [("Subject", old.subject, new.subject), ("Body", old.body, new.body)]
        differing = [(name, one, other) for name, one, other in fields if plain_lines(one) != plain_lines(other)]
        if differing:
            name = f"{title}, variant {label}" if max(len(olds), len(news)) > 1 else title
            found.append(PartChanges(name, changes_between(differing)))
    return found


def _split(step: StepDraft) -> str:
    return ", ".join(f"{one.label} {one.share}%" for one in step.variants if one.share) or "equally"
