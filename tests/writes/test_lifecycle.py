"""Making, copying, renaming, starting and ending campaigns: afterwards the provider holds what was asked for, and never two."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from accounts.models import Client, Connection, RemoteClient
from accounts.services.sessions import open_for_job
from accounts.services.writing import advance_writes
from campaigns.models import Campaign, CampaignMailbox
from campaigns.refusals import refusal_of
from campaigns.services import lifecycle
from campaigns.services.mirror import reown_campaigns
from campaigns.services.sequence_texts import current_texts
from campaigns.services.status import change_status
from operations.audit import Actor
from operations.models import AuditEntry, Write
from operations.writes import carrying
from providers import readback
from tests.support.campaign_truth import steps_there
from tests.support.sandbox import Sandbox

pytestmark = pytest.mark.django_db(transaction=True)
Clock = Callable[[], datetime]
LOST = {"kind": "cut_after", "next": 1, "method": "POST"}
NOT_CARRIED_OUT = {"kind": "cut_before", "next": 1, "method": "POST"}


@pytest.fixture(params=["live", "guides"])
def agency(request: Any, transactional_db: None, sandbox: Sandbox, connect: Any, mirror: Any) -> Iterator[Connection]:
    """The agency's key with its clients mapped, at a server of either dialect."""
    sandbox.dialect(request.param)
    connection = connect(sandbox.agency_key)
    connection.may_write = True
    connection.save()
    mirror(connection)
    for remote in RemoteClient.objects.filter(connection=connection):
        remote.client = Client.objects.create(name=remote.name, slug=f"client-{remote.remote_id}")
        remote.save()
    reown_campaigns(connection.pk)
    yield connection
    sandbox.dialect("live")


@pytest.fixture
def place(agency: Connection) -> RemoteClient:
    return RemoteClient.objects.filter(connection=agency).order_by("remote_id").first()  # type: ignore[return-value]


def settle(write: Write, clock: Clock, *, minutes: float = 0) -> Write:
    """Work on the write as a worker would, `minutes` later."""
    with open_for_job(Connection.objects.get(pk=write.connection_id)) as session:
        carrying.carry_out(write.pk, session, lambda: clock() + timedelta(minutes=minutes))
    write.refresh_from_db()
    return write


def remote(sandbox: Sandbox) -> dict[int, dict[str, Any]]:
    return {one["id"]: one for one in sandbox.truth(sandbox.agency_key, days=False)["campaigns"]}


def of(connection: Connection, **wanted: Any) -> Campaign:
    return Campaign.objects.filter(connection=connection, **wanted).order_by("remote_id")[0]


def make(place: RemoteClient, clock: Clock, name: str = "Nordics · Q1") -> Write:
    return lifecycle.create_campaign(
        place.connection, place.client, remote_client_id=place.remote_id, name=name, actor=Actor(), now=clock()
    )


def copy(campaign: Campaign, clock: Clock, name: str = "Second try", *, sub_sequences: bool = False) -> Write:
    return lifecycle.duplicate_campaign(campaign, name, sub_sequences=sub_sequences, actor=Actor(), now=clock())


@pytest.mark.parametrize(("status", "wanted", "word"), [
    ("active", "paused", "PAUSED"), ("paused", "active", "ACTIVE"), ("active", "stopped", "STOPPED"),
])  # fmt: skip
def test_a_change_of_status_is_the_providers_state_afterwards(
    sandbox: Sandbox, agency: Connection, clock: Clock, status: str, wanted: str, word: str
) -> None:
    campaign = of(agency, status=status)
    assert settle(change_status(campaign, wanted, Actor(), clock()), clock).state == Write.State.DONE
    assert remote(sandbox)[campaign.remote_id]["status"] == word
    campaign.refresh_from_db()
    assert campaign.status == wanted


@pytest.mark.parametrize(("changes", "leads", "said", "tab"), [
    ({}, 0, "The campaign has no leads.", "leads"),
    ({"mailbox_ids": []}, 5, "The campaign has no mailboxes.", "mailboxes"),
    (None, 5, "The campaign has no steps.", "sequence"),
])  # fmt: skip
def test_what_a_start_lacks_is_said_in_plain_words_with_the_page_that_helps(
    sandbox: Sandbox, agency: Connection, place: RemoteClient, pull: Any, clock: Clock,
    changes: dict[str, Any] | None, leads: int, said: str, tab: str,
) -> None:  # fmt: skip
    running = of(agency, status="active")
    settle(change_status(running, "paused", Actor(), clock()), clock)  # a server's verbs are learned by what it accepts
    if changes is None:
        settle(make(place, clock, "Empty"), clock)
        campaign = of(agency, name="Empty")
    else:
        made = sandbox.change("add_campaign", name="Lacking", client_id=place.remote_id, leads=leads)["campaign"]
        if changes:
            sandbox.change("set", campaign=made, fields=changes)
        pull(agency)
        campaign = of(agency, remote_id=made)
    write = settle(change_status(campaign, "active", Actor(), clock()), clock)
    assert write.state == Write.State.FAILED
    assert (refusal_of(write).text, refusal_of(write).tab) == (said, tab)
    assert remote(sandbox)[campaign.remote_id]["status"] == "DRAFTED"


