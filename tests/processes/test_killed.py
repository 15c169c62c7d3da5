"""`kill -9` of a real worker, of beat and of Redis, in the middle of their work: nothing is lost, and nothing done twice.

What happened is told by the sandbox's own log of arrivals, what should be in the database by its `/_truth`.
"""

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Connection
from accounts.services.connections import add_connection
from accounts.services.sessions import open_for_person
from campaigns.models import Campaign, SequenceSave
from campaigns.services.mirror import mirror_campaigns
from campaigns.services.sequence_saving import save_sequence
from campaigns.services.sequence_texts import current_texts
from campaigns.services.sequences import mirror_steps
from campaigns.services.status import change_status
from operations.audit import Actor
from operations.models import SyncRun, SyncState, Write
from operations.models.syncing import LONG_AGO
from operations.sync import planning
from operations.sync.engine import LEASE
from providers.secret import SecretText
from tests.support.edit_matrix import STAGES, wrongs
from tests.support.processes import Programs, programs
from tests.support.sandbox import Sandbox, start_sandbox
from tests.support.truth import differences

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]
PLANNED_EVERY = 2.0  # seconds, and a tick of beat that nobody took expires after as many

CALLS, SECONDS = 20, 1
CAMPAIGNS = 30


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """With a limit that is kept to: a sync takes some seconds, and a call too many would show."""
    with start_sandbox(limit=CALLS, window=SECONDS) as sandbox:
        yield sandbox


