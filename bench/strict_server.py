"""A provider that counts strictly: a call too many in any of its windows is a 429, judged by when it arrives."""

import asyncio
import contextlib
import logging
import os
import random
from bisect import bisect_left, bisect_right, insort
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Habits:
    """How this server behaves; times in seconds."""

    windows: tuple[tuple[int, float], ...] = ((10, 2.0),)
    way: tuple[float, float] = (0.010, 0.025)
    service: tuple[float, float] = (0.180, 0.220)
    failing: float = 0.0
    """Share of the accepted calls that end with a 503."""
    refusing: tuple[str, float, float] | None = None
    """A lane, and from when to when after `mark` it answers nothing but 429 with Retry-After."""


@dataclass
class Books:
    """What one lane did since `mark`."""

    accepted: list[float] = field(default_factory=list)
    refused: int = 0


class StrictServer:
    def __init__(self, habits: Habits) -> None:
        self.habits = habits
        self.longest = max(seconds for _, seconds in habits.windows)
        self.recent: dict[str, list[float]] = defaultdict(list)
        self.books: dict[str, Books] = defaultdict(Books)
        self.starts: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.marked_at = float("inf")

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        loop = asyncio.get_running_loop()
        way = random.uniform(*self.habits.way)
        arrives_at = loop.time() + way
        await asyncio.sleep(way)
        lane = request.path[1:]
        clicked = request.headers.get("x-clicked")
        if clicked and loop.time() >= self.marked_at:
            self.starts.append(arrives_at - float(clicked))
        wait = self._refuses(lane, arrives_at)
        if wait:
            self.books[lane].refused += 1
            self.statuses[429] += 1
            return web.Response(status=429, headers={"Retry-After": f"{wait:.3f}"})
        self.books[lane].accepted.append(arrives_at)
        await asyncio.sleep(random.uniform(*self.habits.service))
        status = 503 if random.random() < self.habits.failing else 200
        self.statuses[status] += 1
        return web.Response(status=status, text='{"ok": true}', content_type="application/json")

    def _refuses(self, lane: str, at: float) -> float:
        """Return the seconds to wait, 0 where the call is accepted."""
        if self.habits.refusing:
            name, begins, ends = self.habits.refusing
            if lane == name and begins <= at - self.marked_at < ends:
                return self.marked_at + ends - at
        recent = self.recent[lane]
        del recent[: bisect_left(recent, at - self.longest - 1)]
        for calls, seconds in self.habits.windows:
            if bisect_right(recent, at) - bisect_right(recent, at - seconds) >= calls:
                return 2.0
        insort(recent, at)
        return 0.0

    def mark(self) -> None:
        self.marked_at = asyncio.get_running_loop().time()
        self.books.clear()
        self.starts.clear()
        self.statuses.clear()

    def report(self) -> dict[str, Any]:
        return {
            "elapsed": asyncio.get_running_loop().time() - self.marked_at,
            "ended_at": asyncio.get_running_loop().time(),
            "accepted": {lane: sorted(books.accepted) for lane, books in self.books.items()},
            "refused": {lane: books.refused for lane, books in self.books.items() if books.refused},
            "starts": list(self.starts),
            "statuses": dict(self.statuses),
        }


def serve(pipe: Connection, habits: Habits) -> None:
    """Run in a process of its own: answers "mark" and "report" on the pipe, ends with "stop"."""
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # connections that end with the measurement
    # A judge who is late himself sees calls bunched that were not; where it is allowed, he goes before everybody else.
    with contextlib.suppress(OSError):
        os.nice(-5)
    asyncio.run(_serve(pipe, habits))


async def _serve(pipe: Connection, habits: Habits) -> None:
    server = StrictServer(habits)
    runner = web.ServerRunner(web.Server(server.answer, access_log=None), handle_signals=False, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=4096).start()
    pipe.send(f"http://127.0.0.1:{runner.addresses[0][1]}")
    loop = asyncio.get_running_loop()
    while True:
        word = await loop.run_in_executor(None, pipe.recv)
        if word == "mark":
            server.mark()
            pipe.send("marked")
        elif word == "report":
            pipe.send(server.report())
        else:
            break
    await runner.cleanup()
