"""The only place that computes a rate, a change, or what a small sample allows to be said.

Definitions:
- reply rate: people who replied ÷ people contacted (auto-replies left out where the provider tells);
- positive rate: people in a category of positive sentiment ÷ people who replied;
- bounce rate: bounced emails ÷ sent emails;
- replies per email: replies ÷ sent emails, for spans of days without people figures, because people can't be added up over
  days, and for steps; positives per email likewise.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from typing import Self

from campaigns.figures import BOUNCE_LIMIT, ENOUGH_CONTACTS
from operations import wording

__all__ = ["BOUNCE_LIMIT", "ENOUGH_CONTACTS", "Change", "Counts", "Rate", "bounce_rate", "positive_rate", "reply_rate"]

Z_95 = 1.959963984540054  # the normal quantile of a two-sided 95 % interval
NO_CHANGE = 0.05  # percent or percentage points: less than that is rounding


@dataclass(frozen=True)
class Rate:
    """A share with what it rests on. Null parts mean that the provider does not tell."""

    numerator: int | None
    denominator: int | None

    @property
    def is_known(self) -> bool:
        return self.numerator is not None and bool(self.denominator)

    @property
    def percent(self) -> float | None:
        """From 0 upwards; None without a source or with nothing to divide by. Replies to earlier emails can lift it over 100."""
        if self.numerator is None or not self.denominator:
            return None
        return 100 * self.numerator / self.denominator

    @property
    def enough(self) -> bool:
        """Whether the sample is large enough to colour the rate or to compare it."""
        return self.is_known and (self.denominator or 0) >= ENOUGH_CONTACTS

    def interval(self) -> tuple[float, float] | None:
        """The 95 % Wilson score interval in percent, within 0 and 100; None if the rate is unknown."""
        if self.numerator is None or not self.denominator:
            return None
        n = self.denominator
        share = min(1.0, self.numerator / n)
        square = Z_95**2
        centre = (share + square / (2 * n)) / (1 + square / n)
        half = Z_95 * sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
        return max(0.0, 100 * (centre - half)), min(100.0, 100 * (centre + half))

    @property
    def basis(self) -> str:
        """Reads "87 of 1,552"; empty if unknown."""
        if not self.is_known:
            return ""
        return f"{wording.thousands(self.numerator)} of {wording.thousands(self.denominator)}"


def reply_rate(replied: int | None, contacted: int | None) -> Rate:
    return Rate(replied, contacted)


def positive_rate(positive: int | None, replied: int | None) -> Rate:
    return Rate(positive, replied)


def bounce_rate(bounced: int | None, sent: int | None) -> Rate:
    return Rate(bounced, sent)


def replies_per_email(replied: int | None, sent: int | None) -> Rate:
    return Rate(replied, sent)


def positives_per_email(positive: int | None, sent: int | None) -> Rate:
    return Rate(positive, sent)


@dataclass(frozen=True)
class Change:
    """The step from the period before to this one: its text, its direction, and whether it is good news."""

    text: str
    direction: str = ""  # "up", "down", or empty for no change
    tone: str = ""  # "good", "bad", or empty where it must not be coloured

    @classmethod
    def of_counts(
        cls, now: int | None, before: int | None, *, more_is_good: bool | None, coloured: bool
    ) -> Self | None:
        """Reads "↑ 8.9%"; None without a period to compare with."""
        if now is None or not before:
            return None
        step = 100 * (now - before) / before
        return cls._of(step, "%", more_is_good=more_is_good, coloured=coloured)

    @classmethod
    def of_rates(cls, now: Rate, before: Rate, *, more_is_good: bool) -> Self | None:
        """Reads "↑ 0.3 pp"; coloured only when both samples are large enough."""
        if now.percent is None or before.percent is None:
            return None
        return cls._of(
            now.percent - before.percent, " pp", more_is_good=more_is_good, coloured=now.enough and before.enough
        )

    @classmethod
    def _of(cls, step: float, unit: str, *, more_is_good: bool | None, coloured: bool) -> Self:
        if abs(step) < NO_CHANGE:
            return cls("no change")
        amount = f"{abs(step):.0f}" if abs(step) >= 10 else f"{abs(step):.1f}"
        tone = "" if not coloured or more_is_good is None else "good" if (step > 0) == more_is_good else "bad"
        return cls(f"{'↑' if step > 0 else '↓'}\N{NO-BREAK SPACE}{amount}{unit}", "up" if step > 0 else "down", tone)


@dataclass(frozen=True)
class Counts:
    """What happened in one span of days, or since the beginning. `contacted` is None where only day rows are known."""

    sent: int | None = None
    contacted: int | None = None
    replied: int | None = None
    positive: int | None = None
    bounced: int | None = None

    @property
    def reply_rate(self) -> Rate:
        """Of people where they are known, else of emails (`replies_are_per_email`)."""
        if self.replies_are_per_email:
            return replies_per_email(self.replied, self.sent)
        return reply_rate(self.replied, self.contacted)

    @property
    def replies_are_per_email(self) -> bool:
        return self.contacted is None

    @property
    def positive_rate(self) -> Rate:
        return positive_rate(self.positive, self.replied)

    @property
    def bounce_rate(self) -> Rate:
        return bounce_rate(self.bounced, self.sent)


@dataclass(frozen=True)
class Comparison:
    """What happened in one span of days beside the days before it."""

    now: Counts
    before: Counts

    def of(self, name: str) -> Change | None:
        """The step of one count (`sent`, `positive` …); coloured only where both spans have enough to judge by."""
        enough = self.now.reply_rate.enough and self.before.reply_rate.enough
        return Change.of_counts(getattr(self.now, name), getattr(self.before, name), more_is_good=True, coloured=enough)

    @property
    def reply_rate(self) -> Change | None:
        if self.now.replies_are_per_email != self.before.replies_are_per_email:
            return None
        return Change.of_rates(self.now.reply_rate, self.before.reply_rate, more_is_good=True)

    @property
    def bounce_rate(self) -> Change | None:
        return Change.of_rates(self.now.bounce_rate, self.before.bounce_rate, more_is_good=False)


def total(values: Iterable[int | None]) -> int | None:
    """The sum of what is known; None if nothing is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None
