"""What an interrupted embedded run left behind, ended only after pid and command line have both been recognised."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path


def patterns(redis_port: int) -> dict[str, str]:
    """How the command line of each program of config/supervisord.conf reads.

    The supervisor comes first, or it would bring the others back.
    """
    python = re.escape(sys.executable)
    return {
        "supervisord": rf"^{python} -m supervisor\.supervisord ",
        "beat": rf"^{python} -m celery -A config\.celery beat",
        "worker": rf"^{python} -m celery -A config\.celery worker",
        "web": rf"^{python} -m gunicorn .*config\.wsgi",
        "sandbox": rf"^{python} -m sandbox ",
        "redis": rf"(redis|valkey)-server .*:{redis_port}\b",
    }


def command_line(pid: int) -> str:
    """The words with which a process was started; "" if there is no such process (or it is dead and not yet collected)."""
    proc = Path(f"/proc/{pid}")
    if Path("/proc/self/cmdline").exists():
        try:
            return (proc / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        except OSError:
            return ""
    shown = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True)  # noqa: S603, S607
    return shown.stdout.strip()


def is_running(pid: int, pattern: str) -> bool:
    return bool(re.search(pattern, command_line(pid)))


def recorded(folder: Path, programs: Mapping[str, str]) -> dict[str, int]:
    """Those `programs` (name and pattern of the command line) that still run under the process id noted in `folder`."""
    found: dict[str, int] = {}
    for name, pattern in programs.items():
        try:
            pid = int((folder / f"{name}.pid").read_text())
        except (FileNotFoundError, ValueError):
            continue
        if pid > 1 and is_running(pid, pattern):
            found[name] = pid
    return found


def end(folder: Path, programs: Mapping[str, str], *, patience: float = 5.0) -> list[str]:
    """End what `recorded` finds, gently and then by force; returns the names. The supervisor goes before its programs."""
    ended = recorded(folder, programs)
    supervisor = {name: pid for name, pid in ended.items() if name == "supervisord"}
    _end_all([(pid, programs[name]) for name, pid in supervisor.items()], patience=patience)
    _end_all([(pid, programs[name]) for name, pid in recorded(folder, programs).items()], patience=patience)
    for name in programs:
        (folder / f"{name}.pid").unlink(missing_ok=True)
    return [*ended]


def _end_all(processes: Iterable[tuple[int, str]], *, patience: float) -> None:
    left = [*processes]
    for pid, _ in left:
        _signal_group(pid, signal.SIGTERM)
    deadline = time.monotonic() + patience
    while left := [(pid, pattern) for pid, pattern in left if is_running(pid, pattern)]:
        if time.monotonic() > deadline:
            for pid, _ in left:
                _signal_group(pid, signal.SIGKILL)
            return
        time.sleep(0.05)


def _signal_group(pid: int, number: signal.Signals) -> None:
    """To the process and, as supervisord gave each program a group of its own, to its children."""
    try:
        if os.getpgid(pid) == pid:
            os.killpg(pid, number)
        else:
            os.kill(pid, number)
    except ProcessLookupError:
        pass
