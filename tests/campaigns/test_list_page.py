"""The list of campaigns: who sees which rows, filters, order, sub-sequences, the two renderings, what it says of its data."""

import re
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Client, Connection, User
from campaigns.models import Campaign, CampaignNumbers
from operations.models import SyncRun
from tests.support.agency import Agency, browser_of, now
from tests.support.query_counts import recorded_queries

HTMX = {"HX-Request": "true"}


def page(user: User, query: str = "", **headers: str) -> Any:
    response = browser_of(user).get(f"/campaigns/{query}", headers=headers)
    assert response.status_code == 200
    return response


def names(response: Any) -> list[str]:
    return re.findall(r"data-row-link>(.*?)</a>", response.content.decode())


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_people_see_the_campaigns_of_their_clients_alone(agency: Agency) -> None:
    agency.campaign("North one", client=agency.north)
    agency.campaign("South one", client=agency.south)
    agency.campaign("Nobody’s one", client=None)
    assert names(page(agency.nora)) == ["North one"]
    assert names(page(agency.sven)) == ["South one"]
    assert set(names(page(agency.ada))) == {"North one", "South one", "Nobody’s one"}


def test_nothing_of_another_client_is_in_the_page(agency: Agency) -> None:
    agency.campaign("North one", client=agency.north)
    agency.campaign("Secret plan", client=agency.south, tags=("Hush",))
    for query in ("", "?client=southern-wines", "?client=none", "?q=secret", "?tag=Q4", "?show=gone"):
        content = page(agency.nora, query).content.decode()
        for word in ("Secret plan", "Southern Wines", "Hush"):
            assert word not in content, (query, word)


def test_a_client_that_one_may_not_see_narrows_to_nothing_like_one_that_does_not_exist(agency: Agency) -> None:
    agency.campaign("North one", client=agency.north)
    assert names(page(agency.nora, "?client=southern-wines")) == []
    assert names(page(agency.nora, "?client=no-such-client")) == []


def test_only_people_who_are_signed_in_come_in(client: Any, db: None) -> None:
    assert client.get("/campaigns/").status_code == 302


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?status=paused", {"Paused DACH"}),
        ("?status=paused&status=draft", {"Paused DACH", "Draft UK"}),
        ("?tag=DACH", {"Active DACH", "Paused DACH"}),
        ("?tag=DACH&status=active", {"Active DACH"}),
        ("?client=southern-wines", {"Draft UK"}),
        ("?client=southern-wines&client=nordics-freight", {"Active DACH", "Paused DACH", "Draft UK"}),
        ("?client=none", {"Loose"}),
        ("?q=dach", {"Active DACH", "Paused DACH"}),
        ("?q=paused+dach", {"Paused DACH"}),
        ("?q=777", {"Active DACH"}),
        ("?status=nonsense", set()),
        ("?q=%25", set()),
    ],
)
def test_filters_narrow_the_list(agency: Agency, query: str, found: set[str]) -> None:
    agency.campaign("Active DACH", client=agency.north, tags=("DACH", "Q4"), remote_id=777)
    agency.campaign("Paused DACH", client=agency.north, tags=("DACH",), status="paused")
    agency.campaign("Draft UK", client=agency.south, status="draft")
    agency.campaign("Loose", client=None, status="stopped")
    assert set(names(page(agency.ada, query))) == found


def test_gone_campaigns_are_hidden_until_asked_for(agency: Agency) -> None:
    agency.campaign("Here", client=agency.north)
    agency.campaign("Gone", client=agency.north, gone=True)
    assert names(page(agency.ada)) == ["Here"]
    assert set(names(page(agency.ada, "?show=gone"))) == {"Here", "Gone"}


def test_rows_without_the_figure_come_last_in_both_directions(agency: Agency) -> None:
    agency.campaign("Few", client=agency.north, numbers={"recent_sent": 10})
    agency.campaign("Many", client=agency.north, numbers={"recent_sent": 900})
    agency.campaign("Unknown", client=agency.north)
    assert names(page(agency.ada, "?sort=-sent")) == ["Many", "Few", "Unknown"]
    assert names(page(agency.ada, "?sort=sent")) == ["Few", "Many", "Unknown"]


def test_the_sorted_head_says_so_and_turns_the_order(agency: Agency) -> None:
    agency.campaign("One", client=agency.north)
    content = page(agency.ada, "?sort=-reply&status=active").content.decode()
    head = re.search(r'<th[^>]*aria-sort="descending"[^>]*>.*?</th>', content)
    assert head is not None
    assert "Reply" in head.group()
    assert "sort=reply" in head.group()
    assert "status=active" in head.group()


