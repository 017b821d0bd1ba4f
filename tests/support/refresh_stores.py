"""Processes that refresh by way of a store of any kind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import redis
import redis.asyncio

from descope_ml import DescopeClient, DescopeClientAsync
from descope_ml.refresh_store import RefreshStore
from support.refresh_server import RefreshServer
from support.tokens import token_placeholders
from support.web_sites import configure_django

# The names of the kinds of stores.
KINDS = ["redis", "asyncio", "django"]

_REFRESH = token_placeholders()["REFRESH"]


def client_of(kind: str, url: str) -> Any:
    """A client of the program, which waits for ever."""
    if kind == "redis":
        return redis.Redis.from_url(url, socket_timeout=None)
    if kind == "asyncio":
        return redis.asyncio.Redis.from_url(url, socket_timeout=None)
    configure_django()
    from django.core.cache.backends.redis import RedisCache  # type: ignore[import-untyped]

    return RedisCache(url, {"OPTIONS": {"socket_timeout": None}})


class Process:
    """A process that refreshes: its store and its clients.

    Attributes:
        store: The store.
    """

    def __init__(
        self, service: RefreshServer, kind: str, url: str, is_async: bool = False, **options: Any
    ) -> None:
        """Takes the kind of the store, and its options."""
        self._client = client_of(kind, url)
        # More patience than the default, for a machine that is busy.
        self.store = RefreshStore(self._client, **{"timeout_seconds": 30, **options})
        self._config: dict[str, Any] = {
            "base_url": service.url,
            "public_key": token_placeholders()["JWK"],
            "max_attempts": 1,
        }
        self._is_async = is_async or kind == "asyncio"

    def refresh(self, token: str = _REFRESH) -> dict[str, Any]:
        """Refreshes by way of the store."""
        if self._is_async:
            return asyncio.run(self._refresh_in_own_loop(token))
        client = DescopeClient("P2test", **self._config)
        return self.store.refresh(
            token, lambda: client.refresh_session(token), client.validate_session
        )

    async def _refresh_in_own_loop(self, token: str) -> dict[str, Any]:
        async with self.connections():
            return await self.refresh_async(token)

    @asynccontextmanager
    async def connections(self) -> AsyncIterator[None]:
        """Closes the connections to the store, which belong to an event loop, at the end."""
        try:
            yield
        finally:
            if isinstance(self._client, redis.asyncio.Redis):
                await self._client.connection_pool.disconnect()

    async def refresh_async(self, token: str = _REFRESH) -> dict[str, Any]:
        """Refreshes by way of the store, in an event loop."""
        async with DescopeClientAsync("P2test", **self._config) as client:
            return await self.store.refresh_async(
                token, lambda: client.refresh_session(token), client.validate_session
            )
