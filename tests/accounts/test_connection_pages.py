"""The pages about keys: adding, checking, replacing, allowing, mapping. Over a real sandbox, where a key is used."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from accounts.models import Client, Connection, RemoteClient
from accounts.secrets import key_ring
from campaigns.models import Campaign
from operations.models import AuditEntry, SyncCoverage, SyncRun, SyncState
from tests.fixtures_people import Door, TwoClients
from tests.support.query_counts import recorded_queries
from tests.support.sandbox import AGENCY_KEY, CINDER_KEY, Sandbox

HTMX = {"HX-Request": "true"}


@pytest.fixture
def admin(two_clients: TwoClients) -> Browser:
    return two_clients.browser("admin")


def page(browser: Browser, address: str, **headers: Any) -> str:
    response = browser.get(address, **headers)
    assert response.status_code == 200, address
    return response.content.decode()


class TestAdding:
    def form(self, **changes: Any) -> dict[str, Any]:
        return {"name": "New", "provider": "smartlead", "client": "", "new_client": "", "key": CINDER_KEY} | changes

    def test_a_new_key_reads_only_and_is_checked_as_soon_as_its_page_is_open(
        self, sandbox: Sandbox, two_clients: TwoClients, admin: Browser, settings: Any
    ) -> None:
        settings.QUARTERDECK_ALLOWED_BASE_URLS = [sandbox.url]
        admin.post("/connections/add/", self.form(base_url=sandbox.base_url, new_client="Cinder  Security"))
        connection = Connection.objects.get(name="New")
        assert connection.client == Client.objects.get(name="Cinder Security")
        assert not connection.may_write
        assert connection.created_by == two_clients.people["admin"]
        assert AuditEntry.objects.filter(action="add connection", actor=two_clients.people["admin"]).count() == 1
        shown = page(admin, f"/connections/{connection.pk}/")
        assert 'hx-trigger="load, submit"' in shown
        checked = admin.post(f"/connections/{connection.pk}/check/", headers=HTMX).content.decode()
        assert "4 campaigns" in checked
        assert "Healthy" in checked
        assert "<html" not in checked
        assert 'hx-trigger="load' not in checked
        assert SyncState.objects.get(connection=connection).requested_by == two_clients.people["admin"]
        assert 'hx-trigger="load' not in page(admin, f"/connections/{connection.pk}/")

    @pytest.mark.parametrize(
        ("wrong", "told"),
        [
            ({"name": "agency KEY"}, "already"),
            ({"name": ""}, "required"),
            ({"base_url": "https://evil.example"}, "Keys may not be sent to evil.example"),
            ({"base_url": "nonsense"}, "Give an address"),
            ({"key": ""}, "required"),
            ({"key": "two words"}, "spaces"),
            ({"key": "1234567"}, "shorter than 8 characters"),
            ({"key": "clé-secrète-4711"}, "Copy it again"),
            ({"key": "zero\u200bwidth-4711"}, "Copy it again"),
            ({"new_client": "alder analytics"}, "already"),
            ({"client": "99999"}, "valid choice"),
            ({"provider": "other"}, "valid choice"),
        ],
    )
    def test_bad_input_adds_nothing_and_says_what_is_wrong_beside_the_field(
        self, wrong: dict[str, str], told: str, two_clients: TwoClients, admin: Browser, door: Door
    ) -> None:
        count = Connection.objects.count()
        response = admin.post("/connections/add/", self.form(base_url=door.base_url) | wrong)
        shown = response.content.decode()
        assert response.status_code == 200
        assert told in shown
        assert "is-invalid" in shown
        assert CINDER_KEY not in shown
        if "name" not in wrong:
            assert 'value="New"' in shown
        assert Connection.objects.count() == count
        assert door.knocks == door.knocks

    def test_a_client_and_a_new_client_together_are_refused(
        self, two_clients: TwoClients, admin: Browser, door: Door
    ) -> None:
        both = {"client": str(two_clients.a.pk), "new_client": "Another"}
        response = admin.post("/connections/add/", self.form(base_url=door.base_url) | both)
        assert "not both" in response.content.decode()
        assert not Client.objects.filter(name="Another").exists()


class TestChecking:
    def test_a_refused_key_says_what_it_means_and_what_to_do(self, two_clients: TwoClients, admin: Browser) -> None:
        address = f"/connections/{two_clients.own_a.pk}/"
        told = admin.post(f"{address}check/", headers=HTMX).content.decode()
        assert "Smartlead refused this key" in told
        assert "Smartlead last answered at" in told
        assert f"{address}key/" in told
        assert "Blocked" in told
        assert "Blocked" in page(admin, "/connections/")
        manager = page(two_clients.browser("manager"), address)
        assert "Smartlead refused this key" in manager
        assert f"{address}key/" not in manager

    def test_it_works_without_scripts(self, two_clients: TwoClients, admin: Browser) -> None:
        response = admin.post(f"/connections/{two_clients.own_a.pk}/check/", follow=True)
        assert response.redirect_chain[-1][0] == f"/connections/{two_clients.own_a.pk}/"
        assert "Smartlead refused this key" in response.content.decode()

    @pytest.mark.parametrize(
        ("fault", "told"),
        [
            ({"kind": "503"}, "Can’t reach Smartlead"),
            ({"kind": "html200"}, "answers that we don’t understand"),
            ({"kind": "truncated"}, "answers that we don’t understand"),
            ({"kind": "cloudflare"}, "A firewall in front of Smartlead"),
            ({"kind": "429", "retry_after": 1}, "Slowed by Smartlead’s rate limit"),
            ({"kind": "cut_before"}, "Can’t reach Smartlead"),
        ],
    )
    def test_each_failure_is_told_in_words_and_keeps_the_page(
        self,
        fault: dict[str, Any],
        told: str,
        sandbox: Sandbox,
        connect: Callable[..., Connection],
        two_clients: TwoClients,
        admin: Browser,
    ) -> None:
        connection = connect(AGENCY_KEY)
        sandbox.faults(fault)
        shown = admin.post(f"/connections/{connection.pk}/check/", headers=HTMX).content.decode()
        assert told in shown
        assert "Traceback" not in shown

    def test_what_the_key_opens_is_counted_as_the_campaign_list_does(
        self, connect: Callable[..., Connection], admin: Browser
    ) -> None:
        connection = connect(AGENCY_KEY)
        shown = admin.post(f"/connections/{connection.pk}/check/", headers=HTMX).content.decode()
        said = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", shown))
        assert "It sees 36 campaigns, 2 of them sub-sequences, of 8 clients; 1 campaign has no client." in said
        assert "36 campaigns, 2 of them sub-sequences" in page(admin, "/connections/")

    def test_an_unreachable_address_is_told_too(self, two_clients: TwoClients, admin: Browser) -> None:
        Connection.objects.filter(pk=two_clients.own_a.pk).update(base_url="http://127.0.0.1:1/api")
        shown = admin.post(f"/connections/{two_clients.own_a.pk}/check/", headers=HTMX).content.decode()
        assert "Can’t reach Smartlead" in shown
        assert "http://127.0.0.1:1/api" in shown

    def test_a_key_whose_seal_cannot_be_opened_asks_for_another(
        self, two_clients: TwoClients, admin: Browser, settings: Any, door: Door
    ) -> None:
        settings.QUARTERDECK_KEYS = ["other:" + "QUJD" * 10 + "QUI="]
        knocks = door.knocks
        shown = admin.post(f"/connections/{two_clients.own_a.pk}/check/", headers=HTMX).content.decode()
        assert "Replace key" in shown
        assert door.knocks == knocks

    def test_without_redis_it_says_that_the_key_was_not_tried(
        self, two_clients: TwoClients, admin: Browser, settings: Any, door: Door
    ) -> None:
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
        knocks = door.knocks
        shown = admin.post(f"/connections/{two_clients.own_a.pk}/check/", headers=HTMX).content.decode()
        assert "The key was not tried" in shown
        assert door.knocks == knocks
        two_clients.own_a.refresh_from_db()
        assert two_clients.own_a.health == Connection.Health.OK


class TestChanging:
    def test_replacing_a_key_forgets_the_old_one(self, two_clients: TwoClients, admin: Browser) -> None:
        before = two_clients.own_a.sealed_key
        admin.post(f"/connections/{two_clients.own_a.pk}/key/", {"key": "quite-another-key-9876"})
        two_clients.own_a.refresh_from_db()
        assert two_clients.own_a.sealed_key != before
        assert two_clients.own_a.key_last4 == "9876"
        assert two_clients.own_a.health == Connection.Health.UNCHECKED

    def test_line_breaks_and_spaces_around_a_pasted_key_do_not_count(
        self, two_clients: TwoClients, admin: Browser
    ) -> None:
        admin.post(f"/connections/{two_clients.own_a.pk}/key/", {"key": " \r\n\tquite-another-key-9876\u00a0\n"})
        two_clients.own_a.refresh_from_db()
        assert two_clients.own_a.open_key(key_ring()).reveal() == "quite-another-key-9876"

    @pytest.mark.parametrize(("before", "answer", "after"), [(False, "yes", True), (True, "no", False)])
    def test_writes_are_allowed_and_forbidden_by_a_clear_word(
        self, before: bool, answer: str, after: bool, two_clients: TwoClients, admin: Browser
    ) -> None:
        Connection.objects.filter(pk=two_clients.own_a.pk).update(may_write=before)
        assert "real people get email" in page(admin, f"/connections/{two_clients.own_a.pk}/writes/") or before
        admin.post(f"/connections/{two_clients.own_a.pk}/writes/", {"allow": answer})
        two_clients.own_a.refresh_from_db()
        assert two_clients.own_a.may_write is after
        assert AuditEntry.objects.filter(action__in=["allow writes", "forbid writes"]).count() == 1

    @pytest.mark.parametrize("value", [None, "", "maybe", "YES"])
    @pytest.mark.parametrize(("what", "name"), [("writes", "allow"), ("enabled", "enable")])
    @pytest.mark.parametrize("before", [True, False])
    def test_without_a_clear_word_nothing_changes(
        self, what: str, name: str, value: str | None, before: bool, two_clients: TwoClients, admin: Browser
    ) -> None:
        now = None if before else timezone.now()
        Connection.objects.filter(pk=two_clients.own_a.pk).update(may_write=before, disabled_at=now)
        entries = list(AuditEntry.objects.values())
        address = f"/connections/{two_clients.own_a.pk}/{what}/"
        response = admin.post(address, {} if value is None else {name: value})
        assert response.status_code == 400
        assert "Nothing was changed" in response.content.decode()
        two_clients.own_a.refresh_from_db()
        assert (two_clients.own_a.may_write, two_clients.own_a.is_enabled) == (before, before)
        assert list(AuditEntry.objects.values()) == entries

    def test_a_disabled_connection_is_neither_synced_nor_counted_as_failing(
        self, two_clients: TwoClients, admin: Browser
    ) -> None:
        address = f"/connections/{two_clients.own_a.pk}/"
        Connection.objects.filter(pk=two_clients.own_a.pk).update(health=Connection.Health.REFUSED)
        assert "1 of 3 keys failing" in page(admin, "/connections/")
        admin.post(f"{address}enabled/", {"enable": "no"})
        assert "2 keys working" in page(admin, "/connections/")
        answer = admin.post(f"{address}sync/", follow=True).content.decode()
        assert "is disabled" in answer
        assert SyncState.objects.get(connection=two_clients.own_a).requested_at is None
        admin.post(f"{address}enabled/", {"enable": "yes"})
        two_clients.own_a.refresh_from_db()
        assert two_clients.own_a.is_enabled

    def test_only_plans_of_the_provider_can_be_chosen(self, two_clients: TwoClients, admin: Browser) -> None:
        address = f"/connections/{two_clients.own_a.pk}/plan/"
        for plan, stored in (("reply", "smartlead"), ("nonsense", "smartlead"), ("smartlead-pro", "smartlead-pro")):
            admin.post(address, {"plan": plan})
            two_clients.own_a.refresh_from_db()
            assert two_clients.own_a.plan in (stored, "default")

    def test_a_sync_can_be_asked_for_while_no_worker_can_be_told(self, two_clients: TwoClients, admin: Browser) -> None:
        response = admin.post(f"/connections/{two_clients.own_a.pk}/sync/", {"next": "/activity/"})
        assert response["Location"] == "/activity/"
        state = SyncState.objects.get(connection=two_clients.own_a)
        assert state.requested_by == two_clients.people["admin"]
        assert "has been asked for" in page(admin, f"/connections/{two_clients.own_a.pk}/")

    @pytest.mark.parametrize(
        "elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil"]
    )
    def test_after_a_sync_nobody_is_led_away_from_the_product(
        self, elsewhere: str, two_clients: TwoClients, admin: Browser
    ) -> None:
        response = admin.post(f"/connections/{two_clients.own_a.pk}/sync/", {"next": elsewhere})
        assert response["Location"] == f"/connections/{two_clients.own_a.pk}/"


class TestMapping:
    def post(self, browser: Browser, world: TwoClients, remote: RemoteClient, **data: Any) -> Any:
        return browser.post(f"/connections/{world.shared.pk}/clients/{remote.pk}/", data, headers=HTMX)

    @pytest.fixture(autouse=True)
    def _remote_ids(self, two_clients: TwoClients) -> None:
        for campaign, remote_id in (
            (two_clients.campaign_a, 501),
            (two_clients.campaign_b, 502),
            (two_clients.campaign_nobody, 503),
        ):
            Campaign.objects.filter(pk=campaign.pk).update(remote_client_id=remote_id)

    def test_unmapped_clients_come_first_and_nothing_is_guessed(self, two_clients: TwoClients, admin: Browser) -> None:
        shown = page(admin, f"/connections/{two_clients.shared.pk}/")
        names = [two_clients.remote_nobody.name, two_clients.remote_a.name, two_clients.remote_b.name]
        places = [shown.index(f">{name}<") for name in names]
        assert places == sorted(places)
        assert "1 not mapped" in shown
        assert "<option" in shown
        assert "selected" not in shown.split('id="mapping"')[1].split("</table>")[0]

    def test_campaigns_follow_their_client_at_once(self, two_clients: TwoClients, admin: Browser) -> None:
        answer = self.post(admin, two_clients, two_clients.remote_nobody, client=two_clients.a.pk).content.decode()
        assert "Its campaigns follow" in answer
        assert "All mapped" in answer
        two_clients.campaign_nobody.refresh_from_db()
        assert two_clients.campaign_nobody.client == two_clients.a
        assert two_clients.campaign_nobody.name in page(two_clients.browser("manager"), "/campaigns/")

    def test_a_new_client_can_be_made_on_the_way(self, two_clients: TwoClients, admin: Browser) -> None:
        self.post(admin, two_clients, two_clients.remote_nobody, new_client="Nørgaard & Søn")
        client = Client.objects.get(name="Nørgaard & Søn")
        two_clients.campaign_nobody.refresh_from_db()
        assert two_clients.campaign_nobody.client == client
        assert client.slug

    def test_a_mapping_can_be_taken_back(self, two_clients: TwoClients, admin: Browser) -> None:
        self.post(admin, two_clients, two_clients.remote_b, client="")
        two_clients.campaign_b.refresh_from_db()
        assert two_clients.campaign_b.client is None
        assert two_clients.campaign_b.name not in page(two_clients.browser("other manager"), "/campaigns/")

    def test_a_name_that_is_taken_changes_nothing(self, two_clients: TwoClients, admin: Browser) -> None:
        answer = self.post(admin, two_clients, two_clients.remote_nobody, new_client="ALDER analytics")
        assert "choose it from the list" in answer.content.decode()
        two_clients.remote_nobody.refresh_from_db()
        assert two_clients.remote_nobody.client is None

    def test_a_remote_client_of_another_connection_is_not_found(self, two_clients: TwoClients, admin: Browser) -> None:
        address = f"/connections/{two_clients.own_a.pk}/clients/{two_clients.remote_nobody.pk}/"
        assert admin.post(address, {"client": two_clients.a.pk}).status_code == 404


class TestProgress:
    def test_a_running_sync_is_shown_step_by_step_and_asks_again_in_two_seconds(
        self, two_clients: TwoClients, admin: Browser
    ) -> None:
        run = SyncRun.objects.create(
            connection=two_clients.shared,
            started_at=timezone.now(),
            steps=["clients", "campaigns", "totals"],
            cursor={"done": ["clients"], "step": "campaigns", "units": ["list", "more"]},
            counts={"clients": {"seen": 3}},
            units_total=3,
            units_done=1,
            calls=2,
        )
        SyncState.objects.filter(connection=two_clients.shared).update(run=run)
        live = page(admin, f"/connections/{two_clients.shared.pk}/?clients=3", headers=HTMX)
        assert "<html" not in live
        assert 'data-poll="2"' in live
        assert 'max="3" value="1"' in live
        assert "2 left" in live
        assert live.index("Done") < live.index("In work") < live.index("Waiting")
        assert 'id="mapping"' not in live
        assert 'id="mapping"' in page(admin, f"/connections/{two_clients.shared.pk}/?clients=0", headers=HTMX)

    def test_a_sync_that_nobody_begins_says_so_after_a_while(self, two_clients: TwoClients, admin: Browser) -> None:
        long_ago = timezone.now() - timedelta(minutes=1)
        SyncState.objects.filter(connection=two_clients.own_a).update(requested_at=long_ago)
        assert "No worker has begun it" in page(admin, f"/connections/{two_clients.own_a.pk}/")


class TestNumbers:
    def test_the_pages_make_as_many_queries_as_recorded(
        self, two_clients: TwoClients, admin: Browser, django_assert_max_num_queries: Any
    ) -> None:
        manager = two_clients.browser("manager")
        Connection.objects.filter(pk=two_clients.shared.pk).update(health=Connection.Health.REFUSED)
        for who, browser in (("admin", admin), ("manager", manager)):
            for name, address in (
                ("connections", "/connections/"),
                ("connection", f"/connections/{two_clients.shared.pk}/"),
            ):
                with django_assert_max_num_queries(10), recorded_queries(f"{name}, {who}"):
                    page(browser, address)

    def test_more_connections_make_no_more_queries(
        self, two_clients: TwoClients, admin: Browser, django_assert_num_queries: Any, door: Door
    ) -> None:
        with django_assert_num_queries(5) as few:
            page(admin, "/connections/")
        for number in range(12):
            other = Connection.objects.create(name=f"Key {number}", client=two_clients.a, base_url=door.base_url)
            SyncCoverage.objects.create(connection=other, step="campaigns")
        with django_assert_num_queries(len(few)):
            page(admin, "/connections/")


def test_an_empty_agency_is_told_what_to_do(two_clients: TwoClients, admin: Browser) -> None:
    for model in (SyncRun, Campaign, RemoteClient, Connection):
        model.objects.all().delete()
    assert "No keys yet" in page(admin, "/connections/")
    assert "No keys of your clients" in page(two_clients.browser("manager"), "/connections/")
    assert "No keys yet" in page(admin, "/activity/")
    assert "No calls yet" in page(admin, "/activity/calls/")
