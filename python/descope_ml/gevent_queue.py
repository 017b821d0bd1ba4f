"""Blocking calls under gevent."""

from __future__ import annotations

from typing import Any

import gevent  # type: ignore[import-untyped]
import gevent.event  # type: ignore[import-untyped]
import gevent.hub  # type: ignore[import-untyped]
import gevent.socket  # type: ignore[import-untyped]

from descope_ml.call_queue import StartCall
from descope_ml.greenlet_queue import GreenletQueue, Result


def run(start_call: StartCall) -> dict[str, Any]:
    """Runs a call in a greenlet. If the greenlet is killed, the call is cancelled."""
    return _GeventQueue.run(start_call)


class _GeventQueue(GreenletQueue[gevent.event.AsyncResult]):
    """The calls of one hub of gevent."""

    @staticmethod
    def current_hub() -> object:
        return gevent.hub.get_hub()

    def new_waiter(self) -> gevent.event.AsyncResult:
        return gevent.event.AsyncResult()

    def wait_for(self, waiter: gevent.event.AsyncResult) -> Result:
        result: Result = waiter.get()
        return result

    def deliver(
        self,
        waiter: gevent.event.AsyncResult,
        response: dict[str, Any] | None,
        error: BaseException | None,
    ) -> None:
        waiter.set((response, error))

    def spawn_watcher(self) -> None:
        self._watcher = gevent.spawn(self.continue_calls)

    def stop_watcher(self) -> None:
        # The hub of the child gets an epoll descriptor of its own, so the parent's is not changed.
        self._watcher.kill(block=False)

    def wait_readable(self) -> None:
        gevent.socket.wait_read(self.native.fileno())
