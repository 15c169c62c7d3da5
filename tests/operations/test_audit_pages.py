"""The audit trail: who changed what, before and after, narrowed, paged and exported, for whom it concerns."""

import csv
import io
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client as Browser
from django.utils import timezone

from operations.audit_trail import AuditFilters, visible_entries
from operations.models import AuditEntry, Write
from tests.fixtures_people import CANARY_B, TwoClients
from tests.support.query_counts import recorded_queries


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def admin(two_clients: TwoClients) -> Browser:
    return two_clients.browser("admin")


def entry(action: str, **fields: Any) -> AuditEntry:
    told = {"origin": "page", "actor_label": "Adele Admin", "subject_type": "campaigns.Campaign", "subject_id": "1"}
    return AuditEntry.objects.create(**({"action": action, "subject_label": "Alder campaign"} | told | fields))


def page(browser: Browser, address: str, **headers: Any) -> str:
    response = browser.get(address, headers=headers)
    assert response.status_code == 200, address
    return response.content.decode()


def exported(browser: Browser, query: str = "") -> list[list[str]]:
    response: Any = browser.get(f"/activity/audit/export/{query}")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))


def test_changes_are_told_in_the_words_of_the_interface(two_clients: TwoClients, admin: Browser) -> None:
    entry("campaign status: done", before={"status": "active"}, after={"status": "paused"})
    before, after = {"schedule": {"days": [1, 2, 3, 4, 5]}}, {"schedule": {"days": [1, 2]}}
    entry("campaign details: found", origin="provider", actor_label="Smartlead", before=before, after=after)
    entry("allow writes", subject_type="accounts.Connection", before={"may_write": False}, after={"may_write": True})
    shown = page(admin, "/activity/audit/")
    for words in (
        "Paused",
        "Active → Paused",
        "Changed in Smartlead",
        "Mon–Fri → Mon, Tue",
        "Changes allowed",
        "no → yes",
    ):
        assert words in shown
    assert "{" not in shown.split("<tbody")[1].split("</tbody")[0]


def test_a_change_that_was_refused_says_what_was_wanted_and_why_it_is_not_so(
    two_clients: TwoClients, admin: Browser, now: datetime
) -> None:
    write = two_clients.write_a
    difference = {"field": "status", "written": "paused-as-wanted", "read": "active-still"}
    Write.objects.filter(pk=write.pk).update(state="failed", settled_at=now, sends=1, differences=[difference])
    failed = entry(
        "campaign status: failed", before={"status": "active"}, after={"message": "Not on a Sunday."}, write=write
    )
    for address in ("/activity/audit/", f"/activity/audit/{failed.pk}/"):
        shown = page(admin, address)
        for words in ("Pause failed", "Not on a Sunday."):
            assert words in shown
    for words in ("active-still", f"/activity/changes/{write.pk}/", "Wanted"):
        assert words in shown


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=special", {"special"}),
        ("?who=mona", {"by mona"}),
        ("?client=alder", {"of alder"}),
        ("?client=none", {"by mona", "special", "old", "a key"}),
        ("?origin=provider", {"of alder"}),
        ("?kind=Connections+and+keys", {"a key"}),
        ("?kind=Status", {"by mona", "special", "old", "of alder"}),
        ("?kind=Status&origin=page&q=spec&who=adele", {"special"}),
        ("?to=2020-01-02", {"old"}),
        ("?from=2020-01-01&to=2020-01-01", {"old"}),
        ("?from=2020-01-02&client=none&q=old", set()),
        ("?kind=nonsense", set()),
        ("?from=nonsense&q=old", {"old"}),
    ],
)
def test_it_is_narrowed_on_the_page_and_in_the_export_alike(
    two_clients: TwoClients, admin: Browser, query: str, found: set[str]
) -> None:
    AuditEntry.objects.all().delete()
    status = "campaign status: done"
    entry(status, subject_label="special")
    entry(status, subject_label="by mona", actor_label="Mona Manager")
    entry(status, subject_label="of alder", client=two_clients.a, origin="provider")
    entry("replace key", subject_label="a key")
    entry(status, subject_label="old", at=timezone.make_aware(datetime(2020, 1, 1, 12)))
    shown = page(admin, f"/activity/audit/{query}", **{"HX-Request": "true"})
    names = {"special", "by mona", "of alder", "a key", "old"}
    assert {name for name in names if f'dir="auto">{name}<' in shown} == found
    assert {line[6] for line in exported(admin, query)[1:]} == found


def test_a_manager_reads_and_exports_what_is_of_own_clients_only(two_clients: TwoClients) -> None:
    entry("replace key", subject_label="of nobody")
    manager = two_clients.browser("manager")
    shown = page(manager, "/activity/audit/")
    assert "Alder campaign" in shown
    for secret in (CANARY_B, "of nobody"):
        assert secret not in shown
        assert secret not in str(exported(manager))
        assert secret not in page(manager, f"/activity/audit/?client=birch-{CANARY_B}", **{"HX-Request": "true"})
    assert manager.get(f"/activity/audit/{two_clients.entry_b.pk}/").status_code == 404


@pytest.mark.parametrize("name", ["=1+2", "+1", "-1", "@SUM(A1)", "\t=1", "  =1"])
def test_a_spreadsheet_computes_nothing_from_the_export(two_clients: TwoClients, admin: Browser, name: str) -> None:
    entry("campaign status: done", subject_label=name)
    assert f"'{name}" in {line[6] for line in exported(admin)}


def test_the_export_is_written_while_it_is_sent_and_has_an_end(
    two_clients: TwoClients, admin: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        entry("replace key", subject_label=f"key {number}")
    monkeypatch.setattr("operations.audit_trail.MOST_EXPORTED", 3)
    lines = exported(admin)
    assert len(lines) == 1 + 3 + 1
    assert lines[-1][0].startswith("Only the newest 3 entries")


def test_the_pages_make_as_many_queries_as_recorded(
    two_clients: TwoClients, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        entry("campaign status: done", client=two_clients.a, write=two_clients.write_a, subject_label=f"No {number}")
    for who in ("admin", "manager"):
        browser = two_clients.browser(who)
        for name, address in (
            ("audit", "/activity/audit/"),
            ("audit entry", f"/activity/audit/{two_clients.entry_a.pk}/"),
        ):
            with django_assert_max_num_queries(10), recorded_queries(f"{name}, {who}"):
                page(browser, address)


@pytest.mark.skipif(database.vendor != "sqlite", reason="a planner with statistics prefers to scan a handful of rows")
@pytest.mark.parametrize(
    ("query", "index"),
    [
        ({}, "audit_newest"),
        ({"origin": "provider"}, "audit_by_origin"),
        ({"kind": "Status"}, "audit_by_action"),
        ({"from": "2026-01-01"}, "audit_newest"),
    ],
)
def test_an_index_finds_the_newest(two_clients: TwoClients, query: dict[str, str], index: str) -> None:
    found = visible_entries(two_clients.people["admin"], AuditFilters.from_query(query))[:50]
    assert index in found.explain()


def test_it_is_paged_and_a_tab_of_activity(two_clients: TwoClients, admin: Browser, now: datetime) -> None:
    for number in range(60):
        entry("replace key", subject_label=f"key {number}", at=now - timedelta(minutes=number))
    assert "/activity/audit/" in page(admin, "/activity/")
    assert "key 59" not in page(admin, "/activity/audit/")
    assert "key 59" in page(admin, "/activity/audit/?page=2")
