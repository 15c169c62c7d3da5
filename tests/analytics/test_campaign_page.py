"""The page of one campaign: who may see it, where its figures come from, and what it says when they are missing."""

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

import tests.support.agency
from accounts.models import Connection, User
from campaigns.models import Campaign, CampaignNumbers
from tests.support.agency import Agency, browser_of, now
from tests.support.query_counts import recorded_queries

NOW = now()
TODAY = NOW.date()
DAYS_30 = (TODAY - timedelta(days=29), TODAY)
BEFORE_30 = (TODAY - timedelta(days=59), TODAY - timedelta(days=30))


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """It stands still: a run may cross midnight."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    monkeypatch.setattr(tests.support.agency, "now", lambda: NOW)


def page(user: User, campaign: Campaign, query: str = "", **headers: str) -> Any:
    return browser_of(user).get(f"/campaigns/{campaign.pk}/{query}", headers=headers)


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def kpi(response: Any, label: str) -> str:
    found = re.search(rf'<span class="l">{label}</span>(.*?)</button>', response.content.decode(), re.S)
    assert found is not None
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found.group(1))).strip()


def chart(response: Any) -> dict[str, Any]:
    found = re.search(r'<script id="chart-data" type="application/json">(.*?)</script>', response.content.decode())
    assert found is not None
    return json.loads(found.group(1))


@pytest.fixture
def campaign(agency: Agency) -> Campaign:
    """A campaign of the north with day rows and the provider's totals of the last 30 days and the 30 before."""
    numbers = {
        "sent": 500, "contacted": 300, "replied": 30, "positive": 12, "bounced": 5,
        "leads_total": 400, "leads_waiting": 100, "leads_in_progress": 120, "leads_completed": 180,
        "days_from": TODAY - timedelta(days=60), "totals_at": NOW,
    }  # fmt: skip
    campaign = agency.campaign(
        "Freight · DACH",
        client=agency.north,
        tags=("Q4",),
        numbers=numbers,
        schedule={"days": [1, 2, 3, 4, 5], "start": "08:30", "end": "17:30", "time_zone": "Europe/Berlin"},
        settings={"daily_new_leads": 20, "min_gap_minutes": 9, "stop_rule": "reply", "track_opens": False},
    )
    for back in range(40):
        agency.day(campaign, TODAY - timedelta(days=back), sent=10, replied=1, positive=back % 2, bounced=0)
    agency.totals(campaign, "30d", *DAYS_30, sent=300, contacted=200, replied=20, positive=8, bounced=3)
    agency.totals(campaign, "30d-before", *BEFORE_30, sent=200, contacted=160, replied=8, positive=8, bounced=4)
    return campaign


def test_people_see_the_campaigns_of_their_clients_and_others_do_not_exist(agency: Agency, campaign: Campaign) -> None:
    loose = agency.campaign("Loose", client=None)
    assert page(agency.ada, campaign).status_code == 200
    assert page(agency.nora, campaign).status_code == 200
    assert page(agency.sven, campaign).status_code == 404
    assert page(agency.ada, loose).status_code == 200
    assert page(agency.nora, loose).status_code == 404
    assert browser_of(agency.ada).get("/campaigns/999999/").status_code == 404
    assert browser_of(agency.ada).post(f"/campaigns/{campaign.pk}/").status_code == 405


def test_the_figures_of_a_preset_are_the_providers_own_with_what_they_rest_on(
    agency: Agency, campaign: Campaign
) -> None:
    response = page(agency.nora, campaign)
    assert kpi(response, "Emails sent") == "300 ↑ 50% up vs previous"
    assert kpi(response, "Reply rate") == "10.0% ↑ 5.0 pp up 20 of 200"
    assert kpi(response, "Positive replies") == "8 no change 40% of replies"
    assert kpi(response, "Bounce rate") == "1.0% ↓ 1.0 pp down 3 of 300"


