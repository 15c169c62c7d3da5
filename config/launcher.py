"""`make run`: the whole product on embedded defaults, as one supervised tree of processes that stops with Ctrl-C.

Everything it makes lies in the data folder (`var/`): secrets, ports, the private Redis, the SQLite file, logs, process ids.
"""

import base64
import fcntl
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from config import leftovers
from config.environment import ROOT, RUN, SECRETS, data_dir, read_env_file, read_values, write_private, write_values
from config.private_redis import NoRedis, find_redis_server, redis_conf
from config.probe import readiness

START_WITHIN = 90.0
STOP_WITHIN = 9.0
PORTS = "ports.env"

DEMO_PEOPLE = """\
  Sign in    maya@halyard.example    quarterdeck    agency admin
             idris@halyard.example   quarterdeck    account manager
             noor@halyard.example    quarterdeck    analyst
             hanna@ferro.example     quarterdeck    client login"""


class CannotStart(Exception):
    """The message is for the person at the console."""


class Stopped(Exception):
    """Somebody asked us to stop (Ctrl-C, SIGTERM, closed terminal)."""


class StopRequest:
    """Remembers that a signal came, until we look.

    Nothing is raised where the signal happens to arrive: make passes on a second one while we are stopping already, and a
    supervisor that was just started must not be lost.
    """

    SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self) -> None:
        self._came = False

    def listen(self) -> None:
        for number in self.SIGNALS:
            signal.signal(number, self._remember)

    def _remember(self, _number: int, _frame: FrameType | None) -> None:
        self._came = True

    def pause(self, seconds: float) -> None:
        """Wait a moment; raises Stopped if a signal came."""
        time.sleep(0 if self._came else seconds)
        if self._came:
            raise Stopped


@dataclass(frozen=True)
class Installation:
    """What an embedded run is made of, decided from the environment before anything starts."""

    folder: Path
    host: str
    port: int
    demo: bool
    redis_port: int
    sandbox_port: int
    own_redis: Path | None
    environment: Mapping[str, str] = field(repr=False)

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def logs(self) -> Path:
        return self.folder / "log"

    @property
    def pids(self) -> Path:
        return self.folder / "run"

    @property
    def programs(self) -> dict[str, str]:
        return leftovers.patterns(self.redis_port)


def is_true(text: str) -> bool:
    return text.strip().lower() in {"1", "true", "yes", "on"}


def generated_secrets(environment: Mapping[str, str], folder: Path) -> dict[str, str]:
    """SECRET_KEY and key ring: the environment's, else those generated at the first start and kept ever since."""
    kept = read_values(folder / SECRETS)
    fresh = {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "QUARTERDECK_KEYS": "k1:" + base64.b64encode(secrets.token_bytes(32)).decode(),
    }
    if missing := {name: value for name, value in fresh.items() if name not in kept and not environment.get(name)}:
        kept |= missing
        title = "Generated at the first start. Without QUARTERDECK_KEYS the stored provider keys cannot be opened: keep it safe."
        write_values(folder / SECRETS, kept, title=title)
    return {name: environment.get(name) or kept[name] for name in fresh}


def is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def kept_ports(folder: Path, *, besides: int) -> dict[str, int]:
    """Loopback ports of Redis and sandbox: those of the last run if they are still free, else new ones.

    The sandbox should stay where it was, because the demo's connections remember its address.
    """
    last = read_values(folder / PORTS)
    ports: dict[str, int] = {}
    for name in ("REDIS_PORT", "SANDBOX_PORT"):
        port = int(last.get(name, "0"))
        while not port or port in {besides, *ports.values()} or not is_free("127.0.0.1", port):
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
        ports[name] = port
    write_values(
        folder / PORTS, {name: str(port) for name, port in ports.items()}, title="Loopback ports of the parts."
    )
    return ports


