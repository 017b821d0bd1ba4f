"""Exceptions that leave the package show where they were raised, and no login ID, token or key.

Error reports show the local variables of all frames that an exception has passed: those of Sentry,
of Django, of `logging` with locals. So whatever is called from outside, be it by the program or by
an event loop, clears the frames of this package when an exception leaves it.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from types import FunctionType, TracebackType
from typing import Any, TypeVar, cast

from descope_ml.annotations import ParamSpec

P = ParamSpec("P")
R = TypeVar("R")
C = TypeVar("C", bound=type)

_OWN_PACKAGE = "descope_ml"
# Called by this package, its frames have the request or the response.
_JSON_PACKAGE = "json"

_IS_COROUTINE = 0x80  # The value of `inspect.CO_COROUTINE`; `inspect` takes long to import.


def hides_locals(function: Callable[P, R]) -> Callable[P, R]:
    """Decorates a function or coroutine function: its exceptions show no local variables of ours.

    A frame can only be cleared from outside, so the arguments pass through a frame around it.
    """
    is_coroutine = cast("FunctionType", function).__code__.co_flags & _IS_COROUTINE
    wrapper = _around_coroutine(function) if is_coroutine else _around_call(function)
    return cast("Callable[P, R]", wrapper)


def methods_hide_locals(decorated: C) -> C:
    """Decorates a class: applies `hides_locals` to its constructor and its public methods."""
    for name, member in list(vars(decorated).items()):
        is_public = not name.startswith("_") or name == "__init__"
        if is_public and isinstance(member, FunctionType):
            setattr(decorated, name, hides_locals(member))
    return decorated


def call_with_secret(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Calls a function of the program with a token: its frames show none in exceptions either.

    Args:
        function: The function, which blocks.
        args: Its arguments.
        kwargs: Its keyword arguments.
    """
    try:
        return function(*args, **kwargs)
    except BaseException as error:
        del args, kwargs
        clear_frames(error, with_callees=True)
        raise


def clear_frames(error: BaseException, *, with_callees: bool = False) -> None:
    """Clears the local variables of this package in an exception, in its causes and contexts.

    Frames that still run stay as they are. So do those of other packages: a frame of a coroutine
    that waits would not be cleared but ended.

    Args:
        error: The exception.
        with_callees: Whether to clear all that this package called too. For a function that blocks.
    """
    rest: list[BaseException | None] = [error]
    seen = set()
    while rest:
        one = rest.pop()
        if one is not None and id(one) not in seen:
            seen.add(id(one))
            rest += (one.__cause__, one.__context__)
            _clear_traceback(one.__traceback__, with_callees and one is error)


def _clear_traceback(entry: TracebackType | None, with_callees: bool) -> None:
    is_inside = False
    while entry is not None:
        package = entry.tb_frame.f_globals.get("__name__", "").partition(".")[0]
        is_inside = is_inside or package == _OWN_PACKAGE
        if is_inside and (with_callees or package in (_OWN_PACKAGE, _JSON_PACKAGE)):
            # An error if it still runs.
            with contextlib.suppress(RuntimeError):
                entry.tb_frame.clear()
        entry = entry.tb_next


def _around_call(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except BaseException as error:
            del args, kwargs
            clear_frames(error)
            raise

    return call


def _around_coroutine(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    async def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return await function(*args, **kwargs)
        except BaseException as error:
            del args, kwargs
            clear_frames(error)
            raise

    return call
