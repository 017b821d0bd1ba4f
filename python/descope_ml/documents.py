"""Documents: from Python's types to the text that core reads, and from its answers back.

Requests, answers and the configuration are documents. What is plain in them the native module
writes and reads; it comes here with the rest.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from descope_ml import _native

if TYPE_CHECKING:
    from descope_ml.errors import DescopeError


class Document:
    """A part of a request, field by field as the API has it; each kind of it is a dataclass."""

    def document(self) -> dict[str, Any]:
        """The fields under the API's own names.

        Returns:
            A JSON object, in which null stands for a field that is left out.
        """
        from dataclasses import fields  # noqa: PLC0415 - whoever has options has loaded it

        names = [field.name for field in fields(self)]  # type: ignore[arg-type]
        return {_native.camel_case(name): getattr(self, name) for name in names}


class _NoJsonFormError(TypeError):
    """A value that JSON has no form for; the argument is its type's name."""


def request_json(request: Mapping[str, Any] | str) -> str:
    """The request document for a mapping, or for its own text.

    Args:
        request: The request under the API's own names.

    Returns:
        A JSON text.

    Raises:
        ArgumentError: It is neither, or cannot be written as JSON.
    """
    if isinstance(request, str):
        return request
    if not isinstance(request, (dict, Mapping)):
        message = f"the request must be a mapping or its JSON text, not {type(request).__name__}"
        raise _native.argument_error(message)
    return _encoded(request, "the request", _native.argument_error)


def settings_json(settings: Mapping[str, Any], what: str) -> str:
    """The configuration document, or the text of a mapping in it.

    Args:
        settings: The members under core's own names.
        what: What messages call it.

    Returns:
        A JSON text.

    Raises:
        ConfigError: It cannot be written as JSON.
    """
    return _encoded(settings, what, _native.config_error)


def answer_from(text: str) -> dict[str, Any]:
    """The service's answer as Python's types.

    Args:
        text: A JSON object, as core has checked.

    Returns:
        Its members.

    Raises:
        ProtocolError: Python's own limits do not let it hold the answer.
    """
    try:
        answer: dict[str, Any] = json.loads(text)
    except (RecursionError, ValueError):
        why = (
            "nested too deeply, or a number has thousands of digits: the message may have been sent"
        )
    else:
        return answer
    from descope_ml.errors import ProtocolError  # noqa: PLC0415 - only a call that fails loads it

    error = {"status": 13, "name": "DESCOPE_E_PROTOCOL", "outcome": "unknown"}
    raise ProtocolError({"error": {**error, "message": f"Python cannot hold the answer: {why}"}})


def _encoded(document: object, what: str, refuse: Callable[[str], DescopeError]) -> str:
    """The compact JSON of a mapping of what JSON can hold, of other mappings and of options.

    `refuse` makes the exception for what cannot be written; no message shows a value.
    """
    try:
        text = json.dumps(
            document,
            allow_nan=False,
            default=_plain,
            ensure_ascii=False,
            separators=(",", ":"),
        )
    except _NoJsonFormError as error:
        why = (
            f"holds a value of the type {error}, which JSON has no form for: "
            "give text, numbers, booleans, None, lists or mappings"
        )
    except RecursionError:
        why = "is nested too deeply: flatten it"
    except TypeError:
        why = "has a key that is not a string: JSON's keys are strings"
    except ValueError:
        why = "holds NaN, an infinite or an overlong number, or a part of itself: leave it out"
    else:
        if _has_only_string_keys(document):
            return text
        why = "has a key that is not a string: JSON's keys are strings"
    raise refuse(f"{what} {why}")


def _plain(value: object) -> dict[Any, Any]:
    """What the encoder is to write for a value that it does not know."""
    if isinstance(value, Document):
        return value.document()
    if isinstance(value, Mapping):
        return dict(value)
    raise _NoJsonFormError(type(value).__name__)


def _has_only_string_keys(document: object) -> bool:
    """Whether no key was turned into text by the encoder, which does that to numbers and None."""
    rest = [document]
    while rest:
        value = rest.pop()
        if isinstance(value, Document):
            value = value.document()
        if isinstance(value, Mapping):
            if not all(isinstance(key, str) for key in value):
                return False
            rest.extend(value.values())
        elif isinstance(value, (list, tuple)):
            rest.extend(value)
    return True
