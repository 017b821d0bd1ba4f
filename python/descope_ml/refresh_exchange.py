"""One refresh by way of a store: a lock, an answer, and what happens if the store fails.

All of it is under one name. Who finds nothing there adds a lock, refreshes, and replaces the lock
with the answer. Who finds a lock waits until there is an answer, or nothing again.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from descope_ml import errors, log_bridge
from descope_ml.constants import SESSION_TOKEN_NAME
from descope_ml.errors import DescopeError, TokenError
from descope_ml.sealed_answers import RefreshSecret, is_sealed
from descope_ml.store_backends import Backend
from descope_ml.store_waiting import Waiting, monotonic, workers

Login = dict[str, Any]
"""The result of `refresh_session`."""

# How long an answer is stored.
_ANSWER_SECONDS = 30

# How long a failure is stored: long enough for those who wait, too short for those who come later.
_FAILURE_SECONDS = 2

# The time between two looks at the store grows from one to the other.
_FIRST_PAUSE_SECONDS = 0.01
_LONGEST_PAUSE_SECONDS = 0.1

_NO_RESPONSE = "it does not respond in time"

_LOG_INTERVAL_SECONDS = 60
_WARNING = 30

# What a validated session replaces in an answer.
_VALIDATED_KEYS = (SESSION_TOKEN_NAME, "permissions", "roles", "tenants", "projectId", "userId")


class StoreError(Exception):
    """The store failed: it does not answer, or what it has cannot be used."""


@dataclass(frozen=True)
class RefreshCalls:
    """What the program does: it refreshes, and validates a session token."""

    do_refresh: Callable[[], Any]
    validate: Callable[[str], Any]


class FailureLog:
    """Logs the failures of a store, once a minute."""

    def __init__(self) -> None:
        """Without failures."""
        self._lock = threading.Lock()
        self._next = 0.0

    def report(self, problem: str) -> None:
        """Logs a failure, if none was logged for a minute."""
        with self._lock:
            if monotonic() < self._next:
                return
            self._next = monotonic() + _LOG_INTERVAL_SECONDS
        message = (
            f"the refresh store failed: {problem}. Meanwhile each process refreshes for itself, so "
            "the service may reject refresh tokens that work once. Logged once a minute"
        )
        log_bridge.emit([(_WARNING, message)])


@dataclass(frozen=True)
class Store:
    """The store, and how long to wait for it."""

    backend: Backend
    lock_seconds: int
    timeout_seconds: float
    log: FailureLog = field(default_factory=FailureLog)


class Exchange:
    """One refresh."""

    def __init__(
        self, store: Store, waiting: Waiting, secret: RefreshSecret, calls: RefreshCalls
    ) -> None:
        """Takes what it needs; nothing is done yet."""
        self._store = store
        self._waiting = waiting
        self._secret = secret
        self._calls = calls
        self._own_lock = "lock " + secrets.token_hex(16)
        self._may_hold_lock = False

    async def run(self, result: Future[Login]) -> None:
        """Refreshes, or waits for the process that does.

        Args:
            result: Gets the answer or the failure.
        """
        try:
            result.set_result(await self._login())
        except Exception as error:  # noqa: BLE001 - for those who wait
            result.set_exception(error)

    async def _login(self) -> Login:
        try:
            text = await self._answer_or_lock()
            if text is not None:
                return await self._accept(text)
        except StoreError as error:
            self._store.log.report(str(error))
        # Not in the block above: the store's error would be the context of that of a refresh.
        if self._may_hold_lock:
            return await self._refresh_and_publish()
        return await self._refresh()

    async def _refresh(self) -> Login:
        login: Login = await self._waiting.invoke(self._calls.do_refresh)
        return login

    async def _answer_or_lock(self) -> str | None:
        """Waits for the answer of another process. None: this one has the lock."""
        backend, name = self._store.backend, self._secret.name
        patience = self._store.timeout_seconds / 2
        deadline = monotonic() + patience
        # Several processes may die one after the other, but a store may also keep a lock for ever.
        last = monotonic() + 3 * self._store.lock_seconds
        pause = _FIRST_PAUSE_SECONDS
        while monotonic() < last:
            text = await self._command(backend.get, name, deadline=deadline)
            if text is None:
                if await self._add_lock(deadline):
                    return None
            elif is_sealed(text):
                return str(text)
            await self._waiting.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE_SECONDS)
            if text is not None:
                # The store answers, and waiting for a lock is not waiting for the store.
                deadline = monotonic() + patience
        raise StoreError("a lock does not expire")

    async def _add_lock(self, deadline: float) -> bool:
        """Tries to get the lock. If there is no response, this process may have it."""
        self._may_hold_lock = True
        lock = (self._secret.name, self._own_lock, self._store.lock_seconds)
        self._may_hold_lock = await self._command(self._store.backend.add, *lock, deadline=deadline)
        return self._may_hold_lock

    async def _accept(self, text: str) -> Login:
        """The answer or the failure of another process."""
        document = self._secret.open(text)
        if document is None:
            raise StoreError("an answer was changed")
        if "error" in document:
            raise errors.from_document(document)
        login: Login = document["login"]
        token = login[SESSION_TOKEN_NAME]["jwt"]
        try:
            session = await self._waiting.invoke(lambda: self._calls.validate(token))
        except TokenError:
            raise StoreError("the session of an answer is not valid") from None
        return {**login, **{key: session[key] for key in _VALIDATED_KEYS}}

    async def _refresh_and_publish(self) -> Login:
        """Refreshes with the lock, and stores the answer for the other processes."""
        try:
            login = await self._refresh()
        except DescopeError as error:
            await self._try(self._replace_own_lock, error.document)
            raise
        except BaseException:
            await self._try(self._replace_own_lock, None)
            raise
        await self._try(self._publish, {"login": login}, _ANSWER_SECONDS)
        return login

    async def _replace_own_lock(self, document: dict[str, Any] | None, deadline: float) -> None:
        """After a failure: shares it, or lets another process begin.

        If the lock has expired, another process is refreshing, and perhaps with success.
        """
        backend, name = self._store.backend, self._secret.name
        if await self._command(backend.get, name, deadline=deadline) != self._own_lock:
            return
        if document is None:
            await self._command(backend.delete, name, deadline=deadline)
        else:
            await self._publish(document, _FAILURE_SECONDS, deadline)

    async def _publish(self, document: dict[str, Any], seconds: int, deadline: float) -> None:
        """Stores a document, even if another process has the lock by now."""
        text = self._secret.seal(document)
        await self._command(
            self._store.backend.set, self._secret.name, text, seconds, deadline=deadline
        )

    async def _try(self, work: Callable[..., Awaitable[None]], *args: Any) -> None:
        """Does what is for others only: if the store fails, the log says so."""
        try:
            await work(*args, monotonic() + self._store.timeout_seconds / 2)
        except StoreError as error:
            self._store.log.report(str(error))

    async def _command(self, command: Callable[..., Any], *args: Any, deadline: float) -> Any:
        """Calls a command of the store.

        Raises:
            StoreError: The command failed, or there is no response yet.
        """
        seconds = max(0.0, deadline - monotonic())
        try:
            if self._store.backend.is_async:
                return await self._waiting.command(command, *args, seconds=seconds)
            future = workers().submit(command, *args)
            await self._waiting.wait(future, seconds)
            if future.done():
                return future.result()
            future.cancel()
        except TimeoutError:
            raise StoreError(_NO_RESPONSE) from None
        except Exception as error:  # noqa: BLE001 - a store can raise anything
            # Its message may have the URL of the store with the password.
            raise StoreError(type(error).__name__) from None
        raise StoreError(_NO_RESPONSE)
