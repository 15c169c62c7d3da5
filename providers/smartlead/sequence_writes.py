"""The one writer of sequences (smartlead-api 3.1.9)."""

from collections.abc import Sequence
from typing import Any

from providers.calls import Call, write
from providers.drafts import Split, StepDraft, VariantDraft, WinBy
from providers.smartlead.dialect import LIVE, Dialect, Learn, forget, in_forms, is_other_form
from providers.smartlead.parsing import acknowledged

_SPLITS = {Split.EQUAL: "MANUAL_EQUAL", Split.PERCENTAGE: "MANUAL_PERCENTAGE", Split.WINNER: "AI_EQUAL"}
_WIN_BY = {
    WinBy.OPENS: "OPEN_RATE",
    WinBy.CLICKS: "CLICK_RATE",
    WinBy.REPLIES: "REPLY_RATE",
    WinBy.POSITIVE_REPLIES: "POSITIVE_REPLY_RATE",
}


def save_steps(
    campaign_id: int, drafts: Sequence[StepDraft], *, dialect: Dialect = LIVE, learn: Learn = forget
) -> Call[None]:
    """Replaces the whole sequence: a step that is left out is removed, one without its id loses its history (3.1.9).

    Refused while the campaign is active. Not repeatable without reading again: steps without ids would get new ones
    twice. Read back for the ids, and for what was really taken.
    """
    ordered = sorted(drafts, key=lambda draft: draft.number)
    if [draft.number for draft in ordered] != list(range(1, len(ordered) + 1)):
        raise ValueError("Steps are numbered 1, 2, 3 … without gaps.")

    def build(spoken: Dialect) -> Call[None]:
        steps = [step_body(draft, guides=spoken.bare_sequences) for draft in ordered]
        body: Any = steps if spoken.bare_sequences else {"sequences": steps}
        return write("POST", f"/campaigns/{campaign_id:d}/sequences", acknowledged, body=body, repeatable=False)

    return in_forms(build, dialect, learn, bare_sequences=is_other_form)


def step_body(draft: StepDraft, *, guides: bool) -> dict[str, Any]:
    """A step with its variants, or, if it has one text that is no variant there, with that text on the step itself."""
    if not draft.variants:
        raise ValueError(f"Step {draft.number} has no text.")
    if not 0 <= draft.delay_days <= 365:
        raise ValueError("A delay is 0 to 365 days.")
    body: dict[str, Any] = {
        # Some accounts refuse a step without the key (3.1.9), so a new one says null.
        "id": draft.id,
        "seq_number": draft.number,
        "seq_delay_details": {"delay_in_days": draft.delay_days},
    }
    if len(draft.variants) == 1 and draft.variants[0].id is None:
        return body | {"subject": draft.variants[0].subject, "email_body": draft.variants[0].body}
    split = draft.effective_split
    body["variant_distribution_type"] = "MANUALLY_EQUAL" if guides and split is Split.EQUAL else _SPLITS[split]
    if split is Split.WINNER:
        body["lead_distribution_percentage"] = draft.test_share if draft.test_share is not None else 20
        body["winning_metric_property"] = _WIN_BY[draft.win_by or WinBy.REPLIES]
    variants = [_variant_body(variant, split, draft.number) for variant in draft.variants]
    return body | {"variants" if guides else "seq_variants": variants}


def _variant_body(variant: VariantDraft, split: Split, number: int) -> dict[str, Any]:
    body: dict[str, Any] = {
        "subject": variant.subject,
        "email_body": variant.body,
        "variant_label": variant.label,
    }
    if variant.id is not None:
        body["id"] = variant.id
    if split is Split.PERCENTAGE:
        if variant.share is None:
            raise ValueError(f"Variant {variant.label} of step {number} has no share.")
        body["variant_distribution_percentage"] = variant.share
    return body
