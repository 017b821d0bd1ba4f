"""Shared code of the helpers for web frameworks: authentication, HTTP errors and cookies.

Use `descope_ml.fastapi`, `descope_ml.flask` or `descope_ml.django`.
"""

from __future__ import annotations

import contextlib
import re
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from descope_ml.client import DescopeClient
from descope_ml.client_async import DescopeClientAsync
from descope_ml.client_base import ClientBase
from descope_ml.constants import (
    COOKIE_DATA_NAME,
    REFRESH_SESSION_COOKIE_NAME,
    REFRESH_SESSION_TOKEN_NAME,
    SESSION_COOKIE_NAME,
    SESSION_TOKEN_NAME,
)
from descope_ml.errors import (
    ApiError,
    ArgumentError,
    DescopeError,
    ProtocolError,
    RateLimitException,
    TokenError,
)
from descope_ml.results import DescopeResponse, cookie_data

# An error code of the service. A body without one is that of a proxy or of another server.
_ERROR_CODE = re.compile(r"E\d{1,12}")

# Wrong settings of this server: the project ID, the management key.
_SETTINGS_CODES = frozenset({"E071001", "E111119"})

_CLIENT_ERRORS = range(400, 500)


class Response(Protocol):
    """A response of any framework: all of them set cookies in the same way."""

    @property
    def set_cookie(self) -> Callable[..., None]:
        """Sets a cookie: name, value, attributes."""


@dataclass(frozen=True)
class Requirements:
    """The permissions and roles that a session must have.

    Attributes:
        permissions: Required permissions; the session must have all of them.
        roles: Required roles; the session must have all of them.
        tenant: The tenant that the user must be in, and in which the session must have them. Empty:
            project-level permissions and roles.
    """

    permissions: str | Iterable[str] = ()
    roles: str | Iterable[str] = ()
    tenant: str = ""

    def __post_init__(self) -> None:
        """Stores the collections as tuples: an iterator could be read only once."""
        for name in ("permissions", "roles"):
            value = getattr(self, name)
            object.__setattr__(self, name, value if isinstance(value, str) else tuple(value))


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
    if _is_rejected(error) or isinstance(error, (TokenError, ArgumentError)):
        return AuthFailure(401, "sign in first", {"WWW-Authenticate": "Bearer"})
    if isinstance(error, (ApiError, ProtocolError)):
        return AuthFailure(502, "the sign-in service failed: try again later")
    if isinstance(error, OSError):  # Network, TLS or timeout.
        return AuthFailure(503, "the sign-in service cannot be reached: try again later")
    return None


def _is_rejected(error: DescopeError) -> bool:
    """Whether the service itself rejected what the user sent.

    A status alone does not say so: 4xx may also come from a proxy, or concern what this server has
    sent.
    """
    code = error.error_code or ""
    is_of_service = _ERROR_CODE.fullmatch(code) is not None and code not in _SETTINGS_CODES
    return is_of_service and error.outcome == "refused" and error.http_status in _CLIENT_ERRORS


@contextlib.contextmanager
def _map_errors() -> Iterator[None]:
    """Converts a `DescopeError` in a block to an `AuthFailure`."""
    try:
        yield
    except DescopeError as error:
        failure = to_auth_failure(error)
        if failure is None:
            raise
        raise failure from error


@contextlib.contextmanager
def no_locals_in_errors() -> Iterator[None]:
    """Removes the local variables from the tracebacks of the exceptions that leave a block.

    The block handles tokens, and error reports show local variables: those of Django, of the
    debugger of Werkzeug, of Sentry. Files, lines and messages stay.
    """
    # Its traceback has frames that go on after this exception.
    outer = sys.exc_info()[1]
    try:
        yield
    except Exception as error:
        _clear_locals(error, {id(outer)})
        raise


def _clear_locals(error: BaseException | None, done: set[int]) -> None:
    """Clears the frames of an exception, of its cause and of its context."""
    if error is not None and id(error) not in done:
        done.add(id(error))
        traceback.clear_frames(error.__traceback__)
        _clear_locals(error.__cause__, done)
        _clear_locals(error.__context__, done)


def session_token(authorization: str | None, cookies: Mapping[str, str], cookie_name: str) -> str:
    """The session token of a request.

    Args:
        authorization: Its `Authorization` header.
        cookies: Its cookies.
        cookie_name: The name of the cookie with the session token.

    Returns:
        The token after `Bearer`; else the one in the cookie; else an empty string.
    """
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return cookies.get(cookie_name, "")


def authenticate(client: DescopeClient, token: str, required: Requirements) -> dict[str, Any]:
    """Validates a session and checks its permissions and roles.

    Args:
        client: The client that validates the session.
        token: The session token.
        required: The permissions and roles that the session must have.

    Returns:
        The result of `validate_session`.

    Raises:
        AuthFailure: The session is invalid, or lacks a permission or role.
        DescopeError: This server is at fault.
    """
    with _map_errors():
        session = client.validate_session(token)
    _authorize(client, session, required)
    return session


