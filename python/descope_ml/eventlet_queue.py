"""Blocking calls under eventlet: while a call waits, other green threads run."""

from __future__ import annotations

import weakref
from typing import Any

import eventlet  # type: ignore[import-untyped]
import eventlet.event  # type: ignore[import-untyped]
import eventlet.hubs  # type: ignore[import-untyped]

from descope_ml.call_queue import CallQueue, StartCall


def run(start_call: StartCall) -> dict[str, Any]:
    """Runs a call in a green thread. If the green thread is killed, the call is cancelled."""
    hub = eventlet.hubs.get_hub()
    queue = _QUEUES.get(hub)
    if queue is None or not queue.is_usable():
        queue = _QUEUES[hub] = _EventletQueue()
    event = eventlet.event.Event()
    ticket = queue.start(start_call, event)
    queue.watch()
    try:
        response: dict[str, Any] = event.wait()
    except BaseException:
        if not event.ready():
            queue.cancel(ticket)
            queue.take()
        raise
    return response


class _EventletQueue(CallQueue["eventlet.event.Event"]):
    """The calls of one hub, which is one thread."""

    _is_watched = False

    def is_usable(self) -> bool:
        """Whether the queue was not made by the parent of this process."""
        return self.native.belongs_to_this_process()

    def watch(self) -> None:
        """Makes sure that a green thread continues the calls."""
        if not self._is_watched:
            self._is_watched = True
            eventlet.spawn_n(self._continue_calls)

    def deliver(
        self,
        waiter: eventlet.event.Event,
        response: dict[str, Any] | None,
        error: Exception | None,
    ) -> None:
        if error is not None:
            waiter.send_exception(error)
        else:
            waiter.send(response)

    def _continue_calls(self) -> None:
        try:
            while self.waiting:
                eventlet.hubs.trampoline(self.native.fileno(), read=True)
                self.take()
        finally:
            self._is_watched = False


_QUEUES: weakref.WeakKeyDictionary[object, _EventletQueue] = weakref.WeakKeyDictionary()
