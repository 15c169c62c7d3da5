from dataclasses import replace
from typing import Any

import pytest

from providers import readback
from providers.drafts import ScheduleDraft, SettingsChange, StepDraft, Tracking, VariantDraft
from providers.records import (
    CampaignStatus,
    Difference,
    RemoteCampaign,
    RemoteClient,
    RemoteMailbox,
    RemoteSchedule,
    RemoteSettings,
    RemoteStep,
    RemoteVariant,
    StopRule,
)
from providers.smartlead import Smartlead
from tests.providers.wire import FakeWire, json_reply

SETTINGS = RemoteSettings(True, False, True, StopRule.REPLY, "REPLY_TO_AN_EMAIL", False, 40, "", False, 50, 10)
CAMPAIGN = RemoteCampaign(
    1,
    "Q4",
    CampaignStatus.DRAFT,
    "DRAFTED",
    44,
    schedule=RemoteSchedule("Europe/London", (1, 2, 7), "09:00", "17:00"),
    settings=SETTINGS,
)
SCHEDULE = ScheduleDraft("Europe/London", (7, 1, 2), "09:00", "17:00", 10, 50)
STEP = RemoteStep(8, 1, 0, (RemoteVariant(11, "A", "Hi", "<p>x</p>\n", 0), RemoteVariant(12, "B", "Ho", "y", None)))


def names(differences):
    return [one.field for one in differences]


def test_nothing_differs_where_all_was_taken():
    assert readback.created_campaign("Q4", None, CAMPAIGN) == []
    assert readback.created_campaign("Q4", 44, CAMPAIGN) == []
    assert readback.status(CampaignStatus.DRAFT, CAMPAIGN) == []
    assert readback.schedule(SCHEDULE, CAMPAIGN) == []
    change = SettingsChange(
        name="Q4", tracking=Tracking(True, False), stop_rule=StopRule.REPLY, client_id=44, bounce_pause_threshold="5"
    )
    assert readback.settings(change, CAMPAIGN) == []
    assert readback.steps([StepDraft.of(STEP)], [STEP]) == []
    assert readback.client("A", "Ops@x.test", RemoteClient(1, "A", "ops@x.test")) == []


def test_what_is_read_instead_can_be_kept_whatever_it_is():
    cut = replace(STEP, variants=(replace(STEP.variants[0], body="\ud83d\x00"), STEP.variants[1]))
    assert [one.read for one in readback.steps([StepDraft.of(STEP)], [cut])] == ["\ufffd\ufffd"]


def test_every_part_of_a_schedule_is_compared():
    drafts: dict[str, Any] = {
        "time_zone": "UTC",
        "days": (1,),
        "start": "08:00",
        "end": "18:00",
        "min_gap_minutes": 5,
        "daily_new_leads": 9,
    }
    for name, value in drafts.items():
        assert names(readback.schedule(replace(SCHEDULE, **{name: value}), CAMPAIGN)) == [name]
    assert len(readback.schedule(SCHEDULE, replace(CAMPAIGN, schedule=None))) == 4


def test_settings_that_were_not_taken_are_named():
    change = SettingsChange(tracking=Tracking(False, False), client_id=None, plain_text=True, follow_up_percentage=0)
    found = readback.settings(change, CAMPAIGN)
    assert names(found) == ["plain_text", "follow_up_percentage", "track_opens", "client_id"]
    assert str(found[0]) == "plain_text: wrote True, now reads False"


def test_a_difference_names_values_and_not_what_they_are_made_of():
    found = Difference("status", CampaignStatus.ACTIVE, CampaignStatus.PAUSED)
    assert str(found) == "status: wrote 'active', now reads 'paused'"


def test_a_lost_sunday_is_sent_under_its_other_number_and_that_is_remembered():
    without = replace(CAMPAIGN, schedule=RemoteSchedule("Europe/London", (1, 2), "09:00", "17:00"))
    smartlead = Smartlead()
    assert smartlead.save_schedule_again(1, SCHEDULE, CAMPAIGN) is None
    assert smartlead.save_schedule_again(1, SCHEDULE, replace(CAMPAIGN, schedule=None)) is None
    again = smartlead.save_schedule_again(1, SCHEDULE, without)
    assert again is not None
    wire = FakeWire(json_reply({"ok": True}), json_reply({"ok": True}))
    client = wire.client()
    client.send(again)
    client.send(smartlead.save_schedule(1, SCHEDULE))
    assert [body["days_of_the_week"] for body in wire.bodies()] == [[1, 2, 7], [1, 2, 7]]
    assert smartlead.facts == {"sunday_is_seven": True}


@pytest.mark.parametrize(
    ("draft", "differing"),
    [
        (StepDraft.of(replace(STEP, delay_days=2)), ["step 1 delay_days"]),
        (StepDraft.of(replace(STEP, id=9)), ["step 1 id"]),
        (StepDraft.of(replace(STEP, variants=STEP.variants[:1])), ["step 1 variants"]),
        (
            StepDraft(1, 0, (VariantDraft("Hi", "<p>x</p>\r\n", "A"), VariantDraft("Ho", "z", "B"))),
            ["step 1 variant B body"],
        ),
        (
            StepDraft(1, 0, (VariantDraft("Hi", "<p>x</p>", "A", 11, 60), VariantDraft("Ho", "y", "B", 13, 0))),
            ["step 1 variant A share", "step 1 variant B id"],
        ),
    ],
)
def test_steps_are_compared_to_the_letter(draft, differing):
    assert sorted(names(readback.steps([draft], [STEP]))) == sorted(differing)


def test_missing_steps_are_named_once():
    assert names(readback.steps([StepDraft.of(STEP), StepDraft.of(replace(STEP, number=2))], [STEP])) == ["steps"]


def test_mailboxes_that_were_not_linked_are_named():
    now = [RemoteMailbox(7, "a@x.test"), RemoteMailbox(8, "b@x.test")]
    assert readback.mailboxes(now, attached=[7], detached=[9]) == []
    assert names(readback.mailboxes(now, attached=[7, 9], detached=[8])) == ["mailbox 9", "mailbox 8"]
