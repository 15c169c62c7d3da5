"""The pace of a schedule in words and bars: what limits new leads a day, when the waiting ones are through, the next send."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.facts import plan_day
from campaigns.models import Campaign, CampaignMailbox, CampaignNumbers
from campaigns.pacing import pace, zones
from campaigns.pacing.pace import Plan, Sender, Supply
from operations.wording import thousands

MOST_WEEKS = 6


@dataclass(frozen=True)
class Bar:
    """One limit; `most` None: not known."""

    label: str
    most: int | None
    text: str
    binds: bool


@dataclass(frozen=True)
class Morning:
    day: str
    waiting: int
    width: int  # percent


@dataclass(frozen=True)
class PacePanel:
    """What the panel and the hints of the page say; each text is empty where there is nothing to say."""

    per_day: int
    bars: list[Bar]
    scale: int
    waiting: int | None
    finish: str = ""
    sending_days: int = 0
    saved_finish: str = ""
    unfinished: str = ""
    advice: str = ""
    advice_text: str = ""
    mornings: list[Morning] = field(default_factory=list)
    every: int = 1
    unknown: list[str] = field(default_factory=list)
    next_send: str = ""
    per_mailbox: str = ""
    zone_hint: str = ""


def plan_of(schedule: Mapping[str, Any]) -> Plan | None:
    """A whole schedule as a plan; None where something is missing."""
    needed = ("time_zone", "days", "start", "end", "min_gap_minutes", "daily_new_leads")
    if any(not schedule.get(name) for name in needed) or not zones.is_zone(schedule["time_zone"]):
        return None
    return Plan(
        schedule["time_zone"],
        tuple(schedule["days"]),
        schedule["start"],
        schedule["end"],
        int(schedule["min_gap_minutes"]),
        int(schedule["daily_new_leads"]),
        datetime.fromisoformat(schedule["starts_at"]) if schedule.get("starts_at") else None,
    )


def supply_of(campaign: Campaign, user: Any) -> Supply:
    """What the campaign draws on, as far as its reader may see it. One query."""
    numbers: CampaignNumbers | None = getattr(campaign, "numbers", None)
    senders = None
    if campaign.links_synced_at is not None:
        links = CampaignMailbox.objects.visible_to(user).filter(campaign=campaign, mailbox__gone_at=None)
        senders = [
            Sender(link.mailbox.daily_limit, link.mailbox.min_gap_minutes, link.mailbox.can_send)
            for link in links.select_related("mailbox")
        ]
    share = (campaign.settings or {}).get("follow_up_percentage")
    return Supply(senders, numbers.leads_waiting if numbers else None, share if isinstance(share, int) else None)


def pace_panel(
    plan: Plan, supply: Supply, now: datetime, *, saved: Plan | None, status: str, reader_zone: str
) -> PacePanel:
    """The panel for this plan; `saved` is the one that the provider has, to compare with."""
    limits = pace.limits(plan, supply)
    way = pace.outlook(plan, limits.per_day, supply.waiting, now) if supply.waiting else None
    before = (
        pace.outlook(saved, pace.limits(saved, supply).per_day, supply.waiting, now)
        if saved and supply.waiting
        else None
    )
    bars = _bars(plan, supply, limits)
    advice, advice_text = _advice(supply, limits)
    mornings, every = _mornings(way, supply.waiting or 0)
    return PacePanel(
        per_day=limits.per_day,
        bars=bars,
        scale=_scale([bar.most for bar in bars if bar.most is not None]),
        waiting=supply.waiting,
        finish=_day(way.finish, now) if way else "",
        sending_days=way.sending_days if way else 0,
        saved_finish=_day(before.finish, now) if before and saved != plan and before != way else "",
        unfinished="" if way else _unfinished(supply, limits),
        advice=advice,
        advice_text=advice_text,
        mornings=mornings,
        every=every,
        unknown=_unknown(supply, limits),
        next_send=_next_send(plan, now, status, reader_zone),
        per_mailbox=_per_mailbox(plan),
        zone_hint=zone_hint(plan.time_zone, now),
    )


def zone_hint(name: str, now: datetime) -> str:
    """Reads "UTC+1, 17:48 there now"."""
    if not zones.is_zone(name):
        return ""
    here = zones.choice(name, now)
    return f"{here.offset}, {here.clock} there now"


def _bars(plan: Plan, supply: Supply, limits: pace.Limits) -> list[Bar]:
    first = next(
        name
        for name, most in (("new", limits.new_leads), ("boxes", limits.mailboxes), ("slots", limits.slots))
        if most == limits.per_day
    )
    boxes, slots = _texts(plan, supply, limits)
    return [
        Bar("Max new leads", limits.new_leads, "The limit now" if first == "new" else "", first == "new"),
        Bar("Mailboxes", limits.mailboxes, boxes, first == "boxes"),
        Bar("Gap and hours", limits.slots, slots, first == "slots"),
    ]


def _texts(plan: Plan, supply: Supply, limits: pace.Limits) -> tuple[str, str]:
    if supply.senders is None:
        return "The mailboxes are not known yet.", "The mailboxes are not known yet."
    boxes = supply.connected
    if not boxes:
        text = "No mailbox is attached." if not supply.senders else "No mailbox is connected."
        return text, text
    less = _less(supply)
    each = {one.daily_limit for one in boxes}
    counted = _count(len(boxes), "connected")
    if limits.mailboxes is None:
        silent = sum(1 for one in boxes if one.daily_limit is None)
        daily = f"{counted}; the daily limit of {silent} is not told, so the sum is not known."
    elif len(each) == 1:
        daily = f"{counted} × {each.pop()}{less}"
    else:
        daily = f"{counted}, {thousands(sum(one.daily_limit or 0 for one in boxes))} emails a day together{less}"
    most = {pace.emails_per_mailbox(plan, one.min_gap_minutes) for one in boxes}
    slots = (
        f"{len(boxes)} × {most.pop()} slots"
        if len(most) == 1
        else "At the longer of each mailbox’s own gap and this one"
    )
    return daily, f"{slots}{less}"


def _less(supply: Supply) -> str:
    if supply.follow_ups_due is not None:
        return f", less {thousands(supply.follow_ups_due)} follow-ups due"
    if supply.follow_up_percentage:
        return f", less the {supply.follow_up_percentage}% kept for follow-ups"
    return ""


def _unknown(supply: Supply, limits: pace.Limits) -> list[str]:
    found = []
    if supply.follow_ups_due is None:
        found.append("Follow-ups due are not known yet; they come first and may take more.")
    if supply.senders and limits.mailboxes is not None:
        found.append("Mailboxes may serve other campaigns, too.")
    return found


def _unfinished(supply: Supply, limits: pace.Limits) -> str:
    if supply.waiting is None:
        return "How many leads wait is not known yet, so neither is the day on which they finish."
    if supply.waiting == 0:
        return "No leads are waiting."
    if limits.per_day == 0:
        return f"The {thousands(supply.waiting)} waiting leads are not started at this pace: nothing is left for them each day."
    return f"The {thousands(supply.waiting)} waiting leads would take longer than five years."


def _advice(supply: Supply, limits: pace.Limits) -> tuple[str, str]:
    """What would start more leads a day, where that is certain enough to say."""
    asleep = [one.daily_limit for one in supply.disconnected]
    more = sum(one or 0 for one in asleep)
    reconnect = (
        f"reconnect {_count(len(asleep), 'mailbox', 'mailboxes')} for {thousands(more)} more emails"
        if asleep and more
        else ""
    )
    others = limits.others
    if others is not None and others > limits.new_leads:
        text = f"Raise the limit to {thousands(others)}" + (f", or {reconnect}." if reconnect else ".")
        return f"Up to {thousands(others - limits.new_leads)} more a day are possible.", text
    if reconnect and limits.mailboxes is not None and limits.mailboxes == limits.per_day:
        return "The mailboxes are what limits.", reconnect[0].upper() + reconnect[1:] + "."
    return "", ""


def _mornings(way: pace.Outlook | None, waiting: int) -> tuple[list[Morning], int]:
    """At most a handful of rows, the first and the last among them; `every` says how many weeks lie between."""
    if way is None or not waiting:
        return [], 1
    *mornings, last = way.mornings
    every = ceil(len(mornings) / MOST_WEEKS)
    chosen = [*mornings[::every], last]
    return [Morning(plan_day(day), left, round(100 * left / waiting)) for day, left in chosen], every


def _next_send(plan: Plan, now: datetime, status: str, reader_zone: str) -> str:
    if status in Campaign.ENDED:
        return "This campaign has ended: it sends nothing more."
    moment = pace.next_send(plan, now)
    if moment is None:
        return "It never sends with these days and hours."
    when = f"now, until {plan.end}" if moment <= now else f"{_moment(moment, now)}"
    place = zones.city(plan.time_zone)
    theirs = moment.astimezone(ZoneInfo(reader_zone))
    yours = ""
    if theirs.utcoffset() != moment.utcoffset() and moment > now:
        other = f"{theirs:%a} " if theirs.date() != moment.date() else ""
        yours = f" ({other}{theirs:%H:%M} {zones.city(reader_zone)})"
    lead = "Next send" if status == Campaign.Status.ACTIVE else "Next send once it runs"
    return f"{lead}: {when} {place}{yours}."


def _moment(moment: datetime, now: datetime) -> str:
    return f"{_day(moment.date(), now)}, {moment:%H:%M}"


def _per_mailbox(plan: Plan) -> str:
    hours, minutes = divmod(plan.window_minutes, 60)
    length = " ".join(part for part in (f"{hours} h" if hours else "", f"{minutes} min" if minutes else "") if part)
    return f"Per mailbox: up to {_count(pace.emails_per_mailbox(plan), 'email', 'emails')} in {length or '0 min'}."


def _day(day: date, now: datetime) -> str:
    return plan_day(day, now.date())


def _count(number: int, one: str, many: str = "") -> str:
    return f"{thousands(number)} {one if number == 1 or not many else many}"


def _scale(values: list[int]) -> int:
    """The length of the bars: a round number above the longest."""
    longest = max(values, default=1) or 1
    step = 10 ** max(0, len(str(longest)) - 1)
    return max(1, ceil(longest * 1.05 / step) * step)
