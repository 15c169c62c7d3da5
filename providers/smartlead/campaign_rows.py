"""Rows behind the numbers of one campaign: emails, leads, mailboxes, steps, the export (smartlead-api 3.2.4-3.2.8)."""

import csv
import io
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal

from providers.calls import EXPORT_TIMEOUT, Answer, Call, Page, get
from providers.errors import NotFound, UnexpectedResponse
from providers.reports import RemoteEmail, RemoteExportedLead, RemoteSenderNumbers, RemoteStepNumbers
from providers.smartlead.parsing import (
    Flag,
    Id,
    Int,
    Shape,
    Text,
    Time,
    as_flag,
    as_int,
    as_text,
    as_time,
    each,
    list_in,
    maybe,
    needed,
    only,
    payload_of,
)
from providers.smartlead.ranges import MAX_SPAN_DAYS, days_in, window

EMAIL_PAGE = 500
"""Rows carry the whole email, so pages stay below the 1000 that are allowed (3.2.4)."""
LEAD_PAGE = 100
MAILBOX_NUMBERS_PAGE = 20

EmailStatus = Literal["opened", "clicked", "replied", "unsubscribed", "bounced"]


class EmailShape(Shape):
    address: Text = maybe("lead_email", default="")
    lead_name: Text = ""
    category: Text = maybe("lead_category", default="")
    step_number: Int = maybe("sequence_number")
    step_id: Int = maybe("email_campaign_seq_id")
    variant_id: Int = maybe("seq_variant_id")
    stats_id: Text = ""
    subject: Text = maybe("email_subject", default="")
    sent_at: Time = maybe("sent_time")
    opened_at: Time = maybe("open_time")
    clicked_at: Time = maybe("click_time")
    replied_at: Time = maybe("reply_time")
    opens: Int = maybe("open_count")
    clicks: Int = maybe("click_count")
    unsubscribed: Flag = maybe("is_unsubscribed")
    bounced: Flag = maybe("is_bounced")

    def record(self) -> RemoteEmail:
        return RemoteEmail(**self.model_dump())


def emails(
    campaign_id: int,
    *,
    offset: int = 0,
    limit: int = EMAIL_PAGE,
    step_number: int | None = None,
    status: EmailStatus | None = None,
    sent_from: date | datetime | None = None,
    sent_to: date | datetime | None = None,
) -> Call[Page[RemoteEmail]]:
    """A row per email that was sent, which is neither per lead nor a sum (3.2.4). Plain dates count on both ends
    (8).
    """
    if limit > 1000:
        raise ValueError("At most 1000 emails a page.")

    def parse(answer: Answer) -> Page[RemoteEmail]:
        rows = each(list_in(answer), EmailShape, EmailShape.record)
        payload = answer.json
        total = as_int(payload.get("total_stats")) if isinstance(payload, dict) else None
        return Page.at(rows, offset, limit) if total is None else Page.of(rows, offset, total)

    query = only(
        email_sequence_number=None if step_number is None else str(step_number),
        email_status=status,
        sent_time_start_date=None if sent_from is None else sent_from.isoformat(),
        sent_time_end_date=None if sent_to is None else sent_to.isoformat(),
    )
    path = f"/campaigns/{campaign_id:d}/statistics"
    return get(path, parse, query={**window(offset, limit), **query}, category="analytics")


def lead_rows(
    campaign_id: int, *, offset: int = 0, limit: int = LEAD_PAGE, events_after: datetime | None = None
) -> Call[Page[Mapping[str, Any]]]:
    """Rows per lead as they come: their fields are not firmly known (3.2.5)."""
    if limit > LEAD_PAGE:
        raise ValueError(f"At most {LEAD_PAGE} rows a page.")

    def parse(answer: Answer) -> Page[Mapping[str, Any]]:
        rows: tuple[Mapping[str, Any], ...] = tuple(list_in(answer))
        more = as_flag(answer.json.get("hasMore")) if isinstance(answer.json, dict) else None
        if more is None:
            return Page.at(rows, offset, limit)
        return Page(rows, offset + len(rows) if more and rows else None)

    query = only(event_time_gt=None if events_after is None else events_after.isoformat())
    path = f"/campaigns/{campaign_id:d}/leads-statistics"
    return get(path, parse, query={**window(offset, limit), **query}, category="analytics")


class SenderShape(Shape):
    """Numbers of a sender under the names of all calls that tell them (3.2.6; 3.4 rows 19-21)."""

    name: Text = maybe("from_email", "email_account", "domain", "provider", default="")
    mailbox_id: Int = maybe("email_account_id")
    tag: Text = ""
    sent: Int = maybe("sent", "sent_count")
    opened: Int = maybe("opened", "open_count")
    clicked: Int = maybe("clicked", "click_count")
    replied: Int = maybe("replied", "reply_count")
    positive: Int = maybe("positive_replied", "positive_reply_count")
    bounced: Int = maybe("bounced", "bounce_count")
    sender_bounced: Int = maybe("sender_bounce_count")
    unsubscribed: Int = maybe("unsubscribed", "unsubscribed_count")

    def record(self) -> RemoteSenderNumbers:
        return RemoteSenderNumbers(**self.model_dump())


