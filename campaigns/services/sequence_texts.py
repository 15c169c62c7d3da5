"""The texts of a sequence as one value: what the editor changes, what is compared, and what is kept as JSON."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from typing import Any

from campaigns.models import Campaign, SequenceVersion, Step
from providers import readback
from providers.drafts import Split, StepDraft, VariantDraft, WinBy
from providers.records import Difference, RemoteStep, RemoteVariant
from providers.text import storable

Texts = tuple[StepDraft, ...]

MOST_DAYS = 365
LABELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class SaveRefused(Exception):
    """A save was not asked for, and nothing was kept: `str()` is the sentence for the person whose text it is."""


class TextsRefused(SaveRefused):
    """No provider would take these texts; `problems` are sentences that say what and where."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = tuple(problems)


def to_json(texts: Texts) -> list[dict[str, Any]]:
    """Plain JSON without loss, but for characters that no database takes."""
    return [
        {
            "id": step.id,
            "number": step.number,
            "delay_days": step.delay_days,
            "split": step.split.value if step.split else None,
            "test_share": step.test_share,
            "win_by": step.win_by.value if step.win_by else None,
            "variants": [
                {
                    "id": one.id,
                    "label": storable(one.label),
                    "subject": storable(one.subject),
                    "body": storable(one.body),
                    "share": one.share,
                }
                for one in step.variants
            ],
        }
        for step in texts
    ]


def from_json(kept: Iterable[Mapping[str, Any]]) -> Texts:
    """What `to_json` made of texts. KeyError or ValueError for anything else."""
    return tuple(
        StepDraft(
            number=int(step["number"]),
            delay_days=int(step["delay_days"]),
            id=step["id"],
            split=Split(step["split"]) if step.get("split") else None,
            test_share=step.get("test_share"),
            win_by=WinBy(step["win_by"]) if step.get("win_by") else None,
            variants=tuple(
                VariantDraft(one["subject"], one["body"], one["label"], one["id"], one["share"])
                for one in step["variants"]
            ),
        )
        for step in kept
    )


def current_texts(campaign: Campaign, remembered: Texts | None = None) -> Texts:
    """The sequence as our copy has it, to be edited. Providers do not tell which steps look for a winner by themselves
    (smartlead-api 3.1.8), so that is as it was last saved here: in `remembered`, or else in the newest version. One query,
    or two.
    """
    texts = tuple(StepDraft.of(step) for step in _kept_steps(campaign))
    return with_remembered_splits(texts, latest_texts(campaign) if remembered is None else remembered)


