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


def envelope(call: Call, name: str, value: Any) -> Answer:
    if call.guides:
        return in_json({"ok": True, "data": {name: value}})
    return in_json({"success": True, "message": "Data fetched successfully!", "data": {name: value}})


def campaigns(call: Call) -> Iterator[Campaign]:
    """The visible campaigns that `campaign_ids` and `client_ids` ask for."""
    clients = call.number_list("client_ids", MOST_CLIENTS)
    wanted = call.number_list("campaign_ids", MOST_CAMPAIGNS)
    for campaign in call.world.visible(call.key, wanted):
        if clients is None or campaign.client_id in clients:
            yield campaign


def sum_totals(among: Iterable[Campaign], first: date, last: date) -> Totals:
    days, people, openers, neutral, negative = NOTHING, 0, 0, 0, 0
    for campaign in among:
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


def page(call: Call, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if call.flag("full_data"):
        return rows
    offset = call.integer("offset", 0) or 0
    limit = call.integer("limit", USUAL_PAGE, 1, LONGEST_PAGE) or USUAL_PAGE
    return rows[offset : offset + limit]


def overall(call: Call) -> Answer:
    first, last = call.dates()
    call.time_zone("timezone")
    return envelope(call, "overall_stats", _metrics(sum_totals(campaigns(call), first, last)))


def day_wise(call: Call) -> Answer:
    return _day_wise(call, by_sent_time=False)


def day_wise_by_sent_time(call: Call) -> Answer:
    return _day_wise(call, by_sent_time=True)


def _days(call: Call, by_sent_time: bool) -> Iterator[tuple[date, Day]]:
    """The days of the range on which something happened; live servers leave the others out."""
    first, last = call.dates()
    call.time_zone("timezone", required=by_sent_time)
    sums: dict[date, Day] = {}
    for campaign in campaigns(call):
        rows = campaign.rows
        if by_sent_time:
            rows = _moved_to_sending(rows)
        for day, row in rows.items():
            if first <= day <= last:
                sums[day] = sums.get(day, NOTHING) + row
    for day in sorted(sums):
        yield day, sums[day]


def _moved_to_sending(rows: dict[date, Day]) -> dict[date, Day]:
    """The same rows with what people did counted on the day when their email was sent."""
    moved = {}
    for day, row in rows.items():
        gained, lost = figures.carried(rows, day + timedelta(days=1)), figures.carried(rows, day)
        moved[day] = row._replace(
            opened=row.opened - lost.opened + gained.opened,
            replied=row.replied - lost.replied + gained.replied,
            positive=row.positive - lost.positive + gained.positive,
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
    return envelope(call, "day_wise_stats", rows)


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
    return envelope(call, "day_wise_stats", rows)


def positive_day_wise_by_sent_time(call: Call) -> Answer:
    rows = [_dated(call, day) | {"positive_replied": row.positive} for day, row in _days(call, by_sent_time=True)]
    return envelope(call, "day_wise_stats", rows)


def campaign_names(call: Call) -> Answer:
    return envelope(call, "campaign_list", [{"id": one.id, "name": one.name} for one in campaigns(call)])


def campaign_performance(call: Call) -> Answer:
    first, last = call.dates()
    call.time_zone("timezone")
    rows = []
    for campaign in campaigns(call):
        metrics = _metrics(figures.totals(campaign, first, last))
        rows.append({"id": campaign.id, "campaign_name": campaign.name} | metrics)
    return envelope(call, "campaign_wise_performance", page(call, rows))


def campaign_responses(call: Call) -> Answer:
    first, last = call.dates()
    rows = []
    for campaign in campaigns(call):
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
    return envelope(call, "campaign_wise_response_stats", rows)


def campaign_statuses(call: Call) -> Answer:
    """Counts per status; running campaigns are called STARTED here and nowhere else."""
    counts = Counter("STARTED" if one.status == "ACTIVE" else one.status for one in campaigns(call))
    rows = [{"status": status, "count": str(count)} for status, count in sorted(counts.items())]
    return envelope(call, "campaign_status_stats", rows)


def client_names(call: Call) -> Answer:
    wanted = call.number_list("client_ids", MOST_CLIENTS)
    rows = [
        {"id": one.id, "name": one.name}
        for one in call.account.clients.values()
        if call.key.sees(one.id) and (wanted is None or one.id in wanted)
    ]
    return envelope(call, "client_list", rows)


def client_performance(call: Call) -> Answer:
    first, last = call.dates()
    by_client: dict[int, list[Campaign]] = {}
    for campaign in campaigns(call):
        if campaign.client_id is not None:
            by_client.setdefault(campaign.client_id, []).append(campaign)
    rows = []
    for client_id, theirs in sorted(by_client.items()):
        owner = call.account.clients.get(client_id)
        totals = sum_totals(theirs, first, last)
        bounced = totals.days.bounced / totals.days.sent if totals.days.sent else 0.0
        metrics = _metrics(totals) | {"client_health": "poor" if bounced > 0.03 else "good"}
        del metrics["bounced"], metrics["bounce_rate"]
        rows.append(
            {
                "client_id": client_id,
                "client_name": owner.name if owner else None,
                "total_campaigns_count": str(len(theirs)),
                "campaign_stats": metrics,
            }
        )
    return envelope(call, "client_wise_performance", page(call, rows))
