"""The client list and the page of one client: what is shown is what the rows say, of the reader's clients alone."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from accounts.models import Client, Connection, Mailbox, RemoteClient, User
from accounts.standing import Standing
from analytics.clients.health import Signs, health_of
from analytics.metrics import Counts
from analytics.models import DailyStats, PeriodTotals
from campaigns.models import Campaign, CampaignNumbers
from tests.fixtures_people import CANARY_B, TwoClients
from tests.support.query_counts import recorded_queries

NOW = datetime.now(UTC)  # also on a clock that stands still: a run may cross midnight
GOOD, BAD = Standing("ok", "Healthy", "good", ""), Standing("blocked", "Blocked", "bad", "Smartlead refuses this key")
SLOW = Standing("watch", "Watch", "warn", "Can’t reach Smartlead")
FINE = Counts(sent=1000, contacted=500, replied=25, positive=5, bounced=10)
HTMX = {"HX-Request": "true"}


@pytest.mark.parametrize(
    ("signs", "word", "reason"),
    [
        (Signs(BAD, FINE), "Blocked", "Smartlead refuses this key"),
        (Signs(GOOD, FINE, mailboxes=3, mailboxes_out=3), "Blocked", "No mailbox can send"),
        (Signs(SLOW, Counts(sent=1000, contacted=500, bounced=31)), "At risk", "3.1% of emails bounce, over the limit of 3%"),
        (Signs(GOOD, FINE, over_limit=1), "At risk", "1 campaign over the bounce limit of 3%"),
        (Signs(SLOW, FINE), "Watch", "Can’t reach Smartlead"),
        (Signs(GOOD, FINE, mailboxes=18, mailboxes_out=3), "Watch", "3 of 18 mailboxes can’t send"),
        (Signs(GOOD, FINE, runs_out=2), "Watch", "2 campaigns with fewer than 100 leads left"),
        (Signs(GOOD, Counts(sent=20, contacted=20, bounced=10)), "Healthy", ""),  # too few to judge
        (Signs(GOOD, Counts()), "No data", "Nothing was sent in 30 days"),
        (Signs(GOOD, FINE), "Healthy", ""),
    ],
)  # fmt: skip
def test_the_worst_sign_is_the_word_and_its_reason(signs: Signs, word: str, reason: str) -> None:
    health = health_of(signs)
    assert (health.word, health.reason) == (word, reason)


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def numbers(campaign: Campaign, **values: Any) -> None:
    CampaignNumbers.objects.filter(campaign=campaign).update(**values)


@pytest.fixture
def admin(two_clients: TwoClients) -> Browser:
    return two_clients.browser("admin")


def rows(page: str) -> list[tuple[str, str]]:
    """Name and row of each client, without markup."""
    found = re.findall(r'<tr id="client-\d+">(.*?)</tr>', page, re.S)
    cells = [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in found]
    return [(re.search(r"data-row-link>([^<]+)", raw).group(1), text) for raw, text in zip(found, cells, strict=True)]  # type: ignore[union-attr]


def test_figures_of_a_client_are_the_sums_of_their_campaigns_without_sub_sequences(
    two_clients: TwoClients, admin: Browser
) -> None:
    recent = {
        "recent_sent": 1000,
        "recent_contacted": 400,
        "recent_replied": 20,
        "recent_positive": 7,
        "recent_bounced": 5,
    }
    for campaign in (two_clients.campaign_a, two_clients.campaign_own_a):
        numbers(campaign, **recent)
    below = Campaign.objects.create(
        connection=two_clients.own_a, client=two_clients.a, remote_id=77, parent_remote_id=2, name="Below",
        status="active", synced_at=NOW,
    )  # fmt: skip
    CampaignNumbers.objects.create(campaign=below, **recent)
    (row,) = [text for name, text in rows(admin.get("/clients/").content.decode()) if name == "Alder Analytics"]
    assert "2 of 2" in row
    for figure in ("2,000", "5.0%", "14", "0.5%"):
        assert figure in row


def test_a_sum_of_which_a_part_is_not_told_is_no_figure(two_clients: TwoClients, admin: Browser) -> None:
    numbers(two_clients.campaign_a, recent_sent=1000, recent_contacted=400, recent_replied=20, recent_bounced=5)
    numbers(two_clients.campaign_own_a, recent_sent=500, recent_contacted=None, recent_replied=20, recent_bounced=5)
    (row,) = [text for name, text in rows(admin.get("/clients/").content.decode()) if name == "Alder Analytics"]
    assert "1,500" in row
    assert "%" not in row.replace("0.7%", "")


def test_it_opens_on_the_worst_and_can_be_sorted_by_every_column(two_clients: TwoClients, admin: Browser) -> None:
    Connection.objects.filter(pk=two_clients.own_b.pk).update(health=Connection.Health.REFUSED)
    assert rows(admin.get("/clients/").content.decode())[0][0].startswith("Birch")
    for key in ("name", "health", "keys", "active", "sent", "reply", "positive", "bounce", "sync", "owner"):
        for sort in (key, f"-{key}"):
            page = admin.get("/clients/", {"sort": sort}).content.decode()
            assert len(rows(page)) == 2
            assert page.count("aria-sort") == 1
    assert rows(admin.get("/clients/?sort=name").content.decode())[0][0] == "Alder Analytics"
    assert admin.get("/clients/?sort=; drop").status_code == 200


def test_search_finds_words_of_the_client_and_of_who_runs_it(two_clients: TwoClients, admin: Browser) -> None:
    Client.objects.filter(pk=two_clients.a.pk).update(owner=two_clients.people["manager"])
    for words, found in (("lytics alder", 1), ("mona", 1), ("nobody of this name", 0), ("%", 0), ("a\x00lder", 1)):
        page = admin.get("/clients/", {"q": words}, headers=HTMX).content.decode()
        assert len(rows(page)) == found, words
        assert "<html" not in page


def test_clients_of_a_provider_that_are_nobodys_are_listed_for_admins_alone(
    two_clients: TwoClients, admin: Browser
) -> None:
    told = "1 client behind Agency key is nobody’s yet."
    assert told in admin.get("/clients/").content.decode()
    assert "nobody’s yet" not in two_clients.browser("manager").get("/clients/").content.decode()
    RemoteClient.objects.filter(pk=two_clients.remote_nobody.pk).update(gone_at=NOW)
    assert "nobody’s yet" not in admin.get("/clients/").content.decode()


def test_list_and_page_judge_alike(two_clients: TwoClients, admin: Browser) -> None:
    numbers(two_clients.campaign_a, recent_sent=1000, recent_contacted=400, recent_bounced=40, recent_bounce_rate=4.0)
    assert "At risk" in dict(rows(admin.get("/clients/").content.decode()))["Alder Analytics"]
    assert "4.0% of emails bounce, over the limit of 3%" in admin.get("/clients/alder/").content.decode()
    Mailbox.objects.filter(client=two_clients.a).update(suspended=True)
    assert "Blocked" in dict(rows(admin.get("/clients/").content.decode()))["Alder Analytics"]
    assert "No mailbox can send" in admin.get("/clients/alder/").content.decode()


def test_pages_of_a_client_take_few_queries(two_clients: TwoClients) -> None:
    fill(two_clients)
    Connection.objects.filter(pk=two_clients.shared.pk).update(
        health=Connection.Health.REFUSED
    )  # the frame asks once more
    for kind in ("admin", "manager"):
        browser = two_clients.browser(kind)
        with recorded_queries(f"client list, {kind}"):
            browser.get("/clients/")
        with recorded_queries(f"client page, {kind}"):
            browser.get("/clients/alder/")
        for name in ("mailboxes", "people", "connections", "branding", "activity"):
            with recorded_queries(f"{name} of a client, {kind}"):
                assert browser.get(f"/clients/alder/{name}/").status_code == 200
        with recorded_queries(f"portal preview, {kind}"):
            browser.get("/portal/preview/alder/")


def fill(world: TwoClients) -> None:
    """Figures of the last 30 days, and of the 30 before, for the campaigns of both clients."""
    today = NOW.date()
    for campaign in Campaign.objects.exclude(client=None):
        mine = campaign.client == world.a
        values = {"sent": 300, "contacted": 200, "replied": 12, "positive": 4 if mine else 3, "bounced": 2}
        for period, end in (("30d", today), ("30d-before", today - timedelta(days=30))):
            PeriodTotals.objects.create(
                campaign=campaign, period=period, start=end - timedelta(days=29), end=end, synced_at=NOW, **values
            )
        DailyStats.objects.create(
            campaign=campaign, client=campaign.client, day=today - timedelta(days=1), sent=150 if mine else 99_999,
            replied=6, positive=2, bounced=1, synced_at=NOW,
        )  # fmt: skip
        numbers(
            campaign, recent_until=today, days_from=today - timedelta(days=60), totals_at=NOW,
            **{f"recent_{name}": value for name, value in values.items()},
        )  # fmt: skip


class TestPortal:
    def test_its_figures_are_those_of_the_client_alone(self, two_clients: TwoClients) -> None:
        fill(two_clients)
        page = two_clients.browser("client login").get("/portal/").content.decode()
        for figure in (">8<", ">400<", ">600<", "24 of 400 people", "8 positive replies in the last 30 days"):
            assert figure in page, figure
        assert '"sent": [' in page
        for other in (CANARY_B, "99,999", "99999", "Smartlead", "Alder key", "@sender.example"):
            assert other not in page, other

    def test_tags_mailboxes_keys_and_health_are_none_of_its_words(self, two_clients: TwoClients) -> None:
        fill(two_clients)
        tag = two_clients.campaign_a.tags.create(connection=two_clients.shared, name="Secret tag")
        numbers(two_clients.campaign_a, recent_bounce_rate=9.0, leads_waiting=1)
        page = two_clients.browser("client login").get("/portal/").content.decode()
        for word in (tag.name, "Bounce", "At risk", "Watch", "key", "mailbox", "Mailbox", "remote", "Synced"):
            assert word not in page.replace("data-theme-toggle", "").replace("keyboard", ""), word

    def test_no_campaign_is_left_out_however_many_there_are(self, two_clients: TwoClients) -> None:
        key, client = two_clients.shared, two_clients.a
        Campaign.objects.bulk_create(
            Campaign(
                connection=key,
                client=client,
                remote_id=70_000 + number,
                name=f"Row {number:03}",
                status="paused",
                synced_at=NOW,
            )
            for number in range(120)
        )
        browser, named = two_clients.browser("client login"), set()
        for page in ("", "2", "3"):
            shown = browser.get("/portal/", {"days": "7", "page": page}).content.decode()
            assert "page=" in shown
            named |= set(re.findall(r"Row \d{3}", shown))
        assert len(named) == 120

    @pytest.mark.parametrize("days", ["7", "30", "90", "1", "x", "365", ""])
    def test_odd_days_are_the_usual_ones(self, two_clients: TwoClients, days: str) -> None:
        fill(two_clients)
        browser = two_clients.browser("client login")
        assert browser.get("/portal/", {"days": days}).status_code == 200
        part = browser.get("/portal/", {"days": days}, headers=HTMX).content.decode()
        assert "<html" not in part
        assert f"Last {days if days in ('7', '90') else '30'} days</a>" in part.split('aria-current="true"')[1]

    def test_without_figures_nothing_is_invented(self, two_clients: TwoClients) -> None:
        page = two_clients.browser("client login").get("/portal/").content.decode()
        assert "Not known yet" in page
        assert "0%" not in page
        assert "Nothing sent in this period" in page

    def test_whom_to_ask_is_who_runs_the_client_while_they_work_here(self, two_clients: TwoClients) -> None:
        manager = two_clients.people["manager"]
        Client.objects.filter(pk=two_clients.a.pk).update(owner=manager)
        login = two_clients.browser("client login")
        assert "mona@agency.example" in login.get("/portal/").content.decode()
        User.objects.filter(pk=manager.pk).update(is_active=False)
        assert "mona@agency.example" not in login.get("/portal/").content.decode()

    def test_a_client_login_whose_client_was_taken_away_sees_nothing(self, two_clients: TwoClients) -> None:
        two_clients.people["client login"].memberships.all().delete()
        page = two_clients.browser("client login").get("/portal/").content.decode()
        assert "Nothing to show yet" in page
        assert "Alder campaign" not in page


class TestAKeyThatIsRefused:
    """The key of a client has been refused for three days; what it told before is still there."""

    @pytest.fixture
    def world(self, two_clients: TwoClients) -> TwoClients:
        self.told(two_clients.campaign_a, 9_000, NOW - timedelta(days=3))
        return two_clients

    @staticmethod
    def told(campaign: Campaign, sent: int, at: datetime) -> None:
        values = {"sent": sent, "contacted": sent // 2, "replied": sent // 20, "positive": sent // 50, "bounced": 0}
        end = at.date()
        PeriodTotals.objects.create(
            campaign=campaign, period="30d", start=end - timedelta(days=29), end=end, synced_at=at, **values
        )
        recent = {f"recent_{name}": value for name, value in values.items()}
        numbers(campaign, totals_at=at, recent_until=end, sent=sent, **recent)

    @staticmethod
    def pages(world: TwoClients) -> list[str]:
        """What the client login and an admin read, without markup."""
        addresses = (("client login", "/portal/"), ("admin", "/clients/alder/"))
        found = [world.browser(kind).get(address).content.decode() for kind, address in addresses]
        return [" ".join(re.sub(r"<[^>]+>", " ", page.partition("<body")[2]).split()) for page in found]

    def test_nothing_is_said_of_first_emails_when_thousands_were_sent(self, world: TwoClients) -> None:
        for page in self.pages(world):
            assert "The figures of this period are not known. The campaigns were last read 3 d ago" in page
            assert "first email" not in page
            assert "Nothing sent" not in page
            assert "No figures of this period" in page

    def test_campaigns_that_are_missing_in_a_sum_are_named_with_their_age(self, world: TwoClients) -> None:
        self.told(world.campaign_own_a, 100, NOW)
        portal, staff = self.pages(world)
        for page in (portal, staff):
            assert "Figures of 1 of 2 campaigns. The other was last read 3 d ago" in page
            assert "3 d ago" in page.partition("Figures of")[0], "the age of the page is that of the oldest figures"
            assert "first email" not in page
        assert "All campaigns" not in portal
        assert "1 of 2 campaigns 50" in portal

    def test_no_more_is_said_once_all_figures_are_there(self, world: TwoClients) -> None:
        PeriodTotals.objects.all().delete()
        for campaign in (world.campaign_a, world.campaign_own_a):
            self.told(campaign, 100, NOW)
        portal, staff = self.pages(world)
        assert "All campaigns 100" in portal
        for page in (portal, staff):
            assert "Figures of" not in page
            assert "last read" not in page
