"""What the helpers for web frameworks share: who is let in, and by which cookies.

Use `descope_ml.fastapi`, `descope_ml.flask` or `descope_ml.django`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

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
from descope_ml.results import cookie_data

if TYPE_CHECKING:
    from descope_ml.client import DescopeClient
    from descope_ml.client_async import DescopeClientAsync
    from descope_ml.client_base import ClientBase
    from descope_ml.results import DescopeResponse


_SERVER_ERRORS = 500


class Response(Protocol):
    """A response of any framework: each sets cookies in the same way."""

    @property
    def set_cookie(self) -> Callable[..., None]:
        """Sets a cookie of a name, with a value and attributes."""


@dataclass(frozen=True)
class Rights:
    """What a session must grant.

    Attributes:
        permissions: All of them.
        roles: All of them.
        tenant: Where it must grant them, and the user be; empty for outside of tenants.
    """

    permissions: str | Iterable[str] = ()
    roles: str | Iterable[str] = ()
    tenant: str = ""

    def __post_init__(self) -> None:
        """Keeps what can be read only once."""
        for name in ("permissions", "roles"):
            value = getattr(self, name)
            object.__setattr__(self, name, value if isinstance(value, str) else tuple(value))


class RefusedError(Exception):
    """A request that is not let in.

    Attributes:
        status: The HTTP status to answer with.
        detail: Why, in words that anybody may read.
        headers: The headers to answer with.
    """

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        """Takes what is to be answered."""
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})


def refusal(error: DescopeError) -> RefusedError | None:
    """What a server is to answer after a failure.

    Args:
        error: The failure of a verification or a validation.

    Returns:
        401 for who is not signed in, 429 and 503 for later, 502 for a service that is not well;
        None for a fault of the server's own, such as its configuration.
    """
    if isinstance(error, RateLimitException):
        wait = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
        return RefusedError(429, "too many requests: try again later", wait)
    # What the service refused was asked for by the user; what it never got to, by this server.
    is_refused = error.outcome == "refused" and (error.http_status or 0) < _SERVER_ERRORS
    if is_refused or isinstance(error, (TokenError, ArgumentError)):
        return RefusedError(401, "sign in first", {"WWW-Authenticate": "Bearer"})
    if isinstance(error, (ApiError, ProtocolError)):
        return RefusedError(502, "the sign-in service gave no usable answer: try again later")
    if isinstance(error, OSError):  # The network, TLS, the deadline.
        return RefusedError(503, "the sign-in service cannot be reached: try again later")
    return None


def session_token(authorization: str | None, cookies: Mapping[str, str], cookie_name: str) -> str:
    """The session token of a request.

    Args:
        authorization: Its header of this name.
        cookies: Its cookies.
        cookie_name: What the cookie with the session token is called.

    Returns:
        The token after `Bearer`, else the one in the cookie, else nothing.
    """
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    return cookies.get(cookie_name, "")


def let_in(client: DescopeClient, token: str, rights: Rights) -> dict[str, Any]:
    """Checks a session and its rights.

    Args:
        client: The client to check it with.
        token: The session token.
        rights: What it must grant.

    Returns:
        What `validate_session` returns.

    Raises:
        RefusedError: It is not let in.
        DescopeError: The server's own fault.
    """
    try:
        session = client.validate_session(token)
    except DescopeError as error:
        raise (refusal(error) or error) from error
    return _with_rights(client, session, rights)


async def let_in_async(client: DescopeClientAsync, token: str, rights: Rights) -> dict[str, Any]:
    """As `let_in`, to be awaited."""
    try:
        session = await client.validate_session(token)
    except DescopeError as error:
        raise (refusal(error) or error) from error
    return _with_rights(client, session, rights)


def follow(client: DescopeClient, token: str | None) -> dict[str, Any]:
    """Verifies the token of a link.

    Args:
        client: The client to verify it with.
        token: The `t` of the request's query, where there is one.

    Returns:
        What `MagicLink.verify` returns.

    Raises:
        RefusedError: It is not let in.
        DescopeError: The server's own fault.
    """
    try:
        return client.magiclink.verify(token or "")
    except DescopeError as error:
        raise (refusal(error) or error) from error


async def follow_async(client: DescopeClientAsync, token: str | None) -> dict[str, Any]:
    """As `follow`, to be awaited."""
    try:
        return await client.magiclink.verify(token or "")
    except DescopeError as error:
        raise (refusal(error) or error) from error


def _with_rights(client: ClientBase, session: dict[str, Any], rights: Rights) -> dict[str, Any]:
    tenant = rights.tenant
    # Without a permission to ask for, the first still asks whether the user is in the tenant.
    if not client.validate_tenant_permissions(session, tenant, rights.permissions):
        raise RefusedError(403, "a permission or the tenant is missing")
    if not client.validate_tenant_roles(session, tenant, rights.roles):
        raise RefusedError(403, "a role is missing")
    return session


@dataclass(frozen=True)
class _Cookie:
    name: str
    domain: str
    path: str
    value: str = field(default="", repr=False)
    max_age: int = 0

    def put(self, response: Response, same_site: str) -> None:
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
    """Puts the tokens of a session into cookies: Secure, HttpOnly, as the project names them.

    Args:
        response: The response that takes them to the browser.
        login: What a verification or a refresh returned.
        same_site: `Lax`, since the link in a message leads here from another site, and what
            follows a redirect would come without the cookies of `Strict`.

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
    for key, cookie in _cookies(login.get(COOKIE_DATA_NAME, {})).items():
        if key in login:
            token = login[key]
            left = max(0, int(token["exp"] - time.time()))
            age = left if key == SESSION_TOKEN_NAME else cookie.max_age or left
            replace(cookie, value=token["jwt"], max_age=age).put(response, same_site)


def clear_cookies(
    response: Response, answer: DescopeResponse | None = None, *, same_site: str = "Lax"
) -> None:
    """Takes the tokens of a session out of the browser.

    Args:
        response: The response that tells it to.
        answer: What the logout returned, which says how the project names its cookies; else they
            are `DS` and `DSR`.
        same_site: As when they were set.
    """
    data = cookie_data(answer.json() if answer is not None else {})
    for cookie in _cookies(data).values():
        replace(cookie, max_age=0).put(response, same_site)


def _cookies(data: Mapping[str, Any]) -> dict[str, _Cookie]:
    """The cookies of both tokens, still empty, by the keys that the tokens have."""
    domain, path = data.get("domain", ""), data.get("path", "/")
    session_domain = data.get("sessionCookieDomain") or domain
    session = _Cookie(data.get("sessionCookieName") or SESSION_COOKIE_NAME, session_domain, path)
    name = data.get("cookieName") or REFRESH_SESSION_COOKIE_NAME
    refresh = _Cookie(name, domain, path, max_age=data.get("maxAge", 0))
    return {SESSION_TOKEN_NAME: session, REFRESH_SESSION_TOKEN_NAME: refresh}
