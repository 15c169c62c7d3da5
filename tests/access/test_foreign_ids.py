"""People of client A walk pages and forms with the numbers of client B: in addresses, query strings and fields.

Whatever they send, no page tells a word of B (its names hold canaries), no row of B changes, and nobody is called with B's key.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db.models import ForeignKey, Model, Q
from django.test import Client as Browser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Client, Connection, Mailbox, RemoteClient, User
from campaigns.models import Campaign
from operations.models import AuditEntry, SyncRun, Write
from tests.access.matrix import ROUTES
from tests.access.routes import address_of
from tests.access.test_matrix import changes, rolled_back
from tests.fixtures_people import CANARY_B, CANARY_NOBODY, LOOKING, Door, TwoClients

PEOPLE = ("manager", "analyst", "client login", LOOKING)
ROOMS = ("accounts:", "analytics:", "campaigns:", "leads:", "operations:", "portal:")
OURS = sorted(name for name in ROUTES if name.startswith(ROOMS))
TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
# Whatever a form of ours asks for, asked of every address.
FIELDS = sorted(
    {name for path in TEMPLATES.rglob("*.html") for name in re.findall(r'\bname="(\w+)"', path.read_text())}
    | {"client", "clients", "campaign", "connection", "key", "mailbox", "owner", "place", "q", "remote", "user_pk"}
)
WORDS = ("Birch", "Unmapped", "canary", "all", "yes", "none", "agency", "birch", "1")


@dataclass
class World:
    """The two clients, where A's keys may change things; `foreign` are numbers and words that mean something of B."""

    two: TwoClients
    door: Door
    foreign: list[str] = field(default_factory=list)
    of_b: dict[type[Model], set[int]] = field(default_factory=dict)
    rows: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        two = self.two
        # What is typed comes back on some pages: what is sent holds no canary, so that a canary is always a leak.
        Client.objects.filter(pk=two.b.pk).update(slug="birch")
        Connection.objects.update(may_write=True)
        people = [two.people[kind].pk for kind in ("other manager", "other analyst", "other client login")]
        self.of_b = {
            Client: {two.b.pk},
            Connection: {two.own_b.pk},
            RemoteClient: {two.remote_b.pk, two.remote_nobody.pk},
            Campaign: {two.campaign_b.pk, two.campaign_nobody.pk},
            Mailbox: set(Mailbox.objects.filter(client=two.b).values_list("pk", flat=True)),
            SyncRun: {two.run_b.pk},
            Write: {two.write_b.pk},
            AuditEntry: {two.entry_b.pk},
            User: set(people),
        }
        numbers = {str(pk) for keys in self.of_b.values() for pk in keys} | {
            str(two.job_both.pk),
            str(two.run_shared.pk),
        }
        places = {f"{key.pk}:{number}" for key in (two.shared, two.own_b) for number in (502, 503, "")}
        self.foreign = [*sorted(numbers), *sorted(places), "502", "503", *WORDS]
        self.rows = self.rows_of_b()

    def rows_of_b(self) -> dict[str, Any]:
        """Every row that is B's or nobody's, or hangs on one that is."""
        found: dict[str, Any] = {}
        for model in apps.get_models():
            mine = Q(pk__in=self.of_b.get(model, ()))
            for one in model._meta.fields:
                if isinstance(one, ForeignKey) and one.related_model in self.of_b:
                    mine |= Q(**{f"{one.name}__in": self.of_b[one.related_model]})
            found[model._meta.label] = list(model._base_manager.filter(mine).order_by("pk").values())
        return found

    def sends(self, browser: Browser, method: str, address: str, data: dict[str, Any], *, htmx: bool = False) -> str:
        """What they see of it; fails if it tells of B, changes B, or calls the provider."""
        knocks, headers = self.door.knocks, {"HX-Request": "true"} if htmx else {}
        with changes() as changed:
            response = (browser.get if method == "GET" else browser.post)(address, data, headers=headers)
        shown = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
        told = f"{shown.decode(errors='replace')} {response.headers}"
        asked = f"{method} {address} {data}"
        assert response.status_code < 500, asked
        assert CANARY_B not in told, asked
        assert CANARY_NOBODY not in told, asked
        assert self.door.knocks == knocks, asked
        if changed:
            assert self.rows_of_b() == self.rows, asked
        return told


@pytest.fixture
def world(two_clients: TwoClients, door: Door) -> World:
    return World(two_clients, door)


