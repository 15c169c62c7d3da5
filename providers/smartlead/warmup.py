"""Warmup and tags of mailboxes as they are read (smartlead-api 3.6.7, 3.6.11)."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Annotated

from pydantic import BeforeValidator

from providers.calls import Answer, Call, get
from providers.records import RemoteTag
from providers.reports import RemoteWarmupDay, RemoteWarmupStats
from providers.smartlead.campaigns import Tags
from providers.smartlead.parsing import (
    Id,
    Int,
    Shape,
    Text,
    as_rows,
    day_in,
    each,
    list_in,
    maybe,
    needed,
    object_in,
    read,
)


class WarmupDayShape(Shape):
    date: Text = ""
    sent: Int = maybe("sent_count", "sent")
    replied: Int = maybe("reply_count", "replied")
    saved_from_spam: Int = maybe("save_from_spam_count", "saved_from_spam")


class WarmupStatsShape(Shape):
    sent: Int = maybe("sent_count", "total_sent")
    spam: Int = maybe("spam_count", "total_spam")
    inbox: Int = maybe("inbox_count", "total_inbox")
    received: Int = maybe("warmup_email_received_count")
    days: Annotated[tuple[WarmupDayShape, ...], BeforeValidator(as_rows)] = maybe(
        "stats_by_date", "daily_stats", default=()
    )


def warmup_stats(mailbox_id: int, *, today: date) -> Call[RemoteWarmupStats]:
    """Warmup of one mailbox in the last seven or eight days (3.6.7). A call per mailbox: ask seldom."""

    def parse(answer: Answer) -> RemoteWarmupStats:
        found = read(WarmupStatsShape, object_in(answer, needs=""))
        days = [
            RemoteWarmupDay(
                day_in(row.date, today - timedelta(days=8), today), row.sent, row.replied, row.saved_from_spam
            )
            for row in found.days
        ]
        days.sort(key=lambda one: one.day)
        return RemoteWarmupStats(mailbox_id, found.sent, found.spam, found.inbox, found.received, tuple(days))

    return get(f"/email-accounts/{mailbox_id:d}/warmup-stats", parse, category="analytics")


class MailboxTagsShape(Shape):
    id: Id = needed("email_account_id", "id")
    tags: Tags = ()


def tags_of_mailboxes(addresses: Collection[str]) -> Call[dict[int, tuple[RemoteTag, ...]]]:
    """Tags by id of the mailboxes with these addresses: a question, though it is asked by POST (3.6.11)."""

    def parse(answer: Answer) -> dict[int, tuple[RemoteTag, ...]]:
        rows = each(list_in(answer), MailboxTagsShape, lambda row: row)
        return {row.id: tuple(tag.record() for tag in row.tags) for row in rows}

    body = {"email_ids": list(addresses)}
    return Call(method="POST", path="/email-accounts/tag-list", parse=parse, body=body, repeatable=True, read_only=True)
