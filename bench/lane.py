"""How well lanes keep to a limit, and use it: python -m bench.lane [--lanes 1,50,200] [--seconds 15] [--scenarios …]

A strict server (bench/strict_server.py), worker processes that saturate their lanes, two people who click, and a Redis
of its own, all on this machine. Prints one line per run:

  utilisation   calls that arrived, of those the limit allows; mean over the lanes, and the worst lane
  fairness      the slowest lane's share of the fastest one's rate
  click start   from the click to its arrival at the server
  CPU           of the workers and of Redis, per call; `cores` is both together
  script calls  operations of the gate per call
  others        cores that programs outside of the measurement used meanwhile: they make every figure worse
"""

import argparse
import asyncio
import contextlib
import itertools
import multiprocessing
import os
import random
import resource
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import httpx
from redis import Redis
from redis.exceptions import RedisError

from bench.bounded import end_within
from bench.strict_server import Habits, serve
from config.private_redis import find_redis_server, redis_conf
from operations.garbage import tune_gc
from operations.lanes import Rules, SharedLoop, lane_for
from providers.errors import LaneBusy
from providers.limiting import Priority
from providers.transport import AsyncGated, Gated

WARM_UP = 5.0
AT_ONCE = 8  # rate × latency + 3, for calls of up to a second
PEOPLE = 2

processes = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class Scenario:
    name: str
    lanes: int
    workers: int = 2
    idle: int = 0
    """Further lanes that make a short step now and then."""
    rules: Rules = field(default_factory=lambda: Rules.of((10, 2)))
    habits: Habits = field(default_factory=Habits)
    pause: tuple[float, float] = (0.2, 0.6)
    """Seconds that each of the two people looks at what came before the next click."""


@dataclass(frozen=True)
class Site:
    """What a process needs to take part."""

    url: str
    redis_url: str
    rules: Rules


def worker(pipe: Connection, site: Site, saturated: list[str], idle: list[str]) -> None:
    """A worker process: its lanes on its shared loop. Answers "usage" on the pipe, ends with "stop"."""
    loop = SharedLoop()
    tune_gc()
    load = asyncio.run_coroutine_threadsafe(_load(loop, site, saturated, idle), loop.loop)
    while pipe.recv() == "usage":
        used = resource.getrusage(resource.RUSAGE_SELF)
        pipe.send((used.ru_utime + used.ru_stime, megabytes_of("self")))
    load.cancel()
    loop.stop()


async def _load(loop: SharedLoop, site: Site, saturated: list[str], idle: list[str]) -> None:
    jobs = [_saturate(loop, site, name) for name in saturated for _ in range(AT_ONCE)]
    jobs += [_step_now_and_then(loop, site, name, len(idle)) for name in idle]
    await asyncio.gather(*jobs)


def _client(loop: SharedLoop, site: Site, name: str) -> httpx.AsyncClient:
    lane = loop.gate(site.redis_url).lane(name, site.rules)
    gated = AsyncGated(loop.transport(), lane, Priority.BACKGROUND)
    return httpx.AsyncClient(
        transport=gated, base_url=site.url, timeout=httpx.Timeout(30, connect=1.8), trust_env=False
    )


_clients: dict[str, httpx.AsyncClient] = {}


async def _call(loop: SharedLoop, site: Site, name: str) -> None:
    client = _clients.get(name)
    if client is None:
        client = _clients[name] = _client(loop, site, name)
    try:
        await client.get(f"/{name}")
    except LaneBusy as busy:
        await asyncio.sleep(busy.wait)
    except httpx.TransportError as error:
        print(f"{name}: {error!r}", file=sys.stderr)
        await asyncio.sleep(0.5)


async def _saturate(loop: SharedLoop, site: Site, name: str) -> None:
    await asyncio.sleep(random.uniform(0, 1))
    while True:
        await _call(loop, site, name)


async def _step_now_and_then(loop: SharedLoop, site: Site, name: str, lanes: int) -> None:
    while True:
        await asyncio.sleep(random.uniform(0, lanes / 20))
        for _ in range(3):
            await _call(loop, site, name)


def people(pipe: Connection, site: Site, lanes: list[str], pause: tuple[float, float]) -> None:
    """Two people who click: each on any lane, looks at what came, clicks again."""
    ended = threading.Event()
    pending = itertools.count()

    def click() -> None:
        wire = httpx.HTTPTransport(trust_env=False)
        while not ended.wait(random.uniform(*pause)):
            name = random.choice(lanes)
            gated = Gated(wire, lane_for(site.redis_url, name, site.rules), Priority.PEOPLE)
            client = httpx.Client(transport=gated, base_url=site.url, trust_env=False)
            with contextlib.suppress(LaneBusy):
                client.get(f"/{name}", headers={"x-clicked": repr(time.monotonic())})
                continue
            next(pending)

    threads = [threading.Thread(target=click) for _ in range(PEOPLE)]
    for thread in threads:
        thread.start()
    while pipe.recv() != "stop":
        pipe.send(next(pending))
    ended.set()
    for thread in threads:
        thread.join()


