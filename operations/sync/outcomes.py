"""What a failed call means for the unit, the step and the run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum, auto
from typing import Any, ClassVar

from operations.sync.steps import SyncScope, SyncStep
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

TRIES = 3
PAUSE_AFTER_429 = timedelta(seconds=5)


@dataclass(frozen=True)
class Verdict:
    """AGAIN: ask once more in this run. DROP: leave the unit out, `units` instead. PAUSE: go on with it after `pause`."""

    class Kind(Enum):
        AGAIN = auto()
        DROP = auto()
        PAUSE = auto()

    # Weight of failures in a row, without a single good answer, at which the provider counts as down: asking stops.
    DOWN_AFTER: ClassVar[int] = 6

    kind: Kind
    units: Sequence[str] = ()
    learned: Mapping[str, Any] = field(default_factory=dict)
    gap: int = 0
    weight: int = 1
    pause: timedelta = timedelta(0)


def judge(error: ProviderError, step: SyncStep[Any], scope: SyncScope, unit: str, *, tries: int) -> Verdict:
    """What to do about one failed unit; raises the error itself if it ends the whole run (the key, not the unit, is in trouble)."""
    verdict = _of_unit(error, step, scope, unit, tries=tries)
    if step.essential and verdict.kind is Verdict.Kind.DROP and not verdict.units:
        raise error
    return verdict


def _of_unit(error: ProviderError, step: SyncStep[Any], scope: SyncScope, unit: str, *, tries: int) -> Verdict:
    match error:
        case AuthRejected() | BlockedByEdge():
            raise error
        case LaneBusy():
            return Verdict(Verdict.Kind.PAUSE, pause=timedelta(seconds=error.wait))
        case RateLimited():
            wait = timedelta(seconds=error.retry_after) if error.retry_after else PAUSE_AFTER_429
            return Verdict(Verdict.Kind.PAUSE, pause=wait)
        case NotFound():
            return Verdict(Verdict.Kind.DROP)  # it vanished between the list and this call; the next list says so too
        case RequestRefused() | Forbidden():
            instead = step.refused(scope, unit, error)
            if instead is not None:
                return Verdict(Verdict.Kind.DROP, units=instead.units, learned=instead.learned)
            return Verdict(Verdict.Kind.DROP, gap=1)
        case ProviderUnavailable() | UnexpectedResponse() if tries + 1 < TRIES:
            # The client has repeated an unavailable provider's call twice already, an odd answer not once.
            return Verdict(Verdict.Kind.AGAIN, weight=3 if isinstance(error, ProviderUnavailable) else 1)
        case ProviderUnavailable() | UnexpectedResponse():
            return Verdict(Verdict.Kind.DROP, gap=1)
    raise error


def retry_delay(error: ProviderError, failures: int) -> timedelta:
    """How long to leave a connection alone after its `failures`-th failed run in a row."""
    if isinstance(error, AuthRejected):
        return timedelta(hours=1)
    if isinstance(error, BlockedByEdge):
        return timedelta(minutes=15)
    return min(timedelta(seconds=15 * 2 ** min(failures, 10)), timedelta(minutes=10))
