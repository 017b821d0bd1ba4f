"""The async dispatch: runs calls on native threads and returns asyncio futures for them."""

from __future__ import annotations

import asyncio
import itertools
import weakref
from typing import TYPE_CHECKING

from descope_ml import _native
from descope_ml.errors import from_document
from descope_ml.log_bridge import call_native, emit

if TYPE_CHECKING:
    from descope_ml._native import Client


def submit(native: Client, operation: str, request_json: str) -> asyncio.Future[str]:
    """Starts a call on a new thread, which ends with the call.

    Cancelling the future does not stop the call: it runs to its end, a message may still be sent,
    and the result is dropped.

    Args:
        native: The client that makes the call.
        operation: The name of the operation, such as `magiclink/verify`.
        request_json: The request as JSON.

    Returns:
        A future of the running event loop. Its result is the response as JSON, or it raises one of
        `descope_ml.errors`.
    """
    loop = asyncio.get_running_loop()
    reference = _READERS.get(loop)
    reader = reference() if reference is not None else None
    if reader is None:
        reader = _CompletionReader(loop)
        _READERS[loop] = weakref.ref(reader)
    return reader.submit(loop.create_future(), native, operation, request_json)


class _CompletionReader:
    """Resolves the futures of one event loop when their calls finish.

    The threads that make the calls never use the interpreter. They put results into a queue, and
    the event loop watches the queue's descriptor. So the event loop keeps this object alive until
    the loop is closed.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._queue = _native.CompletionQueue()
        self._tickets = itertools.count()
        self._futures: dict[int, asyncio.Future[str]] = {}
        loop.add_reader(self._queue.fileno(), self._resolve_futures)

    def submit(
        self, future: asyncio.Future[str], native: Client, operation: str, request_json: str
    ) -> asyncio.Future[str]:
        ticket = next(self._tickets)
        call_native(native.submit, operation, request_json, self._queue, ticket)
        self._futures[ticket] = future
        future.add_done_callback(lambda _: self._futures.pop(ticket, None))
        return future

    def _resolve_futures(self) -> None:
        for ticket, response_json, error_json, log_lines in self._queue.take():
            if log_lines:
                emit(log_lines)
            future = self._futures.pop(ticket, None)
            if future is None or future.done():
                continue  # The caller was cancelled: drop the result.
            if error_json is not None:
                future.set_exception(from_document(error_json))
            else:
                assert response_json is not None  # noqa: S101 - the queue has one of the two
                future.set_result(response_json)


# Weak references: a reader belongs to its event loop and must not outlive it.
_READERS: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, weakref.ref[_CompletionReader]] = (
    weakref.WeakKeyDictionary()
)
