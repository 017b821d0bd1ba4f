"""The log bridge: passes the library's log lines to `logging.getLogger("descope_ml")`.

A line names the operation and its result, never a login ID, a token or a key. DEBUG: every request.
INFO: rejected calls and retries. WARNING: failures that need attention. ERROR: a bug in the library
that was caught. The lines of a call are logged when the call has ended.

A program that has not imported `logging` cannot see these lines. For such a program the library
does not import `logging` either: it takes about as long to import as half of this package.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from descope_ml import _native, events
from descope_ml.annotations import ParamSpec

if TYPE_CHECKING:
    import logging

P = ParamSpec("P")
R = TypeVar("R")

LogLines = list[tuple[int, str]]
"""Levels of `logging`, and messages."""

_NO_LINES = 100
"""A level above all others."""


def call_native(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Calls a function of the native module; logs the lines and reports the events it produces.

    Args:
        function: The function.
        args: Its positional arguments.
        kwargs: Its keyword arguments.

    Returns:
        The result of the function.
    """
    handlers = events.HANDLERS.installed
    if "logging" in sys.modules:
        level = _logger().getEffectiveLevel()
    elif handlers:
        level = _NO_LINES
    else:
        return function(*args, **kwargs)
    try:
        # In here, since a signal handler may raise an exception as soon as it returns.
        _native.start_recording(level)
        return function(*args, **kwargs)
    finally:
        # First of all: a log handler may let another greenlet run, or raise an exception.
        recorded = _native.take_recorded()
        if recorded is not None:
            lines, reports = recorded
            try:
                emit(lines)
            finally:
                events.HANDLERS.report(reports, handlers)


def emit(lines: LogLines) -> None:
    """Logs lines. An exception of a log handler does not change the result of the call.

    Args:
        lines: The lines, oldest first.
    """
    try:
        for level, message in lines:
            _logger().log(level, "%s", message)
    except Exception as error:  # noqa: BLE001 - a handler can raise anything
        _native.write_unraisable(error)


@functools.cache
def _logger() -> logging.Logger:
    """The logger, with a handler that does nothing: else Python prints warnings to stderr."""
    import logging  # noqa: PLC0415 - only if the program has imported it

    logger = logging.getLogger("descope_ml")
    logger.addHandler(logging.NullHandler())
    return logger
