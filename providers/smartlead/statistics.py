"""Statistics of one campaign (smartlead-api 3.2)."""

from datetime import date
from typing import Annotated

from pydantic import BeforeValidator

from providers.calls import Answer, Call, get
from providers.records import RemoteCampaignTotals, RemoteLeadCounts, RemoteRange, RemoteTotals
from providers.smartlead import vocabulary
from providers.smartlead.analytics import NumbersShape, day_rows
from providers.smartlead.campaigns import Tags
from providers.smartlead.dialect import LIVE, Dialect, Learn, forget
from providers.smartlead.parsing import (
    Id,
    Int,
    Percent,
    Shape,
    Text,
    as_object,
    maybe,
    object_in,
    only,
    payload_of,
    read,
)
from providers.smartlead.ranges import days_in


class LeadCountsShape(Shape):
    total: Int = None
    not_started: Int = maybe("notStarted", "not_started")
    in_progress: Int = maybe("inprogress", "inProgress", "in_progress")
    completed: Int = None
    paused: Int = None
    stopped: Int = None
    blocked: Int = None
    interested: Int = None
    revenue: Percent = None

    def record(self) -> RemoteLeadCounts:
        return RemoteLeadCounts(
            total=self.total,
            not_started=self.not_started,
            in_progress=self.in_progress,
            completed=self.completed,
            paused=self.paused,
            stopped=self.stopped,
            blocked=self.blocked,
            interested=self.interested,
            revenue=self.revenue,
        )


class CampaignTotalsShape(Shape):
    id: Id
    name: Text = ""
    status: Text = ""
    client_id: Int = None
    client_name: Text = ""
    parent_id: Int = maybe("parent_campaign_id")
    sent: Int = maybe("sent_count")
    unique_sent: Int = maybe("unique_sent_count")
    opened: Int = maybe("open_count")
    unique_opened: Int = maybe("unique_open_count")
    clicked: Int = maybe("click_count")
    unique_clicked: Int = maybe("unique_click_count")
    replied: Int = maybe("reply_count")
    blocked: Int = maybe("block_count")
    bounced: Int = maybe("bounce_count")
    unsubscribed: Int = maybe("unsubscribed_count")
    planned: Int = maybe("total_count")
    not_sent: Int = maybe("drafted_count")
    steps: Int = maybe("sequence_count")
    tags: Tags = ()
    leads: Annotated[LeadCountsShape | None, BeforeValidator(as_object)] = maybe("campaign_lead_stats")

    def record(self) -> RemoteCampaignTotals:
        return RemoteCampaignTotals(
            campaign_id=self.id,
            name=self.name,
            status=vocabulary.status_of(self.status),
            raw_status=self.status,
            client_id=self.client_id,
            parent_id=self.parent_id,
            client_name=self.client_name,
            sent=self.sent,
            unique_sent=self.unique_sent,
            opened=self.opened,
            unique_opened=self.unique_opened,
            clicked=self.clicked,
            unique_clicked=self.unique_clicked,
            replied=self.replied,
            blocked=self.blocked,
            bounced=self.bounced,
            unsubscribed=self.unsubscribed,
            planned=self.planned,
            not_sent=self.not_sent,
            steps=self.steps,
            tags=tuple(tag.record() for tag in self.tags),
            leads=self.leads.record() if self.leads else None,
        )


def campaign_totals(campaign_id: int) -> Call[RemoteCampaignTotals]:
    """Counters of a campaign since it began, and where its leads stand (3.2.1). NotFound also where 200 holds nothing
    (1.7).
    """

    def parse(answer: Answer) -> RemoteCampaignTotals:
        return read(CampaignTotalsShape, object_in(answer)).record()

    return get(f"/campaigns/{campaign_id:d}/analytics", parse, category="analytics")


class RangeShape(NumbersShape):
    id: Int = None
    name: Text = ""
    skipped: Int = maybe("skipped_count")
    failed: Int = maybe("failed_count")
    blocked: Int = maybe("block_count")
    stopped: Int = maybe("stopped_count")
    planned: Int = maybe("total_count")
    not_sent: Int = maybe("drafted_count")


def read_range(answer: Answer, campaign_id: int, start: date, end: date) -> RemoteRange:
    """Totals of the range from an object; a row per day from an array, or from rows under `data` that carry dates
    (7.3).
    """
    payload = payload_of(answer)
    rows = payload if isinstance(payload, list) else payload.get("data") if isinstance(payload, dict) else None
    if isinstance(rows, list) and all(isinstance(row, dict) and "date" in row for row in rows):
        return RemoteRange(RemoteTotals(campaign_id), day_rows(rows, start, end))
    found = read(RangeShape, object_in(answer))
    return RemoteRange(
        totals=found.totals(campaign_id, found.name),
        skipped=found.skipped,
        failed=found.failed,
        blocked=found.blocked,
        stopped=found.stopped,
        planned=found.planned,
        not_sent=found.not_sent,
    )


def campaign_range(
    campaign_id: int,
    start: date,
    end: date,
    *,
    time_zone: str | None = "UTC",
    dialect: Dialect = LIVE,
    learn: Learn = forget,
) -> Call[RemoteRange]:
    """Totals of at most 30 days, or the days themselves where the server gives these, which is remembered (3.2.2, 7.3).

    Ranges may be added up but for people and the snapshots `planned` and `not_sent`. An empty array of a day that has
    no row tells nothing about the form of the server.
    """
    days_in(start, end)

    def parse(answer: Answer) -> RemoteRange:
        found = read_range(answer, campaign_id, start, end)
        if found.days != () and (found.days is not None) != dialect.day_rows_by_date:
            learn(day_rows_by_date=found.days is not None)
        return found

    query = only(start_date=start.isoformat(), end_date=end.isoformat(), time_zone=time_zone)
    return get(f"/campaigns/{campaign_id:d}/analytics-by-date", parse, query=query, category="analytics")


def campaign_range_in_full(campaign_id: int, start: date, end: date) -> Call[RemoteRange]:
    """Totals of a range with positive replies, skipped and failed emails, which no other call of one campaign tells
    (3.2.3).
    """
    days_in(start, end)

    def parse(answer: Answer) -> RemoteRange:
        return read_range(answer, campaign_id, start, end)

    query = {"start_date": start.isoformat(), "end_date": end.isoformat()}
    return get(f"/campaigns/{campaign_id:d}/top-level-analytics-by-date", parse, query=query, category="analytics")
