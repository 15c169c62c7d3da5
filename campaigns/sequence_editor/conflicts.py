"""Three versions of a sequence: what a person typed, what they began with, and what the provider holds now.

What only one side changed is taken over by itself; what both changed is a conflict that the person decides.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from campaigns.sequence_editor.edited import plain_lines
from campaigns.services.sequence_texts import Texts
from providers.drafts import StepDraft, VariantDraft

VariantId = int | str
ORDER = "order"
WHOLE = "step"


@dataclass(frozen=True)
class Conflict:
    """Both changed this part. `key` names it in forms: "12" wait and split of a step, "12.34" a text of it,
    "12.step" all of it, "order" the order of steps. The
    fields are pairs of a name and its two values, theirs and mine.
    """

    key: str
    title: str
    fields: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Merged:
    """`texts` with what the provider alone changed taken over. `base` is what a save of it must find at the provider; while
    there are conflicts it is the old one, so that nothing could be overwritten.
    """

    texts: Texts
    base: Texts
    conflicts: tuple[Conflict, ...]
    taken_over: bool


def merge(mine: Texts, base: Texts, theirs: Texts) -> Merged:
    """Untouched parts become theirs; touched ones stay mine, and are conflicts where they were changed there too."""
    conflicts: list[Conflict] = []
    old, new = _by_id(base), _by_id(theirs)
    steps: list[StepDraft] = []
    for step in mine:
        before, now = old.get(step.id), new.get(step.id)
        if before is None or step.id is None:
            steps.append(step)
        elif now is None:
            if not _same_step(step, before):
                conflicts.append(
                    Conflict(f"{step.id}.{WHOLE}", f"Step {step.number}", (("The step", "removed", "kept"),))
                )
                steps.append(step)
        else:
            steps.append(_merged_step(step, before, now, conflicts))
    kept = {step.id for step in mine}
    for now in theirs:
        before = old.get(now.id)
        if now.id in kept:
            continue
        if before is None:
            steps.insert(min(now.number - 1, len(steps)), now)
        elif not _same_step(before, now):
            conflicts.append(
                Conflict(
                    f"{now.id}.{WHOLE}", f"Step {now.number}, which you removed,", (("The step", "changed", "removed"),)
                )
            )
    steps = _ordered(steps, base, theirs, conflicts)
    texts = tuple(replace(step, number=number) for number, step in enumerate(steps, start=1))
    return Merged(texts, base if conflicts else theirs, tuple(conflicts), texts != mine)


def decide(mine: Texts, base: Texts, theirs: Texts, key: str, *, take_theirs: bool) -> tuple[Texts, Texts]:
    """Mine and base after one conflict was decided; what is not that part stays as it is."""
    if key == ORDER:
        return (_in_order(mine, theirs), base) if take_theirs else (mine, _in_order(base, theirs))
    if take_theirs:
        return _with_part(mine, theirs, key), base
    step_id = key.partition(".")[0]
    if not _find(theirs, step_id):
        # A step that is gone there and kept here can only be made anew.
        kept = tuple(_anew(step) if str(step.id) == step_id else step for step in mine)
        return kept, tuple(step for step in base if str(step.id) != step_id)
    return mine, _with_part(base, theirs, key)


def _anew(step: StepDraft) -> StepDraft:
    return replace(step, id=None, variants=tuple(replace(one, id=None) for one in step.variants))


def _merged_step(mine: StepDraft, base: StepDraft, theirs: StepDraft, conflicts: list[Conflict]) -> StepDraft:
    key, title = str(mine.id), f"Step {mine.number}"
    merged = mine
    if _rule(theirs) != _rule(base) and _rule(theirs) != _rule(mine):
        if _rule(mine) == _rule(base):
            merged = _with_rule(mine, theirs)
        else:
            conflicts.append(Conflict(key, title, (("Wait and split", _rule_in_words(theirs), _rule_in_words(mine)),)))
    old, new, own = _variants(base), _variants(theirs), _variants(mine)
    variants: list[VariantDraft] = []
    for number, variant in zip(own, merged.variants, strict=True):
        before, now = old.get(number), new.get(number)
        where = f"{title}, variant {variant.label}" if len(own) > 1 or len(new) > 1 else title
        if before is None:
            variants.append(variant)
        elif now is None:
            if _text(variant) != _text(before):
                conflicts.append(Conflict(f"{key}.{number}", where, (("The text", "removed", "kept"),)))
                variants.append(variant)
        elif _text(now) in (_text(before), _text(variant)):
            variants.append(variant)
        elif _text(variant) == _text(before):
            variants.append(replace(now, share=variant.share))
        else:
            conflicts.append(Conflict(f"{key}.{number}", where, _fields(now, variant)))
            variants.append(variant)
    for number, now in new.items():
        if number not in own and number not in old:
            variants.append(now)
        elif number not in own and _text(now) != _text(old[number]):
            gone = (("The text", "changed", "removed"),)
            conflicts.append(Conflict(f"{key}.{number}", f"{title}, variant {now.label}, which you removed,", gone))
    return replace(merged, variants=tuple(variants))


def _fields(theirs: VariantDraft, mine: VariantDraft) -> tuple[tuple[str, str, str], ...]:
    pairs = (
        ("Name", theirs.label, mine.label),
        ("Subject", theirs.subject, mine.subject),
        ("Body", theirs.body, mine.body),
    )
    return tuple(pair for pair in pairs if plain_lines(pair[1]) != plain_lines(pair[2]))


def _with_part(texts: Texts, source: Texts, key: str) -> Texts:
    """`texts` with the part of that key as it is in `source`; absent there, it goes."""
    step_id, _, variant_id = key.partition(".")
    step, new = _find(texts, step_id), _find(source, step_id)
    if new is None:
        return tuple(one for one in texts if one is not step)
    if step is None:
        return (*texts[: new.number - 1], new, *texts[new.number - 1 :])
    changed = (
        new if variant_id == WHOLE else _with_variant(step, new, variant_id) if variant_id else _with_rule(step, new)
    )
    return tuple(changed if one is step else one for one in texts)


def _with_variant(step: StepDraft, source: StepDraft, variant_id: str) -> StepDraft:
    new = {str(number): one for number, one in _variants(source).items()}.get(variant_id)
    own = [(str(number), one) for number, one in _variants(step).items()]
    variants = [new if number == variant_id else one for number, one in own]
    if new is not None and variant_id not in dict(own):
        variants.append(new)
    return replace(step, variants=tuple(one for one in variants if one is not None))


def _with_rule(step: StepDraft, source: StepDraft) -> StepDraft:
    """With wait, split and shares of `source`."""
    shares = {number: one.share for number, one in _variants(source).items()}
    variants = tuple(replace(one, share=shares.get(number)) for number, one in _variants(step).items())
    return replace(
        step,
        delay_days=source.delay_days,
        split=source.split,
        test_share=source.test_share,
        win_by=source.win_by,
        variants=variants,
    )


def _rule(step: StepDraft) -> tuple[object, ...]:
    """Wait, split, and the shares of the texts that exist at the provider."""
    shares = {number: one.share or 0 for number, one in _variants(step).items() if isinstance(number, int)}
    return step.delay_days, step.effective_split, shares if any(shares.values()) else {}


def _rule_in_words(step: StepDraft) -> str:
    shares = ", ".join(f"{one.label} {one.share}%" for one in step.variants if one.share)
    return f"{step.delay_days} days, {shares or 'equally'}"


def _ordered(steps: list[StepDraft], base: Texts, theirs: Texts, conflicts: list[Conflict]) -> list[StepDraft]:
    common = {step.id for step in theirs} & {step.id for step in base} & {step.id for step in steps}
    orders = [[step.id for step in texts if step.id in common] for texts in (steps, base, theirs)]
    own, before, now = orders
    if now in (before, own):
        return steps
    if own == before:
        return list(_in_order(tuple(steps), theirs))
    places = {step.id: step.number for step in base}
    words = [", ".join(f"step {places[number]}" for number in order) for order in (now, own)]
    conflicts.append(Conflict(ORDER, "The order of steps", (("Order", words[0], words[1]),)))
    return steps


def _in_order(texts: Texts, like: Texts) -> Texts:
    """The steps that both have in the order of `like`; others keep their places."""
    places: dict[int | None, int] = {step.id: place for place, step in enumerate(like) if step.id is not None}
    ordered = iter(sorted((step for step in texts if step.id in places), key=lambda step: places[step.id]))
    return tuple(next(ordered) if step.id in places else step for step in texts)


def _by_id(texts: Texts) -> dict[int | None, StepDraft]:
    return {step.id: step for step in texts if step.id is not None}


def _find(texts: Iterable[StepDraft], step_id: str) -> StepDraft | None:
    return next((step for step in texts if str(step.id) == step_id), None)


def _variants(step: StepDraft) -> dict[VariantId, VariantDraft]:
    """By id, or by place where there is none."""
    return {one.id if one.id is not None else f"p{place}": one for place, one in enumerate(step.variants)}


def _text(variant: VariantDraft) -> tuple[str, str, str]:
    return variant.label, plain_lines(variant.subject), plain_lines(variant.body)


def _same_step(one: StepDraft, other: StepDraft) -> bool:
    def whole(step: StepDraft) -> Sequence[object]:
        return [_rule(step), [(number, _text(text)) for number, text in _variants(step).items()]]

    return whole(one) == whole(other)
