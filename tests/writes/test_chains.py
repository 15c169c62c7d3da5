"""A change may look before it leaves, keep what the answer told, lead to the next one, and goes before bulk work."""

from typing import Any

import pytest

from accounts.services.writing import advance_writes
from campaigns.models import Campaign
from campaigns.services.mirror import mirror_one
from operations.audit import Actor
from operations.models import AuditEntry, Write
from operations.registry import write_kinds
from operations.writes import planning
from operations.writes.asking import ask_for_write
from operations.writes.kinds import WriteKind
from providers.drafts import SettingsChange
from providers.limiting import Priority
from providers.records import Difference

pytestmark = pytest.mark.django_db(transaction=True)


class Renaming(WriteKind[Any]):
    """Looks first; `told` keeps that something was answered; the end of it asks for the next name, if there is one."""

    name = "test renaming"
    label = "Rename for a test"
    looks_first = True

    def call(self, provider, write):
        return provider.save_settings(write.payload["remote_id"], SettingsChange(name=write.payload["name"]))

    def read_back(self, provider, write):
        return provider.campaign(write.payload["remote_id"])

    def conflict(self, write, read):
        return [Difference("name", write.before["name"], read.name)] if read.name != write.before["name"] else []

    def already(self, write, read):
        return bool(read.name == write.payload["name"])

    def told(self, write, answer):
        return {"answered": True}

    def compare(self, write, read):
        return [Difference("name", write.payload["name"], read.name)] if read.name != write.payload["name"] else []

    def store(self, write, read):
        write.after = {"name": read.name}
        mirror_one(Campaign.objects.get(pk=write.subject_id), read, write.settled_at, ours={"name"})

    def settled(self, write):
        if (names := write.payload.get("then")) and write.state == Write.State.DONE:
            rename(Campaign.objects.get(pk=write.subject_id), write.settled_at, *names)


def rename(campaign, now, *names, priority=Priority.PEOPLE):
    write = ask_for_write(
        Renaming.name,
        campaign,
        connection_id=campaign.connection_id,
        client_id=campaign.client_id,
        payload={"remote_id": campaign.remote_id, "name": names[0], "then": names[1:]},
        before={"name": campaign.name},
        actor=Actor(),
        now=now,
        priority=priority,
    )
    planning.announce(campaign.connection_id)
    return write


@pytest.fixture(autouse=True)
def _renaming():
    write_kinds.add(Renaming.name, Renaming())
    yield
    del write_kinds._entries[Renaming.name]


def sent(sandbox):
    return [call for call in sandbox.log(method="POST", limit=1000)["calls"] if call["path"].endswith("/settings")]


def remote_name(sandbox, campaign):
    truth = sandbox.truth(sandbox.agency_key, days=False)["campaigns"]
    return next(one["name"] for one in truth if one["id"] == campaign.remote_id)


def test_what_was_changed_at_the_provider_meanwhile_stops_a_change_that_looks_first(sandbox, agency, campaign, clock):
    write = rename(campaign, clock(), "Ours")
    sandbox.change("rename", campaign=campaign.remote_id, name="Theirs")
    advance_writes(agency.pk, clock)
    write.refresh_from_db()
    assert (write.state, write.sends, sent(sandbox)) == (Write.State.CONFLICT, 0, [])
    assert write.differences == [{"field": "name", "written": "Ours", "read": "Theirs"}]
    campaign.refresh_from_db()
    assert campaign.name == "Theirs", "our copy knows it now"
    assert AuditEntry.objects.filter(action="test renaming: conflict").exists()


def test_what_is_so_already_is_not_sent(sandbox, agency, campaign, clock):
    write = rename(campaign, clock(), campaign.name)
    advance_writes(agency.pk, clock)
    write.refresh_from_db()
    assert (write.state, write.sends, sent(sandbox)) == (Write.State.DONE, 0, [])


def test_each_change_of_a_chain_is_asked_for_by_the_end_of_the_one_before(sandbox, agency, campaign, clock):
    rename(campaign, clock(), "One", "Two", "Three")
    advance_writes(agency.pk, clock)
    writes = Write.objects.filter(kind=Renaming.name).order_by("pk")
    assert [(one.state, one.payload["name"], one.payload["answered"]) for one in writes] == [
        (Write.State.DONE, name, True) for name in ("One", "Two", "Three")
    ]
    assert remote_name(sandbox, campaign) == "Three"


def test_a_chain_that_is_broken_off_asks_for_nothing_more(sandbox, agency, campaign, clock):
    sandbox.faults({"kind": "refused", "next": 1, "method": "POST"})
    rename(campaign, clock(), "One", "Two")
    advance_writes(agency.pk, clock)
    assert Write.objects.get(kind=Renaming.name).state == Write.State.FAILED


def test_a_look_that_is_lost_sends_nothing_and_is_made_again(sandbox, agency, campaign, clock):
    write = rename(campaign, clock(), "Ours")
    sandbox.faults({"kind": "502", "next": 1, "method": "GET"})
    advance_writes(agency.pk, clock)
    write.refresh_from_db()
    assert (write.state, sent(sandbox)) == (Write.State.PENDING, [])
    sandbox.advance(minutes=1)
    advance_writes(agency.pk, clock)
    write.refresh_from_db()
    assert write.state == Write.State.DONE


def test_a_click_goes_before_the_bulk_work_that_was_asked_for_earlier(agency, clock):
    bulk, click, more = agency.campaigns.filter(status="active").order_by("pk")[:3]
    first = rename(bulk, clock(), "Bulk", priority=Priority.JOBS)
    second = rename(click, clock(), "Click")
    third = rename(more, clock(), "More bulk", priority=Priority.JOBS)
    assert list(Write.objects.due(clock()).values_list("pk", flat=True)) == [second.pk, first.pk, third.pk]


def test_what_waits_for_a_key_is_woken_when_there_is_another(sandbox, agency, campaign, clock):
    write = rename(campaign, clock(), "Ours")
    sandbox.faults({"kind": "502", "next": 1, "method": "GET"})
    advance_writes(agency.pk, clock)
    assert not Write.objects.due(clock()).filter(pk=write.pk).exists()
    planning.wake(agency.pk)
    assert Write.objects.due(clock()).filter(pk=write.pk).exists()
