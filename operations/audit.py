"""Writing the audit trail. Services call this in the transaction of the change itself."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models

from operations.models import AuditEntry


@dataclass(frozen=True)
class Actor:
    """Who makes a change, and from where. `user` is None for commands and for the system; `job_id` is the job that makes it."""

    user: Any = None
    origin: str = AuditEntry.Origin.SYSTEM
    job_id: int | None = None

    @classmethod
    def on_page(cls, user: Any) -> "Actor":
        return cls(user=user, origin=AuditEntry.Origin.PAGE)

    @classmethod
    def on_command_line(cls) -> "Actor":
        return cls(origin=AuditEntry.Origin.COMMAND)


def record(
    actor: Actor,
    action: str,
    subject: models.Model,
    *,
    client_id: int | None = None,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    label: str = "",
) -> AuditEntry:
    """One entry. `before` and `after` are JSON-able and never hold a key or a password; `label` names the subject otherwise than
    it names itself.
    """
    return AuditEntry.objects.create(
        actor=actor.user,
        actor_label=str(actor.user) if actor.user else "",
        origin=actor.origin,
        client_id=client_id,
        action=action,
        subject_type=subject._meta.label,
        subject_id=str(subject.pk),
        subject_label=(label or str(subject))[:300],
        before=dict(before or {}),
        after=dict(after or {}),
        job_id=actor.job_id,
    )