async def authenticate_async(
    client: DescopeClientAsync, token: str, required: Requirements
) -> dict[str, Any]:
    """Like `authenticate`, for asyncio."""
    with _map_errors():
        session = await client.validate_session(token)
    _authorize(client, session, required)
    return session


def check_method(method: str) -> None:
    """Rejects methods that must not spend the token of a link.

    Mail scanners and previews send HEAD.

    Args:
        method: The HTTP method of the request.

    Raises:
        AuthFailure: 405 for any other method than GET and POST.
    """
    if method not in ("GET", "POST"):
        raise AuthFailure(405, "only GET and POST are allowed", {"Allow": "GET, POST"})


def verify_link(client: DescopeClient, token: str | None) -> dict[str, Any]:
    """Verifies the token of a link.

    Args:
        client: The client that verifies the token.
        token: The value of `t` in the query of the request, if there is one.

    Returns:
        The result of `MagicLink.verify`.

    Raises:
        AuthFailure: The token is invalid.
        DescopeError: This server is at fault.
    """
    with _map_errors():
        return client.magiclink.verify(token or "")


async def verify_link_async(client: DescopeClientAsync, token: str | None) -> dict[str, Any]:
    """Like `verify_link`, for asyncio."""
    with _map_errors():
        return await client.magiclink.verify(token or "")


def _authorize(client: ClientBase, session: dict[str, Any], required: Requirements) -> None:
    """Raises 403 if the session lacks a permission, a role or the tenant."""
    tenant = required.tenant
    # This call also checks that the user is in the tenant, even if no permission is required.
    if not client.validate_tenant_permissions(session, tenant, required.permissions):
        raise AuthFailure(403, "a permission or the tenant is missing")
    if not client.validate_tenant_roles(session, tenant, required.roles):
        raise AuthFailure(403, "a role is missing")


@dataclass(frozen=True)
class _Cookie:
    name: str
    domain: str
    path: str
    value: str = field(default="", repr=False)
    max_age: int = 0

    def set_on(self, response: Response, same_site: str) -> None:
        response.set_cookie(
            self.name,
            self.value,
            max_age=self.max_age,
            path=self.path or "/",
            domain=self.domain or None,
            secure=True,
            httponly=True,
            samesite=same_site,
        )


def set_cookies(response: Response, login: Mapping[str, Any], *, same_site: str = "Lax") -> None:
    """Sets cookies with the tokens of a session: Secure, HttpOnly, with the project's names.

    Args:
        response: The response to the browser.
        login: The result of a verification or a refresh.
        same_site: `Lax` by default. With `Strict`, the browser would not send the cookies after a
            redirect from the verify page, because the link was opened from another site.

    Example:
        >>> from http.cookies import SimpleCookie
        >>> class Response(SimpleCookie):
        ...     def set_cookie(self, key, value, **attributes):
        ...         self[key] = value
        >>> response = Response()
        >>> set_cookies(response, {"sessionToken": {"jwt": "s", "exp": 0}, "cookieData": {}})
        >>> print(response)
        Set-Cookie: DS=s
    """
    now = _time_of_login(login)
    for key, cookie in _cookies(login.get(COOKIE_DATA_NAME, {})).items():
        if key in login:
            token = login[key]
            remaining = max(0, int(token["exp"] - now))
            max_age = remaining if key == SESSION_TOKEN_NAME else cookie.max_age or remaining
            replace(cookie, value=token["jwt"], max_age=max_age).set_on(response, same_site)


def _time_of_login(login: Mapping[str, Any]) -> float:
    """When the tokens were issued, by the clock of the service: this machine's may be wrong."""
    time_of_response = getattr(login, "server_time", None)
    issued = login.get(SESSION_TOKEN_NAME, {}).get("iat")
    return next((float(one) for one in (time_of_response, issued) if one is not None), time.time())


def clear_cookies(
    response: Response, answer: DescopeResponse | None = None, *, same_site: str = "Lax"
) -> None:
    """Deletes the cookies with the tokens of a session.

    Args:
        response: The response to the browser.
        answer: The result of the logout. It has the project's names of the cookies. Default: `DS`
            and `DSR`.
        same_site: The same value as in `set_cookies`.
    """
    data = cookie_data(answer.json() if answer is not None else {})
    for cookie in _cookies(data).values():
        replace(cookie, max_age=0).set_on(response, same_site)


def _cookies(data: Mapping[str, Any]) -> dict[str, _Cookie]:
    """The cookies of both tokens, without values, by the keys of the tokens in a login result."""
    domain, path = data.get("domain", ""), data.get("path", "/")
    session_domain = data.get("sessionCookieDomain") or domain
    session = _Cookie(data.get("sessionCookieName") or SESSION_COOKIE_NAME, session_domain, path)
    name = data.get("cookieName") or REFRESH_SESSION_COOKIE_NAME
    refresh = _Cookie(name, domain, path, max_age=data.get("maxAge", 0))
    return {SESSION_TOKEN_NAME: session, REFRESH_SESSION_TOKEN_NAME: refresh}
