"""Blocking calls under gevent: while a call waits, other greenlets run."""

from __future__ import annotations

import weakref
from typing import Any

import gevent  # type: ignore[import-untyped]
import gevent.event  # type: ignore[import-untyped]
import gevent.hub  # type: ignore[import-untyped]
import gevent.socket  # type: ignore[import-untyped]

from descope_ml.call_queue import CallQueue, StartCall


def run(start_call: StartCall) -> dict[str, Any]:
    """Runs a call in a greenlet. If the greenlet is killed, the call is cancelled."""
    hub = gevent.hub.get_hub()
    queue = _QUEUES.get(hub)
    if queue is None or not queue.is_usable():
        queue = _QUEUES[hub] = _GeventQueue()
    result = gevent.event.AsyncResult()
    ticket = queue.start(start_call, result)
    queue.watch()
    try:
        response: dict[str, Any] = result.get()
    except BaseException:
        if not result.ready():
            queue.cancel(ticket)
            queue.take()
        raise
    return response


class _GeventQueue(CallQueue[gevent.event.AsyncResult]):
    """The calls of one hub, which is one thread."""

    _is_watched = False

    def is_usable(self) -> bool:
        """Whether the queue was not made by the parent of this process."""
        return self.native.belongs_to_this_process()

    def watch(self) -> None:
        """Makes sure that a greenlet continues the calls."""
        if not self._is_watched:
            self._is_watched = True
            gevent.spawn(self._continue_calls)

    def deliver(
        self,
        waiter: gevent.event.AsyncResult,
        response: dict[str, Any] | None,
        error: Exception | None,
    ) -> None:
        if error is not None:
            waiter.set_exception(error)
        else:
            waiter.set(response)

    def _continue_calls(self) -> None:
        try:
            while self.waiting:
                gevent.socket.wait_read(self.native.fileno())
                self.take()
        finally:
            self._is_watched = False


_QUEUES: weakref.WeakKeyDictionary[gevent.hub.Hub, _GeventQueue] = weakref.WeakKeyDictionary()
