"""Analytics of the whole account (section 3.4): overall, by day, by campaign, by client."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from ..answers import Answer, in_json
from ..world import figures
from ..world.figures import Totals
from ..world.model import NOTHING, Campaign, Day
from .call import Call, percent

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MOST_CAMPAIGNS, MOST_CLIENTS = 100, 50
USUAL_PAGE, LONGEST_PAGE = 100, 1000


def _envelope(call: Call, name: str, value: Any) -> Answer:
    if call.guides:
        return in_json({"ok": True, "data": {name: value}})
    return in_json({"success": True, "message": "Data fetched successfully!", "data": {name: value}})


def _campaigns(call: Call) -> Iterator[Campaign]:
    """The visible campaigns that `campaign_ids` and `client_ids` ask for."""
    clients = call.number_list("client_ids", MOST_CLIENTS)
    wanted = call.number_list("campaign_ids", MOST_CAMPAIGNS)
    for campaign in call.world.visible(call.key, wanted):
        if clients is None or campaign.client_id in clients:
            yield campaign


def _totals(campaigns: Iterable[Campaign], first: date, last: date) -> Totals:
    days, people, openers, neutral, negative = NOTHING, 0, 0, 0, 0
    for campaign in campaigns:
        one = figures.totals(campaign, first, last)
        days += one.days
        people += one.people
        openers += one.openers
        neutral += one.neutral
        negative += one.negative
    return Totals(days, people, openers, neutral, negative)


def _metrics(totals: Totals) -> dict[str, Any]:
    days = totals.days
    return {
        "sent": days.sent,
        "opened": days.opened,
        "replied": days.replied,
        "bounced": days.bounced,
        "unique_lead_count": totals.people,
        "unique_open_count": totals.openers,
        "positive_replied": days.positive,
        "open_rate": percent(totals.openers, totals.people),
        "reply_rate": percent(days.replied, totals.people),
        "positive_reply_rate": percent(days.positive, days.replied),
        "bounce_rate": percent(days.bounced, days.sent),
    }


def _page(call: Call, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if call.flag("full_data"):
        return rows
    offset = call.integer("offset", 0) or 0
    limit = call.integer("limit", USUAL_PAGE, 1, LONGEST_PAGE) or USUAL_PAGE
    return rows[offset : offset + limit]


def overall(call: Call) -> Answer:
    first, last = call.dates()
    call.time_zone("timezone")
    return _envelope(call, "overall_stats", _metrics(_totals(_campaigns(call), first, last)))


def day_wise(call: Call) -> Answer:
    return _day_wise(call, by_sent_time=False)


def day_wise_by_sent_time(call: Call) -> Answer:
    return _day_wise(call, by_sent_time=True)


def _days(call: Call, by_sent_time: bool) -> Iterator[tuple[date, Day]]:
    """The days of the range on which something happened; live servers leave the others out."""
    first, last = call.dates()
    call.time_zone("timezone", required=by_sent_time)
    sums: dict[date, Day] = {}
    for campaign in _campaigns(call):
        rows = campaign.rows
        if by_sent_time:
            rows = _moved_to_sending(rows)
        for day, row in rows.items():
            if first <= day <= last:
                sums[day] = sums.get(day, NOTHING) + row
    for day in sorted(sums):
        yield day, sums[day]


def _moved_to_sending(rows: dict[date, Day]) -> dict[date, Day]:
    """The same rows with half of what people did counted on the sending day before."""
    moved = {}
    for day, row in rows.items():
        later = rows.get(day + timedelta(days=1), NOTHING)
        earlier = row if day - timedelta(days=1) in rows else NOTHING
        moved[day] = row._replace(
            opened=row.opened - earlier.opened // 2 + later.opened // 2,
            replied=row.replied - earlier.replied // 2 + later.replied // 2,
            positive=row.positive - earlier.positive // 2 + later.positive // 2,
        )
    return moved


def _day_wise(call: Call, by_sent_time: bool) -> Answer:
    rows = []
    for day, row in _days(call, by_sent_time):
        metrics = {
            "sent": row.sent,
            "opened": row.opened,
            "replied": row.replied,
            "bounced": row.bounced,
            "unsubscribed": row.unsubscribed,
        }
        rows.append(_dated(call, day) | (metrics if call.guides else {"email_engagement_metrics": metrics}))
    return _envelope(call, "day_wise_stats", rows)


def _dated(call: Call, day: date) -> dict[str, Any]:
    """The date without its year, as live; in full, as the documentation has it, in the guides' dialect."""
    if call.guides:
        return {"date": day.isoformat()}
    return {"date": f"{day.day} {MONTHS[day.month - 1]}", "day_name": WEEKDAYS[day.weekday()]}


