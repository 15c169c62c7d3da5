"""Search over everything: what is found by which words, in which order, and never what is somebody else's."""

from typing import Any

import pytest
from django.test import Client as Browser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Client, Mailbox, User
from campaigns.models import Campaign, CampaignMailbox
from operations.models import AuditEntry
from operations.searching import Asked, Item, search
from tests.fixtures_people import CANARY_B, CANARY_NOBODY, TwoClients
from tests.support.query_counts import recorded_queries

BOX = {"HX-Request": "true"}
OF_THE_AGENCY = ("admin", "manager", "other manager", "analyst", "other analyst", "without clients")


def found_by(user: User, text: str, recent: list[str] | None = None) -> dict[str, list[Item]]:
    return {group.label: group.items for group in search(user, Asked.of(text), most=30, recent=recent or [])}


def titles(user: User, text: str) -> set[str]:
    return {item.title for items in found_by(user, text).values() for item in items}


@pytest.fixture
def admin(two_clients: TwoClients) -> User:
    return two_clients.people["admin"]


@pytest.mark.parametrize(
    ("text", "group", "title"),
    [
        ("alder anal", "Clients", "Alder Analytics"),
        ("ALDER CAMPAIGN OWN", "Campaigns", "Alder campaign of its own"),
        ("analytics campaign its", "Campaigns", "Alder campaign of its own"),
        ("2", "Campaigns", "Alder campaign of its own"),
        ("alder@sender", "Mailboxes", "alder@sender.example"),
        ("agency key", "Connections", "Agency key"),
        ("mona", "People", "Mona Manager"),
        ("anna@agency", "People", "Anna Analyst"),
        ("new key", "Pages and actions", "Add a connection"),
        ("stop all", "Pages and actions", "Stop all changes"),
        ("new camp", "Pages and actions", "New campaign"),
    ],
)
def test_every_kind_of_thing_is_found_by_any_of_its_words(admin: User, text: str, group: str, title: str) -> None:
    assert title in {item.title for item in found_by(admin, text)[group]}


@pytest.mark.parametrize(
    ("name", "typed"), [("Größe für Ärzte", "GRÖßE ärz"), ("Ümläut", "üMLÄUT"), ("100% _now_", "100% _NOW_")]
)
def test_letters_of_every_alphabet_are_found_in_any_case(two_clients: TwoClients, name: str, typed: str) -> None:
    Campaign.objects.filter(pk=two_clients.campaign_a.pk).update(name=name)
    assert titles(two_clients.people["manager"], typed) == {name}
    assert titles(two_clients.people["manager"], "1000 xnowx") == set()


def test_names_that_begin_so_come_first_and_running_campaigns_before_ended_ones(two_clients: TwoClients) -> None:
    base = {"connection": two_clients.own_a, "client": two_clients.a, "synced_at": two_clients.own_a.health_since}
    for number, (name, status) in enumerate(
        [("Autumn Zulu", "completed"), ("Zulu b", "completed"), ("Zulu c", "active"), ("Zulu a", "stopped")], start=50
    ):
        Campaign.objects.create(**base, remote_id=number, name=name, status=status)
    found = found_by(two_clients.people["manager"], "zulu")["Campaigns"]
    assert [item.title for item in found] == ["Zulu c", "Zulu a", "Zulu b", "Autumn Zulu"]


def test_nobody_is_offered_what_they_may_not_do(two_clients: TwoClients) -> None:
    everything = {kind: titles(two_clients.people[kind], "") for kind in OF_THE_AGENCY}
    assert {"Add a connection", "Invite a person", "Stop all changes", "New campaign"} <= everything["admin"]
    assert "New campaign" in everything["manager"]
    assert "New campaign" not in everything["analyst"]
    for kind in ("admin", "analyst"):
        browser, person = two_clients.browser(kind), two_clients.people[kind]
        found = [item for text in ("", "alder") for items in found_by(person, text).values() for item in items]
        for url in {item.url for item in found}:
            assert browser.get(url).status_code == 200, f"{kind} is sent to {url}"


def test_client_logins_have_no_search(two_clients: TwoClients) -> None:
    browser = two_clients.browser("client login")
    assert browser.get("/search/?q=alder").status_code == 404
    assert "/search/" not in browser.get("/portal/").content.decode()