@dataclass
class Agency:
    sandbox: Sandbox
    connection: Connection

    @property
    def run(self) -> SyncRun | None:
        """The one sync of this connection; a second one would be an error."""
        return SyncRun.objects.filter(connection=self.connection).first()

    def ask_for_sync(self) -> None:
        planning.ensure_state(self.connection.pk, timezone.now())

    def list_campaigns(self) -> list[Campaign]:
        with open_for_person(self.connection) as session:
            campaigns = session.send(session.provider.campaigns())
        mirror_campaigns(self.connection.pk, campaigns, timezone.now())
        return list(self.connection.campaigns.all())

    def list_steps(self, campaigns: Iterable[Campaign]) -> None:
        with open_for_person(self.connection) as session:
            told = {one.remote_id: session.send(session.provider.steps(one.remote_id)) for one in campaigns}
        with transaction.atomic():
            mirror_steps(self.connection.pk, told, timezone.now())

    def rewrite(self, campaign: Campaign) -> SequenceSave:
        base = current_texts(campaign)
        first = replace(base[0], variants=(replace(base[0].variants[0], body="<p>New</p>"), *base[0].variants[1:]))
        return save_sequence(campaign, (first, *base[1:]), base, Actor(), timezone.now())

    def pause(self, campaigns: list[Campaign]) -> None:
        for campaign in campaigns:
            change_status(campaign, Campaign.Status.PAUSED, Actor(), timezone.now())

    @property
    def calls(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.sandbox.log(key=self.connection.name, limit=10_000)["calls"]
        return found

    @property
    def pauses(self) -> Counter[str]:
        """How often each change was carried out."""
        return Counter(call["path"] for call in self.calls if call["method"] == "POST" and call["carried_out"])

    def in_the_middle_of_days(self) -> bool:
        run = self.run
        return run is not None and run.cursor.get("step") == "days" and run.units_done > 15

    def has_synced(self) -> bool:
        return self.run is not None and not self.run.is_running

    def has_settled(self) -> bool:
        return not Write.objects.unsettled().exists()

    def has_settled_some(self) -> bool:
        return Write.objects.unsettled().count() < CAMPAIGNS

    def assert_as_at_the_provider(self) -> None:
        run = self.run
        assert run is not None
        assert run.outcome == SyncRun.Outcome.DONE, run.message
        assert run.units_done == run.units_total
        assert SyncRun.objects.filter(connection=self.connection).count() == 1
        assert differences(self.connection, self.sandbox.truth(self.connection.name)) == []
        assert self.sandbox.log()["violations"] == 0

    def assert_paused_once_each(self, campaigns: list[Campaign]) -> None:
        assert set(Write.objects.values_list("state", flat=True)) == {Write.State.DONE}
        assert self.pauses == {f"/campaigns/{campaign.remote_id}/status": 1 for campaign in campaigns}
        truth = self.sandbox.truth(self.connection.name, days=False)
        assert {one["status"] for one in truth["campaigns"]} == {"PAUSED"}


@pytest.fixture
def agency(sandbox: Sandbox, transactional_db: None, settings) -> Agency:
    """A fresh agency at the provider, and a connection to it that may write; nothing is due."""
    sandbox.reset()
    sandbox.clear_log()
    settings.QUARTERDECK_ALLOWED_BASE_URLS = [sandbox.url]
    [key] = sandbox.keys(agencies=1, campaigns=CAMPAIGNS)
    connection = add_connection(
        name=key["label"],
        provider="smartlead",
        base_url=sandbox.base_url,
        key=SecretText(key["key"]),
        client=None,
        actor=Actor(),
        now=timezone.now(),
    )
    connection.windows = [{"calls": CALLS, "seconds": SECONDS}]
    connection.may_write = True
    connection.save()
    return Agency(sandbox, connection)


@pytest.fixture
def started(agency: Agency, tmp_path) -> Iterator[Programs]:
    with programs(tmp_path) as running:
        yield running


def test_a_worker_killed_in_the_middle_of_a_sync_repeats_only_what_was_not_stored(agency, started):
    agency.ask_for_sync()
    started.wait_for(agency.in_the_middle_of_days)
    killed_at = started.kill("worker")
    stored_at = SyncState.objects.get().lease_until - LEASE  # each save renews the lease
    started.start("worker")
    started.wait_for(agency.has_synced)
    agency.assert_as_at_the_provider()
    again = repeated_since(killed_at, agency.calls)
    assert all(first > stored_at.timestamp() - 1.0 for first in again)  # the last save may have left some in flight
    assert len(again) < CAMPAIGNS


def test_a_worker_killed_in_the_middle_of_many_changes_makes_each_of_them_once(agency, started):
    campaigns = agency.list_campaigns()
    agency.pause(campaigns)
    started.wait_for(agency.has_settled_some)
    started.kill("worker")
    assert 0 < Write.objects.unsettled().count() < CAMPAIGNS
    # The rest of the dead worker's 45 s, which bench/kill.py sits out.
    Write.objects.exclude(lease_owner="").update(lease_until=LONG_AGO)
    started.start("worker")
    started.wait_for(agency.has_settled)
    agency.assert_paused_once_each(campaigns)


def test_a_worker_killed_while_it_saves_running_campaigns_leaves_none_of_them_half_way(agency, started):
    """At each stage one: the call was carried out, and the worker that waits for its answer is killed."""
    campaigns = dict(zip(STAGES, agency.list_campaigns(), strict=False))
    agency.list_steps(campaigns.values())
    faults = {"kind": "slow", "next": 1, "seconds": 20}
    rules = [
        {**faults, "path": f"/campaigns/{one.remote_id}*", "skip": STAGES[stage]} for stage, one in campaigns.items()
    ]
    agency.sandbox.faults(*rules)
    saves = {stage: agency.rewrite(campaign) for stage, campaign in campaigns.items()}
    started.wait_for(lambda: all(one["hits"] for one in agency.sandbox.steer("GET", "/_faults")["rules"]))
    started.kill("worker")
    agency.sandbox.clear_faults()
    Write.objects.exclude(lease_owner="").update(lease_until=LONG_AGO)
    started.start("worker")
    started.wait_for(lambda: not SequenceSave.objects.unfinished().exists())
    truth = {one["id"]: one for one in agency.sandbox.truth(agency.connection.name, days=False)["campaigns"]}
    for stage, save in saves.items():
        save.refresh_from_db()
        remote_id = save.campaign.remote_id
        assert wrongs(save, truth[remote_id], agency.pauses[f"/campaigns/{remote_id}/sequences"]) == [], stage
        assert save.outcome == SequenceSave.Outcome.RUNNING_NEW


def test_without_beat_work_goes_on_and_what_falls_due_waits_for_it(agency, started):
    agency.ask_for_sync()
    started.wait_for(agency.in_the_middle_of_days)
    started.kill("beat")
    time.sleep(2 * PLANNED_EVERY)  # what it had sent is old by then, and nobody acts on it any more
    campaigns = list(agency.connection.campaigns.all())
    agency.pause(campaigns)
    started.wait_for(agency.has_synced)
    assert agency.pauses.total() == 0
    started.start("beat")
    started.wait_for(agency.has_settled)
    agency.assert_paused_once_each(campaigns)
    agency.assert_as_at_the_provider()


def test_a_killed_redis_that_comes_back_is_taken_up_again(agency, started):
    """Its file holds the last seconds of traffic, so that nobody is let through too early."""
    campaigns = agency.list_campaigns()
    agency.ask_for_sync()
    started.wait_for(agency.in_the_middle_of_days)
    agency.pause(campaigns)
    started.wait_for(lambda: agency.pauses.total() >= 3)
    started.kill("redis")
    started.start("redis")
    started.wait_for(agency.has_settled)
    started.wait_for(agency.has_synced)
    agency.assert_paused_once_each(campaigns)
    agency.assert_as_at_the_provider()
    assert repeated_since(0.0, [call for call in agency.calls if "analytics" in call["path"]]) == []


def repeated_since(moment: float, calls: list[dict[str, Any]]) -> list[float]:
    """Reads of the same thing that were carried out before and arrived again after that moment: when they first did."""
    first: dict[tuple[str, str], float] = {}
    again = []
    for call in calls:
        what = (call["path"], call["query"])
        if call["method"] == "GET" and what in first and call["at"] > moment:
            again.append(first.pop(what))
        elif call["method"] == "GET" and call["carried_out"]:
            first.setdefault(what, call["at"])
    return again
