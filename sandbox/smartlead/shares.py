"""One campaign's figures by step (section 3.2.7 as corrected in 8) and by mailbox (3.2.6)."""

from datetime import date
from typing import Any

from ..answers import Answer, in_json
from ..world.model import Day
from ..world.senders import by_mailbox
from ..world.split import Work, added
from .call import Call
from .email_rows import existing
from .validation import invalid

LONGEST_PAGE = 20


def by_step(call: Call) -> Answer:
    """A row for each step that the sequence has now; what replaced steps did is in none."""
    first, last = call.dates()
    call.time_zone("time_zone")
    campaign = existing(call)
    works = call.world.split(campaign).works(first, last)
    rows = []
    for step in sorted(campaign.steps, key=lambda one: one.id % 7):
        work = added([Work(), *(work for (step_id, _), work in works.items() if step_id == step.id)])
        rows.append({"email_campaign_seq_id": step.id} | _as_step(work))
    return in_json({"ok": True, "data": rows})


def _as_step(work: Work) -> dict[str, Any]:
    return {
        "sent_count": str(work.sent),
        "skipped_count": 0,
        "open_count": str(work.opened),
        "click_count": str(work.clicked),
        "reply_count": str(work.replied),
        "positive_reply_count": str(work.positive),
        "bounce_count": str(work.bounced),
        "failed_count": 0,
        "stopped_count": str(work.replied + work.unsubscribed),
        "unsubscribed_count": str(work.unsubscribed),
    }


def by_sender(call: Call) -> Answer:
    """A page of the mailboxes that sent for a campaign: at most 20, and 25 are refused."""
    offset = call.integer("offset", 0) or 0
    limit = call.integer("limit", LONGEST_PAGE, 1, LONGEST_PAGE) or LONGEST_PAGE
    client_id = call.integer("client_id", None)
    first, last = date.min, date.max
    given = [name for name in ("start_date", "end_date") if call.query.get(name)]
    if len(given) == 1:
        missing = "end_date" if given == ["start_date"] else "start_date"
        raise invalid(f'"{missing}" is required', [missing], "query")
    if given:
        first, last = call.dates()
    call.time_zone("time_zone")
    campaign = existing(call)
    boxes = call.account.mailboxes
    shares = by_mailbox(call.world.seed, campaign, first, last)
    wanted = [
        boxes[number]
        for number in sorted({*shares, *campaign.mailbox_ids})
        if number in boxes and client_id in (None, boxes[number].client_id)
    ]
    rows = [_as_sender(box.id, box.from_email, shares.get(box.id, Day())) for box in wanted[offset : offset + limit]]
    return in_json({"ok": True, "data": rows})


def _as_sender(number: int, address: str, row: Day) -> dict[str, Any]:
    return {
        "email_account_id": number,
        "from_email": address,
        "sent_count": row.sent,
        "open_count": row.opened,
        "click_count": row.clicked,
        "reply_count": row.replied,
        "bounce_count": row.bounced,
        "sender_bounce_count": row.bounced // 5,
        "unsubscribed_count": row.unsubscribed,
    }
