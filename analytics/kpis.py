"""The four headline figures of a campaign, each with what it rests on and how it compares."""

from dataclasses import dataclass

from analytics.metrics import BOUNCE_LIMIT, Change, Rate
from analytics.overview import Overview
from operations import wording


@dataclass(frozen=True)
class Kpi:
    label: str
    value: str
    note: str = ""
    change: Change | None = None
    why: str = ""  # instead of a figure: the reason for the dash


def kpis(overview: Overview) -> list[Kpi]:
    """In the order of the measures that the chart can show (`analytics.chosen.MEASURES`)."""
    return [sent(overview), reply(overview), positive(overview), bounce(overview)]


def sent(overview: Overview) -> Kpi:
    count, change = overview.now.sent, overview.compared.of("sent")
    if count is None:
        return Kpi("Emails sent", wording.DASH, why=_unknown(overview))
    note = "vs previous" if change else f"in {overview.span.length} day{'s' if overview.span.length != 1 else ''}"
    if overview.is_today_alone:
        note = "not compared: today is not over"
    return Kpi("Emails sent", wording.thousands(count), note, change)


def reply(overview: Overview) -> Kpi:
    rate = overview.now.reply_rate
    if not rate.is_known:
        return Kpi("Reply rate", wording.DASH, why=_nothing(overview))
    label = "Replies per email" if overview.now.replies_are_per_email else "Reply rate"
    basis = f"{rate.basis} emails" if overview.now.replies_are_per_email else rate.basis
    return Kpi(label, wording.percent(rate.percent), _with_care(rate, basis), overview.compared.reply_rate)


def positive(overview: Overview) -> Kpi:
    count, share = overview.now.positive, overview.now.positive_rate.percent
    if count is None:
        told = overview.now.sent is not None
        provider = overview.campaign.connection.get_provider_display()
        return Kpi("Positive replies", wording.DASH, why=f"{provider} does not tell" if told else _unknown(overview))
    if not overview.now.sent and not count:
        return Kpi("Positive replies", wording.DASH, why=_nothing(overview))
    note = "no replies yet" if share is None else f"{share:.0f}% of replies"
    return Kpi("Positive replies", wording.thousands(count), note, overview.compared.of("positive"))


def bounce(overview: Overview) -> Kpi:
    rate = overview.now.bounce_rate
    if not rate.is_known:
        return Kpi("Bounce rate", wording.DASH, why=_nothing(overview))
    over = rate.enough and (rate.percent or 0) > BOUNCE_LIMIT
    note = f"{rate.basis}, limit {BOUNCE_LIMIT:g}%" if over else _with_care(rate, rate.basis)
    return Kpi("Bounce rate", wording.percent(rate.percent), note, overview.compared.bounce_rate)


def _with_care(rate: Rate, basis: str) -> str:
    """A small sample names the interval in which the true rate likely lies."""
    interval = rate.interval()
    if rate.enough or interval is None:
        return basis
    low, high = interval
    return f"{basis}, likely {low:.0f}–{high:.0f}%"


def _nothing(overview: Overview) -> str:
    return _unknown(overview) if overview.now.sent is None else "Nothing sent in this period"


def _unknown(overview: Overview) -> str:
    return "Not synced yet"
