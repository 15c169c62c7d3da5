"""The whole product, started as `make run` starts it, in a folder of its own, to be looked at from outside by tests and benches."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN = 120.0
OURS = ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "PORT", "DEBUG", "EMAIL_URL")


class Product:
    """A running installation with the demo world; commands join it through its data folder."""

    def __init__(self, folder: Path, url: str, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.url = url
        self.environment = dict(environment)
        self.settings = dict(
            line.split("=", 1)
            for name in ("secrets.env", "run.env")
            for line in (folder / name).read_text().splitlines()
            if "=" in line and not line.startswith("#")
        )
        self.sandbox_url = self.settings["QUARTERDECK_SANDBOX_URL"]

    def manage(self, *arguments: str, check: bool = True, **more: str) -> subprocess.CompletedProcess[str]:
        """Run a management command beside the product."""
        command = [sys.executable, "manage.py", *arguments]
        ended = subprocess.run(
            command, cwd=ROOT, env=self.environment | more, check=False, capture_output=True, text=True, timeout=1800
        )
        if check and ended.returncode:
            raise RuntimeError(
                f"manage.py {' '.join(arguments)} ended with {ended.returncode}: {ended.stderr}{ended.stdout}"
            )
        return ended

    def pid(self, program: str) -> int:
        """Process id of one program of the supervisor: redis, sandbox, web, worker or beat; 0 while there is none."""
        with contextlib.suppress(OSError, ValueError):
            return int((self.folder / "run" / f"{program}.pid").read_text())
        return 0

    def last_words(self, lines: int = 25) -> str:
        """The end of what each program logged, and of what the supervisor did."""
        logs = sorted([self.folder / "launcher.log", *self.folder.glob("log*/*.log")])
        return "\n".join(f"{log.name}\n" + "\n".join(log.read_text().splitlines()[-lines:]) for log in logs)

    def pids(self, word: str) -> list[int]:
        """Process ids of this product whose command line contains `word`, oldest first."""
        found = []
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            with contextlib.suppress(OSError):
                words = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                environ = (entry / "environ").read_bytes()
                if word in words and str(self.folder).encode() in environ:
                    found.append(int(entry.name))
        return sorted(found)


@contextlib.contextmanager
def product(**environment: str) -> Iterator[Product]:
    """Start it, wait until it is ready, and stop it at the end as Ctrl-C does."""
    folder = Path(tempfile.mkdtemp(prefix="quarterdeck-product-"))
    kept = {k: v for k, v in os.environ.items() if not k.startswith("QUARTERDECK_") and k not in OURS}
    port = _free_port()
    settings = kept | {"QUARTERDECK_DATA_DIR": str(folder), "QUARTERDECK_ENV_FILE": os.devnull}
    with (folder / "launcher.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "config.launcher"],
            cwd=ROOT,
            env=settings | {"PORT": str(port)} | environment,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait(folder / "launcher.log", process)
        yield Product(folder, f"http://localhost:{port}", settings)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _wait(log: Path, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + READY_WITHIN
    while time.monotonic() < end:
        if "is ready" in (text := log.read_text()):
            return
        if process.poll() is not None:
            break
        time.sleep(0.2)
    raise SystemExit(f"The product did not become ready:\n{text}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
