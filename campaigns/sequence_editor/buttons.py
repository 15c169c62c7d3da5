"""What the buttons of the sequence editor do to the steps, in a plain request as well as for scripts."""

from campaigns.sequence_editor.edited import NEW_STEP_DELAY, EditedSequence, EditedStep, EditedVariant
from campaigns.services.sequence_texts import LABELS
from providers.drafts import Split


def new_key(sequence: EditedSequence) -> str:
    """A key that no step or variant of the page has."""
    taken = {step.key for step in sequence} | {variant.key for _, _, variant in sequence.variants()}
    return next(f"n{number}" for number in range(1, len(taken) + 2) if f"n{number}" not in taken)


def new_step(key: str, *, first: bool = False) -> EditedStep:
    return EditedStep(key, "0" if first else str(NEW_STEP_DELAY), [EditedVariant(f"{key}v1")])


def add_step(sequence: EditedSequence) -> EditedStep:
    step = new_step(new_key(sequence), first=not sequence.steps)
    sequence.steps.append(step)
    return step


def remove_step(sequence: EditedSequence, key: str) -> None:
    """The step that follows a removed first step is sent at once, as that was."""
    for place, step in enumerate(sequence.steps):
        if step.key == key:
            del sequence.steps[place]
            if place == 0 and sequence.steps:
                sequence.steps[0].delay = step.delay
            return


def move_step(sequence: EditedSequence, key: str, by: int) -> None:
    """Waits belong to places, not to steps: the days on which something is sent stay, the texts change theirs."""
    places = [place for place, step in enumerate(sequence.steps) if step.key == key]
    if not places or not 0 <= places[0] + by < len(sequence.steps):
        return
    delays = [step.delay for step in sequence.steps]
    sequence.steps.insert(places[0] + by, sequence.steps.pop(places[0]))
    for step, delay in zip(sequence.steps, delays, strict=True):
        step.delay = delay


def new_variant(step: EditedStep, key: str) -> EditedVariant:
    """A copy of the step's last text under the next free label: one changes what differs."""
    taken = {variant.label for variant in step.variants}
    label = next((letter for letter in LABELS if letter not in taken), "Z")
    last = step.variants[-1] if step.variants else EditedVariant("")
    return EditedVariant(key, last.subject, last.body, label)


def add_variant(sequence: EditedSequence, key: str) -> EditedVariant | None:
    for step in sequence:
        if step.key == key:
            variant = new_variant(step, new_key(sequence))
            step.variants.append(variant)
            if step.by_share:
                variant.share = "0"
            return variant
    return None


def remove_variant(sequence: EditedSequence, key: str) -> None:
    """The last text of a step stays: a step without a text is removed as a whole."""
    for step in sequence:
        kept = [variant for variant in step.variants if variant.key != key]
        if kept and len(kept) < len(step.variants):
            step.variants = kept
            if len(kept) == 1:
                step.split = Split.EQUAL
                kept[0].share = ""
