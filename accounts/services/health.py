"""What the last answers say about a connection."""

from datetime import datetime
from typing import Any

from accounts.models import Connection
from providers.errors import (
    AuthRejected,
    BlockedByEdge,
    Forbidden,
    LaneBusy,
    NotFound,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    RequestRefused,
    UnexpectedResponse,
)


def health_of(error: ProviderError) -> Connection.Health | None:
    """The state that an error puts a connection in; None where it says nothing about the connection."""
    match error:
        case AuthRejected() | Forbidden():
            return Connection.Health.REFUSED
        case BlockedByEdge():
            return Connection.Health.BLOCKED
        case ProviderUnavailable():
            return Connection.Health.UNREACHABLE
        case UnexpectedResponse() | RequestRefused() | NotFound():
            # What a key is asked here exists at every provider: most often the address is not that of its API.
            return Connection.Health.ODD
        case LaneBusy() | RateLimited():
            return None
    return None


def note_success(connection: Connection, now: datetime) -> None:
    """The provider answered well."""
    _note(connection, Connection.Health.OK, "", now)
    Connection.objects.filter(pk=connection.pk).update(last_success_at=now)
    connection.last_success_at = now


def note_failure(connection: Connection, error: ProviderError, now: datetime) -> None:
    """The provider did not answer, or not well. `health_since` stays while the same trouble lasts."""
    state = health_of(error)
    if state is not None:
        _note(connection, state, str(error)[:300], now)


def note_unchecked(connection: Connection, now: datetime) -> None:
    _note(connection, Connection.Health.UNCHECKED, "", now)


def _note(connection: Connection, state: Connection.Health, reason: str, now: datetime) -> None:
    values: dict[str, Any] = {"health": state, "health_reason": reason}
    if connection.health != state:
        values["health_since"] = now
    Connection.objects.filter(pk=connection.pk).update(**values)
    for name, value in values.items():
        setattr(connection, name, value)
