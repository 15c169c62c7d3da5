"""Opening a connection: its key, its provider, its lane. The only place where a key leaves its seal."""

import logging
import ssl
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import httpx
from django.conf import settings
from django.db import connections, transaction
from django.utils import timezone

from accounts.models import Connection
from accounts.secrets import BadKeyRing, SecretUnreadable, key_ring
from accounts.services import health
from accounts.services.syncing import ask_for_sync
from operations.lanes import DEFAULT, PROFILES, Fact, Rules, async_lane_for, lane_for, shared_loop
from operations.models import ApiCall
from operations.sync.steps import SyncScope
from operations.writes.permission import WritesNotAllowed, require_writes
from providers.calls import Call, Exchange
from providers.client import AsyncClient, Client
from providers.errors import AuthRejected, ProviderError
from providers.limiting import Priority
from providers.ports import Facts, Provider
from providers.registry import provider_named
from providers.secret import SecretText
from providers.sending import READ_TIMEOUT
from providers.server_clock import ServerClock
from providers.transport import AsyncGated, Gated

log = logging.getLogger(__name__)
T = TypeVar("T")

PERSON_WAITS = 3.0  # seconds for a slot, and then READ_TIMEOUT for the answer: a page must not hang for half a minute
PERSON_READ_TIMEOUT = 8.0
JOB_WAITS = BACKGROUND_WAITS = 10.0

_notes = ThreadPoolExecutor(max_workers=1, thread_name_prefix="learned")


class Session:
    """A connection opened for threads: the one of a view, or those of a job."""

    def __init__(self, connection_id: int, provider: Provider, client: Client) -> None:
        self.provider = provider
        self._connection_id = connection_id
        self._client = client

    def send(self, call: Call[T]) -> T:
        """Raises the ProviderError family: LaneBusy without a slot in time, WritesNotAllowed for a change that may not be made."""
        _require_permission(self._connection_id, call)
        try:
            return self._client.send(call)
        except AuthRejected:
            if not call.is_read:
                # Whether the key is refused altogether, a sync finds out at once, and the connection says so then.
                ask_for_sync([self._connection_id], timezone.now())
            raise


@contextmanager
def open_for_person(connection: Connection) -> Iterator[Session]:
    """The connection for one click: waits a few seconds at most. Its calls are logged when the block ends."""
    with _open(connection, Priority.PEOPLE, patience=PERSON_WAITS, read_timeout=PERSON_READ_TIMEOUT) as session:
        yield session


@contextmanager
def open_for_job(connection: Connection) -> Iterator[Session]:
    """The connection for work that a person started and need not wait for; may be used from several threads."""
    with _open(connection, Priority.JOBS, patience=JOB_WAITS, read_timeout=READ_TIMEOUT) as session:
        yield session


@contextmanager
def open_for_write(connection: Connection) -> Iterator[Session]:
    """The connection for a change that a person made on a page and that a worker carries out: first in the lane."""
    with _open(connection, Priority.PEOPLE, patience=JOB_WAITS, read_timeout=READ_TIMEOUT) as session:
        yield session


@contextmanager
def _open(connection: Connection, priority: Priority, *, patience: float, read_timeout: float) -> Iterator[Session]:
    provider = _provider(connection)
    exchanges: deque[Exchange] = deque()
    lane = lane_for(
        settings.REDIS_URL,
        lane_name(connection.pk),
        rules_of(connection),
        # A lane of threads tells it in the very thread that waits here, whose database connection must stay open.
        lambda fact: _later(_lane_learned, connection.pk, fact),
    )
    transport = Gated(httpx.HTTPTransport(verify=_trusted()), lane, priority=priority, patience=patience)
    client = Client(
        provider,
        _key(connection),
        base_url=connection.base_url,
        transport=transport,
        on_exchange=exchanges.append,
        read_timeout=read_timeout,
        attempts=1,  # a change must never be repeated blindly, and a person rather sees an error than waits
    )
    try:
        with client:
            yield Session(connection.pk, provider, client)
    finally:
        log_calls(connection.pk, exchanges)


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    """The authorities that vouch for providers. Reading them takes 35 ms, and a session is opened for every click."""
    return httpx.create_ssl_context()


class BackgroundSession:
    """A connection opened for a slice of sync work on the process's shared event loop (operations.sync.session.SyncSession)."""

    def __init__(self, connection: Connection) -> None:
        self.connection_id = connection.pk
        self._connection = connection
        self.provider = _provider(connection)
        self._exchanges: deque[Exchange] = deque()
        lane = async_lane_for(
            settings.REDIS_URL, lane_name(connection.pk), rules_of(connection), partial(_lane_learned, connection.pk)
        )
        gated = AsyncGated(shared_loop().transport(), lane, priority=Priority.BACKGROUND, patience=BACKGROUND_WAITS)
        self._clock = ServerClock(gated)
        self._client = AsyncClient(
            self.provider,
            _key(connection),
            base_url=connection.base_url,
            transport=self._clock,
            on_exchange=self._exchanges.append,
        )

    def scope(self, now: datetime) -> SyncScope:
        return SyncScope(
            connection_id=self._connection.pk,
            client_id=self._connection.client_id,
            provider=self.provider,
            learned=self._connection.learned.get("sync", {}),
            now=now,
            today=self._clock.there(now).astimezone(ZoneInfo(settings.QUARTERDECK_REPORTING_TIME_ZONE)).date(),
            time_zone=settings.QUARTERDECK_REPORTING_TIME_ZONE,
        )

    async def send(self, call: Call[T]) -> T:
        if not call.is_read:
            raise WritesNotAllowed("A sync only reads.")
        return await self._client.send(call)

    def take_exchanges(self) -> Sequence[Exchange]:
        taken = []
        while self._exchanges:
            taken.append(self._exchanges.popleft())
        return taken

    def learn(self, facts: Mapping[str, Any]) -> None:
        if facts:
            self._connection.learned = remember(self._connection.pk, "sync", facts)

    def succeeded(self, now: datetime) -> None:
        if self._has_its_key():
            health.note_success(self._connection, now)

    def failed(self, error: ProviderError, now: datetime) -> None:
        if self._has_its_key():
            health.note_failure(self._connection, error, now)

    def _has_its_key(self) -> bool:
        """What a key was told that was replaced since says nothing about the one that is there now."""
        there = Connection.objects.filter(pk=self._connection.pk, key_set_at=self._connection.key_set_at)
        return there.exists()


