"""Calls in progress of one event loop, of any kind."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from descope_ml import _native
from descope_ml.log_bridge import call_native

W = TypeVar("W")

StartCall = Callable[[_native.Queue, int], None]
"""Starts a call in a queue, under this ticket."""

FinishedCall = tuple[int, "dict[str, Any] | None", "Exception | None"]
"""The ticket, the response and the exception of a call. One of the last two is None."""


class CallQueue(Generic[W]):
    """The calls of one event loop. A subclass says how its callers wait.

    There is no thread: the calls make progress in `take`, which the event loop calls when the
    descriptor of the queue is readable. `W` is what a caller waits with, such as a future.
    """

    def __init__(self) -> None:
        """Makes an empty queue."""
        self.native = _native.Queue()
        self.waiting: dict[int, W] = {}
        self._tickets = itertools.count()

    def start(self, start_call: StartCall, waiter: W) -> int:
        """Starts a call.

        Args:
            start_call: Starts it in the native queue.
            waiter: Receives its result, see `deliver`.

        Returns:
            The ticket of the call.

        Raises:
            DescopeError: The request is invalid.
        """
        ticket = next(self._tickets)
        call_native(start_call, self.native, ticket)
        self.waiting[ticket] = waiter
        return ticket

    def cancel(self, ticket: int) -> None:
        """Cancels a call whose caller has given up. Its outcome is in the log."""
        self.waiting.pop(ticket, None)
        self.native.cancel(ticket)

    def take(self) -> None:
        """Continues the calls, and delivers the results of those that have finished."""
        self.deliver_all(call_native(self.native.take))

    def deliver_all(self, finished: Sequence[FinishedCall]) -> None:
        """Delivers results to the callers that still wait."""
        for ticket, response, error in finished:
            waiter = self.waiting.pop(ticket, None)
            if waiter is not None:
                self.deliver(waiter, response, error)

    def deliver(self, waiter: W, response: dict[str, Any] | None, error: Exception | None) -> None:
        """Delivers a result. One of response and error is None."""
        raise NotImplementedError
