"""Whether anything may be changed at a provider right now. Asked once, below all writers, for every call that is no read."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists

from operations import audit
from operations.models import Installation
from operations.writes import planning
from providers.errors import ProviderError


class WritesNotAllowed(ProviderError):
    """The connection is read-only, or all writes of the installation are stopped. Nothing was sent."""


def all_stopped() -> Exists:
    """Whether all changes of the installation are stopped, to be read in the query of something else."""
    return Exists(Installation.objects.filter(writes_stopped_at__isnull=False))


def why_read_only(*, connection_name: str, may_write: bool, stopped: bool | None = None) -> str:
    """In a sentence why nothing may be changed through a connection now, and what to do about it; empty: it may.

    `stopped` is what a query with `all_stopped` said; one more query without it.
    """
    if stopped is None:
        stopped = Installation.objects.filter(writes_stopped_at__isnull=False).exists()
    if stopped:
        return "All changes are stopped for this installation. An admin can allow them again."
    if not may_write:
        return f"{connection_name} is read-only. An admin can allow changes on its connection page."
    return ""


def require_writes(*, connection_name: str, may_write: bool) -> None:
    """Raises WritesNotAllowed with the reason and what to do about it."""
    if reason := why_read_only(connection_name=connection_name, may_write=may_write):
        raise WritesNotAllowed(reason)


def stop_all_writes(stopped: bool, actor: audit.Actor, now: datetime) -> None:
    """The installation's one switch; what is on its way already is settled, nothing new leaves."""
    with transaction.atomic():
        installation: Any = Installation.current()
        if bool(installation.writes_stopped_at) == stopped:
            return
        installation.writes_stopped_at = now if stopped else None
        installation.writes_stopped_by = actor.user if stopped else None
        installation.save()
        audit.record(actor, "stop all writes" if stopped else "allow writes again", installation)
        if not stopped:
            planning.wake()
