"""The time of day that tests have put in place of that of the machine.

The native module has a clock of its own, which freezegun and time-machine cannot reach. So each
call takes the time with it if Python's clock was replaced. Nothing is left behind when the call has
ended.
"""

from __future__ import annotations

import sys
import time
from types import BuiltinFunctionType
from typing import Final


class Change:
    """A change of the clock by `descope_ml.testing.clock`."""

    def __init__(self, seconds: float, *, is_fixed: bool) -> None:
        """Takes the time at which the clock stands still, or how far it is ahead."""
        self.seconds: Final = seconds
        self.is_fixed: Final = is_fixed


CHANGES: Final[list[Change]] = []
"""The changes that apply now, in all threads, innermost last."""


def replaced_time() -> float | None:
    """The time of day in place of that of the machine; None if nothing has replaced it."""
    if not CHANGES and type(time.time) is BuiltinFunctionType:
        # time-machine replaces what the built-in function does. Most programs have not imported it,
        # and old versions do not say whether they have.
        time_machine = sys.modules.get("time_machine")
        if time_machine is None:
            return None
        hatch = getattr(time_machine, "escape_hatch", None)
        if hatch is not None and not hatch.is_travelling():
            return None
    offset = 0.0
    for change in reversed(tuple(CHANGES)):
        offset += change.seconds
        if change.is_fixed:
            return offset
    return _read_clock() + offset


def _read_clock() -> float:
    """Python's clock.

    freezegun shows the real time to callers that have `threading` among their last five frames, as
    the target of a thread has. Public calls have so many frames of this package.
    """
    now = time.time()
    # The result of a `Mock` is no time.
    return now if isinstance(now, (int, float)) else time.clock_gettime(time.CLOCK_REALTIME)
