"""Clients (agency sub-accounts) and their API keys (section 3.5)."""

import re
from typing import Any

from ..answers import Answer, in_json, refuse
from ..world.model import Client, Key
from . import validation
from .call import Call, stamp
from .validation import check, invalid

KEY_NAME = re.compile(r"[A-Za-z0-9 _-]+")


def list_clients(call: Call) -> Answer:
    """A bare array; the misspelt keys are the provider's own."""
    user_id = call.account.user_id
    return in_json([_as_read(one, user_id) for one in call.account.clients.values() if call.key.sees(one.id)])


def _as_read(client: Client, user_id: int) -> dict[str, Any]:
    return {
        "id": client.id,
        "name": client.name,
        "email": client.email,
        "uuid": client.uuid,
        "created_at": stamp(client.created_at, odd=client.id % 2 == 1),
        "user_id": user_id,
        "logo": client.logo,
        "logo_url": client.logo_url,
        "client_permision": {"permission": client.permission, "retricted_category": []},
    }


def list_api_keys(call: Call) -> Answer:
    client_id = call.integer("clientId", None)
    status, name = call.query.get("status"), call.query.get("keyName")
    found = [
        as_api_key(key)
        for key in call.world.keys.values()
        if key.account == call.key.account
        and key.client_ids
        and all(map(call.key.sees, key.client_ids))
        and (client_id is None or client_id in key.client_ids)
        and status in (None, "", "inactive" if key.revoked else "active")
        and name in (None, "", key.name or key.label)
    ]
    return in_json({"message": "API keys fetched successfully", "data": found})


def as_api_key(key: Key) -> dict[str, Any]:
    assert key.created_at is not None
    return {
        "id": key.id,
        "client_id": min(key.client_ids or {0}),
        "key_name": key.name or key.label,
        "api_key": key.secret,
        "status": "inactive" if key.revoked else "active",
        "created_at": stamp(key.created_at),
    }


SAVE = {
    "id": validation.integer(),
    "email": validation.text(required=True),
    "name": validation.text(required=True),
    "password": validation.text(),
    "logo": validation.text(null=True),
    "logo_url": validation.text(null=True),
    "uuid": validation.text(),
    "permission": validation.array(),
    "is_credit_assigned": validation.flag(),
    "email_credits": validation.integer(0),
    "lead_credits": validation.integer(0),
}


def save_client(call: Call) -> Answer:
    body = check(call.body(), SAVE)
    _agency_only(call)
    account, number = call.account, body.get("id")
    if any(one.email == body["email"] and one.id != number for one in account.clients.values()):
        raise refuse({"error": "Client with this email already exists"}, 400)
    if number is None:
        number = call.world.new_id()
        client = Client(number, body["name"], body["email"], f"uuid-{number}", account.name, call.world.now())
        account.clients[number] = client
    elif number not in account.clients:
        raise refuse({"error": "Client not found"}, 404)
    client = account.clients[number]
    client.name, client.email = body["name"], body["email"]
    client.permission = body.get("permission", client.permission)
    client.logo = body.get("logo", client.logo)
    client.logo_url = body.get("logo_url", client.logo_url)
    client.uuid = body.get("uuid", client.uuid)
    # The provider echoes the password; clients must drop it.
    found = {"ok": True, "clientId": number, "name": client.name, "email": client.email}
    return in_json(found | {"password": body.get("password", "generated-by-sandbox")})


def create_api_key(call: Call) -> Answer:
    fields = {"clientId": validation.integer(required=True), "keyName": validation.text(required=True)}
    body = check(call.body(), fields)
    _agency_only(call)
    if not KEY_NAME.fullmatch(body["keyName"]):
        raise invalid('"keyName" fails to match the required pattern', ["keyName"])
    if body["clientId"] not in call.account.clients:
        raise refuse({"error": "Client not found"}, 404)
    world = call.world
    label = f"{body['keyName']}-{len(world.keys)}"
    scope = frozenset({body["clientId"]})
    secret = world.secret_for(label.replace(" ", "-"))
    key = world.add_key(Key(secret, label, call.key.account, scope, name=body["keyName"]))
    return in_json({"ok": True, "data": as_api_key(key)})


def _api_key(call: Call) -> Key:
    _agency_only(call)
    for key in call.world.keys.values():
        if key.id == call.numbers[0] and key.account == call.key.account and key.client_ids is not None:
            return key
    raise refuse({"error": "API key not found"}, 404)


def delete_api_key(call: Call) -> Answer:
    del call.world.keys[_api_key(call).secret]
    return in_json({"ok": True, "message": "API key deleted successfully"})


def reset_api_key(call: Call) -> Answer:
    """A new value for the same record; the old one dies at once."""
    key, world = _api_key(call), call.world
    del world.keys[key.secret]
    key.secret = world.secret_for(f"{key.label}-{world.new_id()}".replace(" ", "-"))
    world.add_key(key)
    return in_json({"ok": True, "data": as_api_key(key)})


def _agency_only(call: Call) -> None:
    if call.key.client_ids is not None:
        raise refuse({"error": "Only the account owner can manage clients."}, 403)