def test_a_missing_schedule_is_said_although_the_provider_stumbles_over_it() -> None:
    refusal = refusal_of(Write(state="failed", message="Invalid cron expression: value is empty"))
    assert (refusal.text, refusal.tab) == ("The campaign has no schedule.", "schedule")


def test_a_stopped_campaign_says_that_it_cannot_be_started(agency: Connection, clock: Clock) -> None:
    campaign = of(agency, status="active")
    settle(change_status(campaign, "stopped", Actor(), clock()), clock)
    write = settle(change_status(campaign, "active", Actor(), clock()), clock)
    assert refusal_of(write).text == "It was stopped for good and can’t be started again."


def test_asking_twice_while_it_is_on_its_way_asks_once(agency: Connection, clock: Clock) -> None:
    campaign = of(agency, status="active")
    first = change_status(campaign, "paused", Actor(), clock())
    assert change_status(campaign, "paused", Actor(), clock()) == first
    assert Write.objects.count() == 1


def test_a_new_name_is_read_back_and_leaves_a_trail(sandbox: Sandbox, agency: Connection, clock: Clock) -> None:
    campaign = of(agency, status="active")
    old = campaign.name
    write = lifecycle.rename_campaign(campaign, "Häfen · “Q1” <b>", Actor(), clock())
    assert settle(write, clock).state == Write.State.DONE
    assert remote(sandbox)[campaign.remote_id]["name"] == "Häfen · “Q1” <b>"
    campaign.refresh_from_db()
    assert campaign.name == "Häfen · “Q1” <b>"
    entry = AuditEntry.objects.get(action="rename campaign: done")
    assert (entry.before, entry.after) == ({"name": old}, {"name": "Häfen · “Q1” <b>"})


def theirs() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """What the audit trail says was changed at the provider by others."""
    found = AuditEntry.objects.filter(origin=AuditEntry.Origin.PROVIDER).order_by("pk")
    return [(one.action, one.before, one.after) for one in found]


def test_a_campaign_that_somebody_renamed_meanwhile_keeps_their_name(
    sandbox: Sandbox, agency: Connection, pull: Any, clock: Clock
) -> None:
    campaign = of(agency, status="active")
    write = lifecycle.rename_campaign(campaign, "Ours", Actor(), clock())
    sandbox.change("rename", campaign=campaign.remote_id, name="Theirs")
    assert settle(write, clock).state == Write.State.CONFLICT
    assert remote(sandbox)[campaign.remote_id]["name"] == "Theirs"
    old = campaign.name
    campaign.refresh_from_db()
    assert campaign.name == "Theirs"
    pull(agency)
    assert theirs() == [("campaign details: found", {"name": old}, {"name": "Theirs"})], "told once, as theirs"


def test_only_what_others_changed_beside_our_change_is_told_as_theirs(
    sandbox: Sandbox, agency: Connection, pull: Any, clock: Clock
) -> None:
    campaign = of(agency, status="active")
    write = lifecycle.rename_campaign(campaign, "Ours", Actor(), clock())
    sandbox.change("set", campaign=campaign.remote_id, fields={"gap_minutes": 21})
    assert settle(write, clock).state == Write.State.DONE
    pull(agency)
    assert [(action, after) for action, _, after in theirs()] == [
        ("campaign details: found", {"settings.min_gap_minutes": 21})
    ]


def test_a_new_campaign_is_a_draft_of_its_client_and_in_our_rows_at_once(
    sandbox: Sandbox, agency: Connection, place: RemoteClient, clock: Clock
) -> None:
    write = settle(make(place, clock), clock)
    assert write.state == Write.State.DONE
    made = remote(sandbox)[write.after["remote_id"]]
    assert (made["name"], made["status"], made["client_id"]) == ("Nordics · Q1", "DRAFTED", place.remote_id)
    row = of(agency, remote_id=made["id"])
    assert (row.name, row.status, row.client) == ("Nordics · Q1", "draft", place.client)


