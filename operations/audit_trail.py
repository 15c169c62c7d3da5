"""The audit trail as its pages show it: what it is narrowed to, its rows, and its export."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Self

from django.core.paginator import Page
from django.db.models import Q
from django.utils import timezone

from operations.folding import holds
from operations.models import AuditEntry
from operations.models.audit import AuditEntryQuerySet
from operations.searching import number_in
from operations.telling import Told, kinds, of_kind, tell_entry
from operations.web import page_of

PER_PAGE = 50
MOST_ENTRIES = 5_000  # further back than this nobody pages; counting them all would cost more than it tells
MOST_EXPORTED = 50_000
COLUMNS = ("When", "Who", "From", "Client", "Kind", "What", "Of", "Before and after", "Result", "Reason", "Job")
RESULTS = {"completed": "Done", "failed": "Not done"}


@dataclass(frozen=True)
class AuditFilters:
    """What the trail is narrowed to; all of it is in the address. Unknown words narrow to nothing, odd dates to none."""

    text: str = ""
    who: str = ""
    client: str = ""
    origin: str = ""
    kind: str = ""
    job: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def from_query(cls, query: Mapping[str, Any]) -> Self:
        def word(name: str) -> str:
            return str(query.get(name, "")).strip()[:120].replace("\x00", "")

        return cls(
            word("q"),
            word("who"),
            word("client"),
            word("origin"),
            word("kind"),
            word("job"),
            _day(word("from")),
            _day(word("to")),
        )

    @property
    def narrows(self) -> bool:
        return self != AuditFilters()

    @property
    def chosen(self) -> dict[str, str]:
        """What is not left open, by name."""
        return {name: str(value) for name, value in asdict(self).items() if value}

    def apply(self, entries: AuditEntryQuerySet) -> AuditEntryQuerySet:
        if self.text:
            entries = entries.filter(Q(holds("subject_label", self.text)) | Q(holds("action", self.text)))
        if self.who:
            entries = entries.filter(holds("actor_label", self.who))
        if self.client == "none":
            entries = entries.filter(client=None)
        elif self.client:
            entries = entries.filter(client__slug=self.client)
        if self.origin:
            entries = entries.filter(origin=self.origin)
        if self.kind:
            entries = entries.filter(of_kind(self.kind))
        if self.job:
            number = number_in(self.job)
            entries = entries.none() if number is None else entries.filter(job_id=number)
        if self.since:
            entries = entries.filter(at__gte=_midnight(self.since))
        if self.until:
            entries = entries.filter(at__lt=_midnight(self.until + timedelta(days=1)))
        return entries


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year < 2200 else None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def visible_entries(user: Any, filters: AuditFilters) -> AuditEntryQuerySet:
    """The entries that the reader may see, newest first, with what a row names."""
    return _in_full(filters.apply(AuditEntry.objects.visible_to(user)))


def _in_full(entries: AuditEntryQuerySet) -> AuditEntryQuerySet:
    return entries.select_related("client", "write")


def page_of_entries(user: Any, filters: AuditFilters, number: str | None) -> "Page[Any]":
    """One page of the same, in three queries."""
    entries = filters.apply(AuditEntry.objects.visible_to(user))
    count = entries.order_by()[:MOST_ENTRIES].count()
    page = page_of(entries.values("pk"), number=number, per_page=PER_PAGE, count=count)
    # Which these are is found among keys alone: sorting the entries in full costs many times as much.
    keys = [row["pk"] for row in page.object_list]
    page.object_list = list(_in_full(AuditEntry.objects.visible_to(user).filter(pk__in=keys)))
    return page


def origins() -> list[tuple[str, str]]:
    return [(str(value), str(word)) for value, word in AuditEntry.Origin.choices]


def kind_choices() -> list[str]:
    return list(kinds())


@dataclass(frozen=True)
class Row:
    """One entry, in words."""

    entry: AuditEntry
    told: Told

    @classmethod
    def of(cls, entry: AuditEntry) -> Self:
        return cls(entry, tell_entry(entry))


class _Line:
    """What csv writes into: hands each line on instead of keeping it."""

    def write(self, text: str) -> str:
        return text


def csv_lines(entries: AuditEntryQuerySet) -> Iterator[str]:
    """The entries as lines of a CSV file, read in portions; the last line says if there were more than are exported."""
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow(COLUMNS)
    for count, entry in enumerate(entries[: MOST_EXPORTED + 1].iterator(chunk_size=500), start=1):
        if count > MOST_EXPORTED:
            yield writer.writerow(
                [f"Only the newest {MOST_EXPORTED:,} entries are exported. Narrow the dates for others."]
            )
            return
        told = tell_entry(entry)
        yield writer.writerow(
            [
                _safe(cell)
                for cell in (
                    timezone.localtime(entry.at).isoformat(timespec="seconds"),
                    told.by,
                    entry.get_origin_display(),
                    entry.client.name if entry.client else "",
                    told.kind,
                    told.title,
                    entry.subject_label,
                    told.in_a_line,
                    RESULTS.get(told.state, told.word),
                    told.reason,
                    str(entry.job_id or ""),
                )
            ]
        )


def _safe(cell: str) -> str:
    """Nothing that a spreadsheet would carry out as a formula."""
    return f"'{cell}" if cell.lstrip(" ")[:1] in {"=", "+", "-", "@", "\t", "\r", "\n"} else cell
