"""Saving a sequence: what is written is what the provider holds, nobody's text is lost, and a campaign never stays half-way."""

from dataclasses import replace

import pytest

from accounts.models import User
from campaigns.models import SequenceSave, SequenceVersion
from campaigns.sequence_editor.words import SaveView
from campaigns.services.sequence_drafts import draft_of, keep_draft
from campaigns.services.sequence_saving import (
    NothingMayChange,
    SaveUnderWay,
    TextsRefused,
    restore,
    retry,
)
from campaigns.services.sequence_texts import current_texts, from_json, same_texts, told_texts
from campaigns.services.status import change_status
from operations.audit import Actor
from operations.models import AuditEntry, Write
from operations.writes import planning
from operations.writes.permission import stop_all_writes
from providers import readback
from providers.drafts import Split, StepDraft, VariantDraft
from tests.saving.desk import with_body
from tests.support.campaign_truth import steps_there

pytestmark = pytest.mark.django_db(transaction=True)

Outcome = SequenceSave.Outcome
NEW = "<p>Rewritten for {{first_name}}</p>"
BOTH = pytest.mark.parametrize("dialect", ["live", "guides"], indirect=True)


@pytest.fixture
def maya(db):
    return User.objects.create_user("maya@agency.example", "a long enough password", name="Maya Manager", role="admin")


@pytest.fixture
def idris(db):
    return User.objects.create_user("idris@agency.example", "a long enough password", name="Idris Manager")


def rewritten(texts):
    """Something of every kind: a changed text, another delay, a new variant by shares, a removed step, a new one in front."""
    first, second, *_ = texts
    a = replace(first.variants[0], subject="Hello", body=NEW, share=70)
    b = VariantDraft("Other", "<table><tr><td>x</td></tr></table>\r\n<!-- note -->", "B", share=30)
    return (
        StepDraft(1, 0, (VariantDraft("Before all", "<p>First</p>"),)),
        replace(first, number=2, delay_days=4, split=Split.PERCENTAGE, variants=(a, b)),
        replace(second, number=3, delay_days=9),
    )


@BOTH
@pytest.mark.parametrize("status", ["ACTIVE", "PAUSED"])
def test_every_field_of_a_save_is_at_the_provider_afterwards(sandbox, desk, status):
    desk.becomes(status)
    before = {step.id for step in desk.texts[:2]}
    save = desk.work(desk.save(rewritten(desk.texts)))
    assert save.outcome == (Outcome.RUNNING_NEW if status == "ACTIVE" else Outcome.SAVED), save.message
    assert readback.steps(from_json(save.texts), steps_there(desk.truth)) == []
    assert [step["distribution"] for step in desk.truth["steps"]][1] == "MANUAL_PERCENTAGE"
    assert {step["id"] for step in desk.truth["steps"]} > before, "what stayed has kept its numbers"
    assert desk.truth["status"] == status
    assert current_texts(desk.campaign) == told_texts(steps_there(desk.truth)), "our copy has the new ids"
    assert len(desk.done("sequences")) == 1
    assert len(desk.done("status")) == (2 if status == "ACTIVE" else 0)
    assert AuditEntry.objects.get(action="sequence save: done").after["texts"]["Step 1, text, body"] == "<p>First</p>"


def test_a_version_is_kept_of_what_was_there_and_of_what_was_saved_and_can_be_restored(desk, maya):
    old = desk.becomes("PAUSED").texts
    keep_draft(maya, desk.campaign, with_body(old, NEW), old, desk.clock())
    desk.work(desk.save(with_body(old, NEW)[:1], by=maya))
    first, second = SequenceVersion.objects.order_by("number")
    assert (first.origin, second.origin, second.made_by) == ("found", "saved", maya)
    assert same_texts(from_json(first.texts), old)
    assert draft_of(maya, desk.campaign) is not None, "it holds more than was saved"
    wanted = restore(first, desk.texts)
    assert [step.id for step in wanted] == [old[0].id, *[None] * (len(old) - 1)]
    save = desk.work(desk.save(wanted, by=maya))
    assert save.outcome == Outcome.SAVED, save.message
    assert [step["number"] for step in desk.truth["steps"]] == [step.number for step in old]
    assert desk.body == old[0].variants[0].body


def test_a_draft_that_was_saved_is_a_draft_no_more(desk, maya):
    texts = with_body(desk.becomes("PAUSED").texts, NEW)
    keep_draft(maya, desk.campaign, texts, desk.texts, desk.clock())
    desk.work(desk.save(texts, by=maya))
    assert draft_of(maya, desk.campaign) is None