def mailbox_numbers(
    campaign_id: int,
    *,
    offset: int = 0,
    limit: int = MAILBOX_NUMBERS_PAGE,
    start: date | None = None,
    end: date | None = None,
    client_id: int | None = None,
    time_zone: str = "UTC",
) -> Call[Page[RemoteSenderNumbers]]:
    """Numbers of each mailbox of a campaign, at most 20 a page; 25 are refused (3.2.6). Both dates, or neither."""
    if limit > MAILBOX_NUMBERS_PAGE:
        raise ValueError(f"At most {MAILBOX_NUMBERS_PAGE} mailboxes a page.")
    if (start is None) != (end is None):
        raise ValueError("A range has both dates.")

    def parse(answer: Answer) -> Page[RemoteSenderNumbers]:
        return Page.at(each(list_in(answer), SenderShape, SenderShape.record), offset, limit)

    query = only(
        client_id=None if client_id is None else str(client_id),
        start_date=start.isoformat() if start else None,
        end_date=end.isoformat() if end else None,
        time_zone=time_zone,
    )
    path = f"/campaigns/{campaign_id:d}/mailbox-statistics"
    return get(path, parse, query={**window(offset, limit), **query}, category="analytics")


class StepNumbersShape(Shape):
    step_id: Id = needed("email_campaign_seq_id")
    sent: Int = maybe("sent_count")
    skipped: Int = maybe("skipped_count")
    opened: Int = maybe("open_count")
    clicked: Int = maybe("click_count")
    replied: Int = maybe("reply_count")
    positive: Int = maybe("positive_reply_count")
    bounced: Int = maybe("bounce_count")
    failed: Int = maybe("failed_count")
    stopped: Int = maybe("stopped_count")
    unsubscribed: Int = maybe("unsubscribed_count")

    def record(self) -> RemoteStepNumbers:
        return RemoteStepNumbers(**self.model_dump())


def step_numbers(
    campaign_id: int, start: date, end: date, *, time_zone: str = "UTC"
) -> Call[tuple[RemoteStepNumbers, ...]]:
    """A row per step (3.2.7 and 8). The call is in no official page; where it is missing, group `emails` by step
    instead. How wide a range may be is not told: be ready for a refusal beyond 30 days.
    """
    days_in(start, end, most=MAX_SPAN_DAYS)

    def parse(answer: Answer) -> tuple[RemoteStepNumbers, ...]:
        return each(list_in(answer), StepNumbersShape, StepNumbersShape.record)

    query = {"start_date": start.isoformat(), "end_date": end.isoformat(), "time_zone": time_zone}
    return get(f"/campaigns/{campaign_id:d}/sequence-analytics", parse, query=query, category="analytics")


def export_leads(campaign_id: int) -> Call[tuple[RemoteExportedLead, ...]]:
    """Every lead of a campaign in one CSV, far cheaper than pages and slow for big campaigns (3.2.8)."""
    return get(
        f"/campaigns/{campaign_id:d}/leads-export",
        read_export,
        category="leads",
        accept="text/csv",
        read_timeout=EXPORT_TIMEOUT,
    )


def read_export(answer: Answer) -> tuple[RemoteExportedLead, ...]:
    """Rows by the names of their columns, of which older exports lack some. Nothing at all means no such campaign
    (1.7).
    """
    if answer.form == "empty":
        raise NotFound("The provider has nothing to export.", status=answer.status)
    if answer.form == "json":
        payload_of(answer)
        raise UnexpectedResponse("The provider answered with no table.", status=answer.status, code="shape")
    problem = ""
    try:
        rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"), newline=""), strict=True))
    except csv.Error as error:
        rows, problem = [], str(error)
    if problem or (rows and "email" not in rows[0]):
        raise UnexpectedResponse("The provider's table can't be read.", status=answer.status, code="csv")
    return tuple(_exported(row) for row in rows)


def _exported(row: Mapping[str, Any]) -> RemoteExportedLead:
    def text(name: str) -> str:
        return as_text(row.get(name))

    return RemoteExportedLead(
        id=as_int(row.get("id")),
        membership_id=as_int(row.get("campaign_lead_map_id")),
        email=text("email"),
        status=text("status"),
        category=text("category"),
        first_name=text("first_name"),
        last_name=text("last_name"),
        phone=text("phone_number"),
        company=text("company_name"),
        company_url=text("company_url"),
        website=text("website"),
        location=text("location"),
        linkedin=text("linkedin_profile"),
        custom_fields=_custom_fields(text("custom_fields")),
        interested=as_flag(row.get("is_interested")),
        unsubscribed=as_flag(row.get("is_unsubscribed")),
        last_step_sent=as_int(row.get("last_email_sequence_sent")),
        opens=as_int(row.get("open_count")),
        clicks=as_int(row.get("click_count")),
        replies=as_int(row.get("reply_count")),
        created_at=as_time(row.get("created_at")),
    )


def _custom_fields(text: str) -> Mapping[str, str]:
    try:
        found = json.loads(text) if text.strip() else {}
    except (ValueError, RecursionError):
        return {}
    return {as_text(name): as_text(value) for name, value in found.items()} if isinstance(found, dict) else {}
