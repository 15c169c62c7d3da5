"""A job brings every item to an end that is explained, whatever happens on the way, and takes back what can be taken back."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Client, Membership, RemoteClient, User
from accounts.services.connections import set_enabled
from accounts.services.mapping import map_remote_client
from campaigns.models import Campaign
from operations.jobs import engine, planning, starting
from operations.jobs.starting import NotPossible
from operations.models import AuditEntry, Job, JobItem, Write
from operations.writes.settling import give_back
from tests.jobs.conftest import Work

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_campaign_is_changed_once_and_read_back(work: Work) -> None:
    active = work.campaigns("active")
    job = work.start("pause", active)
    work.turn(job)
    assert work.states(job) == {"done": len(active)}
    assert job.is_finished
    assert {work.at_the_provider(one)["status"] for one in active[:3]} == {"PAUSED"}
    assert len(work.posts()) == len(active)
    assert not Campaign.objects.filter(pk__in=[one.pk for one in active]).exclude(status="paused").exists()
    entry = AuditEntry.objects.filter(action="campaign status: done").latest("pk")
    assert (entry.actor, entry.origin) == (work.maya, AuditEntry.Origin.BULK)


def test_bulk_writes_stand_behind_clicks_and_never_all_at_once(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "AT_ONCE", 4)
    monkeypatch.setattr(engine, "CHUNK", 3)
    active = work.campaigns("active")
    job = work.start("pause", active)
    engine.advance(job.pk, work.clock)
    begun = JobItem.objects.under_way().filter(job=job).count()
    assert 4 <= begun < 4 + 3 < len(active)
    assert set(Write.objects.values_list("priority", flat=True)) == {1}


def test_a_hand_that_lost_its_lease_does_not_open_again_what_another_has_ended(work: Work) -> None:
    [campaign, *_] = work.campaigns("active")
    job = work.start("pause", [campaign])
    engine.advance(job.pk, work.clock)
    slow = Write.objects.claim(Write.objects.get().pk, "slow", work.clock(), timedelta(seconds=-1))
    assert slow is not None
    work.turn(job)
    give_back(
        slow, work.clock(), Write.State.PENDING, timedelta(0), "The answer was lost, and the change was not made."
    )
    assert work.states(job) == {"done": 1}
    assert Write.objects.get().state == Write.State.DONE


def test_a_job_ends_where_a_connection_is_disabled_under_it(work: Work) -> None:
    job = work.start("pause", work.campaigns("active"))
    engine.advance(job.pk, work.clock)
    set_enabled(work.connection, False, work.actor, work.clock())
    work.turn(job)
    assert set(work.states(job)) == {"failed"}
    assert job.is_finished
    assert work.posts() == []


def test_a_lost_answer_is_resolved_by_reading_and_shown_meanwhile(work: Work) -> None:
    [campaign, *_] = work.campaigns("active")
    job = work.start("pause", [campaign])
    work.sandbox.faults({"kind": "cut_after", "next": 1, "method": "POST"}, {"kind": "502", "method": "GET"})
    work.turn(job)
    assert work.states(job) == {"unknown": 1}
    assert not job.is_finished
    work.sandbox.clear_faults()
    Write.objects.update(due_at=work.clock())
    work.turn(job)
    assert work.states(job) == {"done": 1}
    assert len(work.posts()) == 1


def test_what_failed_says_why_and_alone_is_tried_again(work: Work) -> None:
    campaigns = work.campaigns("active")[:4]
    job = work.start("pause", campaigns)
    refused = campaigns[1]
    work.sandbox.faults(
        {"kind": "revoked", "next": 1, "method": "POST", "path": f"*/campaigns/{refused.remote_id}/status"}
    )
    work.turn(job)
    assert work.states(job) == {"done": 3, "failed": 1}
    failed = JobItem.objects.get(job=job, state="failed")
    assert (failed.subject_label, failed.message) == (refused.name, "The key was refused.")
    again = starting.retry_failed(job, work.maya, work.actor, work.clock())
    with pytest.raises(NotPossible):
        starting.retry_failed(job, work.maya, work.actor, work.clock())
    work.turn(again)
    assert work.states(again) == {"done": 1}
    assert work.at_the_provider(refused)["status"] == "PAUSED"


def test_cancelling_leaves_alone_what_was_not_begun(work: Work) -> None:
    campaigns = work.campaigns("active")[:5]
    job = work.start("pause", campaigns, first=2)
    engine.advance(job.pk, work.clock)
    assert engine.cancel(job, work.actor, work.clock()) == 3
    work.turn(job)
    assert work.states(job) == {"done": 2, "cancelled": 3}
    assert job.is_finished
    assert len(work.posts()) == 2


def test_the_first_few_are_done_and_then_somebody_is_asked(work: Work) -> None:
    campaigns = work.campaigns("active")[:6]
    job = work.start("pause", campaigns, first=3)
    work.turn(job)
    assert job.held_at is not None
    assert work.states(job) == {"done": 3, "pending": 3}
    assert planning.plan(work.clock()) == 0
    assert engine.go_on(job, work.actor)
    work.turn(job)
    assert work.states(job) == {"done": 6}


def test_undo_puts_back_what_was_changed_and_leaves_later_changes_alone(work: Work) -> None:
    [first, second, *_] = work.campaigns("active")
    job = work.start("pause", [first, second])
    work.turn(job)
    assert job.undo_until is not None
    # Somebody goes on with one of them before the undo.
    Campaign.objects.filter(pk=second.pk).update(status="stopped")
    back = starting.undo(job, work.maya, work.actor, work.clock())
    work.turn(back)
    assert work.states(back) == {"done": 1, "failed": 1}
    assert JobItem.objects.get(job=back, state="failed").message.startswith("It was changed since")
    assert work.at_the_provider(first)["status"] == "ACTIVE"
    assert back.undo_until is None
    with pytest.raises(NotPossible):
        starting.undo(job, work.maya, work.actor, work.clock())


def test_undo_ends_after_a_day(work: Work) -> None:
    job = work.start("pause", work.campaigns("active")[:1])
    work.turn(job)
    with pytest.raises(NotPossible, match="24 hours"):
        starting.undo(job, work.maya, work.actor, work.clock() + timedelta(hours=24, minutes=1))


def test_a_stop_can_not_be_undone(work: Work) -> None:
    job = work.start("stop", work.campaigns("paused")[:1])
    work.turn(job)
    assert work.states(job) == {"done": 1}
    assert job.undo_until is None


@pytest.mark.parametrize("lost", ["membership", "role", "account", "nobody"])
def test_rights_are_asked_for_again_when_the_work_is_done(work: Work, lost: str) -> None:
    job = work.start("pause", work.campaigns("active")[:2])
    if lost == "membership":
        Membership.objects.all().delete()
    elif lost == "role":
        User.objects.update(role=User.Role.ANALYST)
    elif lost == "account":
        User.objects.update(is_active=False)
    else:
        Job.objects.update(actor=None)
    work.turn(job)
    assert work.states(job) == {"failed": 2}
    assert all(JobItem.objects.values_list("message", flat=True))
    assert work.posts() == []


def test_a_mistake_of_ours_about_one_campaign_keeps_no_other_waiting(work: Work) -> None:
    job = work.start("pause", work.campaigns("active")[:3])
    JobItem.objects.filter(job=job, position=0).update(wanted={"nonsense": 1})
    work.turn(job)
    assert work.states(job) == {"done": 2, "failed": 1}
    assert "made a mistake" in JobItem.objects.get(job=job, state="failed").message
    assert job.is_finished


def test_campaigns_that_vanish_before_their_turn_are_explained(work: Work) -> None:
    [deleted, gone, kept] = work.campaigns("active")[:3]
    job = work.start("pause", [deleted, gone, kept])
    Campaign.objects.filter(pk=deleted.pk).delete()
    Campaign.objects.filter(pk=gone.pk).update(gone_at=work.clock())
    work.turn(job)
    assert work.states(job) == {"done": 1, "failed": 2}
    told = dict(JobItem.objects.filter(job=job).values_list("subject_label", "message"))
    assert told[gone.name] == "Gone at the provider."
    assert "any more" in told[deleted.name]
    assert len(work.posts()) == 1


def test_our_own_marks_are_set_by_the_worker_without_a_call(work: Work) -> None:
    paused = work.campaigns("paused")[:3]
    job = work.start("archive", paused)
    assert not Campaign.objects.exclude(archived_at=None).exists()
    work.turn(job)
    assert Campaign.objects.exclude(archived_at=None).count() == 3
    back = starting.undo(job, work.maya, work.actor, work.clock())
    work.turn(back)
    assert not Campaign.objects.exclude(archived_at=None).exists()
    assert work.sandbox.log(limit=10)["calls"] == []


def test_own_tags_survive_the_next_sync_and_an_undo_takes_them_away(work: Work, pull) -> None:
    [campaign, *_] = work.campaigns("active")
    theirs = set(campaign.tags.values_list("name", flat=True))
    job = work.start("tag", [campaign], tags=["Nordics", "Push"])
    work.turn(job)
    assert work.states(job) == {"done": 1}, JobItem.objects.get().message
    work.sandbox.change("rename", campaign=campaign.remote_id, name="Renamed there")
    pull(work.connection)
    assert set(campaign.tags.values_list("name", flat=True)) == theirs | {"Nordics", "Push"}
    work.turn(starting.undo(job, work.maya, work.actor, work.clock()))
    assert set(campaign.tags.values_list("name", flat=True)) == theirs


def test_a_schedule_is_set_field_by_field_and_put_back(work: Work) -> None:
    campaigns = work.campaigns("active")[:2]
    before = [work.at_the_provider(one)["schedule"] for one in campaigns]
    job = work.start("schedule", campaigns, days=[1, 2, 7], end="18:30")
    work.turn(job)
    assert work.states(job) == {"done": 2}, list(JobItem.objects.values_list("message", flat=True))
    changed = Campaign.objects.get(pk=campaigns[0].pk).schedule or {}
    assert (changed["days"], changed["end"]) == ([1, 2, 7], "18:30")
    assert changed["time_zone"] == (campaigns[0].schedule or {})["time_zone"]
    work.turn(starting.undo(job, work.maya, work.actor, work.clock()))
    assert [work.at_the_provider(one)["schedule"] for one in campaigns] == before


def test_deleting_is_verified_and_final(work: Work) -> None:
    draft = work.campaigns("draft")[0]
    job = work.start("delete", [draft])
    work.turn(job)
    assert work.states(job) == {"done": 1}
    assert Campaign.objects.get(pk=draft.pk).gone_at is not None
    assert job.undo_until is None


def test_settings_are_changed_and_put_back(work: Work) -> None:
    campaigns = work.campaigns("active")[:2]
    told = ("stop_lead_settings", "unsubscribe_text", "tracks_opens", "tracks_clicks", "tracks_replies")
    before = [{name: work.at_the_provider(one).get(name) for name in told} for one in campaigns]
    job = work.start(
        "settings", campaigns, track_opens=not before[0]["tracks_opens"], unsubscribe_text="Tell me to stop"
    )
    work.turn(job)
    assert work.states(job) == {"done": 2}, list(JobItem.objects.values_list("message", flat=True))
    assert work.at_the_provider(campaigns[0])["tracks_opens"] is not before[0]["tracks_opens"]
    assert work.at_the_provider(campaigns[0])["unsubscribe_text"] == "Tell me to stop"
    work.turn(starting.undo(job, work.maya, work.actor, work.clock()))
    assert [{name: work.at_the_provider(one).get(name) for name in told} for one in campaigns] == before


def test_mailboxes_are_added_and_taken_away_again_one_by_one(work: Work) -> None:
    [campaign, *_] = work.campaigns("active")
    attached = set(campaign.mailbox_links.values_list("mailbox__address", flat=True))
    free = work.connection.mailboxes.exclude(address__in=attached).order_by("address")[:2]
    new = [box.address for box in free]
    options: dict[str, Any] = {str(work.connection.pk): [*new, min(attached)]}
    job = work.start("add-mailboxes", [campaign], **options)
    work.turn(job)
    assert work.states(job) == {"done": 1}, JobItem.objects.get().message
    assert set(campaign.mailbox_links.values_list("mailbox__address", flat=True)) == attached | set(new)
    work.turn(starting.undo(job, work.maya, work.actor, work.clock()))
    assert set(campaign.mailbox_links.values_list("mailbox__address", flat=True)) == attached


def test_an_active_campaign_keeps_a_mailbox(work: Work) -> None:
    [campaign, *_] = work.campaigns("active")
    every = list(campaign.mailbox_links.values_list("mailbox__address", flat=True))
    plan = work.plan("remove-mailboxes", [campaign], **{str(work.connection.pk): every})
    assert [one.reason for one in plan.skipped] == ["Active, and no mailbox would be left"]


def test_campaigns_are_given_to_another_client_at_the_provider(work: Work, connect, pull) -> None:
    work.connection.client = None
    work.connection.save()
    pull(work.connection)
    first, second = RemoteClient.objects.filter(connection=work.connection).order_by("remote_id")[:2]
    birch = Client.objects.create(name="Birch", slug="birch")
    map_remote_client(first, work.client, work.actor)
    map_remote_client(second, birch, work.actor)
    ours = list(Campaign.objects.filter(client=work.client, parent=None, gone_at=None)[:2])
    options: dict[str, Any] = {"client": birch.pk, "remote": {str(work.connection.pk): [second.remote_id]}}
    refused = work.start("client", ours, **options)
    work.turn(refused)
    assert work.states(refused) == {"failed": 2}  # Maya does not work for Birch
    Membership.objects.create(user=work.maya, client=birch)
    job = work.start("client", ours, **options)
    work.turn(job)
    assert work.states(job) == {"done": 2}, list(JobItem.objects.values_list("message", flat=True))
    assert {one.client for one in Campaign.objects.filter(pk__in=[one.pk for one in ours])} == {birch}
    assert {work.at_the_provider(one)["client_id"] for one in ours} == {second.remote_id}
    work.turn(starting.undo(job, work.maya, work.actor, work.clock()))
    assert {work.at_the_provider(one)["client_id"] for one in ours} == {first.remote_id}


def test_no_campaign_goes_to_another_client_than_the_dry_run_said(work: Work, pull) -> None:
    work.connection.client = None
    work.connection.save()
    pull(work.connection)
    first, second = RemoteClient.objects.filter(connection=work.connection).order_by("remote_id")[:2]
    birch, cedar = (Client.objects.create(name=name, slug=name.lower()) for name in ("Birch", "Cedar"))
    map_remote_client(first, work.client, work.actor)
    map_remote_client(second, birch, work.actor)
    User.objects.filter(pk=work.maya.pk).update(role=User.Role.ADMIN)
    work.maya.refresh_from_db()
    ours = list(Campaign.objects.filter(client=work.client, parent=None, gone_at=None)[:2])
    job = work.start("client", ours, client=birch.pk, remote={str(work.connection.pk): [second.remote_id]})
    map_remote_client(second, cedar, work.actor)
    work.turn(job)
    assert work.states(job) == {"failed": 2}
    assert "mapped anew" in JobItem.objects.filter(job=job)[0].message
    assert {work.at_the_provider(one)["client_id"] for one in ours} == {first.remote_id}
