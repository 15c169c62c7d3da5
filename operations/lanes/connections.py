"""The way to Redis for threads: it fails within a second instead of waiting, and never refuses one caller more."""

from functools import lru_cache

import redis
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
