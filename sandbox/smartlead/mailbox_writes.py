"""Writes to mailboxes: update, suspend, delete, reconnect (sections 3.6.5, 3.6.8, 3.6.9)."""

from datetime import timedelta

from ..answers import Answer, in_json, refuse
from ..world.model import Mailbox
from . import validation
from .call import Call
from .mailboxes import find_mailbox
from .validation import check

UPDATE = {
    "max_email_per_day": validation.integer(1),
    "from_name": validation.text(),
    "custom_tracking_url": validation.text(),
    "bcc": validation.text(null=True),
    "signature": validation.text(null=True),
    "client_id": validation.integer(null=True),
    "time_to_wait_in_mins": validation.integer(1, null=True),
    "is_suspended": validation.flag(),
}
WRITE_TO_READ = {
    "max_email_per_day": "per_day",
    "from_name": "from_name",
    "custom_tracking_url": "tracking_domain",
    "bcc": "bcc",
    "signature": "signature",
    "client_id": "client_id",
    "time_to_wait_in_mins": "gap_minutes",
    "is_suspended": "suspended",
}
RECONNECTS_A_DAY = 3
RECONNECTION = timedelta(minutes=2)


def needed_mailbox(call: Call) -> Mailbox:
    number = call.numbers[0]
    box = find_mailbox(call, number)
    if box is None:
        problem = {"ok": False, "message": "Email account not found", "errorCode": "ACCOUNT_NOT_FOUND"}
        raise refuse(problem | {"emailAccountId": number}, 404)
    return box


def update(call: Call) -> Answer:
    body = check(call.body(), UPDATE)
    box = needed_mailbox(call)
    owner = body.get("client_id")
    if owner is not None and (owner not in call.account.clients or not call.key.sees(owner)):
        raise refuse({"ok": False, "message": "Client not found - Invalid client_id."}, 400)
    for name, value in body.items():
        setattr(box, WRITE_TO_READ[name], value)
    box.updated_at = call.world.now()
    return in_json({"ok": True, "message": "Email account details updated successfully!", "emailAccountId": box.id})


def suspend(call: Call) -> Answer:
    return _suspended(call, True)


def unsuspend(call: Call) -> Answer:
    return _suspended(call, False)


def _suspended(call: Call, suspended: bool) -> Answer:
    box = find_mailbox(call, call.numbers[0])
    if box is None:
        return in_json({"success": False, "message": "Email account not found"}, 400)
    box.suspended, box.updated_at = suspended, call.world.now()
    message = f"Email account {'suspended' if suspended else 'unsuspended'} successfully"
    return in_json({"success": True, "message": message, "data": {"accountId": box.id, "isSuspended": suspended}})


def delete(call: Call) -> Answer:
    """The mailbox goes, from all campaigns too; what it sent stays in their totals."""
    box = needed_mailbox(call)
    for campaign in call.account.campaigns.values():
        if box.id in campaign.mailbox_ids:
            call.world.settled(campaign).remember(call.world.today())
            campaign.mailbox_ids = [number for number in campaign.mailbox_ids if number != box.id]
    del call.account.mailboxes[box.id]
    return in_json({"ok": True, "message": "Email account deleted successfully!", "emailAccountId": box.id})


def reconnect(call: Call) -> Answer:
    """Asynchronous and three times a day at most; whatever it answers says `ok`. Two of three failed boxes come back."""
    check(call.body(), {})
    now, account = call.world.now(), call.account
    account.reconnects = [at for at in account.reconnects if now - at < timedelta(days=1)]
    if len(account.reconnects) >= RECONNECTS_A_DAY:
        message = "Reconnect limit of 3 per 24 hours is exceeded"
        return in_json({"ok": True, "message": message}, 406)
    boxes = call.world.mailboxes(account).values()
    failed = [box for box in boxes if not box.connected and call.key.sees(box.client_id)]
    if not failed:
        return in_json({"ok": True, "message": "No failed email accounts found"}, 404)
    account.reconnects.append(now)
    for box in failed:
        if box.id // 3 % 3:
            box.reconnects_at = now + RECONNECTION
    return in_json({"ok": True, "message": "Email accounts are added to the queue to be reconnected"})
