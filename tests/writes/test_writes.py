"""A change at the provider ends done, failed with its reason, or waits as unknown; it is never made twice."""

from datetime import timedelta

import pytest

from accounts.models import Connection
from accounts.services.connections import set_enabled
from accounts.services.sessions import open_for_job
from accounts.services.writing import advance_writes
from campaigns.services.status import change_status
from operations.audit import Actor
from operations.models import AuditEntry, Write
from operations.models.syncing import LONG_AGO
from operations.registry import write_kinds
from operations.writes import carrying
from operations.writes.permission import stop_all_writes

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def pause(campaign, clock):
    return change_status(campaign, "paused", Actor(), clock())


def settle(write, clock, *, minutes=0):
    """Work on the write as a worker would, `minutes` later."""
    with open_for_job(Connection.objects.get(pk=write.connection_id)) as session:
        carrying.carry_out(write.pk, session, lambda: clock() + timedelta(minutes=minutes))
    write.refresh_from_db()
    return write


def status_calls(sandbox):
    return [call for call in sandbox.log(method="POST", limit=1000)["calls"] if call["path"].endswith("/status")]


def remote_status(sandbox, campaign):
    truth = sandbox.truth(sandbox.agency_key, days=False)
    return next(one["status"] for one in truth["campaigns"] if one["id"] == campaign.remote_id)


def test_a_change_is_made_and_read_back(sandbox, campaign, pause, clock):
    assert settle(pause, clock).state == Write.State.DONE
    campaign.refresh_from_db()
    assert campaign.status == "paused"
    assert remote_status(sandbox, campaign) == "PAUSED"
    entry = AuditEntry.objects.get(action="campaign status: done")
    assert (entry.before, entry.after) == ({"status": "active"}, {"status": "paused"})


def test_a_lost_answer_to_a_change_that_was_made_ends_done_without_repeating(sandbox, campaign, pause, clock):
    sandbox.faults({"kind": "cut_after", "next": 1, "method": "POST"})
    assert settle(pause, clock).state == Write.State.DONE
    assert len(status_calls(sandbox)) == 1
    assert remote_status(sandbox, campaign) == "PAUSED"


def test_a_lost_call_is_sent_again_only_after_reading_back(sandbox, campaign, pause, clock):
    sandbox.faults({"kind": "cut_before", "next": 1, "method": "POST"})
    assert settle(pause, clock).state == Write.State.PENDING
    assert remote_status(sandbox, campaign) == "ACTIVE"
    assert settle(pause, clock).state == Write.State.DONE
    carried_out = [call for call in status_calls(sandbox) if call["carried_out"]]
    assert len(carried_out) == 1


def test_a_refusal_says_why_and_changes_nothing(sandbox, agency, clock):
    draft = agency.campaigns.filter(status="draft").first()
    write = change_status(draft, "active", Actor(), clock())
    settle(write, clock)
    assert write.state == Write.State.FAILED
    assert write.message
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_an_outcome_that_cannot_be_read_stays_unknown_until_it_can(sandbox, campaign, pause, clock):
    sandbox.faults({"kind": "cut_after", "next": 1, "method": "POST"}, {"kind": "502", "method": "GET"})
    assert settle(pause, clock).state == Write.State.UNKNOWN
    assert pause.message.startswith("We're checking.")
    sandbox.clear_faults()
    assert settle(pause, clock, minutes=10).state == Write.State.DONE
    assert len(status_calls(sandbox)) == 1


def test_an_empty_read_back_is_no_proof_that_the_campaign_is_gone(sandbox, campaign, pause, clock):
    sandbox.faults({"kind": "empty", "next": 1, "method": "GET"})
    assert settle(pause, clock).state == Write.State.UNKNOWN
    assert settle(pause, clock, minutes=1).state == Write.State.DONE
    assert len(status_calls(sandbox)) == 1


def test_an_empty_answer_after_other_trouble_is_no_proof_either(sandbox, campaign, pause, clock):
    sandbox.faults({"kind": "502", "method": "GET"})
    states = [settle(pause, clock, minutes=minutes).state for minutes in (0, 10, 20)]
    sandbox.clear_faults()
    sandbox.faults({"kind": "empty", "next": 1, "method": "GET"})
    states += [settle(pause, clock, minutes=minutes).state for minutes in (40, 60)]
    assert states == [*[Write.State.UNKNOWN] * 4, Write.State.DONE]
    assert len(status_calls(sandbox)) == 1


def test_a_campaign_that_is_gone_fails_the_change_after_a_second_and_third_look(sandbox, campaign, pause, clock):
    sandbox.faults({"kind": "empty", "method": "GET"})
    states = [settle(pause, clock, minutes=minutes).state for minutes in (0, 1, 2)]
    assert states == [Write.State.UNKNOWN, Write.State.UNKNOWN, Write.State.FAILED]
    assert pause.message == "It is no longer there at the provider."


@pytest.mark.parametrize("carried_out", [True, False])
def test_a_worker_killed_while_sending_leaves_it_to_the_read_back(sandbox, campaign, pause, clock, carried_out):
    """What `kill -9` leaves behind: the row in `sending`, its lease run out."""
    Write.objects.filter(pk=pause.pk).update(
        state=Write.State.SENDING, sends=1, lease_owner="dead", lease_until=LONG_AGO
    )
    if carried_out:
        sandbox.change("status", campaign=campaign.remote_id, status="PAUSED")
    settle(pause, clock)
    if not carried_out:
        assert pause.state == Write.State.PENDING
        settle(pause, clock)
    assert pause.state == Write.State.DONE
    assert remote_status(sandbox, campaign) == "PAUSED"
    assert len(status_calls(sandbox)) == (0 if carried_out else 1)


