"""What a job changes, and what people do with jobs, in the audit trail: each entry leads to its job."""

from typing import Any

import pytest
from django.utils import timezone

from campaigns.bulk.dry_run import dry_run
from campaigns.models import Campaign
from operations.jobs.engine import advance
from operations.models import AuditEntry, Job
from operations.registry import bulk_actions
from tests.fixtures_people import TwoClients


@pytest.fixture
def tagged(two_clients: TwoClients) -> Job:
    """The manager has tagged both campaigns of A by a job, which is through."""
    campaigns = Campaign.objects.filter(client=two_clients.a)
    plan = dry_run(bulk_actions["tag"], campaigns, {"tags": ["Q4"]}, two_clients.people["manager"])
    ids = ",".join(map(str, campaigns.values_list("pk", flat=True)))
    form = {"campaign": ids, "options": "1", "tags": "Q4", "seen": plan.digest, "go": "all"}
    answer: Any = two_clients.browser("manager").post("/campaigns/bulk/tag/", form)
    assert answer.status_code == 302, answer.content.decode()
    job = Job.objects.latest("pk")
    advance(job.pk, timezone.now)
    return job


def test_each_change_of_a_job_leads_to_it_and_is_found_by_it(two_clients: TwoClients, tagged: Job) -> None:
    changes = AuditEntry.objects.filter(action="tag campaign")
    assert {entry.job_id for entry in changes} == {tagged.pk}
    manager = two_clients.browser("manager")
    for address in (
        "/activity/audit/?q=tag",
        f"/campaigns/{two_clients.campaign_a.pk}/activity/",
        "/clients/alder/activity/",
    ):
        assert f'href="/activity/jobs/{tagged.pk}/"' in manager.get(address).content.decode(), address
    assert "The job" in manager.get(f"/activity/audit/{changes[0].pk}/").content.decode()
    of_job = manager.get(f"/activity/audit/?job={tagged.pk}").content.decode()
    assert "Of one job: 3 changes" in of_job
    assert "Of one job: 0 changes" in manager.get("/activity/audit/?job=nonsense").content.decode()


def test_a_job_of_one_client_is_told_to_its_people_and_one_of_several_to_admins(
    two_clients: TwoClients, tagged: Job
) -> None:
    started = AuditEntry.objects.get(action="start job")
    assert started.client == two_clients.a
    assert started.subject_label == "Tag 2 campaigns"
    two_clients.browser("admin").post(f"/activity/jobs/{two_clients.job_both.pk}/retry/")
    retried = AuditEntry.objects.filter(action="start job").latest("pk")
    assert retried.client is None
    assert retried.subject_label == "Retry: pause 3 campaigns"
