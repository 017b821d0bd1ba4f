"""How the helpers for Flask change responses, and which caches they refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from flask import Response, after_this_request, current_app, request

from descope_ml.web.responses import ResponseChanges, headers_of

_ENVIRON_KEY = "descope_ml.response_changes"


def response_changes() -> ResponseChanges:
    """The changes to the response to the current request."""
    # Not in `g`, which requests share if an app context was pushed before them.
    known = request.environ.get(_ENVIRON_KEY)
    if known is not None:
        return cast(ResponseChanges, known)
    changes = request.environ[_ENVIRON_KEY] = ResponseChanges()

    @after_this_request
    def apply(response: Response) -> Response:
        changes.apply(headers_of(response))
        return response

    return changes


def refuse_outer_cache(guarded: Callable[..., Any]) -> None:
    """Refuses `cache.cached()` of Flask-Caching around a guard: it would skip the guard."""
    if _is_in_cache(guarded, current_app.view_functions.get(request.endpoint or "")):
        message = "put the guard above cache.cached(): the cache would skip it"
        raise RuntimeError(message)


def _is_in_cache(guarded: Callable[..., Any], view: Any, is_cached: bool = False) -> bool:
    """Whether a view, or a method of its class, has a guard with `cache.cached()` around it."""
    view_class = getattr(view, "view_class", None)
    while view is not None and view is not guarded:
        is_cached = is_cached or hasattr(view, "make_cache_key")
        view = getattr(view, "__wrapped__", None)
    if view is guarded or view_class is None:
        return is_cached and view is guarded
    names = (request.method.lower(), "get", "dispatch_request")  # HEAD has no method of its own.
    methods = (getattr(view_class, name, None) for name in names)
    return any(_is_in_cache(guarded, method, is_cached) for method in methods)