@pytest.mark.parametrize("fault", ["cut_after", "cut_midway", "502"])
def test_a_lost_answer_to_a_creation_finds_what_was_made(
    sandbox: Sandbox, agency: Connection, place: RemoteClient, clock: Clock, fault: str
) -> None:
    before = len(remote(sandbox))
    sandbox.faults({"kind": fault, "next": 1, "method": "POST"} | ({"carried_out": True} if fault == "502" else {}))
    write = settle(make(place, clock), clock)
    assert write.state == Write.State.DONE
    assert len(remote(sandbox)) == before + 1
    assert of(agency, remote_id=write.after["remote_id"]).name == "Nordics · Q1"


def test_a_creation_that_got_lost_is_given_up_and_made_once_when_asked_again(
    sandbox: Sandbox, agency: Connection, place: RemoteClient, clock: Clock
) -> None:
    before = len(remote(sandbox))
    sandbox.faults(NOT_CARRIED_OUT)
    write = make(place, clock)
    states = [settle(write, clock, minutes=minutes).state for minutes in (0, 1)]
    assert states == [Write.State.UNKNOWN, Write.State.FAILED]
    assert len(remote(sandbox)) == before
    assert settle(make(place, clock), clock, minutes=2).state == Write.State.DONE
    assert len(remote(sandbox)) == before + 1


def test_a_name_that_the_client_has_is_found_and_not_made_again(
    sandbox: Sandbox, agency: Connection, place: RemoteClient, clock: Clock
) -> None:
    """Also where an earlier creation, whose answer nobody saw, turns up late."""
    sandbox.change("add_campaign", name="Nordics · Q1", client_id=place.remote_id)
    before = len(remote(sandbox))
    write = settle(make(place, clock), clock)
    assert write.state == Write.State.CONFLICT
    assert len(remote(sandbox)) == before
    assert of(agency, remote_id=write.after["remote_id"]).client == place.client


def test_a_name_of_another_client_is_free(
    sandbox: Sandbox, agency: Connection, place: RemoteClient, clock: Clock
) -> None:
    other = RemoteClient.objects.exclude(pk=place.pk).filter(connection=agency)[0]
    sandbox.change("add_campaign", name="Nordics · Q1", client_id=other.remote_id)
    assert settle(make(place, clock), clock).state == Write.State.DONE


def finish(write: Write, agency: Connection, clock: Clock) -> Campaign:
    """The copy, after everything that follows from it has been carried out too."""
    while advance_writes(agency.pk, clock):
        pass
    write.refresh_from_db()
    assert write.state == Write.State.DONE, write.message
    return of(agency, remote_id=write.after["remote_id"])


def test_a_copy_has_the_name_and_the_client_that_were_asked_for(
    sandbox: Sandbox, agency: Connection, clock: Clock
) -> None:
    original = of(agency, status="active", parent_remote_id=None)
    row = finish(copy(original, clock), agency, clock)
    made = remote(sandbox)[row.remote_id]
    assert (made["name"], made["status"], made["client_id"]) == ("Second try", "DRAFTED", original.remote_client_id)
    assert (row.name, row.client) == ("Second try", original.client)
    assert row.schedule == original.schedule


def test_texts_and_mailboxes_of_a_copy_are_known_at_once_and_nobody_is_said_to_have_changed_it(
    sandbox: Sandbox, agency: Connection, pull: Any, clock: Clock
) -> None:
    original = of(agency, status="active", parent_remote_id=None)
    row = finish(copy(original, clock), agency, clock)
    assert row.steps_synced_at is not None
    assert readback.steps(current_texts(row), steps_there(remote(sandbox)[row.remote_id])) == []
    assert len(current_texts(row)) == len(current_texts(original)) > 0
    linked = CampaignMailbox.objects.filter(campaign=row).values_list("mailbox__remote_id", flat=True)
    assert sorted(linked) == sorted(remote(sandbox)[row.remote_id]["mailbox_ids"]) != []
    assert not Write.objects.filter(kind=lifecycle.READ_NEW).exists(), "reading is no change"
    pull(agency)
    assert theirs() == []


def test_a_copy_that_could_not_be_read_is_a_copy_all_the_same(
    sandbox: Sandbox, agency: Connection, pull: Any, clock: Clock
) -> None:
    original = of(agency, status="active", parent_remote_id=None)
    sandbox.faults({"kind": "refused", "path": "*/email-accounts", "method": "GET"})
    row = finish(copy(original, clock), agency, clock)
    assert row.links_synced_at is None
    sandbox.clear_faults()
    pull(agency)
    assert CampaignMailbox.objects.filter(campaign=row).exists(), "the next sync brings it"


