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
from typing import Any

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from fastapi.routing import APIRoute

from descope_ml.client_async import DescopeClientAsync
from descope_ml.constants import SESSION_COOKIE_NAME
from descope_ml.landing import (
    MAX_FORM_SIZE,
    METHODS,
    LandingPage,
    LandingRequest,
    parse_form,
    respond_async,
)
from descope_ml.landing_page import LandingTexts, LandingView
from descope_ml.starlette import ResponseMiddleware, response_changes
from descope_ml.web_cookies import clear_cookies, set_cookies
from descope_ml.web_errors import AuthFailure
from descope_ml.web_frameworks import (
    Requirements,
    authenticate_async,
    check_method,
    session_token,
    verify_link_async,
)

__all__ = [
    "LandingPage",
    "LandingTexts",
    "LandingView",
    "clear_cookies",
    "landing_router",
    "require_session",
    "set_cookies",
    "verified",
]

_Dependency = Callable[[Request], Coroutine[Any, Any, dict[str, Any]]]


def landing_router(
    client: DescopeClientAsync, page: LandingPage | None = None, *, path: str = "/verify"
) -> APIRouter:
    """The page that the link opens. GET and HEAD show a button, and its POST verifies the token.

    The POST sets the session cookies and redirects. A link that does not work gets a page with
    status 401 that offers a new one.

    Args:
        client: The client that verifies the token.
        page: What the page shows and where it leads. Default: the path `/`, English texts.
        path: The path of the page.

    Returns:
        For `app.include_router`.
    """
    router, page = APIRouter(), page or LandingPage()

    @router.api_route(path, methods=list(METHODS), include_in_schema=False, response_model=None)
    async def landing(request: Request) -> Response:
        answer = await respond_async(
            client,
            page,
            LandingRequest(
                method=request.method,
                is_secure=request.url.scheme == "https",
                query=request.query_params,
                form=await _read_form(request) if request.method == "POST" else {},
                cookies=request.cookies,
                headers=request.headers,
            ),
        )
        response = Response(answer.body, answer.status)
        answer.finish(response)
        return response

    return router


def verified(client: DescopeClientAsync) -> _Dependency:
    """A dependency that verifies the token of the link, the query parameter `t`.

    Every GET of the link spends its token. Mail scanners, previews of messengers and browsers that
    prefetch send GET too, and then the user's click gets 401. `landing_router` shows a page first.
    Other methods than GET and POST, such as HEAD, get 405 and spend nothing.

    Args:
        client: The client that verifies the token.

    Returns:
        For `Depends`: the result of `MagicLink.verify`. On failure the response is 401, 429, 502 or
        503.

    Example:
        >>> from fastapi import Depends, FastAPI, Response
        >>> app, client = FastAPI(), DescopeClientAsync()
        >>> @app.get("/verify")
        ... async def verify(response: Response, login: dict = Depends(verified(client))) -> str:
        ...     set_cookies(response, login)
        ...     return "welcome"
    """

    async def login(request: Request) -> dict[str, Any]:
        try:
            check_method(request.method)
            return await verify_link_async(client, request.query_params.get("t"))
        except AuthFailure as failure:
            raise _refusal(request, failure) from failure

    _watch_responses()
    return login


def require_session(
    client: DescopeClientAsync,
    *,
    permissions: str | Iterable[str] = (),
    roles: str | Iterable[str] = (),
    tenant: str = "",
    session_cookie: str = SESSION_COOKIE_NAME,
) -> _Dependency:
    """A dependency that requires a session, from `Authorization: Bearer` or from the cookie.

    Args:
        client: The client that validates the session.
        permissions: Required permissions; the session must have all of them.
        roles: Required roles; the session must have all of them.
        tenant: The tenant that the user must be in, and in which the session must have them.
            Default: project-level permissions and roles.
        session_cookie: The name of the cookie with the session token.

    Returns:
        For `Depends`: the result of `validate_session`. Without a valid session the response is
        401, without a required permission or role 403. If the session cannot be validated, it is
        429, 502 or 503.
    """
    required = Requirements(permissions, roles, tenant)

    async def session(request: Request) -> dict[str, Any]:
        authorization = request.headers.get("Authorization")
        token = session_token(authorization, request.cookies, session_cookie)
        response_changes(request).is_guarded = True
        try:
            return await authenticate_async(client, token, required)
        except AuthFailure as failure:
            raise _refusal(request, failure) from failure

    _watch_responses()
    return session


async def _read_form(request: Request) -> dict[str, str]:
    """The form in the body; empty if it is too large. `request.form` needs another package."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_SIZE:
            return {}
    return parse_form(bytes(body))


def _refusal(request: Request, failure: AuthFailure) -> HTTPException:
    response_changes(request).is_refusal = True
    return HTTPException(failure.status, failure.detail, failure.headers)


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
