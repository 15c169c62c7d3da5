"""The sequence editor as it is posted: read into steps and variants, without losing or changing what was not touched."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.http import QueryDict

from campaigns.services.sequence_texts import LABELS, Texts
from providers.drafts import Split, StepDraft, VariantDraft

NEW_STEP_DELAY = 3
MOST_TEXT = 200_000


@dataclass
class EditedVariant:
    """One text as it stands in the form. `key` names its fields for as long as the page is open; `id` is the provider's."""

    key: str
    subject: str = ""
    body: str = ""
    label: str = "A"
    id: int | None = None
    share: str = ""
    """As typed; empty: no percentage."""


@dataclass
class EditedStep:
    """`delay` is as typed."""

    key: str
    delay: str = "0"
    variants: list[EditedVariant] = field(default_factory=list)
    id: int | None = None
    split: Split = Split.EQUAL

    @property
    def delay_days(self) -> int | None:
        """None where what was typed is no whole number."""
        return whole_number(self.delay)

    @property
    def by_share(self) -> bool:
        return self.split is Split.PERCENTAGE


@dataclass
class EditedSequence:
    steps: list[EditedStep] = field(default_factory=list)

    def __iter__(self) -> Iterator[EditedStep]:
        return iter(self.steps)

    def variants(self) -> Iterator[tuple[int, EditedStep, EditedVariant]]:
        """Every text with its step and the step's number."""
        for number, step in enumerate(self.steps, start=1):
            for variant in step.variants:
                yield number, step, variant

    def find(self, key: str) -> tuple[EditedStep, EditedVariant] | None:
        """The variant of that key, or the first variant of the step of that key."""
        for step in self.steps:
            for variant in step.variants:
                if key in (variant.key, step.key):
                    return step, variant
        return None

    def number_of(self, step: EditedStep) -> int:
        return self.steps.index(step) + 1


def whole_number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


def edited(texts: Texts) -> EditedSequence:
    """Texts as the editor shows them, with keys that tell their place: s1, s1v1, s1v2, s2 …"""
    steps = []
    for number, step in enumerate(texts, start=1):
        variants = [
            EditedVariant(
                f"s{number}v{place}",
                one.subject,
                one.body,
                one.label,
                one.id,
                "" if one.share is None else str(one.share),
            )
            for place, one in enumerate(step.variants, start=1)
        ]
        steps.append(EditedStep(f"s{number}", str(step.delay_days), variants, step.id, step.effective_split))
    return EditedSequence(steps)


def texts_of(sequence: EditedSequence, known: Texts) -> Texts:
    """As the services take it. What was typed wrongly counts as 0; `known` has what the editor does not show."""
    by_id: dict[int | None, StepDraft] = {step.id: step for step in known if step.id is not None}
    made = []
    for number, step in enumerate(sequence, start=1):
        old = by_id.get(step.id)
        shared = step.split is Split.PERCENTAGE
        variants = tuple(
            VariantDraft(one.subject, one.body, one.label, one.id, (whole_number(one.share) or 0) if shared else None)
            for one in step.variants
        )
        made.append(
            StepDraft(
                number=number,
                delay_days=step.delay_days or 0,
                variants=variants,
                id=step.id,
                split=step.split if step.split is Split.WINNER else None,
                test_share=old.test_share if old else None,
                win_by=old.win_by if old else None,
            )
        )
    return tuple(made)


def read_sequence(data: QueryDict, *known: Texts) -> EditedSequence:
    """The posted steps in their posted order. A text that is one of `known` (what the page was drawn from, first match
    counts) but for its line ends is exactly that: a browser sends every line end of a text field as CRLF, and an untouched
    text must go back byte for byte. A text that is not posted at all is the first known one: drafts are sent without
    what nobody has touched.
    """
    before = [dict(_texts(texts)) for texts in known]
    steps = []
    for key in _keys(data, "step"):
        step = EditedStep(key, data.get(f"{key}-delay", "").strip()[:6], id=_id(data, key), split=_split(data, key))
        for place, variant_key in enumerate(_keys(data, f"{key}-variant")):
            variant = EditedVariant(
                variant_key,
                label=data.get(f"{variant_key}-label", "")[:60] or LABELS[place % 26],
                id=_id(data, variant_key),
                share=data.get(f"{variant_key}-share", "").strip()[:6],
            )
            identity = _identity(step.id, variant.id, place)
            old = [texts[identity] for texts in before if identity in texts]
            variant.subject = _text(data, f"{variant_key}-subject", [one.subject for one in old])
            variant.body = _text(data, f"{variant_key}-body", [one.body for one in old])
            step.variants.append(variant)
        if step.variants:
            if len(step.variants) == 1:
                step.split = Split.EQUAL
            steps.append(step)
    return EditedSequence(steps)


def _text(data: QueryDict, name: str, before: list[str]) -> str:
    posted = data.get(name)
    if posted is None:
        return before[0] if before else ""
    return as_before(posted[:MOST_TEXT], before)


def _keys(data: QueryDict, name: str) -> list[str]:
    return list(dict.fromkeys(key for key in data.getlist(name) if key.isalnum()))[:100]


def _split(data: QueryDict, key: str) -> Split:
    try:
        return Split(data.get(f"{key}-split", ""))
    except ValueError:
        return Split.EQUAL


def _id(data: QueryDict, key: str) -> int | None:
    text = data.get(f"{key}-id", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


Identity = tuple[int | None, int | None, int]


def _texts(texts: Texts) -> Iterable[tuple[Identity, VariantDraft]]:
    for step in texts:
        for place, variant in enumerate(step.variants):
            yield _identity(step.id, variant.id, place), variant


def _identity(step_id: int | None, variant_id: int | None, place: int) -> Identity:
    """What a text is known by: its own id, or its place in its step where the provider gives it none."""
    return (None, variant_id, 0) if variant_id is not None else (step_id, None, place)


def as_before(posted: str, before: Iterable[str]) -> str:
    """The first of `before` for which a browser's text field sends just this; else the posted text, with the line ends that
    the text had before.
    """
    plain, known = plain_lines(posted), list(before)
    for text in known:
        if plain == plain_lines(text):
            return text
    return plain.replace("\n", "\r\n") if known and "\r\n" in known[0] else plain


def plain_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
