"""What accounts keep fresh: the clients that exist at the provider."""

from collections.abc import Sequence
from datetime import timedelta

from accounts.services.mapping import mirror_remote_clients
from operations.sync.steps import Instead, Stored, SyncScope, SyncStep, sync_step
from providers.calls import Call
from providers.errors import RequestRefused
from providers.records import RemoteClient


@sync_step
class ClientList(SyncStep[tuple[RemoteClient, ...]]):
    name = "clients"
    label = "Clients"
    order = 10
    fresh_for = timedelta(hours=1)

    def units(self, scope: SyncScope) -> list[str]:
        # A client's own key sees that client alone, and everything behind it is theirs.
        return [] if scope.client_id is not None else ["list"]

    def call(self, scope: SyncScope, unit: str) -> Call[tuple[RemoteClient, ...]]:
        return scope.provider.clients()

    def store(self, scope: SyncScope, results: Sequence[tuple[str, tuple[RemoteClient, ...]]]) -> Stored:
        return Stored(mirror_remote_clients(scope.connection_id, results[-1][1], scope.now))

    def refused(self, scope: SyncScope, unit: str, error: RequestRefused) -> Instead | None:
        # A key without the right to list clients still tells each campaign's client id.
        return Instead(units=[])
