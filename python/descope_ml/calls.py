"""What the bare calls share: the clients that they use, and how one of them is performed."""

from __future__ import annotations

import functools

from descope_ml import _native
from descope_ml.performing import logged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from typing_extensions import Unpack

    from descope_ml.config import Config

# How many clients, and so how many sets of connections, the bare calls keep.
_KEPT_CLIENTS = 32


def perform(operation: str, request: Mapping[str, Any] | str, config: Config) -> dict[str, Any]:
    """Performs an operation by name, such as `magiclink/verify`; the bare calls are this one.

    Args:
        operation: Its name.
        request: The request in the API's own names, as a mapping or as JSON text.
        config: The configuration; calls with the same one share a client, and those without any
            use the process's default client.

    Returns:
        The service's answer.

    Raises:
        DescopeError: The call failed.
    """
    settings = _native.config_json(config)
    call = _native.call if settings is None else _client(settings).call
    return logged(call, operation, request)


def configure(**config: Unpack[Config]) -> None:
    """Replaces the process's default client, and forgets the clients of earlier bare calls.

    Args:
        **config: As `Config`; what is left out comes from the environment, as it is now.

    Raises:
        ConfigError: The configuration cannot work; everything stays as it was.

    Example:
        >>> import descope_ml
        >>> descope_ml.configure(timeout_seconds=5, max_attempts=2)
    """
    logged(_native.configure, _native.config_json(config))
    _client.cache_clear()


def warm_up() -> None:
    """Connects ahead with the process's default client, as `DescopeClient.warm_up`.

    Raises:
        DescopeError: There is no connection to be had; `outcome` is `not_sent`.
        ConfigError: The environment does not make a client.
    """
    logged(_native.warm_up)


@functools.lru_cache(maxsize=_KEPT_CLIENTS)
def _client(config: str) -> _native.Client:
    """The client for a configuration. The cache takes no lock that a fork could leave taken."""
    return logged(_native.Client, config)
