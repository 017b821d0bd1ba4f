"""The events of calls: one dictionary for each call, passed to the handlers of the program.

An event names the operation, its result and its times, never a login ID, a token or a key. Without
a handler nothing is measured.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from descope_ml import _native

if TYPE_CHECKING:
    import contextvars

EventHandler = Callable[[dict[str, Any]], object]
"""Gets the event of a call that is over."""


def set_event_handler(handler: EventHandler | None) -> None:
    """Sets the function that gets the event of each call that starts from now on.

    It replaces the previous one. It runs when the call is over, on the thread of the call and in
    the context of its caller (`contextvars`), also for awaited calls. An exception that it raises
    goes to `sys.unraisablehook`. Calls that it makes have no events.

    Args:
        handler: Gets a dictionary with `operation`, `status`, `name`, `attempts`, `totalMs`,
            `phases` and more; `docs/operations.md` lists the keys. None removes the handler, and
            then nothing is measured.

    Example:
        >>> import descope_ml
        >>> descope_ml.set_event_handler(lambda event: print(event["operation"], event["name"]))
        >>> descope_ml.set_event_handler(None)
    """
    HANDLERS.set_program_handler(handler)


class Handlers:
    """The handlers of this process: that of the program, and those of instrumentations.

    Attributes:
        exist: Whether there are any.
    """

    def __init__(self) -> None:
        """Without a handler."""
        self.exist = False
        self._handlers: tuple[EventHandler, ...] = ()
        self._program_handler: EventHandler | None = None
        self._contexts: dict[int, contextvars.Context] = {}
        # A context variable, since a thread can have many greenlets.
        self._is_running: contextvars.ContextVar[bool] | None = None

    def set_program_handler(self, handler: EventHandler | None) -> None:
        """Replaces the handler of the program."""
        previous, self._program_handler = self._program_handler, handler
        if handler is not None:
            self.add(handler)
        if previous is not None:
            self.remove(previous)

    def add(self, handler: EventHandler) -> None:
        """Adds a handler."""
        if self._is_running is None:
            from contextvars import ContextVar  # noqa: PLC0415 - only if there is a handler

            self._is_running = ContextVar("descope_ml_event_handler", default=False)
        self._handlers = (*self._handlers, handler)
        self._handlers_changed()

    def remove(self, handler: EventHandler) -> None:
        """Removes a handler that was added, one time."""
        handlers = list(self._handlers)
        handlers.remove(handler)
        self._handlers = tuple(handlers)
        self._handlers_changed()

    def keep_context(self, ticket: int) -> None:
        """Keeps the current context for the event of a call that an event loop continues.

        Such a call ends in a context that has nothing to do with its caller.
        """
        if self.exist:
            self._contexts[ticket] = _copy_context()

    def drop_context(self, ticket: int) -> None:
        """Forgets the context of a call that was not started."""
        self._contexts.pop(ticket, None)

    def report_buffered(self) -> None:
        """Passes the events that this thread has buffered to the handlers."""
        self.report(_native.take_events())

    def report(self, texts: list[str] | None) -> None:
        """Passes events, as JSON text, to the handlers."""
        is_running = self._is_running
        if texts is None or is_running is None:
            return
        for text in texts:
            context = self._contexts.pop(_loads(text).get("tag", -1), None)
            if context is None:
                context = _copy_context()
            # A task that a handler has started has a copy of the handler's context.
            if context.run(is_running.get):
                continue
            context.run(is_running.set, True)
            for handler in self._handlers:
                context.run(_run, handler, text)

    def _handlers_changed(self) -> None:
        exist = bool(self._handlers)
        if exist != self.exist:
            _native.set_events_enabled(exist)
        self.exist = exist
        if not exist:
            self._contexts.clear()


def _run(handler: EventHandler, text: str) -> None:
    # Parsed for each handler, which may change it.
    event = _loads(text)
    event.pop("tag", None)
    try:
        handler(event)
    except Exception as error:  # noqa: BLE001 - a handler can raise anything
        _native.write_unraisable(error)


def _copy_context() -> contextvars.Context:
    import contextvars  # noqa: PLC0415 - only if there is a handler

    return contextvars.copy_context()


def _loads(text: str) -> dict[str, Any]:
    import json  # noqa: PLC0415 - only if there is a handler

    event: dict[str, Any] = json.loads(text)
    return event


HANDLERS = Handlers()