def test_sub_sequences_are_copied_where_wanted_and_stay_with_the_client(
    sandbox: Sandbox, agency: Connection, pull: Any, clock: Clock
) -> None:
    original = of(agency, status="active", parent_remote_id=None)
    for name in ("First branch", "Second branch"):
        sandbox.change(
            "add_campaign", name=name, client_id=original.remote_client_id, parent_campaign_id=original.remote_id
        )
    pull(agency)
    children = original.sub_sequences.count()
    alone = finish(copy(original, clock, "Alone"), agency, clock)
    family = finish(copy(original, clock, "Family", sub_sequences=True), agency, clock)
    assert (alone.sub_sequences.count(), family.sub_sequences.count()) == (0, children)
    assert {child.client for child in family.sub_sequences.all()} == {original.client}


def test_a_lost_answer_to_a_copy_finds_the_new_one_among_older_copies(
    sandbox: Sandbox, agency: Connection, clock: Clock
) -> None:
    original = of(agency, status="active", parent_remote_id=None)
    older = sandbox.change("add_campaign", name=f"{original.name} - copy", client_id=original.remote_client_id)
    before = set(remote(sandbox))
    sandbox.faults(LOST)
    row = finish(copy(original, clock), agency, clock)
    assert set(remote(sandbox)) - before == {row.remote_id}
    assert remote(sandbox)[older["campaign"]]["name"] == f"{original.name} - copy"


def test_a_copy_that_got_lost_is_never_taken_for_an_older_one(
    sandbox: Sandbox, agency: Connection, clock: Clock
) -> None:
    original = of(agency, status="active", parent_remote_id=None)
    sandbox.change("add_campaign", name=f"{original.name} - copy", client_id=original.remote_client_id)
    before = set(remote(sandbox))
    sandbox.faults(NOT_CARRIED_OUT)
    write = copy(original, clock)
    assert [settle(write, clock, minutes=minutes).state for minutes in (0, 1)] == [
        Write.State.UNKNOWN,
        Write.State.FAILED,
    ]
    assert set(remote(sandbox)) == before


def test_a_deleted_campaign_is_gone_there_and_marked_here(sandbox: Sandbox, agency: Connection, clock: Clock) -> None:
    campaign = of(agency, status="paused")
    assert settle(lifecycle.delete_campaign(campaign, Actor(), clock()), clock).state == Write.State.DONE
    assert campaign.remote_id not in remote(sandbox)
    campaign.refresh_from_db()
    assert campaign.gone_at is not None


def test_a_lost_answer_to_a_deletion_ends_done(sandbox: Sandbox, agency: Connection, clock: Clock) -> None:
    campaign = of(agency, status="paused")
    sandbox.faults({"kind": "cut_after", "next": 1, "method": "DELETE"})
    assert settle(lifecycle.delete_campaign(campaign, Actor(), clock()), clock).state == Write.State.DONE
    assert campaign.remote_id not in remote(sandbox)


def test_a_campaign_that_was_started_meanwhile_is_not_deleted(
    sandbox: Sandbox, agency: Connection, clock: Clock
) -> None:
    campaign = of(agency, status="paused")
    write = lifecycle.delete_campaign(campaign, Actor(), clock())
    sandbox.change("status", campaign=campaign.remote_id, status="ACTIVE")
    assert settle(write, clock).state == Write.State.CONFLICT
    assert remote(sandbox)[campaign.remote_id]["status"] == "ACTIVE"
    campaign.refresh_from_db()
    assert (campaign.status, campaign.gone_at) == ("active", None)
    assert theirs() == [("campaign status: found", {"status": "paused"}, {"status": "active"})]


def test_an_empty_list_is_no_proof_of_a_deletion(sandbox: Sandbox, agency: Connection, clock: Clock) -> None:
    campaign = of(agency, status="paused")
    write = lifecycle.delete_campaign(campaign, Actor(), clock())
    sandbox.faults({"kind": "empty", "path": "*/campaigns/", "method": "GET"})
    settle(write, clock)
    assert not Campaign.objects.get(pk=campaign.pk).gone_at
    assert write.state == Write.State.PENDING
    sandbox.clear_faults()
    assert settle(write, clock, minutes=5).state == Write.State.DONE


def test_an_active_campaign_can_be_neither_deleted_nor_archived(agency: Connection, clock: Clock) -> None:
    campaign = of(agency, status="active")
    with pytest.raises(lifecycle.NotPossible, match="Pause it first"):
        lifecycle.delete_campaign(campaign, Actor(), clock())
    with pytest.raises(lifecycle.NotPossible, match="Pause it first"):
        lifecycle.set_archived(campaign, True, Actor(), clock())
    assert not Write.objects.exists()
