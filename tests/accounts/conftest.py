from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Client, Connection
from accounts.services.connections import add_connection
from operations.audit import Actor
from providers.secret import SecretText
from tests.support.sandbox import Sandbox, start_sandbox

Connect = Callable[..., Connection]


@pytest.fixture(scope="session")
def _sandbox() -> Iterator[Sandbox]:
    with start_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(_sandbox: Sandbox, settings: Any) -> Sandbox:
    """The sandbox as it was when it started, without a rate limit; keys may be sent to it."""
    settings.QUARTERDECK_ALLOWED_BASE_URLS = [*settings.QUARTERDECK_ALLOWED_BASE_URLS, _sandbox.url]
    _sandbox.clear_faults()
    _sandbox.reset()
    _sandbox.unlimited()
    _sandbox.clear_log()
    return _sandbox


@pytest.fixture
def connect(sandbox: Sandbox, db: None) -> Connect:
    """Adds a connection to the sandbox."""

    def connect(key: str, *, client: Client | None = None, name: str = "Sandbox") -> Connection:
        return add_connection(
            name=name,
            provider="smartlead",
            base_url=sandbox.base_url,
            key=SecretText(key),
            client=client,
            actor=Actor(),
            now=timezone.now(),
        )

    return connect
