"""Known vulnerabilities in what we install: `python -m tests.support.vulnerabilities`, exit status 1 if there are any.

pip-audit calls it "no known vulnerabilities" when the service knows none of the packages, as behind a mirror that does not
carry them. So we count what was really looked at, and say loudly when that is nothing.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

COMMAND = [
    sys.executable, "-m", "pip_audit", "--requirement", "requirements/base.txt", "--require-hashes", "--disable-pip",
    "--progress-spinner", "off", "--timeout", "20", "--format", "json",
]  # fmt: skip


def verdict(dependencies: Sequence[Mapping[str, Any]]) -> tuple[int, str]:
    """Exit status and words for pip-audit's list of dependencies."""
    audited = [entry for entry in dependencies if "skip_reason" not in entry]
    if not audited:
        return (
            0,
            "=== The audit of known vulnerabilities DID NOT RUN: its service is out of reach or knows no package. ===",
        )
    found = [
        f"{entry['name']} {entry['version']}: {known['id']}, fixed in {', '.join(known['fix_versions']) or 'no version yet'}"
        for entry in audited
        for known in entry["vulns"]
    ]
    skipped = len(dependencies) - len(audited)
    summary = f"{len(audited)} packages audited, {skipped} unknown to the service, {len(found)} known vulnerabilities"
    return (1 if found else 0), "\n".join([*found, summary])


def main() -> int:
    audit = subprocess.run(COMMAND, capture_output=True, text=True)
    try:
        dependencies = json.loads(audit.stdout)["dependencies"]
    except (ValueError, KeyError):
        dependencies = []  # pip-audit could not finish; why stands on the last line of its complaint
        print(audit.stderr.strip().rpartition("\n")[2], file=sys.stderr)
    status, words = verdict(dependencies)
    print(words)
    return status


if __name__ == "__main__":
    sys.exit(main())