def _kept_steps(campaign: Campaign) -> Iterator[RemoteStep]:
    texts = tuple(f"variants__{name}" for name in ("pk", "remote_id", "label", "subject", "body", "share"))
    rows = (
        Step.objects.filter(campaign=campaign)
        .order_by("number", "pk", "variants__position", "variants__pk")
        .values_list("pk", "remote_id", "number", "delay_minutes", *texts)
    )
    for (_, remote_id, number, minutes), rows_of_step in groupby(rows, key=itemgetter(0, 1, 2, 3)):
        told = tuple(RemoteVariant(*row[5:]) for row in rows_of_step if row[4] is not None)
        yield RemoteStep(remote_id, number, minutes // Step.MINUTES_A_DAY, told)


def latest_texts(campaign: Campaign) -> Texts:
    """Those of the newest version; empty without one."""
    version = SequenceVersion.objects.filter(campaign=campaign).newest().first()
    return from_json(version.texts) if version else ()


def told_texts(steps: Iterable[RemoteStep]) -> Texts:
    """What a provider told, in the same form and with the same characters as our copy of it."""
    return from_json(to_json(tuple(StepDraft.of(step) for step in steps)))


def with_remembered_splits(texts: Texts, remembered: Texts) -> Texts:
    """With the way of splitting that is not told again, where the same variants still have no shares."""
    known = {step.id: step for step in remembered if step.split is Split.WINNER}
    return tuple(
        replace(step, split=old.split, test_share=old.test_share, win_by=old.win_by)
        if step.id is not None
        and (old := known.get(step.id))
        and step.effective_split is Split.EQUAL
        and {one.id for one in step.variants} == {one.id for one in old.variants}
        else step
        for step in texts
    )


def prepared(texts: Texts, base: Texts) -> Texts:
    """As it is written: steps numbered 1, 2, 3 … in their order, variants labelled, shares only where they mean
    something, and no id that `base` does not have or that stands twice (a copied step is a new one).
    """
    known = {step.id: {one.id for one in step.variants} for step in base if step.id is not None}
    used: set[int | None] = {None}
    made = []
    for number, step in enumerate(sorted(texts, key=lambda one: one.number), start=1):
        kept = step.id if step.id in known and step.id not in used else None
        used.add(kept)
        ids = known[kept] - {None} if kept is not None else set()
        variants = []
        for place, one in enumerate(step.variants):
            share = one.share if step.effective_split is Split.PERCENTAGE else None
            label = one.label or LABELS[place % len(LABELS)]
            variants.append(replace(one, id=one.id if one.id in ids else None, share=share, label=label))
            ids -= {one.id}
        made.append(replace(step, id=kept, number=number, variants=tuple(variants)))
    return tuple(made)


def require_writable(texts: Texts) -> None:
    """TextsRefused for what a provider must not be asked to take. Empty subjects and bodies are a matter of the page."""
    problems = [problem for step in texts for problem in _problems(step)]
    if not texts:
        problems.append("A sequence needs at least one step.")
    if problems:
        raise TextsRefused(problems)


def _problems(step: StepDraft) -> list[str]:
    found = []
    if not step.variants:
        found.append(f"Step {step.number} has no text.")
    if not 0 <= step.delay_days <= MOST_DAYS:
        found.append(f"Step {step.number} waits {step.delay_days} days; 0 to {MOST_DAYS} are possible.")
    if step.number > 1 and step.delay_days == 0:
        found.append(f"Step {step.number} needs a delay of at least one day.")
    labels = [one.label for one in step.variants]
    if len(set(labels)) < len(labels):
        found.append(f"Two variants of step {step.number} have the same name.")
    if step.effective_split is Split.PERCENTAGE:
        if sum(one.share or 0 for one in step.variants) != 100:
            found.append(f"The shares of step {step.number} don't add up to 100%.")
        if any(not 0 <= (one.share or 0) <= 100 for one in step.variants):
            found.append(f"A share of step {step.number} is not between 0 and 100%.")
    if step.effective_split is Split.WINNER and not 20 <= (step.test_share or 20) <= 100:
        found.append(
            f"Step {step.number} tries its variants on {step.test_share}% of the leads; 20 to 100 are possible."
        )
    return found


def differences(expected: Texts, found: Texts) -> list[Difference]:
    """What is otherwise than expected, ids included. Only the form of line ends, and what providers do not tell, is passed over."""
    differing = []
    if [step.id for step in expected] != [step.id for step in found] or len(expected) != len(found):
        differing.append(Difference("steps", [step.id for step in expected], [step.id for step in found]))
        return differing
    for old, new in zip(expected, found, strict=True):
        name = f"step {new.number}"
        if old.delay_days != new.delay_days:
            differing.append(Difference(f"{name} delay_days", old.delay_days, new.delay_days))
        if [one.id for one in old.variants] != [one.id for one in new.variants]:
            differing.append(
                Difference(f"{name} variants", [one.label for one in old.variants], [one.label for one in new.variants])
            )
            continue
        for before, after in zip(old.variants, new.variants, strict=True):
            where = name if len(new.variants) == 1 else f"{name} variant {after.label}"
            for field, one, other in (
                ("label", before.label, after.label),
                ("subject", readback.line_ends(before.subject), readback.line_ends(after.subject)),
                ("body", readback.line_ends(before.body), readback.line_ends(after.body)),
                ("share", _share(old, before), _share(new, after)),
            ):
                if one != other:
                    differing.append(Difference(f"{where} {field}", one, other))
    return differing


def same_texts(one: Texts, other: Texts) -> bool:
    """Whether both would be the same sequence at the provider."""
    return not differences(one, other) and _told_nowhere(one) == _told_nowhere(other)


def _share(step: StepDraft, variant: VariantDraft) -> int:
    return (variant.share or 0) if step.effective_split is Split.PERCENTAGE else 0


def _told_nowhere(texts: Texts) -> list[object]:
    return [
        (step.test_share or 20, step.win_by or WinBy.REPLIES) if step.split is Split.WINNER else None for step in texts
    ]
