"""Helpers for FastAPI: the page of a magic link, and a dependency that requires a session.

Example:
    >>> from fastapi import Depends, FastAPI
    >>> from descope_ml import DescopeClientAsync
    >>> from descope_ml.fastapi import LandingPage, landing_router, require_session
    >>> app, client = FastAPI(), DescopeClientAsync()
    >>> page = LandingPage(redirect_to="/books", new_link="/sign-in")
    >>> app.include_router(landing_router(client, page, path="/verify"))  # The URL of the link.
    >>> @app.get("/books")
    ... async def books(session: dict = Depends(require_session(client, roles="reader"))) -> str:
    ...     return f"the books of {session['userId']}"
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Union

from fastapi import (
    APIRouter,
    Depends,
    FastAPI,
    HTTPException,
    Request,
    Response,
)
from fastapi.openapi.models import APIKey, APIKeyIn, HTTPBearer
from fastapi.openapi.models import SecurityBase as SecurityBaseModel
from fastapi.requests import HTTPConnection
from fastapi.routing import APIRoute
from fastapi.security.base import SecurityBase

from descope_ml.client import DescopeClient
from descope_ml.client_async import DescopeClientAsync
from descope_ml.constants import SESSION_COOKIE_NAME
from descope_ml.landing import (
    METHODS,
    LandingPage,
    LandingRequest,
    respond_async,
    with_cookies,
)
from descope_ml.landing_forms import MAX_FORM_SIZE, parse_form
from descope_ml.landing_page import LandingTexts, LandingView
from descope_ml.starlette import DescopeAuth as StarletteAuth
from descope_ml.starlette import ResponseMiddleware, call_maker
from descope_ml.web.cookie_settings import CookieSettings
from descope_ml.web.cookies import clear_cookies, set_cookies

__all__ = [
    "CookieSettings",
    "DescopeAuth",
    "LandingPage",
    "LandingTexts",
    "LandingView",
    "clear_cookies",
    "landing_router",
    "require_session",
    "set_cookies",
    "sign_out",
    "verified",
]


class _Scheme(SecurityBase):
    """How clients sign in, for the OpenAPI document. The guard itself reads the request."""

    def __init__(self, name: str, model: SecurityBaseModel) -> None:
        self.scheme_name = name
        self.model = model

    async def __call__(self) -> None:
        """Reads nothing."""


def _cookie_scheme(name: str) -> _Scheme:
    attributes: Any = {"in": APIKeyIn.cookie, "name": name}
    return _Scheme("DescopeCookie", APIKey(**attributes))


_BEARER = _Scheme("DescopeBearer", HTTPBearer(bearerFormat="JWT"))

_AnyClient = Union[DescopeClient, DescopeClientAsync]
_Dependency = Callable[[Request], Coroutine[Any, Any, dict[str, Any]]]


def landing_router(
    client: _AnyClient | DescopeAuth, page: LandingPage | None = None, *, path: str = "/verify"
) -> APIRouter:
    """The page that the link opens. GET and HEAD show a button, and its POST verifies the token.

    The POST sets the session cookies and redirects. A link that does not work gets a page with
    status 401 that offers a new one.

    Args:
        client: The client that verifies the token, or the object of the application.
        page: What the page shows and where it leads. Default: the path `/`, English texts.
        path: The path of the page.

    Returns:
        For `app.include_router`.
    """
    auth = _auth(client)
    router, page = APIRouter(), with_cookies(page, auth.cookies)

    @router.api_route(path, methods=list(METHODS), include_in_schema=False, response_model=None)
    async def landing(request: Request) -> Response:
        answer = await respond_async(
            auth.client,
            page,
            LandingRequest(
                method=request.method,
                is_secure=request.url.scheme == "https",
                query=request.query_params,
                form=await _read_form(request) if request.method == "POST" else {},
                cookies=request.cookies,
                headers=request.headers,
            ),
            call_maker(auth.client),
        )
        response = Response(answer.body, answer.status)
        answer.finish(response)
        return response

    return router


def verified(client: _AnyClient | DescopeAuth) -> _Dependency:
    """A dependency that verifies the token of the link, the query parameter `t`.

    Every GET of the link spends its token. Mail scanners, previews of messengers and browsers that
    prefetch send GET too, and then the user's click gets 401. `landing_router` shows a page first.
    Other methods than GET and POST, such as HEAD, get 405 and spend nothing. A browser that says
    that it prefetches gets 204.

    Args:
        client: The client that verifies the token.

    Returns:
        For `Depends`: the result of `MagicLink.verify`. On failure the response is 401, 429, 502 or
        503.

    Example:
        >>> from fastapi import Depends, FastAPI
        >>> from fastapi.responses import RedirectResponse
        >>> app, client = FastAPI(), DescopeClientAsync()
        >>> @app.get("/verify")
        ... async def verify(login: dict = Depends(verified(client))) -> RedirectResponse:
        ...     # On the response itself: FastAPI drops what a `Response` parameter has.
        ...     response = RedirectResponse("/books", 303)
        ...     set_cookies(response, login)
        ...     return response
    """
    return _auth(client).verified


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
) -> Callable[..., Coroutine[Any, Any, Any]]:
    """A dependency that requires a session, from `Authorization: Bearer` or from the cookies.

    If the session token in the cookie is missing, has expired or cannot be verified, the session is
    refreshed with the token of the refresh cookie, and the response sets the new cookies. A
    `Bearer` that is not valid is refused, also beside good cookies: a client that names its token
    must not act as another user.

    Args:
        client: The client that validates the session, or the object of the application.
        permissions: Required permissions; the session must have all of them.
        roles: Required roles; the session must have all of them.
        tenant: The tenant that the user must be in, and in which the session must have them.
            Default: project-level permissions and roles.
        session_cookie: The name of the cookie with the session token. Default: what the project
            says; else `DS`.
        refresh: Whether an expired session is refreshed.
        optional: Whether the page is also for those who are not signed in: the result is None then.
        audience: Accepted audiences of the session token; at least one must match.
        remote: Whether the service is asked at each request. It knows sessions that were ended.

    Returns:
        For `Depends`: the result of `validate_session`. Without a valid session the response is
        401, without a required permission or role 403. If the session cannot be validated, it is
        429, 502 or 503. A WebSocket is closed with 1008.
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

    cookie = _cookie_scheme(guard.cookies.session_name or SESSION_COOKIE_NAME)

    async def session(
        connection: HTTPConnection,
        _bearer: None = Depends(_BEARER),
        _cookie: None = Depends(cookie),
    ) -> dict[str, Any] | None:
        return await auth._checked(guard, connection)  # noqa: SLF001 - of its base class

    return session