def test_a_refused_connection_is_tried_again_and_then_given_up(sandbox, agency, pause, clock):
    """Nobody listens: nothing was sent, so it may be sent again, and after a few times it has failed."""
    agency.base_url = "http://127.0.0.1:9/smartlead/api/v1"
    agency.save()
    states = [settle(pause, clock, minutes=minutes).state for minutes in (0, 1, 2)]
    assert states == [Write.State.PENDING, Write.State.PENDING, Write.State.FAILED]
    assert "Nothing was changed" in pause.message


def test_a_read_only_connection_refuses_below_every_writer(sandbox, agency, pause, clock):
    agency.may_write = False
    agency.save()
    assert settle(pause, clock).state == Write.State.FAILED
    assert "read-only" in pause.message
    assert status_calls(sandbox) == []


def test_one_switch_stops_all_writes(sandbox, pause, clock):
    stop_all_writes(True, Actor(), clock())
    assert settle(pause, clock).state == Write.State.FAILED
    assert status_calls(sandbox) == []


def test_writes_of_one_campaign_keep_their_order(sandbox, agency, campaign, pause, clock):
    start = change_status(campaign, "active", Actor(), clock())
    assert list(Write.objects.due(clock()).values_list("pk", flat=True)) == [pause.pk]
    advance_writes(agency.pk, clock)
    start.refresh_from_db()
    assert start.state == Write.State.DONE
    assert len(status_calls(sandbox)) == 2
    assert remote_status(sandbox, campaign) == "ACTIVE"


def test_many_campaigns_are_changed_at_once(sandbox, agency, clock):
    campaigns = list(agency.campaigns.filter(status="active"))
    writes = [change_status(campaign, "paused", Actor(), clock()) for campaign in campaigns]
    advance_writes(agency.pk, clock)
    assert set(Write.objects.values_list("state", flat=True)) == {Write.State.DONE}
    assert len(status_calls(sandbox)) == len(writes)


def test_what_never_left_ends_when_its_connection_is_disabled(sandbox, campaign, pause, clock):
    """Else it would go out on the day, months later, when somebody enables the key again."""
    connection = Connection.objects.get(pk=pause.connection_id)
    set_enabled(connection, False, Actor(), clock())
    pause.refresh_from_db()
    assert pause.state == Write.State.FAILED
    assert pause.message == "The connection was disabled before this could be sent. Nothing was changed."
    set_enabled(connection, True, Actor(), clock())
    advance_writes(connection.pk, lambda: clock() + timedelta(days=60))
    assert remote_status(sandbox, campaign) == "ACTIVE"


def test_what_may_have_left_is_still_read_back_after_its_connection_was_disabled(sandbox, campaign, pause, clock):
    sandbox.faults({"kind": "cut_after", "next": 1, "method": "POST"}, {"kind": "502", "method": "GET"})
    assert settle(pause, clock).state == Write.State.UNKNOWN
    sandbox.clear_faults()
    connection = Connection.objects.get(pk=pause.connection_id)
    set_enabled(connection, False, Actor(), clock())
    set_enabled(connection, True, Actor(), clock())
    assert settle(pause, clock, minutes=10).state == Write.State.DONE


def test_a_mistake_of_ours_with_one_change_ends_and_lets_the_next_one_go_on(
    sandbox, campaign, pause, clock, monkeypatch
):
    def stumbles(*_):
        raise KeyError("status")

    monkeypatch.setattr(write_kinds[pause.kind], "compare", stumbles)
    states = [settle(pause, clock, minutes=minutes).state for minutes in (0, 10, 20)]
    assert states == [Write.State.UNKNOWN, Write.State.UNKNOWN, Write.State.FAILED]
    assert "Quarterdeck made a mistake" in pause.message
    assert "Whether it was made is not known" in pause.message
    assert len(status_calls(sandbox)) == 1
    monkeypatch.undo()
    again = change_status(campaign, "active", Actor(), clock())
    assert settle(again, clock, minutes=30).state == Write.State.DONE


def test_a_kind_that_an_upgrade_took_away_fails_without_being_sent(sandbox, campaign, pause, clock):
    Write.objects.filter(pk=pause.pk).update(kind="yodel")
    for minutes in (0, 10, 20):
        settle(pause, clock, minutes=minutes)
    assert pause.state == Write.State.FAILED
    assert pause.message.endswith("Nothing was changed.")
    assert status_calls(sandbox) == []


def test_what_can_never_be_read_back_does_not_keep_others_waiting_for_ever(sandbox, campaign, pause, clock):
    sandbox.faults({"kind": "cut_after", "next": 1, "method": "POST"}, {"kind": "502", "method": "GET"})
    assert settle(pause, clock).state == Write.State.UNKNOWN
    assert settle(pause, clock, minutes=3 * 24 * 60 - 10).state == Write.State.UNKNOWN
    assert settle(pause, clock, minutes=3 * 24 * 60 + 10).state == Write.State.FAILED
    assert "nobody can tell whether it was made" in pause.message
    assert len(status_calls(sandbox)) == 1
