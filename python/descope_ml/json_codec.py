"""JSON: Python values to the text that the native module reads, and responses back.

The native module has a fast path for requests and responses of plain types. This module does
everything else: options, other mappings, subclasses, floats, large numbers, and errors.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from descope_ml import _native
from descope_ml.errors import (
    DescopeError,
    ProtocolError,
    argument_error,
    config_error,
    value_of,
)


class ApiObject:
    """An object that is sent as JSON. Subclasses list their attributes in `_MEMBERS`.

    They are like dataclasses, but written out: importing `dataclasses` takes as long as importing
    the rest of this package.
    """

    _MEMBERS: ClassVar[tuple[str, ...]] = ()
    _HIDDEN: ClassVar[frozenset[str]] = frozenset()
    """Attributes that `repr()` does not show, because they may contain personal data."""

    def document(self) -> dict[str, Any]:
        """The attributes with the API's names.

        Returns:
            A JSON object. The API treats null like a member that is left out.
        """
        return {_native.camel_case(name): value for name, value in self._attributes()}

    def _attributes(self) -> list[tuple[str, Any]]:
        return [(name, getattr(self, name)) for name in self._MEMBERS]

    def __eq__(self, other: object) -> bool:
        """Compares the attributes of two objects of the same class."""
        if type(self) is not type(other):
            return NotImplemented
        return self._attributes() == other._attributes()

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """The attributes, without those that may contain personal data."""
        shown = [
            f"{name}={value!r}" for name, value in self._attributes() if name not in self._HIDDEN
        ]
        return f"{type(self).__name__}({', '.join(shown)})"


class _NoJsonFormError(TypeError):
    """A value that cannot be encoded as JSON. The argument is the name of its type."""


def request_json(request: Mapping[str, Any] | str, *, skip_none: bool) -> str:
    """The JSON text of a request.

    Args:
        request: A mapping with the API's names, or JSON text, which is returned as it is.
        skip_none: Whether members that are None may be left out.

    Returns:
        JSON text.

    Raises:
        ArgumentError: The request is neither, or cannot be encoded as JSON.
    """
    text: str | None = value_of(_native.request_text(request, skip_none))
    return dump_request(request) if text is None else text


def config_json(arguments: Mapping[str, object]) -> str | None:
    """The JSON text of the configuration.

    Args:
        arguments: A dictionary of the keyword arguments, see `Config`. None is the same as not
            given.

    Returns:
        JSON text; None if no argument is given.

    Raises:
        ConfigError: A value cannot be encoded as JSON.
    """
    config: dict[str, Any] | str | None = value_of(_native.config_json(arguments))
    if not isinstance(config, dict):
        return config
    if isinstance(config.get("publicKey"), Mapping):
        config["publicKey"] = _dumps(config["publicKey"], "`public_key`", config_error)
    return _dumps(config, "the configuration", config_error)


def dump_request(request: Mapping[str, Any] | str) -> str:
    """The JSON text of a request that is outside of the fast path.

    Args:
        request: A mapping with the API's names, or JSON text, which is returned as it is.

    Returns:
        JSON text.

    Raises:
        ArgumentError: The request is neither, or cannot be encoded as JSON.
    """
    if isinstance(request, str):
        return request
    if not isinstance(request, Mapping):
        message = f"the request must be a mapping or its JSON text, not {type(request).__name__}"
        raise argument_error(message)
    return _dumps(request, "the request", argument_error)


def load_response(response: dict[str, Any] | str) -> dict[str, Any]:
    """The response of the service.

    Args:
        response: Its members; or the text of a JSON object that is outside of the fast path.

    Returns:
        Its members.

    Raises:
        ProtocolError: The response exceeds a limit of Python's JSON decoder.
    """
    if not isinstance(response, str):
        return response
    try:
        members: dict[str, Any] = json.loads(response)
    except (RecursionError, ValueError):
        message = (
            "cannot decode the response in Python: it is nested too deeply, or a number has "
            "thousands of digits; the service may have processed the request"
        )
    else:
        return members
    error = {"status": 13, "name": "DESCOPE_E_PROTOCOL", "message": message, "outcome": "unknown"}
    raise ProtocolError(document={"error": error})


def _dumps(document: object, name: str, to_error: Callable[[str], DescopeError]) -> str:
    """The compact JSON of a mapping. It may contain other mappings and API objects.

    Error messages start with `name` and never contain a value.
    """
    try:
        text = json.dumps(
            document,
            allow_nan=False,
            default=_default,
            ensure_ascii=False,
            separators=(",", ":"),
        )
    except _NoJsonFormError as error:
        problem = (
            f"contains a value of the type {error}, which cannot be encoded as JSON: "
            "use strings, numbers, booleans, None, lists or mappings"
        )
    except RecursionError:
        problem = "is nested too deeply: flatten it"
    except TypeError:
        problem = "has a key that is not a string: JSON needs strings as keys"
    except ValueError:
        problem = (
            "contains NaN, infinity, a number with too many digits, or a circular reference: "
            "remove it"
        )
    else:
        if _has_only_string_keys(document):
            return text
        problem = "has a key that is not a string: JSON needs strings as keys"
    raise to_error(f"{name} {problem}")


def _default(value: object) -> dict[Any, Any]:
    """Converts a value that `json.dumps` does not know."""
    if isinstance(value, ApiObject):
        return value.document()
    if isinstance(value, Mapping):
        return dict(value)
    raise _NoJsonFormError(type(value).__name__)


def _has_only_string_keys(document: object) -> bool:
    """Whether all keys are strings. `json.dumps` silently converts numbers and None to strings."""
    rest = [document]
    while rest:
        value = rest.pop()
        if isinstance(value, ApiObject):
            value = value.document()
        if isinstance(value, Mapping):
            if not all(isinstance(key, str) for key in value):
                return False
            rest.extend(value.values())
        elif isinstance(value, (list, tuple)):
            rest.extend(value)
    return True
