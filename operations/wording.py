"""How figures, times and ages are written on every page.

Thousands are grouped, rates have one decimal, an unknown figure is an en dash and never a zero. Times are ages with the
exact time in a title. `now` is an argument everywhere, so that tests and reports can choose the moment.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone

DASH = "–"
SUB_SEQUENCES = "sub-sequences"  # the word, and the name of their number among the counts of a run


def thousands(value: int | float | None) -> str:
    """`61377` as "61,377"; None as an en dash.

    The interface speaks English, so its separators are written here: asking Django for those of the locale costs more than
    everything else in a table cell, some hundred times per page.
    """
    return DASH if value is None else f"{round(value):,}"


def campaigns(seen: int, sub_sequences: int | None) -> str:
    """Reads "36 campaigns, 2 of them sub-sequences"; with None, where nobody counted those, "36 campaigns and sub-sequences"."""
    text = f"{thousands(seen)} campaign{'' if seen == 1 else 's'}"
    if sub_sequences is None:
        return f"{text} and sub-sequences" if seen > 1 else text
    return f"{text}, {thousands(sub_sequences)} of them {SUB_SEQUENCES}" if sub_sequences else text


def percent(value: float | None) -> str:
    """A share between 0 and 100 as "5.6%"; None as an en dash."""
    return DASH if value is None else f"{value:,.1f}%"


def age(then: datetime, now: datetime) -> str:
    """How long ago: "40 s", "3 min", "2 h", "3 d". A moment in the future counts as just now."""
    return length(max(now - then, timedelta(0)))


def length(span: timedelta) -> str:
    """A duration in its largest whole unit: "40 s", "3 min", "2 h", "3 d"."""
    seconds = int(span.total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def took(milliseconds: float | None) -> str:
    """A measured time: "640 ms" below a second, then "1.2 s", then whole units."""
    if milliseconds is None:
        return DASH
    if milliseconds < 1_000:
        return f"{round(milliseconds)} ms"
    if milliseconds < 10_000:
        return f"{milliseconds / 1_000:.1f} s"
    return length(timedelta(milliseconds=milliseconds))


def day(value: date, today: date) -> str:
    """Reads "20 Nov", with the year only when it is not this year."""
    short = f"{value.day} {value:%b}"
    return short if value.year == today.year else f"{short} {value.year}"


def clock(value: datetime) -> str:
    """Reads "07:12" in the reader's time zone."""
    return f"{timezone.localtime(value):%H:%M}"


def moment(value: datetime, now: datetime) -> str:
    """Reads "07:12" today, else "19 Nov, 07:12": when something happened, inside a sentence."""
    local = timezone.localtime(value)
    today = timezone.localtime(now).date()
    return clock(value) if local.date() == today else f"{day(local.date(), today)}, {local:%H:%M}"


def exact(value: datetime) -> str:
    """Reads "Fri 20 Nov 2026, 07:12:40 UTC": the whole truth, for titles."""
    local = timezone.localtime(value)
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M:%S} {local.tzname()}"
