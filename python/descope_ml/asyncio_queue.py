"""Calls under asyncio, also with other event loops that follow its interface, such as uvloop."""

from __future__ import annotations

import asyncio
import threading
import weakref
from collections.abc import Callable
from typing import Any

from descope_ml.annotations import ParamSpec
from descope_ml.call_queue import CallQueue, StartCall
from descope_ml.error_frames import hides_locals
from descope_ml.events import HANDLERS
from descope_ml.handles import FinishedCall
from descope_ml.log_bridge import call_native

P = ParamSpec("P")

Future = asyncio.Future[dict[str, Any]]


async def run(start_call: StartCall) -> dict[str, Any]:
    """Runs a call. If the task is cancelled or the coroutine is closed, the call is cancelled."""
    loop = asyncio.get_running_loop()
    reference = _QUEUES.get(loop)
    queue = reference() if reference is not None else None
    if queue is None:
        queue = _AsyncioQueue(loop)
        _QUEUES[loop] = weakref.ref(queue)
    future: Future = loop.create_future()
    ticket = queue.start(start_call, future)
    try:
        queue.watch()
        return await future
    except BaseException:
        queue.cancel(ticket)
        raise
    finally:
        # Else an exception refers to itself: by its traceback, this frame and the future.
        del future


class _AsyncioQueue(CallQueue[Future]):
    """The calls of one event loop, which keeps this object alive until it is closed.

    After a fork this object does nothing in the child but fail: the selector of the loop is shared
    with the parent, so the child must not change what it watches.
    """

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
            thread = threading.Thread(target=self._wait_for_calls, name="descope-queue")
            thread.start()
            self._thread = thread

    def deliver(
        self, waiter: Future, response: dict[str, Any] | None, error: BaseException | None
    ) -> None:
        if waiter.done():
            return
        if error is not None:
            waiter.set_exception(error)
        elif response is not None:
            waiter.set_result(response)

    @hides_locals
    def _wait_for_calls(self) -> None:
        """Continues the calls on a thread, which ends with them."""
        try:
            while call_native(self._wait_and_deliver):
                pass
        except Exception as error:  # noqa: BLE001 - the callers must not wait for ever
            self._call_in_loop(self.fail_all, error)
        finally:
            self._call_in_loop(self._thread_ended)

    def _wait_and_deliver(self) -> bool:
        """Waits for a result. Returns False if there is no call."""
        finished: list[FinishedCall] = []
        texts = self.native.wait(finished)
        if not finished:
            return False
        # In the loop, so that the handlers run before the callers continue.
        if not self._call_in_loop(self._deliver_and_report, finished, texts):
            HANDLERS.report(texts)
        return True

    def _deliver_and_report(self, finished: list[FinishedCall], texts: list[str]) -> None:
        self.deliver_all(finished)
        HANDLERS.report(texts)

    def _call_in_loop(
        self, callback: Callable[P, object], *args: P.args, **kwargs: P.kwargs
    ) -> bool:
        """Returns False if the loop is closed."""
        loop = self._loop()
        if loop is None:
            return False
        try:
            # No arguments of the loop: it shows them if a callback fails.
            loop.call_soon_threadsafe(hides_locals(lambda: callback(*args, **kwargs)))
        except RuntimeError:
            return False
        return True

    def _thread_ended(self) -> None:
        self._thread = None
        if self.waiting:
            self.watch()


# Weak references: a queue belongs to its event loop and must not outlive it.
_QUEUES: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, weakref.ref[_AsyncioQueue]] = (
    weakref.WeakKeyDictionary()
)
