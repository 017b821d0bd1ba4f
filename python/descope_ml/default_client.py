"""The clients behind the module-level functions: the default client, and a cache of others."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from descope_ml import _native, dispatch
from descope_ml.annotations import Unpack
from descope_ml.config import Config
from descope_ml.error_frames import hides_locals
from descope_ml.log_bridge import call_native
from descope_ml.operations import Operation

_CLIENT_CACHE_SIZE = 32


def call_operation(
    operation: Operation[Any], request: Mapping[str, Any] | str, config: Config
) -> dict[str, Any]:
    """Makes a call for a module-level function.

    Args:
        operation: One of `descope_ml.operations`.
        request: The request with the API's names, as a mapping or as JSON text.
        config: The configuration. Calls with the same configuration share a client. Calls without
            one use the default client of the process.

    Returns:
        The response of the service.

    Raises:
        DescopeError: The call failed.
    """
    config_json = _native.config_json(config)
    if config_json is None:
        client = call_native(_native.Client.default)
    else:
        client = _cached_client(config_json)
    return dispatch.call(client, operation.name, request)


@hides_locals
def configure(**config: Unpack[Config]) -> None:
    """Replaces the default client of the process, and drops the clients of earlier calls.

    The module-level functions, such as `magiclink_signin_sms`, use the default client.

    Args:
        **config: See `Config`. Options that are not given come from the environment, read now.

    Raises:
        ConfigError: The configuration is invalid. The default client is unchanged.

    Example:
        >>> import descope_ml
        >>> descope_ml.configure(timeout_seconds=5, max_attempts=2)
    """
    call_native(_native.configure, _native.config_json(config))
    _cached_client.cache_clear()


@hides_locals
def warm_up() -> None:
    """Opens a connection in advance with the default client. See `DescopeClient.warm_up`.

    Raises:
        DescopeError: No connection could be opened; `outcome` is `not_sent`.
        ConfigError: The environment has no valid configuration.
    """
    dispatch.warm_up(call_native(_native.Client.default))


@functools.lru_cache(maxsize=_CLIENT_CACHE_SIZE)
def _cached_client(config_json: str) -> _native.Client:
    """The client for a configuration. This cache holds no lock that a fork could leave locked."""
    return call_native(_native.Client, config_json)