def test_every_row_is_on_exactly_one_page(agency: Agency) -> None:
    for number in range(120):
        agency.campaign("Same name", client=agency.north, numbers={"recent_sent": number % 3 or None})
    seen: list[str] = []
    for number in (1, 2, 3, 4):
        seen += re.findall(r'id="campaign-(\d+)"', page(agency.ada, f"?page={number}").content.decode())
    assert len(seen) == len(set(seen)) == 120


@pytest.mark.parametrize("number", ["0", "-1", "99", "x", ""])
def test_a_page_that_does_not_exist_is_the_nearest_one(agency: Agency, number: str) -> None:
    agency.campaign("One", client=agency.north)
    assert names(page(agency.ada, f"?page={number}")) == ["One"]


def test_a_sub_sequence_stands_under_its_parent_and_is_not_counted(agency: Agency) -> None:
    parent = agency.campaign("Parent", client=agency.north, numbers={"recent_sent": 5})
    agency.campaign("Bigger", client=agency.north, numbers={"recent_sent": 50})
    agency.campaign("Child", client=agency.north, parent=parent, numbers={"recent_sent": 500})
    response = page(agency.ada)
    assert names(response) == ["Bigger", "Parent", "Child"]
    assert "sub-sequence of Parent" in text(response)
    assert "2 campaigns , 1 sub-sequence" in text(response)


def test_a_sub_sequence_whose_parent_does_not_match_has_a_row_of_its_own(agency: Agency) -> None:
    parent = agency.campaign("Parent", client=agency.north)
    child = agency.campaign("Child", client=agency.north, parent=parent, status="paused")
    agency.campaign("Grandchild", client=agency.north, parent=child, status="paused")
    response = page(agency.ada, "?status=paused")
    assert set(names(response)) == {"Child", "Grandchild"}
    assert "sub-sequence of Parent" in text(response)
    assert set(names(page(agency.ada))) == {"Parent", "Child", "Grandchild"}


def test_the_name_of_a_parent_of_another_client_stays_hidden(agency: Agency) -> None:
    parent = agency.campaign("Secret parent", client=agency.south, remote_id=4711)
    agency.campaign("Child", client=agency.north, parent=parent)
    response = page(agency.nora)
    assert names(response) == ["Child"]
    assert "Secret parent" not in text(response)
    assert "sub-sequence of campaign 4711" in text(response)


def test_htmx_gets_the_table_with_counts_and_chips_and_the_browser_gets_the_page(agency: Agency) -> None:
    agency.campaign("One", client=agency.north)
    whole = page(agency.ada)
    part = page(agency.ada, "?status=active", **HTMX)
    assert "<html" in whole.content.decode()
    assert "<html" not in part.content.decode()
    assert names(part) == ["One"]
    for element in ("views", "count", "chip-status-summary", "freshness", "notes", "sort"):
        assert re.search(rf'id="{element}"[^>]*hx-swap-oob', part.content.decode()), element
    assert "HX-Request" in whole["Vary"]
    assert "HX-Request" in part["Vary"]


@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
def test_boosted_links_and_history_restores_get_the_whole_page(agency: Agency, header: str) -> None:
    assert "<html" in page(agency.ada, **HTMX, **{header: "true"}).content.decode()


def test_polling_tells_of_changed_rows_without_moving_them(agency: Agency) -> None:
    campaign = agency.campaign("One", client=agency.north, numbers={"recent_sent": 10})
    agency.campaign("Two", client=agency.north)
    found = re.search(r"seen=([0-9a-f]+)", page(agency.ada).content.decode())
    assert found is not None
    query = f"?seen={found.group(1)}"
    assert "update" not in text(page(agency.ada, query, **HTMX))
    CampaignNumbers.objects.filter(campaign=campaign).update(recent_sent=11)
    agency.campaign("Three", client=agency.north)
    answer = page(agency.ada, query, **HTMX)
    assert "2 updates, show" in text(answer)
    assert names(answer) == []
    assert "seen=" not in answer.content.decode()


def test_chosen_columns_are_remembered(agency: Agency) -> None:
    agency.campaign("One", client=agency.north, numbers={"spark": [1, 2, 3]})
    browser = browser_of(agency.ada)
    assert "qd-spark" in browser.get("/campaigns/").content.decode()
    assert "qd-spark" not in browser.get("/campaigns/?cols=status&cols=sent").content.decode()
    content = browser.get("/campaigns/").content.decode()
    assert "qd-spark" not in content
    assert "Positive</a>" not in content
    assert "Sent " in content
    assert "qd-spark" in browser.get("/campaigns/?cols=spark").content.decode()


