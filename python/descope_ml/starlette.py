"""Helpers for Starlette: guards for endpoints, and the ASGI middleware that they need.

With FastAPI, use `descope_ml.fastapi`, which needs no middleware.

Example:
    >>> from starlette.applications import Starlette
    >>> from starlette.middleware import Middleware
    >>> from starlette.responses import PlainTextResponse
    >>> from starlette.routing import Route
    >>> from descope_ml import DescopeClientAsync
    >>> from descope_ml.starlette import DescopeAuth, ResponseMiddleware
    >>> auth = DescopeAuth(DescopeClientAsync())
    >>> async def books(request):
    ...     session = await auth.session(request, roles="reader")
    ...     return PlainTextResponse(f"the books of {session['userId']}")
    >>> app = Starlette(
    ...     routes=[Route("/books", books)], middleware=[Middleware(ResponseMiddleware)]
    ... )
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException, WebSocketException
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from descope_ml.web.auth import WebAuth
from descope_ml.web.cookie_settings import CookieSettings
from descope_ml.web.cookies import clear_cookies, set_cookies
from descope_ml.web.errors import NO_CONTENT, AuthFailure
from descope_ml.web.guard import Call, Guard, await_call, is_async, run_async, sign_out
from descope_ml.web.links import check_request, verification
from descope_ml.web.requests import WebRequest
from descope_ml.web.responses import ListHeaders, ResponseChanges

__all__ = ["CookieSettings", "DescopeAuth", "ResponseMiddleware", "clear_cookies", "set_cookies"]

# RFC 6455: the code with which a WebSocket is refused.
_POLICY_VIOLATION = 1008

_SCOPE_KEY = "descope_ml.response_changes"
_MESSAGES = ("http.response.start", "websocket.accept", "websocket.http.response.start")


class ResponseMiddleware:
    """ASGI middleware: gives every response the cookies and the caching headers of the guards.

    Several can be nested, for example outside and inside of a cache.
    """

    def __init__(self, app: ASGIApp) -> None:
        """Wraps an ASGI application."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles a request or a WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        # Middleware that copies the scope copies a reference to this object.
        changes = scope.setdefault(_SCOPE_KEY, ResponseChanges())

        async def send_changed(message: Message) -> None:
            if message["type"] in _MESSAGES:
                message = {**message, "headers": list(message.get("headers", ()))}
                changes.apply(ListHeaders(MutableHeaders(raw=message["headers"])))
            await send(message)

        await self._app(scope, receive, send_changed)


class DescopeAuth(WebAuth):
    """What an application settles once: the client, the cookies, and what a refusal looks like.

    The client may be a `DescopeClient` too: its calls run in the thread pool then. `refusal` takes
    the request and the refusal, and returns the exception to raise. Default: an `HTTPException`,
    which the app's exception handlers see. A WebSocket is closed with 1008.
    """

    _http_exception: type[HTTPException] = HTTPException

    async def session(self, connection: HTTPConnection, **rule: Any) -> dict[str, Any] | None:
        """The session of a request, from `Authorization: Bearer` or from the cookies.

        Args:
            connection: The request or WebSocket.
            rule: The keyword parameters of `descope_ml.fastapi.require_session`.

        Returns:
            The result of `validate_session`; None if there is none and it is `optional`.
        """
        return await self._checked(self._guard(**rule), connection)

    async def verified(self, request: Request) -> dict[str, Any]:
        """The login by the token of the link, the query parameter `t`."""
        try:
            check_request(request.method, request.headers)
            steps = verification(self.client, request.query_params.get("t"))
            return await run_async(steps, call_maker(self.client))
        except AuthFailure as failure:
            raise self._refused(request, failure) from failure

    async def sign_out(self, connection: HTTPConnection) -> None:
        """Signs the user out: at the service, and in the browser in any case."""
        request, changes = web_request(connection), response_changes(connection)
        steps = sign_out(self.client, self.cookies, request, changes)
        await run_async(steps, call_maker(self.client))

    async def _checked(self, guard: Guard, connection: HTTPConnection) -> dict[str, Any] | None:
        steps = guard.check(web_request(connection), response_changes(connection))
        try:
            return await run_async(steps, call_maker(self.client))
        except AuthFailure as failure:
            raise self._refused(connection, failure) from failure

    def _refused(self, connection: HTTPConnection, failure: AuthFailure) -> Exception:
        response_changes(connection).is_refusal = True
        if connection.scope["type"] == "websocket":
            return WebSocketException(_POLICY_VIOLATION, failure.detail)
        if self.refusal is not None and failure.status != NO_CONTENT:
            return cast(Exception, self.refusal(connection, failure))
        return self._http_exception(failure.status, failure.detail, failure.headers)


def response_changes(connection: HTTPConnection) -> ResponseChanges:
    """The changes to the response to a request.

    Args:
        connection: The request or WebSocket.

    Raises:
        RuntimeError: Nothing would apply them.
    """
    scope: MutableMapping[str, Any] = connection.scope
    if _SCOPE_KEY not in scope:
        message = "add descope_ml.starlette.ResponseMiddleware to the application"
        raise RuntimeError(message)
    changes: ResponseChanges = scope[_SCOPE_KEY]
    return changes


def web_request(connection: HTTPConnection) -> WebRequest:
    """What a guard needs to know of a request.

    Args:
        connection: The request or WebSocket.
    """
    return WebRequest(
        authorization=connection.headers.get("Authorization", ""),
        cookie_header="; ".join(connection.headers.getlist("Cookie")),
        host=connection.url.hostname or "",
        path=connection.url.path,
    )


def call_maker(client: Any) -> Callable[[Call], Awaitable[Any]]:
    """How the calls of a client are made: those of a `DescopeClient` block, so in a thread."""
    return await_call if is_async(client) else run_in_threadpool
