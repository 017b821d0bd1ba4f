"""Helpers for Flask: verify a magic link in a view, and require a session for a view.

Example:
    >>> from flask import Flask, g, make_response
    >>> from descope_ml import DescopeClient
    >>> from descope_ml.flask import require_session, set_cookies, verified
    >>> app, client = Flask("books"), DescopeClient()
    >>> @app.get("/verify")  # The URL of the link.
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
from descope_ml.web_frameworks import (
    AuthFailure,
    Requirements,
    authenticate,
    clear_cookies,
    session_token,
    set_cookies,
    verify_link,
)

__all__ = ["clear_cookies", "require_session", "set_cookies", "verified"]

_View = TypeVar("_View", bound=Callable[..., Any])


def verified(client: DescopeClient) -> dict[str, Any]:
    """Verifies the token of the link, the query parameter `t`. Call it in the view of the link.

    Args:
        client: The client that verifies the token.

    Returns:
        The result of `MagicLink.verify`. On failure it aborts the request with 401, 429, 502 or
        503.
    """
    try:
        return verify_link(client, request.args.get("t"))
    except AuthFailure as failure:
        _abort(failure)


def require_session(
    client: DescopeClient,
    *,
    permissions: str | Iterable[str] = (),
    roles: str | Iterable[str] = (),
    tenant: str = "",
    session_cookie: str = SESSION_COOKIE_NAME,
) -> Callable[[_View], _View]:
    """Decorates a view that requires a session, from `Authorization: Bearer` or from the cookie.

    The view finds the result of `validate_session` in `flask.g.descope_session`. Without a valid
    session the response is 401, without a required permission or role 403. If the session cannot be
    validated, it is 429, 502 or 503.

    Args:
        client: The client that validates the session.
        permissions: Required permissions; the session must have all of them.
        roles: Required roles; the session must have all of them.
        tenant: The tenant that the user must be in, and in which the session must have them.
            Default: project-level permissions and roles.
        session_cookie: The name of the cookie with the session token.

    Returns:
        The decorator. It can decorate an `async def` view.
    """
    required = Requirements(permissions, roles, tenant)

    def decorate(view: _View) -> _View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            authorization = request.headers.get("Authorization")
            token = session_token(authorization, request.cookies, session_cookie)
            try:
                g.descope_session = authenticate(client, token, required)
            except AuthFailure as failure:
                _abort(failure)
            return current_app.ensure_sync(view)(*args, **kwargs)

        return guarded  # type: ignore[return-value]

    return decorate


def _abort(failure: AuthFailure) -> NoReturn:
    abort(Response(failure.detail, failure.status, failure.headers, mimetype="text/plain"))
