"""The schedule page: what it shows, what it refuses in plain words, and that nothing typed is lost."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils.html import escape

from accounts.models import Mailbox, User
from campaigns.models import Campaign, CampaignMailbox
from operations.models import Write
from tests.support.agency import Agency, browser_of, now
from tests.support.query_counts import recorded_queries

pytestmark = pytest.mark.django_db

SCHEDULE = {"days": [1, 2, 3, 4, 5], "start": "08:30", "end": "16:00", "time_zone": "Europe/Berlin", "starts_at": None}
TYPED: dict[str, Any] = {
    "time_zone": "Europe/Berlin",
    "days": ["1", "2", "3"],
    "start": "8:30",
    "end": "17",
    "min_gap_minutes": "14",
    "daily_new_leads": "160",
    "starts_at": "",
}


@pytest.fixture
def campaign(agency: Agency) -> Campaign:
    agency.shared.may_write = True
    agency.shared.save()
    campaign = agency.campaign(
        "Freight",
        client=agency.north,
        numbers={"leads_waiting": 2400, "leads_total": 6400},
        schedule=SCHEDULE,
        settings={"daily_new_leads": 80, "min_gap_minutes": 14, "follow_up_percentage": 40},
        links_synced_at=now(),
    )
    for number in range(10):
        box = Mailbox.objects.create(
            connection=agency.shared, remote_id=number, client=agency.north, daily_limit=30, synced_at=now(),
            smtp_ok=True, address=f"{number}@north.example",
        )  # fmt: skip
        CampaignMailbox.objects.create(campaign=campaign, mailbox=box)
    return campaign


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def page(user: User, campaign: Campaign, query: str = "") -> Any:
    return browser_of(user).get(f"/campaigns/{campaign.pk}/schedule/{query}")


def save(user: User, campaign: Campaign, **typed: Any) -> Any:
    shown = page(user, campaign).content.decode()
    opened = re.search(r'name="opened" value="([^"]+)"', shown)
    assert opened is not None
    return browser_of(user).post(f"/campaigns/{campaign.pk}/schedule/", {"opened": opened.group(1), **TYPED, **typed})


def test_the_page_says_what_limits_new_leads_and_when_the_waiting_ones_are_through(agency, campaign) -> None:
    shown = text(page(agency.nora, campaign))
    assert "Max new leads 80" in shown
    assert "Mailboxes 180" in shown
    assert "10 × 30, less the 40% kept for follow-ups" in shown.replace("connected ", "")
    assert "30 sending days at up to 80 a day" in shown
    assert "Follow-ups due are not known yet" in shown
    assert "Per mailbox: up to 32 emails in 7 h 30 min." in shown


def test_what_is_not_known_is_said_and_not_made_up(agency, campaign) -> None:
    Mailbox.objects.filter(remote_id=3).update(daily_limit=None)
    assert "the daily limit of 1 is not told" in text(page(agency.nora, campaign))
    Campaign.objects.filter(pk=campaign.pk).update(links_synced_at=None)
    campaign.numbers.leads_waiting = None
    campaign.numbers.save()
    shown = text(page(agency.nora, campaign))
    assert "The mailboxes are not known yet." in shown
    assert "How many leads wait is not known yet, so neither is the day" in shown


def test_the_pace_follows_what_is_typed_and_saves_nothing(agency, campaign) -> None:
    query = {**TYPED, "reader_zone": "Asia/Kolkata"}
    answer = browser_of(agency.nora).get(
        f"/campaigns/{campaign.pk}/schedule/pace/", query, headers={"HX-Request": "true"}
    )
    assert "at up to 160 a day" in text(answer)
    assert "With the saved schedule:" in text(answer)
    assert "Up to 20 more a day are possible." in text(answer)
    assert re.search(r"Next send: .* 08:30 Berlin \(1[23]:00 Kolkata\)", text(answer)) or "now, until" in text(answer)
    half = browser_of(agency.nora).get(f"/campaigns/{campaign.pk}/schedule/pace/", {**TYPED, "end": "8"})
    assert "Sending must end after it begins at 08:30" in text(half)
    assert not Write.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"days": []}, "Choose at least one day, or pause the campaign."),
        ({"end": "08:00"}, "Sending must end after it begins at 08:30"),
        ({"start": "25:00"}, "Type an hour such as 08:30."),
        ({"time_zone": "Berlin/Europe"}, "There is no timezone “Berlin/Europe”."),
        ({"min_gap_minutes": "2"}, "Smartlead waits at least 3 minutes"),
        ({"daily_new_leads": "0"}, "To start nobody, pause the campaign."),
        ({"starts_at": "2020-01-01T09:00"}, "This moment is over."),
        ({"starts_at": "2031-03-30T02:30"}, "This hour does not exist in Berlin"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_everything_typed_stays(agency, campaign, wrong, reason) -> None:
    answer = save(agency.nora, campaign, **{"daily_new_leads": "161", **wrong})
    assert answer.status_code == 200
    body = answer.content.decode()
    assert escape(reason) in body
    assert 'id="end" name="end" value="{}"'.format(wrong.get("end", "17")) in body
    assert 'value="{}"'.format(wrong.get("daily_new_leads", "161")) in body
    assert not Write.objects.exists()


def test_saving_asks_for_the_change_and_shows_it_as_pending_until_it_is_read_back(agency, campaign) -> None:
    answer = save(agency.nora, campaign, time_zone="berlin")
    write = Write.objects.get()
    assert answer["Location"] == f"/campaigns/{campaign.pk}/schedule/?write={write.pk}"
    assert write.payload["days"] == [1, 2, 3]
    assert (write.payload["start"], write.payload["end"], write.payload["time_zone"]) == (
        "08:30",
        "17:00",
        "Europe/Berlin",
    )
    assert write.before["end"] == "16:00"
    shown = page(agency.nora, campaign, f"?write={write.pk}").content.decode()
    assert "Saving…" in shown
    assert 'name="end" value="17:00"' in shown
    assert "fieldset disabled" in shown.replace('class="stack-s qd-fields" ', "")
    asked = browser_of(agency.nora).get(
        f"/campaigns/{campaign.pk}/schedule/?write={write.pk}", headers={"HX-Request": "true"}
    )
    assert asked.status_code == 204
    assert "still on its way" in text(save(agency.nora, campaign))


def test_a_failed_save_says_why_and_keeps_what_was_typed(agency, campaign) -> None:
    save(agency.nora, campaign)
    Write.objects.update(state="failed", message="Invalid timezone - Europe/Berlin.", settled_at=now())
    shown = page(agency.nora, campaign, f"?write={Write.objects.get().pk}")
    assert "Schedule not saved." in text(shown)
    assert "The provider does not know this timezone." in text(shown)
    assert 'name="end" value="17:00"' in shown.content.decode()
    assert "was 16:00" in text(shown)
    assert 'name="end" value="16:00"' in page(agency.nora, campaign).content.decode()


def test_a_schedule_that_was_not_touched_is_not_sent(agency, campaign) -> None:
    same = {"days": ["1", "2", "3", "4", "5"], "end": "16:00", "daily_new_leads": "80"}
    assert save(agency.nora, campaign, **same)["Location"].endswith(f"/campaigns/{campaign.pk}/schedule/")
    assert not Write.objects.exists()


def test_a_start_time_that_was_not_touched_keeps_its_very_moment(agency, campaign) -> None:
    moment = (now() + timedelta(days=30)).replace(microsecond=0).isoformat()
    Campaign.objects.filter(pk=campaign.pk).update(schedule={**SCHEDULE, "starts_at": moment})
    shown = page(agency.nora, campaign).content.decode()
    typed = re.search(r'name="starts_at" type="datetime-local" value="([^"]+)"', shown)
    assert typed is not None
    save(agency.nora, campaign, starts_at=typed.group(1))
    assert Write.objects.get().payload["starts_at"] == moment


def test_a_campaign_without_a_schedule_is_offered_one_that_is_not_saved(agency, campaign) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(schedule=None)
    shown = page(agency.nora, campaign)
    assert "No schedule yet." in text(shown)
    assert "Not saved yet" in text(shown)
    assert 'name="start" value="09:00"' in shown.content.decode()
    assert save(agency.nora, campaign).status_code == 302
    assert Write.objects.get().before["time_zone"] is None


def test_a_read_only_connection_explains_itself_and_loses_nothing(agency, campaign) -> None:
    agency.shared.may_write = False
    agency.shared.save()
    shown = page(agency.nora, campaign)
    assert "is read-only. An admin can allow changes" in text(shown)
    assert "Save schedule" not in text(shown)
    answer = save(agency.nora, campaign)
    assert "is read-only. An admin can allow changes" in text(answer)
    assert 'name="end" value="17"' in answer.content.decode()
    assert not Write.objects.exists()


def test_others_do_not_find_it(agency, campaign) -> None:
    assert page(agency.sven, campaign).status_code == 404
    assert browser_of(agency.sven).post(f"/campaigns/{campaign.pk}/schedule/", TYPED).status_code == 404
    assert browser_of(agency.sven).get(f"/campaigns/{campaign.pk}/schedule/pace/", TYPED).status_code == 404


def test_the_state_that_a_form_was_opened_with_can_not_be_made_up(agency, campaign) -> None:
    other = agency.campaign("Other", client=agency.north, schedule={**SCHEDULE, "end": "11:11"})
    foreign = re.search(r'name="opened" value="([^"]+)"', page(agency.nora, other).content.decode())
    assert foreign is not None
    save(agency.nora, campaign, opened=foreign.group(1))
    assert Write.objects.get().before["end"] == "16:00"


@pytest.mark.parametrize("part", ["schedule", "schedule/pace", "settings"])
def test_the_pages_take_a_handful_of_queries(agency, campaign, part) -> None:
    browser = browser_of(agency.nora)
    address = f"/campaigns/{campaign.pk}/{part}/"
    browser.get(address, TYPED)
    with recorded_queries(f"campaign {part}"):
        assert browser.get(address, TYPED).status_code == 200
