"""Making a client at a provider, and an API key of its own there. Both are asked for as writes, which a worker carries out."""

from datetime import datetime

from django.db import transaction
from django.utils.crypto import get_random_string

from accounts.models import Client, Connection, RemoteClient
from accounts.services.connections import add_connection
from accounts.services.mapping import map_remote_client
from operations import audit
from operations.models import Write
from operations.writes import planning
from operations.writes.asking import ask_for_write
from providers.records import RemoteClient as RemoteClientRecord
from providers.secret import SecretText

CREATE, CREATE_KEY = "create client", "create client key"
MAKING = (CREATE, CREATE_KEY)
TOKEN_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"  # noqa: S105  letters that nobody mixes up


def make_remote_client(
    client: Client, connection: Connection, email: str, *, with_key: bool, actor: audit.Actor, now: datetime
) -> Write:
    """Ask for a client of this name and address at the provider, which is mapped to ours as soon as it is there; on demand its
    key follows. Asked for again while it is on its way, it is that one.
    """
    payload = {"name": client.name, "email": email, "with_key": with_key}
    return _ask(CREATE, client, connection.pk, payload, actor, now)


def make_client_key(remote: RemoteClient, actor: audit.Actor, now: datetime) -> Write:
    """Ask for an API key of a mapped client. It becomes a connection that is disabled, because the key that made it sees the
    same campaigns already.
    """
    if remote.client is None:
        raise ValueError("A client that is nobody’s gets no key.")
    # Nobody else has a key of this name: what is found under it is the one that was asked for here.
    key_name = f"Quarterdeck {get_random_string(8, TOKEN_SIGNS)}"
    payload = {"remote_client_id": remote.remote_id, "key_name": key_name}
    return _ask(CREATE_KEY, remote.client, remote.connection_id, payload, actor, now)


def _ask(
    kind: str, client: Client, connection_id: int, payload: dict[str, object], actor: audit.Actor, now: datetime
) -> Write:
    with transaction.atomic():
        subject = {"subject_type": Client._meta.label, "subject_id": str(client.pk)}
        under_way = Write.objects.unsettled().filter(kind=kind, **subject).first()
        if under_way is not None:
            return under_way
        write = ask_for_write(
            kind, client, connection_id=connection_id, client_id=client.pk, payload=payload, before={}, actor=actor, now=now
        )  # fmt: skip
        planning.announce(connection_id)
    return write


def client_of(write: Write) -> Client | None:
    """The client that it is made for; None if it was deleted meanwhile."""
    return Client.objects.filter(pk=int(write.subject_id)).first()


def take_in(write: Write, record: RemoteClientRecord, now: datetime) -> RemoteClient:
    """The client that was made, as a row that is mapped to the client it was made for. Somebody else's mapping stays."""
    remote, _ = RemoteClient.objects.update_or_create(
        connection_id=write.connection_id,
        remote_id=record.id,
        defaults={"name": record.name[:300], "synced_at": now, "gone_at": None},
    )
    client = client_of(write)
    if remote.client is None and client is not None:
        map_remote_client(remote, client, _actor(write))
    return remote


def keep_key(write: Write, key: SecretText, now: datetime) -> None:
    """Seal the key that was made into a connection of its client, in one transaction with the note of it in the write.

    Disabled: what the agency's key reads already must not be read and counted twice.
    """
    with transaction.atomic():
        agency = Connection.objects.get(pk=write.connection_id)
        client = client_of(write)
        if client is None:
            return
        made = add_connection(
            name=_free_name(client.name),
            provider=agency.provider,
            base_url=agency.base_url,
            key=key,
            client=client,
            actor=_actor(write),
            now=now,
            plan=agency.plan,
        )
        made.disabled_at = now
        made.save(update_fields=["disabled_at"])
        write.payload = {**write.payload, "connection_id": made.pk}
        Write.objects.filter(pk=write.pk).update(payload=write.payload)


def _actor(write: Write) -> audit.Actor:
    return audit.Actor(user=write.actor, origin=write.origin)


def _free_name(name: str) -> str:
    base = name[:110]
    taken = {one.casefold() for one in Connection.objects.filter(name__istartswith=base).values_list("name", flat=True)}
    tried = (base, *(f"{base} {number}" for number in range(2, 1000)))
    return next(one for one in tried if one.casefold() not in taken)
