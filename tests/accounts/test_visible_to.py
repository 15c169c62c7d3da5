"""Whatever memberships there are, nobody’s rows are seen by somebody of another client."""

from dataclasses import dataclass

import pytest
from django.apps import apps
from django.db import models, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Client, Connection, Membership, RemoteClient, User
from campaigns.models import Campaign
from operations.models import AuditEntry, Write
from operations.scoping import ClientScopedQuerySet
from tests.fixtures_people import TwoClients

NAMES = "abcdef"
SCOPED = [
    model
    for model in apps.get_models()
    if isinstance(model._default_manager.all(), ClientScopedQuerySet)
    and getattr(type(model._default_manager.all()), "visible_to", None) is ClientScopedQuerySet.visible_to
]


@dataclass(frozen=True)
class Drawn:
    """A person with a role, active or not, the clients that they are members of, and the clients that share a key."""

    role: User.Role
    active: bool
    of: frozenset[str]
    sharing: frozenset[str]


people = st.builds(
    Drawn,
    role=st.sampled_from(User.Role),
    active=st.booleans(),
    of=st.frozensets(st.sampled_from(NAMES)),
    sharing=st.frozensets(st.sampled_from(NAMES)),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(drawn=people)
def test_nobody_sees_rows_of_a_client_that_is_not_theirs(two_clients: TwoClients, drawn: Drawn) -> None:
    with transaction.atomic():
        person, clients = _world(two_clients, drawn)
        theirs = {clients[name].pk for name in drawn.of} if drawn.active else set()
        sees_all = drawn.active and drawn.role == User.Role.ADMIN
        for model in SCOPED:
            seen = model._default_manager.all().visible_to(person)  # type: ignore[attr-defined]
            owners = set(seen.values_list(seen.client_path, flat=True))
            everything = set(model._default_manager.values_list("pk", flat=True))
            if sees_all:
                assert set(seen.values_list("pk", flat=True)) == everything, model
            else:
                assert owners <= theirs, f"{model._meta.label}: {owners - theirs}"
        if not sees_all:
            _sees_exactly(person, theirs, {clients[name].pk for name in drawn.sharing})
        transaction.set_rollback(True)


def _world(two_clients: TwoClients, drawn: Drawn) -> tuple[User, dict[str, Client]]:
    """Six clients, each with a key and a campaign; some of them also share the agency key, where each has a campaign, too."""
    person = User.objects.create_user("drawn@agency.example", role=drawn.role, is_active=drawn.active)
    clients = {name: Client.objects.create(name=f"Client {name}", slug=f"client-{name}") for name in NAMES}
    now = two_clients.campaign_a.synced_at
    for number, (name, client) in enumerate(clients.items(), start=1000):
        own = Connection.objects.create(name=f"Key {name}", client=client, base_url=two_clients.own_a.base_url)
        Campaign.objects.create(connection=own, remote_id=number, client=client, name=name, synced_at=now)
        AuditEntry.objects.create(client=client, origin="page", action="x", subject_label=name)
        Write.objects.create(
            connection=own, client=client, kind="campaign status", subject_type="campaigns.Campaign", subject_id=number,
            created_at=now,
        )  # fmt: skip
        if name in drawn.sharing:
            shared = {"connection": two_clients.shared, "client": client, "name": name, "synced_at": now}
            RemoteClient.objects.create(remote_id=number, **shared)
            Campaign.objects.create(remote_id=number, **shared)
        if name in drawn.of:
            Membership.objects.create(user=person, client=client)
    return person, clients


def _sees_exactly(person: User, theirs: set[int], sharing: set[int]) -> None:
    """All of theirs and no row twice; a shared key only where a client of theirs is behind it."""
    campaigns: models.QuerySet[Campaign] = Campaign.objects.visible_to(person)
    assert sorted(campaigns.values_list("pk", flat=True)) == sorted(
        Campaign.objects.filter(client__in=theirs).values_list("pk", flat=True)
    )
    keys = list(Connection.objects.visible_to(person))
    assert len(keys) == len(set(keys))
    assert {key.client_id for key in keys if key.client_id} == theirs
    assert any(key.client_id is None for key in keys) == bool(theirs & sharing)


@pytest.mark.parametrize("switch", Membership.SWITCHES)
@pytest.mark.parametrize(
    ("kind", "on", "off"),
    [("client login", True, False), ("manager", True, True), ("analyst", None, None), ("deactivated", False, False)],
)
def test_a_switch_means_something_for_client_logins_alone(
    two_clients: TwoClients, switch: str, kind: str, on: bool | None, off: bool | None
) -> None:
    two_clients.browser("deactivated")
    person = User.objects.get(pk=two_clients.people[kind].pk)
    for state, wanted in ((True, on), (False, off)):
        Membership.objects.filter(user=person).update(**{switch: state})
        may = person.clients_where(switch).exists()  # type: ignore[arg-type]
        assert may is (wanted if wanted is not None else switch == "may_see_leads")
