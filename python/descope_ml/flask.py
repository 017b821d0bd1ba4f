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
from typing import Any, NoReturn, TypeVar

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    g,
    request,
)
from werkzeug.exceptions import HTTPException, default_exceptions

from descope_ml.client import DescopeClient
from descope_ml.flask_decorators import (
    descope_full_login,
    descope_logout,
    descope_signin_magiclink_by_email,
    descope_signup_magiclink_by_email,
    descope_validate_auth,
    descope_verify_magiclink_token,
    set_cookie_on_response,
)
from descope_ml.flask_responses import refuse_outer_cache, response_changes
from descope_ml.landing import (
    METHODS,
    LandingPage,
    LandingRequest,
    respond,
    with_cookies,
)
from descope_ml.landing_forms import is_small_form
from descope_ml.landing_page import LandingTexts, LandingView
from descope_ml.web.auth import WebAuth
from descope_ml.web.cookie_settings import CookieSettings
from descope_ml.web.cookies import clear_cookies, set_cookies
from descope_ml.web.errors import NO_CONTENT, AuthFailure
from descope_ml.web.guard import is_async, run
from descope_ml.web.guard import sign_out as sign_out_steps
from descope_ml.web.links import check_request, verification
from descope_ml.web.requests import WebRequest

__all__ = [
    "CookieSettings",
    "DescopeAuth",
    "LandingPage",
    "LandingTexts",
    "LandingView",
    "clear_cookies",
    "descope_full_login",
    "descope_logout",
    "descope_signin_magiclink_by_email",
    "descope_signup_magiclink_by_email",
    "descope_validate_auth",
    "descope_verify_magiclink_token",
    "landing_blueprint",
    "require_session",
    "set_cookie_on_response",
    "set_cookies",
    "sign_out",
    "verified",
]

_View = TypeVar("_View", bound=Callable[..., Any])


