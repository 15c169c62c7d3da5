"""`kill -9` of a real worker in the middle of a job over many campaigns: each is changed once, and each item ends."""

from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from campaigns.bulk.dry_run import dry_run
from campaigns.models import Campaign
from operations.audit import Actor
from operations.jobs.starting import start_job, undo
from operations.models import AuditEntry, Job, JobItem, Write
from operations.models.syncing import LONG_AGO
from operations.registry import bulk_actions
from tests.processes.test_killed import CAMPAIGNS, Agency, agency, sandbox, started  # noqa: F401
from tests.support.processes import Programs

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def pause_all(maya: Any) -> Job:
    """What the page of the dry run does."""
    action = bulk_actions["pause"]
    plan = dry_run(action, Campaign.objects.all(), {}, maya)
    return start_job(
        action.kind,
        [change.planned for change in plan.changes],
        actor=Actor(maya, AuditEntry.Origin.BULK),
        now=timezone.now(),
        parameters={"action": "pause", "phrase": "Pause"},
    )


def test_a_worker_killed_in_the_middle_of_a_job_changes_each_campaign_once(
    agency: Agency,  # noqa: F811
    started: Programs,  # noqa: F811
) -> None:
    maya = User.objects.create_superuser("maya@agency.example", "a long enough password", name="Maya")
    campaigns = agency.list_campaigns()
    job = pause_all(maya)
    items = JobItem.objects.filter(job=job)
    started.wait_for(lambda: items.filter(state="done").exists())
    started.kill("worker")
    assert 0 < items.unsettled().count() < CAMPAIGNS
    # The rest of the dead worker's 45 s, which bench/bulk.py sits out.
    Write.objects.exclude(lease_owner="").update(lease_until=LONG_AGO)
    started.start("worker")
    started.wait_for(lambda: Job.objects.filter(pk=job.pk).exclude(finished_at=None).exists())
    assert set(items.values_list("state", flat=True)) == {"done"}
    agency.assert_paused_once_each(campaigns)

    job.refresh_from_db()
    back = undo(job, maya, Actor(maya, AuditEntry.Origin.BULK), timezone.now())
    started.wait_for(lambda: Job.objects.filter(pk=back.pk).exclude(finished_at=None).exists())
    assert set(back.items.values_list("state", flat=True)) == {"done"}
    truth = agency.sandbox.truth(agency.connection.name, days=False)
    assert {one["status"] for one in truth["campaigns"]} == {"ACTIVE"}
