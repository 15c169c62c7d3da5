"""How a key does, what was found out about it, and where our copy differs from the provider."""

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from accounts.learned import forget, learned_facts
from accounts.models import Connection
from operations.audit import Actor
from operations.keys import KeyCard, key_cards
from operations.lanes import LaneState, lane_for
from operations.models import AuditEntry, Comparison, SyncCoverage
from providers.limiting import Priority
from tests.fixtures_people import CANARY_NOBODY, TwoClients

HTMX = {"HX-Request": "true"}


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def admin(two_clients: TwoClients) -> Browser:
    return two_clients.browser("admin")


def page(browser: Browser, address: str, **headers: Any) -> str:
    response = browser.get(address, **headers)
    assert response.status_code == 200, address
    return response.content.decode()


def card_of(world: TwoClients, connection: Connection, now: datetime) -> KeyCard:
    return next(card for card in key_cards(world.people["admin"], now) if card.key.id == connection.pk)


class TestHealth:
    def test_a_card_leads_to_a_page_with_every_limit(self, two_clients: TwoClients, admin: Browser) -> None:
        key = two_clients.own_a
        Connection.objects.filter(pk=key.pk).update(plan="smartlead-guide-pro")
        assert f'href="/activity/keys/{key.pk}/"' in page(admin, "/activity/")
        shown = page(admin, f"/activity/keys/{key.pk}/")
        for limit in ("10 per 2 s", "30 per minute", "campaign_write calls", "Smartlead Pro by category"):
            assert limit in shown
        assert "<html" not in page(admin, f"/activity/keys/{key.pk}/", headers=HTMX)

    def test_of_very_many_keys_those_in_trouble_are_shown_and_all_on_demand(
        self, two_clients: TwoClients, admin: Browser, now: datetime
    ) -> None:
        Connection.objects.bulk_create(
            Connection(provider="smartlead", name=f"Key {number:02}", base_url="https://example.test", key_set_at=now)
            for number in range(40)
        )
        Connection.objects.filter(name="Key 39").update(health=Connection.Health.REFUSED, health_since=now)
        cards = [
            len(re.findall(r'href="/activity/keys/\d+/"', page(admin, address)))
            for address in ("/activity/", "/activity/?keys=all")
        ]
        assert cards == [24, 43]
        assert "Show all keys" in page(admin, "/activity/")
        assert ">Key 39<" in page(admin, "/activity/?part=keys", headers=HTMX)
        assert "keys=all" in page(admin, "/activity/?part=keys&keys=all", headers=HTMX)

    def test_the_queue_is_told_by_priority(
        self, two_clients: TwoClients, admin: Browser, now: datetime, redis_server: str
    ) -> None:
        key = card_of(two_clients, two_clients.own_a, now).key
        lane = lane_for(redis_server, key.lane, key.rules)
        assert card_of(two_clients, two_clients.own_a, now).queue == "Nobody"
        lane.pause(30, "429")
        card = card_of(two_clients, two_clients.own_a, now)
        assert card.lane is not None
        assert [word for word, _ in card.queues] == ["people", "jobs", "background"]
        waiting = {Priority.PEOPLE: 2, Priority.BACKGROUND: 14, Priority.JOBS: 0}
        crowded = KeyCard(card.key, card.traffic, _with(card.lane, waiting), now)
        assert crowded.queue == "2 people, 14 background"

    def test_a_pause_is_shown_with_its_reason(
        self, two_clients: TwoClients, admin: Browser, now: datetime, redis_server: str
    ) -> None:
        key = card_of(two_clients, two_clients.own_a, now).key
        lane_for(redis_server, key.lane, key.rules).pause(30, "429")
        shown = page(admin, f"/activity/keys/{two_clients.own_a.pk}/")
        assert "No call leaves for another" in shown
        assert "too many calls" in shown
        assert "s left" in page(admin, "/activity/")

    def test_without_redis_the_pages_say_so(self, two_clients: TwoClients, admin: Browser, settings: Any) -> None:
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
        for address in ("/activity/", f"/activity/keys/{two_clients.own_a.pk}/"):
            assert "Redis can’t be reached." in page(admin, address)

    def test_with_redis_they_do_not(self, two_clients: TwoClients, admin: Browser, redis_server: str) -> None:
        assert "Redis" not in page(admin, "/activity/")

    def test_a_manager_sees_the_health_of_the_agency_key_and_neither_facts_nor_counts(
        self, two_clients: TwoClients, redis_server: str
    ) -> None:
        shown = page(two_clients.browser("manager"), f"/activity/keys/{two_clients.shared.pk}/")
        assert "Last success" in shown
        for secret in ("Found out on the way", "Waiting", "429s", "77,007", CANARY_NOBODY):
            assert secret not in shown

    def test_the_limit_that_was_learned_of_the_agency_key_is_for_admins(
        self, two_clients: TwoClients, admin: Browser
    ) -> None:
        learned = {"lane": {"windows": [{"calls": 47, "seconds": 60}]}}
        Connection.objects.filter(pk=two_clients.shared.pk).update(learned=learned)
        address = f"/activity/keys/{two_clients.shared.pk}/"
        assert "47 per minute" in page(admin, address)
        assert "47 per minute" not in page(two_clients.browser("manager"), address)
        assert "of 47 / min" in page(admin, "/activity/")
        assert "of 47 / min" not in page(two_clients.browser("manager"), "/activity/")


def _with(lane: LaneState, waiting: dict[Priority, int]) -> LaneState:
    return replace(lane, waiting=waiting)


