"""What Activity shows of syncs and calls, cut down to what the reader may know."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone

from operations import wording
from operations.models import ApiCall, SyncRun
from operations.models.calls import ApiCallQuerySet
from operations.progress import StepProgress, steps_of

RUNS = 12
CALLS = 20
CALLS_PER_PAGE = 100
MOST_CALLS = 5_000  # further back than this nobody pages; counting them all would cost more than it tells

FAILURES = {
    "AuthRejected": "Key refused",
    "BlockedByEdge": "Blocked by a firewall",
    "Forbidden": "Not allowed for this key",
    "ProviderUnavailable": "Not reachable",
    "RateLimited": "Slowed by the rate limit",
    "RequestRefused": "Request refused",
    "UnexpectedResponse": "Answer not understood",
}
STATUSES = {"": "All", "errors": "Errors", "429": "429"}


@dataclass(frozen=True)
class RunRow:
    """One sync, for one reader. Of an agency-wide key, only admins see counts, messages and calls."""

    run: SyncRun
    tells: bool
    newest: bool = True
    """No later one of the same connection is known."""

    @property
    def name(self) -> str:
        return f"Sync, {self.run.connection}"

    @property
    def sub(self) -> str:
        """Reads "36 campaigns, 2 of them sub-sequences, 33 calls", or why it failed."""
        if not self.tells:
            return "Whole agency"
        if self.run.message:
            return self.trouble
        counts = self.run.counts.get("campaigns", {})
        seen = counts.get("seen")
        parts = [wording.campaigns(seen, counts.get(wording.SUB_SEQUENCES))] if seen is not None else []
        parts.append(f"{self.run.calls:,} call{'' if self.run.calls == 1 else 's'}")
        if self.run.errors:
            parts.append(f"{self.run.errors:,} failed")
        return ", ".join(parts)

    @property
    def trouble(self) -> str:
        """Reads "Key refused: Invalid API Key"; "" if nothing went wrong."""
        return trouble_in_words(self.run)

    @property
    def failed(self) -> bool:
        return bool(self.run.outcome == SyncRun.Outcome.FAILED)

    @property
    def may_retry(self) -> bool:
        return self.newest and self.run.outcome in (SyncRun.Outcome.FAILED, SyncRun.Outcome.PARTIAL)

    @property
    def total(self) -> int:
        return max(1, self.run.units_total, self.run.units_done)

    @property
    def tone(self) -> str:
        tones = {SyncRun.Outcome.DONE: "good", SyncRun.Outcome.FAILED: "bad", SyncRun.Outcome.PARTIAL: "warn"}
        return tones.get(SyncRun.Outcome(self.run.outcome), "")

    @property
    def steps(self) -> list[StepProgress]:
        return steps_of(self.run)


def trouble_in_words(run: SyncRun) -> str:
    """What went wrong, and the provider's own words for it."""
    return ": ".join(filter(None, (FAILURES.get(run.failure, ""), run.message)))


def run_row(run: SyncRun, user: Any, *, newest: bool = True) -> RunRow:
    return RunRow(run, bool(user.is_agency_admin) or run.connection.client_id is not None, newest)


def run_rows(runs: Iterable[SyncRun], user: Any) -> list[RunRow]:
    """Rows of runs that come newest first."""
    met: set[int] = set()
    rows = []
    for run in runs:
        rows.append(run_row(run, user, newest=run.connection_id not in met))
        met.add(run.connection_id)
    return rows


def visible_runs(user: Any) -> Any:
    """The syncs that the reader may know of, newest first, with what a row names."""
    return SyncRun.objects.visible_to(user).select_related("connection", "requested_by")


@dataclass(frozen=True)
class CallFilters:
    """What the call log is narrowed to; all of it is in the address. Unknown words narrow to nothing."""

    key: str = ""
    status: str = ""
    live: bool = False

    @classmethod
    def from_query(cls, query: QueryDict) -> Self:
        return cls(query.get("key", ""), query.get("status", ""), query.get("live") == "1")

    @property
    def narrows(self) -> bool:
        return bool(self.key or self.status)

    def apply(self, calls: ApiCallQuerySet) -> ApiCallQuerySet:
        if self.key:
            calls = calls.filter(connection_id=int(self.key)) if is_number(self.key) else calls.none()
        match self.status:
            case "":
                return calls
            case "errors":
                return calls.filter(Q(status=None) | Q(status__gte=400))
            case "429":
                return calls.filter(status=429)
        return calls.none()


def is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


@dataclass(frozen=True)
class CallRow:
    call: ApiCall

    @property
    def time(self) -> datetime:
        return self.call.at

    @property
    def clock(self) -> str:
        """Reads "17:48:41.207"."""
        return f"{timezone.localtime(self.call.at):%H:%M:%S}.{self.call.at.microsecond // 1000:03}"

    @property
    def exact(self) -> str:
        return wording.exact(self.call.at)

    @property
    def word(self) -> str:
        """The status code, or the word for an answer that never came."""
        return str(self.call.status or self.call.failure or "?")

    @property
    def tone(self) -> str:
        if self.call.status == 429:
            return "warn strong"
        return "bad strong" if self.call.failed else "good"

    @property
    def note(self) -> str:
        again = f"attempt {self.call.attempt}" if self.call.attempt > 1 else ""
        name, _, rest = self.call.note.partition(": ")
        told = ": ".join(filter(None, (FAILURES[name], rest))) if name in FAILURES else self.call.note
        return ", ".join(filter(None, (told.rstrip("."), again)))


def visible_calls(user: Any, filters: CallFilters) -> ApiCallQuerySet:
    """The calls that the reader may see and the filters leave, newest first, with their connections."""
    return filters.apply(ApiCall.objects.visible_to(user)).select_related("connection")


def call_rows(calls: Iterable[ApiCall]) -> list[CallRow]:
    return [CallRow(call) for call in calls]
