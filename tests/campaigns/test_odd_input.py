"""What nobody means to type, and what a provider leaves out: the pages answer in words, and never with an error of their own."""

import re
from typing import Any

import pytest

from campaigns.models import Campaign, CampaignNumbers, Step, Variant
from tests.support.agency import Agency, browser_of, now

MANY_DIGITS = "9" * 5000
SCHEDULE = {
    "time_zone": "Europe/Berlin", "days": ["1", "2"], "start": "8:30", "end": "17", "min_gap_minutes": "14",
    "daily_new_leads": "160", "starts_at": "",
}  # fmt: skip


@pytest.fixture
def campaign(agency: Agency) -> Campaign:
    agency.shared.may_write = True
    agency.shared.save()
    return agency.campaign(
        "Freight",
        client=agency.north,
        schedule={"days": [1], "start": "08:30", "end": "16:00", "time_zone": "Europe/Berlin", "starts_at": None},
        settings={"daily_new_leads": 80, "min_gap_minutes": 14, "follow_up_percentage": 40, "track_opens": True},
        links_synced_at=now(),
        steps_synced_at=now(),
    )


def text(response: Any) -> str:
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("days", MANY_DIGITS, "Choose days of the week."),
        ("daily_new_leads", MANY_DIGITS, "Type a whole number."),
        ("starts_at", "9999-12-31T23:59", "That is more than five years ahead."),
        ("starts_at", "1900-01-01T00:00", "This moment is over."),
        ("starts_at", "2027-02-30T10:00", "Type a day and an hour"),
        ("time_zone", "<b>Mars</b>", "There is no timezone"),
        ("start", "٢٥:٠٠", "Type an hour such as 08:30."),
    ],
)
def test_a_schedule_of_nonsense_is_refused_beside_its_field(agency, campaign, field, typed, said) -> None:
    browser = browser_of(agency.nora)
    assert said in text(browser.post(f"/campaigns/{campaign.pk}/schedule/", SCHEDULE | {field: typed}))
    assert browser.get(f"/campaigns/{campaign.pk}/schedule/pace/", SCHEDULE | {field: typed}).status_code == 200


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("follow_up_percentage", MANY_DIGITS, "Type a share between 0 and 100."),
        ("client_id", MANY_DIGITS, "You can’t give this campaign to that client."),
        ("bounce_pause_threshold", "1e-999999", "Type a percentage above 0, up to 100."),
        ("bounce_pause_threshold", "NaN", "Type a percentage above 0, up to 100."),
        ("track_opens", "<b>", "Not saved."),
    ],
)
def test_settings_of_nonsense_are_refused_beside_their_field(agency, campaign, field, typed, said) -> None:
    shown = text(browser_of(agency.ada).post(f"/campaigns/{campaign.pk}/settings/", {field: typed}))
    assert "Not saved." in shown
    assert said in shown


def test_a_start_at_the_end_of_all_dates_is_drawn(agency, campaign) -> None:
    Campaign.objects.update(schedule=campaign.schedule | {"starts_at": "9999-12-31T00:00:00+00:00"})
    for page in ("", "schedule/"):
        text(browser_of(agency.nora).get(f"/campaigns/{campaign.pk}/{page}"))


@pytest.mark.parametrize("part", ["<b>", "live", "0"])
def test_a_part_that_does_not_exist_is_the_usual_one(agency, campaign, part) -> None:
    for page in ("mailboxes/", "mailboxes/attach/"):
        address = f"/campaigns/{campaign.pk}/{page}"
        assert browser_of(agency.nora).get(address, {"part": part}, headers={"HX-Request": "true"}).status_code == 200


@pytest.mark.parametrize("name", ["👩‍💻 Devs · <b>Q4</b>", "حملة · Ⅳ", "می‌خواهم"])
def test_names_in_every_script_are_taken_and_shown_as_they_are(agency, campaign, name) -> None:
    browser = browser_of(agency.nora)
    response = browser.post(f"/campaigns/{campaign.pk}/rename/", {"name": name})
    assert response.status_code == 302
    Campaign.objects.filter(pk=campaign.pk).update(name=name)
    for page in ("", "schedule/", "stop/", "activity/"):
        shown = browser.get(f"/campaigns/{campaign.pk}/{page}").content.decode()
        assert "<b>Q4" not in shown
        assert name.replace("<", "&lt;").replace(">", "&gt;") in shown


def test_a_campaign_whose_numbers_never_came_has_all_its_pages(agency, campaign) -> None:
    step = Step.objects.create(campaign=campaign, remote_id=1, number=1, delay_minutes=0)
    for place, label in enumerate("AB"):
        Variant.objects.create(step=step, remote_id=place, position=place, label=label, subject="Hello", body="")
    agency.day(campaign, now().date(), sent=3, replied=1, positive=None, bounced=0)
    CampaignNumbers.objects.all().delete()
    pages = ["", "?measure=reply", "?measure=bounce&by=all", "?from=2026-01-01&to=2026-02-01", "schedule/", "settings/"]
    for page in [*pages, "mailboxes/", "mailboxes/attach/", "activity/", "start/", "stop/", "delete/", "duplicate/"]:
        text(browser_of(agency.nora).get(f"/campaigns/{campaign.pk}/{page}"))
