"""Caches in Valkey, shared by all processes; in the process's own memory while Valkey does not answer."""

from typing import Any

import redis
from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

WAIT_S = 0.5


class SharedCache(BaseCache):
    """Django's own Redis cache, which raises when its server is away: counting attempts must not fail then."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        options = {"socket_timeout": WAIT_S, "socket_connect_timeout": WAIT_S}
        self._shared = RedisCache(server, {**params, "OPTIONS": options})
        self._own = LocMemCache("shared-cache", params)

    def _ask(self, verb: str, *given: Any, **named: Any) -> Any:
        try:
            return getattr(self._shared, verb)(*given, **named)
        except redis.RedisError:
            return getattr(self._own, verb)(*given, **named)

    def add(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None
    ) -> bool:
        return bool(self._ask("add", key, value, timeout, version))

    def get(self, key: str, default: Any = None, version: Any = None) -> Any:
        return self._ask("get", key, default, version)

    def set(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: Any = None
    ) -> None:
        self._ask("set", key, value, timeout, version)

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: Any = None) -> bool:
        return bool(self._ask("touch", key, timeout, version))

    def delete(self, key: str, version: Any = None) -> bool:
        return bool(self._ask("delete", key, version))

    def clear(self) -> None:
        self._own.clear()
        self._ask("clear")