SHARED_MAILBOX = f"shared-{CANARY_B}@sender.example"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_nobody_finds_what_is_not_theirs(two_clients: TwoClients, data: st.DataObject) -> None:
    """Whatever is typed, names and numbers of other people's things included, and whatever addresses are asked for."""
    world = two_clients
    mailbox, _ = Mailbox.objects.get_or_create(
        connection=world.shared, remote_id=77, address=SHARED_MAILBOX, client=world.b, synced_at=world.own_a.created_at
    )
    CampaignMailbox.objects.get_or_create(campaign=world.campaign_a, mailbox=mailbox)
    names = [
        *Campaign.objects.values_list("name", flat=True), *Client.objects.values_list("name", flat=True),
        *User.objects.values_list("name", "email").get(pk=world.people["other manager"].pk),
        *Mailbox.objects.values_list("address", flat=True), *map(str, Campaign.objects.values_list("pk", flat=True)),
        CANARY_B, CANARY_NOBODY, world.own_b.name, "Birch at provider", "503",
    ]  # fmt: skip
    name = data.draw(st.sampled_from(names))
    start = data.draw(st.integers(0, max(0, len(name) - 1)))
    part = name[start : data.draw(st.integers(start + 1, len(name)))]
    text = data.draw(st.sampled_from([part, part.upper(), part.swapcase(), f"%{part}", f"{part} a", "a", "%", "_"]))
    text = data.draw(st.sampled_from([text, text, data.draw(st.text(max_size=20))]))
    paths = [
        *(f"/campaigns/{pk}/" for pk in Campaign.objects.values_list("pk", flat=True)),
        *(f"/clients/{slug}/" for slug in Client.objects.values_list("slug", flat=True)),
        *(f"/connections/{one.pk}/" for one in (world.shared, world.own_a, world.own_b)),
        f"/campaigns/{10**30}/", "/campaigns/new/", "//evil.example/", "/search/",
    ]  # fmt: skip
    recent = data.draw(st.lists(st.sampled_from(paths), max_size=6))
    theirs = {SHARED_MAILBOX}  # theirs by the campaign that sends from it; whose it is otherwise stays untold
    for kind in ("manager", "analyst", "without clients"):
        found = found_by(world.people[kind], text, recent)
        assert "People" not in found
        for item in (item for items in found.values() for item in items):
            told = (item.title, item.note, item.url)
            assert item.title in theirs or not any(CANARY_B in part for part in told), f"{kind}: {text!r} finds {told}"
            assert not any(CANARY_NOBODY in part for part in told), f"{kind}: {text!r} finds {told}"
            assert CANARY_B not in f"{item.note} {item.url}"
    assert titles(world.people["without clients"], part).isdisjoint(names)


def test_a_mailbox_that_was_found_is_shown_in_the_list_of_its_client(two_clients: TwoClients) -> None:
    boxes = [
        Mailbox(
            connection=two_clients.own_a, remote_id=100 + number, address=f"box+{number}@alder.example",
            client=two_clients.a, synced_at=two_clients.own_a.created_at,
        )
        for number in range(120)
    ]  # fmt: skip
    Mailbox.objects.bulk_create(boxes)
    [item] = found_by(two_clients.people["manager"], "box+119@")["Mailboxes"]
    page = two_clients.browser("manager").get(item.url).content.decode()
    assert "box+119@alder.example</span>" in page
    assert "box+118@" not in page


def test_the_list_of_campaigns_folds_letters_alike(two_clients: TwoClients) -> None:
    Campaign.objects.filter(pk=two_clients.campaign_a.pk).update(name="Größe für Ärzte")
    assert "Größe für Ärzte" in two_clients.browser("manager").get("/campaigns/?q=ÄRZTE").content.decode()


def test_it_remembers_where_one_was_by_address_alone(two_clients: TwoClients) -> None:
    paths = ["/clients/alder/", f"/campaigns/{two_clients.campaign_a.pk}/", f"/connections/{two_clients.own_a.pk}/"]
    foreign = [f"/campaigns/{two_clients.campaign_b.pk}/", f"/clients/birch-{CANARY_B}/", "/nowhere/1/"]
    recent = " ".join([*foreign, *paths])
    shown = two_clients.browser("manager").get("/search/", {"part": "box", "recent": recent}, headers=BOX)
    page = shown.content.decode()
    assert "Recent" in page
    assert [path for path in paths if f'href="{path}"' in page] == paths
    assert CANARY_B not in page


def test_it_works_as_a_plain_page(two_clients: TwoClients) -> None:
    page = two_clients.browser("manager").get("/search/", {"q": '<b> "alder"'}).content.decode()
    assert "Nothing found" in page
    assert "&lt;b&gt; &quot;alder&quot;" in page
    page = two_clients.browser("manager").get("/search/", {"q": "alder campaign"}).content.decode()
    assert f'href="/campaigns/{two_clients.campaign_a.pk}/"' in page


@pytest.mark.parametrize("query", ["\x00", "%", "_", "\\", "'", "9" * 30, "a " * 60, "\ud7ff", "१२"])
def test_odd_words_find_little_and_break_nothing(two_clients: TwoClients, query: str) -> None:
    response = two_clients.browser("admin").get("/search/", {"q": query, "part": "box"}, headers=BOX)
    assert response.status_code == 200


def test_a_search_makes_as_many_queries_as_recorded(
    two_clients: TwoClients, django_assert_max_num_queries: Any
) -> None:
    AuditEntry.objects.all().delete()
    recent = f"/clients/alder/ /campaigns/{two_clients.campaign_a.pk}/ /connections/{two_clients.own_a.pk}/"
    for who in ("admin", "manager"):
        browser: Browser = two_clients.browser(who)
        for name, query, headers in (
            ("search", {"q": "alder"}, {}),
            ("search box", {"q": "alder a", "part": "box"}, BOX),
            ("search box opened", {"part": "box", "recent": recent}, BOX),
        ):
            with django_assert_max_num_queries(10), recorded_queries(f"{name}, {who}"):
                assert browser.get("/search/", query, headers=headers).status_code == 200
