"""What writes send, in the form of live servers and in that of the guides, and what is made of refusals."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from providers import errors
from providers.drafts import (
    OutOfOffice,
    ScheduleDraft,
    SettingsChange,
    Split,
    StepDraft,
    TestEmail,
    Tracking,
    VariantDraft,
    WinBy,
)
from providers.ports import Facts
from providers.records import CampaignStatus, RemoteStep, RemoteVariant, StopRule
from providers.secret import SecretText
from providers.smartlead import Smartlead, campaign_writes, clients
from providers.smartlead.clients import ClientDraft
from providers.smartlead.dialect import GUIDES
from tests.providers.wire import FakeWire, json_reply, send, text_reply

OK = {"ok": True}
SCHEDULE = ScheduleDraft("Europe/London", (1, 2, 7), "09:00", "17:00", 10, 50)
A = VariantDraft("Hi", "<p>A</p>", "A", 11)
B = VariantDraft("Ho", "<p>B</p>", "B", 12)


def no_route(line):
    method, path = line.split()
    return text_reply(f"<!DOCTYPE html><pre>Cannot {method} /api/v1{path}</pre>", 404)


def refused(message, status=400):
    return json_reply({"statusCode": status, "error": "Bad Request", "message": message}, status)


@pytest.mark.parametrize(
    "answer",
    [
        {"ok": True, "id": 842},
        {"campaign_id": "842"},
        {"campaign": {"id": 842}},
        {"success": True, "data": {"id": 842}},
    ],
)
def test_a_new_campaign_gives_its_id(answer):
    assert send(Smartlead().create_campaign("Q4"), json_reply(answer)).id == 842


def test_a_new_campaign_without_an_id_is_an_unknown_outcome():
    for text in ("", "{}", '{"ok": true}'):
        with pytest.raises(errors.UnknownOutcome):
            send(Smartlead().create_campaign("Q4"), text_reply(text))


def test_a_copy_gives_its_id_and_a_wrong_original_is_refused():
    assert send(Smartlead().duplicate_campaign(1), json_reply({"ok": True, "newCampaignId": 843})).id == 843
    with pytest.raises(errors.RequestRefused, match="Invalid campaign Id"):
        send(Smartlead().duplicate_campaign(1), json_reply({"message": "Invalid campaign Id!"}, 500))


@pytest.mark.parametrize(("status", "word"), [("active", "START"), ("paused", "PAUSED"), ("stopped", "STOPPED")])
def test_a_status_is_set_by_its_word_of_writes(status, word):
    wire = FakeWire(json_reply(OK))
    wire.client().send(Smartlead().set_status(1, CampaignStatus(status)))
    assert wire.lines() == ["POST /campaigns/1/status"]
    assert wire.bodies() == [{"status": word}]


@pytest.mark.parametrize("status", ["draft", "completed", "archived", "unknown"])
def test_other_statuses_cannot_be_set(status):
    with pytest.raises(ValueError, match="can't be set"):
        Smartlead().set_status(1, CampaignStatus(status))


def test_a_status_falls_back_to_the_guides_form_and_remembers_it():
    learned: list[Facts] = []
    smartlead = Smartlead(on_learned=learned.append)
    wire = FakeWire(no_route("POST /campaigns/1/status"), json_reply(OK), json_reply(OK))
    client = wire.client()
    client.send(smartlead.set_status(1, CampaignStatus.ACTIVE))
    assert learned == [{"status_by_patch": True}]
    client.send(smartlead.set_status(1, CampaignStatus.PAUSED))
    assert wire.lines() == ["POST /campaigns/1/status", "PATCH /campaigns/1/status", "PATCH /campaigns/1/status"]
    assert wire.bodies() == [{"status": "START"}, {"status": "ACTIVE"}, {"status": "PAUSED"}]


def test_what_was_learned_is_unlearned_when_the_server_speaks_as_live_ones_do():
    learned: list[Facts] = []
    smartlead = Smartlead(GUIDES, learned.append)
    wire = FakeWire(no_route("PATCH /campaigns/1/status"), json_reply(OK))
    wire.client().send(smartlead.set_status(1, CampaignStatus.ACTIVE))
    assert wire.lines() == ["PATCH /campaigns/1/status", "POST /campaigns/1/status"]
    assert "status_by_patch" not in learned[-1]
    assert learned[-1]["bare_sequences"] is True


def test_a_refusal_of_both_forms_is_told_as_the_first_was_and_nothing_is_learned():
    learned: list[Facts] = []
    wire = FakeWire(refused('"status" must be one of [ACTIVE]'), no_route("PATCH /campaigns/1/status"))
    with pytest.raises(errors.RequestRefused, match="must be one of"):
        wire.client().send(Smartlead(on_learned=learned.append).set_status(1, CampaignStatus.ACTIVE))
    assert learned == []


@pytest.mark.parametrize(
    "reply",
    [
        refused("Campaign has no leads"),
        json_reply({"message": "Invalid cron expression"}, 500),
        refused('"name" is not allowed to be empty'),
        json_reply({"error": "Campaign not found"}, 404),
        json_reply({"ok": False, "message": '"status" must be one of'}),
        refused("Email account id - 297 not allowed. Permission Error."),
    ],
)
def test_a_refusal_of_what_is_asked_for_is_not_tried_in_another_form(reply):
    wire = FakeWire(reply)
    with pytest.raises((errors.RequestRefused, errors.NotFound)):
        wire.client().send(Smartlead().set_status(1, CampaignStatus.ACTIVE))
    assert len(wire.requests) == 1


def test_a_lost_answer_to_the_other_form_stays_unknown():
    wire = FakeWire(no_route("POST /x"), *[json_reply({}, 502)] * 3)
    with pytest.raises(errors.UnknownOutcome):
        wire.client().send(Smartlead().set_status(1, CampaignStatus.ACTIVE))


def test_a_schedule_is_flat_and_sunday_is_zero():
    wire = FakeWire(json_reply(OK))
    wire.client().send(Smartlead().save_schedule(1, replace(SCHEDULE, starts_at=datetime(2026, 12, 1, 8, tzinfo=UTC))))
    assert wire.bodies() == [
        {
            "timezone": "Europe/London",
            "days_of_the_week": [0, 1, 2],
            "start_hour": "09:00",
            "end_hour": "17:00",
            "min_time_btw_emails": 10,
            "max_new_leads_per_day": 50,
            "schedule_start_time": "2026-12-01T08:00:00+00:00",
        }
    ]


def test_a_schedule_falls_back_to_the_guides_names():
    smartlead = Smartlead()
    wire = FakeWire(refused('"max_new_leads_per_day" is not allowed'), json_reply(OK))
    wire.client().send(smartlead.save_schedule(1, SCHEDULE))
    assert wire.bodies()[1]["max_leads_per_day"] == 50
    assert "max_new_leads_per_day" not in wire.bodies()[1]
    assert smartlead.facts == {"guide_schedule": True}


@pytest.mark.parametrize(
    "wrong",
    [{"start": "9:00"}, {"start": "18:00"}, {"days": ()}, {"days": (0,)}, {"min_gap_minutes": 2}, {"end": "24:00"}],
)
def test_a_schedule_that_cannot_be_is_not_sent(wrong):
    with pytest.raises(ValueError, match=r"\w"):
        Smartlead().save_schedule(1, replace(SCHEDULE, **wrong))


def test_settings_are_sent_in_the_words_of_writes_and_only_those_that_change():
    change = SettingsChange(
        tracking=Tracking(opens=False, clicks=False),
        stop_rule=StopRule.REPLY,
        client_id=None,
        out_of_office=OutOfOffice(counts_as_reply=False, reactivate_after_days=3),
        unsubscribe_text="",
        plain_text=False,
    )
    wire = FakeWire(json_reply(OK))
    wire.client().send(Smartlead().save_settings(1, change))
    assert wire.lines() == ["POST /campaigns/1/settings"]
    assert wire.bodies() == [
        {
            "track_settings": ["DONT_TRACK_EMAIL_OPEN", "DONT_TRACK_LINK_CLICK"],
            "stop_lead_settings": "REPLY_TO_AN_EMAIL",
            "client_id": None,
            "out_of_office_detection_settings": {"ignoreOOOasReply": True, "reactivateOOOwithDelay": 3},
            "unsubscribe_text": "",
            "send_as_plain_text": False,
        }
    ]


def test_settings_fall_back_in_verb_and_in_words_each_once():
    smartlead = Smartlead()
    wire = FakeWire(
        no_route("POST /campaigns/1/settings"),
        refused("Invalid track_settings value - DONT_TRACK_EMAIL_OPEN"),
        json_reply(OK),
    )
    wire.client().send(smartlead.save_settings(1, SettingsChange(tracking=Tracking(opens=False, clicks=True))))
    assert wire.lines() == ["POST /campaigns/1/settings", *["PATCH /campaigns/1/settings"] * 2]
    assert wire.bodies()[2] == {"track_settings": ["DONT_EMAIL_OPEN"]}
    assert smartlead.facts == {"settings_by_patch": True, "guide_track_settings": True}


@pytest.mark.parametrize(
    "change", [SettingsChange(), SettingsChange(follow_up_percentage=101), SettingsChange(stop_rule=StopRule.NEVER)]
)
def test_settings_that_cannot_be_written_are_not_sent(change):
    with pytest.raises(ValueError, match=r"\w"):
        Smartlead().save_settings(1, change)


def test_steps_keep_their_ids_and_new_ones_say_null():
    steps = [
        StepDraft(2, 3, (VariantDraft("", "<p>Again</p>"),)),
        StepDraft(1, 0, (A, B), id=8494),
    ]
    wire = FakeWire(json_reply({"ok": True, "data": "success"}))
    wire.client().send(Smartlead().save_steps(1, steps))
    assert wire.bodies() == [
        {
            "sequences": [
                {
                    "id": 8494,
                    "seq_number": 1,
                    "seq_delay_details": {"delay_in_days": 0},
                    "variant_distribution_type": "MANUAL_EQUAL",
                    "seq_variants": [
                        {"subject": "Hi", "email_body": "<p>A</p>", "variant_label": "A", "id": 11},
                        {"subject": "Ho", "email_body": "<p>B</p>", "variant_label": "B", "id": 12},
                    ],
                },
                {
                    "id": None,
                    "seq_number": 2,
                    "seq_delay_details": {"delay_in_days": 3},
                    "subject": "",
                    "email_body": "<p>Again</p>",
                },
            ]
        }
    ]


def test_shares_and_winners_are_said_with_their_distribution():
    shares = StepDraft(1, 0, (replace(A, share=70), replace(B, share=30)))
    winner = StepDraft(2, 2, (A, B), split=Split.WINNER, test_share=40, win_by=WinBy.POSITIVE_REPLIES)
    wire = FakeWire(json_reply(OK))
    wire.client().send(Smartlead().save_steps(1, [shares, winner]))
    first, second = wire.bodies()[0]["sequences"]
    assert first["variant_distribution_type"] == "MANUAL_PERCENTAGE"
    assert [one["variant_distribution_percentage"] for one in first["seq_variants"]] == [70, 30]
    assert second["variant_distribution_type"] == "AI_EQUAL"
    assert (second["lead_distribution_percentage"], second["winning_metric_property"]) == (40, "POSITIVE_REPLY_RATE")
    assert "variant_distribution_percentage" not in second["seq_variants"][0]


@pytest.mark.parametrize("message", ['"value" must be of type object', '"sequences[0].seq_variants" is not allowed'])
def test_steps_fall_back_to_the_bare_array_of_the_guides(message):
    smartlead = Smartlead()
    wire = FakeWire(refused(message), json_reply(OK))
    wire.client().send(smartlead.save_steps(1, [StepDraft(1, 0, (A, B), id=5)]))
    (step,) = wire.bodies()[1]
    assert step["variant_distribution_type"] == "MANUALLY_EQUAL"
    assert [one["variant_label"] for one in step["variants"]] == ["A", "B"]
    assert "seq_variants" not in step
    assert smartlead.facts == {"bare_sequences": True}


def test_steps_are_drafted_from_what_was_read():
    step = RemoteStep(8, 1, 0, (RemoteVariant(11, "A", "Hi", "x", 60), RemoteVariant(12, "B", "Ho", "y", 40)))
    assert StepDraft.of(step).effective_split is Split.PERCENTAGE
    even = replace(
        step, variants=tuple(replace(one, share=share) for one, share in zip(step.variants, (0, None), strict=True))
    )
    assert StepDraft.of(even).effective_split is Split.EQUAL
    assert [one.id for one in StepDraft.of(even).variants] == [11, 12]


@pytest.mark.parametrize(
    "steps",
    [
        [StepDraft(2, 0, (A,))],
        [StepDraft(1, 400, (A,))],
        [StepDraft(1, 0, ())],
        [StepDraft(1, 0, (A, replace(B, share=5)))],
    ],
)
def test_steps_that_cannot_be_are_not_sent(steps):
    with pytest.raises(ValueError, match=r"\w"):
        Smartlead().save_steps(1, steps)


def test_mailboxes_are_linked_together_or_one_by_one():
    smartlead = Smartlead()
    wire = FakeWire(
        json_reply({"ok": True, "result": [{"id": 1}]}),
        refused('"email_account_ids" is not allowed'),
        *[json_reply(OK)] * 5,
    )
    client = wire.client()
    client.send(smartlead.attach_mailboxes(1, [7, 8]))
    client.send(smartlead.attach_mailboxes(1, [7, 8]))
    assert smartlead.facts == {"one_mailbox_per_call": True}
    client.send(smartlead.detach_mailboxes(1, [7, 8, 9]))
    assert [line.split()[0] for line in wire.lines()] == ["POST"] * 4 + ["DELETE"] * 3
    assert wire.bodies()[:4] == [
        {"email_account_ids": [7, 8]},
        {"email_account_ids": [7, 8]},
        {"email_account_id": 7},
        {"email_account_id": 8},
    ]
    assert wire.bodies()[4:] == [{"email_account_id": 7}, {"email_account_id": 8}, {"email_account_id": 9}]


def test_links_that_were_made_in_part_are_unknown():
    wire = FakeWire(json_reply(OK), refused("Email account id - 8 not allowed. Permission Error."))
    with pytest.raises(errors.UnknownOutcome, match="Only 1 of 2"):
        wire.client().send(Smartlead(GUIDES).attach_mailboxes(1, [7, 8]))
    with pytest.raises(ValueError, match="No mailboxes"):
        Smartlead().attach_mailboxes(1, [])


def test_a_test_email_is_sent_once_whatever_comes_back():
    wire = FakeWire(json_reply({}, 503))
    with pytest.raises(errors.UnknownOutcome):
        wire.client().send(Smartlead().send_test_email(1, TestEmail(5, 1)))
    assert wire.bodies() == [{"leadId": 5, "sequenceNumber": 1}]


def test_a_campaign_is_deleted_and_again_is_not_found():
    assert send(Smartlead().delete_campaign(1), json_reply({"ok": True})) is None
    with pytest.raises(errors.NotFound):
        send(Smartlead().delete_campaign(1), json_reply({"error": "Campaign not found"}, 404))
    with pytest.raises(errors.RequestRefused) as caught:
        send(
            Smartlead().delete_campaign(1),
            json_reply({"success": False, "error": {"code": "CAMPAIGN_ACTIVE", "message": "Pause it"}}, 400),
        )
    assert caught.value.code == "CAMPAIGN_ACTIVE"


def test_the_overview_of_the_guides_is_asked_where_the_real_one_is_missing():
    smartlead = Smartlead()
    start, end = date(2026, 11, 1), date(2026, 11, 2)
    wire = FakeWire(
        no_route("GET /analytics/overall-stats-v2"),
        json_reply({"data": {"sent": "5"}}),
        json_reply({"data": {"overall_stats": {"sent": 6}}}),
    )
    client = wire.client()
    assert [client.send(smartlead.overall(start, end)).sent for _ in range(2)] == [5, 6]
    assert wire.lines() == ["GET /analytics/overall-stats-v2", *["GET /analytics/overview"] * 2]


def test_a_new_api_key_never_prints():
    answer = {
        "ok": True,
        "data": {"id": 45, "client_id": 301, "key_name": "Q", "api_key": "sl-4711-canary", "status": "active"},
    }
    made = send(clients.create_api_key(301, "Q"), json_reply(answer))
    assert made.key == SecretText("sl-4711-canary")
    assert "canary" not in f"{made!r} {made} {made.key} {made.key!r}"
    assert send(clients.reset_api_key(45), json_reply(answer)).key == made.key
    (listed,) = send(clients.api_keys(), json_reply({"message": "x", "data": [answer["data"]]}))
    assert (listed.id, listed.name, listed.active, listed.key) == (45, "Q", True, None)
    with pytest.raises(ValueError, match="letters"):
        clients.create_api_key(301, "a/b")


@pytest.mark.parametrize(
    "answer",
    [{"ok": True, "clientId": 299, "password": "hunter2"}, {"ok": True, "data": {"id": 299, "password": "hunter2"}}],
)
def test_a_new_client_gives_its_id_alone(answer):
    wire = FakeWire(json_reply(answer))
    draft = ClientDraft("Acme", "ops@acme.test", SecretText("hunter2"), ("full_access",))
    assert repr(wire.client().send(clients.create_client(draft))) == "Created(id=299)"
    assert wire.bodies() == [
        {"name": "Acme", "email": "ops@acme.test", "password": "hunter2", "permission": ["full_access"]}
    ]
    assert "hunter" not in repr(draft)
    assert "hunter" not in repr(clients.create_client(draft))


def test_smaller_writes_are_acknowledged():
    for call in (
        campaign_writes.set_team_member(1, 4),
        campaign_writes.set_sender_of_lead(1, 5, 7),
        clients.update_client(3, ClientDraft("A", "a@x.test"), uuid="u"),
        clients.delete_api_key(8),
    ):
        assert send(call, json_reply({"success": True})) is None
    assert (
        send(campaign_writes.create_sub_sequence(1, "S", []), json_reply({"success": True, "subsequence_id": 456})).id
        == 456
    )