def sign_out(client: _AnyClient | DescopeAuth) -> Callable[..., Coroutine[Any, Any, None]]:
    """A dependency that signs the user out: at the service, and in the browser in any case.

    Args:
        client: The client that ends the session, or the object of the application.

    Returns:
        For `Depends`. Whatever response goes out clears the cookies.

    Example:
        >>> from fastapi import Depends, FastAPI
        >>> from fastapi.responses import RedirectResponse
        >>> app, client = FastAPI(), DescopeClientAsync()
        >>> @app.post("/sign-out", dependencies=[Depends(sign_out(client))])
        ... async def signed_out() -> RedirectResponse:
        ...     return RedirectResponse("/", 303)
    """
    return _auth(client).sign_out


class DescopeAuth(StarletteAuth):
    """What an application settles once: the client, the cookies, and what a refusal looks like.

    The client may be a `DescopeClient` too: its calls run in the thread pool then. `refusal` takes
    the request and the refusal, and returns the exception to raise. Default: an `HTTPException`,
    which the app's exception handlers see. Its methods `verified` and `sign_out` are dependencies.

    Example:
        >>> from fastapi import Depends, FastAPI
        >>> from descope_ml import DescopeClientAsync
        >>> from descope_ml.fastapi import CookieSettings, DescopeAuth
        >>> auth = DescopeAuth(DescopeClientAsync(), cookies=CookieSettings(domain=""))
        >>> app = FastAPI()
        >>> @app.get("/books")
        ... async def books(session: dict = Depends(auth.require_session(roles="reader"))) -> str:
        ...     return f"the books of {session['userId']}"
    """

    _http_exception = HTTPException

    def require_session(self, **rule: Any) -> Callable[..., Coroutine[Any, Any, Any]]:
        """A dependency that requires a session: with the parameters of `require_session`."""
        return require_session(self, **rule)


def _auth(client: _AnyClient | DescopeAuth) -> DescopeAuth:
    _watch_responses()
    return client if isinstance(client, DescopeAuth) else DescopeAuth(client)


async def _read_form(request: Request) -> dict[str, str]:
    """The form in the body; empty if it is too large. `request.form` needs another package."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_SIZE:
            return {}
    return parse_form(bytes(body))


@functools.cache
def _watch_responses() -> None:
    """Makes every FastAPI app apply what guards change in responses.

    FastAPI gives a dependency no way to do that: the headers of its `Response` are lost if the view
    returns a response of its own, or raises. Around each route, so that middleware that caches sees
    the headers; and around each app, whose outermost layer makes the response to an error.
    """
    for owner, name in ((FastAPI, "__call__"), (APIRoute, "handle")):
        setattr(owner, name, _with_middleware(getattr(owner, name)))


def _with_middleware(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    async def call(self: Any, scope: Any, receive: Any, send: Any) -> None:
        await ResponseMiddleware(functools.partial(method, self))(scope, receive, send)

    return call
