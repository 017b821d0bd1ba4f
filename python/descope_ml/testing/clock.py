"""A clock that you set."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Union

from descope_ml.replaced_clock import CHANGES, Change

__all__ = ["clock"]


@contextmanager
def clock(time: Union[datetime, float, timedelta]) -> Iterator[None]:  # noqa: UP007 - Python 3.9
    """Sets the clock by which sessions are validated, in a `with` block.

    It counts for calls that start in the block, of all clients and threads of this process. It is
    the clock for the tokens that you present: `validate_session`, and the refresh token of a
    refresh. A session that the service has just sent is judged by the `Date` of its response.
    Timeouts are not affected, nor is Python's own clock.

    If freezegun or time-machine have changed Python's clock, you need this function only to
    differ from it.

    Blocks can be nested: the innermost one counts. When a block ends, also by an exception, the
    clock is again what it was.

    Args:
        time: The time at which the clock stands still: a datetime with a time zone, or seconds
            since 1970. Or a timedelta, by which it is ahead of the clock outside of the block
            (negative: behind).

    Raises:
        ValueError: The datetime has no time zone, or the number is not finite.

    Example:
        >>> from datetime import timedelta
        >>> from descope_ml.testing import clock
        >>> with clock(timedelta(hours=1)):
        ...     pass  # Sessions that last for ten minutes have expired here.
    """
    change = _to_change(time)
    CHANGES.append(change)
    try:
        yield
    finally:
        CHANGES.remove(change)


def _to_change(time: datetime | float | timedelta) -> Change:
    if isinstance(time, timedelta):
        return Change(time.total_seconds(), is_fixed=False)
    if isinstance(time, datetime):
        if time.utcoffset() is None:
            raise ValueError("the datetime has no time zone: add tzinfo=timezone.utc")
        return Change(time.timestamp(), is_fixed=True)
    if not math.isfinite(time):
        raise ValueError("the time is not finite: pass seconds since 1970")
    return Change(float(time), is_fixed=True)
