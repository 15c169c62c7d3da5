"""One event loop per process, in a thread of its own, shared by all tasks.

A task's own thread stays synchronous and free for the ORM, while connections, TLS and the way to Redis are shared.
"""

import asyncio
import os
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from operations.lanes.aio import AsyncGate
from operations.lanes.pipe import Pipe
from providers.loop_transport import LoopTransport

T = TypeVar("T")


class SharedLoop:
    """A running event loop with what its tasks share."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._gates: dict[str, AsyncGate] = {}
        self._transports: dict[bool, LoopTransport] = {}
        self._thread = threading.Thread(target=self._work, name="shared-loop", daemon=True)
        self._thread.start()

    def run(self, coro: Coroutine[Any, Any, T]) -> T:
        """Run it on the loop and return its result. Called from a thread; if that is interrupted, so is the coroutine."""
        if threading.current_thread() is self._thread:
            coro.close()
            raise RuntimeError("The loop cannot wait for itself: await the coroutine instead.")
        future = asyncio.run_coroutine_threadsafe(coro, self.loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise

    def gate(self, url: str) -> AsyncGate:
        """Return the loop's one way to a Redis."""
        with _guard:
            if url not in self._gates:
                self._gates[url] = AsyncGate(Pipe(url))
            return self._gates[url]

    def transport(self, *, verify: bool = True) -> LoopTransport:
        """Return the loop's one pool of connections to providers."""
        with _guard:
            if verify not in self._transports:
                self._transports[verify] = LoopTransport(verify=verify)
            return self._transports[verify]

    def stop(self) -> None:
        """Cancel what runs, close what is open, and end the thread."""
        self.run(self._close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    async def _close(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        for transport in self._transports.values():
            await transport.shutdown()
        for gate in self._gates.values():
            await gate.aclose()

    def _work(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()


_guard = threading.RLock()
_shared: SharedLoop | None = None


def shared_loop() -> SharedLoop:
    """Return this process's loop, made by whoever asks first."""
    global _shared
    with _guard:
        if _shared is None:
            _shared = SharedLoop()
        return _shared


def run(coro: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on this process's loop and return its result."""
    return shared_loop().run(coro)


def stop_shared_loop() -> None:
    """End this process's loop, if it has one; asking again makes a new one."""
    global _shared
    with _guard:
        loop, _shared = _shared, None
    if loop is not None:
        loop.stop()


def _forget() -> None:
    # The thread does not come along into a forked child.
    global _guard, _shared
    _guard = threading.RLock()
    _shared = None


os.register_at_fork(after_in_child=_forget)
