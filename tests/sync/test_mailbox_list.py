"""The list of mailboxes comes in pages and may change while it is read."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Connection, Mailbox
from accounts.services.mailboxes import mirror_mailboxes
from accounts.sync_steps import ListPart, MailboxList
from campaigns.models import Campaign, CampaignMailbox
from operations.sync.steps import Stored, SyncScope
from providers.calls import Page
from providers.records import RemoteMailbox, RemoteTag
from providers.smartlead import Smartlead

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
ONE_PM = NOON + timedelta(hours=1)
BEGIN = ListPart(0, ONE_PM, campaigns=True)


@pytest.fixture
def connection(db: None) -> Connection:
    return Connection.objects.create(name="Agency", base_url="http://127.0.0.1")


@pytest.fixture
def three(connection: Connection) -> Connection:
    """Mailboxes 1, 2 and 3 were seen at noon."""
    mirror_mailboxes(connection.pk, [box(1), box(2), box(3)], NOON)
    return connection


def box(number: int, **more) -> RemoteMailbox:
    return RemoteMailbox(id=number, address=f"{number}@x.test", **({"campaign_ids": ()} | more))


def store(connection: Connection, part: ListPart, *rows: RemoteMailbox, goes_on: bool = False) -> Stored:
    scope = SyncScope(connection.pk, None, Smartlead(), {}, ONE_PM, ONE_PM.date(), "UTC")
    page = Page(rows, part.offset + 100 if goes_on else None)
    return MailboxList().store(scope, [(str(part), page)])


def finish(connection: Connection) -> None:
    MailboxList().finish(SyncScope(connection.pk, None, Smartlead(), {}, ONE_PM, ONE_PM.date(), "UTC"))


def present() -> list[int]:
    return sorted(Mailbox.objects.present().values_list("remote_id", flat=True))


def test_what_a_single_page_does_not_hold_is_gone(three):
    stored = store(three, BEGIN, box(1), box(3))
    assert (stored.counts["gone"], list(stored.more)) == (1, [])
    assert present() == [1, 3]


def test_a_row_that_paging_skipped_is_found_by_a_second_look(three):
    [second_page] = store(three, BEGIN, box(1), goes_on=True).more
    [again] = store(three, ListPart.parse(second_page), box(3)).more
    assert present() == [1, 2, 3]
    [second_page] = store(three, ListPart.parse(again), box(1), box(2), goes_on=True).more
    stored = store(three, ListPart.parse(second_page))
    assert (stored.counts["gone"], list(stored.more)) == (0, [])
    assert present() == [1, 2, 3]


def test_what_neither_look_has_seen_is_gone_and_may_come_back(three):
    [second_page] = store(three, BEGIN, box(1), goes_on=True).more
    [again] = store(three, ListPart.parse(second_page), box(3)).more
    assert not store(three, ListPart.parse(again), box(3), box(1)).more
    assert present() == [1, 3]
    assert store(three, BEGIN, box(1), box(2), box(3)).counts["back"] == 1
    assert present() == [1, 2, 3]


def test_a_list_that_is_suddenly_empty_is_asked_for_twice(three):
    [again] = store(three, BEGIN).more
    assert present() == [1, 2, 3]
    assert store(three, ListPart.parse(again)).counts["gone"] == 3
    assert present() == []


def test_a_page_takes_the_same_few_queries_however_many_rows_it_has(connection, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        mirror_mailboxes(connection.pk, [box(number) for number in range(100)], NOON)
    with django_assert_max_num_queries(8):
        mirror_mailboxes(connection.pk, [box(number, sent_today=4) for number in range(100)], ONE_PM)


def test_text_that_no_database_takes_is_no_reason_to_lose_the_mailbox(connection):
    odd = box(1, name="Jo\x00 \ud83d", tags=(RemoteTag(5, "\x00"),), daily_limit=-3, sent_today=10**12)
    mirror_mailboxes(connection.pk, [odd], NOON)
    row = Mailbox.objects.get()
    assert (row.name, row.tags[0]["name"]) == ("Jo\ufffd \ufffd", "\ufffd")
    assert (row.daily_limit, row.sent_today) == (None, None)


def campaign(connection: Connection, remote_id: int, **fields) -> Campaign:
    return Campaign.objects.create(connection=connection, remote_id=remote_id, name="C", synced_at=NOON, **fields)


def linked() -> set[tuple[int, int]]:
    return set(CampaignMailbox.objects.values_list("campaign__remote_id", "mailbox__remote_id"))


def test_the_list_tells_the_links_and_says_how_old_they_are(connection):
    first = campaign(connection, 11)
    store(connection, BEGIN, box(1, campaign_ids=(11, 99)), box(2, campaign_ids=(11,)))
    finish(connection)
    assert linked() == {(11, 1), (11, 2)}
    first.refresh_from_db()
    assert first.links_synced_at == ONE_PM


def test_a_list_with_one_mailbox_whose_campaigns_are_not_named_tells_no_links(connection):
    mailbox = Mailbox.objects.create(connection=connection, remote_id=1, address="1@x.test", synced_at=NOON)
    CampaignMailbox.objects.create(campaign=campaign(connection, 11), mailbox=mailbox)
    store(connection, BEGIN, box(1, campaign_ids=(), campaign_count=2), box(2, campaign_ids=(11,)))
    finish(connection)
    assert linked() == {(11, 1)}


def test_links_that_were_read_after_the_list_was_asked_for_stay(connection):
    """Somebody attached a mailbox and read it back while the list was on its way."""
    attached = campaign(connection, 11, links_synced_at=ONE_PM + timedelta(seconds=3))
    mailbox = Mailbox.objects.create(connection=connection, remote_id=1, address="1@x.test", synced_at=NOON)
    CampaignMailbox.objects.create(campaign=attached, mailbox=mailbox)
    store(connection, BEGIN, box(1))
    finish(connection)
    assert linked() == {(11, 1)}


def test_the_links_of_a_mailbox_that_is_gone_end(three):
    CampaignMailbox.objects.create(campaign=campaign(three, 11), mailbox=Mailbox.objects.get(remote_id=2))
    store(three, BEGIN, box(1), box(3))
    finish(three)
    assert linked() == set()
