"""The library's log: `logging.getLogger("descope_ml")`.

Nothing is shown unless the program configures logging. A line says which operation ended how:
never a login ID, a token or a key. The lines of a call come when it has ended. DEBUG tells every
request, INFO what was refused or tried again, WARNING what somebody should look at, ERROR a bug
that was caught.
"""

from __future__ import annotations

import logging

_LOGGER = logging.getLogger("descope_ml")
# Without a handler Python would show warnings on stderr by itself.
_LOGGER.addHandler(logging.NullHandler())

level = _LOGGER.getEffectiveLevel


def tell(lines: list[tuple[int, str]]) -> None:
    """Hands lines on to the handlers.

    Args:
        lines: Levels of `logging` and texts.
    """
    for severity, line in lines:
        _LOGGER.log(severity, "%s", line)