def test_a_rate_of_few_people_is_shown_without_weight_and_a_high_bounce_rate_is_red(agency: Agency) -> None:
    few = {"recent_sent": 60, "recent_contacted": 40, "recent_replied": 4, "recent_reply_rate": 10.0}
    high = {"recent_sent": 500, "recent_bounced": 20, "recent_bounce_rate": 4.0}
    agency.campaign("Few", client=agency.north, numbers=few)
    agency.campaign("High", client=agency.north, numbers=high)
    content = page(agency.ada).content.decode()
    assert '<td class="r faint" title="4 of 40 people contacted: too few to compare">10.0%</td>' in content
    assert '<td class="r p2 bad strong" title="20 of 500 emails: over the limit of 3%">4.0%</td>' in content


def test_a_failing_key_is_told_with_when_and_what_it_means(agency: Agency) -> None:
    agency.campaign("One", client=agency.north)
    own = Connection.objects.create(
        name="North’s own",
        client=agency.north,
        base_url="http://127.0.0.1",
        health=Connection.Health.REFUSED,
        health_since=now(),
    )
    agency.pulled(now() - timedelta(minutes=1), connection=own)
    said = text(page(agency.nora))
    assert "Nordics Freight’s Smartlead key was refused at" in said
    assert "Figures stop at" in said
    assert "its campaigns can’t be changed" in said
    assert "North’s own" not in text(page(agency.sven))
    Connection.objects.filter(pk=own.pk).update(disabled_at=now())
    assert "was refused" not in text(page(agency.nora))


def test_the_age_of_the_figures_is_that_of_the_slowest_working_key(agency: Agency) -> None:
    agency.pulled(now() - timedelta(minutes=2, seconds=5))
    slow = Connection.objects.create(name="Slow", base_url="http://127.0.0.1", health="ok")
    agency.pulled(now() - timedelta(minutes=41), connection=slow)
    assert "Last synced 41 min ago" in text(page(agency.ada))


@pytest.mark.parametrize("old", ["totals", "days"])
def test_a_checked_key_and_a_fresh_list_do_not_make_old_figures_fresh(agency: Agency, old: str) -> None:
    agency.campaign("One", client=agency.north)
    agency.pulled(now() - timedelta(hours=3), old)
    agency.pulled(now() - timedelta(minutes=4), "campaigns")
    Connection.objects.update(last_success_at=now())
    said = text(page(agency.ada))
    assert "Last synced 3 h ago" in said
    assert "Names and statuses were read 4 min ago" in said


def test_figures_that_never_came_whole_have_no_age(agency: Agency) -> None:
    agency.campaign("One", client=agency.north, numbers={"totals_at": now()})
    agency.pulled(None, "days")
    assert "First sync not finished" in text(page(agency.ada))
    Connection.objects.update(health=Connection.Health.REFUSED)
    said = text(page(agency.ada))
    assert "the figures shown are not complete" in said
    assert "no figures yet" not in said
    CampaignNumbers.objects.update(totals_at=None)
    assert "There are no figures yet" in text(page(agency.ada))


def test_campaigns_of_a_disabled_key_do_not_look_live(agency: Agency) -> None:
    agency.campaign("One", client=agency.north)
    agency.pulled(now() - timedelta(minutes=5))
    Connection.objects.update(disabled_at=now())
    said = text(page(agency.nora))
    assert re.search(
        r"Agency key is disabled since [\d:]+\. Figures stop at .*; its campaigns can’t be changed\.", said
    )
    assert "Figures from" in said
    assert "ago" not in said.partition("Figures from")[0]


def test_a_disabled_key_without_campaigns_is_not_mentioned(agency: Agency) -> None:
    agency.campaign("One", client=agency.north)
    agency.campaign("Old", client=agency.south, gone=True, connection=_old_key())
    said = text(page(agency.ada))
    assert "Old key" not in said
    assert "Synced" in said


def test_more_than_two_keys_that_bring_nothing_are_summed_up(agency: Agency) -> None:
    for number in range(3):
        Connection.objects.create(name=f"Key {number}", base_url="http://127.0.0.1", health=Connection.Health.REFUSED)
    agency.campaign("Old", client=agency.south, connection=_old_key())
    said = text(page(agency.ada))
    assert "3 more keys are failing or disabled. Key 1, Key 2, Old key." in said


def _old_key() -> Connection:
    return Connection.objects.create(name="Old key", base_url="http://127.0.0.1", disabled_at=now())


@pytest.mark.parametrize("broken", [False, True])
def test_a_client_filter_leaves_out_the_keys_of_other_clients(agency: Agency, broken: bool) -> None:
    agency.campaign("North one", client=agency.north)
    health = Connection.Health.REFUSED if broken else Connection.Health.OK
    own = Connection.objects.create(
        name="South’s own", client=agency.south, base_url="http://127.0.0.1", health=health, health_since=now()
    )
    agency.campaign("South one", client=agency.south, connection=own)
    agency.pulled(now() - timedelta(hours=5), connection=own)
    told = "Southern Wines’s Smartlead key was refused" if broken else "Last synced 5 h ago"
    assert told in text(page(agency.ada))
    assert told not in text(page(agency.ada, "?client=nordics-freight"))
    assert "Synced" in text(page(agency.ada, "?client=nordics-freight"))
    agency.pulled(now() - timedelta(days=2))
    assert "2 d ago" in text(page(agency.ada, "?client=southern-wines")), "the agency key holds that client too"


