"""The list of changes: unsettled first, in the words of the interface, for whom they concern; and the switch that stops all."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from operations.changes import ChangeRow
from operations.models import AuditEntry, Installation, Write
from tests.fixtures_people import CANARY_B, TwoClients
from tests.support.query_counts import recorded_queries

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


def settled(write: Write, state: str, now: datetime, **fields: Any) -> None:
    Write.objects.filter(pk=write.pk).update(state=state, settled_at=now, **fields)


@pytest.mark.parametrize(
    ("state", "shape", "word"),
    [
        (Write.State.PENDING, "draft", "Waiting"),
        (Write.State.SENDING, "pending", "Being checked"),
        (Write.State.UNKNOWN, "pending", "Being checked"),
        (Write.State.DONE, "completed", "Done"),
        (Write.State.FAILED, "failed", "Failed"),
    ],
)
def test_each_state_has_its_shape_and_word(state: str, shape: str, word: str) -> None:
    row = ChangeRow(Write(state=state))
    assert (row.state, row.word) == (shape, word)


def test_what_is_not_settled_comes_first_and_alone_asks_for_itself_again(
    two_clients: TwoClients, admin: Browser, now: datetime
) -> None:
    for write in (two_clients.write_b, two_clients.making_a):
        settled(write, Write.State.DONE, now, created_at=now + timedelta(minutes=5))
    shown = page(admin, "/activity/changes/")
    assert shown.index("Alder campaign") < shown.index("Birch campaign")
    assert f'id="change-{two_clients.write_a.pk}" data-poll="2"' in shown
    assert f'id="change-{two_clients.write_b.pk}" data-poll' not in shown
    row = page(admin, f"/activity/changes/{two_clients.write_a.pk}/?part=row", headers=HTMX)
    assert row.strip().startswith("<tr id=")
    settled(two_clients.write_a, Write.State.FAILED, now, message="The provider refused it.")
    shown = page(admin, "/activity/changes/")
    assert 'hx-trigger="poll"' not in shown.split('<table class="qd-t">')[1]
    assert "The provider refused it." in shown


def test_before_wanted_after_and_differences_are_told(two_clients: TwoClients, admin: Browser, now: datetime) -> None:
    difference = {"field": "status", "written": "paused-as-wanted", "read": "active-still"}
    settled(two_clients.write_a, Write.State.FAILED, now, after={"status": "stopped"}, differences=[difference])
    for address in ("/activity/changes/", f"/activity/changes/{two_clients.write_a.pk}/"):
        shown = page(admin, address)
        for word in ("Pause failed", "Active", "Paused", "Stopped", "paused-as-wanted", "active-still"):
            assert word in shown
    assert ChangeRow(Write.objects.get(pk=two_clients.write_a.pk)).fields == [
        ("Status", ["Active", "Paused", "Stopped"])
    ]


def test_mailboxes_are_told_by_their_addresses(two_clients: TwoClients, admin: Browser, now: datetime) -> None:
    addresses = ["a@x.test", "b@x.test", "c@x.test"]
    wanted = {"remote_id": 1, "do": "attach", "mailbox_ids": [71, 72, 73], "addresses": addresses}
    Write.objects.filter(pk=two_clients.write_a.pk).update(
        kind="campaign mailboxes", payload=wanted, before={"senders": 2}, after={"attached": addresses, "senders": 5},
        state=Write.State.DONE, settled_at=now,
    )  # fmt: skip
    row = ChangeRow(Write.objects.get(pk=two_clients.write_a.pk))
    assert row.what == "Attached a@x.test and 2 more mailboxes"
    assert row.fields == [
        ("Mailboxes in all", ["2", "", "5"]),
        ("Mailboxes", ["", "a@x.test, b@x.test, c@x.test", ""]),
        ("Attached", ["", "", "a@x.test, b@x.test, c@x.test"]),
    ]
    shown = page(admin, f"/activity/changes/{two_clients.write_a.pk}/")
    assert "71" not in shown.split("<tbody")[1]


def test_it_is_narrowed_by_state(two_clients: TwoClients, admin: Browser, now: datetime) -> None:
    settled(two_clients.write_b, Write.State.DONE, now)
    for state, shown_a, shown_b in (("open", True, False), ("done", False, True), ("failed", False, False)):
        shown = page(admin, f"/activity/changes/?state={state}")
        assert (f"change-{two_clients.write_a.pk}" in shown, f"change-{two_clients.write_b.pk}" in shown) == (
            shown_a,
            shown_b,
        )
    assert "No change is in this state" in page(admin, "/activity/changes/?state=nonsense")


def test_a_manager_reads_the_changes_of_own_clients_only(two_clients: TwoClients) -> None:
    assert CANARY_B not in page(two_clients.browser("manager"), "/activity/changes/")
    assert two_clients.browser("manager").get(f"/activity/changes/{two_clients.write_b.pk}/").status_code == 404
    assert "No changes yet" in page(two_clients.browser("without clients"), "/activity/changes/")


class TestTheSwitch:
    def test_it_says_what_it_means_then_stops_all_changes_and_is_audited(
        self, two_clients: TwoClients, admin: Browser
    ) -> None:
        assert "Campaigns that are sending keep sending" in page(admin, "/activity/changes/stop/")
        assert not Installation.objects.exists()
        assert admin.post("/activity/changes/stop/", {"stop": "yes"}).status_code == 302
        for address in ("/activity/", "/activity/changes/", f"/connections/{two_clients.own_a.pk}/"):
            assert "All changes are stopped." in page(admin, address)
        assert AuditEntry.objects.get(action="stop all writes").actor == two_clients.people["admin"]
        manager = page(two_clients.browser("manager"), "/activity/")
        assert "All changes are stopped." in manager
        assert "Allow changes again" not in manager
        assert "Allow changes again?" in page(admin, "/activity/changes/stop/")
        admin.post("/activity/changes/stop/", {"stop": "no"})
        assert "All changes are stopped.</b>" not in page(admin, "/activity/")
        assert AuditEntry.objects.filter(action="allow writes again").exists()

    def test_only_admins_find_it(self, two_clients: TwoClients, admin: Browser) -> None:
        assert "/activity/changes/stop/" in page(admin, "/activity/")
        assert "/activity/changes/stop/" not in page(two_clients.browser("manager"), "/activity/")


def test_the_pages_make_as_many_queries_as_recorded(
    two_clients: TwoClients, django_assert_max_num_queries: Any
) -> None:
    type(two_clients.shared).objects.filter(pk=two_clients.shared.pk).update(health="refused")
    Installation.objects.create(pk=1, writes_stopped_at=timezone.now(), writes_stopped_by=two_clients.people["admin"])
    for who in ("admin", "manager"):
        browser = two_clients.browser(who)
        for name, address in (
            ("changes", "/activity/changes/"),
            ("change", f"/activity/changes/{two_clients.write_a.pk}/"),
            ("coverage", "/activity/coverage/"),
            ("key health", f"/activity/keys/{two_clients.own_a.pk}/"),
        ):
            with django_assert_max_num_queries(10), recorded_queries(f"{name}, {who}"):
                page(browser, address)
