"""Starts the sandbox as a process of its own and steers it, for every suite that needs a provider."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import httpx

REPOSITORY = Path(__file__).resolve().parents[2]
AGENCY_KEY = "sandbox-agency-halyard-main-f3a9"
CINDER_KEY = "sandbox-client-cinder-08bc"
KESTREL_KEY = "sandbox-client-kestrel-d41e"
SOLWAY_KEY = "sandbox-client-solway-77c2"
TODAY = "2026-11-20"
"""The day of a sandbox that was not told another: a Friday, at noon."""


class Sandbox:
    """A running sandbox: `base_url` for the provider's clients, methods for steering."""

    agency_key = AGENCY_KEY
    cinder_key = CINDER_KEY
    kestrel_key = KESTREL_KEY
    solway_key = SOLWAY_KEY

    def __init__(self, url: str, process: "subprocess.Popen[str] | None" = None) -> None:
        self.url = url
        self.base_url = f"{url}/smartlead/api/v1"
        self.process = process
        self._http = httpx.Client(base_url=url, timeout=30, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def steer(self, method: str, path: str, /, body: Any = None, **query: Any) -> Any:
        response = self._http.request(method, path, json=body, params=query)
        assert response.status_code == 200, f"{method} {path}: {response.status_code} {response.text}"
        return response.json()

    def truth(self, key: str | None = None, *, days: bool = True) -> dict[str, Any]:
        """The whole world in neutral form, or what one key (or its label) sees."""
        query = {"key": key} if key else {}
        found: dict[str, Any] = self.steer("GET", "/_truth", **query, days="1" if days else "0")
        return found

    def faults(self, *rules: dict[str, Any]) -> list[dict[str, Any]]:
        """Adds rules; the first that strikes a call wins. Kinds are listed on the sandbox's page at `/`."""
        added: list[dict[str, Any]] = self.steer("POST", "/_faults", list(rules))["rules"]
        return added

    def clear_faults(self) -> None:
        self.steer("DELETE", "/_faults")

    def now(self) -> dict[str, Any]:
        found: dict[str, Any] = self.steer("GET", "/_clock")
        return found

    def advance(self, **by: float) -> dict[str, Any]:
        """Moves time on: `advance(days=1)`, `advance(hours=3)`."""
        found: dict[str, Any] = self.steer("POST", "/_clock", by)
        return found

    def change(self, do: str, **what: Any) -> dict[str, Any]:
        """Does what somebody would do in the provider's own interface: `change("rename", campaign=1, name="x")`."""
        done: dict[str, Any] = self.steer("POST", "/_change", {"do": do} | what)["done"][0]
        return done

    def log(self, **query: Any) -> dict[str, Any]:
        """Counters and calls received; `key`, `after`, `limit`, `path`, `method` choose among the calls."""
        found: dict[str, Any] = self.steer("GET", "/_log", **query)
        return found

    def clear_log(self) -> None:
        self.steer("DELETE", "/_log")

    def keys(self, **body: Any) -> list[dict[str, Any]]:
        """All keys; with arguments what `POST /_keys` does: `keys(agencies=2, campaigns=5)`, `keys(revoke="cinder")`."""
        found: list[dict[str, Any]] = self.steer("POST" if body else "GET", "/_keys", body or None)["keys"]
        return found

    def limits(self, **body: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.steer("POST" if body else "GET", "/_limits", body or None)
        return found

    def unlimited(self) -> None:
        """Lifts the rate limit, for suites that are about something else."""
        self.limits(windows=[{"limit": 1_000_000, "seconds": 1}])

    def dialect(self, dialect: str | None, key: str | None = None) -> None:
        self.steer("POST", "/_dialect", {"dialect": dialect} | ({"key": key} if key else {}))

    def reset(self) -> None:
        self.steer("POST", "/_reset")


@contextmanager
def start_sandbox(
    *,
    today: str | None = TODAY,
    seed: int = 1,
    limit: int = 10,
    window: float = 2.0,
    dialect: str = "live",
    port: int = 0,
) -> Iterator[Sandbox]:
    """A fresh sandbox process on a free port, stopped with SIGTERM at the end."""
    command = [sys.executable, "-m", "sandbox", "--port", str(port), "--seed", str(seed)]
    command += ["--limit", str(limit), "--window", str(window), "--dialect", dialect]
    command += ["--today", today] if today else []
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    process = subprocess.Popen(command, cwd=REPOSITORY, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        with Sandbox(_announced_url(process), process) as sandbox:
            yield sandbox
    finally:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stdout is not None
        process.stdout.close()


def _announced_url(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    give_up = threading.Timer(20, process.kill)
    give_up.start()
    try:
        line = process.stdout.readline()
    finally:
        give_up.cancel()
    assert line.startswith("sandbox ready on "), f"the sandbox did not start: {line!r}"
    return line.removeprefix("sandbox ready on ").strip()
