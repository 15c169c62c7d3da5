"""What the pages about connections tell, read in a fixed number of queries."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.forms import ChoosePlan, plan_label
from accounts.models import Client, Connection, RemoteClient
from accounts.services.mapping import agency_key_with
from accounts.standing import Standing, Trouble, standing_of, trouble_of
from operations import wording
from operations.activity import RunRow, run_rows, visible_runs
from operations.coverage import CoverageRow, coverage_rows
from operations.models import SyncCoverage, SyncRun, SyncState
from operations.progress import StepProgress, steps_of

CAMPAIGNS = "campaigns"  # the step whose count says what a key opens
RUNS = 8
CHOOSERS = 25  # rows with a list of clients in them; further ones open theirs on request, so that the page stays small
SLOW_START = timedelta(seconds=15)


def may_see_counts(connection: Connection, user: Any) -> bool:
    """Counts of an agency-wide key speak of every client behind it, so they are for agency admins."""
    return bool(user.is_agency_admin) or connection.client_id is not None


@dataclass(frozen=True)
class Sees:
    """What a key opens: as it was checked, or as it was pulled since. `without_client` is known from checks only."""

    campaigns: int
    clients: int
    without_client: int | None
    sub_sequences: int | None  # of the campaigns; None where nobody counted
    at: datetime

    @property
    def campaigns_in_words(self) -> str:
        return wording.campaigns(self.campaigns, self.sub_sequences)

    @classmethod
    def of(cls, connection: Connection, pulled: SyncCoverage | None, clients: int) -> "Sees | None":
        told: Mapping[str, Any] = connection.sees
        checked_at = datetime.fromisoformat(told["at"]) if "at" in told else None
        if pulled and pulled.last_success_at and (checked_at is None or checked_at < pulled.last_success_at):
            below = pulled.counts.get(wording.SUB_SEQUENCES)
            return cls(pulled.counts.get("seen", 0), clients, None, below, pulled.last_success_at)
        if checked_at is None:
            return None
        below = told.get("sub_sequences")
        return cls(told["campaigns"], len(told["client_ids"]), told["without_client"], below, checked_at)


@dataclass(frozen=True)
class ListRow:
    connection: Connection
    standing: Standing
    sees: Sees | None
    plan: str


def list_rows(user: Any, now: datetime) -> list[ListRow]:
    """The connections that the reader may see, those in trouble first, then agency-wide ones; two queries."""
    present = Count("remote_clients", filter=Q(remote_clients__gone_at=None))
    connections: QuerySet[Any] = Connection.objects.visible_to(user).select_related("client")
    connections = connections.annotate(clients_behind=present)
    ordered = sorted(
        connections, key=lambda c: (not c.is_broken, not c.is_enabled, c.client_id is not None, c.name.casefold())
    )
    pulled = {row.connection_id: row for row in SyncCoverage.objects.filter(connection__in=ordered, step=CAMPAIGNS)}
    return [
        ListRow(
            connection,
            standing_of(connection),
            Sees.of(connection, pulled.get(connection.pk), connection.clients_behind)
            if may_see_counts(connection, user)
            else None,
            plan_label(connection),
        )
        for connection in ordered
    ]


class ConnectionReport:
    """Everything on the page of one connection, for one reader. `connection` comes with client and sync_state."""

    def __init__(
        self,
        connection: Connection,
        user: Any,
        now: datetime,
        *,
        passing: Trouble | None = None,
        checked: bool = False,
        changing: str | None = None,
    ) -> None:
        self.connection = connection
        self.user = user
        self.now = now
        self.passing = passing
        self.checked = checked
        self._changing = changing

    def context(self) -> dict[str, Any]:
        plan_form = ChoosePlan(initial={"plan": self.connection.plan}, provider=self.connection.provider)
        return {"report": self, "connection": self.connection, "now": self.now, "plan_form": plan_form}

    @property
    def may_change(self) -> bool:
        return bool(self.user.is_agency_admin)

    @property
    def tells_counts(self) -> bool:
        return may_see_counts(self.connection, self.user)

    @property
    def also_read_by(self) -> Connection | None:
        """The agency-wide key behind which the client of this key stands as well, so that both may count the same campaigns."""
        return agency_key_with(self.connection) if self.may_change and self.connection.is_enabled else None

    @property
    def standing(self) -> Standing:
        return standing_of(self.connection)

    @property
    def trouble(self) -> Trouble | None:
        return self.passing or trouble_of(self.connection, self.now)

    @property
    def sees(self) -> Sees | None:
        if not self.tells_counts:
            return None
        present = sum(1 for row in self.remote_clients if row.gone_at is None)
        return Sees.of(self.connection, self._covered.get(CAMPAIGNS), present)

    @property
    def plan(self) -> str:
        return plan_label(self.connection)

    @property
    def check_at_once(self) -> bool:
        """A key that nobody has tried is tried as soon as an admin looks at it; not again in the answer of that try."""
        untried = self.connection.health == Connection.Health.UNCHECKED
        return untried and self.may_change and self.connection.is_enabled and not self.checked

    @property
    def state(self) -> SyncState | None:
        return getattr(self.connection, "sync_state", None)

    @cached_property
    def runs(self) -> list[RunRow]:
        runs = visible_runs(self.user).filter(connection=self.connection)
        return run_rows(runs[:RUNS], self.user)

    @property
    def running(self) -> SyncRun | None:
        run = self.state.run if self.state else None
        return run if run and run.is_running else None

    @property
    def is_first_sync(self) -> bool:
        return self.connection.last_success_at is None or not any(row.run.finished_at for row in self.runs)

    @property
    def steps(self) -> list[StepProgress]:
        return steps_of(self.running) if self.running else []

    @property
    def waiting_since(self) -> datetime | None:
        """Since when a sync is wanted that nobody has begun; None if there is no such sync."""
        if self.state is None or self.running or not self.connection.is_enabled:
            return None
        if self.state.requested_at:
            return self.state.requested_at
        return self.state.due_at if self.state.due_at <= self.now and not self.runs else None

    @property
    def start_is_slow(self) -> bool:
        return bool(self.waiting_since and self.now - self.waiting_since > SLOW_START)

    @property
    def moves(self) -> bool:
        """Whether to look again in two seconds rather than in a minute."""
        return bool(self.running or self.waiting_since)

    @cached_property
    def _covered(self) -> dict[str, SyncCoverage]:
        return {row.step: row for row in SyncCoverage.objects.filter(connection=self.connection)}

    @property
    def coverage(self) -> list[CoverageRow]:
        """Each resource: how old, when next; those that were never pulled too."""
        enabled = self.connection.is_enabled
        return coverage_rows(self._covered, self.now, tells_counts=self.tells_counts, enabled=enabled, compared={})

    @cached_property
    def remote_clients(self) -> list[RemoteClient]:
        """The clients behind an agency-wide key that the reader may see: nobody's first, gone ones last."""
        if self.connection.client_id is not None:
            return []
        rows = RemoteClient.objects.visible_to(self.user).filter(connection=self.connection).select_related("client")
        return sorted(rows, key=lambda r: (r.gone_at is not None, r.client_id is not None, str(r).casefold()))

    @property
    def unmapped(self) -> int:
        return sum(1 for row in self.remote_clients if row.client_id is None and row.gone_at is None)

    @cached_property
    def clients(self) -> list[Client]:
        return list(Client.objects.visible_to(self.user)) if self.may_change and self.remote_clients else []

    @property
    def mapping_rows(self) -> list[tuple[RemoteClient, bool]]:
        """Each remote client, and whether its row shows a list to choose from."""
        choosers = 0
        rows = []
        for remote in self.remote_clients:
            wanted = str(remote.pk) == self._changing
            open_ = self.may_change and (
                wanted or (remote.client_id is None and not remote.gone_at and choosers < CHOOSERS)
            )
            choosers += open_
            rows.append((remote, open_))
        return rows

    def has_other_clients_than(self, shown: str | None) -> bool:
        """Whether a page that showed so many remote clients lacks some by now."""
        return shown is not None and shown != str(len(self.remote_clients))
