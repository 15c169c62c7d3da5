"""How fast a schedule starts new leads, and when the waiting ones are through. Pure calculation: no database, no words.

What is not known is None and stays None: it is never replaced by a guess.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from providers.drafts import ScheduleDraft

LONGEST_OUTLOOK_DAYS = 5 * 366
LAST_DAY = date.max - timedelta(days=LONGEST_OUTLOOK_DAYS)  # what begins later is not reckoned with
MINUTES_A_DAY = 24 * 60
# Clocks are never put forward by more than a day; by more than three hours nowhere that keeps a schedule.
LONGEST_LEAP = timedelta(hours=25)


@dataclass(frozen=True)
class Plan(ScheduleDraft):
    """One window of hours on the chosen weekdays, by the clock of its time zone."""

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @cached_property
    def opens(self) -> time:
        return time.fromisoformat(self.start)

    @cached_property
    def closes(self) -> time:
        return time.fromisoformat(self.end)

    @property
    def window_minutes(self) -> int:
        return max(0, minutes_of(self.end) - minutes_of(self.start))


@dataclass(frozen=True)
class Sender:
    """What a mailbox allows, as far as it is told."""

    daily_limit: int | None
    min_gap_minutes: int | None
    connected: bool


@dataclass(frozen=True)
class Supply:
    """What a plan draws on. `senders` None: the mailboxes are not known. `follow_up_percentage` is the share of each day's
    emails that is kept for follow-ups; `follow_ups_due`, where it is known, counts instead of that share.
    """

    senders: Sequence[Sender] | None = None
    waiting: int | None = None
    follow_up_percentage: int | None = None
    follow_ups_due: int | None = None

    @property
    def connected(self) -> list[Sender]:
        return [one for one in self.senders or () if one.connected]

    @property
    def disconnected(self) -> list[Sender]:
        return [one for one in self.senders or () if not one.connected]

    def left_for_new(self, emails: int) -> int:
        """How many of a day's emails may go to new leads."""
        if self.follow_ups_due is not None:
            return max(0, emails - self.follow_ups_due)
        if self.follow_up_percentage is not None:
            return emails * (100 - self.follow_up_percentage) // 100
        return emails


@dataclass(frozen=True)
class Limits:
    """New leads a day, by each thing that limits them; None: not known."""

    new_leads: int
    mailboxes: int | None
    slots: int | None

    @property
    def per_day(self) -> int:
        return min(one for one in (self.new_leads, self.mailboxes, self.slots) if one is not None)

    @property
    def others(self) -> int | None:
        """What would limit if the daily maximum of new leads did not; None where part of it is not known."""
        if self.mailboxes is None or self.slots is None:
            return None
        return min(self.mailboxes, self.slots)


@dataclass(frozen=True)
class Outlook:
    """The way to the last waiting lead: how many wait on the morning of a day, and the day on which none is left."""

    sending_days: int
    finish: date
    mornings: tuple[tuple[date, int], ...]


def minutes_of(hour: str) -> int:
    """Minutes since midnight of "HH:MM"."""
    return int(hour[:2]) * 60 + int(hour[3:5])


def emails_per_mailbox(plan: Plan, own_gap: int | None = None) -> int:
    """How many emails one mailbox can send on a day within the hours, at the longer of the two gaps."""
    return plan.window_minutes // max(plan.min_gap_minutes, own_gap or 0, 1)


def limits(plan: Plan, supply: Supply) -> Limits:
    """The three limits. One unknown daily limit of a mailbox makes their sum unknown."""
    if supply.senders is None:
        return Limits(plan.daily_new_leads, None, None)
    daily = [one.daily_limit for one in supply.connected]
    known = [one for one in daily if one is not None]
    slots = sum(emails_per_mailbox(plan, one.min_gap_minutes) for one in supply.connected)
    mailboxes = supply.left_for_new(sum(known)) if len(known) == len(daily) else None
    return Limits(plan.daily_new_leads, mailboxes, supply.left_for_new(slots))


