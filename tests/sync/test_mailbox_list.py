"""A list in pages that changes while it is read, and rows that never can be stored as they come."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Connection, Mailbox
from accounts.sync_steps import ListPart, MailboxList
from campaigns.models import Campaign, CampaignMailbox
from operations.sync.steps import Stored, SyncScope
from providers.calls import Page
from providers.records import RemoteMailbox, RemoteTag, RemoteWarmup
from providers.smartlead import Smartlead

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def connection(db: None) -> Connection:
    return Connection.objects.create(name="Agency", base_url="http://127.0.0.1")


class Listing:
    """One pull after another of the list of mailboxes, answered with the pages given."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.now = NOON

    def pull(self, *pages: list[RemoteMailbox]) -> dict[str, int]:
        """Ids that come on each page; raises if the step asks for more or fewer of them. Returns the counts."""
        self.now += timedelta(hours=1)
        step, left, total = MailboxList(), list(pages), dict[str, int]()
        scope = SyncScope(self.connection.pk, None, Smartlead(), {}, self.now, self.now.date(), "UTC")
        [unit] = step.units(scope)
        while unit:
            offset, rows = ListPart.parse(unit).offset, tuple(left.pop(0))
            is_last = not left or not rows
            stored: Stored = step.store(scope, [(unit, Page(rows, None if is_last or self.ends else offset + 100))])
            for name, count in stored.counts.items():
                total[name] = total.get(name, 0) + count
            unit = next(iter(stored.more), "")
        assert not left
        step.finish(scope)
        return total

    ends = False


def box(number: int, **more) -> RemoteMailbox:
    return RemoteMailbox(id=number, address=f"{number}@x.test", **({"campaign_ids": ()} | more))


def present() -> list[int]:
    return sorted(Mailbox.objects.present().values_list("remote_id", flat=True))
