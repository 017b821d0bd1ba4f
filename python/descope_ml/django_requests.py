"""What guards in Django read of a request and a view, and how they make calls."""

from __future__ import annotations

import inspect
from typing import Any

from asgiref.sync import async_to_sync, iscoroutinefunction, sync_to_async

from descope_ml.web.guard import Call
from descope_ml.web.requests import WebRequest


def is_async_view(view: Any) -> bool:
    """Whether the response of a view is awaited.

    Args:
        view: The view; or the bound `dispatch` of a class, as `method_decorator` passes it. That is
            no coroutine function, but returns what the methods of the class return.
    """
    instance = getattr(getattr(view, "func", None), "__self__", None)
    return iscoroutinefunction(view) or bool(getattr(instance, "view_is_async", False))


def make_call(call: Call) -> Any:
    """Makes a call for a view that blocks; in an event loop, if the client is async."""
    result = call()
    return async_to_sync(_await)(result) if inspect.isawaitable(result) else result


async def await_call(call: Call) -> Any:
    """Makes a call for an async view; in a thread, if the client blocks."""
    if iscoroutinefunction(getattr(call, "func", call)):
        return await call()
    return await sync_to_async(call, thread_sensitive=False)()


async def _await(awaitable: Any) -> Any:
    return await awaitable


def web_request(request: Any) -> WebRequest:
    """What a guard needs to know of a request."""
    return WebRequest(
        authorization=request.headers.get("Authorization", ""),
        cookie_header=request.META.get("HTTP_COOKIE", ""),
        cookies=request.COOKIES,
        host=request.META.get("HTTP_HOST", ""),
        path=request.path,
    )
