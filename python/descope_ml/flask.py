"""Helpers for Flask: the token of a link, and sessions with their rights for views.

Example:
    >>> from flask import Flask, g, make_response
    >>> from descope_ml import DescopeClient
    >>> from descope_ml.flask import require_session, set_cookies, verified
    >>> app, client = Flask("books"), DescopeClient()
    >>> @app.get("/verify")  # Where the link leads.
    ... def verify():
    ...     login = verified(client)
    ...     response = make_response("welcome")
    ...     set_cookies(response, login)
    ...     return response
    >>> @app.get("/books")
    ... @require_session(client, roles="reader")
    ... def books() -> str:
    ...     return f"the books of {g.descope_session['userId']}"
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, NoReturn, TypeVar

from flask import Response, abort, current_app, g, request

from descope_ml.client import DescopeClient
from descope_ml.constants import SESSION_COOKIE_NAME
from descope_ml.web import (
    RefusedError,
    Rights,
    clear_cookies,
    follow,
    let_in,
    session_token,
    set_cookies,
)

__all__ = ["clear_cookies", "require_session", "set_cookies", "verified"]

_View = TypeVar("_View", bound=Callable[..., Any])


def verified(client: DescopeClient) -> dict[str, Any]:
    """The token of the link that led to this view, verified; to be called in the view.

    Args:
        client: The client to verify it with.

    Returns:
        What `MagicLink.verify` returns; otherwise the request is answered with 401, 429, 502 or
        503.
    """
    try:
        return follow(client, request.args.get("t"))
    except RefusedError as refused:
        _answer(refused)


def require_session(
    client: DescopeClient,
    *,
    permissions: str | Iterable[str] = (),
    roles: str | Iterable[str] = (),
    tenant: str = "",
    session_cookie: str = SESSION_COOKIE_NAME,
) -> Callable[[_View], _View]:
    """Decorates a view: it is reached with a session, by `Authorization: Bearer` or its cookie.

    The session is what `validate_session` returns, as `flask.g.descope_session`. Without one the
    request is answered with 401, without a right with 403, and with 429, 502 or 503 when it could
    not be checked.

    Args:
        client: The client to check it with.
        permissions: What it must grant.
        roles: Which it must grant.
        tenant: Where it must grant them, and the user be; else outside of tenants.
        session_cookie: What the cookie with the session token is called.

    Returns:
        The decorator; a view that is a coroutine stays one.
    """
    rights = Rights(permissions, roles, tenant)

    def decorate(view: _View) -> _View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            authorization = request.headers.get("Authorization")
            token = session_token(authorization, request.cookies, session_cookie)
            try:
                g.descope_session = let_in(client, token, rights)
            except RefusedError as refused:
                _answer(refused)
            return current_app.ensure_sync(view)(*args, **kwargs)

        return guarded  # type: ignore[return-value]

    return decorate


def _answer(refused: RefusedError) -> NoReturn:
    abort(Response(refused.detail, refused.status, refused.headers, mimetype="text/plain"))
