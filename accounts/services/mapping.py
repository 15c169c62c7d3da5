"""Which client of ours a remote client stands for."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model, QuerySet

from accounts.models import Client, Connection, RemoteClient
from operations import audit
from operations.registry import client_rows
from providers.records import RemoteClient as RemoteClientRecord


def client_of(connection_id: int) -> Callable[[int | None], int | None]:
    """A function from remote client id to the id of our Client (None: unmapped), for the rows of one connection.

    Everything that a client's own key opens belongs to that client. Behind an agency-wide key the mapping decides, and
    where it is silent nobody but an admin sees the row.
    """
    owner = Connection.objects.values_list("client_id", flat=True).get(pk=connection_id)
    if owner is not None:
        return lambda remote_id: owner
    mapped = dict(
        RemoteClient.objects.filter(connection_id=connection_id, client__isnull=False).values_list(
            "remote_id", "client_id"
        )
    )
    return lambda remote_id: mapped.get(remote_id) if remote_id is not None else None


def agency_key_with(connection: Connection) -> Connection | None:
    """The agency-wide key, if any, behind which the client of this connection stands too, at the same provider."""
    shared = Connection.objects.enabled().filter(
        client=None, provider=connection.provider, base_url=connection.base_url
    )
    if connection.client_id is None:
        return None
    return shared.filter(remote_clients__client=connection.client_id, remote_clients__gone_at=None).first()


def reown(rows: QuerySet[Any], connection_id: int) -> int:
    """Give rows that name a remote client the client that it is mapped to now; returns how many changed."""
    owner_of = client_of(connection_id)
    rows = rows.filter(connection_id=connection_id)
    changed = 0
    pairs = rows.order_by().values_list("remote_client_id", "client_id").distinct()
    for remote_client_id, client_id in list(pairs):
        owner = owner_of(remote_client_id)
        if owner != client_id:
            changed += rows.filter(remote_client_id=remote_client_id, client_id=client_id).update(client_id=owner)
    return changed


def mirror_remote_clients(connection_id: int, remote: Sequence[RemoteClientRecord], now: datetime) -> dict[str, int]:
    """Make our list of the connection's remote clients equal to the provider's. The mapping is never touched or guessed."""
    known = set(RemoteClient.objects.filter(connection_id=connection_id).values_list("remote_id", flat=True))
    RemoteClient.objects.bulk_create(
        [
            RemoteClient(
                connection_id=connection_id, remote_id=client.id, name=client.name[:300], synced_at=now, gone_at=None
            )
            for client in remote
        ],
        update_conflicts=True,
        unique_fields=["connection", "remote_id"],
        update_fields=["name", "synced_at", "gone_at"],
    )
    present = {client.id for client in remote}
    gone = (
        RemoteClient.objects.filter(connection_id=connection_id, gone_at=None)
        .exclude(remote_id__in=present)
        .update(gone_at=now)
    )
    return {"seen": len(present), "new": len(present - known), "gone": gone}


def map_remote_client(remote_client: RemoteClient, client: Client | None, actor: audit.Actor) -> None:
    """Say whose the remote client is (None: nobody's), and give every row behind it to that client at once."""
    before = remote_client.client
    if before == client:
        return
    with transaction.atomic():
        remote_client.client = client
        remote_client.save(update_fields=["client"])
        for _, reown in client_rows:
            reown(remote_client.connection_id)
        tell_of_new_owner(actor, "map remote client", remote_client, before, client)


def tell_of_new_owner(
    actor: audit.Actor, action: str, subject: Model, before: Client | None, after: Client | None
) -> None:
    """Write into the audit trail that something went from one client (or nobody) to another.

    The people of a client never read whose it was before: the entry with both names is for admins alone, and the new client
    gets one of its own.
    """
    was, is_now = ({"client": one.name if one else None} for one in (before, after))
    first_owner = after.pk if after and not before else None
    audit.record(actor, action, subject, client_id=first_owner, before=was, after=is_now)
    if before and after:
        audit.record(actor, action, subject, client_id=after.pk, after=is_now)