def within(world: World, kind: str, walk: Callable[[Browser], None]) -> None:
    with rolled_back():
        walk(world.two.browser(kind))


several = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)


@several
@given(
    kind=st.sampled_from(PEOPLE),
    route=st.sampled_from(OURS),
    method=st.sampled_from(["GET", "POST"]),
    htmx=st.booleans(),
    draw=st.data(),
)
def test_numbers_of_another_client_open_nothing(
    world: World, kind: str, route: str, method: str, htmx: bool, draw: st.DataObject
) -> None:
    row, foreign = ROUTES[route], st.sampled_from(world.foreign)

    def walk(browser: Browser) -> None:
        args = [draw.draw(one_like(arg, world)) for arg in row.args(world.two)]
        names = draw.draw(st.lists(st.sampled_from(FIELDS), max_size=4, unique=True))
        data = dict(row.data(world.two)) if method == "POST" and draw.draw(st.booleans()) else {}
        held = draw.draw(st.sets(st.sampled_from(sorted(data)))) if data else set()
        for name in {*names, *held}:
            data[name] = draw.draw(st.lists(foreign, min_size=1, max_size=2))
        world.sends(browser, method, address_of(route, args), data, htmx=htmx)

    within(world, kind, walk)


def one_like(arg: Any, world: World) -> st.SearchStrategy[Any]:
    """For a number one of B's, now and then the one of A; for A's part of an address that of B."""
    if isinstance(arg, int):
        numbers = sorted({int(one) for one in world.foreign if one.isdecimal()})
        return st.sampled_from(numbers) | st.just(arg)
    return st.sampled_from(["birch", arg]) if arg == world.two.a.slug else st.just(arg)


@several
@given(kind=st.sampled_from(PEOPLE), draw=st.data())
def test_forms_of_own_pages_take_nothing_of_another_client(world: World, kind: str, draw: st.DataObject) -> None:
    pages = [name for name in OURS if ROUTES[name].get.manager == 200 or ROUTES[name].get.client_login == 200]
    route = draw.draw(st.sampled_from(pages))

    def walk(browser: Browser) -> None:
        address = address_of(route, ROUTES[route].args(world.two))
        forms = forms_on(world.sends(browser, "GET", address, {}))
        if not forms:
            return
        form = draw.draw(st.sampled_from(forms))
        data = {name: list(values) for name, values in form.fields.items()}
        for name in draw.draw(st.sets(st.sampled_from(sorted(data)), max_size=3)) if data else ():
            data[name] = draw.draw(st.lists(st.sampled_from(world.foreign), min_size=1, max_size=2))
        world.sends(browser, form.method, form.action or address, data)

    within(world, kind, walk)


@dataclass
class Form:
    method: str
    action: str
    fields: dict[str, list[str]] = field(default_factory=dict)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(given.get("method", "get").upper(), given.get("action", "").partition("#")[0]))
        elif not self.found:
            return
        elif tag == "select":
            self._select = given.get("name", "")
        elif tag == "option" and self._select:
            self._takes(self._select, given.get("value", ""), chosen="selected" in given)
        elif tag in {"input", "button", "textarea"} and given.get("name"):
            ticked = given.get("type") not in {"checkbox", "radio"} or "checked" in given
            self._takes(given["name"], given.get("value", ""), chosen=ticked)

    def _takes(self, name: str, value: str, *, chosen: bool) -> None:
        held = self.found[-1].fields.setdefault(name, [])
        if chosen:
            held[:] = [value]

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""


def forms_on(page: str) -> list[Form]:
    """The forms of a page, but for the way out; each with what it would send as it stands."""
    parser = _Forms()
    parser.feed(page)
    return [
        form
        for form in parser.found
        if form.action.startswith("/") is bool(form.action) and "logout" not in form.action
    ]


def test_the_walk_notices_a_leak_and_a_change(world: World) -> None:
    admin = world.two.browser("admin")
    with pytest.raises(AssertionError):
        world.sends(admin, "GET", "/campaigns/", {})
    with pytest.raises(AssertionError):
        world.sends(admin, "POST", f"/people/{world.two.people['other analyst'].pk}/deactivate/", {})
    page = world.two.browser("manager").get(f"/campaigns/{world.two.campaign_a.pk}/rename/").content.decode()
    assert any("name" in form.fields for form in forms_on(page))
