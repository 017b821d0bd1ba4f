"""The configuration as keyword arguments: which there are, and how core reads them."""

from __future__ import annotations

import os
from collections.abc import Mapping

from descope_ml import _native, documents
from descope_ml.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from descope_ml.config_keys import Config

__all__ = ["Config", "config_json"]

_SECONDS = {
    "timeout_seconds": "timeoutMs",
    "connect_timeout_seconds": "connectTimeoutMs",
    "idle_timeout_seconds": "idleTimeoutMs",
    "keys_ttl_seconds": "keysTtlMs",
    "keys_interval_seconds": "keysIntervalMs",
}


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
        key = _SECONDS.get(name) or documents.camel_case(name)
        if name == "jwt_validation_leeway":
            key = "jwtLeewaySeconds"
        if key in document:
            message = f"`{name}` is given in two spellings: keep one of them"
            raise _native.config_error(message)
        document[key] = _converted(name, value)
    if not document:
        return None
    return documents.encode(document, "the configuration", _native.config_error)


def _converted(name: str, value: object) -> object:
    if name in _SECONDS:
        return _milliseconds(name, value)
    if name == "ca_file" and isinstance(value, os.PathLike):
        return os.fspath(value)
    if name == "public_key" and isinstance(value, Mapping):
        return documents.encode(value, "`public_key`", _native.config_error)
    return value


def _milliseconds(name: str, seconds: object) -> int:
    if isinstance(seconds, (int, float)) and not isinstance(seconds, bool):
        try:
            return round(seconds * 1000)
        except (OverflowError, ValueError):
            pass  # Infinite, or not a number.
    message = f"`{name}` must be a finite number of seconds"
    raise _native.config_error(message)


def __getattr__(name: str) -> object:
    """`Config`, which is loaded when it is asked for: only annotations name it."""
    if name == "Config":
        from descope_ml import config_keys  # noqa: PLC0415 - it loads `typing`

        return config_keys.Config
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)
