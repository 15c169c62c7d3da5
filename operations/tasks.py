"""Doorways from beat and the broker into the services."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from operations.jobs import engine as job_engine
from operations.jobs import planning as job_planning
from operations.models import ApiCall
from operations.sync import planning
from operations.writes import planning as write_planning


@shared_task(name="operations.plan_syncs", ignore_result=True)
def plan_syncs() -> None:
    planning.plan(timezone.now())


@shared_task(name="operations.plan_writes", ignore_result=True)
def plan_writes() -> None:
    write_planning.plan(timezone.now())


@shared_task(name="operations.plan_jobs", ignore_result=True)
def plan_jobs() -> None:
    job_planning.plan(timezone.now())


@shared_task(name="operations.advance_job", ignore_result=True)
def advance_job(job_id: int) -> None:
    job_engine.advance(job_id, timezone.now)


@shared_task(name="operations.prune_api_calls", ignore_result=True)
def prune_api_calls() -> None:
    ApiCall.objects.filter(
        at__lt=timezone.now() - timedelta(days=settings.QUARTERDECK_API_CALL_RETENTION_DAYS)
    )._raw_delete(ApiCall.objects.db)
