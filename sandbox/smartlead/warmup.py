"""Warmup of mailboxes: its settings (section 3.6.6) and its last days (3.6.7)."""

from datetime import timedelta
from typing import Any

from ..answers import Answer, in_json
from ..world.days import chance
from ..world.model import Mailbox
from ..world.world import World
from . import validation
from .call import Call
from .mailbox_writes import needed_mailbox
from .mailboxes import find_mailbox
from .validation import check

DAYS = 7
SETTINGS = {
    "warmup_enabled": validation.flag(required=True),
    "total_warmup_per_day": validation.integer(1, 50),
    "daily_rampup": validation.integer(5, 20),
    "reply_rate_percentage": validation.integer(20, 100),
    "is_rampup_enabled": validation.flag(),
    "auto_adjust_warmup": validation.flag(),
    "warmup_key_id": validation.text(),
}


def save(call: Call) -> Answer:
    body = check(call.body(), SETTINGS)
    box = needed_mailbox(call)
    box.warmup = "ACTIVE" if body["warmup_enabled"] else "INACTIVE"
    box.warmup_per_day = body.get("total_warmup_per_day", box.warmup_per_day)
    box.warmup_reply_rate = body.get("reply_rate_percentage", box.warmup_reply_rate)
    box.rampup = None if body.get("is_rampup_enabled") is False else body.get("daily_rampup", box.rampup)
    box.updated_at = call.world.now()
    message = "Email warmup details updated successfully!"
    return in_json({"ok": True, "message": message, "emailAccountId": box.id, "warmupKey": "banan-apple"})


def warmup_stats(call: Call) -> Answer:
    """The last seven days, with totals in strings."""
    box = find_mailbox(call, call.numbers[0])
    if box is None:
        return in_json({"error": "Email account not found"}, 404)
    rows = days(call.world, box)
    spam = sum(row["save_from_spam_count"] for row in rows)
    sent = sum(row["sent_count"] for row in rows)
    return in_json(
        {
            "id": box.id,
            "sent_count": str(sent),
            "spam_count": str(spam),
            "inbox_count": str(sent - spam),
            "warmup_email_received_count": str(sent * 9 // 14),
            "stats_by_date": rows,
        }
    )


def days(world: World, box: Mailbox) -> list[dict[str, Any]]:
    """One row per day that is over; none while a mailbox does not warm up."""
    if box.warmup != "ACTIVE":
        return []
    rows = []
    for back in range(DAYS, 0, -1):
        day = world.today() - timedelta(days=back)
        luck = chance(world.seed, box.id, day.toordinal(), 21)
        sent = round(box.warmup_per_day * (0.5 + 0.3 * luck))
        spam = int(sent * (100 - box.reputation) / 100 * luck)
        replied = sent * box.warmup_reply_rate // 100
        rows.append(
            {
                "id": DAYS - back + 1,
                "date": day.isoformat(),
                "sent_count": sent,
                "reply_count": replied,
                "save_from_spam_count": spam,
            }
        )
    return rows
