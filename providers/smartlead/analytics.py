"""Account-wide statistics that charts and totals are drawn from (smartlead-api 3.4, rows 1-5 and 7)."""

from collections.abc import Collection
from datetime import date
from typing import Any

from providers.calls import Answer, Call, Page, get
from providers.records import RemoteDay, RemoteTotals
from providers.smartlead.dialect import LIVE, Dialect, Learn, forget, in_forms, is_no_route
from providers.smartlead.parsing import Id, Int, Shape, Text, data_in, day_in, maybe, needed, payload_of, read, rows_in
from providers.smartlead.ranges import span, span_of_days, window

TOTALS_PAGE = 1000
"""Rows asked for at once; the limit is not documented, dashboards use 100-1000 (1.8)."""
TOTALS_CAP = 100
"""A server that allows fewer rows may shorten the page without a word, to this or a multiple of it."""


class NumbersShape(Shape):
    """Counters that come under the names of several generations of this API."""

    sent: Int = maybe("sent", "sent_count")
    opened: Int = maybe("opened", "open_count")
    clicked: Int = maybe("clicked", "click_count")
    replied: Int = maybe("replied", "reply_count")
    bounced: Int = maybe("bounced", "bounce_count")
    unsubscribed: Int = maybe("unsubscribed", "unsubscribed_count")
    positive: Int = maybe("positive_replied", "positive_reply_count", "positive_reply")
    contacted: Int = maybe("unique_lead_count")
    unique_opened: Int = maybe("unique_open_count")

    def totals(self, campaign_id: int | None, name: str = "") -> RemoteTotals:
        return RemoteTotals(
            campaign_id=campaign_id,
            name=name,
            sent=self.sent,
            opened=self.opened,
            clicked=self.clicked,
            replied=self.replied,
            bounced=self.bounced,
            unsubscribed=self.unsubscribed,
            positive=self.positive,
            contacted=self.contacted,
            unique_opened=self.unique_opened,
        )

    def on(self, day: date) -> RemoteDay:
        return RemoteDay(
            day=day,
            sent=self.sent,
            opened=self.opened,
            replied=self.replied,
            bounced=self.bounced,
            unsubscribed=self.unsubscribed,
            positive=self.positive,
            clicked=self.clicked,
        )


class CampaignNumbersShape(NumbersShape):
    id: Id = needed("id", "campaign_id")
    name: Text = maybe("campaign_name", "name", default="")


def day_rows(rows: list[dict[str, Any]], start: date, end: date) -> tuple[RemoteDay, ...]:
    """Day rows in order of days, their numbers flat or under `email_engagement_metrics` (3.4)."""
    found = []
    for row in rows:
        nested = row.get("email_engagement_metrics")
        numbers = row | nested if isinstance(nested, dict) else row
        found.append(read(NumbersShape, numbers).on(day_in(row.get("date"), start, end)))
    return tuple(sorted(found, key=lambda one: one.day))


def overall(
    start: date,
    end: date,
    *,
    campaign_ids: Collection[int] | None = None,
    client_ids: Collection[int] | None = None,
    time_zone: str = "UTC",
    full_data: bool = False,
    dialect: Dialect = LIVE,
    learn: Learn = forget,
) -> Call[RemoteTotals]:
    """Headline numbers of everything asked for together: those that the vendor's own pages show (3.4 row 1).

    A server without this route is asked by the name that the guides give it (quirk d).
    """
    query = span(start, end, time_zone=time_zone, campaign_ids=campaign_ids, client_ids=client_ids, full_data=full_data)

    def build(spoken: Dialect) -> Call[RemoteTotals]:
        path = "/analytics/overview" if spoken.overview else "/analytics/overall-stats-v2"
        return get(path, read_overall, query=query, category="analytics")

    return in_forms(build, dialect, learn, overview=is_no_route)


def read_overall(answer: Answer) -> RemoteTotals:
    """The numbers under their key, or, as the guides' route may have it, directly under `data` or bare."""
    payload = payload_of(answer)
    data = payload.get("data", payload) if isinstance(payload, dict) else None
    if isinstance(data, dict) and "overall_stats" not in data and "sent" in data:
        return read(NumbersShape, data).totals(None)
    return read(NumbersShape, data_in(answer, "overall_stats") or {}).totals(None)


def totals(
    start: date,
    end: date,
    *,
    campaign_ids: Collection[int] | None = None,
    client_ids: Collection[int] | None = None,
    offset: int = 0,
    limit: int = TOTALS_PAGE,
    time_zone: str = "UTC",
    full_data: bool = False,
) -> Call[Page[RemoteTotals]]:
    """A row per campaign (3.4 row 7). With start = end it is the cheapest source of one day of every campaign of the
    connection.
    """

    def parse(answer: Answer) -> Page[RemoteTotals]:
        rows = [read(CampaignNumbersShape, row) for row in rows_in(answer, "campaign_wise_performance")]
        return Page.at(tuple(row.totals(row.id, row.name) for row in rows), offset, limit, capped_at=TOTALS_CAP)

    query = span(start, end, time_zone=time_zone, campaign_ids=campaign_ids, client_ids=client_ids, full_data=full_data)
    return get(
        "/analytics/campaign/overall-stats", parse, query={**query, **window(offset, limit)}, category="analytics"
    )


def daily(
    campaign_ids: Collection[int] | None,
    start: date,
    end: date,
    *,
    client_ids: Collection[int] | None = None,
    time_zone: str = "UTC",
    by_sent_time: bool = False,
    full_data: bool = False,
) -> Call[tuple[RemoteDay, ...]]:
    """A row per day of everything asked for together: one series, not one per campaign (3.4 row 2).

    `by_sent_time` counts events on the day when their email was sent (row 3) instead of their own. Days on which
    nothing happened may be missing. The sum of the days is not the total of the range (quirk b).
    """
    path = "/analytics/day-wise-overall-stats" + ("-by-sent-time" if by_sent_time else "")
    query = span_of_days(
        start, end, time_zone=time_zone, campaign_ids=campaign_ids, client_ids=client_ids, full_data=full_data
    )

    def parse(answer: Answer) -> tuple[RemoteDay, ...]:
        return day_rows(rows_in(answer, "day_wise_stats"), start, end)

    return get(path, parse, query=query, category="analytics")


def daily_positive(
    campaign_ids: Collection[int] | None,
    start: date,
    end: date,
    *,
    client_ids: Collection[int] | None = None,
    time_zone: str = "UTC",
    by_sent_time: bool = False,
    full_data: bool = False,
) -> Call[tuple[RemoteDay, ...]]:
    """As `daily`, but of each day only `positive` is told (3.4 row 4; row 5 with `by_sent_time`)."""
    path = "/analytics/day-wise-positive-reply-stats" + ("-by-sent-time" if by_sent_time else "")
    query = span_of_days(
        start, end, time_zone=time_zone, campaign_ids=campaign_ids, client_ids=client_ids, full_data=full_data
    )

    def parse(answer: Answer) -> tuple[RemoteDay, ...]:
        return day_rows(rows_in(answer, "day_wise_stats"), start, end)

    return get(path, parse, query=query, category="analytics")
