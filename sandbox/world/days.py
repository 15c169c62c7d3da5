"""Day rows: drawn one after the other from the seed, so that moving time twice by a day equals moving it by two.

A day depends on the seed, the campaign, the date and the sum of the days before it, on nothing else. The running day
grows by the hour and is drawn again until it is over.
"""

from datetime import date, datetime, timedelta

from .model import NOTHING, Campaign, Day

ONE_DAY = timedelta(days=1)
FOLLOW_UP_DAYS = 14
"""A person gets the last email this long after the first; that many days after its last new lead a campaign is done."""
FOLLOW_UP_GAP = 3
"""Days between two emails to a person, about: of the follow-ups that are due, so large a part goes out on one day."""
WEEKDAY_WEIGHT = (1.0, 1.06, 1.04, 1.0, 0.9, 0.04, 0.0)
FIRST_HOUR, LAST_HOUR = 7, 18

_MASK = (1 << 64) - 1


def chance(*parts: int) -> float:
    """A number in [0, 1) that depends on the parts alone. Far cheaper than seeding a generator for each."""
    state = 0x9E3779B97F4A7C15
    for part in parts:
        state = (state ^ (part & _MASK)) * 0xBF58476D1CE4E5B9 & _MASK
        state ^= state >> 31
        state = state * 0x94D049BB133111EB & _MASK
        state ^= state >> 29
    return (state >> 11) / (1 << 53)


def weight(day: date, started_on: date) -> float:
    """How much of a usual weekday's volume goes out on this day; the first week ramps up."""
    age = (day - started_on).days
    return WEEKDAY_WEIGHT[day.weekday()] * min(1.0, 0.25 + age * 0.12)


def draw(seed: int, campaign: Campaign, day: date) -> Day:
    """The complete row of one day, given that every earlier day is closed."""
    pace, before = campaign.pace, campaign.sums
    assert pace.started_on is not None
    noise = 0.84 + 0.32 * chance(seed, campaign.id, day.toordinal())
    volume = pace.per_weekday * weight(day, pace.started_on) * noise
    waiting = max(0, campaign.leads - before.contacted)
    due = max(0, before.contacted * max(1, len(campaign.steps)) - before.sent)
    if waiting == 0:
        volume *= 1 - pace.new_share
    # Nobody gets more emails than the sequence has steps.
    sent = min(round(volume), waiting + due)
    if sent <= 0:
        return NOTHING
    total = before.sent + sent

    def next_of(share: float, sofar: int, most: int, salt: int) -> int:
        """Keeps the lifetime share true while single days wobble."""
        wobble = (chance(seed, campaign.id, day.toordinal(), salt) - 0.5) * 3 * min(1.0, share * sent)
        return max(0, min(most, round(share * total + wobble) - sofar))

    fewest = sent - due // FOLLOW_UP_GAP
    contacted = max(0, min(waiting, sent, max(fewest, round(pace.new_share * total) - before.contacted)))
    replied = next_of(pace.reply_share, before.replied, sent, 1)
    positive = next_of(pace.reply_share * pace.positive_share, before.positive, replied, 2)
    bounced = next_of(pace.bounce_share, before.bounced, sent - replied, 3)
    unsubscribed = next_of(0.0014, before.unsubscribed, sent - replied - bounced, 4)
    opened = next_of(pace.open_share, before.opened, sent - bounced, 5) if campaign.tracks_opens else 0
    clicked = 0 if "DONT_LINK_CLICK" in campaign.track_settings else next_of(0.008, before.clicked, sent - bounced, 6)
    return Day(sent, opened, clicked, replied, positive, bounced, unsubscribed, contacted)


def part_of_day(hour: int) -> float:
    """How much of the running day has happened by this hour (UTC)."""
    return min(1.0, max(0.0, (hour - FIRST_HOUR + 1) / (LAST_HOUR - FIRST_HOUR + 1)))


def settle(seed: int, campaign: Campaign, now: datetime) -> None:
    """Brings the rows of a campaign up to this hour, and completes it when its leads have run out."""
    today = now.date()
    if campaign.settled == (today, now.hour):
        return
    campaign.settled = (today, now.hour)
    campaign.revision += 1
    pace = campaign.pace
    if pace.started_on is None:
        return
    day = campaign.closed_through + ONE_DAY if campaign.closed_through else pace.started_on
    while day <= today:
        sends = pace.last_on is None or day <= pace.last_on
        row = draw(seed, campaign, day) if sends else campaign.rows.get(day, NOTHING)
        if sends and day == today:
            part = part_of_day(now.hour)
            row = Day(*(int(figure * part) for figure in row))
        if row.sent:
            campaign.rows[day] = row
        if day < today:
            _close(campaign, day, row)
        day += ONE_DAY


def _close(campaign: Campaign, day: date, row: Day) -> None:
    campaign.sums += row
    campaign.closed_through = day
    running = campaign.pace.last_on is None
    if campaign.sums.contacted >= campaign.leads and campaign.used_up_on is None:
        campaign.used_up_on = day
    if running and campaign.used_up_on and (day - campaign.used_up_on).days >= FOLLOW_UP_DAYS:
        campaign.pace.last_on = day
        if campaign.status == "ACTIVE":
            campaign.status = "COMPLETED"
            campaign.updated_at = datetime(day.year, day.month, day.day, 18, 5, tzinfo=campaign.updated_at.tzinfo)
