"""Ways to Redis that suit a gate: they fail within a second instead of waiting, and never refuse one caller more."""

from functools import lru_cache

import redis
import redis.asyncio
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

TIMEOUT = 1.0
"""Seconds. The gate answers within a millisecond; a caller has better things to do than to wait for one that is away."""


@lru_cache(maxsize=8)
def connect(url: str) -> "redis.Redis":
    """Return this process's client for threads. A pool that is used up makes callers wait instead of failing."""
    pool = redis.BlockingConnectionPool.from_url(
        url,
        max_connections=64,
        timeout=5,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        # Once more, for a kept connection that a restart of Redis has cut.
        retry=Retry(NoBackoff(), 1),
    )
    return redis.Redis(connection_pool=pool)


def connect_async(url: str) -> "redis.asyncio.Redis":
    """Return a client for the running loop; the gate uses one connection at a time."""
    pool = redis.asyncio.BlockingConnectionPool.from_url(
        url,
        max_connections=4,
        timeout=5,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        retry=AsyncRetry(NoBackoff(), 1),
    )
    return redis.asyncio.Redis(connection_pool=pool)