def is_open(plan: Plan, moment: datetime) -> bool:
    """Whether the plan sends at this moment, by the clock on its wall."""
    if plan.starts_at is not None and moment < plan.starts_at:
        return False
    local = moment.astimezone(plan.zone)
    return local.isoweekday() in plan.days and plan.opens <= local.time() < plan.closes


def next_send(plan: Plan, now: datetime) -> datetime | None:
    """The first moment from now on at which the plan sends, in its zone; None if there is none before the end of all dates."""
    try:
        return _next_send(plan, now)
    except OverflowError:
        return None


def _next_send(plan: Plan, now: datetime) -> datetime | None:
    moment = now if plan.starts_at is None else max(now, plan.starts_at)
    if is_open(plan, moment):
        return moment.astimezone(plan.zone)
    today = moment.astimezone(plan.zone).date()
    # Two weeks and a day: a window may vanish in the hour that clocks skip, and then it is the next week's.
    for ahead in range(-1, 16):
        later = [one for one in _openings(plan, today + timedelta(days=ahead)) if one >= moment]
        if later:
            return min(later).astimezone(plan.zone)
    return None


def _openings(plan: Plan, day: date) -> Iterator[datetime]:
    """When the window opens on a day: once as a rule, twice where clocks go back over it, later where they skip its begin."""
    if day.isoweekday() not in plan.days or plan.opens >= plan.closes:
        return
    utc = ZoneInfo("UTC")
    firsts = {datetime.combine(day, plan.opens, plan.zone).replace(fold=fold).astimezone(utc) for fold in (0, 1)}
    real = [
        one for one in firsts if one.astimezone(plan.zone).replace(tzinfo=None) == datetime.combine(day, plan.opens)
    ]
    if real:
        yield from real
        # Clocks that go back into the middle of the window open it again.
        end = datetime.combine(day, plan.closes, plan.zone).replace(fold=1).astimezone(utc)
        yield from _reopenings(plan, min(real), end)
        return
    moment, last = min(firsts), max(firsts) + LONGEST_LEAP
    while moment <= last:
        local = moment.astimezone(plan.zone)
        if local.date() == day and plan.opens <= local.time() < plan.closes:
            yield moment
            return
        moment += timedelta(minutes=1)


def _reopenings(plan: Plan, start: datetime, end: datetime) -> Iterator[datetime]:
    if end - start == timedelta(minutes=plan.window_minutes):
        return
    moment, inside = start, True
    while moment < end:
        now_inside = plan.opens <= moment.astimezone(plan.zone).time() < plan.closes
        if now_inside and not inside:
            yield moment
        inside = now_inside
        moment += timedelta(minutes=1)


def first_whole_day(plan: Plan, now: datetime) -> date | None:
    """The first day on which the plan sends from its first hour on. One that is under way is not counted: how many of its
    new leads were started already is not known.
    """
    opening = next_send(plan, now)
    if opening is None:
        return None
    day = opening.date()
    if opening.time().replace(second=0, microsecond=0) <= plan.opens and opening > now:
        return day
    if day >= LAST_DAY:
        return None
    following = datetime.combine(day + timedelta(days=1), time.min, plan.zone)
    later = next_send(plan, max(following, now))
    return later.date() if later else None


def outlook(plan: Plan, per_day: int, waiting: int, now: datetime) -> Outlook | None:
    """The waiting leads week by week; None where the plan never gets through them (within five years)."""
    first = first_whole_day(plan, now)
    if first is None or first >= LAST_DAY or per_day < 1 or waiting < 1:
        return None
    day, left, sent_on = first, waiting, 0
    mornings: list[tuple[date, int]] = []
    for _ in range(LONGEST_OUTLOOK_DAYS):
        if day == first or day.isoweekday() == 1:
            mornings.append((day, left))
        if day.isoweekday() in plan.days:
            left, sent_on = max(0, left - per_day), sent_on + 1
            if left == 0:
                return Outlook(sent_on, day, (*mornings, (day, 0)))
        day += timedelta(days=1)
    return None
