"""Says whether the vendored static files are those of static/vendor/vendor.json: `python -m tests.support.vendored`."""

import hashlib
import json
import sys
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "static"
OUR_OWN = {"vendor/vendor.json", "vendor/README.md"}


def problems(static: Path = STATIC) -> list[str]:
    """What differs from vendor.json, in words; nothing if all is as it should be."""
    parts = json.loads((static / "vendor" / "vendor.json").read_text())
    checksums: dict[str, str] = {path: checksum for part in parts for path, checksum in part["files"].items()}
    listed = OUR_OWN | {*checksums} | {path for part in parts for path in part.get("licence_files", [])}
    found = {path.relative_to(static).as_posix() for path in (static / "vendor").rglob("*") if path.is_file()}
    missing = [f"{path} is missing" for path in listed if not (static / path).is_file()]
    strange = [f"{path} is not listed in vendor.json" for path in found - listed]
    changed = [
        f"{path} was changed"
        for path, checksum in checksums.items()
        if (static / path).is_file() and hashlib.sha256((static / path).read_bytes()).hexdigest() != checksum
    ]
    return sorted(missing + strange + changed)


if __name__ == "__main__":
    if found := problems():
        sys.exit("static: " + "; ".join(found))