def open_for_sync(connection_id: int) -> BackgroundSession:
    """What the sync engine works with; raises AuthRejected if the key cannot be opened, and the connection says so."""
    connection = Connection.objects.get(pk=connection_id)
    try:
        return BackgroundSession(connection)
    except ProviderError as error:
        health.note_failure(connection, error, timezone.now())
        raise


def remember(connection_id: int, topic: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Add facts to what was learned about a connection; returns all of it."""
    with transaction.atomic():
        connection = Connection.objects.select_for_update().only("learned").get(pk=connection_id)
        learned: dict[str, Any] = {**connection.learned, topic: {**connection.learned.get(topic, {}), **facts}}
        if learned != connection.learned:
            Connection.objects.filter(pk=connection_id).update(learned=learned)
    return learned


def log_calls(connection_id: int, exchanges: Sequence[Exchange] | deque[Exchange], run_id: int | None = None) -> None:
    """Write exchanges to the call log."""
    ApiCall.objects.bulk_create(ApiCall.of(exchange, connection_id, run_id) for exchange in exchanges)


def _require_permission(connection_id: int, call: Call[Any]) -> None:
    """The one place below all writers. Asked of the database each time, so that a switch works at once."""
    if not call.is_read:
        facts = Connection.objects.values_list("name", "may_write", "disabled_at").get(pk=connection_id)
        name, may_write, disabled_at = facts
        if disabled_at is not None:
            raise WritesNotAllowed(f"{name} is disabled. An admin can enable it again on its connection page.")
        require_writes(connection_name=name, may_write=may_write)


def _provider(connection: Connection) -> Provider:
    return provider_named(
        connection.provider,
        facts=connection.learned.get("provider", {}),
        on_learned=partial(_remember_dialect, connection.pk),
    )


def _key(connection: Connection) -> SecretText:
    try:
        return connection.open_key(key_ring())
    except (SecretUnreadable, BadKeyRing) as error:
        raise AuthRejected(f"The stored key can't be opened: {error}. Replace the key.") from None


def rules_of(connection: Connection) -> Rules:
    """The limits that the connection's lane keeps to: those agreed or of its plan, and what its provider said since."""
    return _rules(connection, connection.learned.get("lane", {}).get("windows", []))


def plan_rules(connection: Connection) -> Rules:
    """The limits agreed or of the plan alone, for whoever may not know what was learned about the key."""
    return _rules(connection, [])


def _rules(connection: Connection, learned: Sequence[Mapping[str, Any]]) -> Rules:
    if connection.windows:
        return Rules.from_data({"windows": connection.windows, "learned": learned})
    plan = connection.plan if connection.plan in PROFILES else DEFAULT
    return Rules.from_data({"profile": plan, "learned": learned})


def lane_name(connection_id: int) -> str:
    return f"connection-{connection_id}"


def _later(function: Callable[..., None], *arguments: Any) -> None:
    _notes.submit(function, *arguments).add_done_callback(_noted)


def _noted(note: "Future[None]") -> None:
    if error := note.exception():
        log.error("What was learned about a connection could not be stored", exc_info=error)


def _lane_learned(connection_id: int, fact: Fact) -> None:
    """Called on a thread of its own, where Django opened a database connection that nobody else would close."""
    try:
        if fact.kind == "lower_limit" and fact.window is not None:
            known = Connection.objects.values_list("learned", flat=True).get(pk=connection_id).get("lane", {})
            windows = [window for window in known.get("windows", []) if window["seconds"] != fact.window.seconds]
            remember(connection_id, "lane", {"windows": [*windows, fact.window.to_data()]})
        else:
            remember(connection_id, "lane", {fact.kind: {"at": timezone.now().isoformat(), "text": str(fact)}})
    finally:
        connections.close_all()  # kept for ten minutes otherwise, and a database that is to go waits for it


def _remember_dialect(connection_id: int, facts: Facts) -> None:
    """Called on the event loop or in a view's thread: the database is a matter for another thread."""
    _later(_store_dialect, connection_id, dict(facts))


def _store_dialect(connection_id: int, facts: dict[str, Any]) -> None:
    try:
        remember(connection_id, "provider", facts)
    finally:
        connections.close_all()
