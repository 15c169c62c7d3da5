"""Why an active campaign sends nothing at the moment, from our own rows alone: a pure function of facts and time."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from campaigns.facts import plan_day
from campaigns.models import Campaign
from campaigns.pacing.pace import Plan, next_send
from campaigns.pacing.zones import city, is_zone
from campaigns.sources import Sources
from operations import wording


@dataclass(frozen=True)
class Senders:
    """Mailboxes of a campaign. `able` are connected and not suspended; of these, `silent` may send 0 a day, `warming` are
    those of the silent ones that warm up, and `spent` have sent today what they may. `lost` is what the others might send
    in a day, as far as that is told.
    """

    total: int
    able: int
    silent: int = 0
    warming: int = 0
    spent: int = 0
    lost: int = 0

    @property
    def sending(self) -> int:
        return self.able - self.silent


@dataclass(frozen=True)
class SendingFacts:
    """What decides whether an active campaign sends. None: not known, which is never a reason."""

    key_trouble: str = ""
    steps: int | None = None
    senders: Senders | None = None
    schedule_known: bool = True
    schedule: Mapping[str, Any] | None = None
    leads_total: int | None = None
    leads_waiting: int | None = None
    leads_in_progress: int | None = None


@dataclass(frozen=True)
class Reason:
    """`short` fits in a row of a list. `planned`: nothing is wrong, it waits as it was told to. `tab`: the page that fixes it."""

    text: str
    short: str
    planned: bool = False
    tab: str = ""
    action: str = ""


def why_not_sending(facts: SendingFacts, now: datetime) -> list[Reason]:
    """The reasons, worst first: what keeps it from sending until somebody acts, then what passes by itself. Empty: it sends."""
    found = [
        _key(facts),
        _steps(facts),
        _senders(facts),
        _schedule(facts),
        _leads(facts),
        _spent(facts),
        _hours(facts, now),
    ]
    return [reason for reason in found if reason is not None]


def _key(facts: SendingFacts) -> Reason | None:
    return Reason(facts.key_trouble, "Not known: key fails") if facts.key_trouble else None


def _steps(facts: SendingFacts) -> Reason | None:
    if facts.steps != 0:
        return None
    return Reason("It has no steps.", "No steps", tab="sequence", action="Go to sequence")


def _senders(facts: SendingFacts) -> Reason | None:
    senders = facts.senders
    if senders is None or senders.sending > 0:
        return None
    if senders.total == 0:
        text, short = "No mailbox is attached.", "No mailboxes"
    elif senders.able == 0:
        text, short = f"{_all(senders.total)} disconnected or suspended.", "Mailboxes out"
    elif senders.warming == senders.able:
        text, short = "Its mailboxes only warm up: their daily limit is 0.", "Mailboxes only warm up"
    else:
        text, short = "The daily limit of its mailboxes is 0.", "Mailbox limit 0"
    return Reason(text, short, tab="mailboxes", action="Go to mailboxes")


def _all(count: int) -> str:
    return "Its only mailbox is" if count == 1 else f"All {wording.thousands(count)} mailboxes are"


def _schedule(facts: SendingFacts) -> Reason | None:
    if not facts.schedule_known or (facts.schedule and facts.schedule.get("days")):
        return None
    text = "Its schedule has no days." if facts.schedule else "It has no schedule."
    return Reason(text, "No schedule", tab="schedule", action="Go to schedule")


def _leads(facts: SendingFacts) -> Reason | None:
    if facts.leads_total == 0:
        return Reason("It has no leads.", "No leads", tab="leads", action="Go to leads")
    if facts.leads_waiting == 0 and facts.leads_in_progress == 0:
        return Reason("No lead is waiting or in progress.", "No leads left", tab="leads", action="Go to leads")
    return None


def _spent(facts: SendingFacts) -> Reason | None:
    senders = facts.senders
    if senders is None or senders.sending == 0 or senders.spent < senders.sending:
        return None
    text = "Its mailboxes had sent all they may send in a day when they were last read."
    return Reason(text, "Daily limit reached", planned=True)


def _hours(facts: SendingFacts, now: datetime) -> Reason | None:
    plan = plan_of(facts.schedule)
    opens = next_send(plan, now) if plan else None
    if plan is None or opens is None or opens <= now:
        return None
    when = when_in_words(opens, plan)
    if plan.starts_at and plan.starts_at > now:
        day = plan_day(plan.starts_at.astimezone(plan.zone).date())
        return Reason(f"It is to start on {day}. Next send: {when}.", f"Starts {day}", planned=True)
    return Reason(f"Outside its hours. Next send: {when}.", f"Next: {_shortly(opens, plan, now)}", planned=True)


def _shortly(moment: datetime, plan: Plan, now: datetime) -> str:
    """Reads "Mon 08:30 Berlin" within a week, then "Mon 7 Dec"."""
    local = moment.astimezone(plan.zone)
    if moment - now < timedelta(days=6):
        return f"{local:%a} {local:%H:%M} {city(plan.time_zone)}"
    return plan_day(local.date())


def plan_of(schedule: Mapping[str, Any] | None) -> Plan | None:
    """The hours of a mirrored schedule; None where there are none, or none that we understand."""
    if not schedule or not schedule.get("days") or not is_zone(str(schedule.get("time_zone"))):
        return None
    try:
        days = tuple(sorted({int(day) for day in schedule["days"] if 1 <= int(day) <= 7}))
        plan = Plan(schedule["time_zone"], days, schedule["start"], schedule["end"], 0, 0, _starts_at(schedule))
        return plan if plan.days and plan.opens < plan.closes else None
    except (KeyError, TypeError, ValueError):
        return None


def _starts_at(schedule: Mapping[str, Any]) -> datetime | None:
    told = schedule.get("starts_at")
    moment = datetime.fromisoformat(told) if told else None
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def when_in_words(moment: datetime, plan: Plan) -> str:
    """Reads "Mon 23 Nov 08:30 Berlin": in the zone of the schedule, which it names."""
    local = moment.astimezone(plan.zone)
    return f"{plan_day(local.date())} {local:%H:%M} {city(plan.time_zone)}"


def facts_of(campaign: Campaign, sources: Sources) -> SendingFacts:
    """For a campaign that `with_standing` has read, so without a query."""
    trouble = next((source.connection for source in sources.all if source.is_failing), None)
    said = ""
    if trouble is not None:
        since = wording.moment(trouble.health_since, sources.now)
        said = f"We can’t tell since {since}: {trouble.get_health_display().lower()}."
    return replace(facts_of_row(campaign), key_trouble=said)


def facts_of_row(campaign: Campaign) -> SendingFacts:
    """What the row of a list knows, for a campaign with `standing.what_sends`: everything but how its key does."""
    numbers = getattr(campaign, "numbers", None)
    return SendingFacts(
        steps=getattr(campaign, "step_count", None) if campaign.steps_synced_at else None,
        senders=_senders_of(campaign),
        schedule=campaign.schedule,
        leads_total=numbers.leads_total if numbers else None,
        leads_waiting=numbers.leads_waiting if numbers else None,
        leads_in_progress=numbers.leads_in_progress if numbers else None,
    )


def _senders_of(campaign: Campaign) -> Senders | None:
    if campaign.links_synced_at is None:
        return None
    told = getattr(campaign, "sender_counts", None) or {}
    return Senders(**{one.name: told.get(one.name) or 0 for one in fields(Senders)})


def senders_out(senders: Senders | None) -> tuple[str, str]:
    """What to say of a campaign that sends on without some of its mailboxes: what, and what that means; empty otherwise."""
    if senders is None or senders.sending <= 0 or senders.total == senders.able:
        return "", ""
    out, rest = senders.total - senders.able, senders.sending
    title = f"{wording.thousands(out)} of {wording.thousands(senders.total)} mailboxes can’t send."
    slower = f", up to {wording.thousands(senders.lost)} emails a day fewer" if senders.lost else ""
    return title, f"Sending goes on from {wording.thousands(rest)}{slower}."
