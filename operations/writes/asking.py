"""Asking for a change at a provider: a row that workers carry out."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db import models, transaction

from operations import audit
from operations.models import Write
from operations.registry import write_kinds
from operations.writes import planning
from providers.limiting import Priority


def ask_for_write(
    kind: str,
    subject: models.Model,
    *,
    connection_id: int,
    client_id: int | None,
    payload: Mapping[str, Any],
    before: Mapping[str, Any],
    actor: audit.Actor,
    now: datetime,
    priority: Priority = Priority.PEOPLE,
    label: str = "",
) -> Write:
    """A pending write. The caller announces it, or carries it out itself within its own patience."""
    if kind not in write_kinds:
        raise LookupError(f"There is no kind of write named {kind!r}.")
    return Write.objects.create(
        connection_id=connection_id,
        client_id=client_id,
        kind=kind,
        subject_type=subject._meta.label,
        subject_id=str(subject.pk),
        subject_label=(label or str(subject))[:300],
        payload=dict(payload),
        before=dict(before),
        actor=actor.user,
        actor_label=str(actor.user) if actor.user else "",
        origin=actor.origin,
        priority=priority,
        created_at=now,
        due_at=now,
    )


def ask_once(
    kind: str,
    subject: models.Model,
    *,
    connection_id: int,
    client_id: int | None,
    payload: Mapping[str, Any],
    before: Mapping[str, Any],
    actor: audit.Actor,
    now: datetime,
    label: str = "",
) -> Write:
    """A write that the workers are told of. Where the newest one on its way for this subject wants the same (all of
    `payload`), it is that one: two clicks are one change. `label` names what the subject does not, such as a new campaign.
    """
    subject_of = {"subject_type": subject._meta.label, "subject_id": str(subject.pk)}
    with transaction.atomic():
        # Of two who ask at the same moment, the second waits here until the first one's write is to be seen.
        connections = apps.get_model("accounts", "Connection")._default_manager
        connections.select_for_update(no_key=True).filter(pk=connection_id).first()
        on_their_way = Write.objects.unsettled().filter(connection_id=connection_id, kind=kind, **subject_of)
        newest = on_their_way.order_by("-pk").first()
        if newest is not None and all(newest.payload.get(name) == value for name, value in payload.items()):
            return newest
        write = ask_for_write(
            kind,
            subject,
            connection_id=connection_id,
            client_id=client_id,
            payload=payload,
            before=before,
            actor=actor,
            now=now,
            label=label,
        )
        planning.announce(connection_id)
    return write
