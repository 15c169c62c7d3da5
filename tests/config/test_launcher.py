"""`make run`: what it decides before it starts, and that the tree of processes that it starts lives and dies as promised."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from accounts.secrets import KeyRing
from config import environment, launcher, leftovers
from operations import heartbeats
from tests.support.redis import free_port


def test_secrets_are_generated_once_and_kept_private(tmp_path):
    first = launcher.generated_secrets({}, tmp_path)
    assert launcher.generated_secrets({}, tmp_path) == first
    assert stat.S_IMODE((tmp_path / "secrets.env").stat().st_mode) == 0o600
    assert len(first["SECRET_KEY"]) >= 50
    assert KeyRing.parse([first["QUARTERDECK_KEYS"]]).newest == "k1"


def test_secrets_of_the_environment_are_used_and_not_written_down(tmp_path):
    given = {"SECRET_KEY": "given" * 12, "QUARTERDECK_KEYS": "k9:given"}
    assert launcher.generated_secrets(given, tmp_path) == given
    assert not (tmp_path / "secrets.env").exists()


def test_the_demo_never_shares_a_database_with_a_real_installation(tmp_path):
    demo = launcher.describe({"PORT": str(free_port())}, tmp_path)
    real = launcher.describe({"PORT": str(free_port()), "QUARTERDECK_DEMO": "0"}, tmp_path)
    assert demo.environment["DATABASE_URL"] != real.environment["DATABASE_URL"]
    assert demo.environment["REDIS_URL"].rpartition("/")[2] != real.environment["REDIS_URL"].rpartition("/")[2]
    assert (demo.demo, real.demo) == (True, False)


def test_servers_of_the_environment_are_used(tmp_path):
    given = {"PORT": str(free_port()), "REDIS_URL": "redis://cache:6379/3", "DATABASE_URL": "postgres://deck@db/deck"}
    installation = launcher.describe(given, tmp_path)
    assert {name: installation.environment[name] for name in given} == given
    assert installation.own_redis is None
    assert not (tmp_path / "redis.conf").exists()


def test_ports_of_the_parts_stay_the_same_while_they_are_free(tmp_path):
    ports = launcher.kept_ports(tmp_path, besides=8000)
    assert launcher.kept_ports(tmp_path, besides=8000) == ports
    with socket.create_server(("127.0.0.1", ports["REDIS_PORT"])):
        moved = launcher.kept_ports(tmp_path, besides=8000)
    assert moved["REDIS_PORT"] != ports["REDIS_PORT"]
    assert moved["SANDBOX_PORT"] == ports["SANDBOX_PORT"]


@pytest.mark.parametrize("port", ["http", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused_in_words(port):
    with pytest.raises(launcher.CannotStart, match="PORT must be a number"):
        launcher.web_port({"PORT": port}, "127.0.0.1")


def test_a_taken_port_is_named_with_the_way_out():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(launcher.CannotStart, match=f"Port {port} is taken .* PORT={port + 1}"):
            launcher.web_port({"PORT": str(port)}, "127.0.0.1")


def test_a_second_run_is_told_where_the_first_one_is(tmp_path):
    environment.write_values(tmp_path / "run.env", {"PORT": "8123"}, title="test")
    running = launcher.only_run_of(tmp_path)
    refused = pytest.raises(launcher.CannotStart, match="already running at http://localhost:8123")
    with running, refused, launcher.only_run_of(tmp_path):
        pytest.fail("two runs in one folder")
    with launcher.only_run_of(tmp_path):
        pass


def test_commands_join_the_run_unless_the_environment_is_configured(tmp_path, monkeypatch):
    environment.write_values(tmp_path / "secrets.env", {"SECRET_KEY": "generated"}, title="test")
    environment.write_values(tmp_path / "run.env", {"REDIS_URL": "redis://private"}, title="test")
    monkeypatch.setattr(os, "environ", {"QUARTERDECK_DATA_DIR": str(tmp_path)})
    environment.join_embedded_run()
    assert (os.environ["SECRET_KEY"], os.environ["REDIS_URL"]) == ("generated", "redis://private")

    monkeypatch.setattr(os, "environ", {"QUARTERDECK_DATA_DIR": str(tmp_path), "SECRET_KEY": "mine"})
    environment.join_embedded_run()
    assert os.environ == {"QUARTERDECK_DATA_DIR": str(tmp_path), "SECRET_KEY": "mine"}


def test_only_processes_that_are_recognised_are_ended(tmp_path):
    ours = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)", "leftover-of-ours"], start_new_session=True
    )
    strange = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
    try:
        (tmp_path / "web.pid").write_text(str(ours.pid))
        (tmp_path / "worker.pid").write_text(str(strange.pid))  # its id was given to somebody else meanwhile
        (tmp_path / "beat.pid").write_text("not a number")
        programs = {"web": "leftover-of-ours", "worker": "celery", "beat": "celery", "redis": "redis-server"}
        time.sleep(0.1)
        assert leftovers.end(tmp_path, programs) == ["web"]
        assert ours.wait(5) == -signal.SIGTERM
        assert strange.poll() is None
        assert not list(tmp_path.glob("*.pid"))
    finally:
        for process in (ours, strange):
            process.kill()
            process.wait()


class Run:
    """A real `python -m config.launcher` in a data folder of its own."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.output = folder.parent / f"console-{time.monotonic_ns()}.txt"
        names = ("PATH", "HOME", "LANG", "TMPDIR")
        clean = {name: os.environ[name] for name in names if name in os.environ}
        with self.output.open("wb") as console:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "config.launcher"],
                cwd=environment.ROOT,
                env=clean
                | {"PORT": str(port), "QUARTERDECK_DATA_DIR": str(folder), "QUARTERDECK_ENV_FILE": os.devnull},
                stdout=console,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def console(self) -> str:
        return self.output.read_text()

    def pids(self) -> dict[str, int]:
        ports = environment.read_values(self.folder / "ports.env")
        return leftovers.recorded(self.folder / "run", leftovers.patterns(int(ports.get("REDIS_PORT", "0"))))

    def readiness(self) -> dict[str, object]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=3) as answer:
                return dict(json.load(answer))
        except OSError:
            return {}

    def forget_signs_of_life(self) -> None:
        """Those of killed processes outlive them for a while; what comes now is from their successors."""
        url = environment.read_values(self.folder / "run.env")["REDIS_URL"]
        with redis.Redis.from_url(url, retry=Retry(ConstantBackoff(0.2), 50)) as client:
            for key in client.scan_iter(match=heartbeats.PREFIX + "*"):
                client.delete(key)

    def wait_for(self, what, *, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < deadline, f"waited {seconds} s in vain; console: {self.console}"
            time.sleep(0.1)

    def wait_until_ready(self) -> None:
        self.wait_for(lambda: "is ready" in self.console or self.process.poll() is not None, seconds=100)
        assert "is ready" in self.console, self.console

    def processes(self) -> list[int]:
        """Every process of this run, by the data folder in its environment (as far as this system tells)."""
        needle = f"QUARTERDECK_DATA_DIR={self.folder}".encode()
        found = []
        for path in Path("/proc").glob("[0-9]*/environ"):
            try:
                if needle in path.read_bytes().split(b"\0") and int(path.parent.name) != os.getpid():
                    found.append(int(path.parent.name))
            except OSError:
                continue
        return found


@contextmanager
def started(folder: Path, port: int) -> Iterator[Run]:
    run = Run(folder, port)
    try:
        run.wait_until_ready()
        yield run
    finally:
        run.process.send_signal(signal.SIGINT)
        try:
            run.process.wait(15)
        except subprocess.TimeoutExpired:
            run.process.kill()
        for pid in run.processes():
            os.kill(pid, signal.SIGKILL)


@pytest.mark.processes
def test_a_run_becomes_ready_revives_what_dies_and_leaves_nothing_behind(tmp_path):
    folder, port = tmp_path / "data", free_port()
    with started(folder, port) as run:
        assert run.readiness() == {"ready": True, "database": "ok", "redis": "ok", "worker": "ok", "beat": "ok"}
        assert f"http://localhost:{port}" in run.console
        assert {path.name for path in folder.iterdir() if path.is_file() and stat.S_IMODE(path.stat().st_mode) & 0o077} <= {
            "run.lock", "demo.sqlite3", "demo.sqlite3-wal", "demo.sqlite3-shm",
        }  # fmt: skip
        before = run.pids()
        assert {*before} == {"supervisord", "redis", "sandbox", "web", "worker", "beat"}

        for name in ("redis", "sandbox", "web", "worker", "beat"):
            os.kill(before[name], signal.SIGKILL)
        run.wait_for(
            lambda: (
                {*run.pids()} == {*before}
                and not {*run.pids().values()} & ({*before.values()} - {before["supervisord"]})
            )
        )

        second = Run(folder, free_port())
        assert second.process.wait(20) == 1
        assert f"already running at http://localhost:{port}" in second.console
        run.forget_signs_of_life()
        run.wait_for(lambda: run.readiness().get("ready"), seconds=30)

        asked = time.monotonic()
        for number in (
            signal.SIGTERM,
            signal.SIGTERM,
            signal.SIGINT,
        ):  # make passes on what it gets, and people are impatient
            run.process.send_signal(number)
            time.sleep(0.05)
        assert run.process.wait(15) == 0
        assert time.monotonic() - asked < 10
        assert run.processes() == []
        assert not (folder / "run.env").exists()


@pytest.mark.processes
@pytest.mark.parametrize("word", ["Preparing", "Starting"])
def test_a_run_that_is_stopped_while_it_starts_leaves_nothing_behind(tmp_path, word):
    run = Run(tmp_path / "data", free_port())
    run.wait_for(lambda: word in run.console)
    run.process.send_signal(signal.SIGINT)
    assert run.process.wait(15) == 0
    run.wait_for(lambda: not run.processes(), seconds=5)
    assert "is ready" not in run.console


@pytest.mark.processes
def test_what_a_killed_supervisor_left_behind_is_ended_by_the_next_start_which_is_quick(tmp_path):
    folder, port = tmp_path / "data", free_port()
    with started(folder, port) as run:
        orphans = run.pids()
        os.kill(run.process.pid, signal.SIGKILL)
        os.kill(orphans["supervisord"], signal.SIGKILL)
        run.process.wait()
        (folder / "kept").touch()
        begun = time.monotonic()
        with started(folder, port) as again:
            assert re.search(r"Ended what an interrupted run left behind: .*worker", again.console)
            assert not {*again.pids().values()} & {*orphans.values()}
            assert time.monotonic() - begun < 25  # 10 s on an idle machine, which a test run is not
            assert (folder / "kept").exists()
        assert again.processes() == []
