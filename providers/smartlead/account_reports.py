"""Reports over the whole account (smartlead-api 3.4, rows 6 and 8-22).

Of the parameters only those are sent that are documented for the row (8).
"""

from collections.abc import Callable, Collection
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator

from providers.calls import Answer, Call, Page, get
from providers.records import RemoteName
from providers.reports import (
    RemoteClientTotals,
    RemoteCount,
    RemoteLeadTotals,
    RemoteMailboxCounts,
    RemoteMemberNumbers,
    RemoteResponses,
    RemoteSenderNumbers,
)
from providers.smartlead.analytics import TOTALS_PAGE, NumbersShape
from providers.smartlead.campaign_rows import SenderShape
from providers.smartlead.campaigns import NameShape
from providers.smartlead.parsing import (
    Id,
    Int,
    Percent,
    Shape,
    Text,
    as_float,
    as_object,
    as_rows,
    data_in,
    each,
    flag,
    maybe,
    needed,
    read,
    rows_in,
)
from providers.smartlead.ranges import filters, span, window

Ids = Collection[int] | None


def campaign_names(*, client_ids: Ids = None) -> Call[tuple[RemoteName, ...]]:
    """Ids and names of all campaigns (row 6)."""
    return _names("/analytics/campaign/list", "campaign_list", client_ids)


def client_names(*, client_ids: Ids = None) -> Call[tuple[RemoteName, ...]]:
    """Ids and names of all clients (row 13)."""
    return _names("/analytics/client/list", "client_list", client_ids)


def _names(path: str, key: str, client_ids: Ids) -> Call[tuple[RemoteName, ...]]:
    def parse(answer: Answer) -> tuple[RemoteName, ...]:
        return each(rows_in(answer, key), NameShape, NameShape.record)

    return get(path, parse, query=filters(client_ids=client_ids), category="analytics")


class ResponsesShape(Shape):
    campaign_id: Id = needed("campaign_id", "id")
    name: Text = maybe("campaign_name", "name", default="")
    positive: Int = maybe("positive_reply")
    neutral: Int = maybe("neutral_reply")
    negative: Int = maybe("negative_reply")

    def record(self) -> RemoteResponses:
        return RemoteResponses(**self.model_dump())


def responses(
    start: date, end: date, *, campaign_ids: Ids = None, client_ids: Ids = None, time_zone: str = "UTC"
) -> Call[tuple[RemoteResponses, ...]]:
    """Replies to each campaign by sentiment (row 8)."""

    def parse(answer: Answer) -> tuple[RemoteResponses, ...]:
        return each(rows_in(answer, "campaign_wise_response_stats"), ResponsesShape, ResponsesShape.record)

    query = span(start, end, time_zone=time_zone, campaign_ids=campaign_ids, client_ids=client_ids)
    return get("/analytics/campaign/response-stats", parse, query=query, category="analytics")


class CountShape(Shape):
    name: Text = maybe("status", "time_range", "month", "category", "name", default="")
    count: Int = maybe("count", "total_response")
    percentage: Percent = None

    def record(self) -> RemoteCount:
        return RemoteCount(**self.model_dump())


def status_counts(*, client_ids: Ids = None) -> Call[tuple[RemoteCount, ...]]:
    """How many campaigns have which status, in the provider's words (row 9)."""
    query = filters(client_ids=client_ids)
    return get("/analytics/campaign/status-stats", _counts("campaign_status_stats"), query=query, category="analytics")


def leads_for_first_reply(
    start: date, end: date, *, campaign_ids: Ids = None, client_ids: Ids = None, time_zone: str = "UTC"
) -> Call[float | None]:
    """How many leads it takes for a first reply (row 10)."""
    query = span(start, end, time_zone=time_zone, campaign_ids=campaign_ids, client_ids=client_ids)
    parse = _number("leads_take_for_first_reply")
    return get("/analytics/campaign/leads-take-for-first-reply", parse, query=query, category="analytics")


def follow_up_reply_rate(
    start: date, end: date, *, campaign_ids: Ids = None, client_ids: Ids = None, time_zone: str = "UTC"
) -> Call[float | None]:
    """Share of follow-ups that were replied to, in percent (row 11)."""
    query = span(start, end, time_zone=time_zone, campaign_ids=campaign_ids, client_ids=client_ids)
    return get(
        "/analytics/campaign/follow-up-reply-rate", _number("followup_reply_rate"), query=query, category="analytics"
    )


