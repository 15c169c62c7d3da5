"""Says at the end of a run how much the access matrix has checked."""

import pytest

from tests.access.matrix import METHODS, ROUTES
from tests.fixtures_people import KINDS

CHECK = "test_matrix.py::test_a_route_answers_as_the_table_says["


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    passed, failed = (
        sum(CHECK in report.nodeid for report in terminalreporter.stats.get(outcome, []))
        for outcome in ("passed", "failed")
    )
    if passed or failed:
        checks = (passed + failed) * len(KINDS) * len(METHODS)
        terminalreporter.line(
            f"access matrix: {passed + failed} of {len(ROUTES)} routes × {len(KINDS)} kinds of people × {' and '.join(METHODS)}"
            f" = {checks:,} checks, {failed} routes not as the table says"
        )
