"""Doorways from beat and the broker into the services."""

from datetime import timedelta

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from operations.models import ApiCall
from operations.sync import planning
from operations.writes import planning as write_planning


@shared_task(name="operations.plan_syncs", ignore_result=True)
def plan_syncs() -> None:
    planning.plan(timezone.now())


@shared_task(name="operations.plan_writes", ignore_result=True)
def plan_writes() -> None:
    write_planning.plan(timezone.now())


@shared_task(name="operations.prune_api_calls", ignore_result=True)
def prune_api_calls() -> None:
    ApiCall.objects.filter(
        at__lt=timezone.now() - timedelta(days=settings.QUARTERDECK_API_CALL_RETENTION_DAYS)
    )._raw_delete(ApiCall.objects.db)
