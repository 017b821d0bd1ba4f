"""The bare calls: a request in the API's own names in, the service's answer out."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from descope_ml import _native
from descope_ml.config import Config, config_json
from descope_ml.documents import answer_from, request_json

if TYPE_CHECKING:
    from typing_extensions import Unpack

# How many clients, and so how many sets of connections, the bare calls keep.
_KEPT_CLIENTS = 32


def magiclink_signin_sms(
    request: Mapping[str, Any] | str, **config: Unpack[Config]
) -> dict[str, Any]:
    """Sends a magic link by SMS to a user who exists.

    API: POST /v1/auth/magiclink/signin/sms

    Args:
        request: The request in the API's own names, as a mapping or as JSON text. `projectId`,
            `refreshToken` and `timeoutMs` steer this call and are not sent in its body.
        **config: As `Config`. Calls with the same configuration share a client, and so its
            connections; without any they use the process's default client.

    Returns:
        The service's answer: `maskedPhone`, and whatever else it says.

    Raises:
        DescopeError: The call failed; `outcome` says whether a message may have been sent.

    Example:
        >>> import descope_ml
        >>> descope_ml.magiclink_signin_sms(
        ...     {"loginId": "+14155550123", "redirectUrl": "https://app.example.com/verify"}
        ... )["maskedPhone"]
        '+1******0123'
    """
    body = request_json(request)
    settings = config_json(config)
    call = _native.call if settings is None else _client(settings).call
    return answer_from(call("magiclink/signin/sms", body))


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
    _native.configure(config_json(config))
    _client.cache_clear()


@functools.lru_cache(maxsize=_KEPT_CLIENTS)
def _client(config: str) -> _native.Client:
    """The client for a configuration. The cache takes no lock that a fork could leave taken."""
    return _native.Client(config)
