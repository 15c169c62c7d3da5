"""Tags of mailboxes (section 3.6.11)."""

import re
from typing import Any

from ..answers import Answer, in_json, refuse
from ..world.model import Mailbox, Tag
from . import validation
from .call import Call
from .mailboxes import as_tag, find_mailbox
from .validation import check, invalid

COLOR = re.compile(r"#[0-9A-Fa-f]{6}")
USUAL_COLOR = "#607D8B"
MOST_MAILBOXES = 25
MAPPING = {
    "email_account_ids": validation.integers(required=True),
    "tag_ids": validation.integers(required=True),
}


def create(call: Call) -> Answer:
    body = check(call.body(), {"name": validation.text(required=True), "color": validation.text()})
    if not body["name"].strip():
        raise invalid('"name" is not allowed to be empty', ["name"])
    tag = Tag(call.world.new_id(), body["name"], _color(body.get("color", USUAL_COLOR)))
    call.account.tags[tag.id] = tag
    return in_json({"ok": True, "data": as_tag(tag)})


def update(call: Call) -> Answer:
    fields = {
        "id": validation.integer(required=True),
        "name": validation.text(required=True),
        "color": validation.text(required=True),
    }
    body = check(call.body(), fields)
    tag = _tag(call, body["id"])
    tag.name, tag.color = body["name"], _color(body["color"])
    return in_json({"ok": True, "data": as_tag(tag)})


def _color(text: str) -> str:
    if not COLOR.fullmatch(text):
        raise invalid('"color" fails to match the required pattern', ["color"])
    return text


def _tag(call: Call, number: int) -> Tag:
    tag = call.account.tags.get(number)
    if tag is None:
        raise refuse({"ok": False, "message": f"Tag not found - Invalid id {number}"}, 404)
    return tag


def _mapping(call: Call) -> tuple[list[int], list[int]]:
    body = check(call.body(), MAPPING)
    if not 1 <= len(body["email_account_ids"]) <= MOST_MAILBOXES:
        message = f'"email_account_ids" must contain between 1 and {MOST_MAILBOXES} items'
        raise invalid(message, ["email_account_ids"])
    if not body["tag_ids"]:
        raise invalid('"tag_ids" must contain at least 1 items', ["tag_ids"])
    return body["email_account_ids"], body["tag_ids"]


def assign(call: Call) -> Answer:
    numbers, tag_ids = _mapping(call)
    tags = [_tag(call, number) for number in tag_ids]
    boxes: list[Mailbox] = []
    for number in numbers:
        box = find_mailbox(call, number)
        if box is None:
            problem = {"ok": False, "message": "Email account not found", "errorCode": "ACCOUNT_NOT_FOUND"}
            raise refuse(problem | {"emailAccountId": number}, 404)
        boxes.append(box)
    for box in boxes:
        box.tags += [tag for tag in tags if tag not in box.tags]
    return in_json({"ok": True, "message": "Tags are assigned successfully"})


def unassign(call: Call) -> Answer:
    """What was not assigned is skipped."""
    numbers, tag_ids = _mapping(call)
    for number in numbers:
        box = find_mailbox(call, number)
        if box is not None:
            box.tags = [tag for tag in box.tags if tag.id not in tag_ids]
    return in_json({"ok": True, "message": "Tags are removed successfully"})


def list_tags(call: Call) -> Answer:
    """The tags of mailboxes by their addresses; addresses that are not known are left out."""
    wanted = check(call.body(), {"email_ids": validation.array(required=True)})["email_ids"]
    if not all(isinstance(one, str) for one in wanted):
        raise invalid('"email_ids[0]" must be a string', ["email_ids"])
    boxes = call.world.mailboxes(call.account).values()
    return in_json({"ok": True, "data": [_row(box) for box in boxes if _asked(call, box, wanted)]})


def _asked(call: Call, box: Mailbox, wanted: list[str]) -> bool:
    return box.from_email in wanted and call.key.sees(box.client_id)


def _row(box: Mailbox) -> dict[str, Any]:
    return {"email_account_id": box.id, "from_email": box.from_email, "tags": [as_tag(tag) for tag in box.tags]}
