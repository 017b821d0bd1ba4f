"""Shared code of the helpers for web frameworks: which HTTP response a failed call becomes."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping

from descope_ml.errors import (
    ApiError,
    ArgumentError,
    DescopeError,
    ProtocolError,
    RateLimitException,
    TokenError,
)

# An error code of the service. A body without one is that of a proxy or of another server.
_ERROR_CODE = re.compile(r"E\d{1,12}")

# Wrong settings of this server: the project ID, the management key.
_SETTINGS_CODES = frozenset({"E071001", "E111119"})

_CLIENT_ERRORS = range(400, 500)

UNAUTHENTICATED = 401

# Not a refusal that an application would shape: nobody looks at the response.
NO_CONTENT = 204


class AuthFailure(Exception):  # noqa: N818 - it becomes a response, not an error of the program
    """The HTTP response to a request that is not authenticated or not authorized.

    Attributes:
        status: The HTTP status.
        detail: The reason, safe to show to anyone.
        headers: The headers.
    """

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        """Takes the response."""
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})


def not_authenticated(is_invalid: bool = False) -> AuthFailure:
    """The refusal of a request without a valid session (RFC 6750, section 3).

    Args:
        is_invalid: Whether it had a token that is not valid.
    """
    challenge = 'Bearer error="invalid_token"' if is_invalid else "Bearer"
    return AuthFailure(UNAUTHENTICATED, "sign in first", {"WWW-Authenticate": challenge})


def not_authorized(detail: str) -> AuthFailure:
    """The refusal of a session that lacks something (RFC 6750, section 3.1)."""
    return AuthFailure(403, detail, {"WWW-Authenticate": 'Bearer error="insufficient_scope"'})


def to_auth_failure(error: DescopeError) -> AuthFailure | None:
    """The HTTP response to a failed verification or validation.

    Args:
        error: The failure.

    Returns:
        401 if the service or this library rejects the token, 429 if the service limits requests,
        502 if the service, a proxy or the settings of this server are at fault, 503 if the service
        cannot be reached, or if the keys of the project cannot be fetched again yet; None for any
        other fault of this server, such as an invalid configuration.
    """
    wait = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    if isinstance(error, RateLimitException):
        return AuthFailure(429, "too many requests: try again later", wait)
    if isinstance(error, TokenError) and wait:
        return AuthFailure(503, "the session cannot be checked now: try again later", wait)
    if is_rejected(error) or isinstance(error, (TokenError, ArgumentError)):
        return not_authenticated(is_invalid=True)
    if isinstance(error, (ApiError, ProtocolError)):
        return AuthFailure(502, "the sign-in service failed: try again later")
    if isinstance(error, OSError):  # Network, TLS or timeout.
        return AuthFailure(503, "the sign-in service cannot be reached: try again later")
    return None


def is_rejected(error: DescopeError) -> bool:
    """Whether the service itself rejected what the user sent.

    A status alone does not say so: 4xx may also come from a proxy, or concern what this server
    sent.
    """
    if isinstance(error, RateLimitException):
        return False
    code = error.error_code or ""
    is_of_service = _ERROR_CODE.fullmatch(code) is not None and code not in _SETTINGS_CODES
    return is_of_service and error.outcome == "refused" and error.http_status in _CLIENT_ERRORS


@contextlib.contextmanager
def map_errors() -> Iterator[None]:
    """Converts a `DescopeError` in a block to an `AuthFailure`."""
    try:
        yield
    except DescopeError as error:
        failure = to_auth_failure(error)
        if failure is None:
            raise
        raise failure from error
