"""Making a client and its API key at a provider.

A client's address is unique there, so that what is found under it after a lost answer is the one that was asked for. A key is told
once: where that answer is lost, the key that is found under its name gets a new value, which nobody can have used.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from accounts.models import Connection, RemoteClient
from accounts.services.remote_clients import CREATE, CREATE_KEY, client_of, keep_key, make_client_key, take_in
from operations import audit
from operations.models import Write
from operations.writes.kinds import WriteKind, write_kind
from providers.calls import Call
from providers.ports import Provider
from providers.records import Created, Difference, RemoteApiKey
from providers.records import RemoteClient as RemoteClientRecord

Listed = tuple[RemoteClientRecord, ...]
Keys = tuple[RemoteApiKey, ...]
CLIENT_GONE = Difference("client", "there", "deleted here")


@write_kind
class CreateClient(WriteKind[Listed]):
    """Payload: `name`, `email`, `with_key`, and once it is there `made_id`. Refuses an address that a client has already."""

    name = CREATE
    label = "Create a client"
    looks_first = True
    reads_refusals = True
    repeats_after_look = True

    def call(self, provider: Provider, write: Write) -> Call[Created]:
        return provider.create_client(write.payload["name"], write.payload["email"])

    def told(self, write: Write, answer: Created) -> Mapping[str, Any]:
        return {"made_id": answer.id}

    def read_back(self, provider: Provider, write: Write) -> Call[Listed]:
        return provider.clients()

    def conflict(self, write: Write, read: Listed) -> Sequence[Difference]:
        if client_of(write) is None:
            return [CLIENT_GONE]
        # Only before anything was sent: what is there after a lost answer is ours.
        taken = write.sends == 0 and self._found(write, read)
        return [Difference("address", "free", "taken")] if taken else []

    def already(self, write: Write, read: Listed) -> bool:
        return write.sends > 0 and self._found(write, read) is not None

    def compare(self, write: Write, read: Listed) -> Sequence[Difference]:
        found = self._found(write, read)
        if found is None:
            return [Difference("client", write.payload["name"], "not there")]
        if found.name.strip() != write.payload["name"]:
            return [Difference("name", write.payload["name"], found.name)]
        return []

    def store(self, write: Write, read: Listed) -> None:
        found = self._found(write, read)
        if found is not None and write.state == Write.State.DONE:
            take_in(write, found, write.settled_at or write.created_at)
            write.after = {"remote_id": found.id, "name": found.name, "email": found.email}

    def settled(self, write: Write) -> None:
        if write.state != Write.State.DONE or not write.payload["with_key"]:
            return
        made = RemoteClient.objects.filter(connection_id=write.connection_id, remote_id=write.after["remote_id"])
        remote = made.select_related("client").first()
        if remote is not None and remote.client == client_of(write):
            actor = audit.Actor(user=write.actor, origin=write.origin)
            make_client_key(remote, actor, write.settled_at or write.created_at)

    def _found(self, write: Write, read: Listed) -> RemoteClientRecord | None:
        made_id, email = write.payload.get("made_id"), write.payload["email"].casefold()
        return next((one for one in read if one.id == made_id or one.email.strip().casefold() == email), None)


@write_kind
class CreateClientKey(WriteKind[Keys]):
    """Payload: `remote_client_id`, `key_name`; then `key_id` of one whose answer was lost, and `connection_id` once it is kept."""

    name = CREATE_KEY
    label = "Create a client's key"
    looks_first = True
    repeats_after_look = True

    def call(self, provider: Provider, write: Write) -> Call[RemoteApiKey]:
        if key_id := write.payload.get("key_id"):
            return provider.reset_client_key(key_id)
        return provider.create_client_key(write.payload["remote_client_id"], write.payload["key_name"])

    def told(self, write: Write, answer: RemoteApiKey) -> Mapping[str, Any]:
        if answer.key:
            keep_key(write, answer.key, write.sent_at or write.created_at)
        return {}

    def read_back(self, provider: Provider, write: Write) -> Call[Keys]:
        return provider.client_keys(write.payload["remote_client_id"])

    def seen(self, write: Write, read: Keys) -> Mapping[str, Any]:
        found = self._found(write, read)
        return {"key_id": found.id} if found and not self._is_kept(write) else {}

    def conflict(self, write: Write, read: Keys) -> Sequence[Difference]:
        return [] if client_of(write) else [CLIENT_GONE]

    def already(self, write: Write, read: Keys) -> bool:
        return self._is_kept(write) and self._found(write, read) is not None

    def compare(self, write: Write, read: Keys) -> Sequence[Difference]:
        if self._found(write, read) is None:
            return [Difference("key", "there", "not there")]
        return [] if self._is_kept(write) else [Difference("key", "kept here", "its answer was lost")]

    def store(self, write: Write, read: Keys) -> None:
        kept = Connection.objects.filter(pk=write.payload.get("connection_id")).first()
        if kept is not None:
            write.after = {"key": f"…{kept.key_last4}", "connection": kept.name}

    def _found(self, write: Write, read: Keys) -> RemoteApiKey | None:
        return next((one for one in read if one.active and one.name == write.payload["key_name"]), None)

    def _is_kept(self, write: Write) -> bool:
        return bool(write.payload.get("connection_id"))
