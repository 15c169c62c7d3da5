"""Pull connections now."""

import time
from collections.abc import Sequence
from typing import Any

import redis
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.models import Connection
from operations import heartbeats, wording
from operations.models import SyncRun
from operations.progress import counts_in_words, finished_steps, label_of
from operations.sync import planning

POLL = 0.5
NO_WORKER_AFTER = 4.0
TIMEOUT = 900.0

NOT_REACHABLE = "Redis cannot be reached, so no worker can be told. Is it running? REDIS_URL says where."
NO_WORKER = (
    "No worker is running: nothing will be pulled until one is. Start `make run`, or "
    "`celery -A config.celery worker -P threads`. The request is kept and carried out then."
)


class Command(BaseCommand):
    help = (
        "Have everything of one connection, or of all enabled ones, pulled now. With --wait, shows each step as it is "
        "finished and a summary; exit status 1 if a sync failed, left gaps or did not end in time."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--connection", metavar="ID", type=int, help="its number, as in the address of its page")
        which.add_argument("--all", action="store_true", help="every connection that is not disabled")
        parser.add_argument("--wait", action="store_true", help="until the syncs have ended")
        parser.add_argument(
            "--timeout", metavar="S", type=float, default=TIMEOUT, help="seconds to wait at most (default %(default)s)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        connections = chosen(options["connection"])
        newest = dict.fromkeys((connection.pk for connection in connections), 0) | newest_runs(connections)
        try:
            planning.request_sync([connection.pk for connection in connections], timezone.now())
            if not options["wait"]:
                if not heartbeats.workers_alive():
                    self.stderr.write(NO_WORKER)
                self.stdout.write(f"Asked for: {', '.join(connection.name for connection in connections)}.")
                return
            watch = Watch(self, connections, newest)
            finished = watch.until_finished(options["timeout"])
        except (redis.RedisError, OperationalError):
            raise CommandError(NOT_REACHABLE) from None
        self.stdout.write("\n".join(summary(connections, watch.runs)))
        if not finished:
            raise CommandError(f"Not finished within {options['timeout']:g} s. The syncs go on without this command.")
        bad = [run for run in watch.runs.values() if run.outcome != SyncRun.Outcome.DONE]
        if bad:
            raise CommandError(f"{len(bad)} of {len(connections)} syncs did not get everything.")


def chosen(pk: int | None) -> list[Connection]:
    """The connection of that number, or all enabled ones; raises CommandError if that is nothing."""
    if pk is None:
        connections = list(Connection.objects.enabled())
        if not connections:
            raise CommandError("There is no enabled connection. Add one with `manage.py connect`.")
        return connections
    connection = Connection.objects.filter(pk=pk).first()
    if connection is None:
        raise CommandError(f"There is no connection {pk}.")
    if not connection.is_enabled:
        raise CommandError(f"Connection {pk} “{connection.name}” is disabled. Enable it on its page first.")
    return [connection]


def newest_runs(connections: Sequence[Connection]) -> dict[int, int]:
    """The number of each connection's newest run: what comes after it is the run that was asked for."""
    runs = SyncRun.objects.filter(connection__in=connections).order_by("connection_id", "pk")
    return dict(runs.values_list("connection_id", "pk"))


class Watch:
    """Looks at the rows of the runs until each connection's run has ended, and says what is new."""

    def __init__(self, command: BaseCommand, connections: Sequence[Connection], newest: dict[int, int]) -> None:
        self._command = command
        self._names = {connection.pk: connection.name for connection in connections}
        self._newest = newest
        self._told: dict[int, int] = {}
        self._trouble: dict[int, str] = {}
        self._began = time.monotonic()
        self.runs: dict[int, SyncRun] = {}

    def until_finished(self, timeout: float) -> bool:
        """False if the time is over first. Raises CommandError as soon as it is sure that nobody works."""
        worker_seen = self._began
        while True:
            self._look()
            if all(pk in self.runs and not self.runs[pk].is_running for pk in self._names):
                return True
            now = time.monotonic()
            if heartbeats.workers_alive():
                worker_seen = now
            elif now - worker_seen >= NO_WORKER_AFTER:
                raise CommandError(NO_WORKER)
            if now - self._began >= timeout:
                return False
            time.sleep(POLL)

    def _look(self) -> None:
        for connection_id, newest in self._newest.items():
            known = self.runs.get(connection_id)
            if known and not known.is_running:
                continue
            run = SyncRun.objects.filter(connection_id=connection_id, pk__gt=newest).order_by("pk").first()
            if run is not None:
                self.runs[connection_id] = run
                self._tell(run)

    def _tell(self, run: SyncRun) -> None:
        steps = finished_steps(run)
        for step in steps[self._told.get(run.pk, 0) :]:
            words = ": ".join(filter(None, (label_of(step), counts_in_words(run.counts.get(step, {})))))
            elapsed = time.monotonic() - self._began
            self._command.stdout.write(f"{elapsed:6.1f} s  {self._names[run.connection_id]}: {words}")
        self._told[run.pk] = len(steps)
        if run.is_running and run.message and run.message != self._trouble.get(run.pk):
            elapsed = time.monotonic() - self._began
            self._command.stdout.write(f"{elapsed:6.1f} s  {self._names[run.connection_id]}: trouble: {run.message}")
            self._trouble[run.pk] = run.message


def summary(connections: Sequence[Connection], runs: dict[int, SyncRun]) -> list[str]:
    """A table, one line per connection; with the reason where something went wrong."""
    rows = [("Connection", "Outcome", "Campaigns", "Calls", "Errors", "Seconds")]
    reasons = []
    for connection in connections:
        run = runs.get(connection.pk)
        if run is None:
            rows.append((connection.name, "not started", "–", "–", "–", "–"))
            continue
        campaigns = run.counts.get("campaigns", {}).get("seen")
        seconds = f"{run.took.total_seconds():.1f}" if run.took else "–"
        rows.append(
            (
                connection.name,
                run.get_outcome_display(),
                wording.thousands(campaigns),
                wording.thousands(run.calls),
                wording.thousands(run.errors),
                seconds,
            )
        )
        if run.message:
            reasons.append(f"{connection.name}: {run.message}")
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return ["", *lines, *reasons]
