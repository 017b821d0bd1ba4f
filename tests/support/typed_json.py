"""Checks JSON values against type hints, so that a wrong key in a test case is reported by name."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

# `X | None` has this origin; Python 3.9 has no such type.
_UNIONS = (Union, getattr(types, "UnionType", Union))


def problems(value: Any, hint: Any, path: str) -> list[str]:
    """What is wrong with a JSON value, one sentence each.

    Args:
        value: The value.
        hint: A TypedDict, `dict`, `Mapping`, `list`, `Sequence`, `Literal`, union or simple type.
        path: Where the value is, for the sentences.

    Returns:
        An empty list for a valid value.
    """
    if hint is Any:
        return []
    if hasattr(hint, "__required_keys__"):
        return _object_problems(value, hint, path)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in _UNIONS:
        each = [problems(value, argument, path) for argument in arguments]
        return [] if [] in each else min(each, key=len)
    if origin is Literal:
        choices = ", ".join(map(repr, arguments))
        return [] if value in arguments else [f"{path} is {value!r}; allowed are {choices}"]
    if origin in (list, Sequence):
        if not isinstance(value, list):
            return [f"{path} must be a list"]
        return [
            problem
            for number, item in enumerate(value)
            for problem in problems(item, arguments[0], f"{path}[{number}]")
        ]
    if origin in (dict, Mapping):
        if not isinstance(value, Mapping):
            return [f"{path} must be an object"]
        return [
            problem
            for key, member in value.items()
            for problem in problems(member, arguments[1], f"{path}.{key}")
        ]
    if hint is float:
        hint = (int, float)
    if isinstance(value, bool) and hint is not bool:
        return [f"{path} is {value!r}, which has the wrong type"]
    return [] if isinstance(value, hint) else [f"{path} is {value!r}, which has the wrong type"]


def _object_problems(value: Any, hint: Any, path: str) -> list[str]:
    if not isinstance(value, Mapping):
        return [f"{path} must be an object"]
    hints = get_type_hints(hint)
    found = [f"{path} has the unknown key {key!r}" for key in value if key not in hints]
    found += [f"{path} lacks the key {key!r}" for key in hint.__required_keys__ - set(value)]
    for key, member in value.items():
        if key in hints:
            found += problems(member, hints[key], f"{path}.{key}")
    return found
