"""Redis, worker and beat as processes of their own on the database of a test, which may kill them."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from django.db import connection

from config.private_redis import find_redis_server, redis_conf
from tests.support.redis import free_port
from tests.support.sandbox import REPOSITORY

CELERY = [sys.executable, "-m", "celery", "-A", "config.celery"]


class Programs:
    """The test plays the supervisor: a killed program comes back when the test starts it again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        port, password = free_port(), secrets.token_urlsafe(12)
        (folder / "redis").mkdir()
        (folder / "redis.conf").write_text(redis_conf(port=port, password=password, folder=folder / "redis"))
        # As in config/supervisord.conf.
        self.commands = {
            "redis": [str(find_redis_server()), str(folder / "redis.conf")],
            "worker": [*CELERY, "worker", "-P", "threads", "--without-gossip", "--without-mingle", "-l", "INFO"],
            "beat": [*CELERY, "beat", "--pidfile=", "-l", "INFO"],
        }
        self.environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATABASE_URL": database_url(),
            "REDIS_URL": f"redis://:{password}@127.0.0.1:{port}/0",
            "QUARTERDECK_DATA_DIR": str(folder),
        }
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        for name in names:
            with (self.folder / f"{name}.log").open("ab") as log:
                self.running[name] = subprocess.Popen(
                    self.commands[name], cwd=REPOSITORY, env=self.environment, stdout=log, stderr=log
                )

    def kill(self, name: str) -> float:
        """As `kill -9` does; returns when (Unix time)."""
        process = self.running.pop(name)
        process.send_signal(signal.SIGKILL)
        process.wait()
        return time.time()

    def wait_for(self, what: Callable[[], object], *, seconds: float = 60) -> None:
        """Until the condition holds. Slow machines take their time; the limit is for what never comes."""
        deadline = time.monotonic() + seconds
        while not what():
            dead = [name for name, process in self.running.items() if process.poll() is not None]
            assert not dead, f"{dead} ended by itself\n{self.logs()}"
            assert time.monotonic() < deadline, f"waited {seconds} s in vain\n{self.logs()}"
            time.sleep(0.1)

    def logs(self) -> str:
        return "\n".join(f"--- {path.name}\n{path.read_text()[-3000:]}" for path in sorted(self.folder.glob("*.log")))

    def end(self) -> None:
        for process in self.running.values():
            process.kill()
        for process in self.running.values():
            process.wait()


@contextmanager
def programs(folder: Path) -> Iterator[Programs]:
    """All of them, started; none is left at the end."""
    started = Programs(folder)
    try:
        started.start("redis", "worker", "beat")
        yield started
    finally:
        started.end()


def database_url() -> str:
    """Where this test's database is, for another process."""
    described = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{described['NAME']}"
    who = quote(described["USER"]) + (f":{quote(described['PASSWORD'])}" if described["PASSWORD"] else "")
    return f"postgres://{who}@{described['HOST']}:{described['PORT']}/{described['NAME']}"