def test_a_free_range_adds_up_days_and_says_that_replies_are_per_email(agency: Agency, campaign: Campaign) -> None:
    start, end = TODAY - timedelta(days=9), TODAY - timedelta(days=5)
    response = page(agency.nora, campaign, f"?from={start}&to={end}")
    assert kpi(response, "Emails sent") == "50 no change vs previous"
    assert kpi(response, "Replies per email").startswith("10.0% no change 5 of 50 emails, likely")
    assert chart(response)["days"] == [(start + timedelta(days=i)).isoformat() for i in range(5)]


def test_totals_of_yesterdays_period_are_not_shown_for_today(agency: Agency, campaign: Campaign) -> None:
    campaign.period_totals.update(end=TODAY - timedelta(days=1))
    response = page(agency.nora, campaign)
    assert kpi(response, "Emails sent").startswith("300")
    assert "Replies per email" in text(response)


def test_the_chart_has_a_bar_for_every_day_and_a_table_and_words_for_it(agency: Agency, campaign: Campaign) -> None:
    response = page(agency.nora, campaign, "?days=90")
    data = chart(response)
    assert len(data["days"]) == len(data["sent"]) == 90
    assert data["sent"][-40:] == [10] * 40
    assert data["sent"][:50] == [0] * 50
    assert data["unfinished"] == TODAY.isoformat()
    assert all(
        p + o == r for p, o, r in zip(data["positive"][-40:], data["other"][-40:], data["replied"][-40:], strict=True)
    )
    assert response.content.decode().count('<td class="nowrap">') == 90
    assert "Busiest day" in text(response)


def test_a_day_without_word_on_sentiment_counts_as_other_replies(agency: Agency) -> None:
    campaign = agency.campaign("Mute", client=agency.north, numbers={"days_from": TODAY - timedelta(days=60)})
    agency.day(campaign, TODAY, sent=200, replied=3, positive=None)
    response = page(agency.nora, campaign)
    assert chart(response)["positive"][-1] is None
    assert chart(response)["other"][-1] == 3
    assert kpi(response, "Positive replies") == "– Smartlead does not tell"


def test_nothing_sent_is_a_dash_with_the_reason_and_no_chart(agency: Agency) -> None:
    campaign = agency.campaign(
        "Draft", client=agency.north, status="draft", numbers={"days_from": TODAY - timedelta(days=90)}
    )
    response = page(agency.nora, campaign)
    assert kpi(response, "Reply rate") == "– Nothing sent in this period"
    assert kpi(response, "Bounce rate") == "– Nothing sent in this period"
    assert "data-chart" not in response.content.decode()


def test_a_campaign_that_was_never_synced_says_so(agency: Agency) -> None:
    campaign = agency.campaign("New", client=agency.north)
    CampaignNumbers.objects.filter(campaign=campaign).delete()
    response = page(agency.nora, campaign)
    assert response.status_code == 200
    assert kpi(response, "Emails sent") == "– Not synced yet"


def test_days_that_were_not_synced_yet_are_told(agency: Agency, campaign: Campaign) -> None:
    first = TODAY - timedelta(days=20)
    CampaignNumbers.objects.update(days_from=first)
    campaign.period_totals.all().delete()
    response = page(agency.nora, campaign)
    assert "have not been synced yet" in text(response)
    assert kpi(response, "Emails sent") == "– Not synced yet"


def test_days_that_a_broken_key_left_out_are_told(agency: Agency, campaign: Campaign) -> None:
    CampaignNumbers.objects.update(days_through=TODAY - timedelta(days=5))
    assert "their bars are missing, not zero" in text(page(agency.nora, campaign))
    assert "their bars are missing" not in text(page(agency.nora, campaign, "?from=2026-01-01&to=2026-01-05"))


def test_just_after_midnight_the_totals_of_yesterday_still_stand(agency: Agency, campaign: Campaign) -> None:
    yesterday = TODAY - timedelta(days=1)
    CampaignNumbers.objects.update(recent_until=yesterday)
    campaign.period_totals.filter(period="30d").update(start=yesterday - timedelta(days=29), end=yesterday)
    response = page(agency.nora, campaign)
    assert kpi(response, "Reply rate").startswith("10.0%")
    assert chart(response)["days"][-1] == yesterday.isoformat()


