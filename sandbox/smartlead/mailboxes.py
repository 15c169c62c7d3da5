"""Email accounts as read. Credentials are in the answers, as at the provider: clients must drop them."""

import base64
from collections.abc import Callable
from typing import Any

from ..answers import Answer, in_json
from ..world.days import chance
from ..world.model import Account, Mailbox
from ..world.world import World
from .call import Call, stamp


def list_mailboxes(call: Call) -> Answer:
    """A page of the account's mailboxes (section 3.6.1): a bare array without a total, at most 100."""
    offset = call.integer("offset", 0) or 0
    limit = call.integer("limit", 100, 1, 100) or 100
    used = campaigns_by_mailbox(call.account)
    fits = _filter(call, used)
    found = [box for box in call.account.mailboxes.values() if call.key.sees(box.client_id) and fits(box)]
    page = found[offset : offset + limit]
    rows = [as_account(call.world, box, used, plain=False) for box in page]
    if call.flag("fetch_campaigns"):
        for row in rows:
            row["campaign_ids"] = used.get(row["id"], [])
    return in_json(rows)


def get_mailbox(call: Call) -> Answer:
    box = call.account.mailboxes.get(call.numbers[0])
    if box is None or not call.key.sees(box.client_id):
        return in_json({"error": "Email account not found"}, 404)
    used = campaigns_by_mailbox(call.account)
    row = as_account(call.world, box, used, plain=True)
    if row["warmup_details"]:
        row["warmup_details"] |= {
            "warmup_max_count": 35,
            "warmup_min_count": 5,
            "max_email_per_day": 35,
            "is_warmup_blocked": False,
            "created_at": stamp(box.created_at),
        }
    if call.flag("fetch_campaigns"):
        row["campaign_ids"] = used.get(box.id, [])
    return in_json(row)


def _filter(call: Call, used: dict[int, list[int]]) -> Callable[[Mailbox], bool]:
    query, client_id = call.query, call.integer("client_id", None)

    def fits(box: Mailbox) -> bool:
        checks = (
            client_id is None or box.client_id == client_id,
            not query.get("esp") or query["esp"] == box.kind,
            not query.get("username") or query["username"].lower() in box.from_email.lower(),
            not query.get("emailWarmupStatus") or query["emailWarmupStatus"] == box.warmup,
            not query.get("isSmtpSuccess") or call.flag("isSmtpSuccess") == box.connected,
            not query.get("isInUse") or call.flag("isInUse") == (box.id in used),
            not query.get("isWarmupBlocked") or not call.flag("isWarmupBlocked"),
        )
        return all(checks)

    return fits


def campaigns_by_mailbox(account: Account) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for campaign in account.campaigns.values():
        for number in campaign.mailbox_ids:
            found.setdefault(number, []).append(campaign.id)
    return found


def as_account(world: World, box: Mailbox, used: dict[int, list[int]], *, plain: bool) -> dict[str, Any]:
    """A mailbox in the words of the read side; its password `plain` or in base64."""
    password = box.password if plain else base64.b64encode(box.password.encode()).decode()
    domain = box.from_email.rpartition("@")[2]
    failure = None if box.connected else "Invalid login: 535-5.7.8 Username and Password not accepted"
    luck = chance(world.seed, box.id, world.today().toordinal())
    return {
        "id": box.id,
        "created_at": stamp(box.created_at),
        "updated_at": stamp(box.created_at, odd=True),
        "user_id": world.accounts[box.account].user_id,
        "from_name": box.from_name,
        "from_email": box.from_email,
        "username": box.from_email,
        "password": password,
        "smtp_host": f"smtp.{domain}",
        "smtp_port": 587,
        "smtp_port_type": "TLS",
        "message_per_day": box.per_day,
        "different_reply_to_address": "",
        "is_different_imap_account": False,
        "imap_username": "",
        "imap_password": password,
        "imap_host": f"imap.{domain}",
        "imap_port": 993,
        "imap_port_type": "SSL",
        "signature": box.signature,
        "custom_tracking_domain": "",
        "bcc_email": None,
        "is_smtp_success": box.connected,
        "is_imap_success": box.connected,
        "smtp_failure_error": failure,
        "imap_failure_error": failure,
        "is_suspended": box.suspended,
        "type": box.kind,
        "daily_sent_count": int(box.per_day * luck) if box.connected else 0,
        "minTimeToWaitInMins": 5,
        "client_id": box.client_id,
        "campaign_count": len(used.get(box.id, [])),
        "tags": [],
        "warmup_details": box.warmup
        and {
            "id": box.id + 500_000,
            "status": box.warmup,
            "total_sent_count": str(200 + int(luck * 400)),
            "total_spam_count": "2",
            "warmup_reputation": f"{box.reputation}%" if box.id % 5 else box.reputation,
            "warmup_key_id": "brass-sleep",
            "warmup_created_at": stamp(box.created_at),
            "reply_rate": 15,
            "blocked_reason": None,
        },
    }
