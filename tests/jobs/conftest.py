from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from accounts.models import Client, Connection, Membership, User
from accounts.services.writing import advance_writes
from campaigns.bulk.dry_run import DryRun, dry_run
from campaigns.models import Campaign
from operations.audit import Actor
from operations.jobs import engine
from operations.jobs.starting import start_job
from operations.models import AuditEntry, Job, JobItem
from operations.registry import bulk_actions
from tests.support.sandbox import Sandbox
from tests.sync.conftest import _sandbox, clock, connect, mirror, pull, sandbox  # noqa: F401


@dataclass
class Work:
    """An agency whose campaigns are all one client's, and somebody who looks after them."""

    sandbox: Sandbox
    connection: Connection
    client: Client
    maya: User
    clock: Callable[[], Any]

    def campaigns(self, status: str) -> list[Campaign]:
        return list(self.connection.campaigns.filter(status=status, parent=None).order_by("name", "pk"))

    def plan(self, slug: str, campaigns: Sequence[Campaign], **options: Any) -> DryRun:
        chosen = Campaign.objects.filter(pk__in=[one.pk for one in campaigns])
        return dry_run(bulk_actions[slug], chosen, options, self.maya)

    def start(self, slug: str, campaigns: Sequence[Campaign], *, first: int | None = None, **options: Any) -> Job:
        action = bulk_actions[slug]
        return start_job(
            action.kind,
            [change.planned for change in self.plan(slug, campaigns, **options).changes],
            actor=self.actor,
            now=self.clock(),
            parameters={"action": slug, "phrase": action.phrase},
            first=first,
        )

    @property
    def actor(self) -> Actor:
        return Actor(self.maya, AuditEntry.Origin.BULK)

    def turn(self, job: Job) -> None:
        """What the workers do until nothing moves any more."""
        for _ in range(20):
            begun = engine.advance(job.pk, self.clock)
            if not advance_writes(self.connection.pk, self.clock) and not begun:
                break
        engine.advance(job.pk, self.clock)
        job.refresh_from_db()

    def states(self, job: Job) -> dict[str, int]:
        found: dict[str, int] = {}
        for state in JobItem.objects.filter(job=job).values_list("state", flat=True):
            found[state] = found.get(state, 0) + 1
        return found

    def posts(self) -> list[dict[str, Any]]:
        return [call for call in self.sandbox.log(limit=10_000)["calls"] if call["method"] != "GET"]

    def at_the_provider(self, campaign: Campaign) -> dict[str, Any]:
        truth = self.sandbox.truth(self.sandbox.agency_key, days=False)
        found: dict[str, Any] = next(one for one in truth["campaigns"] if one["id"] == campaign.remote_id)
        return found


@pytest.fixture
def work(transactional_db: None, sandbox: Sandbox, connect, mirror, clock) -> Work:  # noqa: F811
    client = Client.objects.create(name="Ferro Logistics", slug="ferro")
    connection = connect(sandbox.agency_key, client=client)
    connection.may_write = True
    connection.save()
    mirror(connection)
    maya = User.objects.create_user("maya@agency.example", "a long enough password", name="Maya Lindqvist")
    Membership.objects.create(user=maya, client=client)
    sandbox.clear_log()
    return Work(sandbox, connection, client, maya, clock)
