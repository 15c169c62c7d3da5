"""The reports of section 3.4 behind the overall ones: how replies came, clients by month, leads, mailboxes, the team."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from ..answers import Answer
from ..world import figures
from ..world.days import chance
from ..world.emails import NEGATIVE, NEUTRAL, POSITIVE
from ..world.model import NOTHING, Campaign, Day, Mailbox
from ..world.senders import by_mailbox
from ..world.split import Work, added, in_turn
from .analytics import MONTHS, MOST_CLIENTS, campaigns, envelope, page, sum_totals
from .call import Call, percent
from .mailboxes import campaigns_by_mailbox

REPLY_TIMES = (
    ("0-1 hours", 14),
    ("1-4 hours", 22),
    ("4-12 hours", 18),
    ("12-24 hours", 21),
    ("1-3 days", 17),
    ("3+ days", 8),
)


def _dates(call: Call) -> tuple[date, date]:
    found = call.dates()
    call.time_zone("timezone")
    return found


def leads_for_first_reply(call: Call) -> Answer:
    totals = sum_totals(campaigns(call), *_dates(call))
    replied = totals.days.replied
    return envelope(call, "leads_take_for_first_reply", round(totals.people / replied) if replied else 0)


def follow_up_reply_rate(call: Call) -> Answer:
    """Replies per hundred follow-ups."""
    first, last = _dates(call)
    works = [Work()]
    for campaign in campaigns(call):
        works += (work for number, work in call.world.split(campaign).by_number(first, last).items() if number > 1)
    work = added(works)
    return envelope(call, "followup_reply_rate", round(work.replied / work.sent * 100, 2) if work.sent else 0)


def lead_to_reply_time(call: Call) -> Answer:
    replied = sum_totals(campaigns(call), *_dates(call)).days.replied
    turn = in_turn(tuple(share for _, share in REPLY_TIMES))
    counts = Counter(turn[place % len(turn)] for place in range(replied))
    rows = [{"time_range": name, "count": str(counts[place])} for place, (name, _) in enumerate(REPLY_TIMES)]
    return envelope(call, "lead_to_reply_time", rows)


def clients_by_month(call: Call) -> Answer:
    """How many clients came in which month, oldest first."""
    wanted = call.number_list("client_ids", MOST_CLIENTS)
    counts = Counter(
        (one.created_at.year, one.created_at.month)
        for one in call.account.clients.values()
        if call.key.sees(one.id) and (wanted is None or one.id in wanted)
    )
    rows = [
        {"month": f"{MONTHS[month - 1]} {year}", "count": str(counts[year, month])} for year, month in sorted(counts)
    ]
    return envelope(call, "monthly_stats", rows)


def lead_totals(call: Call) -> Answer:
    """People who got an email in the range, and whether it was their first."""
    first, last = _dates(call)
    total = new = 0
    for campaign in campaigns(call):
        people = figures.totals(campaign, first, last).people
        total += people
        new += min(people, figures.new_people(campaign, first, last))
    stats = {
        "count": {"total": total, "new": new, "follow_up": total - new},
        "percentage": {"new": percent(new, total), "follow_up": percent(total - new, total)},
    }
    return envelope(call, "lead_stats", stats)


def replies_by_category(call: Call) -> Answer:
    first, last = _dates(call)
    counts: Counter[str] = Counter()
    for campaign in campaigns(call):
        totals = figures.totals(campaign, first, last)
        counts.update(POSITIVE[place % len(POSITIVE)] for place in range(totals.days.positive))
        counts.update(NEGATIVE[place % len(NEGATIVE)] for place in range(totals.negative))
        counts[NEUTRAL] += totals.neutral
    rows = [
        {"category": name, "total_response": str(number), "percentage": percent(number, counts.total())}
        for name, number in sorted(counts.items())
    ]
    return envelope(call, "lead_responses_by_category", rows)


def _boxes(call: Call) -> Iterator[Mailbox]:
    clients = call.number_list("client_ids", MOST_CLIENTS)
    for box in call.world.mailboxes(call.account).values():
        if call.key.sees(box.client_id) and (clients is None or box.client_id in clients):
            yield box


def mailbox_counts(call: Call) -> Answer:
    boxes, used = list(_boxes(call)), campaigns_by_mailbox(call.account)
    connected = [box for box in boxes if box.connected]
    stats = {
        "total_connected": len(connected),
        "in_use": sum(box.id in used for box in boxes),
        "disconnected": len(boxes) - len(connected),
        "enabled_without_warmup": sum(box.warmup != "ACTIVE" and not box.suspended for box in connected),
    }
    return envelope(call, "overall_mailbox_stats", stats)


def _by_box(call: Call) -> list[tuple[Mailbox, Day]]:
    """What each mailbox sent in the range, those that sent nothing included."""
    first, last = _dates(call)
    sums: dict[int, Day] = {}
    for campaign in campaigns(call):
        for number, row in by_mailbox(call.world.seed, campaign, first, last).items():
            sums[number] = sums.get(number, NOTHING) + row
    return [(box, sums.get(box.id, NOTHING)) for box in _boxes(call)]


def _metrics(row: Day) -> dict[str, Any]:
    return {
        "sent": row.sent,
        "opened": row.opened,
        "replied": row.replied,
        "positive_replied": row.positive,
        "bounced": row.bounced,
        "open_rate": percent(row.opened, row.sent),
        "reply_rate": percent(row.replied, row.sent),
        "positive_reply_rate": percent(row.positive, row.replied),
        "bounce_rate": percent(row.bounced, row.sent),
    }


def mailbox_health(call: Call) -> Answer:
    only_bounced = call.flag("is_bounced")
    rows = [
        {"from_email": box.from_email} | _metrics(row) for box, row in _by_box(call) if row.bounced or not only_bounced
    ]
    return envelope(call, "email_health_metrics", page(call, rows))


def _grouped(rows: Iterable[tuple[Mailbox, Day]], by: Callable[[Mailbox], Iterable[str]]) -> dict[str, Day]:
    sums: dict[str, Day] = {}
    for box, row in rows:
        for name in by(box):
            sums[name] = sums.get(name, NOTHING) + row
    return dict(sorted(sums.items()))


def domain_health(call: Call) -> Answer:
    rows = _grouped(_by_box(call), lambda box: [box.domain])
    found = [{"domain": name} | _metrics(row) for name, row in rows.items()]
    return envelope(call, "domain_health_metrics", page(call, found))


def provider_performance(call: Call) -> Answer:
    found = _by_box(call)
    overall = [{"provider": name} | _metrics(row) for name, row in _grouped(found, lambda box: [box.kind]).items()]
    by_tag = _grouped(found, lambda box: [f"{tag.name}\n{box.kind}" for tag in box.tags])
    tagged = []
    for name, row in by_tag.items():
        tag, _, kind = name.rpartition("\n")
        tagged.append({"tag": tag, "provider": kind} | _metrics(row))
    return envelope(call, "email_providers_performance_overview", {"overall": overall, "tag_wise": tagged})


def team_board(call: Call) -> Answer:
    """Campaigns that nobody has taken over belong to the first of the team."""
    first, last = _dates(call)
    team = call.account.team
    owner = min(team, default=0)
    theirs: dict[int, list[Campaign]] = {number: [] for number in team}
    for campaign in campaigns(call):
        theirs[campaign.team_member_id or owner].append(campaign)
    rows = []
    for member in team.values():
        totals = sum_totals(theirs[member.id], first, last)
        rows.append(
            {
                "id": member.id,
                "name": member.name,
                "profile_pic_url": None,
                "lead_count": totals.people,
                "campaign_count": len(theirs[member.id]),
                "reply_count": totals.days.replied,
                "positive_reply_count": totals.days.positive,
                "reply_rate": percent(totals.days.replied, totals.people),
                "positive_reply_rate": percent(totals.days.positive, totals.days.replied),
                "average_reply_time": f"{4 + int(20 * chance(member.id))}h" if totals.days.replied else None,
                "unique_open_count": totals.openers,
            }
        )
    return envelope(call, "team_board_stats", rows)
