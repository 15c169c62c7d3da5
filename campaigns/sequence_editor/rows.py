"""The steps and texts of the editor as rows and panels of its page."""

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.sequence_editor.checks import Checked
from campaigns.sequence_editor.copy_checks import Finding, Report
from campaigns.sequence_editor.copy_checks.contents import MOST_WORDS
from campaigns.sequence_editor.edited import EditedSequence, EditedStep, EditedVariant
from campaigns.services.sequence_texts import Texts
from operations import wording

SUB_LENGTH = 60


@dataclass(frozen=True)
class VariantPanel:
    """One text with what was found in it. `name` reads "Step 1, variant A", or "Step 1" where it is the only text."""

    edited: EditedVariant
    step: EditedStep
    name: str
    report: Report
    shown: bool

    @property
    def key(self) -> str:
        return self.edited.key


@dataclass(frozen=True)
class StepRow:
    """A step in the list. `sub` reads "2 variants · Re: same thread"; `told_number` is its number at the provider now."""

    edited: EditedStep
    number: int
    day: int | None
    sub: str
    errors: int
    warnings: int
    variants: Sequence[VariantPanel]
    problems: Sequence[Finding] = ()
    told_number: int | None = None

    @property
    def key(self) -> str:
        return self.edited.key

    @property
    def shown(self) -> bool:
        return any(one.shown for one in self.variants)

    @property
    def even(self) -> int:
        """The share of each text where all get the same."""
        return round(100 / len(self.variants)) if self.variants else 100


def step_rows(sequence: EditedSequence, checked: Checked, shown: str, current: Texts) -> list[StepRow]:
    """`shown` is the key of a variant or step; an unknown one shows the first text. `current` is what the provider has."""
    told: dict[int | None, int] = {step.id: step.number for step in current if step.id is not None}
    found = sequence.find(shown) or next(((step, variant) for _, step, variant in sequence.variants()), None)
    shown_key = found[1].key if found else ""
    rows, day = [], 0
    for number, step in enumerate(sequence, start=1):
        day += step.delay_days or 0
        panels = [
            VariantPanel(
                variant,
                step,
                f"Step {number}, variant {variant.label}" if len(step.variants) > 1 else f"Step {number}",
                checked.reports[variant.key],
                variant.key == shown_key,
            )
            for variant in step.variants
        ]
        rows.append(
            StepRow(
                step,
                number,
                day,
                _sub(step, number, checked),
                checked.errors_of(step),
                checked.warnings_of(step),
                panels,
                checked.problems.get(step.key, ()),
                told.get(step.id),
            )
        )
    return rows


def _sub(step: EditedStep, number: int, checked: Checked) -> str:
    words = max(checked.reports[one.key].words for one in step.variants)
    if words > MOST_WORDS:
        return f"{words} words, aim for under {MOST_WORDS}"
    count = len(step.variants)
    subject = next((one.subject.strip() for one in step.variants if one.subject.strip()), "")
    about = subject or ("No subject" if number == 1 else "Re: same thread")
    return f"{wording.thousands(count)} variant{'' if count == 1 else 's'} · {about[:SUB_LENGTH]}"


@dataclass(frozen=True)
class Problem:
    """Why nothing was saved. `key` is what it is about and `where` its name; both empty: the sequence as a whole."""

    key: str
    where: str
    text: str


def problems_of(sequence: EditedSequence, checked: Checked) -> list[Problem]:
    """Every error, in the order of the steps."""
    found = [Problem("", "", one.title) for one in checked.problems.get("", ())]
    for number, step in enumerate(sequence, start=1):
        found += [Problem(step.key, f"Step {number}", one.title) for one in checked.problems[step.key]]
        for variant in step.variants:
            where = f"Step {number}, variant {variant.label}" if len(step.variants) > 1 else f"Step {number}"
            errors = [one for one in checked.reports[variant.key].findings if one.is_error]
            found += [Problem(variant.key, where, f"{one.title} {one.code}".strip()) for one in errors]
    return found
