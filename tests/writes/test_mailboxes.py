"""Mailboxes are attached and detached at the provider, read back, and linked here as the provider says."""

import pytest

from accounts.models import Mailbox
from accounts.services.writing import advance_writes
from campaigns.models import CampaignMailbox
from campaigns.services.mailboxes import change_mailboxes
from operations.audit import Actor
from operations.models import AuditEntry, Write
from providers import sending

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["live", "guides"])
def agency(request, transactional_db, sandbox, connect, mirror):
    sandbox.dialect(request.param)
    connection = connect(sandbox.agency_key)
    connection.may_write = True
    connection.save()
    mirror(connection)
    yield connection
    sandbox.dialect("live")


@pytest.fixture
def campaign(agency):
    return agency.campaigns.filter(status="active").order_by("remote_id").first()


def here(campaign):
    return sorted(CampaignMailbox.objects.filter(campaign=campaign).values_list("mailbox__remote_id", flat=True))


def there(sandbox, campaign):
    truth = sandbox.truth(sandbox.agency_key, days=False)
    return sorted(next(one["mailbox_ids"] for one in truth["campaigns"] if one["id"] == campaign.remote_id))


def change(campaign, do, boxes, clock):
    write = change_mailboxes(campaign, do, boxes, Actor(), clock())
    advance_writes(campaign.connection_id, clock)
    write.refresh_from_db()
    return write


def test_several_are_attached_and_taken_back(sandbox, agency, campaign, clock):
    before = here(campaign)
    free = list(Mailbox.objects.exclude(remote_id__in=before).filter(gone_at=None)[:2])
    write = change(campaign, "attach", free, clock)
    assert (write.state, write.message) == (Write.State.DONE, "")
    assert here(campaign) == there(sandbox, campaign) == sorted([*before, *(box.remote_id for box in free)])
    assert write.after["attached"] == sorted(box.address for box in free)
    write = change(campaign, "detach", free, clock)
    assert write.state == Write.State.DONE
    assert here(campaign) == there(sandbox, campaign) == before
    assert AuditEntry.objects.filter(action="campaign mailboxes: done", write__isnull=False).count() == 2


def test_a_lost_answer_is_settled_by_reading_back(sandbox, agency, campaign, clock):
    free = Mailbox.objects.exclude(remote_id__in=here(campaign)).filter(gone_at=None)[0]
    sandbox.faults({"kind": "cut_after", "next": 1, "method": "POST"})
    assert change(campaign, "attach", [free], clock).state == Write.State.DONE
    assert free.remote_id in here(campaign)


def test_the_provider_keeps_the_last_one_of_an_active_campaign_and_we_say_so(sandbox, agency, campaign, clock):
    attached = here(campaign)
    write = change(campaign, "detach", list(Mailbox.objects.filter(remote_id__in=attached)), clock)
    assert write.state == Write.State.FAILED
    assert write.message
    assert here(campaign) == there(sandbox, campaign)


def test_many_that_go_out_one_by_one_are_each_sent_once_however_long_it_takes(
    sandbox, agency, campaign, clock, monkeypatch
):
    monkeypatch.setattr(sending, "PARTS_WITHIN", -1.0)  # every turn ends after its first part
    before = here(campaign)
    free = list(Mailbox.objects.exclude(remote_id__in=before).filter(gone_at=None)[:6])
    write = change_mailboxes(campaign, "attach", free, Actor(), clock())
    for _ in range(8):
        advance_writes(campaign.connection_id, clock)
    write.refresh_from_db()
    assert (write.state, write.message) == (Write.State.DONE, "")
    assert here(campaign) == there(sandbox, campaign) == sorted([*before, *(box.remote_id for box in free)])
    calls = [one for one in sandbox.log(method="POST", limit=1000)["calls"] if one["path"].endswith("/email-accounts")]
    assert sum(one["carried_out"] for one in calls) in (1, 6)
