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

import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, Union, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django import conf  # type: ignore[import-untyped]
from django.http import HttpRequest  # type: ignore[import-untyped]
from django.utils.module_loading import import_string  # type: ignore[import-untyped]

from descope_ml.client import DescopeClient
from descope_ml.client_async import DescopeClientAsync
from descope_ml.django_landing import async_landing, landing
from descope_ml.django_requests import await_call, is_async_view, make_call, web_request
from descope_ml.django_responses import (
    changed,
    check_refusal,
    refuse,
    response_changes,
    watch_responses,
)
from descope_ml.landing import LandingPage, with_cookies
from descope_ml.landing_page import LandingTexts, LandingView
from descope_ml.web.auth import WebAuth
from descope_ml.web.cookie_settings import CookieSettings
from descope_ml.web.cookies import clear_cookies, set_cookies
from descope_ml.web.errors import AuthFailure
from descope_ml.web.guard import Steps, is_async, run, run_async
from descope_ml.web.guard import sign_out as sign_out_steps
from descope_ml.web.links import check_request, verification

__all__ = [
    "CookieSettings",
    "DescopeAuth",
    "DescopeMiddleware",
    "DescopeRequest",
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
_V = TypeVar("_V", bound=_View)

_NO_SETTINGS: Mapping[str, Any] = {}
_made_auths: dict[int, tuple[Mapping[str, Any], DescopeAuth]] = {}


def landing_view(
    client: _AnyClient | DescopeAuth | None = None, page: LandingPage | None = None
) -> _View:
    """The page that the link opens. GET and HEAD show a button, and its POST verifies the token.

    The POST sets the session cookies and redirects. A link that does not work gets a page with
    status 401 that offers a new one. The page has its own protection against cross-site requests
    and is exempt from Django's, which rejects forms of pages with its referrer policy.

    Args:
        client: The client that verifies the token. With a `DescopeClientAsync`, the view is async.
            Or the object of the application. Default: the one of the settings.
        page: What the page shows and where it leads. Default: the path `/`, English texts.

    Returns:
        A view for `path`.
    """
    auth = _auth(client)
    make = async_landing if is_async(auth.client) else landing
    return make(auth.client, with_cookies(page, auth.cookies))


def verified(client: _AnyClient | DescopeAuth | None = None) -> Callable[[_V], _V]:
    """Decorates the view of the link. Verifies its token, the query parameter `t`.

    Every GET of the link spends its token. Mail scanners, previews of messengers and browsers that
    prefetch send GET too, and then the user's click gets 401. `landing_view` shows a page first.
    Other methods than GET and POST, such as HEAD, get 405 and spend nothing. A browser that says
    that it prefetches gets 204.

    The view finds the result of `MagicLink.verify` in `request.descope_login`. On failure the view
    is not called and the response is 401, 429, 502 or 503.

    Args:
        client: The client that verifies the token, or the object of the application. Default: the
            one of the settings.

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
        check_request(request.method, request.headers)
        return (yield from verification(auth.client, request.GET.get("t")))

    return _decorator(auth, "descope_login", check)


def require_session(
    client: _AnyClient | DescopeAuth | None = None,
    *,
    permissions: str | Iterable[str] = (),
    roles: str | Iterable[str] = (),
    tenant: str = "",
    session_cookie: str = "",
    refresh: bool = True,
    optional: bool = False,
    audience: str | Iterable[str] | None = None,
    remote: bool = False,
) -> Callable[[_V], _V]:
    """Decorates a view that requires a session, from `Authorization: Bearer` or from the cookies.

    If the session token in the cookie is missing, has expired or cannot be verified, the session is
    refreshed with the token of the refresh cookie, and the response sets the new cookies. A
    `Bearer` that is not valid is refused, also beside good cookies: a client that names its token
    must not act as another user.

    The view finds the result of `validate_session` in `request.descope_session`. Without a valid
    session the response is 401, without a required permission or role 403. If the session cannot be
    validated, it is 429, 502 or 503.

    Args:
        client: The client that validates the session, or the object of the application. Default:
            the one of the settings. The calls of a client that blocks run in a thread if the view
            is async.
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
        return guard.check(web_request(request), response_changes(request))

    return _decorator(auth, "descope_session", check)


def sign_out(client: _AnyClient | DescopeAuth | None = None) -> Callable[[_V], _V]:
    """Decorates a view: signs the user out first, at the service, and in the browser in any case.

    Whatever response goes out clears the cookies.

    Args:
        client: The client that ends the session, or the object of the application. Default: the
            one of the settings.

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
            auth.client, auth.cookies, web_request(request), response_changes(request)
        )

    return _decorator(auth, "descope_session", end)


class DescopeAuth(WebAuth):
    """What an application settles once: the client, the cookies, and what a refusal looks like.

    `refusal` is `text`, `json`, or `redirect`, which redirects who is not signed in to `LOGIN_URL`
    as `login_required` does; or a function that takes the request and the refusal, and returns a
    response.

    Without an object and without a client, decorators use the setting `DESCOPE_ML`, a dictionary:
    `client` is a client, or the dotted path of one (default: a `DescopeClient` with the settings of
    the environment); `cookies` is a dictionary with the attributes of `CookieSettings`; `refusal`
    is as above, or the dotted path of such a function; `refresh_store` is what the processes share
    a refresh by, such as a cache of Django, or the dotted path of it.

    Example:
        >>> from django.http import HttpResponse
        >>> auth = DescopeAuth(DescopeClient(), cookies=CookieSettings(domain=""))
        >>> @auth.require_session(roles="reader")
        ... def books(request):
        ...     return HttpResponse(f"the books of {request.descope_session['userId']}")
    """

    def __init__(
        self,
        client: Any = None,
        *,
        cookies: CookieSettings | None = None,
        refusal: Any = None,
        refresh_store: Any = None,
    ) -> None:
        """Takes the settings. See the class."""
        check_refusal(refusal)
        watch_responses()
        super().__init__(client, cookies=cookies, refusal=refusal, refresh_store=refresh_store)

    def session(self, request: Any, **rule: Any) -> dict[str, Any] | None:
        """The session of a request, with the parameters of `require_session`.

        Args:
            request: The request.
            rule: The parameters.

        Returns:
            The result of `validate_session`; None if there is none and it is `optional`.

        Raises:
            AuthFailure: The request is refused.
        """
        steps = self._guard(**rule).check(web_request(request), response_changes(request))
        return run(steps, make_call)

    def require_session(self, **rule: Any) -> Callable[[_V], _V]:
        """Decorates a view that requires a session: with the parameters of `require_session`."""
        return require_session(self, **rule)

    def verified(self) -> Callable[[_V], _V]:
        """Decorates the view of the link. See the function `verified`."""
        return verified(self)

    def sign_out(self) -> Callable[[_V], _V]:
        """Decorates a view that signs the user out. See the function `sign_out`."""
        return sign_out(self)


class DescopeRequest(HttpRequest):  # type: ignore[misc] # Django has no type hints
    """A request with what this package adds, for the type hint of a view's parameter.

    Attributes:
        descope_session: What `require_session` has found: None if there is none and it is optional.
        descope_login: What `verified` has found.
        descope: The object that `DescopeMiddleware` adds.
        user: The user that `DescopeUserMiddleware` adds.

    Example:
        >>> client = DescopeClient()
        >>> @require_session(client)
        ... def books(request: DescopeRequest) -> HttpResponse:
        ...     return HttpResponse(f"the books of {request.descope_session['userId']}")
    """

    descope_session: Any
    descope_login: dict[str, Any]
    descope: DescopeAuth
    user: Any


class DescopeMiddleware:
    """Middleware that gives each request the object of the setting `DESCOPE_ML`.

    It is `request.descope`, for example for `request.descope.set_cookies(response, login)`.
    """

    sync_capable = async_capable = True

    def __init__(self, get_response: _View) -> None:
        """Reads the setting."""
        self._get_response = get_response
        self._auth = settings_auth()
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: Any) -> Any:
        """Handles a request. The response is awaited if the one of the next layer is."""
        request.descope = self._auth
        return self._get_response(request)


def _auth(client: _AnyClient | DescopeAuth | None) -> DescopeAuth:
    if client is None:
        return settings_auth()
    return client if isinstance(client, DescopeAuth) else DescopeAuth(client)


def settings_auth() -> DescopeAuth:
    """The object of the setting `DESCOPE_ML`, which is made once for each value."""
    given: Mapping[str, Any] = getattr(conf.settings, "DESCOPE_ML", _NO_SETTINGS)
    made = _made_auths.get(id(given))
    if made is None or made[0] is not given:
        names = ("client", "refusal", "refresh_store")
        client, refusal, store = (imported(given.get(name)) for name in names)
        cookies = CookieSettings(**given.get("cookies", {}))
        client = client or DescopeClient()
        auth = DescopeAuth(client, cookies=cookies, refusal=refusal, refresh_store=store)
        # The value is kept, so that its ID stays its own.
        made = _made_auths[id(given)] = (given, auth)
    return made[1]


def imported(value: Any) -> Any:
    """What a dotted path names; anything else as it is."""
    return import_string(value) if isinstance(value, str) and "." in value else value


def _decorator(
    auth: DescopeAuth, name: str, check: Callable[[Any], Steps[Any]]
) -> Callable[[_V], _V]:
    """Decorates a view: runs `check` first and stores its result as `request.<name>`."""

    def decorate(view: _V) -> _V:
        @functools.wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                setattr(request, name, run(check(request), make_call))
            except AuthFailure as failure:
                return refuse(request, failure, auth.refusal)
            return changed(request, view(request, *args, **kwargs))

        @functools.wraps(view)
        async def guarded_async(request: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                setattr(request, name, await run_async(check(request), await_call))
            except AuthFailure as failure:
                return refuse(request, failure, auth.refusal)
            return changed(request, await view(request, *args, **kwargs))

        return cast(_V, guarded_async if is_async_view(view) else guarded)

    return decorate
