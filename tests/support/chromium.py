"""Where Chromium is on this machine. `python -m tests.support.chromium` fetches Playwright's own if there is none."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DOWNLOADED = ("chromium-*/chrome-linux*/chrome", "chromium-*/chrome-mac*/*.app/Contents/MacOS/*")


def _candidates() -> list[str]:
    found = [os.environ.get("CHROMIUM") or "", *(shutil.which(name) or "" for name in NAMES)]
    default = Path.home() / ("Library/Caches/ms-playwright" if sys.platform == "darwin" else ".cache/ms-playwright")
    folder = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or default)
    return [path for path in found if path] + [str(path) for name in DOWNLOADED for path in sorted(folder.glob(name))]


@cache
def find_chromium() -> str | None:
    """Path of a Chromium that starts: CHROMIUM, an installed one, or Playwright's; None if there is none."""
    for path in _candidates():
        try:
            subprocess.run([path, "--version"], check=True, capture_output=True, timeout=20)
        except (OSError, subprocess.SubprocessError):
            continue
        return path
    return None


def main() -> int:
    """Make sure that there is one, as far as this machine and its network allow."""
    if not find_chromium():
        print("Fetching Chromium for the browser tests …", flush=True)
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], timeout=300)
    return 0


if __name__ == "__main__":
    sys.exit(main())