def positive_day_wise(call: Call) -> Answer:
    rows = [
        _dated(call, day) | {"email_engagement_metrics": {"positive_replied": row.positive}}
        for day, row in _days(call, by_sent_time=False)
    ]
    return _envelope(call, "day_wise_stats", rows)


def positive_day_wise_by_sent_time(call: Call) -> Answer:
    rows = [_dated(call, day) | {"positive_replied": row.positive} for day, row in _days(call, by_sent_time=True)]
    return _envelope(call, "day_wise_stats", rows)


def campaign_names(call: Call) -> Answer:
    return _envelope(call, "campaign_list", [{"id": one.id, "name": one.name} for one in _campaigns(call)])


def campaign_performance(call: Call) -> Answer:
    first, last = call.dates()
    call.time_zone("timezone")
    rows = []
    for campaign in _campaigns(call):
        metrics = _metrics(figures.totals(campaign, first, last))
        rows.append({"id": campaign.id, "campaign_name": campaign.name} | metrics)
    return _envelope(call, "campaign_wise_performance", _page(call, rows))


def campaign_responses(call: Call) -> Answer:
    first, last = call.dates()
    rows = []
    for campaign in _campaigns(call):
        totals = figures.totals(campaign, first, last)
        rows.append(
            {
                "campaign_id": campaign.id,
                "campaign_name": campaign.name,
                "positive_reply": totals.days.positive,
                "neutral_reply": totals.neutral,
                "negative_reply": totals.negative,
            }
        )
    return _envelope(call, "campaign_wise_response_stats", rows)


def campaign_statuses(call: Call) -> Answer:
    """Counts per status; running campaigns are called STARTED here and nowhere else."""
    counts = Counter("STARTED" if one.status == "ACTIVE" else one.status for one in _campaigns(call))
    rows = [{"status": status, "count": str(count)} for status, count in sorted(counts.items())]
    return _envelope(call, "campaign_status_stats", rows)


def client_names(call: Call) -> Answer:
    wanted = call.number_list("client_ids", MOST_CLIENTS)
    rows = [
        {"id": one.id, "name": one.name}
        for one in call.account.clients.values()
        if call.key.sees(one.id) and (wanted is None or one.id in wanted)
    ]
    return _envelope(call, "client_list", rows)


def client_performance(call: Call) -> Answer:
    first, last = call.dates()
    by_client: dict[int, list[Campaign]] = {}
    for campaign in _campaigns(call):
        if campaign.client_id is not None:
            by_client.setdefault(campaign.client_id, []).append(campaign)
    rows = []
    for client_id, campaigns in sorted(by_client.items()):
        owner = call.account.clients.get(client_id)
        totals = _totals(campaigns, first, last)
        bounced = totals.days.bounced / totals.days.sent if totals.days.sent else 0.0
        metrics = _metrics(totals) | {"client_health": "poor" if bounced > 0.03 else "good"}
        del metrics["bounced"], metrics["bounce_rate"]
        rows.append(
            {
                "client_id": client_id,
                "client_name": owner.name if owner else None,
                "total_campaigns_count": str(len(campaigns)),
                "campaign_stats": metrics,
            }
        )
    return _envelope(call, "client_wise_performance", _page(call, rows))