def test_of_two_people_who_save_the_same_step_the_second_gets_a_conflict_with_both_texts(desk, maya, idris):
    base = desk.texts
    first = desk.save(with_body(base, "<p>Maya’s</p>"), by=maya)
    with pytest.raises(SaveUnderWay, match="Maya Manager is saving"):
        desk.save(with_body(base, "<p>Idris’s</p>"), base=base, by=idris)
    desk.work(first)
    second = desk.work(desk.save(with_body(base, "<p>Idris’s</p>"), base=base, by=idris))
    assert second.outcome == Outcome.RUNNING_OLD
    assert second.is_conflict
    assert SaveView.of(second).action == "compare"
    assert desk.body == "<p>Maya’s</p>"
    assert from_json(second.theirs)[0].variants[0].body == "<p>Maya’s</p>"
    assert from_json(second.texts)[0].variants[0].body == "<p>Idris’s</p>"
    assert desk.truth["status"] == "ACTIVE"
    assert len(desk.done("status")) == 2, "nothing was paused for the second"


@pytest.mark.parametrize("status", ["ACTIVE", "PAUSED"])
def test_what_somebody_wrote_at_the_provider_meanwhile_is_kept_and_shown(sandbox, desk, status):
    base = desk.becomes(status).texts
    sandbox.change("edit", campaign=desk.campaign.remote_id, step=2, body="<p>Theirs</p>")
    save = desk.work(desk.save(with_body(base, NEW), base=base))
    assert save.outcome == (Outcome.RUNNING_OLD if status == "ACTIVE" else Outcome.UNCHANGED)
    assert "<p>Theirs</p>" in str(desk.truth["steps"][1])
    assert desk.done("sequences") == []
    assert desk.texts[1].variants[0].body == "<p>Theirs</p>", "our copy has theirs"
    assert SequenceVersion.objects.get().origin == "found"
    again = desk.work(desk.save(with_body(desk.texts, NEW)))
    assert again.outcome in (Outcome.RUNNING_NEW, Outcome.SAVED)


@pytest.mark.parametrize("stage", ["save", "resume"])
def test_somebody_who_writes_while_the_campaign_is_paused_for_a_save_keeps_it_paused(sandbox, desk, stage):
    """Their text was seen by nobody here, so nobody here starts it."""
    save = desk.save(with_body(desk.texts, NEW))
    what = "sequences" if stage == "save" else "status"
    skip = 0 if stage == "save" else 1
    sandbox.faults(
        {"kind": "revoked", "skip": skip, "path": f"/campaigns/{desk.campaign.remote_id}/{what}", "method": "POST"}
    )
    desk.work(save, times=2)
    sandbox.change("edit", campaign=desk.campaign.remote_id, step=2, body="<p>Theirs</p>")
    sandbox.clear_faults()
    desk.work(save)
    assert save.outcome == Outcome.PAUSED
    assert "changed at Smartlead" in save.message
    assert save.is_conflict
    assert desk.truth["status"] == "PAUSED"
    assert "<p>Theirs</p>" in str(desk.truth["steps"][1])


def test_a_campaign_that_runs_although_we_think_it_does_not_is_paused_first(sandbox, desk):
    desk.becomes("PAUSED")
    sandbox.change("status", campaign=desk.campaign.remote_id, status="ACTIVE")
    save = desk.work(desk.save(with_body(desk.texts, NEW)))
    assert (save.outcome, save.was_active) == (Outcome.RUNNING_NEW, True)
    assert (desk.body, desk.truth["status"]) == (NEW, "ACTIVE")


def test_a_campaign_that_was_paused_behind_our_back_is_not_started(sandbox, desk):
    sandbox.change("status", campaign=desk.campaign.remote_id, status="PAUSED")
    save = desk.work(desk.save(with_body(desk.texts, NEW)))
    assert (save.outcome, save.was_active) == (Outcome.SAVED, False)
    assert (desk.body, desk.truth["status"], desk.campaign.status) == (NEW, "PAUSED", "paused")


def test_a_campaign_that_somebody_stops_meanwhile_stays_stopped_and_it_is_said(sandbox, desk):
    save = desk.save(with_body(desk.texts, NEW))
    sandbox.faults({"kind": "revoked", "path": f"/campaigns/{desk.campaign.remote_id}/sequences", "method": "POST"})
    desk.work(save, times=2)
    sandbox.change("status", campaign=desk.campaign.remote_id, status="STOPPED")
    sandbox.clear_faults()
    desk.work(save)
    assert save.outcome == Outcome.PAUSED
    assert "not sending" in save.message
    assert desk.campaign.status == "stopped"


