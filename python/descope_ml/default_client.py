"""The clients behind the module-level functions: the default client, and a cache of others."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from descope_ml import dispatch
from descope_ml.annotations import Unpack
from descope_ml.config import Config
from descope_ml.error_frames import hides_locals
from descope_ml.handles import Client
from descope_ml.json_codec import config_json
from descope_ml.operations import Operation

_CLIENT_CACHE_SIZE = 32

# The default client, under this name, if it was made. Each interpreter has its own: applications
# that share a process must not replace each other's.
_NAME = "default"
_DEFAULT: dict[str, Client] = {}


def call_operation(
    operation: Operation[Any], request: Mapping[str, Any] | str, config: Config
) -> dict[str, Any]:
    """Makes a call for a module-level function.

    Args:
        operation: One of `descope_ml.operations`.
        request: The request with the API's names, as a mapping or as JSON text.
        config: The configuration. Calls with the same configuration share a client. Calls without
            one use the default client.

    Returns:
        The response of the service.

    Raises:
        DescopeError: The call failed.
    """
    text = config_json(config)
    client = _default_client() if text is None else _cached_client(text)
    return dispatch.call(client, operation.name, request)


@hides_locals
def configure(**config: Unpack[Config]) -> None:
    """Replaces the default client of this interpreter, and drops the clients of earlier calls.

    The module-level functions, such as `magiclink_signin_sms`, use the default client.

    Args:
        **config: See `Config`. Options that are not given come from the environment, read now.

    Raises:
        ConfigError: The configuration is invalid. The default client is unchanged.

    Example:
        >>> import descope_ml
        >>> descope_ml.configure(timeout_seconds=5, max_attempts=2)
    """
    replace_default_client(Client(config_json(config)))


def replace_default_client(client: Client | None) -> Client | None:
    """Replaces the default client, and drops the clients of earlier calls.

    Args:
        client: The new one. None: the next call makes one from the environment.

    Returns:
        The one before, if there was one.
    """
    before = _DEFAULT.get(_NAME)
    if client is None:
        _DEFAULT.pop(_NAME, None)
    else:
        _DEFAULT[_NAME] = client
    _cached_client.cache_clear()
    return before


@hides_locals
def warm_up() -> None:
    """Opens a connection in advance with the default client. See `DescopeClient.warm_up`.

    Raises:
        DescopeError: No connection could be opened; `outcome` is `not_sent`.
        ConfigError: The environment has no valid configuration.
    """
    dispatch.warm_up(_default_client())


@functools.lru_cache(maxsize=_CLIENT_CACHE_SIZE)
def _cached_client(text: str) -> Client:
    """The client for a configuration. This cache holds no lock that a fork could leave locked."""
    return Client(text)


def _default_client() -> Client:
    """The default client, which the environment configures if `configure` was not called."""
    client = _DEFAULT.get(_NAME)
    # Another thread may make one at the same time.
    return client or _DEFAULT.setdefault(_NAME, Client(None))
