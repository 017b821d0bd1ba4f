"""Helpers for FastAPI: the token of a link, sessions and their rights as dependencies.

Example:
    >>> from fastapi import Depends, FastAPI, Response
    >>> from descope_ml import DescopeClientAsync
    >>> from descope_ml.fastapi import require_session, set_cookies, verified
    >>> app, client = FastAPI(), DescopeClientAsync()
    >>> @app.get("/verify")  # Where the link leads.
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
from descope_ml.web import (
    RefusedError,
    Rights,
    clear_cookies,
    follow_async,
    let_in_async,
    session_token,
    set_cookies,
)

__all__ = ["clear_cookies", "require_session", "set_cookies", "verified"]

_Dependency = Callable[[Request], Coroutine[Any, Any, dict[str, Any]]]


def verified(client: DescopeClientAsync) -> _Dependency:
    """A dependency: the token of the link that led here, verified.

    Args:
        client: The client to verify it with.

    Returns:
        For `Depends`: what `MagicLink.verify` returns, or an answer of 401, 429, 502 or 503.
    """

    async def login(request: Request) -> dict[str, Any]:
        try:
            return await follow_async(client, request.query_params.get("t"))
        except RefusedError as refused:
            raise _answer(refused) from refused

    return login


def require_session(
    client: DescopeClientAsync,
    *,
    permissions: str | Iterable[str] = (),
    roles: str | Iterable[str] = (),
    tenant: str = "",
    session_cookie: str = SESSION_COOKIE_NAME,
) -> _Dependency:
    """A dependency: the session of the request, by `Authorization: Bearer` or its cookie.

    Args:
        client: The client to check it with.
        permissions: What it must grant.
        roles: Which it must grant.
        tenant: Where it must grant them, and the user be; else outside of tenants.
        session_cookie: What the cookie with the session token is called.

    Returns:
        For `Depends`: what `validate_session` returns, or an answer of 401, 403, 429, 502 or 503.
    """
    rights = Rights(permissions, roles, tenant)

    async def session(request: Request) -> dict[str, Any]:
        authorization = request.headers.get("Authorization")
        token = session_token(authorization, request.cookies, session_cookie)
        try:
            return await let_in_async(client, token, rights)
        except RefusedError as refused:
            raise _answer(refused) from refused

    return session


def _answer(refused: RefusedError) -> HTTPException:
    return HTTPException(refused.status, refused.detail, refused.headers)
