"""What a room hangs into the engine to have one resource of each connection kept fresh."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Generic, TypeVar

from operations.registry import sync_steps
from providers.calls import Call
from providers.errors import Forbidden, RequestRefused
from providers.ports import Provider

R = TypeVar("R")
StepType = TypeVar("StepType", bound="type[SyncStep[Any]]")


@dataclass(frozen=True)
class SyncScope:
    """Whose data is pulled, and as of when. `today` is the date in the reporting time zone, by the provider's clock.

    `thorough`: somebody asked for this run and expects every field to be as the provider has it now, at some more calls.
    """

    connection_id: int
    client_id: int | None
    provider: Provider
    learned: Mapping[str, Any]
    now: datetime
    today: date
    time_zone: str
    thorough: bool = False


@dataclass(frozen=True)
class Stored:
    """What storing came to: counts for the run's summary, further units that the answers made known, and facts to remember."""

    counts: Mapping[str, int] = field(default_factory=dict)
    more: Sequence[str] = ()
    learned: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Instead:
    """Ask these units instead of the refused one, and remember the facts for the connection."""

    units: Sequence[str]
    learned: Mapping[str, Any] = field(default_factory=dict)


class SyncStep(ABC, Generic[R]):
    """One resource: which calls it takes (`units`, one call each, in any order) and how answers become rows.

    A unit is a short text that survives a restart in the run's cursor. `store` must be repeatable: after a crash the
    answers of the last two seconds are asked for and stored again.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    order: ClassVar[int]
    fresh_for: ClassVar[timedelta]
    essential: ClassVar[bool] = False
    """Without this resource the others mean nothing: where it cannot be had, the run ends and says why."""
    brings_figures: ClassVar[bool] = False
    """The figures of a page are as old as the oldest of these resources."""

    def applies(self, scope: SyncScope) -> bool:
        """Whether there is such a resource behind this connection at all."""
        return True

    @abstractmethod
    def units(self, scope: SyncScope) -> list[str]:
        """The calls that bring this resource up to date; empty if there is nothing to ask."""

    @abstractmethod
    def call(self, scope: SyncScope, unit: str) -> Call[R]: ...

    @abstractmethod
    def store(self, scope: SyncScope, results: Sequence[tuple[str, R]]) -> Stored:
        """Write the answers, in bulk; runs inside the transaction that also moves the cursor."""

    def refused(self, scope: SyncScope, unit: str, error: RequestRefused | Forbidden) -> Instead | None:
        """What to ask instead when the provider refuses this unit; None: leave it out and report the gap."""
        return None

    def finish(self, scope: SyncScope) -> Mapping[str, int]:
        """After every unit was stored without a gap; the place for what follows from the whole."""
        return {}

    def due_in(self, scope: SyncScope) -> timedelta:
        """After what time, counted from its beginning, the step is due again when it came through without a gap."""
        return self.fresh_for


def sync_step(step: StepType) -> StepType:
    """Class decorator: have the engine run this step for every connection."""
    sync_steps.add(step.name, step(), order=step.order)
    return step
