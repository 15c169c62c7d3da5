"""A private PostgreSQL for a command: `python -m tests.support.postgres COMMAND…` runs it with DATABASE_URL set.

A DATABASE_URL that names a PostgreSQL server already is used as it is. Without server programs nothing is run, and it is said
loudly; in CI that is a failure.
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from tests.support.redis import free_port

# initdb and postgres refuse to run as root.
UNPRIVILEGED = ("postgres", "nobody")


def find_program(name: str) -> str | None:
    """On PATH, or where Debian and Homebrew keep it: the newest version."""
    kept = [
        *Path("/usr/lib/postgresql").glob(f"*/bin/{name}"),
        *Path("/opt/homebrew/opt").glob(f"postgresql@*/bin/{name}"),
    ]
    newest = max(kept, key=lambda path: int("".join(filter(str.isdigit, path.parent.parent.name)) or "0"), default=None)
    return shutil.which(name) or (str(newest) if newest else None)


def _account() -> pwd.struct_passwd | None:
    """Whom to become, if we are root; None for staying who we are."""
    if os.getuid():
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    return next((known[name] for name in UNPRIVILEGED if name in known), None)


@contextmanager
def start_postgres(initdb: str, postgres: str) -> Iterator[str]:
    """Make and start a cluster in a folder of its own and yield its address; both are gone afterwards."""
    account = _account()
    become: dict[str, Any] = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []} if account else {}
    home = Path(tempfile.mkdtemp(prefix="quarterdeck-postgres-"))
    cluster, port = home / "cluster", free_port()
    if account:
        os.chown(home, account.pw_uid, account.pw_gid)
    log = (home / "log").open("wb")
    try:
        subprocess.run(
            [initdb, "-D", cluster, "-U", "quarterdeck", "--auth=trust", "--encoding=UTF8", "--no-sync", "--locale=C"],
            check=True,
            stdout=log,
            stderr=log,
            cwd=home,
            **become,
        )
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
            "fsync": "off",
            "full_page_writes": "off",
            "synchronous_commit": "off",
            "max_connections": "200",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        server = subprocess.Popen(
            [postgres, "-D", cluster, "-p", str(port), *options], stdout=log, stderr=log, cwd=home, **become
        )
        try:
            url = f"postgres://quarterdeck@127.0.0.1:{port}/postgres"
            _wait_until_ready(url, server)
            yield url
        finally:
            server.terminate()
            server.wait(timeout=20)
    except subprocess.CalledProcessError:
        sys.stderr.write((home / "log").read_text(errors="replace"))
        raise
    finally:
        log.close()
        shutil.rmtree(home, ignore_errors=True)


def _wait_until_ready(url: str, server: "subprocess.Popen[bytes]", *, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return


def main(command: Sequence[str]) -> int:
    url = os.environ.get("DATABASE_URL", "")
    if url.startswith("postgres"):
        return subprocess.run(command).returncode
    initdb, postgres = find_program("initdb"), find_program("postgres")
    if not initdb or not postgres:
        print("\n=== The tests on PostgreSQL DID NOT RUN: no initdb and postgres on this machine. ===", file=sys.stderr)
        return 1 if os.environ.get("CI", "").lower() in {"1", "true"} else 0
    print(f"\n=== The database tests again, on PostgreSQL ({postgres}) ===", flush=True)
    with start_postgres(initdb, postgres) as address:
        return subprocess.run(command, env={**os.environ, "DATABASE_URL": address}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
