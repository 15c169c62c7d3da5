"""Steps and variants of a campaign with what each did, and which text is better. One query."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.db.models import F

from analytics.ab import Finding, Trial, Verdict, judge, sample_size
from analytics.metrics import Rate, positives_per_email, replies_per_email, total
from campaigns.models import Campaign, Step, Variant
from operations import wording

# What a test must be able to see is fixed for every test, so that no figure of the test itself moves its end.
SAMPLES = {"positive": sample_size(0.01, 0.02), "all": sample_size(0.03, 0.05)}
REASONS = {
    "positive": "enough to see positive replies double from 1% to 2%",
    "all": "enough to see replies rise from 3% to 5%",
}
COUNTERS = ("sent", "replied", "positive", "bounced")
LEFT_OUT = 0.01  # of all emails: below that, figures of different moments differ anyway


@dataclass(frozen=True)
class Figures:
    """What one text, one step or all of them did. Null: the provider does not tell."""

    sent: int | None = None
    replied: int | None = None
    positive: int | None = None
    bounced: int | None = None

    @property
    def reply_rate(self) -> Rate:
        return replies_per_email(self.replied, self.sent)

    @property
    def positive_rate(self) -> Rate:
        return positives_per_email(self.positive, self.sent)


@dataclass(frozen=True)
class Text:
    """One variant. Its figures are unknown where the provider tells of the step alone."""

    label: str
    subject: str
    figures: Figures


@dataclass(frozen=True)
class Judged:
    """A verdict in words: `word` in a pill, `reason` beside it, `progress` in percent while it is early."""

    word: str
    reason: str
    good: bool = False
    progress: int | None = None


@dataclass(frozen=True)
class StepLine:
    number: int
    when: str
    texts: Sequence[Text]
    figures: Figures
    judged: Judged | None
    per_step: bool  # several texts, of which the provider does not tell which did what


@dataclass(frozen=True)
class StepsTable:
    """`start` and `at` are None while no figures have been told."""

    lines: Sequence[StepLine]
    total: Figures
    start: date | None
    at: datetime | None
    since_beginning: bool
    emails_elsewhere: int

    @property
    def is_told(self) -> bool:
        return self.at is not None

    @property
    def says_per_step(self) -> bool:
        return any(line.per_step for line in self.lines)


def steps_table(campaign: Campaign, by: str, *, sent_ever: int | None = None, only: int | None = None) -> StepsTable:
    """`by` says which replies decide ("positive" or "all"); `only` is the number of a step, for that one alone."""
    texts = (
        Variant.objects.filter(step__campaign=campaign)
        .select_related("step")
        .defer("body")
        .annotate(
            told=F("step__campaign__step_numbers__rows"),
            told_from=F("step__campaign__step_numbers__start"),
            told_at=F("step__campaign__step_numbers__synced_at"),
        )
        .order_by("step__number", "step_id", "position", "pk")
    )
    if only is not None:
        texts = texts.filter(step__number=only)
    rows: list[Any] = list(texts)
    first = rows[0] if rows else None
    told: Sequence[Mapping[str, Any]] = (first.told or ()) if first else ()
    lines = [_line(step, list(group), told, by) for step, group in groupby(rows, key=lambda row: row.step)]
    whole = _sum([line.figures for line in lines])
    created = campaign.remote_created_at
    start: date | None = first.told_from if first else None
    since_beginning = start is not None and (created is None or start <= created.date())
    elsewhere = (sent_ever or 0) - (whole.sent or 0) if since_beginning and only is None else 0
    return StepsTable(
        lines=lines,
        total=whole,
        start=start,
        at=first.told_at if first else None,
        since_beginning=since_beginning,
        emails_elsewhere=elsewhere if elsewhere > LEFT_OUT * (sent_ever or 0) else 0,
    )


def _line(step: Step, variants: Sequence[Variant], told: Sequence[Mapping[str, Any]], by: str) -> StepLine:
    of_step = [row for row in told if row.get("step") == step.remote_id]
    by_variant = {row["variant"]: _figures(row) for row in of_step if row.get("variant") is not None}
    figures = _sum([_figures(row) for row in of_step])
    texts = [
        Text(
            variant.label or "ABCDEFGHIJKLMNOPQRSTUVWXYZ"[place % 26],
            variant.subject or ("Re: (same thread)" if step.number > 1 else "No subject"),
            by_variant.get(variant.remote_id, Figures(0, 0, 0, 0)) if by_variant else Figures(),
        )
        for place, variant in enumerate(variants)
    ]
    if len(texts) == 1:
        texts = [Text(texts[0].label, texts[0].subject, figures)]
    per_step = len(texts) > 1 and not by_variant
    return StepLine(step.number, when(step), texts, figures, None if per_step else judged(texts, by), per_step)


def judged(texts: Sequence[Text], by: str) -> Judged | None:
    """The verdict on the texts of a step; None of fewer than two, or where the provider does not tell these replies."""
    name = "replied" if by == "all" else "positive"
    trials = [
        Trial(text.label, text.figures.sent or 0, getattr(text.figures, name))
        for text in texts
        if getattr(text.figures, name) is not None
    ]
    verdict = judge(trials, SAMPLES[by]) if len(trials) == len(texts) else None
    return _in_words(verdict, by) if verdict else None


def _in_words(verdict: Verdict, by: str) -> Judged:
    if verdict.finding is Finding.EARLY:
        reason = (
            f"needs {wording.thousands(verdict.missing)} more each; {wording.thousands(verdict.size)} are {REASONS[by]}"
        )
        return Judged("No difference yet", reason, progress=int(100 * verdict.progress))
    best, against, p = verdict.best, verdict.against, verdict.p
    assert best is not None
    assert against is not None
    assert p is not None
    rates = f"{wording.percent(100 * best.rate)} against {wording.percent(100 * against.rate)}, {p_in_words(p)}"
    if verdict.finding is Finding.BETTER:
        return Judged(f"{best.label} is better", rates, good=True)
    return Judged("No difference", rates)


def p_in_words(p: float) -> str:
    return "p < 0.001" if p < 0.001 else f"p = {p:.3f}" if p < 0.01 else f"p = {p:.2f}"


def when(step: Step) -> str:
    """Reads "Day 0" of a first step without delay, "+3 days", "+1 day", "+4 h", "+30 min"."""
    if step.number == 1 and not step.delay_minutes:
        return "Day 0"
    days, rest = divmod(step.delay_minutes, Step.MINUTES_A_DAY)
    if not rest:
        return f"+{days} day{'' if days == 1 else 's'}"
    return (
        f"+{wording.length(timedelta(minutes=rest))}"
        if not days
        else f"+{days} d {wording.length(timedelta(minutes=rest))}"
    )


def _figures(row: Mapping[str, Any]) -> Figures:
    return Figures(**{name: row.get(name) for name in COUNTERS})


def _sum(figures: Sequence[Figures]) -> Figures:
    return Figures(**{name: total(getattr(one, name) for one in figures) for name in COUNTERS})