class TestLearned:
    LEARNED = {
        "lane": {
            "windows": [{"calls": 30, "seconds": 60}],
            "second_user": {"at": "2026-11-20T07:00:00+00:00", "text": "Another program seems to use the same key."},
        },
        "provider": {"one_mailbox_per_call": True, "something_new": True, "overview": False},
        "sync": {"narrow_day_spans": True, "refused_periods": ["90d"], "refused_checks": ["mailboxes"]},
    }

    def test_every_fact_is_told_in_plain_words(self) -> None:
        facts = {fact.name: fact.text for fact in learned_facts(Connection(learned=self.LEARNED))}
        assert "30/min" in facts["lane.windows"]
        assert facts["lane.second_user"].startswith("Another program")
        assert "one mailbox at a time" in facts["provider.one_mailbox_per_call"]
        assert facts["provider.something_new"] == "Something new."
        assert "30 days" in facts["sync.narrow_day_spans"]
        assert "90d" in facts["sync.refused_periods"]
        assert "mailboxes" in facts["sync.refused_checks"]
        assert "provider.overview" not in facts

    def test_an_admin_makes_it_forget_one_and_that_is_written_down(
        self, two_clients: TwoClients, admin: Browser
    ) -> None:
        key = two_clients.own_a
        Connection.objects.filter(pk=key.pk).update(learned=self.LEARNED)
        assert page(admin, f"/activity/keys/{key.pk}/").count(f'action="/connections/{key.pk}/forget/"') == 7
        answer = admin.post(
            f"/connections/{key.pk}/forget/", {"fact": "lane.windows", "next": f"/activity/keys/{key.pk}/"}
        )
        assert answer["Location"] == f"/activity/keys/{key.pk}/"
        key.refresh_from_db()
        assert set(key.learned["lane"]) == {"second_user"}
        assert key.learned["sync"] == self.LEARNED["sync"]
        entry = AuditEntry.objects.get(action="forget")
        assert entry.before == {"lane.windows": [{"calls": 30, "seconds": 60}]}
        assert forget(key.pk, "lane.windows", Actor()) is False
        assert forget(key.pk, "nonsense", Actor()) is False

    def test_a_manager_reads_the_facts_of_an_own_key_without_the_button(self, two_clients: TwoClients) -> None:
        Connection.objects.filter(pk=two_clients.own_a.pk).update(learned=self.LEARNED)
        shown = page(two_clients.browser("manager"), f"/activity/keys/{two_clients.own_a.pk}/")
        assert "30 days at most" in shown
        assert "/forget/" not in shown


class TestCoverage:
    def test_what_is_late_is_marked_unless_the_key_is_disabled(
        self, two_clients: TwoClients, admin: Browser, now: datetime
    ) -> None:
        SyncCoverage.objects.all().update(due_at=now + timedelta(hours=1))
        assert "overdue" not in page(admin, "/activity/coverage/").lower()
        SyncCoverage.objects.filter(connection=two_clients.own_a).update(due_at=now - timedelta(hours=1))
        shown = page(admin, "/activity/coverage/")
        assert "1 resource overdue." in shown
        assert "Overdue" in shown
        Connection.objects.filter(pk=two_clients.own_a.pk).update(disabled_at=now)
        assert "overdue" not in page(admin, "/activity/coverage/").lower()

    def test_many_connections_have_pages_and_those_to_look_at_come_first(
        self, two_clients: TwoClients, admin: Browser, now: datetime
    ) -> None:
        SyncCoverage.objects.all().update(due_at=now + timedelta(hours=1))
        Comparison.objects.all().delete()
        added = Connection.objects.bulk_create(
            Connection(provider="smartlead", name=f"Key {number:02}", base_url="https://example.test", key_set_at=now)
            for number in range(22)
        )
        SyncCoverage.objects.create(connection=added[-1], step="campaigns", due_at=now - timedelta(hours=1))
        first, last = page(admin, "/activity/coverage/"), page(admin, "/activity/coverage/?page=3")
        assert "Key 21" in first
        assert "Key 21" not in last
        for shown in (first, last):
            assert "1 resource overdue." in shown
        assert 'hx-get="/activity/coverage/?page=3"' in last

    def test_a_difference_is_told_as_unexplained_explained_or_not_yet_sure(
        self, two_clients: TwoClients, admin: Browser, now: datetime
    ) -> None:
        row = Comparison.objects.filter(connection=two_clients.own_a)
        row.update(confirmed=False)
        assert "being checked once more" in page(admin, "/activity/coverage/")
        row.update(confirmed=True, explained="The provider itself differs.")
        assert "The provider itself differs." in page(admin, "/activity/coverage/")
        assert "1 unexplained difference from the provider" in page(admin, "/activity/")
        row.update(explained="")
        assert "2 unexplained differences from the provider" in page(admin, "/activity/")
        assert "77,007 here, 77,008 there" in page(admin, "/activity/coverage/")
        Comparison.objects.update(since=None, confirmed=False)
        assert "0 unexplained differences" in page(admin, "/activity/")
        Comparison.objects.all().delete()
        assert "Not compared with the provider yet" in page(admin, "/activity/")

    def test_differences_of_the_agency_key_are_for_admins(self, two_clients: TwoClients, admin: Browser) -> None:
        assert CANARY_NOBODY in page(admin, "/activity/coverage/")
        shown = page(two_clients.browser("manager"), "/activity/coverage/")
        assert CANARY_NOBODY not in shown
        assert two_clients.shared.name in shown
        assert "0 unexplained differences" in page(two_clients.browser("manager"), "/activity/")
