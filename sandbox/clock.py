"""The sandbox's own time: real time keeps running on top of a start that steering may move forward."""

import time
from datetime import UTC, datetime, timedelta


class Clock:
    """Tells the simulated moment. It only ever moves forward."""

    def __init__(self, start: datetime) -> None:
        self._start = start.astimezone(UTC)
        self._origin = time.monotonic()
        self.moved = timedelta()

    def now(self) -> datetime:
        return self._start + self.moved + timedelta(seconds=time.monotonic() - self._origin)

    def advance(self, by: timedelta) -> datetime:
        if by < timedelta():
            raise ValueError("time moves forward only")
        self.moved += by
        return self.now()
