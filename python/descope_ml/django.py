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
import inspect
from collections.abc import Callable, Iterable, Iterator
from http.cookies import Morsel
from typing import Any, cast

from django.core.handlers.base import BaseHandler  # type: ignore[import-untyped]
from django.http import HttpResponse, QueryDict  # type: ignore[import-untyped]

from descope_ml.client import DescopeClient
from descope_ml.client_async import DescopeClientAsync
from descope_ml.constants import SESSION_COOKIE_NAME
from descope_ml.landing import (
    LandingPage,
    LandingRequest,
    LandingResponse,
    is_small_form,
    respond,
    respond_async,
)
from descope_ml.landing_page import LandingTexts, LandingView
from descope_ml.web_cookies import clear_cookies, set_cookies
from descope_ml.web_errors import AuthFailure, no_locals_in_errors
from descope_ml.web_frameworks import (
    Requirements,
    authenticate,
    authenticate_async,
    check_method,
    session_token,
    verify_link,
    verify_link_async,
)
from descope_ml.web_responses import MappingHeaders, ResponseChanges

__all__ = [
    "LandingPage",
    "LandingTexts",
    "LandingView",
    "clear_cookies",
    "landing_view",
    "require_session",
    "set_cookies",
    "verified",
]

_View = Callable[..., Any]


def landing_view(
    client: DescopeClient | DescopeClientAsync, page: LandingPage | None = None
) -> _View:
    """The page that the link opens. GET and HEAD show a button, and its POST verifies the token.

    The POST sets the session cookies and redirects. A link that does not work gets a page with
    status 401 that offers a new one. The page has its own protection against cross-site requests
    and is exempt from Django's, which rejects forms of pages with its referrer policy.

    Args:
        client: The client that verifies the token. With a `DescopeClientAsync`, the view is async.
        page: What the page shows and where it leads. Default: the path `/`, English texts.

    Returns:
        A view for `path`.
    """
    shown = page or LandingPage()
    if isinstance(client, DescopeClientAsync):
        return _async_landing(client, shown)
    return _landing(client, shown)


def verified(client: DescopeClient | DescopeClientAsync) -> Callable[[_View], _View]:
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

    def check(request: Any) -> Any:
        check_method(request.method)
        token = request.GET.get("t")
        if isinstance(client, DescopeClientAsync):
            return verify_link_async(client, token)
        return verify_link(client, token)

    return _decorator(client, "descope_login", check)


def require_session(
    client: DescopeClient | DescopeClientAsync,
    *,
    permissions: str | Iterable[str] = (),
    roles: str | Iterable[str] = (),
    tenant: str = "",
    session_cookie: str = SESSION_COOKIE_NAME,
) -> Callable[[_View], _View]:
    """Decorates a view that requires a session, from `Authorization: Bearer` or from the cookie.

    The view finds the result of `validate_session` in `request.descope_session`. Without a valid
    session the response is 401, without a required permission or role 403. If the session cannot be
    validated, it is 429, 502 or 503.

    Args:
        client: The client that validates the session: a `DescopeClientAsync` for an `async def`
            view.
        permissions: Required permissions; the session must have all of them.
        roles: Required roles; the session must have all of them.
        tenant: The tenant that the user must be in, and in which the session must have them.
            Default: project-level permissions and roles.
        session_cookie: The name of the cookie with the session token.

    Returns:
        The decorator.
    """
    required = Requirements(permissions, roles, tenant)

    def check(request: Any) -> Any:
        _response_changes(request).is_guarded = True
        authorization = request.headers.get("Authorization")
        token = session_token(authorization, request.COOKIES, session_cookie)
        if isinstance(client, DescopeClientAsync):
            return authenticate_async(client, token, required)
        return authenticate(client, token, required)

    return _decorator(client, "descope_session", check)


def _decorator(
    client: DescopeClient | DescopeClientAsync, name: str, check: Callable[[Any], Any]
) -> Callable[[_View], _View]:
    """Decorates a view: runs `check` first and stores its result as `request.<name>`."""

    def decorate(view: _View) -> _View:
        is_async = inspect.iscoroutinefunction(view)
        if is_async is not isinstance(client, DescopeClientAsync):
            needed = "DescopeClientAsync" if is_async else "DescopeClient"
            message = f"the view {view.__qualname__} needs a {needed}"
            raise TypeError(message)

        @functools.wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                with no_locals_in_errors():
                    setattr(request, name, check(request))
            except AuthFailure as failure:
                return _refusal(request, failure)
            return _changed(request, view(request, *args, **kwargs))

        @functools.wraps(view)
        async def guarded_async(request: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                with no_locals_in_errors():
                    setattr(request, name, await check(request))
            except AuthFailure as failure:
                return _refusal(request, failure)
            return _changed(request, await view(request, *args, **kwargs))

        return guarded_async if is_async else guarded

    _watch_responses()
    return decorate


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


def _refusal(request: Any, failure: AuthFailure) -> Any:
    _response_changes(request).is_refusal = True
    response = HttpResponse(failure.detail, status=failure.status, content_type="text/plain")
    for name, value in failure.headers.items():
        response[name] = value
    return _changed(request, response)


class _Headers(MappingHeaders):
    """The headers of a response of Django, which keeps cookies apart."""

    def __init__(self, response: Any) -> None:
        super().__init__(response.headers)
        self._cookies = response.cookies

    def values(self, name: str) -> list[str]:
        if name == "Set-Cookie":
            return [cookie.OutputString() for cookie in self._cookies.values()]
        return super().values(name)

    def add_cookie(self, cookie: Morsel[str]) -> None:
        # Django sends all values of this dictionary. Its keys are of no use if there are several
        # cookies of one name, which differ in domain or path.
        self._cookies[cookie.OutputString() if cookie.key in self._cookies else cookie.key] = cookie


def _response_changes(request: Any) -> ResponseChanges:
    """The changes to the response to a request."""
    # Django REST framework wraps the request.
    attributes = vars(getattr(request, "_request", request))
    changes: ResponseChanges = attributes.setdefault("_descope_changes", ResponseChanges())
    return changes


def _changed(request: Any, response: Any) -> Any:
    _response_changes(request).apply(_Headers(response))
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
