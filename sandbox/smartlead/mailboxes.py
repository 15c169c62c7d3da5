"""Email accounts as read. Credentials are in the answers, as at the provider: clients must drop them."""

import base64
from collections.abc import Callable
from typing import Any

from ..answers import Answer, in_json
from ..world import senders
from ..world.days import chance
from ..world.model import Account, Mailbox, Tag
from ..world.world import World
from .call import Call, stamp


def list_mailboxes(call: Call) -> Answer:
    """A page of the account's mailboxes (section 3.6.1): a bare array without a total, at most 100."""
    offset = call.integer("offset", 0) or 0
    limit = call.integer("limit", 100, 1, 100) or 100
    used = campaigns_by_mailbox(call.account)
    fits = _filter(call, used)
    boxes = call.world.mailboxes(call.account).values()
    page = [box for box in boxes if call.key.sees(box.client_id) and fits(box)][offset : offset + limit]
    sent = sent_today(call)
    rows = [as_account(call.world, box, used, sent, plain=False) for box in page]
    if call.flag("fetch_campaigns"):
        for row in rows:
            row["campaign_ids"] = used.get(row["id"], [])
    return in_json(rows)


def get_mailbox(call: Call) -> Answer:
    box = find_mailbox(call, call.numbers[0])
    if box is None:
        return in_json({"error": "Email account not found"}, 404)
    used = campaigns_by_mailbox(call.account)
    row = as_account(call.world, box, used, sent_today(call), plain=True, tags=call.flag("fetch_tags"))
    if row["warmup_details"]:
        row["warmup_details"] |= {
            "warmup_max_count": box.warmup_per_day,
            "warmup_min_count": min(5, box.warmup_per_day),
            "max_email_per_day": box.warmup_per_day,
            "is_warmup_blocked": False,
            "created_at": stamp(box.created_at),
        }
    if call.flag("fetch_campaigns"):
        row["campaign_ids"] = used.get(box.id, [])
    return in_json(row)


def find_mailbox(call: Call, number: int) -> Mailbox | None:
    """A mailbox that the key sees."""
    box = call.world.mailboxes(call.account).get(number)
    return box if box is not None and call.key.sees(box.client_id) else None


def sent_today(call: Call) -> dict[int, int]:
    """Emails of campaigns by mailbox, so far today."""
    world, today = call.world, call.world.today()
    found: dict[int, int] = {}
    for campaign in call.account.campaigns.values():
        if campaign.pace.started_on is None or today not in world.settled(campaign).rows:
            continue
        for box, row in senders.by_mailbox(world.seed, campaign, today, today, ("sent",)).items():
            found[box] = found.get(box, 0) + row.sent
    return found


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


def as_tag(tag: Tag) -> dict[str, Any]:
    return {"id": tag.id, "name": tag.name, "color": tag.color}


def as_account(
    world: World, box: Mailbox, used: dict[int, list[int]], sent: dict[int, int], *, plain: bool, tags: bool = True
) -> dict[str, Any]:
    """A mailbox in the words of the read side; its password `plain` or in base64."""
    password = box.password if plain else base64.b64encode(box.password.encode()).decode()
    domain = box.domain
    failure = None if box.connected else "Invalid login: 535-5.7.8 Username and Password not accepted"
    luck = chance(world.seed, box.id, world.today().toordinal())
    return {
        "id": box.id,
        "created_at": stamp(box.created_at),
        "updated_at": stamp(box.updated_at or box.created_at, odd=True),
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
        "custom_tracking_domain": box.tracking_domain,
        "bcc_email": box.bcc,
        "is_smtp_success": box.connected,
        "is_imap_success": box.connected,
        "smtp_failure_error": failure,
        "imap_failure_error": failure,
        "is_suspended": box.suspended,
        "type": box.kind,
        "daily_sent_count": sent.get(box.id, 0),
        "minTimeToWaitInMins": box.gap_minutes,
        "client_id": box.client_id,
        "campaign_count": len(used.get(box.id, [])),
        "tags": [as_tag(tag) for tag in box.tags] if tags else [],
        "warmup_details": box.warmup
        and {
            "id": box.id + 500_000,
            "status": box.warmup,
            "total_sent_count": str(200 + int(luck * 400)),
            "total_spam_count": "2",
            "warmup_reputation": f"{box.reputation}%" if box.id % 5 else box.reputation,
            "warmup_key_id": "brass-sleep",
            "warmup_created_at": stamp(box.created_at),
            "reply_rate": box.warmup_reply_rate,
            "blocked_reason": None,
        },
    }
