"""The local variables that an error report would show of an exception."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator, Mapping
from types import FrameType
from typing import Any

# Every login ID, token and key that a test plants contains this text.
MARK = "c4n4ry"


def frames_of(error: BaseException) -> Iterator[FrameType]:
    """The frames that an exception has passed, also those of its causes and contexts."""
    rest: list[BaseException | None] = [error]
    seen = set()
    while rest:
        one = rest.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        rest += [one.__cause__, one.__context__]
        entry = one.__traceback__
        while entry is not None:
            yield entry.tb_frame
            entry = entry.tb_next


def package_frames(error: BaseException) -> list[FrameType]:
    """Those of these frames that belong to the package."""
    return [
        frame
        for frame in frames_of(error)
        if frame.f_globals["__name__"].partition(".")[0] == "descope_ml"
    ]


def secrets_in_locals(error: BaseException, *, own_module: str) -> list[str]:
    """The local variables that contain the mark, as `function.variable`.

    Args:
        error: The exception.
        own_module: The frames of this module are those of the test, and may have secrets.
    """
    return [
        f"{frame.f_code.co_name}.{name}"
        for frame in frames_of(error)
        if frame.f_globals["__name__"] != own_module
        for name, value in frame.f_locals.items()
        if any(MARK in text for text in _texts(value, depth=6))
    ]


def _texts(value: object, depth: int) -> Iterator[str]:
    """What a report could show of a value: its `repr()`, and those of all that it contains."""
    yield repr(value)
    if depth:
        for part in _parts(value):
            yield from _texts(part, depth - 1)


def _parts(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        parts = [*value.keys(), *value.values()]
    elif isinstance(value, (list, tuple, set, frozenset)):
        parts = list(value)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = [getattr(value, field.name) for field in dataclasses.fields(value)]
    elif isinstance(value, functools.partial):
        parts = [value.args, value.keywords]
    elif type(value).__module__.startswith("descope_ml") and hasattr(value, "__dict__"):
        parts = [vars(value)]
    else:
        parts = []
    return parts
