"""Helpers for Django: the page of a magic link, and a decorator that requires a session.

Example:
    >>> from django.urls import path
    >>> from descope_ml import DescopeClient
    >>> from descope_ml.django import LandingPage, landing_view, require_session
    >>> client = DescopeClient()
    >>> page = LandingPage(redirect_to="/books", new_link="/sign-in")
    >>> urlpatterns = [path("verify", landing_view(client, page))]  # The URL of the link.
    >>> @require_session(client, roles="reader")
    ... def books(request):
    ...     return HttpResponse(f"the books of {request.descope_session['userId']}")
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Union, cast

from asgiref.sync import iscoroutinefunction
from django.core.handlers.base import BaseHandler  # type: ignore[import-untyped]
from django.http import HttpResponse, QueryDict  # type: ignore[import-untyped]

from descope_ml.client import DescopeClient
from descope_ml.client_async import DescopeClientAsync
from descope_ml.landing import (
    LandingPage,
    LandingRequest,
    LandingResponse,
    respond,
    respond_async,
    with_cookies,
)
from descope_ml.landing_forms import is_small_form
from descope_ml.landing_page import LandingTexts, LandingView
from descope_ml.web_auth import WebAuth, is_async
from descope_ml.web_cookie_settings import CookieSettings
from descope_ml.web_cookies import clear_cookies, set_cookies
from descope_ml.web_errors import AuthFailure, no_locals_in_errors
from descope_ml.web_guard import Steps, await_call, run, run_async
from descope_ml.web_guard import sign_out as sign_out_steps
from descope_ml.web_links import check_method, verification
from descope_ml.web_requests import WebRequest
from descope_ml.web_responses import ResponseChanges, headers_of

__all__ = [
    "CookieSettings",
    "DescopeAuth",
    "LandingPage",
    "LandingTexts",
    "LandingView",
    "clear_cookies",
    "landing_view",
    "require_session",
    "set_cookies",
    "sign_out",
    "verified",
]

_AnyClient = Union[DescopeClient, DescopeClientAsync]
_View = Callable[..., Any]


def landing_view(client: _AnyClient | DescopeAuth, page: LandingPage | None = None) -> _View:
    """The page that the link opens. GET and HEAD show a button, and its POST verifies the token.

    The POST sets the session cookies and redirects. A link that does not work gets a page with
    status 401 that offers a new one. The page has its own protection against cross-site requests
    and is exempt from Django's, which rejects forms of pages with its referrer policy.

    Args:
        client: The client that verifies the token. With a `DescopeClientAsync`, the view is async.
            Or the object of the application.
        page: What the page shows and where it leads. Default: the path `/`, English texts.

    Returns:
        A view for `path`.
    """
    auth = _auth(client)
    make = _async_landing if is_async(auth.client) else _landing
    return make(auth.client, with_cookies(page, auth.cookies))


def verified(client: _AnyClient | DescopeAuth) -> Callable[[_View], _View]:
    """Decorates the view of the link. Verifies its token, the query parameter `t`.

    Every GET of the link spends its token. Mail scanners, previews of messengers and browsers that
    prefetch send GET too, and then the user's click gets 401. `landing_view` shows a page first.
    Other methods than GET and POST, such as HEAD, get 405 and spend nothing.

    The view finds the result of `MagicLink.verify` in `request.descope_login`. On failure the view
    is not called and the response is 401, 429, 502 or 503.

    Args:
        client: The client that verifies the token: a `DescopeClientAsync` for an `async def` view.

    Returns:
        The decorator.

    Example:
        >>> client = DescopeClient()
        >>> @verified(client)
        ... def verify(request):
        ...     response = HttpResponse("welcome")
        ...     set_cookies(response, request.descope_login)
        ...     return response
    """
    auth = _auth(client)

    def check(request: Any) -> Steps[Any]:
        check_method(request.method)
        return (yield from verification(auth.client, request.GET.get("t")))

    return _decorator(auth, "descope_login", check)


def require_session(
    client: _AnyClient | DescopeAuth,
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

    The view finds the result of `validate_session` in `request.descope_session`. Without a valid
    session the response is 401, without a required permission or role 403. If the session cannot be
    validated, it is 429, 502 or 503.

    Args:
        client: The client that validates the session: a `DescopeClientAsync` for an `async def`
            view. Or the object of the application.
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
        The decorator.
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

    def check(request: Any) -> Steps[Any]:
        return guard.check(_web_request(request), _response_changes(request))

    return _decorator(auth, "descope_session", check)


def sign_out(client: _AnyClient | DescopeAuth) -> Callable[[_View], _View]:
    """Decorates a view: signs the user out first, at the service, and in the browser in any case.

    Whatever response goes out clears the cookies.

    Args:
        client: The client that ends the session: a `DescopeClientAsync` for an `async def` view. Or
            the object of the application.

    Returns:
        The decorator.

    Example:
        >>> from django.shortcuts import redirect
        >>> from django.views.decorators.http import require_POST
        >>> client = DescopeClient()
        >>> @require_POST
        ... @sign_out(client)
        ... def signed_out(request):
        ...     return redirect("/")
    """
    auth = _auth(client)

    def end(request: Any) -> Steps[Any]:
        return sign_out_steps(
            auth.client, auth.cookies, _web_request(request), _response_changes(request)
        )

    return _decorator(auth, "descope_session", end)


class DescopeAuth(WebAuth):
    """What an application settles once: the client, the cookies, and what a refusal looks like.

    `refusal` takes the request and the refusal, and returns a response. Default: a text.

    Example:
        >>> from django.http import HttpResponse
        >>> auth = DescopeAuth(DescopeClient(), cookies=CookieSettings(domain=""))
        >>> @auth.require_session(roles="reader")
        ... def books(request):
        ...     return HttpResponse(f"the books of {request.descope_session['userId']}")
    """

    def require_session(self, **rule: Any) -> Callable[[_View], _View]:
        """Decorates a view that requires a session: with the parameters of `require_session`."""
        return require_session(self, **rule)

    def verified(self) -> Callable[[_View], _View]:
        """Decorates the view of the link. See the function `verified`."""
        return verified(self)

    def sign_out(self) -> Callable[[_View], _View]:
        """Decorates a view that signs the user out. See the function `sign_out`."""
        return sign_out(self)


def _auth(client: _AnyClient | DescopeAuth) -> DescopeAuth:
    _watch_responses()
    return client if isinstance(client, DescopeAuth) else DescopeAuth(client)


def _decorator(
    auth: DescopeAuth, name: str, check: Callable[[Any], Steps[Any]]
) -> Callable[[_View], _View]:
    """Decorates a view: runs `check` first and stores its result as `request.<name>`."""

    def decorate(view: _View) -> _View:
        is_async_view = iscoroutinefunction(view)
        if is_async_view is not is_async(auth.client):
            needed = "DescopeClientAsync" if is_async_view else "DescopeClient"
            message = f"the view {view.__qualname__} needs a {needed}"
            raise TypeError(message)

        @functools.wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                with no_locals_in_errors():
                    setattr(request, name, run(check(request)))
            except AuthFailure as failure:
                return _refusal(auth, request, failure)
            return _changed(request, view(request, *args, **kwargs))

        @functools.wraps(view)
        async def guarded_async(request: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                with no_locals_in_errors():
                    setattr(request, name, await run_async(check(request), await_call))
            except AuthFailure as failure:
                return _refusal(auth, request, failure)
            return _changed(request, await view(request, *args, **kwargs))

        return guarded_async if is_async_view else guarded

    return decorate


def _web_request(request: Any) -> WebRequest:
    return WebRequest(
        authorization=request.headers.get("Authorization", ""),
        cookie_header=request.META.get("HTTP_COOKIE", ""),
        cookies=request.COOKIES,
        host=request.META.get("HTTP_HOST", ""),
        path=request.path,
    )


def _landing(client: DescopeClient, page: LandingPage) -> _View:
    def landing(request: Any) -> Any:
        with _no_link_in_errors(request):
            return _landing_response(respond(client, page, _landing_request(request)))

    return _csrf_exempt(landing)


def _async_landing(client: DescopeClientAsync, page: LandingPage) -> _View:
    async def landing(request: Any) -> Any:
        with _no_link_in_errors(request):
            return _landing_response(await respond_async(client, page, _landing_request(request)))

    return _csrf_exempt(landing)


def _csrf_exempt(view: Any) -> _View:
    # Django 4.2 has no decorator for this that works with async views.
    view.csrf_exempt = True
    return cast(_View, view)


@contextlib.contextmanager
def _no_link_in_errors(request: Any) -> Iterator[None]:
    """Keeps the token out of Django's error reports, which show the request."""
    # For errors of middleware, later on.
    request.sensitive_post_parameters = "__ALL__"
    try:
        yield
    except Exception:
        request.GET = request.POST = QueryDict()
        request.META["QUERY_STRING"] = ""
        # The whole URL, from uWSGI and gunicorn.
        for name in ("REQUEST_URI", "RAW_URI"):
            request.META.pop(name, None)
        raise


