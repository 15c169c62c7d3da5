"""Doorways from the broker into the services."""

from celery import shared_task
from django.utils import timezone

from accounts.services import writing
from accounts.services.sessions import open_for_sync
from operations.lanes import shared_loop
from operations.sync.engine import advance


@shared_task(name="accounts.advance_sync", ignore_result=True)
def advance_sync(connection_id: int) -> None:
    advance(connection_id, open_for_sync, shared_loop().loop, timezone.now)


@shared_task(name="accounts.advance_writes", ignore_result=True)
def advance_writes(connection_id: int) -> None:
    writing.advance_writes(connection_id, timezone.now)
