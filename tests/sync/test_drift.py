"""What somebody changes in the provider's own interface is found by a sync, once, and told with before and after."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.db import transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Connection, Mailbox
from accounts.services.sessions import open_for_job
from campaigns.models import CampaignMailbox, SequenceVersion, Variant
from campaigns.services.mailboxes import change_mailboxes
from campaigns.services.mirror import mirror_campaigns
from campaigns.services.senders import mirror_links
from campaigns.services.sequences import mirror_steps
from campaigns.services.status import change_status
from operations.audit import Actor
from operations.models import AuditEntry, Write
from operations.telling import tell_entry, texts_of
from operations.writes import carrying
from providers.records import CampaignStatus, RemoteCampaign, RemoteSettings, RemoteStep, RemoteVariant

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def agency(transactional_db, sandbox, connect, pull):
    connection = connect(sandbox.agency_key)
    connection.may_write = True
    connection.save()
    pull(connection)
    return connection


@pytest.fixture
def campaign(agency):
    return agency.campaigns.filter(status="active", parent=None).order_by("remote_id").first()


def drift(**about):
    return list(AuditEntry.objects.filter(origin="provider", **about).order_by("pk"))


def told(entry):
    row = tell_entry(AuditEntry.objects.select_related("write").get(pk=entry.pk))
    return row.title, row.by, {one.label: (one.before, one.after) for one in row.fields}


def settle(write, clock):
    with open_for_job(Connection.objects.get(pk=write.connection_id)) as session:
        carrying.carry_out(write.pk, session, clock)
    write.refresh_from_db()
    return write


@pytest.mark.parametrize("dialect", ["live", "guides"])
def test_the_first_sync_finds_everything_and_reports_nothing(sandbox, connect, pull, dialect):
    sandbox.dialect(dialect)
    connection = connect(sandbox.agency_key)
    pull(connection)
    pull(connection)
    for rows in (connection.campaigns, CampaignMailbox.objects, Variant.objects):
        assert rows.exists()
    assert drift() == []
    sandbox.dialect("live")


def test_a_change_at_the_provider_is_told_once_in_words(sandbox, agency, campaign, pull):
    sandbox.change("status", campaign=campaign.remote_id, status="PAUSED")
    sandbox.change("rename", campaign=campaign.remote_id, name="Renamed there")
    fields = {"max_new_leads_per_day": 77, "unsubscribe_text": "Write back to leave"}
    sandbox.change("set", campaign=campaign.remote_id, fields=fields)
    pull(agency)
    pull(agency)
    status, details = drift()
    assert {(one.subject_id, one.client_id, one.actor_label) for one in (status, details)} == {
        (str(campaign.pk), campaign.client_id, "Smartlead")
    }
    assert told(status) == ("Paused", "Changed in Smartlead", {"Status": ("Active", "Paused")})
    title, by, changed = told(details)
    assert (title, by) == ("Schedule or settings changed", "Changed in Smartlead")
    assert changed["Name"] == (campaign.name, "Renamed there")
    assert changed["New leads a day"][1] == "77"
    assert changed["Unsubscribe text"][1] == "Write back to leave"


def test_completed_by_itself_is_told_as_completed(sandbox, agency, campaign, pull):
    sandbox.change("status", campaign=campaign.remote_id, status="COMPLETED")
    pull(agency)
    assert [told(one)[:2] for one in drift()] == [("Completed", "At Smartlead")]


def test_mailboxes_that_came_and_went_are_named(sandbox, agency, campaign, pull):
    linked = list(CampaignMailbox.objects.filter(campaign=campaign).values_list("mailbox__remote_id", flat=True))
    other = Mailbox.objects.exclude(remote_id__in=linked).filter(client=campaign.client).first()
    other = other or Mailbox.objects.exclude(remote_id__in=linked)[0]
    gone = Mailbox.objects.get(remote_id=linked[0])
    mailbox_ids = [*linked[1:], other.remote_id]
    sandbox.change("set", campaign=campaign.remote_id, fields={"mailbox_ids": mailbox_ids})
    pull(agency)
    pull(agency)
    (entry,) = drift(action="campaign mailboxes: found")
    assert (entry.before, entry.after) == ({"detached": [gone.address]}, {"attached": [other.address]})
    assert told(entry)[0] == f"Attached {other.address}, detached {gone.address}"


def test_a_campaign_that_moved_is_told_to_admins_alone(sandbox, agency, campaign, pull):
    other = agency.remote_clients.exclude(remote_id=campaign.remote_client_id).exclude(client=None).first()
    other = other or agency.remote_clients.exclude(remote_id=campaign.remote_client_id).first()
    sandbox.change("move", campaign=campaign.remote_id, client_id=other.remote_id)
    pull(agency)
    (entry,) = drift()
    assert entry.client_id is None
    assert entry.after == {"client": other.name}


def test_deleted_at_the_provider_is_told(sandbox, agency, campaign, pull):
    sandbox.change("delete", campaign=campaign.remote_id)
    pull(agency)
    pull(agency)
    assert [(told(one)[0], one.subject_id) for one in drift(action="campaign list: found")] == [
        ("No longer listed", str(campaign.pk))
    ]


def test_what_we_change_ourselves_is_never_drift(sandbox, agency, campaign, pull, clock):
    free = Mailbox.objects.exclude(campaign_links__campaign=campaign).filter(smtp_ok=True)[0]
    assert settle(change_status(campaign, "paused", Actor(), clock()), clock).state == Write.State.DONE
    assert settle(change_mailboxes(campaign, "attach", [free], Actor(), clock()), clock).state == Write.State.DONE
    pull(agency)
    assert settle(change_status(campaign, "active", Actor(), clock()), clock).state == Write.State.DONE
    pull(agency)
    assert drift() == []


def test_what_somebody_changed_just_before_our_own_change_is_not_lost(sandbox, agency, campaign, pull, clock):
    sandbox.change("rename", campaign=campaign.remote_id, name="Renamed there")
    settle(change_status(campaign, "paused", Actor(), clock()), clock)
    pull(agency)
    assert [told(one)[2] for one in drift()] == [{"Name": (campaign.name, "Renamed there")}]


def test_a_change_whose_answer_was_lost_is_ours_even_if_a_sync_sees_it_first(sandbox, agency, campaign, pull, clock):
    write = change_status(campaign, "paused", Actor(), clock())
    sandbox.faults({"kind": "cut_after", "next": 1, "method": "POST"}, {"kind": "502", "next": 1, "method": "GET"})
    assert settle(write, clock).state == Write.State.UNKNOWN
    sandbox.clear_faults()
    pull(agency)
    campaign.refresh_from_db()
    assert (campaign.status, drift()) == ("active", [])
    Write.objects.filter(pk=write.pk).update(due_at=clock())
    assert settle(write, clock).state == Write.State.DONE
    pull(agency)
    campaign.refresh_from_db()
    assert (campaign.status, drift()) == ("paused", [])


def test_a_list_from_before_our_change_takes_nothing_back(agency, campaign, clock):
    asked_at = clock()
    old = _remote(campaign, CampaignStatus.ACTIVE)
    settle(change_status(campaign, "paused", Actor(), clock()), clock)
    others = [_remote(one, CampaignStatus(one.status)) for one in agency.campaigns.exclude(pk=campaign.pk)]
    AuditEntry.objects.all().delete()
    mirror_campaigns(agency.pk, [old, *others], asked_at)
    campaign.refresh_from_db()
    assert campaign.status == "paused"
    assert drift(subject_id=str(campaign.pk)) == []


def test_a_text_that_was_changed_there_is_kept_word_by_word(agency, campaign, clock):
    def steps(body):
        return [RemoteStep(91, 1, 0, (RemoteVariant(None, "A", "Hello", "<p>First</p>"),)), RemoteStep(
            92, 2, 3, (RemoteVariant(921, "A", "", body, 50), RemoteVariant(922, "B", "Again", "<p>B</p>", 50)))]  # fmt: skip

    def told_by(body, at, **how):
        with transaction.atomic():
            mirror_steps(agency.pk, {campaign.remote_id: steps(body)}, at, **how)

    told_by("<p>We met in Oslo</p>", clock() + timedelta(seconds=1))
    told_by("<p>We met in Bergen</p>", clock() + timedelta(seconds=2), by_sync=True)
    told_by("<p>We met in Bergen</p>", clock() + timedelta(seconds=3), by_sync=True)
    (entry,) = drift(action="campaign sequence: found")
    assert entry.before == {"texts": {"Step 2, variant A, body": "<p>We met in Oslo</p>"}}
    (text,) = texts_of(entry)
    assert text.label == "Step 2, variant A, body"
    assert [piece for piece in text.pieces if piece[0] != "equal"] == [("del", "Oslo"), ("ins", "Bergen")]
    assert "".join(piece for mark, piece in text.pieces if mark != "del") == "<p>We met in Bergen</p>"
    versions = SequenceVersion.objects.filter(campaign=campaign).order_by("number")
    assert [(one.origin, "Bergen" in str(one.texts)) for one in versions] == [("found", False), ("found", True)]


def _remote(campaign, status):
    return RemoteCampaign(
        campaign.remote_id, campaign.name, status, campaign.raw_status, campaign.remote_client_id,
        campaign.parent_remote_id, settings=RemoteSettings(), schedule=None,
    )  # fmt: skip


def test_finding_changes_of_many_campaigns_costs_as_many_queries_as_of_one(agency, clock):
    rows = list(agency.campaigns.order_by("pk")[:12])
    boxes = list(agency.mailboxes.all()[:3])

    def change(count, mark, seconds):
        at = clock() + timedelta(seconds=seconds)
        chosen = {row.pk for row in rows[:count]}
        status = CampaignStatus.PAUSED if seconds % 2 else CampaignStatus.ACTIVE
        told = [_remote(row, status if row.pk in chosen else CampaignStatus.STOPPED) for row in agency.campaigns.all()]
        texts = {
            row.remote_id: [RemoteStep(row.pk, 1, 0, (RemoteVariant(None, "A", mark, mark),))] for row in rows[:count]
        }
        senders = {row.remote_id: {box.pk for box in boxes[: 1 + seconds % 2]} for row in rows[:count]}
        with CaptureQueriesContext(database) as captured:
            mirror_campaigns(agency.pk, told, at)
            with transaction.atomic():
                mirror_steps(agency.pk, texts, at, by_sync=True)
            mirror_links(agency.pk, senders, at, by_sync=True)
        return len(captured)

    change(12, "first", 1)
    before = AuditEntry.objects.count()
    one = change(1, "second", 2)
    change(12, "third", 3)
    many = change(12, "fourth", 4)
    assert AuditEntry.objects.count() - before >= 3 + 2 * 3 * 12
    assert many == one
