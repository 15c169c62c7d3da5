"""One sandbox process for the suite, as new before each test, and clients of it."""

from collections.abc import Iterator

import pytest

from tests.providers.desk import Desk, opened
from tests.support.sandbox import Sandbox, start_sandbox


@pytest.fixture(scope="session")
def process() -> Iterator[Sandbox]:
    with start_sandbox() as sandbox:
        yield sandbox


@pytest.fixture(params=["live", "guides"])
def sandbox(process: Sandbox, request: pytest.FixtureRequest) -> Sandbox:
    process.reset()
    process.unlimited()
    process.dialect(request.param)
    return process


@pytest.fixture
def live(process: Sandbox) -> Sandbox:
    process.reset()
    process.unlimited()
    process.dialect("live")
    return process


@pytest.fixture
def desk(sandbox: Sandbox) -> Iterator[Desk]:
    with opened(sandbox, sandbox.agency_key) as desk:
        yield desk


@pytest.fixture
def live_desk(live: Sandbox) -> Iterator[Desk]:
    with opened(live, live.agency_key) as desk:
        yield desk
