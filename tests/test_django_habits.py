"""The guards as Django has it: the setting, redirects, classes, async views."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from descope_ml import DescopeClient, DescopeClientAsync
from support.emulator import Emulator
from support.signed_in import awaited_client, bearer_headers, blocking_client
from support.web_sites import configure_django

# The views of the Django site. Django looks for this name in the module of ROOT_URLCONF.
urlpatterns: list[Any] = []


@pytest.fixture
def client(emulator: Emulator) -> DescopeClient:
    """A client that blocks."""
    return blocking_client(emulator)


@pytest.fixture
def async_client(emulator: Emulator) -> DescopeClientAsync:
    """A client whose calls are awaited."""
    return awaited_client(emulator)


@pytest.fixture
def bearer(emulator: Emulator) -> dict[str, str]:
    """The headers of a user who is signed in."""
    return bearer_headers(emulator)


Browser = Callable[..., Any]


@contextmanager
def django_site(views: dict[str, Any], **settings: Any) -> Iterator[Browser]:
    """A site in Django. Returns a function that gets a page, through sync and async handlers."""
    configure_django()
    from django.test import AsyncClient, Client, override_settings  # type: ignore[import-untyped]
    from django.urls import path  # type: ignore[import-untyped]

    urlpatterns[:] = [path(name, view) for name, view in views.items()]

    def get(page: str, is_async: bool = False, **headers: str) -> Any:
        if is_async:
            return asyncio.run(AsyncClient().get(page, headers=headers))
        return Client().get(page, headers=headers)

    with override_settings(ROOT_URLCONF=__name__, **settings):
        yield get


def test_django_redirects_to_the_sign_in_page(
    client: DescopeClient, bearer: dict[str, str]
) -> None:
    from django.http import HttpResponse  # type: ignore[import-untyped]

    from descope_ml.django import DescopeAuth

    auth = DescopeAuth(client, refusal="redirect")
    views = {
        "page": auth.require_session()(lambda _request: HttpResponse("page")),
        "admin": auth.require_session(roles="admin")(lambda _request: HttpResponse("admin")),
    }
    with django_site(views, LOGIN_URL="/sign-in") as get:
        refused = get("/page?a=1&b=2")
        assert refused.status_code == 302
        assert refused.headers["Location"] == "/sign-in?next=/page%3Fa%3D1%26b%3D2"
        assert "no-store" in refused.headers["Cache-Control"]
        assert get("/page", **bearer).status_code == 200
        forbidden = get("/admin", **bearer)
        assert forbidden.status_code == 403
        assert forbidden.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'


def own_refusal(request: Any, failure: Any) -> Any:
    """A refusal that an application makes."""
    from django.http import HttpResponse

    return HttpResponse(f"{request.path}: {failure.detail}", status=418)


def test_django_takes_all_from_its_settings(client: DescopeClient, bearer: dict[str, str]) -> None:
    from django.http import HttpResponse

    from descope_ml.django import require_session, verified

    def page(request: Any) -> Any:
        response = HttpResponse(request.descope_session["userId"])
        request.descope.clear_cookies(response)
        return response

    settings: list[tuple[dict[str, Any], int, str]] = [
        ({"refusal": "json"}, 401, json.dumps({"detail": "sign in first"})),
        ({"refusal": f"{__name__}.own_refusal"}, 418, "/page: sign in first"),
        ({}, 401, "sign in first"),
    ]
    configure_django()
    from django.test import override_settings

    middleware = ["descope_ml.django.DescopeMiddleware"]
    for given, status, text in settings:
        chosen = {"client": client, "cookies": {"session_name": "app", "domain": ""}, **given}
        with override_settings(DESCOPE_ML=chosen):
            views = {"page": require_session()(page), "verified": verified()(page)}
            with django_site(views, MIDDLEWARE=middleware) as get:
                for is_async in (False, True):
                    refused = get("/page", is_async)
                    assert (refused.status_code, refused.content.decode()) == (status, text)
                    shown = get("/page", is_async, **bearer)
                    assert (shown.status_code, set(shown.cookies)) == (200, {"app", "DSR"})


def test_a_refusal_that_django_does_not_know_is_an_error(client: DescopeClient) -> None:
    from descope_ml.django import DescopeAuth

    with pytest.raises(ValueError, match="one of text, json, redirect"):
        DescopeAuth(client, refusal="Redirect")


@pytest.mark.parametrize("is_async_client", [False, True])
def test_classes_and_async_views_of_django_can_be_guarded(
    is_async_client: bool,
    client: DescopeClient,
    async_client: DescopeClientAsync,
    bearer: dict[str, str],
) -> None:
    """With a client of either kind."""
    import django  # type: ignore[import-untyped]
    from asgiref.sync import markcoroutinefunction
    from django.http import HttpResponse
    from django.utils.decorators import method_decorator  # type: ignore[import-untyped]
    from django.views import View  # type: ignore[import-untyped]

    from descope_ml.django import require_session

    guard = require_session(async_client if is_async_client else client)

    def page(request: Any) -> Any:
        return HttpResponse(request.descope_session["userId"])

    async def async_page(request: Any) -> Any:
        return page(request)

    def marked(request: Any) -> Any:
        return async_page(request)

    class Page(View):  # type: ignore[misc]
        def get(self, request: Any) -> Any:
            return page(request)

    class AsyncPage(View):  # type: ignore[misc]
        async def get(self, request: Any) -> Any:
            return page(request)

    class GuardedPage(View):  # type: ignore[misc]
        @method_decorator(guard)  # type: ignore[untyped-decorator]
        def get(self, request: Any) -> Any:
            return page(request)

    @method_decorator(guard, name="dispatch")
    class GuardedDispatch(Page):
        pass

    class GuardedAsyncPage(View):  # type: ignore[misc]
        @method_decorator(guard)  # type: ignore[untyped-decorator]
        async def get(self, request: Any) -> Any:
            return page(request)

    @method_decorator(guard, name="dispatch")
    class GuardedAsyncDispatch(AsyncPage):
        pass

    views = {
        "function": guard(page),
        "async-function": guard(async_page),
        "marked": guard(markcoroutinefunction(marked)),
        "class": guard(Page.as_view()),
        "async-class": guard(AsyncPage.as_view()),
        "method": GuardedPage.as_view(),
        "dispatch": GuardedDispatch.as_view(),
        "async-dispatch": GuardedAsyncDispatch.as_view(),
    }
    if django.VERSION >= (5, 2):  # Before, `method_decorator` knew no async methods.
        views["async-method"] = GuardedAsyncPage.as_view()
    with django_site(views) as get:
        for name in views:
            for is_async in (False, True):
                assert get(f"/{name}", is_async).status_code == 401, name
                assert get(f"/{name}", is_async, **bearer).status_code == 200, name
