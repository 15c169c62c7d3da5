"""Steps and texts that were changed at the provider outside of this product: what a sync found otherwise than before."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Max

from campaigns.models import Campaign, SequenceVersion, Step
from campaigns.services.drift import SEQUENCE, Found
from campaigns.services.sequence_texts import to_json
from providers.drafts import StepDraft
from providers.records import RemoteStep

Part = tuple[int, ...]
Sequence = dict[Part, dict[str, Any]]
"""Values of each step (by its key) and each variant (by both keys), with the `name` that people know it by."""


def sequences_of(campaign_ids: Collection[int]) -> dict[int, list[Step]]:
    """The steps of these campaigns as they are stored now, with their variants. Two queries."""
    found: dict[int, list[Step]] = {pk: [] for pk in campaign_ids}
    steps = Step.objects.filter(campaign__in=campaign_ids).order_by("campaign_id", "number", "pk")
    for step in steps.with_variants():
        found[step.campaign_id].append(step)
    return found


def _parts(steps: Iterable[Step]) -> Sequence:
    parts: Sequence = {}
    for step in steps:
        name = f"Step {step.number}"
        parts[(step.pk,)] = {"name": name, "position": step.number, "delay": step.delay_minutes}
        variants = list(step.variants.all())
        for variant in variants:
            own = f"{name}, variant {variant.label or variant.position}" if len(variants) > 1 else f"{name}, text"
            texts = {"subject": variant.subject, "body": variant.body}
            parts[(step.pk, variant.pk)] = {"name": own, "share": variant.share or 0, **texts}
    return parts


def sequence_changes(
    campaigns: Iterable[Campaign], before: Mapping[int, list[Step]], after: Mapping[int, list[Step]]
) -> list[Found]:
    """What differs between sequences as they were and as they are stored now. Texts are kept whole, under `texts`."""
    found = []
    for campaign in campaigns:
        old, new = _differences(_parts(before[campaign.pk]), _parts(after[campaign.pk]))
        if old or new:
            found.append(Found(SEQUENCE, campaign.pk, campaign.name, campaign.client_id, old, new))
    return found


def _differences(before: Sequence, after: Sequence) -> tuple[dict[str, Any], dict[str, Any]]:
    old: dict[str, Any] = {}
    new: dict[str, Any] = {}
    old_texts: dict[str, str] = {}
    new_texts: dict[str, str] = {}
    for key in dict.fromkeys([*before, *after]):
        was, is_now = before.get(key, {}), after.get(key, {})
        name = str((is_now or was)["name"])
        if not was or not is_now:
            old[name], new[name] = ("there" if side else "not there" for side in (was, is_now))
        for part in dict.fromkeys([*was, *is_now]):
            one, other = was.get(part), is_now.get(part)
            if part == "name" or one == other:
                continue
            if part in ("subject", "body"):
                old_texts[f"{name}, {part}"], new_texts[f"{name}, {part}"] = one or "", other or ""
            elif was and is_now:
                old[f"{name}, {part}"], new[f"{name}, {part}"] = one, other
    if old_texts:
        old["texts"], new["texts"] = old_texts, new_texts
    return old, new


def note_versions(
    campaigns: Iterable[Campaign], before: Mapping[int, list[Step]], after: Mapping[int, list[Step]], now: datetime
) -> None:
    """Keep the sequences that were found as versions of their campaigns; the ones before them, too, where there is no version
    yet. Two queries.
    """
    numbers = dict(
        SequenceVersion.objects.filter(campaign__in=list(before))
        .order_by()
        .values_list("campaign_id")
        .annotate(last=Max("number"))
    )
    rows = []
    for campaign in campaigns:
        last = numbers.get(campaign.pk, 0)
        kept = [after] if last else [before, after]
        for number, steps in enumerate((one[campaign.pk] for one in kept), start=last + 1):
            rows.append(
                SequenceVersion(
                    campaign=campaign,
                    number=number,
                    texts=to_json(_drafts(steps)),
                    origin=SequenceVersion.Origin.FOUND,
                    made_at=now,
                    verified_at=now,
                )
            )
    SequenceVersion.objects.bulk_create(rows, batch_size=500)


def _drafts(steps: Iterable[Step]) -> tuple[StepDraft, ...]:
    return tuple(
        StepDraft.of(
            RemoteStep(
                step.remote_id,
                step.number,
                step.delay_minutes // Step.MINUTES_A_DAY,
                tuple(one.as_told() for one in step.variants.all()),
            )
        )
        for step in steps
    )
