"""Activity: what the cards, the runs and the call log say, and that their numbers are right."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from accounts.models import Connection
from operations.activity import trouble_in_words
from operations.keys import KeyCard, key_cards, traffic_of
from operations.lanes import PROFILES, lane_for
from operations.models import ApiCall, SyncRun
from tests.fixtures_people import TwoClients
from tests.support.query_counts import recorded_queries

HTMX = {"HX-Request": "true"}


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def admin(two_clients: TwoClients) -> Browser:
    ApiCall.objects.all().delete()
    return two_clients.browser("admin")


def page(browser: Browser, address: str, **headers: Any) -> str:
    response = browser.get(address, **headers)
    assert response.status_code == 200, address
    return response.content.decode()


def call(connection: Connection, at: datetime, status: int | None = 200, took_ms: int = 100, **fields: Any) -> ApiCall:
    return ApiCall.objects.create(
        connection=connection, at=at, method="GET", path="/campaigns/", status=status, took_ms=took_ms, **fields
    )


def card_of(world: TwoClients, connection: Connection, now: datetime) -> KeyCard:
    return next(card for card in key_cards(world.people["admin"], now) if card.key.id == connection.pk)


class TestCards:
    def test_calls_errors_and_times_are_those_of_the_last_minute_and_hour(
        self, two_clients: TwoClients, admin: Browser, now: datetime
    ) -> None:
        key = two_clients.own_a
        for seconds, status, took_ms in (
            (1, 200, 120), (5, 200, 240), (50, 429, 61), (70, 200, 90), (600, 500, 3000), (1200, None, 30_000), (3700, 500, 9),
        ):  # fmt: skip
            call(key, now - timedelta(seconds=seconds), status, took_ms, failure="" if status else "timeout")
        call(two_clients.own_b, now, 500)
        traffic = traffic_of([key.pk], now)[key.pk]
        assert (traffic.minute, traffic.calls, traffic.limited, traffic.errors) == (3, 6, 1, 2)
        assert traffic.errors_percent == pytest.approx(33.3, abs=0.1)
        assert traffic.p95 == 240
        card = card_of(two_clients, key, now)
        assert card.per_minute == 300
        assert card.dash == "1.0"
        assert card.slowed.startswith("Slowed since")
        assert card.dot == "warn"

    @pytest.mark.parametrize("number", [1, 19, 20, 200])
    def test_95_percent_of_the_good_answers_came_within_p95(
        self, number: int, two_clients: TwoClients, admin: Browser, now: datetime
    ) -> None:
        ApiCall.objects.bulk_create(
            ApiCall(connection=two_clients.own_a, at=now, method="GET", path="/", status=200, took_ms=n + 1)
            for n in range(number)
        )
        p95 = traffic_of([two_clients.own_a.pk], now)[two_clients.own_a.pk].p95
        assert p95 is not None
        exact = sorted(range(1, number + 1))[-(-95 * number // 100) - 1]
        assert abs(p95 - exact) <= (0 if exact < 100 else 10)

    def test_a_key_without_calls_shows_dashes(self, two_clients: TwoClients, admin: Browser, now: datetime) -> None:
        card = card_of(two_clients, two_clients.own_a, now)
        assert card.traffic.errors_percent is None
        assert card.traffic.p95 is None
        assert card.dash == "0.0"

    @pytest.mark.parametrize("plan", sorted(name for name in PROFILES if name.startswith("smartlead")))
    def test_the_gauge_goes_up_to_what_the_plan_allows_in_a_minute(
        self, plan: str, two_clients: TwoClients, admin: Browser, now: datetime
    ) -> None:
        Connection.objects.filter(pk=two_clients.own_a.pk).update(plan=plan)
        most = {"smartlead-minute": 60, "smartlead-standard": 60, "smartlead-pro": 120}.get(plan, 300)
        assert card_of(two_clients, two_clients.own_a, now).per_minute == most

    def test_a_lane_that_pauses_says_when_it_goes_on(
        self, two_clients: TwoClients, admin: Browser, now: datetime, redis_server: str
    ) -> None:
        key = card_of(two_clients, two_clients.own_a, now).key
        lane_for(redis_server, key.lane, key.rules).pause(30, "429")
        assert "Slowed by the rate limit, goes on in" in page(admin, "/activity/")

    def test_a_refused_key_comes_first_with_the_way_to_replace_it(
        self, two_clients: TwoClients, admin: Browser
    ) -> None:
        Connection.objects.filter(pk=two_clients.own_b.pk).update(health=Connection.Health.REFUSED)
        shown = page(admin, "/activity/?part=keys", headers=HTMX)
        assert shown.index(two_clients.own_b.name) < shown.index(two_clients.shared.name)
        assert "Refused since" in shown
        assert f"/connections/{two_clients.own_b.pk}/key/" in shown
        manager = page(two_clients.browser("other manager"), "/activity/")
        assert "Refused since" in manager
        assert "Replace key" not in manager
        assert "1 of 3 API keys is failing" in page(admin, "/activity/")

    def test_the_page_shows_without_redis_too(self, two_clients: TwoClients, admin: Browser, settings: Any) -> None:
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
        assert two_clients.own_a.name in page(admin, "/activity/")


class TestRuns:
    def test_a_running_sync_asks_for_its_own_row_again(self, two_clients: TwoClients, admin: Browser) -> None:
        run = SyncRun.objects.create(
            connection=two_clients.own_a, steps=["campaigns"], units_total=9, units_done=6, calls=7
        )
        row = page(admin, f"/activity/runs/{run.pk}/?part=row", headers=HTMX)
        assert row.strip().startswith(f'<tr id="run-{run.pk}" data-poll="2"')
        assert "6 of 9" in row
        SyncRun.objects.filter(pk=run.pk).update(outcome=SyncRun.Outcome.DONE, finished_at=timezone.now())
        assert "data-poll" not in page(admin, f"/activity/runs/{run.pk}/?part=row", headers=HTMX)

    def test_only_the_newest_failed_sync_of_a_key_can_be_retried_and_only_by_an_admin(
        self, two_clients: TwoClients, admin: Browser
    ) -> None:
        SyncRun.objects.update(outcome=SyncRun.Outcome.FAILED)
        SyncRun.objects.create(
            connection=two_clients.own_a, outcome=SyncRun.Outcome.DONE, started_at=timezone.now() + timedelta(minutes=1)
        )
        shown = page(admin, "/activity/")
        assert f'action="/connections/{two_clients.own_b.pk}/sync/"' in shown
        assert f'action="/connections/{two_clients.own_a.pk}/sync/"' not in shown
        assert "/sync/" not in page(two_clients.browser("other manager"), "/activity/")

    def test_new_syncs_are_counted_instead_of_moving_the_rows(self, two_clients: TwoClients, admin: Browser) -> None:
        newest = SyncRun.objects.latest("pk").pk
        assert page(admin, f"/activity/?part=news&newest={newest}", headers=HTMX).strip() == ""
        SyncRun.objects.create(connection=two_clients.own_a)
        SyncRun.objects.create(connection=two_clients.own_b)
        assert "2 new syncs, show" in page(admin, f"/activity/?part=news&newest={newest}", headers=HTMX)
        manager = two_clients.browser("manager")
        assert "1 new sync, show" in page(manager, f"/activity/?part=news&newest={newest}", headers=HTMX)

    def test_the_page_of_a_sync_says_what_went_wrong_and_what_was_kept(
        self, two_clients: TwoClients, admin: Browser
    ) -> None:
        call(two_clients.own_a, timezone.now(), 503, run=two_clients.run_a, note="ProviderUnavailable: it fails")
        shown = page(admin, f"/activity/runs/{two_clients.run_a.pk}/")
        assert "Not reachable: of alder" in shown
        assert "is kept, with its age" in shown
        assert "Not reachable: it fails" in shown
        assert "ProviderUnavailable" not in shown
        assert trouble_in_words(SyncRun()) == ""


class TestCallLog:
    @pytest.fixture(autouse=True)
    def calls(self, two_clients: TwoClients, admin: Browser, now: datetime) -> None:
        for number, (connection, status) in enumerate(
            [(two_clients.own_a, 200), (two_clients.own_a, 404), (two_clients.own_b, 429), (two_clients.shared, None)]
        ):
            ApiCall.objects.create(
                connection=connection, at=now, method="GET", path=f"/call-{number}/", status=status,
                failure="" if status else "timeout", took_ms=1204,
            )  # fmt: skip

    def shown(self, browser: Browser, query: str) -> set[int]:
        text = page(browser, f"/activity/calls/{query}")
        return {number for number in range(4) if f"/call-{number}/" in text}

    @pytest.mark.parametrize(
        ("query", "numbers"),
        [
            ("", {0, 1, 2, 3}),
            ("?status=errors", {1, 2, 3}),
            ("?status=429", {2}),
            ("?status=nonsense", set()),
            ("?key=nonsense", set()),
            ("?key=99999999999999999999", set()),
            ("?key={a}", {0, 1}),
            ("?key={a}&status=errors", {1}),
            ("?page=99&status=429", {2}),
            ("?live=1", {0, 1, 2, 3}),
        ],
    )
    def test_it_is_narrowed_by_key_and_status(
        self, query: str, numbers: set[int], two_clients: TwoClients, admin: Browser
    ) -> None:
        assert self.shown(admin, query.format(a=two_clients.own_a.pk)) == numbers

    def test_a_manager_reads_the_calls_of_own_keys_only(self, two_clients: TwoClients) -> None:
        assert self.shown(two_clients.browser("manager"), "") == {0, 1}
        assert self.shown(two_clients.browser("other manager"), "") == {2}
        assert self.shown(two_clients.browser("without clients"), "") == set()

    def test_it_is_live_when_somebody_wants_it(self, admin: Browser) -> None:
        assert 'id="calls" data-poll="2"' in page(admin, "/activity/calls/?live=1")
        assert 'id="calls" data-poll' not in page(admin, "/activity/calls/")
        part = page(admin, "/activity/?live=1&part=calls", headers=HTMX)
        assert "<html" not in part
        assert "/call-3/" in part

    def test_an_answer_that_never_came_is_named(self, admin: Browser) -> None:
        shown = page(admin, "/activity/calls/?status=errors")
        assert "timeout" in shown
        assert "1,204 ms" in shown

    def test_it_is_paged(self, two_clients: TwoClients, admin: Browser, now: datetime) -> None:
        ApiCall.objects.bulk_create(
            ApiCall(
                connection=two_clients.own_a,
                at=now - timedelta(hours=1),
                method="GET",
                path=f"/old-{n:03}/",
                status=200,
            )
            for n in range(150)
        )
        assert "Page 1 of 2" in page(admin, "/activity/calls/")
        assert "/call-0/" not in page(admin, "/activity/calls/?page=2")


def test_an_unknown_part_is_not_found(two_clients: TwoClients, admin: Browser) -> None:
    assert admin.get("/activity/?part=nonsense", headers=HTMX).status_code == 404


def test_the_pages_make_as_many_queries_as_recorded(
    two_clients: TwoClients, django_assert_max_num_queries: Any
) -> None:
    Connection.objects.filter(pk=two_clients.shared.pk).update(health=Connection.Health.REFUSED)
    for who in ("admin", "manager"):
        browser = two_clients.browser(who)
        for name, address in (
            ("activity", "/activity/"),
            ("call log", "/activity/calls/"),
            ("sync run", f"/activity/runs/{two_clients.run_a.pk}/"),
        ):
            with django_assert_max_num_queries(10), recorded_queries(f"{name}, {who}"):
                page(browser, address)
