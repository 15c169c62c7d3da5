"""The dry run of a bulk action says what would happen to each campaign, starts just that, and reaches nobody else's campaigns."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext

from campaigns.models import Campaign, Tag
from campaigns.services.tags import own_tags, set_own_tags
from operations.audit import Actor
from operations.models import Job, JobItem
from operations.writes.permission import stop_all_writes
from tests.support.agency import Agency, browser_of, build_agency, now
from tests.support.query_counts import recorded_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def agency() -> Agency:
    agency = build_agency()
    agency.shared.may_write = True
    agency.shared.save()
    return agency


@pytest.fixture
def nora(agency: Agency) -> Browser:
    """The manager of North."""
    return browser_of(agency.nora)


def look(browser: Browser, slug: str, *campaigns: Campaign, **query: Any) -> str:
    response = browser.get(f"/campaigns/bulk/{slug}/", {"campaign": [one.pk for one in campaigns], **query})
    assert response.status_code == 200
    return response.content.decode()


def start(browser: Browser, slug: str, page: str, **data: Any) -> Any:
    """Press the button of a dry run: everything that its form holds is sent."""
    form = page[page.index('method="post"', page.index("qd-head")) :]
    hidden = re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', form[: form.index("</form>")])
    sent: dict[str, Any] = {"go": "all"}
    for name, value in hidden:
        sent.setdefault(name, []).append(value)
    return browser.post(f"/campaigns/bulk/{slug}/", sent | data)


def items() -> list[tuple[str, dict[str, Any]]]:
    return list(JobItem.objects.values_list("subject_label", "wanted"))


def test_it_says_what_would_change_and_why_the_rest_is_left_alone(agency: Agency, nora: Browser) -> None:
    agency.campaign("Sends", client=agency.north)
    agency.campaign("Rests", client=agency.north, status="paused")
    agency.campaign("Never began", client=agency.north, status="draft")
    agency.campaign("Was deleted", client=agency.north, gone=True)
    page = look(nora, "pause", *Campaign.objects.all())
    assert "1 of 4 campaigns would be changed" in page
    assert "Sends" in page
    for reason in ("Already paused", "Draft, not sending", "Gone at the provider"):
        assert reason in page
    assert "2 calls" in page
    response = start(nora, "pause", page)
    job = Job.objects.get()
    assert response["Location"] == "/campaigns/"
    assert items() == [("Sends", {"status": "paused"})]
    assert (job.actor, job.origin) == (agency.nora, "bulk")


def test_a_read_only_key_is_a_reason(agency: Agency, nora: Browser) -> None:
    campaign = agency.campaign("Sends", client=agency.north)
    agency.shared.may_write = False
    agency.shared.save()
    assert "Agency key is read-only" in look(nora, "pause", campaign)
    assert "1 of 1 campaign would be changed" in look(nora, "tag", campaign, options="1", tags="Q4")
    agency.shared.may_write, agency.shared.health = True, "refused"
    agency.shared.save()
    assert "The key of Agency key is refused, replace it first" in look(nora, "pause", campaign)


def test_an_archived_campaign_is_not_started(agency: Agency, nora: Browser) -> None:
    campaign = agency.campaign("Rests", client=agency.north, status="paused")
    assert "1 of 1 campaign would be changed" in look(nora, "start", campaign)
    Campaign.objects.update(archived_at=now())
    assert "Archived, unarchive it first" in look(nora, "start", campaign)


def test_foreign_numbers_are_not_found(agency: Agency, nora: Browser) -> None:
    ours = agency.campaign("Ours", client=agency.north)
    theirs = agency.campaign("Theirs canary", client=agency.south)
    nobodys = agency.campaign("Nobodys canary")
    page = look(nora, "pause", ours, theirs, nobodys)
    assert "1 of 1 campaign would be changed" in page
    assert "canary" not in page
    start(nora, "pause", page, campaign=f"{ours.pk},{theirs.pk},{nobodys.pk}")
    assert [label for label, _ in items()] == ["Ours"]
    for method in (nora.get, nora.post):
        assert method("/campaigns/bulk/pause/", {"campaign": theirs.pk}).status_code == 404


@pytest.mark.parametrize(
    "hostile", ["", "client=southern-wines", "client=none", "q=canary", "show=gone&status=active", "client=%00"]
)
def test_a_filter_is_repeated_inside_the_scope(agency: Agency, nora: Browser, hostile: str) -> None:
    agency.campaign("Ours", client=agency.north)
    agency.campaign("Theirs canary", client=agency.south)
    agency.campaign("Nobodys canary")
    response = nora.get("/campaigns/bulk/pause/", {"everything": "1", "filter": hostile})
    page = response.content.decode()
    assert "canary" not in page.replace(hostile.replace("&", "&amp;"), "")
    if "would be changed" in page and "None of" not in page:
        start(nora, "pause", page)
    assert {label for label, _ in items()} <= {"Ours"}


def test_everything_that_matches_is_what_the_server_finds_not_what_the_page_held(agency: Agency, nora: Browser) -> None:
    for number in range(60):
        agency.campaign(f"Freight {number}", client=agency.north)
    agency.campaign("Wine", client=agency.north)
    page = nora.get("/campaigns/?q=Freight").content.decode()
    assert "Select all 60 that match" in page
    assert 'name="filter" value="q=Freight"' in page
    dry = look(nora, "pause", everything="1", filter="q=Freight")
    assert "60 of 60 campaigns would be changed" in dry
    response = start(nora, "pause", dry)
    assert response["Location"] == "/campaigns/?q=Freight"
    assert JobItem.objects.count() == 60


def test_what_changed_since_the_dry_run_is_shown_again_instead_of_done(agency: Agency, nora: Browser) -> None:
    campaign = agency.campaign("Sends", client=agency.north)
    page = look(nora, "pause", everything="1")
    agency.campaign("New one", client=agency.north)
    response = start(nora, "pause", page)
    assert "Something has changed since" in response.content.decode()
    assert not Job.objects.exists()
    start(nora, "pause", response.content.decode())
    assert {label for label, _ in items()} == {campaign.name, "New one"}


@pytest.mark.parametrize("slug", ["stop", "delete"])
def test_what_lasts_is_typed_first(agency: Agency, nora: Browser, slug: str) -> None:
    agency.campaign("One", client=agency.north, status="paused")
    agency.campaign("Two", client=agency.north, status="paused")
    page = look(nora, slug, everything="1")
    assert "can’t be undone" in page
    for typed in ("", slug, f"{slug} 1", "2"):
        assert f"Type “{slug} 2” to go on" in start(nora, slug, page, typed=typed).content.decode()
    assert not Job.objects.exists()
    assert start(nora, slug, page, typed=f" {slug.upper()}  2 ").status_code == 302


def test_an_active_campaign_is_not_deleted(agency: Agency, nora: Browser) -> None:
    assert "Active, pause it first" in look(nora, "delete", agency.campaign("Sends", client=agency.north))


def test_the_first_three_can_be_asked_for(agency: Agency, nora: Browser) -> None:
    for number in range(5):
        agency.campaign(f"Campaign {number}", client=agency.north)
    start(nora, "pause", look(nora, "pause", everything="1"), go="first")
    assert Job.objects.get().first == 3


def test_stopped_changes_are_not_started(agency: Agency, nora: Browser) -> None:
    agency.campaign("Sends", client=agency.north)
    page = look(nora, "pause", everything="1")
    stop_all_writes(True, Actor(), now())
    assert "nothing was started" in start(nora, "pause", page).content.decode()
    assert not Job.objects.exists()


def test_options_are_said_first_and_their_problems_in_words(agency: Agency, nora: Browser) -> None:
    campaign = agency.campaign(
        "Sends", client=agency.north, schedule={"time_zone": "UTC", "days": [1, 2], "start": "09:00", "end": "17:00"},
        settings={"min_gap_minutes": 10, "daily_new_leads": 20},
    )  # fmt: skip
    assert "would be changed" not in look(nora, "schedule", campaign)
    assert "Fill in what is to be changed" in look(nora, "schedule", campaign, options="1")
    assert "No such time zone" in look(nora, "schedule", campaign, options="1", time_zone="Nowhere/Land")
    assert "At least 3 minutes" in look(nora, "schedule", campaign, options="1", min_gap_minutes="1")
    assert "Would send from 09:00 until 08:00" in look(nora, "schedule", campaign, options="1", end="08:00")
    page = look(nora, "schedule", campaign, options="1", end="18:30", daily_new_leads="40")
    assert "20 new leads a day" in page
    assert "40 new leads a day" in page
    assert start(nora, "schedule", page).status_code == 302
    assert items() == [("Sends", {"end": "18:30", "daily_new_leads": 40})]


def test_tags_of_the_provider_are_not_ours_to_give_or_take(agency: Agency, nora: Browser) -> None:
    campaign = agency.campaign("Tagged", client=agency.north, tags=("Q4",))
    assert "Has these tags already" in look(nora, "tag", campaign, options="1", tags="Q4")
    assert "Nothing to choose from" in look(nora, "untag", campaign)
    own = Tag.objects.create(connection=agency.shared, name="Push")
    campaign.tags.add(own)
    assert "Push" in look(nora, "untag", campaign, options="1", tags="Push")


def test_a_tag_that_somebody_else_gives_at_the_same_time_stays(agency: Agency) -> None:
    campaign = agency.campaign("Sends", client=agency.north)
    set_own_tags(campaign, ["Old"], Actor())
    mine, theirs = (Campaign.objects.prefetch_related("tags").get(pk=campaign.pk) for _ in range(2))
    set_own_tags(mine, ["Old", "X"], Actor())
    set_own_tags(theirs, ["Y"], Actor())
    assert own_tags(campaign) == ["X", "Y"]
    assert not Tag.objects.filter(name="Old").exists()


def test_choices_are_cut_down_to_what_the_reader_may_see(agency: Agency, nora: Browser) -> None:
    campaign = agency.campaign("Ours", client=agency.north)
    page = look(nora, "client", campaign)
    assert "Southern Wines" not in page
    assert "Southern Wines" in look(browser_of(agency.ada), "client", campaign)
    refused = look(nora, "client", campaign, options="1", client=agency.south.pk)
    assert "would be changed" not in refused


def test_whoever_may_not_change_anything_gets_no_boxes_and_no_page(agency: Agency) -> None:
    campaign = agency.campaign("Ours", client=agency.north)
    agency.nora.role = "analyst"
    agency.nora.save()
    browser = browser_of(agency.nora)
    assert "data-check" not in browser.get("/campaigns/").content.decode()
    assert browser.get("/campaigns/bulk/pause/", {"campaign": campaign.pk}).status_code == 403
    assert browser.post("/campaigns/bulk/pause/", {"campaign": campaign.pk, "go": "all"}).status_code == 403
    assert not Job.objects.exists()


@pytest.mark.parametrize("slug", ["pause", "tag", "schedule", "settings", "archive", "delete"])
def test_a_dry_run_takes_as_many_queries_for_forty_campaigns_as_for_two(agency: Agency, slug: str) -> None:
    admin = browser_of(agency.ada)
    options = {"tag": {"tags": "X"}, "schedule": {"end": "18:00"}, "settings": {"track_opens": "on"}}.get(slug, {})
    counts = []
    for more in (2, 38):
        for number in range(more):
            agency.campaign(f"{more} {number}", client=(agency.north, agency.south)[number % 2], tags=("Q4",))
        with CaptureQueriesContext(connection) as captured:
            look(admin, slug, everything="1", options="1", **options)
        counts.append(len(captured))
    assert counts[0] == counts[1], captured.captured_queries


@pytest.mark.parametrize("who", ["admin", "manager"])
def test_the_pages_keep_their_number_of_queries(agency: Agency, who: str) -> None:
    agency.campaign("Sends", client=agency.north)
    browser = browser_of(agency.ada if who == "admin" else agency.nora)
    start(browser, "pause", look(browser, "pause", everything="1"))
    job = Job.objects.get()
    for name, address in (
        ("bulk dry run", "/campaigns/bulk/pause/?everything=1"),
        ("jobs", "/activity/jobs/"),
        ("job", f"/activity/jobs/{job.pk}/"),
        ("campaign list with a job", "/campaigns/"),
    ):
        with recorded_queries(f"{name}, {who}"):
            assert browser.get(address).status_code == 200


def test_the_panel_of_a_job_stands_above_every_page_until_it_is_through(agency: Agency, nora: Browser) -> None:
    campaign = agency.campaign("Sends", client=agency.north)
    start(nora, "pause", look(nora, "pause", everything="1"))
    job = Job.objects.get()
    asks = (
        f'id="job-panel-{job.pk}" aria-label="A job of yours" data-poll="2" hx-get="/activity/jobs/{job.pk}/?part=panel'
    )
    for address in ("/campaigns/", f"/campaigns/{campaign.pk}/", "/connections/"):
        assert asks in nora.get(address).content.decode()
    assert asks not in browser_of(agency.ada).get("/campaigns/").content.decode()
    assert "data-poll" in panel_of(nora, job)
    assert "Pause 1 campaign" in panel_of(nora, job)
    Job.objects.update(finished_at=now())
    assert "data-poll" not in panel_of(nora, job)
    assert "job-panel" not in nora.get("/campaigns/").content.decode()


def test_a_panel_that_is_closed_or_has_lost_its_job_is_gone(agency: Agency, nora: Browser) -> None:
    for number in range(2):
        agency.campaign(f"Campaign {number}", client=agency.north)
        start(nora, "pause", look(nora, "pause", everything="1"))
    closed, lost = Job.objects.order_by("pk")
    assert panel_of(nora, closed, close="1") == ""
    lost.items.update(client=agency.south)
    assert panel_of(nora, lost) == ""
    assert "job-panel" not in nora.get("/campaigns/").content.decode()


def panel_of(browser: Browser, job: Job, **query: str) -> str:
    address = f"/activity/jobs/{job.pk}/"
    return browser.get(address, {"part": "panel", **query}, headers={"HX-Request": "true"}).content.decode()


@pytest.mark.parametrize("slug", ["pause", "tag"])
def test_a_form_that_is_sent_twice_starts_one_job(agency: Agency, nora: Browser, slug: str) -> None:
    campaign = agency.campaign("Sends", client=agency.north)
    page = look(nora, slug, campaign, options="1", tags="Q4")
    assert start(nora, slug, page).status_code == 302
    # Something has happened to the campaign before the second one arrives.
    Campaign.objects.filter(pk=campaign.pk).update(status="paused", name="Renamed")
    assert start(nora, slug, page).status_code == 302
    assert Job.objects.count() == 1
    start(nora, slug, look(nora, "tag", campaign, options="1", tags="Q5"))
    assert Job.objects.count() == (1 if slug == "pause" else 2)


@pytest.mark.parametrize(
    "query", [{}, {"campaign": ""}, {"campaign": "x,-1,9" * 20}, {"everything": "1", "filter": "q=nothing"}]
)
def test_nothing_selected_is_said_and_nothing_is_started(agency: Agency, nora: Browser, query: dict[str, str]) -> None:
    agency.campaign("Sends", client=agency.north)
    response = nora.get("/campaigns/bulk/pause/", query)
    assert response.status_code in (200, 404)
    if response.status_code == 200:
        assert "No campaigns are selected" in response.content.decode()
    assert nora.post("/campaigns/bulk/pause/", {**query, "go": "all"}).status_code == response.status_code
    assert not Job.objects.exists()


def test_the_admin_leads_to_the_same_dry_run(agency: Agency) -> None:
    campaigns = [agency.campaign(f"Campaign {number}", client=agency.north) for number in range(2)]
    admin = browser_of(agency.ada)
    chosen = {"action": "pause", "_selected_action": [one.pk for one in campaigns]}
    page = admin.post("/admin/campaigns/campaign/", chosen).content.decode()
    assert "2 of 2 campaigns would be changed" in page
    assert not Job.objects.exists()
    start(admin, "pause", page)
    assert len(items()) == 2