def test_a_small_sample_names_its_interval_and_has_no_colour(agency: Agency, campaign: Campaign) -> None:
    campaign.period_totals.filter(period="30d").update(contacted=40, replied=4)
    response = page(agency.nora, campaign)
    assert kpi(response, "Reply rate").endswith("4 of 40, likely 4–23%")
    assert 'class="qd-delta "' in response.content.decode()


def test_provider_totals_that_differ_from_the_days_are_both_told(agency: Agency, campaign: Campaign) -> None:
    Campaign.objects.update(remote_created_at=NOW - timedelta(days=50))
    said = text(page(agency.nora, campaign))
    assert "Smartlead’s days add up to other figures: 400 emails sent, 40 replies, 0 bounces." in said
    CampaignNumbers.objects.update(sent=400, replied=40, bounced=0)
    assert "add up to other figures" not in text(page(agency.nora, campaign))


def test_leads_facts_and_outlook_are_told(agency: Agency, campaign: Campaign) -> None:
    said = text(page(agency.nora, campaign))
    assert "Where the 400 leads are" in said
    assert "At 20 new leads a day the waiting list finishes on" in said
    for fact in ("Mon–Fri", "08:30–17:30, Europe/Berlin", "9 min", "at most 20", "A lead replies", "Opens tracked No"):
        assert fact in said, fact


def test_a_sub_sequence_names_its_parent_only_to_those_who_may_see_it(agency: Agency, campaign: Campaign) -> None:
    child = agency.campaign("Child", client=agency.south, parent=campaign)
    assert "Sub-sequence of Freight · DACH" in text(page(agency.ada, child))
    assert "Freight · DACH" not in text(page(agency.sven, child))
    assert "Child" in text(page(agency.ada, campaign))
    assert "Child" not in text(page(agency.nora, campaign))


def test_a_gone_campaign_keeps_its_last_figures_and_says_so(agency: Agency, campaign: Campaign) -> None:
    Campaign.objects.update(gone_at=NOW)
    response = page(agency.nora, campaign)
    assert "The provider no longer lists this campaign." in text(response)
    assert kpi(response, "Emails sent").startswith("300")


def test_a_refused_key_is_told_on_the_page(agency: Agency, campaign: Campaign) -> None:
    Connection.objects.update(health=Connection.Health.REFUSED)
    said = text(page(agency.nora, campaign))
    assert "was refused at" in said
    assert "Frozen at" in said


def test_a_disabled_key_is_told_on_the_page_with_the_age_of_the_figures(agency: Agency, campaign: Campaign) -> None:
    Connection.objects.update(disabled_at=NOW)
    said = text(page(agency.nora, campaign))
    assert "Agency key is disabled since" in said
    assert "Figures from" in said
    assert "Not synced yet" not in said


def test_the_age_is_that_of_the_figures_and_not_of_the_last_answer(agency: Agency, campaign: Campaign) -> None:
    agency.pulled(NOW - timedelta(hours=2), "days")
    Connection.objects.update(last_success_at=NOW)
    assert "Last synced 2 h ago" in text(page(agency.nora, campaign))


def test_sub_sequences_have_figures_of_their_own(agency: Agency, campaign: Campaign) -> None:
    child = agency.campaign("Child", client=agency.north, parent=campaign)
    assert "Included in the figures above" not in text(page(agency.nora, campaign))
    assert "Listed with figures of their own, not counted as campaigns" in text(page(agency.nora, campaign))
    assert "belong to that campaign" not in text(page(agency.nora, child))


def test_a_sub_sequence_that_was_just_found_has_no_figures_yet(agency: Agency, campaign: Campaign) -> None:
    child = agency.campaign("Child", client=agency.north, parent=campaign)
    CampaignNumbers.objects.filter(campaign=child).delete()
    assert "Child Active –" in text(page(agency.nora, campaign))


