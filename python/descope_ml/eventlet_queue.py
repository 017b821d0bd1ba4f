"""Blocking calls under eventlet."""

from __future__ import annotations

from typing import Any

import eventlet  # type: ignore[import-untyped]
import eventlet.event  # type: ignore[import-untyped]
import eventlet.hubs  # type: ignore[import-untyped]

from descope_ml.call_queue import StartCall
from descope_ml.greenlet_queue import GreenletQueue, Result


def run(start_call: StartCall) -> dict[str, Any]:
    """Runs a call in a green thread. If the green thread is killed, the call is cancelled."""
    return _EventletQueue.run(start_call)


class _EventletQueue(GreenletQueue["eventlet.event.Event"]):
    """The calls of one hub of eventlet."""

    @staticmethod
    def current_hub() -> object:
        return eventlet.hubs.get_hub()

    def new_waiter(self) -> eventlet.event.Event:
        return eventlet.event.Event()

    def wait_for(self, waiter: eventlet.event.Event) -> Result:
        result: Result = waiter.wait()
        return result

    def deliver(
        self,
        waiter: eventlet.event.Event,
        response: dict[str, Any] | None,
        error: BaseException | None,
    ) -> None:
        if not waiter.ready():
            waiter.send((response, error))

    def spawn_watcher(self) -> None:
        eventlet.spawn_n(self.continue_calls)

    def stop_watcher(self) -> None:
        # The child shares the epoll descriptor of the hub with its parent. If the green thread
        # ended, eventlet would remove the queue from it, and the parent would wait for ever. So the
        # green thread stays where it is, and the hub of the child forgets it.
        hub = eventlet.hubs.get_hub()
        listener = hub.listeners[hub.READ].pop(self.native.fileno(), None)
        if listener is not None:
            listener.defang()

    def wait_readable(self) -> None:
        eventlet.hubs.trampoline(self.native.fileno(), read=True)
