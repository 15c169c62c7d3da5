"""Says whether vendored files are those of their vendor.json: `python -m tests.support.vendored`."""

import hashlib
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACES = (ROOT / "static", ROOT / "tests")
OUR_OWN = {"vendor/vendor.json", "vendor/README.md"}


def problems() -> list[str]:
    """What differs from the two lists, in words; nothing if all is as it should be."""
    return [f"{place.name}: {problem}" for place in PLACES for problem in problems_of(place)]


def problems_of(place: Path) -> list[str]:
    parts = json.loads((place / "vendor" / "vendor.json").read_text())
    checksums: dict[str, str] = {path: checksum for part in parts for path, checksum in part["files"].items()}
    listed = OUR_OWN | {*checksums} | {path for part in parts for path in part.get("licence_files", [])}
    found = {path.relative_to(place).as_posix() for path in (place / "vendor").rglob("*") if path.is_file()}
    missing = [f"{path} is missing" for path in listed if not (place / path).is_file()]
    strange = [f"{path} is not listed in vendor.json" for path in found - listed]
    changed = [
        f"{path} was changed"
        for path, checksum in checksums.items()
        if (place / path).is_file() and hashlib.sha256((place / path).read_bytes()).hexdigest() != checksum
    ]
    return sorted(missing + strange + changed)


if __name__ == "__main__":
    if found := problems():
        sys.exit("; ".join(found))
