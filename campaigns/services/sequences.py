"""Our copy of the steps and variants of campaigns."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import models

from campaigns.models import Campaign, Step, Variant
from campaigns.services.drift import NOTHING_OF_OURS, changes_of_ours, record
from campaigns.services.sequence_drift import note_versions, sequence_changes, sequences_of
from operations.sync.values import fingerprint, natural
from providers.records import RemoteStep, RemoteVariant
from providers.text import storable

R = TypeVar("R", bound=models.Model)

STEP_FIELDS = ["number", "delay_minutes"]
VARIANT_FIELDS = ["position", "label", "subject", "body", "share"]


def mirror_steps(
    connection_id: int, told: Mapping[int, Sequence[RemoteStep]], asked_at: datetime, *, by_sync: bool = False
) -> dict[str, int]:
    """Make our steps of these campaigns (by remote id) equal to what the provider told when asked at `asked_at`.

    Steps and variants keep their rows as long as they keep their remote ids; only rows that changed are written, and
    what the provider has no more is deleted. A campaign of which something newer was stored meanwhile is left alone.
    A few queries, however many campaigns there are. Runs in the caller's transaction. A sync (`by_sync`) leaves campaigns
    alone that we are changing ourselves, unless nothing is known of their steps so far, and writes into the audit trail
    what was changed at the provider.
    """
    rows = Campaign.objects.filter(connection_id=connection_id, remote_id__in=told)
    # The lock keeps a sync and a person's read-back of one campaign from adding the same step twice.
    current = list(
        rows.without_newer("steps_synced_at", asked_at)
        .select_for_update(of=("self",))
        .only("remote_id", "steps_fingerprint", "steps_synced_at", "name", "client_id")
        .order_by("pk")
    )
    ours = changes_of_ours(connection_id, asked_at) if by_sync else NOTHING_OF_OURS
    current = [one for one in current if one.pk not in ours.held or one.steps_synced_at is None]
    changed = []
    for campaign in current:
        mark = fingerprint(tuple(told[campaign.remote_id]))
        if campaign.steps_fingerprint != mark:
            campaign.steps_fingerprint = mark
            changed.append(campaign)
    if changed:
        known = [one for one in changed if by_sync and one.steps_synced_at and one.pk not in ours.quiet]
        before = sequences_of([campaign.pk for campaign in known]) if known else {}
        _write({campaign.pk: told[campaign.remote_id] for campaign in changed})
        if known:
            after = sequences_of([campaign.pk for campaign in known])
            found = sequence_changes(known, before, after)
            record(connection_id, found, asked_at)
            told_of = {one.campaign_id for one in found}
            note_versions([one for one in known if one.pk in told_of], before, after, asked_at)
        Campaign.objects.bulk_update(changed, ["steps_fingerprint"], batch_size=500)
    Campaign.objects.filter(pk__in=[campaign.pk for campaign in current]).update(steps_synced_at=asked_at)
    return {"seen": len(current), "changed": len(changed)}


def _write(told: Mapping[int, Sequence[RemoteStep]]) -> None:
    """Bring steps and variants of these campaigns (by key) to what was told."""
    known_steps: dict[Any, Step] = {
        (row.campaign_id, *_identity(row.remote_id, row.number)): row for row in Step.objects.filter(campaign__in=told)
    }
    known_variants: dict[Any, Variant] = {
        (row.step_id, *_identity(row.remote_id, row.position)): row
        for row in Variant.objects.filter(step__campaign__in=told)
    }
    steps: dict[Any, tuple[Step, RemoteStep]] = {}
    for campaign_id, remote in told.items():
        for step in remote:
            key = (campaign_id, *_identity(step.id, step.number))
            steps[key] = (_step(campaign_id, step), step)
    kept = _save(Step, known_steps, {key: row for key, (row, _) in steps.items()}, STEP_FIELDS)
    variants: dict[Any, Variant] = {}
    for key, (_, step) in steps.items():
        step_id = kept[key].pk
        for position, variant in enumerate(step.variants, start=1):
            variants[(step_id, *_identity(variant.id, position))] = _variant(step_id, position, variant)
    _save(Variant, known_variants, variants, VARIANT_FIELDS)


def _save(model: type[R], known: Mapping[Any, R], wanted: Mapping[Any, R], fields: Sequence[str]) -> dict[Any, R]:
    """Delete, change and add rows until `known` is `wanted`; returns the rows that stand for it in the database."""
    new = {key: row for key, row in wanted.items() if key not in known}
    changed = []
    for key in known.keys() & wanted.keys():
        row, now = known[key], wanted[key]
        if any(getattr(row, name) != getattr(now, name) for name in fields):
            for name in fields:
                setattr(row, name, getattr(now, name))
            changed.append(row)
    rows: models.Manager[R] = model._default_manager
    rows.filter(pk__in=_keys(row for key, row in known.items() if key not in wanted)).delete()
    rows.bulk_update(changed, fields, batch_size=100)
    rows.bulk_create(new.values(), batch_size=500)
    return {key: known.get(key) or row for key, row in wanted.items()}


def _keys(rows: Iterable[models.Model]) -> list[Any]:
    return [row.pk for row in rows]


def _identity(remote_id: int | None, place: int) -> tuple[str, int]:
    """What makes a step or variant the same as before: its remote id, or its place where the provider gives it none."""
    return ("id", remote_id) if remote_id is not None else ("place", place)


def _step(campaign_id: int, step: RemoteStep) -> Step:
    return Step(
        campaign_id=campaign_id,
        remote_id=step.id,
        number=natural(step.number) or 0,
        delay_minutes=natural(step.delay_days * Step.MINUTES_A_DAY) or 0,
    )


def _variant(step_id: int, position: int, variant: RemoteVariant) -> Variant:
    return Variant(
        step_id=step_id,
        remote_id=variant.id,
        position=position,
        label=storable(variant.label)[:60],
        subject=storable(variant.subject),
        body=storable(variant.body),
        share=natural(variant.share),
    )