@pytest.mark.parametrize(
    ("measure", "title", "kind", "said"),
    [
        ("reply", "Replies per email", "rate", "Replies per 100 emails, of the 7 days up to each day: 10.0% on"),
        ("bounce", "Bounce rate", "rate", "The limit is 3%."),
        ("positive", "Positive replies by day", "count", "3 positive replies from"),
        ("nonsense", "By day", "campaign", "70 emails sent from"),
    ],
)
def test_a_figure_draws_its_own_chart_with_the_days_before(
    agency: Agency, campaign: Campaign, measure: str, title: str, kind: str, said: str
) -> None:
    response = page(agency.nora, campaign, f"?measure={measure}&days=7")
    html, data = response.content.decode(), chart(response)
    assert f'data-chart="{kind}"' in html
    assert f">{title}</h2>" in html
    assert len(data["before"]) == len(data["before_days"]) == len(data["days"]) == 7
    assert html.count('aria-pressed="true"') == 1
    assert said in text(response)
    if kind == "rate":
        assert data["rate"] == data["before"] == [10.0 if measure == "reply" else 0.0] * 7


def test_a_date_that_does_not_exist_is_named_and_kept(agency: Agency, campaign: Campaign) -> None:
    response = page(agency.nora, campaign, "?from=2026-02-31&to=%3Cb%3E&measure=reply")
    assert "There is no 31 February 2026. “&lt;b&gt;” is no date" in text(response)
    assert "These are the last 30 days instead." in text(response)
    assert 'name="from" value="2026-02-31" aria-invalid="true"' in response.content.decode()
    assert kpi(response, "Emails sent").startswith("300")


def test_a_range_that_had_to_be_cut_says_so(agency: Agency, campaign: Campaign) -> None:
    said = text(page(agency.nora, campaign, "?from=2130-01-01&to=2131-01-01"))
    assert "You asked for 1 Jan 2130 to 1 Jan 2131; this is" in said
    assert "Days to come have no figures." in said
    assert "You asked for" not in text(page(agency.nora, campaign, f"?from={TODAY}&to={TODAY}"))
    assert "You asked for" not in text(page(agency.nora, campaign))


def test_a_day_that_is_not_over_is_not_compared(agency: Agency, campaign: Campaign) -> None:
    yesterday = TODAY - timedelta(days=1)
    campaign.daily_stats.filter(day=TODAY).update(sent=3)
    response = page(agency.nora, campaign, f"?from={TODAY}&to={TODAY}")
    assert kpi(response, "Emails sent") == "3 not compared: today is not over"
    assert "qd-delta" not in response.content.decode()
    assert kpi(page(agency.nora, campaign, f"?from={yesterday}&to={yesterday}"), "Emails sent").endswith("vs previous")


def test_htmx_gets_the_panel_of_figures_alone(agency: Agency, campaign: Campaign) -> None:
    part = page(agency.nora, campaign, "?days=7", **{"HX-Request": "true"})
    assert part.content.decode().strip().startswith('<section class="qd-panel" id="numbers"')
    assert "HX-Request" in part["Vary"]
    assert len(chart(part)["days"]) == 7


def test_day_rows_of_a_former_client_are_left_out(agency: Agency, campaign: Campaign) -> None:
    campaign.period_totals.all().delete()
    campaign.daily_stats.filter(day__lt=TODAY - timedelta(days=9)).update(client=agency.south)
    assert sum(chart(page(agency.nora, campaign))["sent"]) == 100
    assert sum(chart(page(agency.ada, campaign))["sent"]) == 300


def test_the_page_takes_a_known_number_of_queries(agency: Agency, campaign: Campaign) -> None:
    agency.campaign("Child", client=agency.north, parent=campaign)
    for who, user in (("admin", agency.ada), ("manager", agency.nora)):
        browser = browser_of(user)
        for query in ("", "?days=7", "?days=90"):
            with recorded_queries(f"campaign page, {who}"):
                browser.get(f"/campaigns/{campaign.pk}/{query}")
        with recorded_queries(f"campaign page, free range, {who}"):
            browser.get(f"/campaigns/{campaign.pk}/?from={date(2026, 1, 1)}&to={TODAY}")
