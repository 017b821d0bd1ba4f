"""Descope magic-link sign-in: a typed face over one small native library.

The names are those of the official `descope` package, so that code written for it keeps working;
where something differs on purpose, its docstring says how and why.

Example:
    >>> from descope_ml import DeliveryMethod, DescopeClient, DescopeError
    >>> client = DescopeClient()  # DESCOPE_PROJECT_ID says which project
    >>> try:
    ...     print("sent to", client.magiclink.sign_in(DeliveryMethod.SMS, "+14155550123"))
    ... except DescopeError as error:
    ...     print(error, error.outcome)
    sent to +1******0123
"""

from descope_ml._native import VERSION as __version__
from descope_ml.calls import configure, magiclink_signin_sms
from descope_ml.client import DescopeClient, MagicLink
from descope_ml.config import Config
from descope_ml.errors import (
    API_RATE_LIMIT_RETRY_AFTER_HEADER,
    ERROR_TYPE_API_RATE_LIMIT,
    ERROR_TYPE_INVALID_ARGUMENT,
    ERROR_TYPE_INVALID_PUBLIC_KEY,
    ERROR_TYPE_INVALID_TOKEN,
    ERROR_TYPE_SERVER_ERROR,
    ApiError,
    ArgumentError,
    AuthException,
    CallTimeoutError,
    ConfigError,
    DescopeError,
    InternalError,
    NetworkError,
    ProtocolError,
    RateLimitException,
    TlsError,
)
from descope_ml.options import DeliveryMethod, LoginOptions

__all__ = [
    "API_RATE_LIMIT_RETRY_AFTER_HEADER",
    "ERROR_TYPE_API_RATE_LIMIT",
    "ERROR_TYPE_INVALID_ARGUMENT",
    "ERROR_TYPE_INVALID_PUBLIC_KEY",
    "ERROR_TYPE_INVALID_TOKEN",
    "ERROR_TYPE_SERVER_ERROR",
    "ApiError",
    "ArgumentError",
    "AuthException",
    "CallTimeoutError",
    "Config",
    "ConfigError",
    "DeliveryMethod",
    "DescopeClient",
    "DescopeError",
    "InternalError",
    "LoginOptions",
    "MagicLink",
    "NetworkError",
    "ProtocolError",
    "RateLimitException",
    "TlsError",
    "__version__",
    "configure",
    "magiclink_signin_sms",
]
