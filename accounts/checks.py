"""Whether our remote clients and mailboxes are those of the provider. Asked of agency-wide keys, which see all of them."""

from collections.abc import Sequence

from accounts.models import Mailbox, RemoteClient
from operations.sync.comparing import Check, Compared, check, compare_names
from operations.sync.steps import SyncScope
from providers.calls import Call
from providers.records import RemoteName
from providers.reports import RemoteMailboxCounts


@check
class ClientNames(Check[tuple[RemoteName, ...]]):
    """Ids and names as the reports tell them (smartlead-api 3.4 row 13)."""

    name = "clients"

    def applies(self, scope: SyncScope) -> bool:
        # A key that may not list clients has none here, and nothing to compare.
        return (
            scope.client_id is None
            and scope.provider.capabilities.clients
            and RemoteClient.objects.filter(connection_id=scope.connection_id, gone_at=None).exists()
        )

    def call(self, scope: SyncScope) -> Call[tuple[RemoteName, ...]]:
        return scope.provider.client_names()

    def compare(self, scope: SyncScope, told: tuple[RemoteName, ...]) -> Sequence[Compared]:
        rows = RemoteClient.objects.filter(connection_id=scope.connection_id, gone_at=None)
        ours = dict(rows.values_list("remote_id", "name"))
        return compare_names("clients", "Clients", ours, {row.id: row.name for row in told}, width=300)


@check
class MailboxCounts(Check[RemoteMailboxCounts]):
    """How many mailboxes there are (smartlead-api 3.4 row 18)."""

    name = "mailboxes"

    def applies(self, scope: SyncScope) -> bool:
        return scope.client_id is None and scope.provider.capabilities.mailbox_statistics

    def call(self, scope: SyncScope) -> Call[RemoteMailboxCounts]:
        return scope.provider.mailbox_counts()

    def compare(self, scope: SyncScope, told: RemoteMailboxCounts) -> Sequence[Compared]:
        if told.connected is None:
            return []
        ours = Mailbox.objects.present().filter(connection_id=scope.connection_id, listed=True).count()
        # Nobody says whether "total connected" holds those that lost their connection: either reading may be meant.
        broken = told.disconnected or 0
        theirs = told.connected if ours == told.connected else told.connected + broken
        return [Compared("mailboxes", "Mailboxes", ours, theirs)]
