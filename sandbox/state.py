"""Everything one sandbox process holds, in memory only."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from .calllog import CallLog
from .clock import Clock
from .faults import Faults
from .limits import Limiter, Window
from .smartlead.call import LIVE
from .world import seed as seeding
from .world.world import World


@dataclass(frozen=True, slots=True)
class Options:
    seed: int = 1
    today: date | None = None
    windows: Sequence[Window] = (Window(10, 2.0),)
    dialect: str = LIVE


def new_world(options: Options) -> World:
    """A world whose history ends today.

    With a given day it is noon there and the history ends on it. Otherwise it is now, and the history was drawn on
    the last Monday: so a demo that is started again within a week shows the same past.
    """
    if options.today is not None:
        return seeding.build(options.seed, Clock(datetime.combine(options.today, time(12), UTC)), options.today)
    now = datetime.now(UTC)
    return seeding.build(options.seed, Clock(now), now.date() - timedelta(days=now.weekday()))


@dataclass(slots=True)
class Sandbox:
    options: Options
    world: World = field(init=False)
    limiter: Limiter = field(init=False)
    faults: Faults = field(init=False)
    log: CallLog = field(init=False)
    dialect: str = field(init=False)
    delay: tuple[float, float] = field(init=False)
    """Seconds that every answer of a provider takes at least and at most."""

    def __post_init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Back to how the process was started."""
        self.world = new_world(self.options)
        self.limiter = Limiter(tuple(self.options.windows))
        self.faults = Faults(self.options.seed)
        self.log = CallLog()
        self.dialect = self.options.dialect
        self.delay = (0.0, 0.0)