def reply_times(
    start: date, end: date, *, campaign_ids: Ids = None, client_ids: Ids = None, time_zone: str = "UTC"
) -> Call[tuple[RemoteCount, ...]]:
    """How many replies came within which time (row 12)."""
    query = span(start, end, time_zone=time_zone, campaign_ids=campaign_ids, client_ids=client_ids)
    return get(
        "/analytics/campaign/lead-to-reply-time", _counts("lead_to_reply_time"), query=query, category="analytics"
    )


def clients_by_month(*, client_ids: Ids = None) -> Call[tuple[RemoteCount, ...]]:
    """How many clients came in which month (row 14)."""
    query = filters(client_ids=client_ids)
    return get("/analytics/client/month-wise-count", _counts("monthly_stats"), query=query, category="analytics")


class ClientNumbersShape(NumbersShape):
    health: Text = maybe("client_health", default="")


class ClientTotalsShape(Shape):
    client_id: Id = needed("client_id", "id")
    name: Text = maybe("client_name", "name", default="")
    campaigns: Int = maybe("total_campaigns_count")
    numbers: Annotated[ClientNumbersShape | None, BeforeValidator(as_object)] = maybe("campaign_stats")

    def record(self) -> RemoteClientTotals:
        numbers = self.numbers or ClientNumbersShape()
        return RemoteClientTotals(self.client_id, self.name, self.campaigns, numbers.totals(None), numbers.health)


def client_totals(
    start: date,
    end: date,
    *,
    client_ids: Ids = None,
    offset: int = 0,
    limit: int = TOTALS_PAGE,
    time_zone: str = "UTC",
    filter_by: str = "",
    full_data: bool = False,
) -> Call[Page[RemoteClientTotals]]:
    """Totals of each client (row 15). What `filter` takes is not documented."""

    def parse(answer: Answer) -> Page[RemoteClientTotals]:
        rows = each(rows_in(answer, "client_wise_performance"), ClientTotalsShape, ClientTotalsShape.record)
        return Page.at(rows, offset, limit)

    query = {
        **span(start, end, time_zone=time_zone, client_ids=client_ids, full_data=full_data),
        **window(offset, limit),
    }
    if filter_by:
        query["filter"] = filter_by
    return get("/analytics/client/overall-stats", parse, query=query, category="analytics")


class LeadTotalsShape(Shape):
    total: Int = None
    new: Int = None
    follow_up: Int = None

    def record(self) -> RemoteLeadTotals:
        return RemoteLeadTotals(**self.model_dump())


def lead_totals(
    start: date, end: date, *, campaign_ids: Ids = None, client_ids: Ids = None, time_zone: str = "UTC"
) -> Call[RemoteLeadTotals]:
    """Leads contacted: in all, for the first time, again (row 16)."""

    def parse(answer: Answer) -> RemoteLeadTotals:
        stats = as_object(data_in(answer, "lead_stats")) or {}
        return read(LeadTotalsShape, as_object(stats.get("count")) or {}).record()

    query = span(start, end, time_zone=time_zone, campaign_ids=campaign_ids, client_ids=client_ids)
    return get("/analytics/lead/overall-stats", parse, query=query, category="analytics")


def category_responses(
    start: date, end: date, *, campaign_ids: Ids = None, client_ids: Ids = None, time_zone: str = "UTC"
) -> Call[tuple[RemoteCount, ...]]:
    """Replies by the category of their lead (row 17)."""
    query = span(start, end, time_zone=time_zone, campaign_ids=campaign_ids, client_ids=client_ids)
    parse = _counts("lead_responses_by_category")
    return get("/analytics/lead/category-wise-response", parse, query=query, category="analytics")


class MailboxCountsShape(Shape):
    connected: Int = maybe("total_connected")
    in_use: Int = None
    disconnected: Int = None
    without_warmup: Int = maybe("enabled_without_warmup")

    def record(self) -> RemoteMailboxCounts:
        return RemoteMailboxCounts(**self.model_dump())


def mailbox_counts(*, client_ids: Ids = None) -> Call[RemoteMailboxCounts]:
    """How many mailboxes are connected, used, broken (row 18)."""

    def parse(answer: Answer) -> RemoteMailboxCounts:
        return read(MailboxCountsShape, data_in(answer, "overall_mailbox_stats") or {}).record()

    return get("/analytics/mailbox/overall-stats", parse, query=filters(client_ids=client_ids), category="analytics")


