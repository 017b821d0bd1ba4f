"""Blocking calls under gevent."""

from __future__ import annotations

from typing import Any

import gevent  # type: ignore[import-untyped]
import gevent.event  # type: ignore[import-untyped]
import gevent.hub  # type: ignore[import-untyped]
import gevent.socket  # type: ignore[import-untyped]

from descope_ml.call_queue import StartCall
from descope_ml.greenlet_queue import GreenletQueue


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

    def wait_for(self, waiter: gevent.event.AsyncResult) -> dict[str, Any]:
        response: dict[str, Any] = waiter.get()
        return response

    def deliver(
        self,
        waiter: gevent.event.AsyncResult,
        response: dict[str, Any] | None,
        error: BaseException | None,
    ) -> None:
        if error is not None:
            waiter.set_exception(error)
        else:
            waiter.set(response)

    def spawn_watcher(self) -> None:
        self._watcher = gevent.spawn(self.continue_calls)

    def stop_watcher(self) -> None:
        # The hub of the child gets an epoll descriptor of its own, so the parent's is not changed.
        self._watcher.kill(block=False)

    def wait_readable(self) -> None:
        gevent.socket.wait_read(self.native.fileno())
