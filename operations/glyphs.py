"""Small drawings: the shapes of the status and health words, and sparklines.

Status is always shape and word, colour only supports. The keys are the words of the interface, not those of a provider.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from django.utils.safestring import SafeString, mark_safe

_RING = '<circle cx="7" cy="7" r="5.75" fill="none" stroke="currentColor" stroke-width="1.5"'
_DISC = '<circle cx="7" cy="7" r="6.5" fill="currentColor"/>'
_ON_DISC = 'fill="none" stroke="var(--qd-raised)" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"'

_STATUS = {
    "active": '<circle cx="7" cy="7" r="6" fill="currentColor" opacity=".22"/>'
    '<circle cx="7" cy="7" r="3.2" fill="currentColor"/>',
    "paused": f"{_RING}/>"
    '<path d="M5.6 4.8v4.4M8.4 4.8v4.4" stroke="currentColor" stroke-width="1.5" stroke-linecap="round"/>',
    "draft": f'{_RING} stroke-dasharray="2.2 2.3"/>',
    "completed": f'{_DISC}<path d="M4.3 7.2l1.9 1.9 3.5-4" {_ON_DISC}/>',
    "stopped": f'{_RING}/><rect x="4.75" y="4.75" width="4.5" height="4.5" rx=".8" fill="currentColor"/>',
    "archived": '<rect x="1.25" y="2" width="11.5" height="3.2" rx="1" fill="none" stroke="currentColor"'
    ' stroke-width="1.4"/><path d="M2.3 5.4v5.4a1.2 1.2 0 001.2 1.2h7a1.2 1.2 0 001.2-1.2V5.4M5.6 7.8h2.8"'
    ' fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round"/>',
    "unknown": f'{_RING}/><path d="M5.4 5.6c.1-2.2 3.4-2.1 3.3-.1-.1 1.2-1.6 1.2-1.6 2.4M7.05 9.9v.1" fill="none"'
    ' stroke="currentColor" stroke-width="1.4" stroke-linecap="round"/>',
    "pending": '<circle cx="7" cy="7" r="5.5" fill="none" stroke="currentColor" stroke-width="1.6" opacity=".25"/>'
    '<path d="M7 1.5A5.5 5.5 0 0112.5 7" fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round"/>',
    "failed": f'{_DISC}<path d="M5 5l4 4M9 5l-4 4" {_ON_DISC}/>',
}

_HEALTH = {
    "ok": '<circle cx="6" cy="6" r="3.5" fill="currentColor"/>',
    "watch": '<path d="M6 1.6l4.9 8.6H1.1z" fill="currentColor"/>',
    "risk": '<path d="M6 .8L11.2 6 6 11.2.8 6z" fill="currentColor"/>',
    "blocked": '<circle cx="6" cy="6" r="4.6" fill="none" stroke="currentColor" stroke-width="1.6"/>'
    '<path d="M2.9 9.1l6.2-6.2" stroke="currentColor" stroke-width="1.6"/>',
    "none": '<path d="M2 6h8" stroke="currentColor" stroke-width="1.5" stroke-linecap="round"/>',
}


def _drawn(shapes: dict[str, str], size: int) -> dict[str, SafeString]:
    frame = f'<svg viewBox="0 0 {size} {size}" aria-hidden="true">'
    return {key: mark_safe(f"{frame}{shape}</svg>") for key, shape in shapes.items()}  # noqa: S308 - constants above


STATUS_GLYPHS = _drawn(_STATUS, 14)
HEALTH_GLYPHS = _drawn(_HEALTH, 12)


def sparkline(values: Sequence[float] | None) -> SafeString:
    """A line that ends in a dot, grey and decorative; nothing for fewer than two values."""
    return _line(tuple(values)) if values and len(values) > 1 else SafeString("")


@lru_cache(maxsize=4096)
def _line(values: tuple[float, ...]) -> SafeString:
    points = spark_points(values)
    x, y = points[-1]
    line = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
    return mark_safe(  # noqa: S308 - numbers only
        f'<svg class="qd-spark grey" width="56" height="20" viewBox="0 0 56 20" aria-hidden="true">'
        f'<polyline points="{line}"/><circle cx="{x:.1f}" cy="{y:.1f}" r="2"/></svg>'
    )


def spark_points(
    values: Sequence[float], width: float = 53.0, top: float = 3.0, bottom: float = 17.0
) -> list[tuple[float, float]]:
    """The line's points, spread evenly; the highest value touches the top, equal values lie in the middle."""
    low, high = min(values), max(values)
    span = high - low
    step = width / (len(values) - 1)
    middle = (top + bottom) / 2
    return [(i * step, bottom - (v - low) / span * (bottom - top) if span else middle) for i, v in enumerate(values)]
