"""Helpers for Flask: the page of a magic link, and a decorator that requires a session.

Example:
    >>> from flask import Flask, g
    >>> from descope_ml import DescopeClient
    >>> from descope_ml.flask import LandingPage, landing_blueprint, require_session
    >>> app, client = Flask("books"), DescopeClient()
    >>> page = LandingPage(redirect_to="/books", new_link="/sign-in")
    >>> app.register_blueprint(landing_blueprint(client, page, path="/verify"))  # The link's URL.
    >>> @app.get("/books")
    ... @require_session(client, roles="reader")
    ... def books() -> str:
    ...     return f"the books of {g.descope_session['userId']}"
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn, TypeVar, cast

from flask import Blueprint, Response, abort, after_this_request, current_app, g, request

from descope_ml.client import DescopeClient
from descope_ml.constants import SESSION_COOKIE_NAME
from descope_ml.landing import METHODS, LandingPage, LandingRequest, is_small_form, respond
from descope_ml.landing_page import LandingTexts, LandingView
from descope_ml.web_cookies import clear_cookies, set_cookies
from descope_ml.web_errors import AuthFailure
from descope_ml.web_frameworks import (
    Requirements,
    authenticate,
    check_method,
    session_token,
    verify_link,
)
from descope_ml.web_responses import MappingHeaders, ResponseChanges

__all__ = [
    "LandingPage",
    "LandingTexts",
    "LandingView",
    "clear_cookies",
    "landing_blueprint",
    "require_session",
    "set_cookies",
    "verified",
]

_View = TypeVar("_View", bound=Callable[..., Any])

_ENVIRON_KEY = "descope_ml.response_changes"


def landing_blueprint(
    client: DescopeClient,
    page: LandingPage | None = None,
    *,
    path: str = "/verify",
    name: str = "descope_landing",
) -> Blueprint:
    """The page that the link opens. GET and HEAD show a button, and its POST verifies the token.

    The POST sets the session cookies and redirects. A link that does not work gets a page with
    status 401 that offers a new one. The page has its own protection against cross-site requests:
    with Flask-WTF, call `csrf.exempt` with the blueprint.

    Args:
        client: The client that verifies the token.
        page: What the page shows and where it leads. Default: the path `/`, English texts.
        path: The path of the page.
        name: The name of the blueprint. Each blueprint of an app needs its own.

    Returns:
        For `app.register_blueprint`.
    """
    blueprint, page = Blueprint(name, __name__), page or LandingPage()

    @blueprint.route(path, methods=METHODS)
    def landing() -> Response:
        answer = respond(
            client,
            page,
            LandingRequest(
                method=request.method,
                is_secure=request.is_secure,
                query=request.args,
                form=_form(),
                cookies=request.cookies,
                headers=request.headers,
            ),
        )
        response = Response(answer.body, answer.status)
        answer.finish(response)
        return response

    return blueprint


def _form() -> Mapping[str, str]:
    is_small = is_small_form(request.method, request.mimetype, request.content_length)
    return request.form if is_small else {}


def verified(client: DescopeClient) -> dict[str, Any]:
    """Verifies the token of the link, the query parameter `t`. Call it in the view of the link.

    Every GET of the link spends its token. Mail scanners, previews of messengers and browsers that
    prefetch send GET too, and then the user's click gets 401. `landing_blueprint` shows a page
    first. Other methods than GET and POST, such as HEAD, get 405 and spend nothing.

    Args:
        client: The client that verifies the token.

    Returns:
        The result of `MagicLink.verify`. On failure it aborts the request with 401, 429, 502 or
        503.

    Example:
        >>> from flask import Flask, make_response
        >>> app, client = Flask("books"), DescopeClient()
        >>> @app.get("/verify")
        ... def verify():
        ...     login = verified(client)
        ...     response = make_response("welcome")
        ...     set_cookies(response, login)
        ...     return response
    """
    try:
        check_method(request.method)
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
            _refuse_outer_cache(guarded)
            _response_changes().is_guarded = True
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
    _response_changes().is_refusal = True
    abort(Response(failure.detail, failure.status, failure.headers, mimetype="text/plain"))


def _response_changes() -> ResponseChanges:
    """The changes to the response to the current request."""
    # Not in `g`, which requests share if an app context was pushed before them.
    known = request.environ.get(_ENVIRON_KEY)
    if known is not None:
        return cast(ResponseChanges, known)
    changes = request.environ[_ENVIRON_KEY] = ResponseChanges()

    @after_this_request
    def apply(response: Response) -> Response:
        changes.apply(MappingHeaders(response.headers))
        return response

    return changes


def _refuse_outer_cache(guarded: Callable[..., Any]) -> None:
    """Refuses `cache.cached()` of Flask-Caching around a guard: its next request skips the guard."""
    view: Any = current_app.view_functions.get(request.endpoint or "")
    is_cached = False
    while view is not None and view is not guarded:
        is_cached = is_cached or hasattr(view, "make_cache_key")
        view = getattr(view, "__wrapped__", None)
    if is_cached and view is guarded:
        message = "put require_session above cache.cached(): the cache would skip the guard"
        raise RuntimeError(message)