def landing_blueprint(
    client: DescopeClient | DescopeAuth,
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
        client: The client that verifies the token, or the extension of the app.
        page: What the page shows and where it leads. Default: the path `/`, English texts.
        path: The path of the page.
        name: The name of the blueprint. Each blueprint of an app needs its own.

    Returns:
        For `app.register_blueprint`.
    """
    auth = _auth(client)
    blueprint, page = Blueprint(name, __name__), with_cookies(page, auth.cookies)

    @blueprint.route(path, methods=METHODS)
    def landing() -> Response:
        answer = respond(
            auth.client,
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


def verified(client: DescopeClient | DescopeAuth) -> dict[str, Any]:
    """Verifies the token of the link, the query parameter `t`. Call it in the view of the link.

    Every GET of the link spends its token. Mail scanners, previews of messengers and browsers that
    prefetch send GET too, and then the user's click gets 401. `landing_blueprint` shows a page
    first. Other methods than GET and POST, such as HEAD, get 405 and spend nothing. A
    browser that says that it prefetches gets 204.

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
    auth = _auth(client)
    try:
        check_request(request.method, request.headers)
        return run(verification(auth.client, request.args.get("t")))
    except AuthFailure as failure:
        _abort(auth, failure)


def require_session(
    client: DescopeClient | DescopeAuth,
    *,
    permissions: str | Iterable[str] = (),
    roles: str | Iterable[str] = (),
    tenant: str = "",
    session_cookie: str = "",
    refresh: bool = True,
    optional: bool = False,
    audience: str | Iterable[str] | None = None,
    remote: bool = False,
) -> Callable[[_View], _View]:
    """Decorates a view that requires a session, from `Authorization: Bearer` or from the cookies.

    If the session token in the cookie is missing, has expired or cannot be verified, the session is
    refreshed with the token of the refresh cookie, and the response sets the new cookies. A
    `Bearer` that is not valid is refused, also beside good cookies: a client that names its token
    must not act as another user.

    The view finds the result of `validate_session` in `flask.g.descope_session`. Without a valid
    session the response is 401, without a required permission or role 403: the app's error handlers
    see them. If the session cannot be validated, it is 429, 502 or 503. The preflight request of
    CORS, which has no cookies, is not refused.

    Args:
        client: The client that validates the session, or the extension of the app.
        permissions: Required permissions; the session must have all of them.
        roles: Required roles; the session must have all of them.
        tenant: The tenant that the user must be in, and in which the session must have them.
            Default: project-level permissions and roles.
        session_cookie: The name of the cookie with the session token. Default: what the project
            says; else `DS`.
        refresh: Whether an expired session is refreshed.
        optional: Whether the page is also for those who are not signed in: the session is None
            then.
        audience: Accepted audiences of the session token; at least one must match.
        remote: Whether the service is asked at each request. It knows sessions that were ended.

    Returns:
        The decorator. It can decorate an `async def` view.
    """
    auth = _auth(client)
    guard = auth._guard(  # noqa: SLF001 - of its base class, which is shared
        permissions=permissions,
        roles=roles,
        tenant=tenant,
        session_cookie=session_cookie,
        refresh=refresh,
        optional=optional,
        audience=audience,
        remote=remote,
    )

    def decorate(view: _View) -> _View:
        @functools.wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if _is_preflight():
                return current_app.make_default_options_response()
            refuse_outer_cache(guarded)
            try:
                g.descope_session = run(guard.check(_web_request(), response_changes()))
            except AuthFailure as failure:
                _abort(auth, failure)
            return current_app.ensure_sync(view)(*args, **kwargs)

        return guarded  # type: ignore[return-value]

    return decorate


def sign_out(client: DescopeClient | DescopeAuth) -> None:
    """Signs the user out: at the service, and in the browser in any case. Call it in a view.

    Whatever response goes out clears the cookies.

    Args:
        client: The client that ends the session, or the extension of the app.

    Example:
        >>> from flask import Flask, redirect
        >>> app, client = Flask("books"), DescopeClient()
        >>> @app.post("/sign-out")
        ... def signed_out():
        ...     sign_out(client)
        ...     return redirect("/", 303)
    """
    auth = _auth(client)
    run(sign_out_steps(auth.client, auth.cookies, _web_request(), response_changes()))


class DescopeAuth(WebAuth):
    """The extension: the client, the cookies, and what a refusal looks like, for a whole app.

    `refusal` takes the refusal and returns a response. Default: the response of the app's error
    handler for 401 or 403, if it has one; else a text.

    Example:
        >>> from flask import Flask, g
        >>> from descope_ml import DescopeClient
        >>> from descope_ml.flask import CookieSettings, DescopeAuth
        >>> auth = DescopeAuth(cookies=CookieSettings(domain=""))
        >>> @auth.require_session(roles="reader")
        ... def books() -> str:
        ...     return f"the books of {g.descope_session['userId']}"
        >>> app = Flask("books")
        >>> auth.init_app(app, DescopeClient())
        >>> app.add_url_rule("/books", view_func=books)
    """

    def init_app(self, app: Flask, client: DescopeClient | None = None) -> None:
        """Registers the extension as `app.extensions["descope"]`.

        Args:
            app: The app.
            client: The client. Default: the one of the constructor; else one with the settings of
                the environment.
        """
        if client is not None or self._client is None:
            self._set_client(client or DescopeClient())
        app.extensions["descope"] = self

    def _set_client(self, client: Any) -> None:
        super()._set_client(client)
        if is_async(client):
            raise TypeError("Flask needs a DescopeClient, not a DescopeClientAsync")

    def require_session(self, **rule: Any) -> Callable[[_View], _View]:
        """Decorates a view that requires a session: with the parameters of `require_session`."""
        return require_session(self, **rule)

    def verified(self) -> dict[str, Any]:
        """Verifies the token of the link. See the function `verified`."""
        return verified(self)

    def sign_out(self) -> None:
        """Signs the user out. See the function `sign_out`."""
        sign_out(self)


def _auth(client: DescopeClient | DescopeAuth) -> DescopeAuth:
    return client if isinstance(client, DescopeAuth) else DescopeAuth(client)


def _web_request() -> WebRequest:
    return WebRequest(
        authorization=request.headers.get("Authorization", ""),
        cookie_header=request.headers.get("Cookie", ""),
        host=request.host,
        path=request.path,
    )


def _is_preflight() -> bool:
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers


def _abort(auth: DescopeAuth, failure: AuthFailure) -> NoReturn:
    response_changes().is_refusal = True
    if failure.status == NO_CONTENT:
        abort(Response(status=NO_CONTENT))
    if auth.refusal is not None:
        abort(auth.refusal(failure))
    raise _refusal_class(failure.status)(failure)


@functools.cache
def _refusal_class(status: int) -> Callable[[AuthFailure], HTTPException]:
    """The exception for a status, by whose class Flask finds the app's error handler."""
    base: Any = default_exceptions[status]

    class Refusal(base):  # type: ignore[misc]
        """The refusal as a text."""

        def __init__(self, failure: AuthFailure) -> None:
            super().__init__(failure.detail)
            self._more_headers = failure.headers

        def get_body(self, *_: object) -> str:
            return str(self.description)

        def get_headers(self, *_: object) -> list[tuple[str, str]]:
            return [("Content-Type", "text/plain; charset=utf-8"), *self._more_headers.items()]

    return Refusal
