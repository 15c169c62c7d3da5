"""The chart below the headline figures: its numbers for static/js/charts.js, its name, and what it shows in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from analytics.metrics import BOUNCE_LIMIT, bounce_rate, replies_per_email
from analytics.overview import Day, Overview
from operations import wording

SMOOTHED_OVER = 7  # days: a weekly rhythm, and the few emails of a weekend, would hide what the line is about

TITLES = {
    "sent": "By day",
    "reply": "Replies per email",
    "positive": "Positive replies by day",
    "bounce": "Bounce rate",
}
SMOOTHED = f"of the {SMOOTHED_OVER} days up to each day"


def trailing(days: Sequence[Day | None], counter: str, over: int = SMOOTHED_OVER) -> list[float | None]:
    """For each day from the `over`-th on, how many percent of the emails of the last `over` days have the counter (`replied`
    or `bounced`). None where one of these days has not been asked for, or nothing was sent on them.
    """
    rate = bounce_rate if counter == "bounced" else replies_per_email
    found: list[float | None] = []
    for last in range(over, len(days) + 1):
        known = [day for day in days[last - over : last] if day is not None]
        if len(known) < over:
            found.append(None)
            continue
        percent = rate(sum(getattr(day, counter) for day in known), sum(day.sent for day in known)).percent
        found.append(None if percent is None else round(percent, 2))
    return found


@dataclass(frozen=True)
class Chart:
    """`kind` is the drawing in charts.js; `note` stands beside the title."""

    kind: str
    title: str
    data: dict[str, Any]
    summary: str
    note: str = ""
    swatch: str = ""
    compared: bool = False  # whether the days before are drawn as well


def chart_of(overview: Overview, measure: str) -> Chart | None:
    """The chart of one of the four measures over the chosen days; None where there is nothing to draw."""
    days = overview.days
    if overview.is_quiet or (measure == "positive" and all(day.positive is None for day in days)):
        return None
    before = [overview.day(day) for day in overview.span.before.days]
    data: dict[str, Any] = {
        "days": [day.day.isoformat() for day in days],
        "before_days": [day.isoformat() for day in overview.span.before.days],
        "sent": [day.sent for day in days],
        "replied": [day.replied for day in days],
        "positive": [day.positive for day in days],
        "bounced": [day.bounced for day in days],
        "unfinished": overview.today.isoformat(),
    }
    if measure in ("reply", "bounce"):
        counter = "replied" if measure == "reply" else "bounced"
        now = trailing(overview.days_with_lead(overview.span, SMOOTHED_OVER - 1), counter)
        earlier = trailing(overview.days_with_lead(overview.span.before, SMOOTHED_OVER - 1), counter)
        if not any(rate is not None for rate in now):
            return None
        data |= {"rate": now, "before": earlier, "per": counter}
        if measure == "bounce":
            data["limit"] = BOUNCE_LIMIT
        return Chart(
            "rate",
            TITLES[measure],
            data,
            _rate_in_words(overview, now, measure),
            note=SMOOTHED,
            swatch="d4" if measure == "bounce" else "",
            compared=any(rate is not None for rate in earlier),
        )
    counter = "positive" if measure == "positive" else "sent"
    data["before"] = [None if day is None else getattr(day, counter) for day in before]
    compared = any(data["before"])
    if measure == "positive":
        return Chart("count", TITLES[measure], data, _positive_in_words(overview), swatch="d3", compared=compared)
    data["other"] = [day.other for day in days]
    return Chart("campaign", TITLES[measure], data, _sent_in_words(overview), compared=compared)


def _sent_in_words(overview: Overview) -> str:
    now, busiest = overview.now, overview.busiest
    positive = "" if now.positive is None else f" of which {wording.thousands(now.positive)} positive"
    return (
        f"{wording.thousands(now.sent)} emails sent {_when(overview)}, {wording.thousands(now.replied)} replies{positive}, "
        f"{wording.thousands(now.bounced)} bounced. Busiest day: {_day(overview, busiest.day)} with "
        f"{wording.thousands(busiest.sent)} sent." + _before_in_words(overview, "sent", "sent") + _unfinished(overview)
    )


def _positive_in_words(overview: Overview) -> str:
    best = max(overview.days, key=lambda day: day.positive or 0)
    most = "" if not best.positive else f" Most on {_day(overview, best.day)}: {wording.thousands(best.positive)}."
    count = wording.thousands(overview.now.positive)
    return (
        f"{count} positive replies {_when(overview)}.{most}"
        + _before_in_words(overview, "positive", "positive replies")
        + _unfinished(overview)
    )


def _rate_in_words(overview: Overview, rates: Sequence[float | None], measure: str) -> str:
    known = [(rate, day.day) for rate, day in zip(rates, overview.days, strict=True) if rate is not None]
    (last, at), high, low = known[-1], max(known), min(known)
    noun = "Bounced per 100 emails" if measure == "bounce" else "Replies per 100 emails"
    now = overview.now
    whole = bounce_rate(now.bounced, now.sent) if measure == "bounce" else replies_per_email(now.replied, now.sent)
    text = f"{noun}, {SMOOTHED}: {wording.percent(last)} on {_day(overview, at)}"
    if high[0] != low[0]:
        text += f", highest {wording.percent(high[0])} on {_day(overview, high[1])}"
        text += f", lowest {wording.percent(low[0])} on {_day(overview, low[1])}"
    text += "."
    if whole.is_known:
        text += f" Over all these days {wording.percent(whole.percent)}, {whole.basis} emails."
    if measure == "bounce":
        return f"{text} The limit is {BOUNCE_LIMIT:g}%."
    return f"{text} People can’t be counted by day, so these are replies per email."


def _when(overview: Overview) -> str:
    start, end = overview.span.start, overview.span.end
    if start == end:
        return f"on {_day(overview, start)}"
    return f"from {_day(overview, start)} to {_day(overview, end)}"


def _before_in_words(overview: Overview, counter: str, noun: str) -> str:
    count = getattr(overview.before, counter)
    if count is None:
        return ""
    length = overview.span.length
    when = "On the day before" if length == 1 else f"In the {length} days before"
    return f" {when}: {wording.thousands(count)} {noun}."


def _unfinished(overview: Overview) -> str:
    return " Today is not over yet." if overview.span.end == overview.today else ""


def _day(overview: Overview, day: date) -> str:
    return wording.day(day, overview.today)