def _landing_request(request: Any) -> LandingRequest:
    length = request.META.get("CONTENT_LENGTH") or ""
    content_length = int(length) if length.isdecimal() else None
    is_small = is_small_form(request.method, request.content_type, content_length)
    return LandingRequest(
        method=request.method,
        is_secure=request.is_secure(),
        query=request.GET,
        form=request.POST if is_small else {},
        cookies=request.COOKIES,
        headers=request.headers,
    )


def _landing_response(answer: LandingResponse) -> Any:
    response = HttpResponse(answer.body, status=answer.status)
    answer.finish(response)
    return response


def _refusal(auth: DescopeAuth, request: Any, failure: AuthFailure) -> Any:
    _response_changes(request).is_refusal = True
    if auth.refusal is not None:
        return _changed(request, auth.refusal(request, failure))
    response = HttpResponse(failure.detail, status=failure.status, content_type="text/plain")
    for name, value in failure.headers.items():
        response[name] = value
    return _changed(request, response)


def _response_changes(request: Any) -> ResponseChanges:
    """The changes to the response to a request."""
    # Django REST framework wraps the request.
    attributes = vars(getattr(request, "_request", request))
    changes: ResponseChanges = attributes.setdefault("_descope_changes", ResponseChanges())
    return changes


def _changed(request: Any, response: Any) -> Any:
    _response_changes(request).apply(headers_of(response))
    return response


@functools.cache
def _watch_responses() -> None:
    """Makes Django apply what guards change also in the responses that it makes for exceptions.

    A decorator sees only exceptions there. It must not convert them itself: transactions are rolled
    back because of them, and other middleware handles them.
    """
    get_response, get_response_async = BaseHandler.get_response, BaseHandler.get_response_async

    @functools.wraps(get_response)
    def changed(self: Any, request: Any) -> Any:
        return _changed(request, get_response(self, request))

    @functools.wraps(get_response_async)
    async def changed_async(self: Any, request: Any) -> Any:
        return _changed(request, await get_response_async(self, request))

    BaseHandler.get_response, BaseHandler.get_response_async = changed, changed_async
