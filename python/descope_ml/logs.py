"""The library's log: `logging.getLogger("descope_ml")`.

Nothing is shown unless the program configures logging. A line says which operation ended how:
never a login ID, a token or a key. The lines of a call come when it has ended. DEBUG tells every
request, INFO what was refused or tried again, WARNING what somebody should look at, ERROR a bug
that was caught.
"""

from __future__ import annotations

import logging

from descope_ml import _native
from descope_ml.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")

_LOGGER = logging.getLogger("descope_ml")
# Without a handler Python would show warnings on stderr by itself.
_LOGGER.addHandler(logging.NullHandler())


def logged(work: Callable[..., T], *arguments: Any) -> T:
    """Calls a function of the native module, and tells the log what there is to tell of it.

    Args:
        work: The function.
        arguments: What it is called with.

    Returns:
        Its result.
    """
    _native.set_log_level(_LOGGER.getEffectiveLevel())
    try:
        return work(*arguments)
    finally:
        tell(_native.log_lines())


def tell(lines: list[tuple[int, str]] | None) -> None:
    """Hands lines on to the handlers. One that fails costs nobody the result of a call.

    Args:
        lines: Levels of `logging` and texts.
    """
    try:
        for severity, line in lines or ():
            _LOGGER.log(severity, "%s", line)
    except Exception as error:  # noqa: BLE001 - whatever a handler raises
        _native.write_unraisable(error)
