"""Calls in progress of one event loop, of any kind."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from descope_ml import events
from descope_ml.error_frames import hides_locals
from descope_ml.errors import DescopeError, argument_error, from_document
from descope_ml.handles import FinishedCall, Queue
from descope_ml.json_codec import load_response
from descope_ml.log_bridge import call_native

W = TypeVar("W")

_TICKETS = itertools.count()  # No two calls of the process have the same ticket.

StartCall = Callable[[Queue, int], None]
"""Starts a call in a queue, under this ticket."""


class CallQueue(Generic[W]):
    """The calls of one event loop. A subclass says how its callers wait.

    There is no thread: the calls make progress in `take`, which the event loop calls when the
    descriptor of the queue is readable. `W` is what a caller waits with, such as a future.
    """

    def __init__(self) -> None:
        """Makes an empty queue."""
        self.native = Queue()
        self.waiting: dict[int, W] = {}
        self._finished: list[FinishedCall] = []

    def start(self, start_call: StartCall, waiter: W) -> int:
        """Starts a call.

        Args:
            start_call: Starts it in the native queue.
            waiter: Receives its result, see `deliver`.

        Returns:
            The ticket of the call.

        Raises:
            DescopeError: The request is invalid, or the event loop belongs to the parent process.
        """
        if not self.native.belongs_to_this_process():
            self.fail_all(call_of_the_parent())
            raise argument_error(
                "this event loop belongs to the parent process: make a new one in this process"
            )
        ticket = next(_TICKETS)
        self.waiting[ticket] = waiter
        events.HANDLERS.call_starts(ticket)
        try:
            call_native(start_call, self.native, ticket)
        except BaseException:
            # A log handler can raise an exception when the call is already in progress.
            self.cancel(ticket)
            events.HANDLERS.call_not_started(ticket)
            raise
        return ticket

    def cancel(self, ticket: int) -> None:
        """Cancels a call whose caller has given up. Its outcome is in the log.

        Does nothing if the result has been delivered.
        """
        is_waiting = self.waiting.pop(ticket, None) is not None
        if is_waiting and self.native.belongs_to_this_process():
            self.native.cancel(ticket)

    @hides_locals
    def take(self) -> None:
        """Continues the calls, and delivers the results of those that have finished.

        If that is not possible, all calls fail.
        """
        try:
            # Log lines come after the delivery: a log handler may never return.
            call_native(self._take_and_deliver)
        except Exception as error:  # noqa: BLE001 - the callers must not wait for ever
            self.fail_all(error)
        except BaseException:
            # Such as KeyboardInterrupt. The event loop comes back for what was not delivered.
            self.native.wake()
            raise

    def deliver_all(self, finished: list[FinishedCall]) -> None:
        """Delivers results to the callers that still wait, and removes them from the list.

        A signal handler can raise an exception in any line. No result is lost then: it stays in
        the list until it has been delivered.
        """
        while finished:
            ticket, status, document = finished[0]
            waiter = self.waiting.get(ticket)
            if waiter is not None:
                self.deliver(waiter, *_result_of(status, document))
                self.waiting.pop(ticket, None)
            del finished[0]

    def fail_all(self, error: Exception) -> None:
        """Lets all calls fail whose callers still wait, and cancels them."""
        if not self.native.belongs_to_this_process():
            error = call_of_the_parent()
        for ticket, waiter in list(self.waiting.items()):
            self.cancel(ticket)
            self.deliver(waiter, None, error)

    def deliver(
        self, waiter: W, response: dict[str, Any] | None, error: BaseException | None
    ) -> None:
        """Delivers a result. One of response and error is None.

        The same result can be delivered twice, see `deliver_all`.
        """
        raise NotImplementedError

    def _take_and_deliver(self) -> None:
        self.native.take(self._finished)
        self.deliver_all(self._finished)


def _result_of(status: int, document: Any) -> tuple[dict[str, Any] | None, Exception | None]:
    """The response and the exception of a call. One of them is None."""
    try:
        if status:
            return None, from_document(document)
        return load_response(document), None
    except Exception as error:  # noqa: BLE001 - the caller gets whatever prevents its result
        return None, error.with_traceback(None)


def call_of_the_parent() -> DescopeError:
    """The error of a call that the parent process has started: only the parent gets its result."""
    message = (
        "the process was forked during this call, and only the parent process gets the result; "
        "the service may have processed the request"
    )
    error = {
        "status": 40,
        "name": "DESCOPE_E_CANCELLED",
        "message": message,
        "outcome": "unknown",
    }
    return DescopeError(document={"error": error})
