"""Asking for syncs on behalf of people."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import structlog
from kombu.exceptions import OperationalError

from operations.sync import planning

log = structlog.get_logger(__name__)


def ask_for_sync(connection_ids: Iterable[int], now: datetime, *, by: Any = None) -> bool:
    """Have connections pulled now; False if no worker can be told at the moment.

    The request stands in the database either way: the planner finds it once the broker is back.
    """
    try:
        planning.request_sync(connection_ids, now, by=by)
    except OperationalError as error:
        log.warning("workers not told of a sync", reason=type(error).__name__)
        return False
    return True
