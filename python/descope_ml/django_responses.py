"""How the helpers for Django change responses, and what refusals look like there."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django import conf  # type: ignore[import-untyped]
from django.core.handlers.base import BaseHandler  # type: ignore[import-untyped]
from django.http import (  # type: ignore[import-untyped]
    HttpResponse,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import resolve_url  # type: ignore[import-untyped]

from descope_ml.web.errors import NO_CONTENT, UNAUTHENTICATED, AuthFailure
from descope_ml.web.responses import ResponseChanges, headers_of

_Refusal = Callable[[Any, AuthFailure], Any]


def refuse(request: Any, failure: AuthFailure, refusal: str | _Refusal | None) -> Any:
    """The response to a request that is refused.

    Args:
        request: The request.
        failure: The refusal.
        refusal: `text`, `json` or `redirect`; or a function that makes the response. None: a text.
    """
    response_changes(request).is_refusal = True
    if failure.status == NO_CONTENT:
        return changed(request, HttpResponse(status=NO_CONTENT))
    make = refusal if callable(refusal) else _REFUSALS[refusal or "text"]
    return changed(request, make(request, failure))


def check_refusal(refusal: object) -> None:
    """Raises a `ValueError` if a setting names no refusal."""
    if refusal is not None and not callable(refusal) and refusal not in _REFUSALS:
        message = f"refusal must be a function or one of {', '.join(_REFUSALS)}"
        raise ValueError(message)


def _text(_request: Any, failure: AuthFailure) -> Any:
    return HttpResponse(
        failure.detail, status=failure.status, headers=failure.headers, content_type="text/plain"
    )


def _json(_request: Any, failure: AuthFailure) -> Any:
    body = {"detail": failure.detail}
    return JsonResponse(body, status=failure.status, headers=failure.headers)


def _redirect(request: Any, failure: AuthFailure) -> Any:
    """Redirects to `LOGIN_URL`, as `login_required` does; but not who lacks a permission."""
    if failure.status != UNAUTHENTICATED:
        return _text(request, failure)
    url = resolve_url(conf.settings.LOGIN_URL)
    query = urlencode({"next": request.get_full_path()}, safe="/")
    return HttpResponseRedirect(f"{url}{'&' if '?' in url else '?'}{query}")


_REFUSALS: dict[str, _Refusal] = {"text": _text, "json": _json, "redirect": _redirect}


def response_changes(request: Any) -> ResponseChanges:
    """The changes to the response to a request."""
    # Django REST framework wraps the request.
    attributes = vars(getattr(request, "_request", request))
    changes: ResponseChanges = attributes.setdefault("_descope_changes", ResponseChanges())
    return changes


def changed(request: Any, response: Any) -> Any:
    """Applies the changes to a response and returns it."""
    response_changes(request).apply(headers_of(response))
    return response


@functools.cache
def watch_responses() -> None:
    """Makes Django apply what guards change also in the responses that it makes for exceptions.

    A decorator sees only exceptions there. It must not convert them itself: transactions are rolled
    back because of them, and other middleware handles them.
    """
    get_response, get_response_async = BaseHandler.get_response, BaseHandler.get_response_async

    @functools.wraps(get_response)
    def get(self: Any, request: Any) -> Any:
        return changed(request, get_response(self, request))

    @functools.wraps(get_response_async)
    async def get_async(self: Any, request: Any) -> Any:
        return changed(request, await get_response_async(self, request))

    BaseHandler.get_response, BaseHandler.get_response_async = get, get_async
