"""Saving a sequence (section 3.1.9): a full replacement in which known ids keep their step and variant."""

from dataclasses import replace
from typing import Any

from ..answers import Answer, in_json, refuse
from ..world.model import Campaign, Step, Variant
from . import validation
from .call import Call
from .validation import check, invalid

DISTRIBUTIONS = {"MANUAL_EQUAL", "MANUAL_PERCENTAGE", "AI_EQUAL"}
METRICS = ("OPEN_RATE", "CLICK_RATE", "REPLY_RATE", "POSITIVE_REPLY_RATE")

DELAY = {"delay_in_days": validation.integer(0, 365, required=True)}
_STEP = {
    "id": validation.integer(null=True),
    "seq_number": validation.integer(1, required=True),
    "seq_delay_details": validation.mapping(required=True),
    "subject": validation.text(),
    "email_body": validation.text(),
    "variant_distribution_type": validation.text(),
    "lead_distribution_percentage": validation.integer(20, 100),
    "winning_metric_property": validation.one_of(*METRICS),
}
STEP = _STEP | {"seq_variants": validation.array()}
GUIDES_STEP = _STEP | {"variants": validation.array()}
VARIANT = {
    "id": validation.integer(null=True),
    "variant_label": validation.text(required=True),
    "subject": validation.text(required=True),
    "email_body": validation.text(required=True),
    "variant_distribution_percentage": validation.integer(0, 100, null=True),
}


def save(call: Call) -> Answer:
    sent = _steps_in(call)
    steps = [_checked(call, place, step) for place, step in enumerate(sent)]
    campaign = call.known_campaign()
    if campaign.status == "ACTIVE":
        raise refuse({"error": "Campaign is active. Pause the campaign before changing its sequence."}, 400)
    numbers = [step["seq_number"] for step in steps]
    if sorted(numbers) != list(range(1, len(numbers) + 1)):
        raise refuse({"error": "seq_number must be unique and without gaps"}, 400)
    known = {step.id: step for step in campaign.steps}
    for step in steps:
        if step.get("id") is not None and step["id"] not in known:
            raise refuse({"error": f"Sequence not found - Invalid id {step['id']}"}, 400)
    saved_steps = [_saved(call, campaign, known, step) for step in steps]
    campaign.remember(call.world.today())
    campaign.steps = saved_steps
    call.world.touch(campaign)
    saved = [{"id": step.id, "seqNumber": step.number} for step in campaign.steps]
    # Both answers occur at live servers.
    return in_json({"ok": True, "data": {"sequences": saved} if campaign.id % 2 else "success"})


def _steps_in(call: Call) -> list[Any]:
    body = call.body()
    if call.guides:
        if not isinstance(body, list):
            raise invalid('"value" must be an array', ["value"])
        return body
    sent: list[Any] = check(body, {"sequences": validation.array(required=True)})["sequences"]
    return sent


def _checked(call: Call, place: int, step: Any) -> dict[str, Any]:
    where = f"[{place}]" if call.guides else f"sequences[{place}]"
    checked = check(step, GUIDES_STEP if call.guides else STEP, where)
    delay = check(checked["seq_delay_details"], DELAY, f"{where}.seq_delay_details")["delay_in_days"]
    if checked["seq_number"] > 1 and delay < 1:
        raise refuse({"error": "delay_in_days must be at least 1 for follow-ups"}, 400)
    variants = _variants_in(checked)
    for number, variant in enumerate(variants):
        check(variant, VARIANT, f"{where}.{'variants' if call.guides else 'seq_variants'}[{number}]")
    distribution = checked.get("variant_distribution_type")
    # The guides spell it differently, and live servers refuse that with 406.
    allowed = DISTRIBUTIONS | ({"MANUALLY_EQUAL"} if call.guides else set())
    if distribution is not None and distribution not in allowed:
        raise refuse(
            {"statusCode": 406, "error": "Not Acceptable", "message": f"Unsupported value {distribution}"}, 406
        )
    if not variants and "email_body" not in checked:
        raise invalid(f'"{where}.email_body" is required', [f"{where}.email_body"])
    return checked


def _variants_in(step: dict[str, Any]) -> list[dict[str, Any]]:
    variants: list[dict[str, Any]] = step.get("seq_variants") or step.get("variants") or []
    return variants


def _saved(call: Call, campaign: Campaign, known: dict[int, Step], sent: dict[str, Any]) -> Step:
    old = known.get(sent.get("id") or 0)
    step = Step(
        id=old.id if old else call.world.new_id(),
        number=sent["seq_number"],
        delay_days=sent["seq_delay_details"]["delay_in_days"],
    )
    variants = _variants_in(sent)
    if not variants:
        step.subject, step.body = sent.get("subject", ""), sent["email_body"]
        return step
    # Without its type a step silently goes back to an equal split, percentages or not.
    step.distribution = sent.get("variant_distribution_type") or "MANUAL_EQUAL"
    old_ids = {variant.id for variant in old.variants} if old else set()
    for one in variants:
        number = one.get("id")
        if number is not None and number not in old_ids:
            raise refuse({"error": f"Variant not found - Invalid id {number}"}, 400)
        share = one.get("variant_distribution_percentage") if step.distribution == "MANUAL_PERCENTAGE" else None
        step.variants.append(
            Variant(number or call.world.new_id(), one["variant_label"], one["subject"], one["email_body"], share)
        )
    if old:
        kept = {variant.id for variant in step.variants}
        step.variants += [replace(variant, deleted=True) for variant in old.variants if variant.id not in kept]
    return step
