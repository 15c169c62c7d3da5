"""The agency's clients."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.text import slugify

from accounts.models import Client, User
from accounts.services.people import access_of, change_access
from operations import audit

SLUG_LENGTH = 60


class NameTaken(ValueError):
    """There is a client of this name already. `str()` is fit for a form."""


def create_client(name: str, actor: audit.Actor, now: datetime, *, owner: User | None = None) -> Client:
    """A new client; its slug is made from the name. Raises NameTaken."""
    name = " ".join(name.split())
    with transaction.atomic():
        _require_free(name)
        client = Client.objects.create(name=name, slug=free_slug(name), owner=owner, created_at=now)
        after = {"name": name} | ({"owner": str(owner)} if owner else {})
        audit.record(actor, "add client", client, client_id=client.pk, after=after)
        _let_in(owner, client, actor, now)
    return client


def change_client(client: Client, *, name: str, owner: User | None, actor: audit.Actor, now: datetime) -> bool:
    """Another name or owner; False if both are as they were. Its addresses stay. Raises NameTaken."""
    name = " ".join(name.split())
    with transaction.atomic():
        before = Client.objects.select_for_update().get(pk=client.pk)
        if before.name == name and before.owner_id == (owner.pk if owner else None):
            return False
        _require_free(name, besides=client.pk)
        was = {"name": before.name, "owner": str(before.owner or "")}
        client.name, client.owner = name, owner
        client.save(update_fields=["name", "owner"])
        after = {"name": name, "owner": str(owner or "")}
        audit.record(actor, "change client", client, client_id=client.pk, before=was, after=after)
        _let_in(owner, client, actor, now)
    return True


def possible_owners() -> QuerySet[User]:
    """Who can run a client: those of the agency who may change things and can sign in."""
    return User.objects.filter(role__in=(User.Role.ADMIN, User.Role.MANAGER), is_active=True)


def _require_free(name: str, besides: int = 0) -> None:
    if Client.objects.filter(name__iexact=name).exclude(pk=besides).exists():
        raise NameTaken(f"There is a client named “{name}” already.")


def _let_in(owner: User | None, client: Client, actor: audit.Actor, now: datetime) -> None:
    """Whoever runs a client sees it."""
    if owner is None or owner.is_agency_admin:
        return
    had = access_of(owner)
    if client not in had.clients:
        change_access(owner, replace(had, clients=(*had.clients, client)), actor=actor, now=now)


def free_slug(name: str) -> str:
    """The name as it stands in addresses; a number is added where another client has the same."""
    base = slugify(name)[: SLUG_LENGTH - 4].strip("-") or "client"
    # "none" stands for "nobody's yet" in the address of the campaign list, "add" for the page that makes clients.
    taken = {"none", "add", *Client.objects.filter(slug__startswith=base).values_list("slug", flat=True)}
    return next(slug for slug in (base, *(f"{base}-{n}" for n in range(2, 1000))) if slug not in taken)


def what_keeps(client: Client) -> str:
    """Why the client can't be deleted and what to do about it; "" if nothing keeps it.

    Deleting it would make its campaigns and figures nobody's, with no way for its managers to see them again.
    """
    found = (
        (
            client.connections.count(),
            "connection{s} of their own",
            "disable their connections instead, which keep history",
        ),
        (client.remote_clients.count(), "client{s} at a provider", "on the connection’s page, say whose these are now"),
        (client.campaigns.count(), "campaign{s}", "campaigns go along with their client at the provider"),
    )
    here = [f"{count} {words.format(s='' if count == 1 else 's')}" for count, words, _ in found if count]
    if not here:
        return ""
    todo = "; ".join(remedy for count, _, remedy in found if count)
    return f"{client.name} can’t be deleted: {', '.join(here)} would be nobody’s. {todo[0].upper()}{todo[1:]}."