def mailbox_health(
    start: date,
    end: date,
    *,
    campaign_ids: Ids = None,
    client_ids: Ids = None,
    offset: int = 0,
    limit: int = TOTALS_PAGE,
    time_zone: str = "UTC",
    bounced: bool | None = None,
) -> Call[Page[RemoteSenderNumbers]]:
    """Numbers of each mailbox (row 19); some keys get nothing here (quirk c), then `mailbox_numbers` of campaigns
    is left.
    """
    query = {
        **span(start, end, time_zone=time_zone, campaign_ids=campaign_ids, client_ids=client_ids),
        **window(offset, limit),
    }
    if bounced is not None:
        query["is_bounced"] = flag(bounced)
    parse = _senders("email_health_metrics", offset, limit)
    return get("/analytics/mailbox/name-wise-health-metrics", parse, query=query, category="analytics")


def domain_health(
    start: date,
    end: date,
    *,
    campaign_ids: Ids = None,
    client_ids: Ids = None,
    offset: int = 0,
    limit: int = TOTALS_PAGE,
    time_zone: str = "UTC",
) -> Call[Page[RemoteSenderNumbers]]:
    """Numbers of each sending domain (row 20)."""
    query = {
        **span(start, end, time_zone=time_zone, campaign_ids=campaign_ids, client_ids=client_ids),
        **window(offset, limit),
    }
    parse = _senders("domain_health_metrics", offset, limit)
    return get("/analytics/mailbox/domain-wise-health-metrics", parse, query=query, category="analytics")


def provider_numbers(
    start: date, end: date, *, campaign_ids: Ids = None, client_ids: Ids = None, time_zone: str = "UTC"
) -> Call[tuple[RemoteSenderNumbers, ...]]:
    """Numbers by mail provider, over all and (rows with a `tag`) by tag of the mailboxes (row 21)."""

    def parse(answer: Answer) -> tuple[RemoteSenderNumbers, ...]:
        found = as_object(data_in(answer, "email_providers_performance_overview")) or {}
        rows = as_rows(found.get("overall")) + as_rows(found.get("tag_wise"))
        return each(rows, SenderShape, SenderShape.record)

    query = span(start, end, time_zone=time_zone, campaign_ids=campaign_ids, client_ids=client_ids)
    return get("/analytics/mailbox/provider-wise-overall-performance", parse, query=query, category="analytics")


class MemberShape(Shape):
    member_id: Id = needed("id")
    name: Text = ""
    leads: Int = maybe("lead_count")
    campaigns: Int = maybe("campaign_count")
    replied: Int = maybe("reply_count")
    positive: Int = maybe("positive_reply_count")
    unique_opened: Int = maybe("unique_open_count")
    average_reply_time: Text = ""

    def record(self) -> RemoteMemberNumbers:
        return RemoteMemberNumbers(**self.model_dump())


def team_numbers(
    start: date, end: date, *, campaign_ids: Ids = None, client_ids: Ids = None, time_zone: str = "UTC"
) -> Call[tuple[RemoteMemberNumbers, ...]]:
    """Numbers of each member of the team (row 22)."""

    def parse(answer: Answer) -> tuple[RemoteMemberNumbers, ...]:
        return each(rows_in(answer, "team_board_stats"), MemberShape, MemberShape.record)

    query = span(start, end, time_zone=time_zone, campaign_ids=campaign_ids, client_ids=client_ids)
    return get("/analytics/team-board/overall-stats", parse, query=query, category="analytics")


def _counts(key: str) -> Callable[[Answer], tuple[RemoteCount, ...]]:
    def parse(answer: Answer) -> tuple[RemoteCount, ...]:
        return each(rows_in(answer, key), CountShape, CountShape.record)

    return parse


def _number(key: str) -> Callable[[Answer], float | None]:
    def parse(answer: Answer) -> float | None:
        return as_float(data_in(answer, key))

    return parse


def _senders(key: str, offset: int, limit: int) -> Callable[[Answer], Page[RemoteSenderNumbers]]:
    def parse(answer: Answer) -> Page[RemoteSenderNumbers]:
        return Page.at(each(rows_in(answer, key), SenderShape, SenderShape.record), offset, limit)

    return parse
