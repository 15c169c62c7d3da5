"""The timeline of a campaign: what was changed by whom, newest first, with what is on its way on top."""

import pytest
from django.test import Client as Browser

from operations.models import AuditEntry, Write
from tests.fixtures_people import CANARY_B, TwoClients
from tests.support.query_counts import recorded_queries


def page(browser: Browser, address: str) -> str:
    response = browser.get(address)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def url(two_clients: TwoClients) -> str:
    AuditEntry.objects.all().delete()
    Write.objects.update(subject_id="0")
    return f"/campaigns/{two_clients.campaign_a.pk}/activity/"


def entry(world: TwoClients, action: str, **fields) -> AuditEntry:
    about = {"subject_type": "campaigns.Campaign", "subject_id": str(world.campaign_a.pk), "client": world.a}
    told = {"origin": "page", "actor_label": "Mona Manager", "subject_label": "Alder campaign"}
    return AuditEntry.objects.create(**({"action": action} | about | told | fields))


def test_people_the_system_and_the_provider_are_told_apart(two_clients, url):
    entry(two_clients, "campaign status: done", before={"status": "active"}, after={"status": "paused"})
    status = {"before": {"status": "paused"}, "after": {"status": "active"}}
    entry(two_clients, "campaign status: done", origin="system", actor_label="", **status)
    entry(
        two_clients,
        "campaign mailboxes: found",
        origin="provider",
        actor_label="Smartlead",
        after={"attached": ["a@x.test"]},
    )
    message = {"message": "Not on a Sunday."}
    entry(two_clients, "campaign status: failed", after=message, write=two_clients.write_a)
    Write.objects.update(state="failed")
    shown = page(two_clients.browser("manager"), url)
    for words in (
        "Mona Manager",
        "Automatically",
        "Changed in Smartlead",
        "Attached a@x.test",
        "Pause failed",
        *message.values(),
    ):
        assert words in shown
    assert shown.index("Pause failed") < shown.index("Attached a@x.test") < shown.index("Automatically")


def test_what_is_on_its_way_stands_on_top_and_is_asked_about_again(two_clients, url):
    Write.objects.update(subject_id=str(two_clients.campaign_a.pk))
    entry(two_clients, "campaign status: done", before={"status": "paused"}, after={"status": "active"})
    shown = page(two_clients.browser("manager"), url)
    assert shown.index("waiting") < shown.index(">Started<")
    assert 'id="timeline" aria-labelledby="timeline-head" data-poll="2"' in shown
    assert CANARY_B not in shown
    Write.objects.update(state="done")
    assert 'aria-labelledby="timeline-head" data-poll' not in page(two_clients.browser("manager"), url)


def test_what_happened_while_it_was_somebody_elses_stays_theirs(two_clients, url):
    entry(two_clients, "rename campaign: done", client=two_clients.b, after={"name": CANARY_B})
    entry(two_clients, "rename campaign: done", client=None, after={"name": CANARY_B})
    assert CANARY_B not in page(two_clients.browser("manager"), url)
    assert "Nothing has changed yet" in page(two_clients.browser("manager"), url)
    assert CANARY_B in page(two_clients.browser("admin"), url)


def test_it_is_paged_and_costs_as_many_queries_as_recorded(two_clients, url, django_assert_max_num_queries):
    for number in range(40):
        entry(two_clients, "rename campaign: done", after={"name": f"name {number}"}, write=two_clients.write_a)
    for who in ("admin", "manager"):
        browser = two_clients.browser(who)
        with django_assert_max_num_queries(12), recorded_queries(f"activity of a campaign, {who}"):
            shown = page(browser, url)
    assert "name 39" in shown
    assert "name 3<" not in shown
    assert "name 3<" in page(browser, f"{url}?page=2").replace("\n", "").replace(" <", "<").replace("</dd>", "<")
