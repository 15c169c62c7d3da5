"""Sequences as they are read (smartlead-api 3.1.8)."""

from typing import Annotated, Any

from pydantic import BeforeValidator

from providers.calls import Answer, Call, get
from providers.records import RemoteStep, RemoteVariant
from providers.smartlead.parsing import (
    Flag,
    Id,
    Int,
    Shape,
    Text,
    Time,
    Verbatim,
    as_int,
    as_rows,
    list_in,
    maybe,
    needed,
    read,
)


def delay_days(value: Any) -> int | None:
    """The delay under either spelling, as a number or text, or bare (7.1)."""
    if isinstance(value, dict):
        return as_int(value.get("delayInDays", value.get("delay_in_days")))
    return as_int(value)


class VariantShape(Shape):
    id: Int = None
    label: Text = maybe("variant_label", "variant_name", default="")
    subject: Verbatim = ""
    body: Verbatim = maybe("email_body", default="")
    deleted: Flag = maybe("is_deleted")
    # null, a number, or the word "None" (1.9)
    share: Int = maybe("variant_distribution_percentage")

    def record(self) -> RemoteVariant:
        return RemoteVariant(self.id, self.label, self.subject, self.body, self.share)


class StepShape(Shape):
    id: Int = None
    number: Id = needed("seq_number", "seqNumber")
    delay: Annotated[int | None, BeforeValidator(delay_days)] = maybe("seq_delay_details")
    subject: Verbatim = ""
    body: Verbatim = maybe("email_body", default="")
    variants: Annotated[tuple[VariantShape, ...], BeforeValidator(as_rows)] = maybe(
        "sequence_variants", "seq_variants", "variants", default=()
    )
    created_at: Time = None
    updated_at: Time = None

    def record(self) -> RemoteStep:
        variants = tuple(variant.record() for variant in self.variants if not variant.deleted)
        if not variants:
            # A step with a single text may have no variants and keep the text itself.
            variants = (RemoteVariant(None, "A", self.subject, self.body),)
        return RemoteStep(self.id, self.number, self.delay or 0, variants, self.created_at, self.updated_at)


def read_steps(answer: Answer) -> tuple[RemoteStep, ...]:
    rows = list_in(answer, "sequences")
    return tuple(sorted((read(StepShape, row).record() for row in rows), key=lambda step: step.number))


def steps(campaign_id: int) -> Call[tuple[RemoteStep, ...]]:
    """The steps in order, whatever order they come in, without deleted variants (3.1.8). No steps is an empty tuple."""
    return get(f"/campaigns/{campaign_id:d}/sequences", read_steps)
