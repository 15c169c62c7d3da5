from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest

from accounts.models import Client, Connection
from accounts.services import sessions
from accounts.services.connections import add_connection
from accounts.services.sessions import open_for_sync
from operations.audit import Actor
from operations.lanes import shared_loop
from operations.models import SyncCoverage, SyncRun, SyncState
from operations.models.syncing import LONG_AGO
from operations.registry import sync_steps
from operations.sync import planning
from operations.sync.engine import Turn, advance
from providers.secret import SecretText
from tests.support.sandbox import Sandbox, start_sandbox

FAST = [{"calls": 1000, "seconds": 1}]
Pull = Callable[..., SyncRun]
MIRROR = {"clients", "campaigns", "links", "sequences", "mailboxes"}


@pytest.fixture(scope="module")
def _sandbox() -> Iterator[Sandbox]:
    with start_sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(_sandbox: Sandbox, settings) -> Sandbox:
    """A sandbox as it was when it started, without a rate limit."""
    settings.QUARTERDECK_ALLOWED_BASE_URLS = [_sandbox.url]
    _sandbox.clear_faults()
    _sandbox.reset()
    _sandbox.unlimited()
    _sandbox.clear_log()
    return _sandbox


@pytest.fixture
def clock(sandbox: Sandbox) -> Callable[[], datetime]:
    """The provider's moved time."""
    return lambda: datetime.fromisoformat(sandbox.now()["now"])


@pytest.fixture
def connect(sandbox: Sandbox, db: None, clock) -> Iterator[Callable[..., Connection]]:
    def connect(key: str, *, client: Client | None = None, name: str = "") -> Connection:
        connection = add_connection(
            name=name or f"Key {Connection.objects.count() + 1}",
            provider="smartlead",
            base_url=sandbox.base_url,
            key=SecretText(key),
            client=client,
            actor=Actor(),
            now=clock(),
        )
        connection.windows = FAST
        connection.save()
        planning.ensure_state(connection.pk, clock())
        return connection

    yield connect
    # What a lane or a dialect has learned is stored by another thread, which needs the database a little longer.
    sessions._notes.submit(lambda: None).result()


@pytest.fixture
def pull(clock) -> Pull:
    """Ask for a whole sync and work on it until it has ended."""

    def pull(connection: Connection) -> SyncRun:
        SyncState.objects.filter(connection=connection).update(requested_at=clock())
        for _ in range(50):
            turn = advance(connection.pk, open_for_sync, shared_loop().loop, clock)
            if turn is not Turn.HANDED_ON:
                break
        return SyncRun.objects.filter(connection=connection).latest("pk")

    return pull


@pytest.fixture
def mirror(clock) -> Pull:
    """Campaigns with their sequences, senders and clients, without any figures: what a change needs, in a fraction of the time."""

    def mirror(connection: Connection) -> SyncRun:
        for name, _ in sync_steps:
            due = LONG_AGO if name in MIRROR else clock() + timedelta(days=1)
            SyncCoverage.objects.update_or_create(connection=connection, step=name, defaults={"due_at": due})
        while advance(connection.pk, open_for_sync, shared_loop().loop, clock) is Turn.HANDED_ON:
            pass
        return SyncRun.objects.filter(connection=connection).latest("pk")

    return mirror


@pytest.fixture
def pull_due(clock) -> Pull:
    """Work on what is due, as the planner has it done; `steps` are made due, and nothing else is."""

    def pull_due(connection: Connection, *steps: str) -> SyncRun:
        coverage = SyncCoverage.objects.filter(connection=connection)
        coverage.filter(step__in=steps).update(due_at=LONG_AGO)
        coverage.exclude(step__in=steps).update(due_at=clock() + timedelta(days=1))
        while advance(connection.pk, open_for_sync, shared_loop().loop, clock) is Turn.HANDED_ON:
            pass
        return SyncRun.objects.filter(connection=connection).latest("pk")

    return pull_due
