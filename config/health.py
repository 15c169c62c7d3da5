"""Is the product alive, is it ready: for load balancers, supervisors and people. No login, no detail for attackers."""

from collections.abc import Callable

import redis
import structlog
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from operations import heartbeats

log = structlog.get_logger(__name__)


@login_not_required
@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """The process answers. Touches neither database nor Redis, so that their outage does not restart the web server."""
    return HttpResponse("alive\n", content_type="text/plain")


@login_not_required
@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 if database, Redis, a worker and beat are all there, else 503; JSON says which is not."""
    parts = {name: "ok" if _holds(check) else "down" for name, check in CHECKS.items()}
    ready = all(state == "ok" for state in parts.values())
    return JsonResponse({"ready": ready, **parts}, status=200 if ready else 503)


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (DatabaseError, redis.RedisError, OSError) as error:
        log.warning("not ready", check=check.__name__, reason=type(error).__name__)
        return False


def database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def redis_answers() -> bool:
    return bool(heartbeats.connection().ping())


def a_worker_is_alive() -> bool:
    return bool(heartbeats.workers_alive())


CHECKS: dict[str, Callable[[], bool]] = {
    "database": database_answers,
    "redis": redis_answers,
    "worker": a_worker_is_alive,
    "beat": heartbeats.beat_is_alive,
}
