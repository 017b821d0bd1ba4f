"""How a refresh by way of a store waits: it blocks its thread, or lets asyncio run.

The code that waits is written once, as coroutines. A thread runs such a coroutine in one step,
because nothing in it is ever suspended: `run_blocking`.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import os
import queue
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, Hashable
from concurrent.futures import Future
from typing import Any, Protocol, TypeVar

T = TypeVar("T")

_THREADS = 8


def monotonic() -> float:
    """A clock for timeouts that no test stops: freezegun replaces `time.monotonic`."""
    return time.clock_gettime(time.CLOCK_MONOTONIC)


class Waiting(Protocol):
    """A way to wait.

    Attributes:
        scope: Those with equal scopes can wait for each other.
    """

    scope: Hashable

    async def wait(self, future: Future[Any], seconds: float | None = None) -> None:
        """Waits until a future is done, or for that time."""

    async def sleep(self, seconds: float) -> None:
        """Waits for that time."""

    async def invoke(self, function: Callable[[], Any]) -> Any:
        """Calls a function of the program, which waits in the same way."""

    async def command(self, function: Callable[..., Any], *args: Any, seconds: float) -> Any:
        """Calls a command of an asynchronous store; TimeoutError if it takes longer than that."""

    def start(self, work: Coroutine[Any, Any, None], at_end: Callable[[], None]) -> None:
        """Begins with some work, which goes on even if its caller is cancelled."""


class Blocking:
    """Blocks the thread; if gevent or eventlet has patched it, only the greenlet."""

    scope: Hashable = None

    async def wait(self, future: Future[Any], seconds: float | None = None) -> None:
        """Waits until a future is done, or for that time."""
        concurrent.futures.wait([future], seconds)

    async def sleep(self, seconds: float) -> None:
        """Waits for that time."""
        time.sleep(seconds)

    async def invoke(self, function: Callable[[], Any]) -> Any:
        """Calls a function of the program."""
        return function()

    async def command(self, function: Callable[..., Any], *args: Any, seconds: float) -> Any:
        """A thread cannot await a command."""
        raise NotImplementedError

    def start(self, work: Coroutine[Any, Any, None], at_end: Callable[[], None]) -> None:
        """Does the work at once."""
        try:
            run_blocking(work)
        finally:
            at_end()


class Asyncio:
    """Lets the running event loop run."""

    # Tasks that go on although nobody waits for them: the loop itself has only weak references.
    _tasks: set[asyncio.Task[None]] = set()  # noqa: RUF012

    def __init__(self) -> None:
        """In the running event loop.

        Raises:
            RuntimeError: There is none, for example under trio.
        """
        self.scope: Hashable = asyncio.get_running_loop()

    async def wait(self, future: Future[Any], seconds: float | None = None) -> None:
        """Waits until a future is done, or for that time."""
        wrapped = asyncio.wrap_future(future)
        # Its exception is read from the other future, also if this caller is cancelled.
        wrapped.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.wait([wrapped], timeout=seconds)

    async def sleep(self, seconds: float) -> None:
        """Waits for that time."""
        await asyncio.sleep(seconds)

    async def invoke(self, function: Callable[[], Awaitable[Any]]) -> Any:
        """Awaits a function of the program."""
        return await function()

    async def command(
        self, function: Callable[..., Awaitable[Any]], *args: Any, seconds: float
    ) -> Any:
        """Awaits a command of a store."""
        try:
            return await asyncio.wait_for(function(*args), seconds)
        except asyncio.TimeoutError:  # Another class before Python 3.11.
            raise TimeoutError from None

    def start(self, work: Coroutine[Any, Any, None], at_end: Callable[[], None]) -> None:
        """Does the work in a task of its own, which the end of a request does not cancel."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        task.add_done_callback(lambda _: at_end())


def run_blocking(coroutine: Coroutine[Any, Any, T]) -> T:
    """Runs a coroutine that waits by `Blocking` only."""
    try:
        coroutine.send(None)
    except StopIteration as result:
        value: T = result.value
        return value
    raise AssertionError("a coroutine was suspended without an event loop")


class Workers:
    """Daemon threads for the commands of stores: their callers wait no longer than they want.

    `ThreadPoolExecutor` would not let the process end while a store does not answer.
    """

    def __init__(self) -> None:
        """Without threads: they start when they are needed."""
        self._tasks: queue.Queue[Callable[[], None]] = queue.Queue()
        self._idle = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._threads = 0

    def submit(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
        """Calls a function on one of the threads.

        Args:
            function: The function.
            args: Its arguments.

        Returns:
            Its result. If it is cancelled before a thread is free, the function is not called.
        """
        future: Future[Any] = Future()

        def task() -> None:
            if future.set_running_or_notify_cancel():
                try:
                    result = function(*args)
                except BaseException as error:  # noqa: BLE001 - for the one who waits
                    future.set_exception(error)
                else:
                    future.set_result(result)

        self._tasks.put(task)
        if not self._idle.acquire(blocking=False):
            self._start_thread()
        return future

    def _start_thread(self) -> None:
        with self._lock:
            if self._threads == _THREADS:
                return
            threading.Thread(target=self._work, name="descope-store", daemon=True).start()
            self._threads += 1

    def _work(self) -> None:
        while True:
            self._tasks.get()()
            self._idle.release()


class CallsInProgress:
    """The calls of this process that others can wait for."""

    def __init__(self) -> None:
        """Without calls."""
        self._lock = threading.Lock()
        self._calls: dict[Hashable, Future[Any]] = {}

    def forked(self) -> None:
        """In a forked child: a thread that it does not have may hold the lock."""
        self._lock = threading.Lock()
        self._calls = {}

    def join(self, key: Hashable) -> tuple[Future[Any], bool]:
        """The result of the call with this key.

        Args:
            key: What the call asks for.

        Returns:
            The result, and whether the caller has to make the call, because nobody does.
        """
        with self._lock:
            future = self._calls.get(key)
            if future is not None:
                return future, False
            future = self._calls[key] = Future()
            # Somebody who waits cannot cancel it.
            future.set_running_or_notify_cancel()
            return future, True

    def end(self, key: Hashable, future: Future[Any]) -> None:
        """Forgets a call. If it has no result, those who wait begin anew."""
        with self._lock:
            if self._calls.get(key) is future:
                del self._calls[key]
        if not future.done():
            future.set_exception(CallAbandoned())


class CallAbandoned(Exception):  # noqa: N818 - no error: somebody else makes the call
    """The one who made a call was stopped, for example by Ctrl-C."""


@functools.cache
def workers() -> Workers:
    """The threads of this process. Made when they are needed, after gevent has patched locks."""
    return Workers()


IN_PROGRESS = CallsInProgress()


def _forked() -> None:
    """In a forked child: it has none of the threads, and no call of its parent ends in it."""
    workers.cache_clear()
    IN_PROGRESS.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
