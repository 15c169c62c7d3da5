"""Clients: the agency's sub-accounts, and the API keys of their own (smartlead-api 3.5)."""

import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator

from providers.calls import Answer, Call, get, write
from providers.records import Created, RemoteApiKey, RemoteClient
from providers.secret import SecretText
from providers.smartlead.parsing import (
    Id,
    Int,
    Shape,
    Text,
    Time,
    acknowledged,
    as_object,
    as_texts,
    each,
    id_in,
    list_in,
    maybe,
    needed,
    object_in,
    only,
    read,
)


def permissions(value: Any) -> tuple[str, ...]:
    return as_texts(value) or ()


class PermissionShape(Shape):
    permission: Annotated[tuple[str, ...], BeforeValidator(permissions)] = ()


class ClientShape(Shape):
    id: Id = needed("id", "clientId")
    name: Text = ""
    email: Text = ""
    created_at: Time = None
    # The misspelling is Smartlead's.
    permitted: Annotated[PermissionShape | None, BeforeValidator(as_object)] = maybe(
        "client_permision", "client_permission"
    )

    def record(self) -> RemoteClient:
        return RemoteClient(
            self.id, self.name, self.email, self.created_at, self.permitted.permission if self.permitted else ()
        )


def clients() -> Call[tuple[RemoteClient, ...]]:
    """Every client of the agency (3.5). A client's own key may get Forbidden, or see itself alone."""

    def parse(answer: Answer) -> tuple[RemoteClient, ...]:
        return each(list_in(answer, "clients"), ClientShape, ClientShape.record)

    return get("/client/", parse)


@dataclass(frozen=True, slots=True)
class ClientDraft:
    """A client to make or change; what is None is not sent. The password is the client's own login at Smartlead."""

    name: str
    email: str
    password: SecretText | None = None
    permissions: tuple[str, ...] | None = None
    logo: str | None = None
    logo_url: str | None = None
    assign_credits: bool | None = None
    email_credits: int | None = None
    lead_credits: int | None = None


def client_body(draft: ClientDraft) -> dict[str, Any]:
    body = {
        "name": draft.name,
        "email": draft.email,
        "password": draft.password.reveal() if draft.password else None,
        "permission": None if draft.permissions is None else list(draft.permissions),
        "logo": draft.logo,
        "logo_url": draft.logo_url,
        "is_credit_assigned": draft.assign_credits,
        "email_credits": draft.email_credits,
        "lead_credits": draft.lead_credits,
    }
    return {name: value for name, value in body.items() if value is not None}


def create_client(draft: ClientDraft) -> Call[Created]:
    """Makes a client; its address is unique in all of Smartlead (3.5). The answer echoes the password, which is not
    read.
    """
    return write(
        "POST",
        "/client/save",
        lambda answer: Created(id_in(answer, "clientId", "data.clientId")),
        body=client_body(draft),
        repeatable=False,
    )


def update_client(client_id: int, draft: ClientDraft, *, uuid: str = "") -> Call[None]:
    """Changes a client (3.5)."""
    body = {"id": client_id, **client_body(draft)}
    if uuid:
        body["uuid"] = uuid
    return write("POST", "/client/save", acknowledged, body=body, repeatable=True)


class ApiKeyShape(Shape):
    id: Id
    client_id: Int = None
    name: Text = maybe("key_name", default="")
    status: Text = ""
    created_at: Time = None
    key: Text = maybe("api_key", default="")

    def record(self, *, with_key: bool = False) -> RemoteApiKey:
        key = SecretText(self.key) if with_key and self.key else None
        active = self.status.lower() in ("", "active")
        return RemoteApiKey(self.id, self.client_id, self.name, active, self.created_at, key)


def _made_key(answer: Answer) -> RemoteApiKey:
    return read(ApiKeyShape, object_in(answer)).record(with_key=True)


def create_api_key(client_id: int, name: str) -> Call[RemoteApiKey]:
    """Makes an API key for a client (3.5). The key comes with this answer only, as a SecretText."""
    if not re.fullmatch(r"[A-Za-z0-9 _-]+", name):
        raise ValueError("The name of a key has letters, digits, spaces, - and _ only.")
    body = {"clientId": client_id, "keyName": name}
    return write("POST", "/client/api-key", _made_key, body=body, repeatable=False)


def api_keys(
    *, client_id: int | None = None, active: bool | None = None, name: str = ""
) -> Call[tuple[RemoteApiKey, ...]]:
    """The API keys of clients, without the keys themselves (3.5)."""

    def parse(answer: Answer) -> tuple[RemoteApiKey, ...]:
        return each(list_in(answer), ApiKeyShape, ApiKeyShape.record)

    query = only(
        clientId=None if client_id is None else str(client_id),
        status=None if active is None else "active" if active else "inactive",
        keyName=name or None,
    )
    return get("/client/api-key", parse, query=query)


def delete_api_key(key_id: int) -> Call[None]:
    """Takes an API key out of use for good (3.5)."""
    return write("DELETE", f"/client/api-key/{key_id:d}", acknowledged, repeatable=True)


def reset_api_key(key_id: int) -> Call[RemoteApiKey]:
    """Gives an API key a new value, as a SecretText; the old one dies at once (3.5)."""
    return write("PUT", f"/client/api-key/reset/{key_id:d}", _made_key, repeatable=False)
