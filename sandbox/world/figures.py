"""Figures over a range of days, as the provider counts them: emails add up over days, people do not."""

from dataclasses import dataclass
from datetime import date

from .days import FOLLOW_UP_DAYS, ONE_DAY
from .model import NOTHING, Campaign, Day


@dataclass(frozen=True, slots=True)
class Totals:
    """What the provider says about a range. `people` got at least one email in it, `openers` opened at least one."""

    days: Day
    people: int
    openers: int
    neutral: int
    negative: int


@dataclass(frozen=True, slots=True)
class LeadCounts:
    """Where the people of a campaign are; all but `interested` add up to `total`."""

    total: int
    waiting: int
    in_progress: int
    completed: int
    paused: int
    stopped: int
    blocked: int
    interested: int


def sum_of(campaign: Campaign, first: date, last: date) -> Day:
    """The plain sum of the day rows; `settle` must have run."""
    rows = _rows(campaign, first, last)
    return Day(*map(sum, zip(*rows, strict=True))) if rows else NOTHING


def _rows(campaign: Campaign, first: date, last: date) -> list[Day]:
    rows = campaign.rows
    if first == date.min and last == date.max:
        return list(rows.values())
    if (last - first).days > len(rows):
        return [row for day, row in rows.items() if first <= day <= last]
    start = first.toordinal()
    days = map(date.fromordinal, range(start, last.toordinal() + 1))
    return [row for row in map(rows.get, days) if row is not None]


def carried(rows: dict[date, Day], day: date) -> Day:
    """What people did on this day about emails of the day before: about half, and no more than were sent there."""
    row, before = rows.get(day, NOTHING), rows.get(day - ONE_DAY)
    if before is None:
        return NOTHING
    replied = min(row.replied // 2, before.sent // 8)
    opened = min(row.opened // 2, before.sent // 4)
    return Day(opened=opened, replied=replied, positive=min(row.positive // 2, replied))


def new_people(campaign: Campaign, first: date, last: date) -> int:
    return sum(row.contacted for row in _rows(campaign, first, last))


def opened_emails(opens: int) -> int:
    """How many emails were opened at all, when they were opened so often together."""
    return opens - opens * 28 // 100


def clicked_emails(clicks: int) -> int:
    return clicks - clicks // 4


def negatives(replies: int) -> int:
    """How many of the replies that are not positive are negative; the others are neutral."""
    return replies * 3 // 5


def totals(campaign: Campaign, first: date | None = None, last: date | None = None) -> Totals:
    """Totals of a range, or of the whole life. With `totals_lag` they lose some replies that the days still show."""
    low, high = first or date.min, last or date.max
    days = sum_of(campaign, low, high)
    if campaign.totals_lag and low != high:
        days = days._replace(replied=days.replied - int(days.replied * campaign.totals_lag))
    reach = low if low == date.min else low - FOLLOW_UP_DAYS * ONE_DAY
    people = min(days.sent, new_people(campaign, reach, high))
    openers = min(people, opened_emails(days.opened))
    positive = min(days.positive, days.replied)
    days = days._replace(positive=positive)
    negative = negatives(days.replied - positive)
    return Totals(days, people, openers, days.replied - positive - negative, negative)


def lead_counts(campaign: Campaign, today: date) -> LeadCounts:
    life = sum_of(campaign, date.min, date.max)
    recent = new_people(campaign, today - FOLLOW_UP_DAYS * ONE_DAY, today)
    waiting = max(0, campaign.leads - life.contacted)
    rest = campaign.leads - waiting
    blocked = min(rest, life.bounced)
    rest -= blocked
    stopped = min(rest, life.replied + life.unsubscribed)
    rest -= stopped
    paused = min(rest, campaign.leads // 800)
    rest -= paused
    in_progress = min(rest, recent) if campaign.status in {"ACTIVE", "PAUSED"} else 0
    return LeadCounts(
        campaign.leads, waiting, in_progress, rest - in_progress, paused, stopped, blocked, min(life.positive, stopped)
    )


def planned(campaign: Campaign) -> int:
    """Emails that the campaign would send if nobody answered."""
    return campaign.leads * max(1, len(campaign.steps))
