"""Who sees which mailboxes and texts: two clients on one agency key share a mailbox."""

import pytest
from django.contrib.auth.models import AnonymousUser

from accounts.models import Mailbox, RemoteClient
from accounts.services.mapping import map_remote_client
from campaigns.models import CampaignMailbox, Step, Variant
from campaigns.senders import visible_mailboxes
from operations.audit import Actor
from tests.support.agency import Agency, now


def mailbox(agency: Agency, remote_id: int, **fields) -> Mailbox:
    address = f"{remote_id}@x.test"
    return Mailbox.objects.create(
        connection=agency.shared, remote_id=remote_id, address=address, synced_at=now(), **fields
    )


@pytest.fixture
def shared(agency: Agency) -> Mailbox:
    """Nobody's mailbox, from which a campaign of each client sends."""
    box = mailbox(agency, 1)
    for client in (agency.north, agency.south):
        CampaignMailbox.objects.create(campaign=agency.campaign(f"Of {client}", client=client), mailbox=box)
    return box


def seen_by(user) -> list[int]:
    return sorted(visible_mailboxes(user).values_list("remote_id", flat=True))


def test_a_shared_mailbox_is_seen_through_ones_own_campaigns(agency, shared):
    mailbox(agency, 2, client=agency.north)
    mailbox(agency, 3, client=agency.south)
    mailbox(agency, 4)
    assert seen_by(agency.nora) == [1, 2]
    assert seen_by(agency.sven) == [1, 3]
    assert seen_by(agency.ada) == [1, 2, 3, 4]


def test_its_links_to_other_clients_campaigns_stay_hidden(agency, shared):
    links = CampaignMailbox.objects.visible_to(agency.nora)
    assert [link.campaign.client for link in links] == [agency.north]
    assert CampaignMailbox.objects.visible_to(agency.ada).count() == 2


def test_strangers_see_nothing(agency, shared):
    agency.ada.is_active = agency.nora.is_active = False
    for user in (AnonymousUser(), agency.ada, agency.nora):
        assert seen_by(user) == []
        assert not CampaignMailbox.objects.visible_to(user).exists()


def test_texts_are_seen_with_their_campaign(agency):
    for client in (agency.north, agency.south, None):
        campaign = agency.campaign(f"Of {client}", client=client)
        step = Step.objects.create(campaign=campaign, number=1)
        Variant.objects.create(step=step, position=1, subject=str(client))
    assert [one.subject for one in Variant.objects.visible_to(agency.nora)] == [agency.north.name]
    assert [one.campaign.client for one in Step.objects.visible_to(agency.nora)] == [agency.north]
    assert Variant.objects.visible_to(agency.ada).count() == Step.objects.visible_to(agency.ada).count() == 3
    assert not Variant.objects.visible_to(AnonymousUser()).exists()


def test_a_mailbox_follows_its_remote_client(agency):
    box = mailbox(agency, 9, remote_client_id=1, client=agency.north)
    map_remote_client(RemoteClient.objects.get(remote_id=1), agency.south, Actor())
    box.refresh_from_db()
    assert box.client == agency.south
    map_remote_client(RemoteClient.objects.get(remote_id=1), None, Actor())
    box.refresh_from_db()
    assert box.client is None
