"""Several calls of one connection in flight at once, handed to the thread that stores them."""

import asyncio
import queue
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from providers.calls import NoLongerFits
from providers.errors import ProviderError, RequestRefused

CALLS_AT_ONCE = 8  # at least rate x latency + 3: 5 calls a second that take up to a second (ratelimit.md 7)


@dataclass(frozen=True)
class Fetched:
    """One unit's answer, or the error that it ended in."""

    unit: str
    value: Any = None
    error: ProviderError | None = None


class Fetcher:
    """Keeps up to CALLS_AT_ONCE units in flight. Used from one thread, while everything with an underscore runs on the loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, ask: Callable[[str], Awaitable[Any]]) -> None:
        self._loop = loop
        self._ask = ask
        self._waiting: deque[str] = deque()
        self._running: set[asyncio.Task[None]] = set()
        self._answers: queue.SimpleQueue[Fetched | BaseException] = queue.SimpleQueue()
        self.unanswered = 0

    def add(self, units: Iterable[str]) -> None:
        units = list(units)
        self.unanswered += len(units)
        self._loop.call_soon_threadsafe(self._enqueue, units)

    def collect(self, seconds: float) -> list[Fetched]:
        """What is answered within the next `seconds`; returns early once nothing is in flight."""
        answers: list[Fetched] = []
        deadline = time.monotonic() + seconds
        while self.unanswered:
            try:
                answer = self._answers.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                break
            if isinstance(answer, BaseException):
                raise answer
            self.unanswered -= 1
            answers.append(answer)
        return answers

    def stop(self) -> None:
        """Give up what is waiting or in flight; answers that still come are dropped."""
        self._loop.call_soon_threadsafe(self._cancel)

    def _enqueue(self, units: list[str]) -> None:
        self._waiting.extend(units)
        while self._waiting and len(self._running) < CALLS_AT_ONCE:
            self._start_next()

    def _start_next(self) -> None:
        task = self._loop.create_task(self._answer(self._waiting.popleft()))
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if self._waiting:
            self._start_next()

    def _cancel(self) -> None:
        self._waiting.clear()
        for task in self._running:
            task.cancel()

    async def _answer(self, unit: str) -> None:
        try:
            self._answers.put(Fetched(unit, value=await self._ask(unit)))
        except ProviderError as error:
            self._answers.put(Fetched(unit, error=error))
        except NoLongerFits as error:
            # The step may split it, as if the provider itself had refused; the other units are no worse for it.
            self._answers.put(Fetched(unit, error=RequestRefused(str(error))))
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - a fault of ours must reach the storing thread, or it would wait for ever
            self._answers.put(error)