def test_a_client_filter_tells_nobody_which_clients_there_are(agency: Agency) -> None:
    agency.campaign("North one", client=agency.north)

    def bar(query: str) -> str:
        found = re.search(r'<span id="freshness".*?</header>', page(agency.nora, query).content.decode(), re.S)
        assert found is not None
        return found.group().replace("southern-wines", "no-such-client")

    assert bar("?client=southern-wines") == bar("?client=no-such-client")


@pytest.mark.parametrize("name", ["q", "tag", "client", "status", "show", "sort", "page", "cols", "seen"])
def test_a_nul_in_the_address_is_left_out(agency: Agency, name: str) -> None:
    agency.campaign("One", client=agency.north)
    assert names(page(agency.ada, f"?{name}=%00")) == ["One"]
    page(agency.ada, f"?{name}=O%00ne", **HTMX)


def test_it_says_frozen_when_no_key_works(agency: Agency) -> None:
    Connection.objects.update(health=Connection.Health.UNREACHABLE)
    said = text(page(agency.ada))
    assert "Frozen at" in said
    assert "Can’t reach Smartlead for “Agency key”" in said


def test_an_empty_agency_leads_to_the_first_key_and_a_manager_to_an_admin(agency: Agency) -> None:
    Connection.objects.update(disabled_at=now())
    assert "No campaigns yet" in text(page(agency.ada))
    assert "Connect a Smartlead key" in text(page(agency.ada))
    said = text(page(agency.nora))
    assert "An agency admin connects keys" in said
    assert "Connect a key" not in said


def test_the_first_sync_shows_a_skeleton_that_asks_again(agency: Agency) -> None:
    Connection.objects.update(last_success_at=now(), health=Connection.Health.OK)  # its key was checked before
    agency.pulled(None)
    SyncRun.objects.create(connection=agency.shared, units_total=12, units_done=5)
    content = page(agency.ada).content.decode()
    assert "The first sync is running" in content
    assert 'data-poll="2"' in content
    assert "qd-skel" in content
    assert "5 of 12" in content
    assert "5 of 12" not in page(agency.nora).content.decode()
    agency.campaign("Arrived", client=agency.north)
    assert names(page(agency.ada, **HTMX)) == ["Arrived"]
    assert 'data-poll="2"' not in page(agency.ada, **HTMX).content.decode()


def test_no_match_says_what_was_looked_for_and_how_to_widen(agency: Agency) -> None:
    agency.campaign("One", client=agency.north, tags=("Nordics",))
    agency.campaign("Two", client=agency.north)
    said = text(page(agency.ada, "?status=paused&tag=Nordics"))
    assert "No paused campaigns tagged Nordics. 2 without these filters." in said
    assert "Clear filters" in said


def test_odd_names_are_shown_and_never_interpreted(agency: Agency) -> None:
    agency.campaign("<b>Größe · {{ 1 }} 日本</b>", client=agency.north)
    content = page(agency.ada).content.decode()
    assert "&lt;b&gt;Größe · {{ 1 }} 日本&lt;/b&gt;" in content


def test_a_campaign_whose_numbers_never_came_has_dashes(agency: Agency) -> None:
    campaign = agency.campaign("Bare", client=agency.north)
    CampaignNumbers.objects.filter(campaign=campaign).delete()
    assert names(page(agency.ada)) == ["Bare"]


def test_the_number_of_queries_does_not_grow_with_the_rows(agency: Agency) -> None:
    def fill(count: int) -> None:
        for number in range(count):
            parent = agency.campaign(f"Campaign {number}", client=agency.north, tags=("Q4", f"T{number % 4}"))
            if number % 5 == 0:
                agency.campaign(f"Sub of {number}", client=agency.north, parent=parent)

    browsers = {"admin": browser_of(agency.ada), "manager": browser_of(agency.nora)}
    Client.objects.create(name="Third", slug="third")
    for count in (3, 60):
        fill(count)
        for who, browser in browsers.items():
            with recorded_queries(f"campaign list, {who}"):
                browser.get("/campaigns/")
            with recorded_queries(f"campaign list filtered, {who}"):
                browser.get("/campaigns/?client=nordics-freight&status=active&tag=Q4&q=campaign&sort=name")
    assert Campaign.objects.count() > 60
