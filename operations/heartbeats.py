"""Signs of life of the background processes, in Redis, where /readyz and `sync --wait` look for them.

`quarterdeck:heartbeat:worker:<name>` and `quarterdeck:heartbeat:beat` exist while the process works, and LIFETIME
seconds longer.
"""

from functools import cache

import redis
import structlog
from django.conf import settings

log = structlog.get_logger(__name__)

EVERY = 5.0
LIFETIME = 15
PREFIX = "quarterdeck:heartbeat:"
BEAT = PREFIX + "beat"


@cache
def _redis(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2, decode_responses=True)


def connection() -> redis.Redis:
    """A Redis client that gives up after 2 s rather than hang with a sick server."""
    return _redis(settings.REDIS_URL)


def pulse(key: str) -> None:
    """Say that the owner of `key` is at work. Silence is the message when Redis is away, so errors are only logged."""
    try:
        connection().set(key, "alive", ex=LIFETIME)
    except redis.RedisError as error:
        log.warning("heartbeat not stored", owner=key, reason=type(error).__name__)


def fall_silent(key: str) -> None:
    """Say that the owner of `key` stops on purpose, so that nobody counts on it for the rest of LIFETIME."""
    try:
        connection().delete(key)
    except redis.RedisError as error:
        log.warning("heartbeat not removed", owner=key, reason=type(error).__name__)


def beat_is_alive() -> bool:
    return bool(connection().exists(BEAT))


def workers_alive() -> list[str]:
    """Names of the workers that were at work within the last seconds. Raises `redis.RedisError` when Redis is away."""
    start = PREFIX + "worker:"
    return sorted(key.removeprefix(start) for key in connection().scan_iter(match=start + "*", count=1000))
