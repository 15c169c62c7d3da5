"""Adding keys, checking them, and deciding what they may do. Every change leaves an audit entry that never holds a key."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Client, Connection
from accounts.secrets import key_ring
from accounts.services import health
from accounts.services.base_urls import checked_base_url
from accounts.services.keys import note_fingerprint, put_key_in
from accounts.services.sessions import open_for_person
from accounts.services.syncing import ask_for_sync
from operations import audit
from operations.lanes import DEFAULT
from operations.sync import planning
from operations.writes import planning as write_planning
from operations.writes.giving_up import give_up_unsent
from providers.errors import ProviderError
from providers.records import KeyReport
from providers.secret import SecretText


@dataclass(frozen=True)
class Checked:
    """The verdict on a key: what it sees, or why it does not work."""

    report: KeyReport | None
    error: ProviderError | None

    @property
    def works(self) -> bool:
        return self.report is not None


def add_connection(
    *,
    name: str,
    provider: str,
    base_url: str,
    key: SecretText,
    client: Client | None,
    actor: audit.Actor,
    now: datetime,
    plan: str = DEFAULT,
) -> Connection:
    """A new, read-only connection with its key sealed, not checked yet. Raises AddressNotAllowed, KeyInUse."""
    with transaction.atomic():
        connection = Connection.objects.create(
            name=name,
            provider=provider,
            base_url=checked_base_url(base_url),
            client=client,
            plan=plan,
            created_at=now,
            created_by=actor.user,
        )
        put_key_in(connection, key)
        _record(
            actor, "add connection", connection, after={"key": _masked(connection), "base_url": connection.base_url}
        )
    return connection


def replace_key(connection: Connection, key: SecretText, actor: audit.Actor, now: datetime) -> None:
    """Put another key in; the connection counts as unchecked until the new one has been tried. Raises KeyInUse."""
    with transaction.atomic():
        before = {"key": _masked(connection)}
        put_key_in(connection, key)
        health.note_unchecked(connection, now)
        _record(actor, "replace key", connection, before=before, after={"key": _masked(connection)})
        # A run that goes on with the old key would be refused, and the new one blamed for it.
        planning.cancel_run(connection.pk, "The key was replaced.", now)
        write_planning.wake(connection.pk)


def check_key(connection: Connection, now: datetime, *, by: Any = None) -> Checked:
    """Ask the provider what the key sees, in a person's turn of the lane; waits a few seconds at most.

    The connection's health is brought up to date either way, and a working key starts the next sync at once.
    """
    try:
        with open_for_person(connection) as session:
            report = session.send(session.provider.check_key())
    except ProviderError as error:
        health.note_failure(connection, error, now)
        return Checked(None, error)
    sees = {**asdict(report), "client_ids": sorted(report.client_ids), "at": now.isoformat()}
    Connection.objects.filter(pk=connection.pk).update(sees=sees)
    connection.sees = sees
    health.note_success(connection, now)
    if connection.is_enabled:
        ask_for_sync([connection.pk], now, by=by)
        write_planning.wake(connection.pk)
    return Checked(report, None)


def set_enabled(connection: Connection, enabled: bool, actor: audit.Actor, now: datetime) -> None:
    """A disabled connection keeps its data and makes no calls."""
    if connection.is_enabled == enabled:
        return
    with transaction.atomic():
        connection.disabled_at = None if enabled else now
        connection.save(update_fields=["disabled_at"])
        _record(actor, "enable connection" if enabled else "disable connection", connection)
        if not enabled:
            planning.cancel_run(connection.pk, "The connection was disabled.", now)
        # When it is enabled again, nothing goes out that was asked for long ago and has been forgotten since.
        give_up_unsent(connection.pk, "The connection was disabled before this could be sent.", now)
    if enabled:
        ask_for_sync([connection.pk], now, by=actor.user)


def set_may_write(connection: Connection, allowed: bool, actor: audit.Actor) -> None:
    """Allow or forbid changes at the provider through this connection."""
    if connection.may_write == allowed:
        return
    with transaction.atomic():
        connection.may_write = allowed
        connection.save(update_fields=["may_write"])
        _record(
            actor,
            "allow writes" if allowed else "forbid writes",
            connection,
            before={"may_write": not allowed},
            after={"may_write": allowed},
        )
        if allowed:
            write_planning.wake(connection.pk)


def set_plan(connection: Connection, plan: str, actor: audit.Actor) -> None:
    """Choose the provider plan whose limits the lane keeps to."""
    if connection.plan == plan:
        return
    with transaction.atomic():
        before, connection.plan = connection.plan, plan
        connection.save(update_fields=["plan"])
        _record(actor, "change plan", connection, before={"plan": before}, after={"plan": plan})


def rotate_keys(*, actor: audit.Actor) -> int:
    """Seal every key anew that is not sealed with the newest ring key; returns how many. Raises SecretUnreadable.

    The fingerprints by which keys are known again are brought up to date on the way, where they are not.
    """
    ring, changed = key_ring(), 0
    for pk in Connection.objects.exclude(sealed_key="").values_list("pk", flat=True):
        with transaction.atomic():
            connection = Connection.objects.select_for_update().get(pk=pk)
            note_fingerprint(connection, ring)
            if ring.is_current(connection.sealed_key):
                continue
            connection.sealed_key = ring.seal(connection.open_key(ring).reveal(), connection.seal_context)
            connection.save(update_fields=["sealed_key"])
            _record(actor, "rotate key", connection)
            changed += 1
    return changed


def _masked(connection: Connection) -> str:
    return f"…{connection.key_last4}"


def _record(
    actor: audit.Actor,
    action: str,
    connection: Connection,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    audit.record(actor, action, connection, client_id=connection.client_id, before=before, after=after)
