"""A real Redis server for tests, gone with the block that started it."""

import secrets
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

from config.private_redis import find_redis_server, redis_conf


def free_port() -> int:
    """A loopback port that nobody uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def start_redis() -> Iterator[str]:
    """Start a private server on a free port and yield its address."""
    with tempfile.TemporaryDirectory(prefix="quarterdeck-redis-") as folder:
        port, password = free_port(), secrets.token_urlsafe(12)
        conf = Path(folder) / "redis.conf"
        conf.write_text(redis_conf(port=port, password=password, folder=Path(folder)))
        process = subprocess.Popen([find_redis_server(), conf], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        url = f"redis://:{password}@127.0.0.1:{port}/0"
        try:
            _wait_until_ready(url)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=10)


def _wait_until_ready(url: str, *, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    with redis.Redis.from_url(url) as client:
        while True:
            try:
                client.ping()
            except redis.ConnectionError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.02)
            else:
                return
