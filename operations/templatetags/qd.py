"""Template tags and filters of the interface: icons, glyphs, figures, times, sparklines.

Query strings are Django's own `{% querystring %}`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django import template
from django.template.context import Context
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from operations import wording
from operations.glyphs import HEALTH_GLYPHS, STATUS_GLYPHS, sparkline

register = template.Library()


@register.simple_tag
def icon(name: str, small: bool = False, large: bool = False, cls: str = "") -> SafeString:
    """An outline icon from the sprite; decorative, the words beside it carry the meaning."""
    size = "qd-i-s" if small else "qd-i-l" if large else ""
    return _icon(name, " ".join(filter(None, ("qd-i", size, cls))))


@lru_cache(maxsize=512)
def _icon(name: str, classes: str) -> SafeString:
    """Remembered, because a page has some fifty and the address of the sprite is looked up for each."""
    sprite = static("icons.svg")
    return format_html(
        '<svg class="{}" aria-hidden="true" viewBox="0 0 24 24"><use href="{}#i-{}"/></svg>', classes, sprite, name
    )


@register.simple_tag
def status_glyph(status: str) -> SafeString:
    """The shape of a status word; an unknown status gets the question mark."""
    return STATUS_GLYPHS.get(status, STATUS_GLYPHS["unknown"])


@register.simple_tag
def health_glyph(health: str) -> SafeString:
    return HEALTH_GLYPHS.get(health, HEALTH_GLYPHS["none"])


@register.filter
def thousands(value: int | float | None) -> str:
    return wording.thousands(value)


@register.filter
def percent(value: Any) -> str:
    """Reads "5.6%": a number between 0 and 100, or anything with a `percent` of its own; None is an en dash."""
    return wording.percent(getattr(value, "percent", value))


@register.filter
def took(milliseconds: float | None) -> str:
    return wording.took(milliseconds)


@register.filter
def length_of_time(span: timedelta | None) -> str:
    """Reads "640 ms", "2.4 s", "3 min"; None as an en dash."""
    return wording.took(None if span is None else span.total_seconds() * 1000)


@register.filter
def day(value: date | None, today: date | None = None) -> str:
    """Reads "20 Nov", or "20 Nov 2025" in another year."""
    if value is None:
        return wording.DASH
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return wording.day(value, today or timezone.localdate())


@register.simple_tag(takes_context=True)
def ago(context: Context, value: datetime | None, suffix: str = " ago") -> SafeString:
    """A `<time>` that reads as an age and carries the exact time in its title; `now` in the context is respected."""
    if value is None:
        return SafeString("never")
    now = context.get("now") or timezone.now()
    text = f"{wording.age(value, now)}{suffix}"
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), wording.exact(value), text)


@register.simple_tag(takes_context=True)
def at(context: Context, value: datetime | None) -> SafeString:
    """A `<time>` that reads as the clock time, with the date when that is not today."""
    if value is None:
        return SafeString(wording.DASH)
    now = context.get("now") or timezone.now()
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', value.isoformat(), wording.exact(value), wording.moment(value, now)
    )


@register.simple_tag
def spark(values: Sequence[float] | None) -> SafeString:
    """A small decorative line; the number beside it is the fact."""
    return sparkline(values)


@register.simple_tag(takes_context=True)
def current(context: Context, url: str) -> SafeString:
    """`aria-current` for a link that leads to this page ("page") or to the section that this page lies in ("true")."""
    request = context.get("request")
    if request is None or not url:
        return SafeString("")
    target = urlsplit(url)
    wanted = dict(parse_qsl(target.query))
    here = request.path == target.path and all(request.GET.get(key) == value for key, value in wanted.items())
    if here:
        return SafeString(' aria-current="page"')
    if not wanted and target.path != "/" and request.path.startswith(target.path):
        return SafeString(' aria-current="true"')
    return SafeString("")
