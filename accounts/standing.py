"""How a connection stands, in the words and shapes of the interface."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import Connection
from operations import wording
from providers.errors import (
    AuthRejected,
    BlockedByEdge,
    Forbidden,
    LaneBusy,
    ProviderError,
    ProviderUnavailable,
    RateLimited,
    UnexpectedResponse,
)


@dataclass(frozen=True)
class Standing:
    """`pill` is the shape (ok, watch, blocked, none), `tone` the colour of a dot ("", warn, bad, good)."""

    pill: str
    word: str
    tone: str
    reason: str

    @property
    def rank(self) -> int:
        """The worst is 0; what is not known stands before what works."""
        return {"bad": 0, "warn": 1, "good": 3}.get(self.tone, 2)


def standing_of(connection: Connection) -> Standing:
    """Reads "Healthy", "Blocked: Smartlead refuses this key": the judgement, always with its reason."""
    provider = connection.get_provider_display()
    if not connection.is_enabled:
        return Standing("none", "Disabled", "", "Makes no calls; its figures stay as they are")
    match connection.health:
        case Connection.Health.OK:
            return Standing("ok", "Healthy", "good", "")
        case Connection.Health.REFUSED:
            return Standing("blocked", "Blocked", "bad", f"{provider} refuses this key")
        case Connection.Health.BLOCKED:
            return Standing("blocked", "Blocked", "bad", f"A firewall in front of {provider} turns us away")
        case Connection.Health.UNREACHABLE:
            return Standing("watch", "Watch", "warn", f"Can’t reach {provider}")
        case Connection.Health.ODD:
            return Standing("watch", "Watch", "warn", f"{provider} gives answers that we don’t understand")
        case _:
            return Standing("none", "Not checked", "", "Nobody has tried this key yet")


@dataclass(frozen=True)
class Trouble:
    """What happened, what it means, and what to do about it."""

    level: str
    title: str
    text: str
    remedy: str


def trouble_of(connection: Connection, now: datetime) -> Trouble | None:
    """Why the connection does not work at the moment; None if it does, or was not tried."""
    if not connection.is_broken:
        return None
    provider = connection.get_provider_display()
    since = wording.moment(connection.health_since, now)
    last = connection.last_success_at
    until = f"{provider} last answered at {wording.moment(last, now)}" if last else "No call with it has succeeded yet"
    match connection.health:
        case Connection.Health.REFUSED:
            return Trouble(
                "bad",
                f"{provider} refused this key at {since}.",
                f"It is wrong, was revoked, or its plan has no API access. {until}; its campaigns can’t be changed.",
                "replace",
            )
        case Connection.Health.BLOCKED:
            return Trouble(
                "bad",
                f"A firewall in front of {provider} has turned us away since {since}.",
                f"The key itself may be good. {until}. Ask {provider} to let this server’s address through, "
                "then check again.",
                "check",
            )
        case Connection.Health.UNREACHABLE:
            return Trouble(
                "warn",
                f"Can’t reach {provider} since {since}.",
                f"{until}. We keep trying; if that stays so, see whether {connection.base_url} is right and {provider} is up.",
                "check",
            )
        case _:
            return Trouble(
                "warn",
                f"{provider} has given answers that we don’t understand since {since}.",
                f"{until}. See whether {connection.base_url} is the address of its API; we keep trying.",
                "check",
            )


def passing_trouble(connection: Connection, error: ProviderError) -> Trouble | None:
    """What stopped one check without saying anything about the key; None for what the connection's health tells."""
    provider = connection.get_provider_display()
    match error:
        case RateLimited():
            return Trouble(
                "warn",
                f"Slowed by {provider}’s rate limit.",
                "The key was not tried. Check again in a minute.",
                "check",
            )
        case LaneBusy():
            return Trouble("warn", "The key was not tried.", f"{error.message} Check again in a few seconds.", "check")
        case Forbidden():
            return Trouble(
                "bad",
                f"{provider} knows this key, but does not let it list campaigns.",
                "Nothing can be read with it. Make a key with full access, then replace this one.",
                "replace",
            )
        case AuthRejected() | BlockedByEdge() | ProviderUnavailable() | UnexpectedResponse():
            return None
    return Trouble("bad", f"{provider} turned the check down.", f"{error.message} Nothing was changed.", "check")
