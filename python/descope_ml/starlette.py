"""Helpers for Starlette and other ASGI frameworks: the middleware that the guards need.

With FastAPI, use `descope_ml.fastapi`, which needs no middleware.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from descope_ml.web_auth import is_async
from descope_ml.web_guard import Call, await_call
from descope_ml.web_requests import WebRequest
from descope_ml.web_responses import ListHeaders, ResponseChanges

__all__ = ["ResponseMiddleware"]

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
