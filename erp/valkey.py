"""Holds the one connection to Valkey."""

from functools import lru_cache

import redis
from django.conf import settings


@lru_cache(maxsize=1)
def valkey() -> redis.Redis:
    """A client that gives up soon: nothing here may wait for a cache."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)
