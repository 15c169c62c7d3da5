"""What accounts keep fresh: the clients that exist at the provider, the mailboxes, and how these warm up."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Self

from django.db.models import F, Q

from accounts.models import Mailbox
from accounts.services.mailboxes import mark_gone, mirror_mailboxes, missing_since, reown_mailboxes, store_warmup
from accounts.services.mapping import mirror_remote_clients
from operations.registry import client_rows_follow, mailbox_lists
from operations.sync.steps import Instead, Stored, SyncScope, SyncStep, sync_step
from providers.calls import Call, Page
from providers.errors import NO_ROUTE, Forbidden, RequestRefused
from providers.records import RemoteClient, RemoteMailbox
from providers.reports import RemoteWarmupStats


@sync_step
class ClientList(SyncStep[tuple[RemoteClient, ...]]):
    name = "clients"
    label = "Clients"
    order = 10
    fresh_for = timedelta(hours=1)

    def applies(self, scope: SyncScope) -> bool:
        # A client's own key sees that client alone, and everything behind it is theirs.
        return scope.client_id is None

    def units(self, scope: SyncScope) -> list[str]:
        return ["list"]

    def call(self, scope: SyncScope, unit: str) -> Call[tuple[RemoteClient, ...]]:
        return scope.provider.clients()

    def store(self, scope: SyncScope, results: Sequence[tuple[str, tuple[RemoteClient, ...]]]) -> Stored:
        return Stored(mirror_remote_clients(scope.connection_id, results[-1][1], scope.now))

    def refused(self, scope: SyncScope, unit: str, error: RequestRefused | Forbidden) -> Instead | None:
        # A key without the right to list clients still tells each campaign's client id.
        return None if error.code == NO_ROUTE else Instead(units=[])


class ListPart(NamedTuple):
    """A page of the list of mailboxes that was begun at `seen_at`; the unit that asks for it is its text.

    `campaigns` says whether each mailbox's campaigns are asked for too, `again` whether this is the second look.
    """

    offset: int
    seen_at: datetime
    campaigns: bool
    again: bool = False

    @classmethod
    def parse(cls, unit: str) -> Self:
        offset, seen_at, *words = unit.split("|")
        return cls(int(offset), datetime.fromisoformat(seen_at), "campaigns" in words, "again" in words)

    def __str__(self) -> str:
        words = [word for word, said in (("campaigns", self.campaigns), ("again", self.again)) if said]
        return "|".join([str(self.offset), self.seen_at.isoformat(), *words])


@sync_step
class MailboxList(SyncStep[Page[RemoteMailbox]]):
    """Every mailbox, page by page, and which campaigns send from it where the list tells.

    Paging by offset over a list that changes can skip rows (smartlead-api 1.8): where something seems to be gone from
    a list of several pages, or everything is, the list is read a second time, and gone is what neither look has seen.
    """

    name = "mailboxes"
    label = "Mailboxes"
    order = 60
    fresh_for = timedelta(hours=1)

    def units(self, scope: SyncScope) -> list[str]:
        # A client's own key need not list the agency's mailboxes that its campaigns send from: there the campaigns tell.
        tells = scope.client_id is None and not scope.learned.get("mailboxes_without_campaigns", False)
        return [str(ListPart(0, scope.now, tells))]

    def call(self, scope: SyncScope, unit: str) -> Call[Page[RemoteMailbox]]:
        part = ListPart.parse(unit)
        return scope.provider.mailboxes(offset=part.offset, with_campaigns=part.campaigns)

    def store(self, scope: SyncScope, results: Sequence[tuple[str, Page[RemoteMailbox]]]) -> Stored:
        counts: Counter[str] = Counter()
        more: list[str] = []
        for unit, page in results:
            part = ListPart.parse(unit)
            told = mirror_mailboxes(scope.connection_id, page.rows, part.seen_at)
            counts.update({**told, "seen": 0} if part.again else told)
            if page.next_offset is not None:
                more.append(str(part._replace(offset=page.next_offset)))
            elif self._look_again(scope, part, page):
                more.append(str(part._replace(offset=0, again=True)))
            else:
                counts["gone"] += mark_gone(scope.connection_id, part.seen_at, scope.now)
        return Stored(counts, more)

    @staticmethod
    def _look_again(scope: SyncScope, part: ListPart, last: Page[RemoteMailbox]) -> bool:
        may_have_skipped = part.offset > 0 or not last.rows
        return may_have_skipped and not part.again and missing_since(scope.connection_id, part.seen_at) > 0

    def refused(self, scope: SyncScope, unit: str, error: RequestRefused | Forbidden) -> Instead | None:
        part = ListPart.parse(unit)
        if not part.campaigns:
            return None
        return Instead([str(part._replace(campaigns=False))], {"mailboxes_without_campaigns": True})

    def finish(self, scope: SyncScope) -> Mapping[str, int]:
        counts: Counter[str] = Counter()
        for _, follow in mailbox_lists:
            counts.update(follow(scope.connection_id, scope.now))
        return counts


@sync_step
class Warmup(SyncStep[RemoteWarmupStats]):
    """The last week's warmup of each mailbox that warms up: one call per mailbox and day, each at an hour of its own.

    Status, reputation and lifetime counters come with the list; only what a call per mailbox tells is asked for here.
    """

    name = "warmup"
    label = "Warmup"
    order = 90
    fresh_for = timedelta(hours=1)

    def units(self, scope: SyncScope) -> list[str]:
        if not scope.provider.capabilities.mailbox_warmup:
            return []
        rows = Mailbox.objects.present().warming_up().filter(connection_id=scope.connection_id)
        rows = rows.annotate(hour=F("remote_id") % 24)
        # An hour may be missed; a mailbox that has not answered for days is left to its own hour.
        of_this_hour = Q(hour=scope.now.hour) & ~Q(warmup_week_at__gte=scope.now - timedelta(hours=12))
        missed = Q(warmup_week_at__range=(scope.now - timedelta(days=4), scope.now - timedelta(hours=25)))
        wanted = rows.filter(of_this_hour | missed).order_by("remote_id")
        return [str(remote_id) for remote_id in wanted.values_list("remote_id", flat=True)]

    def call(self, scope: SyncScope, unit: str) -> Call[RemoteWarmupStats]:
        return scope.provider.warmup(int(unit), today=scope.today)

    def store(self, scope: SyncScope, results: Sequence[tuple[str, RemoteWarmupStats]]) -> Stored:
        return Stored(store_warmup(scope.connection_id, [stats for _, stats in results], scope.now))

    def refused(self, scope: SyncScope, unit: str, error: RequestRefused | Forbidden) -> Instead | None:
        # A mailbox without statistics keeps what the list tells.
        return Instead(units=[])


client_rows_follow("mailboxes", order=5)(reown_mailboxes)
