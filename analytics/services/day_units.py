"""Which calls bring the day rows of a connection up to date, at the least cost.

Two sources answer: day-wise statistics of one campaign over a span (every day of it in one call, and one more call for
positive replies), and the totals of one single day (every campaign of the connection in one call, but without
unsubscribes). History is asked per campaign; the last two days, over and over, by whichever takes fewer calls.

A unit is text: `days|<remote id>|<start>|<end>`, followed by `positive|<remote id>|<start>|<end>`; `all|<day>|<offset>`;
`counts|<remote id>|<start>|<end>` is `days` without the positive replies, where `all` has told these.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from campaigns.models import Campaign
from operations.sync.steps import SyncScope

HISTORY = timedelta(days=180)
LATE = timedelta(days=7)  # replies, bounces and unsubscribes of the last week are still counted
NARROW = timedelta(days=30)  # the widest span that every server is known to accept (smartlead-api.md 3.4)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Span:
    """Days from `start` to `end`, both included."""

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    def pieces(self, most: timedelta) -> Iterator["Span"]:
        """The span cut into stretches of at most `most`, newest first, so that charts fill from today backwards."""
        end = self.end
        while end >= self.start:
            start = max(self.start, end - most + ONE_DAY)
            yield Span(start, end)
            end = start - ONE_DAY


@dataclass(frozen=True)
class Need:
    """What one campaign lacks. `history` is asked per campaign; `recent` may come from either source."""

    remote_id: int
    sending: bool
    history: Span | None
    recent: Span | None


def units(scope: SyncScope) -> list[str]:
    """The units that the connection needs now; empty if it has no campaign."""
    needs = [_need(row, scope) for row in _campaigns(scope.connection_id)]
    found: list[str] = []
    per_campaign = [need for need in needs if need.recent]
    days = sorted({day for need in per_campaign if need.recent for day in _days(need.recent)})
    if len(days) <= 2 * len(per_campaign):
        found += [f"all|{day}|0" for day in days]
        if scope.thorough:
            found += [
                day_unit(need.remote_id, need.recent, "counts") for need in per_campaign if need.recent and need.sending
            ]
    else:
        found += [day_unit(need.remote_id, need.recent) for need in per_campaign if need.recent]
    for need in needs:
        if need.history:
            found += [day_unit(need.remote_id, piece) for piece in need.history.pieces(widest(scope.learned))]
    return found


def widest(learned: Mapping[str, Any]) -> timedelta:
    """How wide a span may be: anything, until a server of this connection has refused it or cut it short."""
    return NARROW if learned.get("narrow_day_spans") else HISTORY


def day_unit(remote_id: int, span: Span, kind: str = "days") -> str:
    return f"{kind}|{remote_id}|{span.start}|{span.end}"


def positive_unit(unit: str) -> str:
    """The unit that asks for the positive replies of the same campaign and span."""
    return "positive|" + unit.partition("|")[2]


def parse_span(unit: str) -> tuple[int, Span]:
    """Campaign and span of a unit that asks for one campaign."""
    _, remote_id, start, end = unit.split("|")
    return int(remote_id), Span(date.fromisoformat(start), date.fromisoformat(end))


def parse_day(unit: str) -> tuple[date, int]:
    """Day and offset of an `all` unit."""
    _, day, offset = unit.split("|")
    return date.fromisoformat(day), int(offset)


def _campaigns(connection_id: int) -> list[Mapping[str, Any]]:
    return list(
        Campaign.objects.filter(connection_id=connection_id)
        .present()
        .exclude(status=Campaign.Status.DRAFT, numbers__days_through=None, numbers__sent=0)
        .values(
            "remote_id",
            "status",
            "remote_created_at",
            "numbers__days_from",
            "numbers__days_through",
            "numbers__days_settled_on",
            "numbers__recent_sent",
        )
        .order_by("-remote_id")
    )


def _need(row: Mapping[str, Any], scope: SyncScope) -> Need:
    created = row["remote_created_at"]
    # A day more at the start: the provider's day may begin before ours.
    first = max(scope.today - HISTORY + ONE_DAY, created.date() - ONE_DAY if created else date.min)
    since, through = row["numbers__days_from"], row["numbers__days_through"]
    settled = row["numbers__days_settled_on"]
    history, recent = None, None
    if since is None or through is None:
        history = Span(min(first, scope.today), scope.today)
    elif settled is None or settled < scope.today:
        history = Span(max(first, min(through, scope.today) - LATE), scope.today)
    else:
        # Pieces of the history that a failed run left out.
        history = Span(first, since - ONE_DAY) if first < since else None
        recent = Span(max(first, scope.today - ONE_DAY), scope.today)
    sending = row["status"] == Campaign.Status.ACTIVE or bool(row["numbers__recent_sent"])
    return Need(row["remote_id"], sending, history, recent)


def _days(span: Span) -> Iterator[date]:
    return (span.start + timedelta(days=number) for number in range(span.days))
