"""The head of a campaign and what can be done from it: what is offered, what is said while it is on its way and afterwards."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from accounts.models import Client, Connection, Mailbox, User
from campaigns.models import Campaign, CampaignMailbox, Step
from operations.models import AuditEntry, Write
from tests.support.agency import Agency, browser_of, now
from tests.support.query_counts import recorded_queries

HTMX = {"HX-Request": "true"}
ALWAYS = {"days": [1, 2, 3, 4, 5, 6, 7], "start": "00:00", "end": "23:59", "time_zone": "UTC", "starts_at": None}


@pytest.fixture(autouse=True)
def writable(agency: Agency) -> None:
    Connection.objects.update(may_write=True)


@pytest.fixture
def campaign(agency: Agency) -> Campaign:
    numbers = {"leads_total": 640, "leads_waiting": 600, "leads_in_progress": 0}
    return agency.campaign("Trade show", client=agency.north, numbers=numbers, schedule=ALWAYS)


@pytest.fixture
def nora(agency: Agency) -> Browser:
    return browser_of(agency.nora)


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())).strip()


def head(browser: Browser, campaign: Campaign) -> str:
    """What stands from the name of the campaign to the tabs."""
    page = browser.get(f"/campaigns/{campaign.pk}/").content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.split('id="campaign-head"')[1].split("<nav")[0]))


def settled(campaign: Campaign, status: str, state: str, message: str = "", *, ago: int = 0, **fields: Any) -> Write:
    """The newest change of the campaign, as a worker left it."""
    return Write.objects.create(
        connection=campaign.connection, client=campaign.client, kind=fields.pop("kind", "campaign status"), state=state,
        subject_type="campaigns.Campaign", subject_id=str(campaign.pk), subject_label=campaign.name, message=message,
        payload={"remote_id": campaign.remote_id, "status": status}, origin="page", created_at=now(),
        settled_at=None if state in Write.UNSETTLED else now() - timedelta(hours=ago), **fields,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "offered", "withheld"),
    [
        ("active", ["Pause", "Rename…", "Duplicate…", "Stop for good…", "Delete…"], ["Start", "Archive"]),
        ("paused", ["Start", "Archive", "Stop for good…"], ["Pause", "Start…"]),
        ("draft", ["Start…", "Archive", "Delete…"], ["Pause", "Stop for good…"]),
        ("stopped", ["Archive", "Delete…"], ["Start", "Pause", "Stop for good…"]),
    ],
)
def test_the_head_offers_what_can_be_done_in_this_state(
    nora: Browser, campaign: Campaign, status: str, offered: list[str], withheld: list[str]
) -> None:
    Campaign.objects.update(status=status)
    words = set(re.findall(r"[A-Z][a-z]+(?: for good)?…?", head(nora, campaign).split("Created")[1]))
    assert set(offered) <= words
    assert not set(withheld) & words


def test_a_read_only_key_says_so_and_offers_nothing_that_it_cannot_do(
    nora: Browser, agency: Agency, campaign: Campaign
) -> None:
    Connection.objects.update(may_write=False)
    said = head(nora, campaign)
    assert "Agency key is read-only. An admin can allow changes" in said
    assert "Pause" not in said
    for deed in ("pause", "start", "stop", "rename", "delete", "duplicate"):
        data = {"name": "New", "confirm": "Trade show"}
        page = text(nora.post(f"/campaigns/{campaign.pk}/{deed}/", data, follow=True))
        assert "Agency key is read-only." in page, deed
    assert not Write.objects.exists()


def test_a_disabled_key_is_not_asked_to_change_anything(nora: Browser, campaign: Campaign) -> None:
    Connection.objects.update(disabled_at=now())
    assert "is disabled. An admin can enable it again" in head(nora, campaign)
    nora.post(f"/campaigns/{campaign.pk}/pause/")
    assert not Write.objects.exists()


def test_a_pause_is_pending_until_it_is_read_back_and_then_can_be_undone(nora: Browser, campaign: Campaign) -> None:
    asked = nora.post(f"/campaigns/{campaign.pk}/pause/", {"tab": "overview"}, headers=HTMX)
    write = Write.objects.get()
    assert (write.payload["status"], write.before, str(write.actor)) == ("paused", {"status": "active"}, "Nora North")
    pending = asked.content.decode()
    assert "Pausing…" in pending
    poll = re.search(r'data-poll="2" hx-get="([^"]*)"', pending)
    assert poll is not None
    address = poll[1].replace("&amp;", "&")
    assert "Pausing…" in nora.get(address, headers=HTMX).content.decode()

    Write.objects.update(state=Write.State.DONE, settled_at=now())
    Campaign.objects.update(status="paused")
    done = nora.get(address, headers=HTMX).content.decode()
    assert "data-poll" not in done
    assert 'class="qd-st st-paused"' in done
    toast = done.split("beforeend:#toasts")[1]
    assert "Starting it again is a new change." in toast
    assert f'hx-post="/campaigns/{campaign.pk}/start/"' in toast


def test_without_scripts_the_same_button_leads_back_to_the_page(nora: Browser, campaign: Campaign) -> None:
    here = f"/campaigns/{campaign.pk}/?days=7"
    back = nora.post(f"/campaigns/{campaign.pk}/pause/", {"next": here}, follow=True)
    assert back.redirect_chain == [(here, 302)]
    assert "Pause of “Trade show” is on its way." in text(back)
    elsewhere = nora.post(f"/campaigns/{campaign.pk}/pause/", {"next": "https://evil.example/"})
    assert elsewhere["Location"] == f"/campaigns/{campaign.pk}/"


def test_a_failed_change_says_why_and_what_still_holds(nora: Browser, campaign: Campaign) -> None:
    settled(campaign, "paused", "failed", "Invalid API Key")
    page = text(nora.get(f"/campaigns/{campaign.pk}/"))
    assert "Pause failed: The key was refused. It is still active." in page
    assert "Pause failed Active" in head(nora, campaign)
    Write.objects.update(settled_at=now() - timedelta(days=2))
    assert "Pause failed" not in text(nora.get(f"/campaigns/{campaign.pk}/"))


def test_a_failed_change_is_forgotten_once_the_campaign_is_as_wanted(nora: Browser, campaign: Campaign) -> None:
    settled(campaign, "paused", "failed", "Invalid API Key")
    Campaign.objects.update(status="paused")
    assert "Pause failed" not in text(nora.get(f"/campaigns/{campaign.pk}/"))


def test_a_lost_answer_says_that_we_are_checking(nora: Browser, campaign: Campaign) -> None:
    settled(campaign, "paused", "unknown", "The answer was lost.")
    assert "Pausing… The provider’s answer was lost. We’re checking" in text(nora.get(f"/campaigns/{campaign.pk}/"))


def test_a_first_start_is_asked_about_and_a_paused_one_goes_on_at_once(nora: Browser, campaign: Campaign) -> None:
    Campaign.objects.update(status="draft")
    asked = text(nora.get(f"/campaigns/{campaign.pk}/start/"))
    assert "begins to send real email to its 600 waiting leads for Nordics Freight" in asked
    nora.post(f"/campaigns/{campaign.pk}/start/")
    assert Write.objects.get().payload["status"] == "active"


@pytest.mark.parametrize("deed", ["stop", "delete"])
def test_what_cannot_be_undone_wants_the_name_typed(nora: Browser, campaign: Campaign, deed: str) -> None:
    Campaign.objects.update(status="paused")
    address = f"/campaigns/{campaign.pk}/{deed}/"
    page = text(nora.get(address))
    assert "undone" in page
    assert "Trade show" in page
    for typed in ("", "Trade", "trade show"):
        wrong = nora.post(address, {"confirm": typed})
        assert "That is not its name. Nothing was changed." in text(wrong)
        assert "autofocus" in wrong.content.decode()
    assert not Write.objects.exists()
    nora.post(address, {"confirm": " Trade  show "})
    assert Write.objects.get().kind == ("campaign status" if deed == "stop" else "delete campaign")


def test_deleting_names_the_effect_and_is_refused_for_what_sends(nora: Browser, campaign: Campaign) -> None:
    refused = nora.post(f"/campaigns/{campaign.pk}/delete/", {"confirm": "Trade show"})
    assert "It is active, and what sends can’t be deleted. Pause it first." in text(refused)
    assert not Write.objects.exists()
    Campaign.objects.update(status="paused")
    assert "Its sequence and 640 leads are removed from Smartlead" in text(
        nora.get(f"/campaigns/{campaign.pk}/delete/")
    )


def test_a_deletion_that_is_through_leads_to_the_list(nora: Browser, campaign: Campaign) -> None:
    write = settled(campaign, "", "done", kind="delete campaign")
    Campaign.objects.update(gone_at=now())
    answer = nora.get(f"/campaigns/{campaign.pk}/standing/?waiting={write.pk}", headers=HTMX)
    assert answer["HX-Redirect"] == "/campaigns/"
    assert "“Trade show” is deleted. Confirmed in Smartlead." in text(nora.get("/campaigns/"))


def test_a_question_in_a_dialog_keeps_what_was_typed_and_goes_back_to_the_page_behind(
    nora: Browser, campaign: Campaign
) -> None:
    address = f"/campaigns/{campaign.pk}/rename/"
    asked = nora.get(f"{address}?dialog=1", headers=HTMX).content.decode()
    assert asked.strip().startswith("<form")
    assert 'value="Trade show"' in asked
    wrong = nora.post(address, {"dialog": "1", "name": "x" * 300}, headers=HTMX)
    assert "x" * 300 in wrong.content.decode()
    assert not Write.objects.exists()
    sent = nora.post(address, {"dialog": "1", "name": "Fair", "next": f"/campaigns/{campaign.pk}/"}, headers=HTMX)
    assert sent["HX-Redirect"] == f"/campaigns/{campaign.pk}/"
    assert "Renaming…" in head(nora, campaign)


def test_archiving_hides_a_campaign_from_the_list_and_its_counts_without_asking_the_provider(
    nora: Browser, agency: Agency, campaign: Campaign
) -> None:
    agency.campaign("Other", client=agency.north)
    agency.campaign("Branch", client=agency.north, parent=campaign, status="paused")
    Campaign.objects.filter(pk=campaign.pk).update(status="paused")
    Connection.objects.update(may_write=False)
    nora.post(f"/campaigns/{campaign.pk}/archive/", {"archive": "yes"})
    listed = nora.get("/campaigns/")
    assert "Trade show" not in text(listed).split("Campaign, figures")[-1].replace("“Trade show”", "")
    assert "All 1 Active 1 Paused 0" in text(listed)
    assert "Archived 1" in text(listed)
    away = text(nora.get("/campaigns/?show=archived"))
    assert "Trade show" in away
    assert "Branch" in away
    assert "All 1 Active 1" in away
    assert "Archived here" in head(nora, campaign)
    nora.post(f"/campaigns/{campaign.pk}/archive/", {"archive": "no"})
    assert "Archived 1" not in text(nora.get("/campaigns/"))
    assert not Write.objects.exists()
    actions = AuditEntry.objects.order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["archive campaign", "unarchive campaign"]


def test_what_sends_is_never_hidden(nora: Browser, agency: Agency, campaign: Campaign) -> None:
    assert "It is active. Pause it first" in text(
        nora.post(f"/campaigns/{campaign.pk}/archive/", {"archive": "yes"}, follow=True)
    )
    Campaign.objects.update(archived_at=now())
    assert "Trade show" in text(nora.get("/campaigns/")), "it was started at the provider after it was archived"
    Campaign.objects.update(status="paused", archived_at=None)
    agency.campaign("Branch", client=agency.north, parent=campaign)
    nora.post(f"/campaigns/{campaign.pk}/archive/", {"archive": "yes"})
    assert Campaign.objects.get(pk=campaign.pk).archived_at is None


def test_an_active_campaign_says_in_one_line_why_it_does_not_send(
    nora: Browser, agency: Agency, campaign: Campaign
) -> None:
    Campaign.objects.update(steps_synced_at=now(), links_synced_at=now())
    page = text(nora.get(f"/campaigns/{campaign.pk}/"))
    assert "Not sending now. It has no steps. Also: no mailbox is attached." in page
    for number, limit in ((1, 30), (2, 0)):
        box = Mailbox.objects.create(
            connection=campaign.connection, remote_id=number, address=f"{number}@x.example", synced_at=now(),
            smtp_ok=True, suspended=False, daily_limit=limit,
        )  # fmt: skip
        CampaignMailbox.objects.create(campaign=campaign, mailbox=box)
    campaign.steps.create(number=1, remote_id=1)
    assert "Not sending now." not in text(nora.get(f"/campaigns/{campaign.pk}/"))
    Mailbox.objects.update(smtp_ok=False)
    page = text(nora.get(f"/campaigns/{campaign.pk}/"))
    assert "Not sending now. All 2 mailboxes are disconnected or suspended." in page
    Campaign.objects.update(status="paused")
    assert "Not sending now." not in text(nora.get(f"/campaigns/{campaign.pk}/"))


def row(browser: Browser, campaign: Campaign) -> str:
    page = browser.get("/campaigns/").content.decode()
    return page.split(f'<td id="state-{campaign.pk}"')[1].split("</td>")[0]


def test_a_row_of_the_list_pauses_its_campaign_and_shows_that_it_does(nora: Browser, campaign: Campaign) -> None:
    assert f'formaction="/campaigns/{campaign.pk}/pause/"' in row(nora, campaign)
    cell = nora.post(f"/campaigns/{campaign.pk}/pause/", {"part": "row", "next": "/campaigns/"}, headers=HTMX)
    assert cell.content.decode().strip().startswith(f'<td id="state-{campaign.pk}" data-poll="2"')
    assert "Pausing…" in row(nora, campaign)
    write = Write.objects.get()
    Write.objects.update(state="failed", message="Invalid API Key", settled_at=now())
    failed = nora.get(f"/campaigns/{campaign.pk}/standing/?part=row&waiting={write.pk}", headers=HTMX)
    assert "Pause failed: The key was refused. It is still active." in text(failed)
    assert "data-poll" not in failed.content.decode()


def test_a_row_says_when_it_sends_next(nora: Browser, campaign: Campaign) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    Campaign.objects.update(schedule=ALWAYS | {"days": [tomorrow.isoweekday()]})
    assert f"Next: {tomorrow:%a} 00:00 UTC" in row(nora, campaign)


def test_a_row_says_what_its_campaign_lacks(nora: Browser, campaign: Campaign) -> None:
    Campaign.objects.update(schedule=ALWAYS, links_synced_at=now(), steps_synced_at=now())
    assert "No steps" in row(nora, campaign)
    Step.objects.create(campaign=campaign, remote_id=1, number=1, delay_minutes=0)
    assert "No mailboxes" in row(nora, campaign)
    box = Mailbox.objects.create(
        connection=campaign.connection, remote_id=1, address="a@x.test", synced_at=now(), smtp_ok=False, daily_limit=30
    )
    CampaignMailbox.objects.create(campaign=campaign, mailbox=box)
    assert "Mailboxes out" in row(nora, campaign)


def test_rows_that_may_not_be_changed_have_no_button(nora: Browser, campaign: Campaign) -> None:
    Connection.objects.update(may_write=False)
    assert "<button" not in row(nora, campaign)


def test_a_new_campaign_goes_to_a_client_whose_key_may_change_something(
    nora: Browser, agency: Agency, campaign: Campaign
) -> None:
    page = nora.get("/campaigns/new/").content.decode()
    assert "Nordics Freight" in page
    assert "Southern Wines" not in page
    assert "The agency’s own" not in page
    place = f"{agency.shared.pk}:1"
    assert "Choose one of these." in text(
        nora.post("/campaigns/new/", {"name": "Q1", "place": f"{agency.shared.pk}:2"})
    )
    taken = Campaign.objects.filter(pk=campaign.pk)
    taken.update(remote_client_id=1)
    assert "This client has a campaign of that name." in text(
        nora.post("/campaigns/new/", {"name": "Trade  show", "place": place})
    )
    assert not Write.objects.exists()
    sent = nora.post("/campaigns/new/", {"name": " Q1  push ", "place": place})
    write = Write.objects.get()
    assert (write.payload["name"], write.payload["remote_client_id"], write.client) == ("Q1 push", 1, agency.north)
    assert sent["Location"] == f"/campaigns/made/{write.pk}/"
    assert "Creating…" in text(nora.get(sent["Location"]))


def test_a_campaign_that_is_made_is_opened_and_one_that_is_not_says_why(
    nora: Browser, agency: Agency, campaign: Campaign
) -> None:
    write = settled(campaign, "", "done", kind="create campaign", after={"remote_id": campaign.remote_id})
    assert nora.get(f"/campaigns/made/{write.pk}/")["Location"] == f"/campaigns/{campaign.pk}/"
    polled = nora.get(f"/campaigns/made/{write.pk}/", headers=HTMX)
    assert polled["HX-Redirect"] == f"/campaigns/{campaign.pk}/"
    Write.objects.update(state="conflict")
    assert "There is a campaign of that name already" in text(nora.get(f"/campaigns/made/{write.pk}/"))
    Write.objects.update(state="failed", after={}, message="The answer was lost, and the change was not made: x")
    assert "Create failed. The answer was lost" in text(nora.get(f"/campaigns/made/{write.pk}/"))
    assert browser_of(agency.sven).get(f"/campaigns/made/{write.pk}/").status_code == 404


def test_a_copy_is_offered_with_its_sub_sequences_where_there_are_some(
    nora: Browser, agency: Agency, campaign: Campaign
) -> None:
    address = f"/campaigns/{campaign.pk}/duplicate/"
    assert "sub-sequence" not in text(nora.get(address))
    agency.campaign("Branch", client=agency.north, parent=campaign)
    assert "Copy its 1 sub-sequence too" in text(nora.get(address))
    nora.post(address, {"name": "Trade show 2", "sub_sequences": "on"})
    payload = Write.objects.get().payload
    assert (payload["name"], payload["sub_sequences"]) == ("Trade show 2", True)


@pytest.mark.parametrize("deed", ["pause", "start", "stop", "rename", "duplicate", "archive", "delete", "standing"])
def test_nobody_else_can_touch_it(agency: Agency, campaign: Campaign, deed: str) -> None:
    address = f"/campaigns/{campaign.pk}/{deed}/"
    data = {"archive": "yes", "name": "Mine", "confirm": "Trade show"}
    for user in (agency.sven, User.objects.create_user("lone@agency.example", "password")):
        browser = browser_of(user)
        assert browser.post(address, data).status_code in {404, 405}
    assert not Write.objects.exists()
    assert Client.objects.count() == 2


def test_the_pages_take_a_known_number_of_queries(agency: Agency, campaign: Campaign) -> None:
    for who, user in (("admin", agency.ada), ("manager", agency.nora)):
        browser = browser_of(user)
        with recorded_queries(f"campaign head, {who}"):
            browser.get(f"/campaigns/{campaign.pk}/standing/", headers=HTMX)
        with recorded_queries(f"delete a campaign, {who}"):
            browser.get(f"/campaigns/{campaign.pk}/delete/")
        with recorded_queries(f"new campaign, {who}"):
            browser.get("/campaigns/new/")


def test_a_toast_of_a_refusal_says_that_nothing_was_changed(nora: Browser, campaign: Campaign) -> None:
    Connection.objects.update(may_write=False)
    answer = nora.post(f"/campaigns/{campaign.pk}/pause/", headers=HTMX)
    toast = json.loads(answer["HX-Trigger"])["toast"]
    assert toast["level"] == "error"
    assert toast["text"].endswith("Nothing was changed.")
