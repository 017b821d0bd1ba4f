"""Helpers for Django: the token of a link, and sessions with their rights for views.

Example:
    >>> from descope_ml import DescopeClient
    >>> from descope_ml.django import require_session, set_cookies, verified
    >>> client = DescopeClient()
    >>> @verified(client)  # The view that the link leads to.
    ... def verify(request):
    ...     response = redirect("/books")
    ...     set_cookies(response, request.descope_login)
    ...     return response
    >>> @require_session(client, roles="reader")
    ... def books(request):
    ...     return HttpResponse(f"the books of {request.descope_session['userId']}")
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpResponse  # type: ignore[import-untyped]

from descope_ml.client import DescopeClient
from descope_ml.client_async import DescopeClientAsync
from descope_ml.constants import SESSION_COOKIE_NAME
from descope_ml.web import (
    RefusedError,
    Rights,
    clear_cookies,
    follow,
    follow_async,
    let_in,
    let_in_async,
    session_token,
    set_cookies,
)

__all__ = ["clear_cookies", "require_session", "set_cookies", "verified"]

_View = Callable[..., Any]


def verified(client: DescopeClient | DescopeClientAsync) -> Callable[[_View], _View]:
    """Decorates the view that links lead to: it is reached with the token verified.

    What `MagicLink.verify` returns is `request.descope_login`; otherwise the request is answered
    with 401, 429, 502 or 503.

    Args:
        client: The client to verify it with: a `DescopeClientAsync` for a view that is a
            coroutine.

    Returns:
        The decorator.
    """

    def check(request: Any) -> Any:
        token = request.GET.get("t")
        if isinstance(client, DescopeClientAsync):
            return follow_async(client, token)
        return follow(client, token)

    return _decorator(client, "descope_login", check)


def require_session(
    client: DescopeClient | DescopeClientAsync,
    *,
    permissions: str | Iterable[str] = (),
    roles: str | Iterable[str] = (),
    tenant: str = "",
    session_cookie: str = SESSION_COOKIE_NAME,
) -> Callable[[_View], _View]:
    """Decorates a view: it is reached with a session, by `Authorization: Bearer` or its cookie.

    The session is what `validate_session` returns, as `request.descope_session`. Without one the
    request is answered with 401, without a right with 403, and with 429, 502 or 503 when it could
    not be checked.

    Args:
        client: The client to check it with: a `DescopeClientAsync` for a view that is a coroutine.
        permissions: What it must grant.
        roles: Which it must grant.
        tenant: Where it must grant them, and the user be; else outside of tenants.
        session_cookie: What the cookie with the session token is called.

    Returns:
        The decorator.
    """
    rights = Rights(permissions, roles, tenant)

    def check(request: Any) -> Any:
        authorization = request.headers.get("Authorization")
        token = session_token(authorization, request.COOKIES, session_cookie)
        if isinstance(client, DescopeClientAsync):
            return let_in_async(client, token, rights)
        return let_in(client, token, rights)

    return _decorator(client, "descope_session", check)


def _decorator(
    client: DescopeClient | DescopeClientAsync, name: str, check: Callable[[Any], Any]
) -> Callable[[_View], _View]:
    """Decorates a view: it is reached with what a check has returned, as an attribute."""

    def decorate(view: _View) -> _View:
        is_async = inspect.iscoroutinefunction(view)
        if is_async is not isinstance(client, DescopeClientAsync):
            needed = "DescopeClientAsync" if is_async else "DescopeClient"
            message = f"the view {view.__qualname__} needs a {needed}"
            raise TypeError(message)

        @functools.wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                setattr(request, name, check(request))
            except RefusedError as refused:
                return _answer(refused)
            return view(request, *args, **kwargs)

        @functools.wraps(view)
        async def guarded_async(request: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                setattr(request, name, await check(request))
            except RefusedError as refused:
                return _answer(refused)
            return await view(request, *args, **kwargs)

        return guarded_async if is_async else guarded

    return decorate


def _answer(refused: RefusedError) -> Any:
    answer = HttpResponse(refused.detail, status=refused.status, content_type="text/plain")
    for name, value in refused.headers.items():
        answer[name] = value
    return answer
