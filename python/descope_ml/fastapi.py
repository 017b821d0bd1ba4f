"""Helpers for FastAPI: dependencies that verify a magic link or require a session.

Example:
    >>> from fastapi import Depends, FastAPI, Response
    >>> from descope_ml import DescopeClientAsync
    >>> from descope_ml.fastapi import require_session, set_cookies, verified
    >>> app, client = FastAPI(), DescopeClientAsync()
    >>> @app.get("/verify")  # The URL of the link.
    ... async def verify(response: Response, login: dict = Depends(verified(client))) -> str:
    ...     set_cookies(response, login)
    ...     return "welcome"
    >>> @app.get("/books")
    ... async def books(session: dict = Depends(require_session(client, roles="reader"))) -> str:
    ...     return f"the books of {session['userId']}"
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from fastapi import HTTPException, Request

from descope_ml.client_async import DescopeClientAsync
from descope_ml.constants import SESSION_COOKIE_NAME
from descope_ml.web_frameworks import (
    AuthFailure,
    Requirements,
    authenticate_async,
    clear_cookies,
    session_token,
    set_cookies,
    verify_link_async,
)

__all__ = ["clear_cookies", "require_session", "set_cookies", "verified"]

_Dependency = Callable[[Request], Coroutine[Any, Any, dict[str, Any]]]


def verified(client: DescopeClientAsync) -> _Dependency:
    """A dependency that verifies the token of the link, the query parameter `t`.

    Args:
        client: The client that verifies the token.

    Returns:
        For `Depends`: the result of `MagicLink.verify`. On failure the response is 401, 429, 502 or
        503.
    """

    async def login(request: Request) -> dict[str, Any]:
        try:
            return await verify_link_async(client, request.query_params.get("t"))
        except AuthFailure as failure:
            raise _http_exception(failure) from failure

    return login


def require_session(
    client: DescopeClientAsync,
    *,
    permissions: str | Iterable[str] = (),
    roles: str | Iterable[str] = (),
    tenant: str = "",
    session_cookie: str = SESSION_COOKIE_NAME,
) -> _Dependency:
    """A dependency that requires a session, from `Authorization: Bearer` or from the cookie.

    Args:
        client: The client that validates the session.
        permissions: Required permissions; the session must have all of them.
        roles: Required roles; the session must have all of them.
        tenant: The tenant that the user must be in, and in which the session must have them.
            Default: project-level permissions and roles.
        session_cookie: The name of the cookie with the session token.

    Returns:
        For `Depends`: the result of `validate_session`. Without a valid session the response is
        401, without a required permission or role 403. If the session cannot be validated, it is
        429, 502 or 503.
    """
    required = Requirements(permissions, roles, tenant)

    async def session(request: Request) -> dict[str, Any]:
        authorization = request.headers.get("Authorization")
        token = session_token(authorization, request.cookies, session_cookie)
        try:
            return await authenticate_async(client, token, required)
        except AuthFailure as failure:
            raise _http_exception(failure) from failure

    return session


def _http_exception(failure: AuthFailure) -> HTTPException:
    return HTTPException(failure.status, failure.detail, failure.headers)