def web_port(environment: Mapping[str, str], host: str) -> int:
    """PORT, 8000 by default; raises CannotStart if it is no port or somebody else's."""
    text = environment.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise CannotStart(f"PORT must be a number between 1 and 65535, not {text!r}.")
    if not is_free(host, int(text)):
        raise CannotStart(f"Port {text} is taken by another program. Choose a free one:  make run PORT={int(text) + 1}")
    return int(text)


def describe(environment: Mapping[str, str], folder: Path) -> Installation:
    """Decide everything that the environment leaves open; writes secrets, ports and the configuration of Redis."""
    host = environment.get("HOST") or "127.0.0.1"
    port = web_port(environment, host)
    demo = is_true(environment.get("QUARTERDECK_DEMO") or "1")
    ports = kept_ports(folder, besides=port)
    settled = {"HOST": host, "PORT": str(port), "QUARTERDECK_DATA_DIR": str(folder), "QUARTERDECK_DEMO": str(int(demo))}
    settled |= generated_secrets(environment, folder)
    if host in {"127.0.0.1", "localhost", "::1"} and not demo:
        settled["QUARTERDECK_INSECURE_HTTP"] = environment.get("QUARTERDECK_INSECURE_HTTP") or "1"
    # The demo's people have a known password: its database is never the one of a real installation.
    name = "demo.sqlite3" if demo else "quarterdeck.sqlite3"
    settled["DATABASE_URL"] = environment.get("DATABASE_URL") or f"sqlite:///{folder / name}"
    own_redis = None
    if url := environment.get("REDIS_URL"):
        settled["REDIS_URL"] = url
    else:
        own_redis = find_redis_server()
        password = secrets.token_urlsafe(24)
        data = folder / "redis"
        data.mkdir(exist_ok=True)
        conf = redis_conf(port=ports["REDIS_PORT"], password=password, folder=data)
        write_private(folder / "redis.conf", conf)
        settled["REDIS_URL"] = f"redis://:{password}@127.0.0.1:{ports['REDIS_PORT']}/{int(demo)}"
    if demo:
        settled["QUARTERDECK_SANDBOX_URL"] = f"http://127.0.0.1:{ports['SANDBOX_PORT']}"
    return Installation(
        folder=folder,
        host=host,
        port=port,
        demo=demo,
        redis_port=ports["REDIS_PORT"],
        sandbox_port=ports["SANDBOX_PORT"],
        own_redis=own_redis,
        environment=settled,
    )


def child_environment(installation: Installation) -> dict[str, str]:
    """For the programs: ours, what was settled, and the names that config/supervisord.conf expands."""
    return {
        **os.environ,
        **installation.environment,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONUNBUFFERED": "1",
        "QUARTERDECK_PYTHON": sys.executable,
        "QUARTERDECK_RUN_DIR": str(installation.pids),
        "QUARTERDECK_LOG_DIR": str(installation.logs),
        "QUARTERDECK_REDIS_SERVER": str(installation.own_redis or ""),
        "QUARTERDECK_REDIS_CONF": str(installation.folder / "redis.conf"),
        "QUARTERDECK_SANDBOX_PORT": str(installation.sandbox_port),
        "QUARTERDECK_START_REDIS": str(installation.own_redis is not None).lower(),
        "QUARTERDECK_START_SANDBOX": str(installation.demo).lower(),
    }


@contextmanager
def only_run_of(folder: Path) -> Iterator[None]:
    """Hold the folder for ourselves; the kernel lets go of it however we end. Raises CannotStart if another run has it."""
    with (folder / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            port = read_values(folder / RUN).get("PORT")
            where = f"at http://localhost:{port}" if port else "and just starting"
            raise CannotStart(f"Quarterdeck is already running {where} (data folder {folder}).") from None
        yield


def prepare(environment: Mapping[str, str], log: Path, request: StopRequest) -> str:
    """Database, static files, demo world; returns the set-up link that a new installation needs. Raises CannotStart."""
    with log.open("w") as errors, tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "prepare"], cwd=ROOT, env=environment, stdout=output, stderr=errors
        )
        try:
            while process.poll() is None:
                request.pause(0.05)
        finally:
            process.kill()
            process.wait()
        output.seek(0)
        link = output.read().strip()
    if process.returncode:
        raise CannotStart(f"The installation could not be prepared:\n\n{log.read_text().strip()}")
    return link


