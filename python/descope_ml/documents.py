"""Documents: from Python's types to the text that core reads, and from its answers back.

Requests, answers and the configuration are documents.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping

from descope_ml import _native
from descope_ml.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from descope_ml.config import Config
    from descope_ml.errors import DescopeError

# The configuration's times in seconds, and the keys that core has for them.
_SECONDS = {
    "timeout_seconds": "timeoutMs",
    "connect_timeout_seconds": "connectTimeoutMs",
    "idle_timeout_seconds": "idleTimeoutMs",
    "keys_ttl_seconds": "keysTtlMs",
    "keys_interval_seconds": "keysIntervalMs",
}


class Document:
    """A part of a request, field by field as the API has it; each kind of it is a dataclass."""

    def document(self) -> dict[str, Any]:
        """The fields under the API's own names.

        Returns:
            A JSON object, in which null stands for a field that is left out.
        """
        from dataclasses import fields  # noqa: PLC0415 - whoever has options has loaded it

        return {camel_case(field.name): getattr(self, field.name) for field in fields(self)}  # type: ignore[arg-type]


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
    return encode(request, "the request", _native.argument_error)


def texts(value: str | Iterable[str] | None) -> str | Iterable[str] | None:
    """One or several texts as JSON can hold them.

    Args:
        value: One, several in any collection, or None.

    Returns:
        One, a list, or None; what is neither as it is, for core to refuse.
    """
    if value is None or isinstance(value, str) or not isinstance(value, Iterable):
        return value
    return list(value)


def config_json(config: Config) -> str | None:
    """The configuration document for these keyword arguments.

    Args:
        config: The arguments.

    Returns:
        A JSON object, the same for the same arguments in any order; None where nothing is set.

    Raises:
        ConfigError: An argument cannot be written as JSON, or is given in two spellings.
    """
    document: dict[str, Any] = {}
    for name, value in sorted(config.items()):
        if value is None:
            continue
        key = _SECONDS.get(name) or camel_case(name)
        if name == "jwt_validation_leeway":
            key = "jwtLeewaySeconds"
        if key in document:
            message = f"`{name}` is given in two spellings: keep one of them"
            raise _native.config_error(message)
        document[key] = _converted(name, value)
    if not document:
        return None
    return encode(document, "the configuration", _native.config_error)


def answer_from(text: str) -> dict[str, Any]:
    """The service's answer as Python's types.

    Args:
        text: A JSON object, as core has checked.

    Returns:
        Its members.

    Raises:
        ProtocolError: Python's own limits do not let it hold the answer.
    """
    plain = _native.plain_value(text)
    if isinstance(plain, dict):
        return plain
    import json  # noqa: PLC0415 - few answers need it

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


def encode(document: object, what: str, refuse: Callable[[str], DescopeError]) -> str:
    """The JSON text of a mapping.

    Args:
        document: A mapping of what JSON can hold; other mappings and options may be in it.
        what: What messages call it.
        refuse: Makes the exception for what cannot be written; no message shows a value.

    Returns:
        Compact JSON, keys in their order.

    Raises:
        DescopeError: What `refuse` made.
    """
    if (plain := _native.plain_json(document)) is not None:
        return plain
    import json  # noqa: PLC0415 - few documents need it

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


def _converted(name: str, value: object) -> object:
    if name in _SECONDS:
        return _milliseconds(name, value)
    if name == "ca_file" and isinstance(value, os.PathLike):
        return os.fspath(value)
    if name == "public_key" and isinstance(value, Mapping):
        return encode(value, "`public_key`", _native.config_error)
    return value


def _milliseconds(name: str, seconds: object) -> int:
    if isinstance(seconds, (int, float)) and not isinstance(seconds, bool):
        try:
            return round(seconds * 1000)
        except (OverflowError, ValueError):
            pass  # Infinite, or not a number.
    message = f"`{name}` must be a finite number of seconds"
    raise _native.config_error(message)


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


def camel_case(name: str) -> str:
    """The API's spelling of a Python name.

    Args:
        name: Such as `custom_claims`.

    Returns:
        Such as `customClaims`.
    """
    first, *rest = name.split("_")
    return first + "".join(word[:1].upper() + word[1:] for word in rest)
