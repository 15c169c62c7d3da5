"""The agency's clients."""

from datetime import datetime

from django.db import transaction
from django.utils.text import slugify

from accounts.models import Client
from operations import audit

SLUG_LENGTH = 60


class NameTaken(ValueError):
    """There is a client of this name already. `str()` is fit for a form."""


def create_client(name: str, actor: audit.Actor, now: datetime) -> Client:
    """A new client; its slug is made from the name. Raises NameTaken."""
    name = " ".join(name.split())
    with transaction.atomic():
        if Client.objects.filter(name__iexact=name).exists():
            raise NameTaken(f"There is a client named “{name}” already.")
        client = Client.objects.create(name=name, slug=free_slug(name), created_at=now)
        audit.record(actor, "add client", client, client_id=client.pk, after={"name": name})
    return client


def free_slug(name: str) -> str:
    """The name as it stands in addresses; a number is added where another client has the same."""
    base = slugify(name)[: SLUG_LENGTH - 4].strip("-") or "client"
    # "none" stands for "nobody's yet" in the address of the campaign list.
    taken = {"none", *Client.objects.filter(slug__startswith=base).values_list("slug", flat=True)}
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
