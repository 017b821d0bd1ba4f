"""The stores behind a `RefreshStore`: Redis clients and caches of Django, as four commands.

What is stored is text, so that clients with `decode_responses` and every serializer of a cache can
keep it. Times are whole seconds: a cache of Django may know no parts of them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, Protocol

from descope_ml.errors import config_error

# What belongs to the pool of the program's client, not to another pool.
_OF_ITS_POOL = ("maint_notifications_", "orig_", "oss_cluster_", "himport_")


class Backend(Protocol):
    """The commands of a store. Those of an asynchronous one return awaitables.

    Attributes:
        is_async: Whether they do.
    """

    is_async: bool

    def get(self, name: str) -> Any:
        """The text with this name, or None."""

    def add(self, name: str, text: str, seconds: int) -> Any:
        """Stores a text for some seconds if there is none. Whether it did."""

    def set(self, name: str, text: str, seconds: int) -> Any:
        """Stores a text for some seconds in place of what is there."""

    def delete(self, name: str) -> Any:
        """Removes a text."""


def backend_of(store: Any, timeout_seconds: float) -> Backend:
    """The backend for an object of the program.

    Args:
        store: A client of the package `redis`, or a cache of Django.
        timeout_seconds: After that time nobody waits for a command any more.

    Returns:
        The backend.

    Raises:
        ConfigError: It is neither.
    """
    execute_command = getattr(store, "execute_command", None)
    if inspect.iscoroutinefunction(execute_command):
        return _AsyncRedis(store)
    if execute_command is not None:
        return _Redis(_with_timeouts(store, timeout_seconds))
    if all(callable(getattr(store, name, None)) for name in ("add", "get", "set", "delete")):
        return _DjangoCache(store)
    raise config_error(
        f"`refresh_store` cannot be a {type(store).__name__}: pass a client of the package "
        "`redis`, or a cache of Django"
    )


def _with_timeouts(client: Any, seconds: float) -> Any:
    """A client of the same Redis whose commands end, even if the program's client waits for ever.

    A command that does not end would keep its thread. A client without a pool, such as that of a
    cluster, is used as it is.
    """
    import redis  # noqa: PLC0415 - the program uses it

    pool = getattr(client, "connection_pool", None)
    if pool is None:
        return client
    kwargs = pool.connection_kwargs.items()
    settings = {key: value for key, value in kwargs if not key.startswith(_OF_ITS_POOL)}
    settings.update(socket_timeout=seconds, socket_connect_timeout=seconds)
    # A lock that is set twice looks like the lock of somebody else.
    settings.update(retry=None, retry_on_timeout=False, retry_on_error=[])
    own_pool = redis.ConnectionPool(connection_class=pool.connection_class, **settings)
    return redis.Redis(connection_pool=own_pool)


class _Redis:
    """A Redis client that blocks."""

    is_async = False

    def __init__(self, client: Any) -> None:
        self._client = client

    def get(self, name: str) -> str | None:
        return _decoded(self._client.get(name))

    def add(self, name: str, text: str, seconds: int) -> bool:
        return bool(self._client.set(name, text, nx=True, ex=seconds))

    def set(self, name: str, text: str, seconds: int) -> None:
        self._client.set(name, text, ex=seconds)

    def delete(self, name: str) -> None:
        self._client.delete(name)


class _AsyncRedis:
    """A Redis client for asyncio."""

    is_async = True

    def __init__(self, client: Any) -> None:
        self._client = client

    async def get(self, name: str) -> str | None:
        return _decoded(await self._client.get(name))

    async def add(self, name: str, text: str, seconds: int) -> bool:
        return bool(await self._client.set(name, text, nx=True, ex=seconds))

    async def set(self, name: str, text: str, seconds: int) -> None:
        await self._client.set(name, text, ex=seconds)

    async def delete(self, name: str) -> None:
        await self._client.delete(name)


def _decoded(value: bytes | str | None) -> str | None:
    return value.decode() if isinstance(value, bytes) else value


class _DjangoCache:
    """A cache of Django. Its `add` is the lock."""

    is_async = False

    def __init__(self, cache: Any) -> None:
        self._cache = cache

    def get(self, name: str) -> str | None:
        text: str | None = _in_django(lambda: self._cache.get(name))
        return text

    def add(self, name: str, text: str, seconds: int) -> bool:
        return bool(_in_django(lambda: self._cache.add(name, text, seconds)))

    def set(self, name: str, text: str, seconds: int) -> None:
        _in_django(lambda: self._cache.set(name, text, seconds))

    def delete(self, name: str) -> None:
        _in_django(lambda: self._cache.delete(name))


def _in_django(command: Callable[[], Any]) -> Any:
    """Runs a command as a request of Django does, since a cache may be a table of a database.

    No request ends on the threads where commands run, so nobody else closes a connection to the
    database that is too old or broken.
    """
    from django import db  # type: ignore[import-untyped] # noqa: PLC0415 - the program uses it

    db.close_old_connections()
    try:
        return command()
    finally:
        db.close_old_connections()
