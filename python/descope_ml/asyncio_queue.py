"""Calls under asyncio, also with other event loops that follow its interface, such as uvloop."""

from __future__ import annotations

import asyncio
import threading
import weakref
from typing import Any

from descope_ml.call_queue import CallQueue, FinishedCall, StartCall
from descope_ml.log_bridge import call_native

Future = asyncio.Future[dict[str, Any]]


async def run(start_call: StartCall) -> dict[str, Any]:
    """Runs a call. If the task is cancelled, the call is cancelled too."""
    loop = asyncio.get_running_loop()
    reference = _QUEUES.get(loop)
    queue = reference() if reference is not None else None
    if queue is None:
        queue = _AsyncioQueue(loop)
        _QUEUES[loop] = weakref.ref(queue)
    future: Future = loop.create_future()
    ticket = queue.start(start_call, future)
    queue.watch()
    try:
        return await future
    finally:
        if future.cancelled():
            queue.cancel(ticket)


class _AsyncioQueue(CallQueue[Future]):
    """The calls of one event loop, which keeps this object alive until it is closed."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._loop = weakref.ref(loop)
        self._thread: threading.Thread | None = None
        try:
            loop.add_reader(self.native.fileno(), self.take)
            self._needs_thread = False
        except NotImplementedError:
            # Such as the proactor loop of Windows: it watches no descriptors.
            self._needs_thread = True

    def watch(self) -> None:
        """Makes sure that the calls are continued."""
        if self._needs_thread and self._thread is None:
            self._thread = threading.Thread(target=self._wait_for_calls, name="descope-queue")
            self._thread.start()

    def deliver(
        self, waiter: Future, response: dict[str, Any] | None, error: Exception | None
    ) -> None:
        if waiter.done():
            return
        if error is not None:
            waiter.set_exception(error)
        elif response is not None:
            waiter.set_result(response)

    def _wait_for_calls(self) -> None:
        """Continues the calls on a thread, which ends with them."""
        while finished := call_native(self.native.wait):
            self._call_loop(self.deliver_all, finished)
        self._call_loop(self._thread_ended)

    def _call_loop(self, callback: Any, *args: list[FinishedCall]) -> None:
        loop = self._loop()
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(callback, *args)

    def _thread_ended(self) -> None:
        self._thread = None
        if self.waiting:
            self.watch()


# Weak references: a queue belongs to its event loop and must not outlive it.
_QUEUES: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, weakref.ref[_AsyncioQueue]] = (
    weakref.WeakKeyDictionary()
)
