"""The events of calls: one dictionary for each call, passed to the handlers of the program.

An event names the operation, its result and its times, never a login ID, a token or a key. Without
a handler nothing is measured.
"""

from __future__ import annotations

import os
from _thread import RLock
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from descope_ml import _native

if TYPE_CHECKING:
    import contextvars

EventHandler = Callable[[dict[str, Any]], object]
"""Gets the event of a call that is over."""


def set_event_handler(handler: EventHandler | None) -> None:
    """Sets the function that gets the event of each call that starts from now on.

    It replaces the previous one: calls in progress that started under that one have no event. It
    runs when the call is over, on the thread of the call and in the context of its caller
    (`contextvars`), also for awaited calls. An exception that it raises goes to
    `sys.unraisablehook`. Calls that it makes have no events.

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
    """The handlers of this interpreter: that of the program, and those of instrumentations.

    Attributes:
        installed: All of them.
    """

    def __init__(self) -> None:
        """Without a handler."""
        self.installed: tuple[EventHandler, ...] = ()
        self._program_handler: EventHandler | None = None
        # A signal handler may change the handlers while its thread does.
        self._lock = RLock()
        self._started: dict[int, tuple[contextvars.Context, tuple[EventHandler, ...]]] = {}
        # A context variable, since a thread can have many greenlets.
        self._is_running: contextvars.ContextVar[bool] | None = None

    def set_program_handler(self, handler: EventHandler | None) -> None:
        """Replaces the handler of the program."""
        with self._lock:
            self.replace(self._program_handler, handler)
            self._program_handler = handler

    def replace(self, old: EventHandler | None, new: EventHandler | None) -> None:
        """Puts a handler in the place of another one, at once. None: there is no such handler."""
        with self._lock:
            if self._is_running is None and new is not None:
                from contextvars import ContextVar  # noqa: PLC0415 - only if there is a handler

                self._is_running = ContextVar("descope_ml_event_handler", default=False)
            handlers, existed = list(self.installed), bool(self.installed)
            if old is not None:
                handlers.remove(old)
            if new is not None:
                handlers.append(new)
            self.installed = tuple(handlers)
            if existed != bool(handlers):
                _native.set_events_enabled(bool(handlers))
            if not handlers:
                self._started.clear()

    def forked(self) -> None:
        """In a forked child: the lock may be held by a thread that the child does not have."""
        self._lock = RLock()

    def call_starts(self, ticket: int) -> None:
        """Keeps context and handlers for the event of a call that an event loop continues.

        Such a call ends in a context that has nothing to do with its caller.
        """
        if self.installed:
            self._started[ticket] = (_copy_context(), self.installed)

    def call_not_started(self, ticket: int) -> None:
        """Forgets a call that was not started."""
        self._started.pop(ticket, None)

    def report(self, texts: list[str], handlers: tuple[EventHandler, ...] = ()) -> None:
        """Passes events to the handlers that were installed when their calls started.

        Args:
            texts: The events, as JSON text.
            handlers: Those of a call that was made on this thread, not in an event loop.
        """
        is_running = self._is_running
        if is_running is None:
            return
        for text in texts:
            tag = _loads(text).get("tag")
            if tag is None:
                context, own = _copy_context(), handlers
            elif tag in self._started:
                context, own = self._started.pop(tag)
            else:
                continue
            # A task that a handler has started has a copy of the handler's context.
            if context.run(is_running.get):
                continue
            context.run(is_running.set, True)
            for handler in own:
                # Not if it was removed in the meantime.
                if handler in self.installed:
                    context.run(_run, handler, text)


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

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=HANDLERS.forked)
