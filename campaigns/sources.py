"""Where the figures of a page come from: how old they are, and which keys hold them back. One query for the whole page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Self

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from accounts.models import Connection, RemoteClient
from campaigns.lists.filters import UNASSIGNED, CampaignFilters
from campaigns.models import Campaign, CampaignNumbers, CampaignQuerySet
from campaigns.sync_steps import CampaignList
from operations import wording
from operations.models import SyncCoverage
from operations.registry import sync_steps

STALE_AFTER = timedelta(minutes=30)  # twice the freshness target of the figures
MOST_NOTES = 2
TOLD = ("client__name", "disabled_at", "health", "health_since", "name", "provider")  # of connections


@dataclass(frozen=True)
class Note:
    """A condition of the page, in words: what happened, and what it means."""

    level: str
    title: str
    text: str


@dataclass(frozen=True)
class Source:
    """A connection with the age of what came through it.

    `figures_at` is when the slowest part of the figures was last pulled whole, `listed_at` the same for names and statuses;
    None: never. An answered key check or a run with gaps moves neither. `has_figures`: some are there, whole or not.
    """

    connection: Connection
    figures_at: datetime | None
    listed_at: datetime | None
    has_figures: bool

    @property
    def is_failing(self) -> bool:
        return self.connection.is_broken

    @property
    def is_disabled(self) -> bool:
        return not self.connection.is_enabled

    @property
    def works(self) -> bool:
        return not self.is_failing and not self.is_disabled

    @property
    def is_unfinished(self) -> bool:
        """Figures are shown although they were never pulled whole."""
        return self.has_figures and self.figures_at is None


@dataclass(frozen=True)
class Sources:
    """The connections behind a page: those that are enabled, and disabled ones of which campaigns are still shown."""

    all: list[Source]
    now: datetime

    @classmethod
    def visible_to(cls, user: Any, now: datetime, filters: CampaignFilters | None = None) -> Self:
        """Those that the reader may see; narrowed to the clients of the filters, if these name some."""
        shown = Campaign.objects.visible_to(user).present()
        connections = Connection.objects.visible_to(user)
        if filters and filters.clients:
            shown = shown.filter(filters.client_condition())
            slugs = [slug for slug in filters.clients if slug != UNASSIGNED]
            mapped = RemoteClient.objects.visible_to(user).filter(client__slug__in=slugs, gone_at=None)
            connections = connections.filter(
                Q(client__slug__in=slugs)
                | Q(client=None, pk__in=mapped.values("connection_id"))
                | Exists(shown.filter(connection=OuterRef("pk")))
            )
        connections = connections.filter(Q(disabled_at=None) | Exists(shown.filter(connection=OuterRef("pk"))))
        return cls(_read(connections.select_related("client").only(*TOLD)), now)

    @classmethod
    def of(cls, campaign: Campaign, now: datetime) -> Self:
        """The connection of a campaign that `with_sources` has read, so without a query."""
        return cls([_source(campaign.connection, campaign)], now)

    @property
    def working(self) -> list[Source]:
        return [source for source in self.all if source.works]

    @property
    def held_back(self) -> list[Source]:
        """Those that bring nothing new: failing ones first, then disabled ones."""
        return [*filter(lambda s: s.is_failing, self.all), *filter(lambda s: s.is_disabled, self.all)]

    @property
    def synced_at(self) -> datetime | None:
        """The age of the oldest figures that a working connection brought; the others have a note of their own."""
        return min((s.figures_at for s in self.working if s.figures_at), default=None)

    @property
    def listed_at(self) -> datetime | None:
        """The same for names and statuses."""
        return min((s.listed_at for s in self.working if s.listed_at), default=None)

    @property
    def tone(self) -> str:
        if not self.working:
            return "bad" if any(source.is_failing for source in self.all) else "warn"
        stale = self.synced_at is not None and self.now - self.synced_at > STALE_AFTER
        return "warn" if stale or any(source.is_unfinished for source in self.working) else "good"

    @property
    def frozen(self) -> str:
        """What to say instead of an age: no key works, or there is no age because nothing was ever pulled whole."""
        if self.working:
            unfinished = self.synced_at is None and any(source.is_unfinished for source in self.working)
            return "First sync not finished" if unfinished else ""
        failing = [source for source in self.all if source.is_failing]
        last = min((s.figures_at for s in failing or self.all if s.figures_at), default=None)
        when = wording.moment(last, self.now) if last else ""
        if not failing:
            return f"Figures from {when}" if when else ""
        refused = all(source.connection.health == Connection.Health.REFUSED for source in failing)
        reason = "key refused" if refused else "key failing"
        if when:
            return f"Frozen at {when}, {reason}"
        unfinished = any(source.is_unfinished for source in failing)
        return f"First sync not finished, {reason}" if unfinished else f"Never synced, {reason}"

    @property
    def awaits_first_sync(self) -> bool:
        return any(source.listed_at is None for source in self.working)

    @property
    def notes(self) -> list[Note]:
        """At most two notes; the last one sums up the others."""
        if len(self.held_back) <= MOST_NOTES:
            return [note_of(source, self.now) for source in self.held_back]
        first, rest = self.held_back[: MOST_NOTES - 1], self.held_back[MOST_NOTES - 1 :]
        kinds = {"failing" if source.is_failing else "disabled" for source in rest}
        what = " or ".join(sorted(kinds, reverse=True))
        level = "bad" if "failing" in kinds else "warn"
        summary = Note(level, f"{len(rest)} more keys are {what}.", f"{_names(rest)}.")
        return [*(note_of(source, self.now) for source in first), summary]


def note_of(source: Source, now: datetime) -> Note:
    """Says which key brings nothing since when, and up to when its figures reach."""
    connection = source.connection
    provider = connection.get_provider_display()
    until = _until(source, now)
    if source.is_disabled:
        assert connection.disabled_at is not None
        which = f"{connection.client}’s {provider} key" if connection.client else connection.name
        title = f"{which} is disabled since {wording.moment(connection.disabled_at, now)}."
        return Note("warn", title, f"{until}; its campaigns can’t be changed.")
    since = wording.moment(connection.health_since, now)
    whose = f"{connection.client}’s {provider} key" if connection.client else f"The {provider} key “{connection.name}”"
    match connection.health:
        case Connection.Health.REFUSED:
            return Note("bad", f"{whose} was refused at {since}.", f"{until}; its campaigns can’t be changed.")
        case Connection.Health.BLOCKED:
            return Note(
                "bad", f"{whose} is blocked by {provider} since {since}.", f"{until}; its campaigns can’t be changed."
            )
        case Connection.Health.UNREACHABLE:
            showing = f"Showing figures from {wording.moment(source.figures_at, now)}" if source.figures_at else until
            behind = connection.client or f"“{connection.name}”"
            return Note("warn", f"Can’t reach {provider} for {behind} since {since}.", f"{showing}. We keep trying.")
        case _:
            return Note(
                "warn", f"{whose} gets answers that we don’t understand since {since}.", f"{until}. We keep trying."
            )


def _until(source: Source, now: datetime) -> str:
    if source.figures_at:
        return f"Figures stop at {wording.moment(source.figures_at, now)}"
    if source.has_figures:
        return "Its first sync did not end: the figures shown are not complete"
    return "There are no figures yet"


def _names(sources: Iterable[Source]) -> str:
    return ", ".join(str(source.connection.client or source.connection.name) for source in sources)


def with_sources(campaigns: CampaignQuerySet) -> CampaignQuerySet:
    """With what `Sources.of` tells of the connection, in the same query."""
    return campaigns.select_related("connection__client").annotate(**_asked("connection"))


def _read(connections: "QuerySet[Connection]") -> list[Source]:
    return [_source(connection, connection) for connection in connections.annotate(**_asked("pk"))]


@cache
def _asked(connection: str) -> dict[str, Any]:
    """What is to be read beside a row to know how old its connection's figures are. `connection` leads from the row to it."""
    pulled = SyncCoverage.objects.filter(connection=OuterRef(connection))
    some = Q(totals_at__isnull=False) | Q(days_from__isnull=False)
    times = {
        f"pulled_{name}": Subquery(pulled.filter(step=name).values("last_success_at")[:1])
        for name in (*_bringers(), CampaignList.name)
    }
    return times | {
        "has_figures": Exists(CampaignNumbers.objects.filter(some, campaign__connection=OuterRef(connection)))
    }


def _bringers() -> list[str]:
    """The steps of a sync that bring figures."""
    return [name for name, step in sync_steps if step.brings_figures]


def _source(connection: Connection, row: Any) -> Source:
    times = [getattr(row, f"pulled_{name}") for name in _bringers()]
    return Source(
        connection,
        figures_at=min(times) if times and all(times) else None,
        listed_at=getattr(row, f"pulled_{CampaignList.name}"),
        has_figures=row.has_figures,
    )