def wait_until_ready(installation: Installation, supervisor: "subprocess.Popen[bytes]", request: StopRequest) -> None:
    """Raises CannotStart, naming what is missing and the log that tells why."""
    deadline = time.monotonic() + START_WITHIN
    state: dict[str, object] = {}
    while time.monotonic() < deadline:
        if supervisor.poll() is not None:
            raise CannotStart(f"The supervisor ended; see {installation.logs / 'supervisord.log'}")
        allowed = os.environ.get("ALLOWED_HOSTS", "")
        state = readiness(host=installation.host, port=installation.port, allowed_hosts=allowed)
        if state.get("ready"):
            return
        request.pause(0.15)
    missing = [name for name, value in state.items() if value == "down"] or ["web"]
    logs = ", ".join(str(installation.logs / f"{name}.log") for name in missing)
    raise CannotStart(f"Not ready after {START_WITHIN:.0f} s: {', '.join(missing)}. See {logs}")


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201  the console is this program's page


def announce(installation: Installation, link: str) -> None:
    say(f"\nQuarterdeck is ready:  {installation.address}\n")
    if installation.demo:
        say(DEMO_PEOPLE)
    elif link:
        say(f"  Make the first admin here (works once):\n  {link}")
    logs = installation.logs
    say(
        f"  Logs       {logs.relative_to(Path.cwd()) if logs.is_relative_to(Path.cwd()) else logs}/\n  Stop       Ctrl-C\n"
    )


def stop(installation: Installation, supervisor: "subprocess.Popen[bytes]") -> None:
    """Leaves no process behind, within STOP_WITHIN and a moment."""
    supervisor.terminate()
    try:
        supervisor.wait(timeout=STOP_WITHIN)
    except subprocess.TimeoutExpired:
        supervisor.kill()
        supervisor.wait()
    leftovers.end(installation.pids, installation.programs, patience=0.5)


def run(folder: Path, request: StopRequest) -> None:
    """Start everything, and return when somebody stops it. Raises CannotStart."""
    last = read_values(folder / PORTS)
    if ended := leftovers.end(folder / "run", leftovers.patterns(int(last.get("REDIS_PORT", "0")))):
        say(f"Ended what an interrupted run left behind: {', '.join(ended)}.")
    installation = describe(os.environ, folder)
    environment = child_environment(installation)
    title = "The run that goes on at the moment; manage.py joins it."
    write_values(folder / RUN, installation.environment, title=title)
    try:
        say("Preparing the database and static files …")
        link = prepare(environment, installation.logs / "preparing.log", request)
        say("Starting the web server, the worker and their company …")
        # A session of its own: Ctrl-C reaches only us, and we stop things in order.
        supervisor = subprocess.Popen(  # noqa: S603  our own program and configuration
            [sys.executable, "-m", "supervisor.supervisord", "-c", str(ROOT / "config" / "supervisord.conf")],
            cwd=ROOT,
            env=environment,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
        )
        try:
            wait_until_ready(installation, supervisor, request)
            announce(installation, link)
            while supervisor.poll() is None:
                request.pause(0.2)
            raise CannotStart(f"The supervisor ended unexpectedly; see {installation.logs / 'supervisord.log'}")
        except Stopped:
            say("\nStopping …")
            raise
        finally:
            stop(installation, supervisor)
    finally:
        (folder / RUN).unlink(missing_ok=True)


def main() -> int:
    request = StopRequest()
    request.listen()
    read_env_file()
    folder = data_dir(os.environ)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in ("log", "run"):
        (folder / name).mkdir(mode=0o700, exist_ok=True)
    try:
        with only_run_of(folder):
            run(folder, request)
    except (CannotStart, NoRedis) as problem:
        print(problem, file=sys.stderr)  # noqa: T201
        return 1
    except Stopped:
        say("Stopped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
