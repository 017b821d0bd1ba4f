"""One refresh for one refresh token, also across processes and machines.

If a project rotates its refresh tokens, each works once. A browser sends several requests at the
same time, and they reach different processes. Without a store, the service accepts the first
refresh and rejects the others, which signs the user out. With a `RefreshStore`, one process
refreshes under a lock, and the others wait for its answer. Inside a process, calls wait for each
other without asking the store.

What is stored cannot be read without the old refresh token: it is encrypted under a key that is
derived from this token, and its name is a hash.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from descope_ml.error_frames import hides_locals
from descope_ml.errors import DescopeError, config_error
from descope_ml.refresh_exchange import Exchange, Login, RefreshCalls, Store
from descope_ml.sealed_answers import RefreshSecret
from descope_ml.store_backends import backend_of
from descope_ml.store_waiting import IN_PROGRESS, Asyncio, Blocking, Waiting, run_blocking


class RefreshStore:
    """Lets one process refresh a session, and gives its answer to all others.

    A store that fails costs `timeout_seconds` at most for each refresh. Then each process refreshes
    for itself, and the log says so.

    Example:
        >>> import redis
        >>> from descope_ml import DescopeClient
        >>> from descope_ml.refresh_store import RefreshStore
        >>> client, store = DescopeClient(), RefreshStore(redis.Redis())
        >>> def refreshed(refresh_token):
        ...     return store.refresh(
        ...         refresh_token,
        ...         lambda: client.refresh_session(refresh_token),
        ...         client.validate_session,
        ...     )
    """

    def __init__(self, store: Any, *, lock_seconds: int = 15, timeout_seconds: float = 0.2) -> None:
        """Takes what all processes can reach. Nothing is sent yet.

        Args:
            store: A client of the package `redis`, such as `redis.Redis` or `redis.asyncio.Redis`,
                or a cache of Django that all processes share and whose `add` is atomic (Redis,
                Memcached or the database; not the local memory, files or a dummy).
            lock_seconds: If the process that refreshes dies, another one takes over after this
                time. It must be longer than `timeout_seconds` of the client of Descope, else two
                refresh.
            timeout_seconds: How long a refresh waits for the store altogether, if it does not
                answer.

        Raises:
            ConfigError: `store` is something else.
        """
        backend = backend_of(store, timeout_seconds)
        self._store = Store(backend, lock_seconds, timeout_seconds)

    @classmethod
    def of(cls, store: Any) -> RefreshStore:
        """The store for the argument `refresh_store` of a helper for a web framework.

        Args:
            store: A `RefreshStore`, or what its constructor takes.

        Returns:
            The store.

        Raises:
            ConfigError: `store` is something else.
        """
        return store if isinstance(store, cls) else cls(store)

    def require_blocking(self) -> None:
        """Rejects a store that `refresh` cannot use.

        Raises:
            ConfigError: The store is a client for asyncio.
        """
        if self._store.backend.is_async:
            raise config_error(
                "a `redis.asyncio` client works only in asynchronous views: pass a `redis.Redis`"
            )

    @hides_locals
    def refresh(
        self,
        refresh_token: str,
        do_refresh: Callable[[], Login],
        validate: Callable[[str], Mapping[str, Any]],
    ) -> Login:
        """Refreshes a session, or waits for the process that does.

        Args:
            refresh_token: The old refresh token.
            do_refresh: Refreshes with this token, like `refresh_session`. It is called at most
                once.
            validate: Validates a session token, like `validate_session`. Whoever holds the old
                token and can write to the store could put any answer there. So the session token
                of another process is validated, and all claims come from it.

        Returns:
            The result of `do_refresh`, here or in another process.

        Raises:
            ConfigError: The store is a client for asyncio.
            DescopeError: The refresh failed, here or in another process.
        """
        self.require_blocking()
        calls = RefreshCalls(do_refresh, validate)
        return run_blocking(self._refresh(Blocking(), refresh_token, calls))

    @hides_locals
    async def refresh_async(
        self,
        refresh_token: str,
        do_refresh: Callable[[], Awaitable[Login]],
        validate: Callable[[str], Awaitable[Mapping[str, Any]]],
    ) -> Login:
        """Like `refresh`, for asyncio. If the client of the store blocks, threads wait for it.

        A refresh that has begun goes on if its caller is cancelled, for the sake of the others.
        Under trio nothing is shared, and the log says so.
        """
        try:
            waiting = Asyncio()
        except RuntimeError:
            self._store.log.report("it needs asyncio")
            return await do_refresh()
        return await self._refresh(waiting, refresh_token, RefreshCalls(do_refresh, validate))

    async def _refresh(self, waiting: Waiting, refresh_token: str, calls: RefreshCalls) -> Login:
        """Waits for the call of this process for this token. If there is none, makes it."""
        secret = RefreshSecret(refresh_token)
        key = (secret.name, waiting.scope)
        while True:
            future, is_first = IN_PROGRESS.join(key)
            if is_first:
                exchange = Exchange(self._store, waiting, secret, calls)
                at_end = functools.partial(IN_PROGRESS.end, key, future)
                waiting.start(exchange.run(future), at_end)
            await waiting.wait(future)
            error = future.exception()
            if error is None:
                return future.result() if is_first else copy.deepcopy(future.result())
            if is_first:
                raise error
            if isinstance(error, DescopeError):
                raise copy.copy(error)
            # The program itself failed there, or was stopped. Here it may succeed.