@pytest.mark.parametrize(("wishes", "runs"), [(["paused"], False), (["paused", "active"], True)])
def test_what_a_person_paused_during_a_save_is_not_started_by_it(sandbox, desk, maya, wishes, runs):
    """The campaign shows as paused while it is saved, so who pauses it then means it."""
    save = desk.save(with_body(desk.texts, NEW))
    sandbox.faults({"kind": "revoked", "path": f"/campaigns/{desk.campaign.remote_id}/sequences", "method": "POST"})
    desk.work(save, times=1)
    for wish in wishes:
        change_status(desk.campaign, wish, Actor.on_page(maya), desk.clock())
    sandbox.clear_faults()
    planning.wake()
    desk.work(save)
    assert desk.body == NEW
    assert desk.truth["status"] == desk.campaign.status.upper() == ("ACTIVE" if runs else "PAUSED")
    assert save.outcome == (Outcome.RUNNING_NEW if runs else Outcome.PAUSED)
    if not runs:
        assert save.message == (
            "Saved and verified at Smartlead, and the campaign is not sending. Maya Manager paused it meanwhile, "
            "so it was not started again."
        )


def test_a_campaign_that_is_deleted_at_the_provider_is_not_said_to_be_sending(sandbox, desk):
    save = desk.save(with_body(desk.texts, NEW))
    sandbox.change("delete", campaign=desk.campaign.remote_id)
    desk.work(save)
    assert save.outcome == Outcome.PAUSED
    assert "not sending" in save.message


@pytest.mark.parametrize("who", ["we", "they"])
def test_only_a_pause_that_is_not_ours_is_told_as_theirs(sandbox, desk, who):
    if who == "they":
        sandbox.change("status", campaign=desk.campaign.remote_id, status="PAUSED")
    desk.work(desk.save(with_body(desk.texts, NEW)))
    found = AuditEntry.objects.filter(origin=AuditEntry.Origin.PROVIDER)
    assert [one.action for one in found] == (["campaign status: found"] if who == "they" else [])


def test_a_key_that_does_not_come_back_for_days_leaves_it_paused_with_the_reason(sandbox, desk):
    save = desk.save(with_body(desk.texts, NEW))
    sandbox.faults({"kind": "revoked", "path": f"/campaigns/{desk.campaign.remote_id}/sequences", "method": "POST"})
    desk.work(save, times=3)
    view = SaveView.of(SequenceSave.objects.with_write().get(pk=save.pk))
    assert (view.stuck, "paused" in view.text) == (True, True)
    sandbox.advance(days=4)
    desk.work(save)
    assert save.outcome == Outcome.PAUSED
    assert "key was refused" in save.message
    assert desk.truth["status"] == "PAUSED"


def test_a_refused_save_keeps_what_was_typed_for_another_try(sandbox, desk):
    desk.becomes("PAUSED")
    sandbox.faults({"kind": "refused", "next": 1, "method": "POST"})
    save = desk.work(desk.save(with_body(desk.texts, NEW)))
    assert save.outcome == Outcome.UNCHANGED
    assert save.message == (
        "Smartlead refused the change: This can't be done right now. Nothing was saved. Your text is kept here."
    )
    again = desk.work(retry(save, Actor(), desk.clock()))
    assert (again.outcome, desk.body) == (Outcome.SAVED, NEW)


def test_nothing_is_asked_for_where_nothing_may_be_changed_or_no_provider_would_take_it(desk):
    texts = desk.texts
    with pytest.raises(TextsRefused, match="at least one step"):
        desk.save(())
    with pytest.raises(TextsRefused, match="Step 2 needs a delay"):
        desk.save(tuple(replace(step, delay_days=0) for step in texts))
    stop_all_writes(True, Actor(), desk.clock())
    with pytest.raises(NothingMayChange, match="All changes are stopped"):
        desk.save(with_body(texts, NEW))
    assert not SequenceSave.objects.exists()
    assert not Write.objects.exists()


def test_an_id_that_was_never_shown_or_stands_twice_is_that_of_a_new_text(desk):
    first, second, *_ = desk.becomes("PAUSED").texts
    copied = replace(first, number=3, delay_days=2)
    foreign = replace(second, id=first.id + 999_999, number=4, delay_days=3)
    save = desk.work(desk.save((first, second, copied, foreign)))
    assert save.outcome == Outcome.SAVED, save.message
    ids = [step["id"] for step in desk.truth["steps"]]
    assert ids[:2] == [first.id, second.id]
    assert len(set(ids)) == 4
