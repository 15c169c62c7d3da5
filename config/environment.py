"""Where the environment comes from: the process, then `.env` beside manage.py, then what `make run` left behind.

An embedded run keeps two files in its data folder, readable by their owner only, so that commands typed beside it join
it: `secrets.env`, kept for good, and `run.env`, which says where the present run listens and goes away with it. Only
manage.py and the launcher read them; a configured server never does. What is set earlier in the list always wins.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import environ

ROOT = Path(__file__).resolve().parent.parent
SECRETS = "secrets.env"
RUN = "run.env"


def data_dir(environment: Mapping[str, str]) -> Path:
    """Where this installation keeps its files: QUARTERDECK_DATA_DIR, or `var/` in the repository."""
    return Path(environment.get("QUARTERDECK_DATA_DIR") or ROOT / "var").expanduser().resolve()


def read_values(path: Path) -> dict[str, str]:
    """NAME=value lines of a file that `write_values` wrote; nothing if there is none."""
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return {}
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def write_values(path: Path, values: Mapping[str, str], *, title: str) -> None:
    """Replace the file at once, never readable by others, not even for a moment."""
    text = f"# {title}\n" + "".join(f"{name}={value}\n" for name, value in values.items())
    write_private(path, text)


def write_private(path: Path, text: str) -> None:
    new = path.with_suffix(path.suffix + ".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    new.replace(path)


def read_env_file() -> None:
    """Take `.env` beside manage.py (or the file QUARTERDECK_ENV_FILE names) for what the process did not set."""
    path = Path(os.environ.get("QUARTERDECK_ENV_FILE", ROOT / ".env"))
    if path.is_file():
        environ.Env.read_env(path)


def join_embedded_run() -> None:
    """Take over what the embedded run uses, wherever the environment is silent.

    An environment with a SECRET_KEY of its own is a configured server: nothing of an embedded run is mixed into it.
    """
    if os.environ.get("SECRET_KEY"):
        return
    folder = data_dir(os.environ)
    for name, value in {**read_values(folder / SECRETS), **read_values(folder / RUN)}.items():
        if not os.environ.get(name):
            os.environ[name] = value