def megabytes_of(process: int | str) -> float:
    """Resident memory; 0 where there is no /proc."""
    with contextlib.suppress(OSError):
        return _resident(Path(f"/proc/{process}/status").read_text())
    return 0.0


def _resident(status: str) -> float:
    for line in status.splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


@contextlib.contextmanager
def private_redis() -> Iterator[str]:
    with socket.socket() as probe, tempfile.TemporaryDirectory(prefix="bench-redis-") as folder:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        password = secrets.token_urlsafe(12)
        conf = Path(folder) / "redis.conf"
        conf.write_text(redis_conf(port=port, password=password, folder=Path(folder)))
        server = subprocess.Popen([find_redis_server(), conf], stdout=subprocess.DEVNULL)
        url = f"redis://:{password}@127.0.0.1:{port}/0"
        try:
            with Redis.from_url(url) as client:
                for _ in range(200):
                    with contextlib.suppress(RedisError):
                        client.ping()
                        break
                    time.sleep(0.05)
            yield url
        finally:
            server.terminate()
            server.wait(10)


class Helper:
    """A process of ours and the pipe to it."""

    def __init__(self, work: Any, *arguments: Any) -> None:
        self.pipe, theirs = processes.Pipe()
        self.process = processes.Process(target=work, args=(theirs, *arguments), daemon=True)
        self.process.start()

    def ask(self, word: str = "") -> Any:
        if word:
            self.pipe.send(word)
        if not self.pipe.poll(30):
            raise TimeoutError(f"No answer to {word!r}")
        return self.pipe.recv()

    def end(self) -> None:
        with contextlib.suppress(OSError):
            self.pipe.send("stop")
        self.process.join(15)
        if self.process.is_alive():
            self.process.kill()


def run(scenario: Scenario, seconds: float) -> dict[str, str]:
    saturated = [f"busy-{n}" for n in range(scenario.lanes)]
    idle = [f"idle-{n}" for n in range(scenario.idle)]
    helpers: list[Helper] = []
    with private_redis() as redis_url, Redis.from_url(redis_url) as redis:
        try:
            server = Helper(serve, scenario.habits)
            helpers.append(server)
            site = Site(server.ask(), redis_url, scenario.rules)
            workers = [
                Helper(worker, site, saturated[n :: scenario.workers], idle[n :: scenario.workers])
                for n in range(scenario.workers)
            ]
            clicks = Helper(people, site, saturated, scenario.pause)
            helpers[:0] = [clicks, *workers]
            time.sleep(WARM_UP)
            server.ask("mark")
            before = _usage(redis, workers, helpers)
            time.sleep(seconds)
            after = _usage(redis, workers, helpers)
            report = server.ask("report")
        finally:
            for helper in helpers:
                helper.end()
    return _line(scenario, report, before, after)


@dataclass(frozen=True)
class Usage:
    worker_cpu: float
    redis_cpu: float
    megabytes: float
    script_calls: int
    others_cpu: float


def _usage(redis: "Redis", workers: list[Helper], all_ours: list[Helper]) -> Usage:
    told = [helper.ask("usage") for helper in workers]
    cpu = redis.info("cpu")
    redis_cpu = cpu["used_cpu_user"] + cpu["used_cpu_sys"]
    scripts = redis.info("commandstats").get("cmdstat_evalsha", {"calls": 0})
    ours = redis_cpu + sum(cpu_of(f"/proc/{helper.process.pid}/stat") for helper in all_ours)
    return Usage(
        sum(seconds for seconds, _ in told),
        redis_cpu,
        sum(megabytes for _, megabytes in told),
        scripts["calls"],
        cpu_of("/proc/stat") - ours,
    )


def cpu_of(stat: str) -> float:
    """Seconds of CPU that a process used, or the whole machine; 0 where there is no /proc."""
    try:
        text = Path(stat).read_text()
    except OSError:
        return 0.0
    if stat == "/proc/stat":
        user, nice, system, _, _, irq, softirq, *_ = map(int, text.split("\n", 1)[0].split()[1:])
        ticks = user + nice + system + irq + softirq
    else:
        fields = text.rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _utilisation(
    arrivals: list[float], ended_at: float, elapsed: float, windows: tuple[tuple[int, float], ...]
) -> float:
    """The rate of a lane's calls, of the slowest window's. Taken between calls that lie whole windows apart, because the
    edges of a short measurement cut a window anywhere; a lane that stands still at its end is measured to the edge."""
    calls, length = max(windows, key=lambda window: window[1] / window[0])
    whole = (len(arrivals) - 1) // calls * calls
    if not whole or ended_at - arrivals[-1] > length:
        return len(arrivals) / elapsed * length / calls
    spans = [later - earlier for earlier, later in zip(arrivals, arrivals[whole:], strict=False)]
    return whole / statistics.mean(spans) * length / calls


