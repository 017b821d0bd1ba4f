"""The library's log: `logging.getLogger("descope_ml")`.

Nothing is shown unless the program configures logging. A line says which operation ended how:
never a login ID, a token or a key. The lines of a call come when it has ended. DEBUG tells every
request, INFO what was refused or tried again, WARNING what somebody should look at, ERROR a bug
that was caught.
"""

from __future__ import annotations

import logging
import sys

from descope_ml import _native, performing

_LOGGER = logging.getLogger("descope_ml")
# Without a handler Python would show warnings on stderr by itself.
_LOGGER.addHandler(logging.NullHandler())

level = _LOGGER.getEffectiveLevel


def tell(lines: list[tuple[int, str]]) -> None:
    """Hands lines on to the handlers. One that fails costs nobody the result of a call.

    Args:
        lines: Levels of `logging` and texts.
    """
    try:
        for severity, line in lines:
            _LOGGER.log(severity, "%s", line)
    except Exception as error:  # noqa: BLE001 - whatever a handler raises
        _native.write_unraisable(error)


performing.listener = sys.modules[__name__]
