"""The web server as in production, before the database of `bench.world`: gunicorn alone, with a Redis of its own.

The SQLite file of a world is kept for the day in a folder beside the temporary files; a PostgreSQL is filled if it is empty.
"""

import base64
import contextlib
import hashlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx

from tests.support.redis import free_port, start_redis

ROOT = Path(__file__).resolve().parents[1]
READY_WITHIN = 60.0


@dataclass(frozen=True)
class Served:
    """A running web server: its address, and the process ids of gunicorn's master and workers."""

    url: str
    pids: list[int]


@contextlib.contextmanager
def served_world(clients: int) -> Iterator[Served]:
    """Serve the world of so many clients. From then on this process is joined to its database, too."""
    folder = Path(tempfile.gettempdir()) / f"quarterdeck-bench-{clients}"
    folder.mkdir(exist_ok=True)
    with start_redis() as redis_url:
        os.environ |= environment(folder, redis_url)
        prepare(folder, clients)
        with gunicorn(folder) as served:
            yield served


def environment(folder: Path, redis_url: str) -> dict[str, str]:
    for name in [name for name in os.environ if name.startswith("QUARTERDECK_")]:
        del os.environ[name]
    given = os.environ.get("DATABASE_URL", "")
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DATABASE_URL": given if given.startswith("postgres") else f"sqlite:///{folder / 'world.sqlite3'}",
        "REDIS_URL": redis_url,
        "SECRET_KEY": "only-for-benches-" + "0123456789abcdef" * 4,
        "QUARTERDECK_ENV_FILE": os.devnull,
        "QUARTERDECK_DATA_DIR": str(folder),
        "QUARTERDECK_DEMO": "0",
        "QUARTERDECK_INSECURE_HTTP": "1",
        "QUARTERDECK_KEYS": "bench:" + base64.b64encode(b"a bench ring key, 32 bytes long!").decode(),
        "LOG_LEVEL": "WARNING",
        "EMAIL_URL": "memorymail://",
    }


def prepare(folder: Path, clients: int) -> None:
    """Database, rows and static files."""
    import django

    if os.environ["DATABASE_URL"].startswith("sqlite") and not is_current(folder, clients):
        for name in ("world.sqlite3", "world.sqlite3-wal", "world.sqlite3-shm"):
            (folder / name).unlink(missing_ok=True)
    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from accounts.models import User
    from bench.world import build

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    if not User.objects.exists():
        print(f"Making the world of {clients} clients in {folder} …", flush=True)
        began = time.monotonic()
        build(clients, datetime.now(UTC))
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:  # what one transaction wrote would stay in the log beside the file
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (folder / "stamp").write_text(stamp(clients))
        print(f"Made in {time.monotonic() - began:.0f} s.", flush=True)


def is_current(folder: Path, clients: int) -> bool:
    kept = folder / "stamp"
    return kept.exists() and kept.read_text() == stamp(clients) and (folder / "world.sqlite3").exists()


def stamp(clients: int) -> str:
    """Of the day and of everything that a world is made by."""
    made_by = sorted([*ROOT.glob("*/migrations/*.py"), *ROOT.glob("bench/world*.py")])
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in made_by)).hexdigest()
    return f"{datetime.now(UTC).date()} {clients} {digest}"


@contextlib.contextmanager
def gunicorn(folder: Path) -> Iterator[Served]:
    port = free_port()
    with (folder / "web.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", "config.wsgi"],
            cwd=ROOT,
            env=os.environ | {"PORT": str(port), "HOST": "127.0.0.1"},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        url = f"http://localhost:{port}"
        wait_until_ready(url, process, folder)
        yield Served(url, [process.pid, *children_of(process.pid)])
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_until_ready(url: str, process: "subprocess.Popen[bytes]", folder: Path) -> None:
    end = time.monotonic() + READY_WITHIN
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(f"{url}/healthz", trust_env=False).status_code == 200:
                return
        time.sleep(0.2)
    raise SystemExit(f"The web server did not become ready; see {folder / 'web.log'}.")


def children_of(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            if int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(entry.name))
    return sorted(found)