def _line(scenario: Scenario, report: dict[str, Any], before: Usage, after: Usage) -> dict[str, str]:
    accepted: dict[str, list[float]] = report["accepted"]
    elapsed: float = report["elapsed"]
    refused: dict[str, int] = report["refused"]
    calls = sum(map(len, accepted.values()))
    refusing = scenario.habits.refusing[0] if scenario.habits.refusing else None
    lanes = [f"busy-{n}" for n in range(scenario.lanes)]
    shares = [
        _utilisation(accepted.get(lane, [0.0]), report["ended_at"], elapsed, scenario.habits.windows)
        for lane in lanes
        if lane != refusing
    ]
    starts = sorted(report["starts"]) or [float("nan")]
    cpu = after.worker_cpu - before.worker_cpu
    redis_cpu = after.redis_cpu - before.redis_cpu
    return {
        "scenario": scenario.name,
        "calls/s": f"{calls / elapsed:,.0f}",
        "429": f"{sum(refused.values())}",
        "utilisation mean / worst": f"{statistics.mean(shares):.3f} / {min(shares):.3f}",
        "fairness": f"{min(shares) / max(shares):.2f}" if len(shares) > 1 else "–",
        "click start p50 / p95 / max, s": " / ".join(f"{_at(starts, share):.2f}" for share in (0.5, 0.95, 1.0)),
        "clicks": str(len(starts)),
        "CPU per call worker + Redis, µs": f"{cpu / calls * 1e6:,.0f} + {redis_cpu / calls * 1e6:,.0f}",
        "cores": f"{(cpu + redis_cpu) / elapsed:.2f}",
        "worker MB": f"{after.megabytes:,.0f}",
        "script calls": f"{(after.script_calls - before.script_calls) / calls:.2f}",
        "others": f"{(after.others_cpu - before.others_cpu) / elapsed:.2f}",
    }


def _at(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def scenarios(lanes: list[int], workers: int) -> dict[str, list[Scenario]]:
    two = ((10, 2.0), (20, 6.0))
    return {
        "saturated": [
            Scenario(f"{n} × {workers}" + " (clicks alone nearly fill it)" * (n == 1), n, workers) for n in lanes
        ],
        # One key has five slots a second, and two people who click without reading want four of them.
        "calm": [Scenario(f"1 × {workers} (people who read what came)", 1, workers, pause=(1.5, 3.5))],
        "idle": [Scenario(f"20 saturated + 980 idle × {workers}", 20, workers, idle=980)],
        "windows": [
            Scenario(
                f"50 × {workers}, 10/2 s and 20/6 s", 50, workers, rules=Rules.of(*two), habits=Habits(windows=two)
            )
        ],
        "refusing": [
            Scenario(
                f"50 × {workers}, one key 429 for 5 s, 2 % 503",
                50,
                workers,
                habits=Habits(failing=0.02, refusing=("busy-0", 2.0, 7.0)),
            )
        ],
        "service": [
            Scenario(f"50 × {workers}, {ms} ms service", 50, workers, habits=Habits(service=(ms / 1000, ms / 1000)))
            for ms in (50, 500)
        ],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lanes", default="1,50,200", help="how many saturated lanes, one run each")
    parser.add_argument("--workers", type=int, default=2, help="worker processes")
    parser.add_argument("--seconds", type=float, default=15.0, help="length of each measurement")
    parser.add_argument(
        "--scenarios",
        default="calm,saturated,idle,windows,refusing",
        help="which of: calm, saturated, idle, windows, refusing, service",
    )
    wished = parser.parse_args()
    end_within(3600)
    known = scenarios([int(n) for n in wished.lanes.split(",")], wished.workers)
    load = os.getloadavg()[0]
    print(
        f"{os.cpu_count()} cores, load {load:.1f} before; Python {sys.version.split()[0]}; {wished.seconds:g} s each\n"
    )
    header = False
    for scenario in itertools.chain.from_iterable(known[name] for name in wished.scenarios.split(",")):
        line = run(scenario, wished.seconds)
        if not header:
            print("| " + " | ".join(line) + " |")
            print("|" + "---|" * len(line))
            header = True
        print("| " + " | ".join(line.values()) + " |", flush=True)


if __name__ == "__main__":
    main()
