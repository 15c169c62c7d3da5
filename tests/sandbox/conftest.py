"""One sandbox process for the suite, as new before each test."""

from collections.abc import Iterator
from typing import Any, Protocol

import httpx
import pytest

from tests.support.sandbox import AGENCY_KEY, Sandbox, start_sandbox


class Api(Protocol):
    def __call__(
        self, method: str, path: str, body: Any = None, *, key: str = AGENCY_KEY, **query: Any
    ) -> httpx.Response: ...


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[Sandbox]:
    with start_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def strict_sandbox(sandbox_process: Sandbox) -> Sandbox:
    """As started: 10 calls per key in any 2 seconds."""
    sandbox_process.reset()
    return sandbox_process


@pytest.fixture
def sandbox(strict_sandbox: Sandbox) -> Sandbox:
    """Without a rate limit."""
    strict_sandbox.unlimited()
    return strict_sandbox


@pytest.fixture
def api(sandbox_process: Sandbox) -> Iterator[Api]:
    """Calls the provider side with a key: `api("GET", "/campaigns/12", include_tags="true")`."""
    with httpx.Client(base_url=sandbox_process.base_url, timeout=10, trust_env=False) as http:

        def call(method: str, path: str, body: Any = None, *, key: str = AGENCY_KEY, **query: Any) -> httpx.Response:
            return http.request(method, path, json=body, params={"api_key": key} | query)

        yield call
