"""The views of landing pages in Django."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any, cast

from django.http import HttpResponse, QueryDict  # type: ignore[import-untyped]

from descope_ml.client import DescopeClient
from descope_ml.client_async import DescopeClientAsync
from descope_ml.landing import (
    LandingPage,
    LandingRequest,
    LandingResponse,
    respond,
    respond_async,
)
from descope_ml.landing_forms import is_small_form

_View = Callable[..., Any]


def landing(client: DescopeClient, page: LandingPage) -> _View:
    """The view of a landing page for a client that blocks."""

    def respond_to(request: Any) -> Any:
        with _no_link_in_errors(request):
            return _landing_response(respond(client, page, _landing_request(request)))

    return _csrf_exempt(respond_to)


def async_landing(client: DescopeClientAsync, page: LandingPage) -> _View:
    """The view of a landing page for a client whose calls are awaited."""

    async def respond_to(request: Any) -> Any:
        with _no_link_in_errors(request):
            return _landing_response(await respond_async(client, page, _landing_request(request)))

    return _csrf_exempt(respond_to)


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
