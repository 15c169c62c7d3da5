"""Asks a running web server how it is: `python -m config.probe` exits with 0 if it is alive (for container health checks)."""

import json
import os
import sys
import urllib.error
import urllib.request


def ask(path: str, *, host: str, port: int, allowed_hosts: str = "") -> tuple[int, str]:
    """Status and body of the answer, by a name the server answers to; (0, "") while nobody answers."""
    name = allowed_hosts.split(",")[0].lstrip("*.") or "localhost"
    reached = host if host not in {"", "0.0.0.0", "::"} else "127.0.0.1"  # noqa: S104  compared, not bound
    request = urllib.request.Request(f"http://{reached}:{port}{path}", headers={"Host": name})
    try:
        with urllib.request.urlopen(request, timeout=3) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except OSError:
        return 0, ""


def readiness(*, host: str, port: int, allowed_hosts: str = "") -> dict[str, object]:
    """What /readyz says; {} while nobody answers there."""
    _, body = ask("/readyz", host=host, port=port, allowed_hosts=allowed_hosts)
    try:
        said: dict[str, object] = json.loads(body)
    except ValueError:
        return {}
    return said


def main() -> int:
    port = int(os.environ.get("PORT") or "8000")
    status, _ = ask("/healthz", host="127.0.0.1", port=port, allowed_hosts=os.environ.get("ALLOWED_HOSTS", ""))
    return 0 if status == 200 else 1


if __name__ == "__main__":
    sys.exit(main())
