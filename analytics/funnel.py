"""The way of the leads since the beginning: how many came how far, by the provider's own totals."""

from dataclasses import dataclass

from analytics.metrics import Rate
from analytics.overview import Overview


@dataclass(frozen=True)
class FunnelStep:
    label: str
    count: int
    share: str  # what part of the step above
    fill: str
    width: float  # percent of the first step


def funnel(overview: Overview) -> list[FunnelStep]:
    """From the first known step down; nothing without totals."""
    totals, numbers = overview.lifetime, overview.numbers
    if totals is None or numbers is None:
        return []
    counted = (
        ("Leads", numbers.leads_total, "leads", "f2"),
        ("Contacted", totals.contacted, "contacted", "ff"),
        ("Replied", totals.replied, "replies", "f1"),
        ("Positive", totals.positive, "positive", "f3"),
    )
    known = [(label, count, noun, fill) for label, count, noun, fill in counted if count is not None]
    if not known or not known[0][1]:
        return []
    first = known[0][1]
    steps: list[FunnelStep] = []
    above: tuple[int, str] | None = None
    for label, count, noun, fill in known:
        rate = Rate(count, above[0]) if above else Rate(None, None)
        share = f"{_short(rate.percent)} of {above[1]}" if above and rate.percent is not None else ""
        steps.append(FunnelStep(label, count, share, fill, round(min(100.0, 100 * count / first), 2)))
        above = (count, noun)
    return steps


def _short(percent: float) -> str:
    return f"{percent:.0f}%" if percent >= 10 else f"{percent:.1f}%"
