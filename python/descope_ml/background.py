"""Calls in the background as futures of an event loop."""

from __future__ import annotations

import asyncio
import itertools
import weakref
from typing import TYPE_CHECKING

from descope_ml import _native
from descope_ml.errors import from_document
from descope_ml.performing import logged

if TYPE_CHECKING:
    from descope_ml._native import Client


def submitted(native: Client, operation: str, request: str) -> asyncio.Future[str]:
    """Starts a call on a thread of its own.

    Args:
        native: The client to perform it with.
        operation: Its name, such as `magiclink/verify`.
        request: The request document.

    Returns:
        A future of the running event loop: the answer's text, or one of `descope_ml.errors`.
    """
    loop = asyncio.get_running_loop()
    known = _ARRIVALS.get(loop)
    arrivals = known() if known is not None else None
    if arrivals is None:
        arrivals = _Arrivals(loop)
        _ARRIVALS[loop] = weakref.ref(arrivals)
    return arrivals.submitted(loop.create_future(), native, operation, request)


class _Arrivals:
    """The calls that an event loop waits for.

    The threads that perform them know nothing of Python: they put their results in a queue, whose
    descriptor the event loop watches among its own. By that it is the event loop that keeps them,
    until it is closed.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._queue = _native.CompletionQueue()
        self._tickets = itertools.count()
        self._futures: dict[int, asyncio.Future[str]] = {}
        loop.add_reader(self._queue.fileno(), self._settle)

    def submitted(
        self, future: asyncio.Future[str], native: Client, operation: str, request: str
    ) -> asyncio.Future[str]:
        ticket = next(self._tickets)
        logged(native.submit, operation, request, self._queue, ticket)
        self._futures[ticket] = future
        future.add_done_callback(lambda _: self._futures.pop(ticket, None))
        return future

    def _settle(self) -> None:
        for ticket, answer, error, lines in self._queue.take():
            if lines:
                from descope_ml import logs  # noqa: PLC0415 - only who listens loads it

                logs.tell(lines)
            future = self._futures.pop(ticket, None)
            if future is None or future.done():
                continue  # The caller was cancelled: nobody is waiting.
            if error is not None:
                future.set_exception(from_document(error))
            else:
                future.set_result(answer or "")


_ARRIVALS: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, weakref.ref[_Arrivals]] = (
    weakref.WeakKeyDictionary()
)
