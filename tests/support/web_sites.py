"""The same small site in each web framework, written as users of the framework would do it."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

import httpx

from descope_ml import DescopeClient, DescopeClientAsync

# The kinds of sites: those of Django are two.
FRAMEWORKS = ["fastapi", "flask", "django", "django-async"]

# The requirements of each page for a session.
RULES: dict[str, dict[str, Any]] = {
    "private": {},
    "renamed": {"session_cookie": "MYDS"},
    "admin": {"roles": ["admin"]},
    "pay": {"permissions": "pay", "tenant": "T1"},
    "tenant": {"tenant": "T1"},
}

# The views of the Django site. Django looks for this name in the module of ROOT_URLCONF.
urlpatterns: list[Any] = []


@dataclass(frozen=True)
class PageResponse:
    """A response as a browser receives it."""

    status: int
    text: str
    headers: Mapping[str, str]
    cookies: SimpleCookie


Get = Callable[[str, Mapping[str, str], Mapping[str, str]], PageResponse]


def _parse_cookies(headers: Any) -> SimpleCookie:
    cookies = SimpleCookie()
    for header in headers:
        cookies.load(header)
    return cookies


@contextmanager
def fastapi_site(**options: Any) -> Iterator[Get]:
    """A site in FastAPI."""
    from fastapi import Depends, FastAPI, Response

    from descope_ml.fastapi import clear_cookies, require_session, set_cookies, verified

    app, client = FastAPI(), DescopeClientAsync(**options)
    login_required = Depends(verified(client))

    @app.get("/verify")
    async def verify(response: Response, login: Any = login_required) -> str:
        set_cookies(response, login)
        return str(login["userId"])

    @app.get("/logout")
    async def logout(response: Response, refresh_token: str) -> str:
        clear_cookies(response, await client.logout(refresh_token))
        return "bye"

    def page(name: str, rule: dict[str, Any]) -> None:
        allowed = Depends(require_session(client, **rule))

        @app.get(f"/{name}")
        async def show(session: Any = allowed) -> str:
            return str(session["userId"])

    for name, rule in RULES.items():
        page(name, rule)

    async def get(
        path: str, headers: Mapping[str, str], cookies: Mapping[str, str]
    ) -> PageResponse:
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, cookies=dict(cookies)) as browser:
            response = await browser.get(f"https://testserver{path}", headers=dict(headers))
        cookies_set = _parse_cookies(response.headers.get_list("set-cookie"))
        return PageResponse(
            response.status_code, response.text.strip('"'), response.headers, cookies_set
        )

    yield lambda *request: asyncio.run(get(*request))


@contextmanager
def flask_site(**options: Any) -> Iterator[Get]:
    """A site in Flask."""
    from flask import Flask, Response, g, request

    from descope_ml.flask import clear_cookies, require_session, set_cookies, verified

    app, client = Flask("site"), DescopeClient(**options)

    @app.get("/verify")
    def verify() -> Response:
        login = verified(client)
        response = Response(login["userId"])
        set_cookies(response, login)
        return response

    @app.get("/logout")
    def logout() -> Response:
        response = Response("bye")
        clear_cookies(response, client.logout(request.args["refresh_token"]))
        return response

    def show() -> str:
        return str(g.descope_session["userId"])

    for name, rule in RULES.items():
        app.get(f"/{name}", endpoint=name)(require_session(client, **rule)(show))

    def get(path: str, headers: Mapping[str, str], cookies: Mapping[str, str]) -> PageResponse:
        browser = app.test_client(use_cookies=False)
        cookie_header = "; ".join(f"{name}={value}" for name, value in cookies.items())
        response = browser.get(
            path, headers={**headers, **({"Cookie": cookie_header} if cookie_header else {})}
        )
        cookies_set = _parse_cookies(response.headers.get_all("Set-Cookie"))
        return PageResponse(
            response.status_code, response.text, dict(response.headers), cookies_set
        )

    yield get


def _django_urls(client: DescopeClient) -> dict[str, Any]:
    from django.http import HttpRequest, HttpResponse  # type: ignore[import-untyped]

    from descope_ml.django import clear_cookies, require_session, set_cookies, verified

    def verify(request: HttpRequest) -> HttpResponse:
        response = HttpResponse(request.descope_login["userId"])
        set_cookies(response, request.descope_login)
        return response

    def logout(request: HttpRequest) -> HttpResponse:
        response = HttpResponse("bye")
        clear_cookies(response, client.logout(request.GET["refresh_token"]))
        return response

    def show(request: HttpRequest) -> HttpResponse:
        return HttpResponse(request.descope_session["userId"])

    return {
        "verify": verified(client)(verify),
        "logout": logout,
        **{name: require_session(client, **rule)(show) for name, rule in RULES.items()},
    }


def _django_async_urls(client: DescopeClientAsync) -> dict[str, Any]:
    from django.http import HttpRequest, HttpResponse

    from descope_ml.django import clear_cookies, require_session, set_cookies, verified

    async def verify(request: HttpRequest) -> HttpResponse:
        response = HttpResponse(request.descope_login["userId"])
        set_cookies(response, request.descope_login)
        return response

    async def logout(request: HttpRequest) -> HttpResponse:
        response = HttpResponse("bye")
        clear_cookies(response, await client.logout(request.GET["refresh_token"]))
        return response

    async def show(request: HttpRequest) -> HttpResponse:
        return HttpResponse(request.descope_session["userId"])

    return {
        "verify": verified(client)(verify),
        "logout": logout,
        **{name: require_session(client, **rule)(show) for name, rule in RULES.items()},
    }


def configure_django() -> None:
    """Sets Django up, once for all sites of this process."""
    import django  # type: ignore[import-untyped]
    from django.conf import settings  # type: ignore[import-untyped]

    if not settings.configured:
        settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__, SECRET_KEY="test")
        django.setup()


@contextmanager
def django_site(is_async: bool = False, **options: Any) -> Iterator[Get]:
    """A site in Django."""
    configure_django()
    from django.test import Client  # type: ignore[import-untyped]
    from django.urls import clear_url_caches, path  # type: ignore[import-untyped]

    if is_async:
        views = _django_async_urls(DescopeClientAsync(**options))
    else:
        views = _django_urls(DescopeClient(**options))
    urlpatterns[:] = [path(name, view) for name, view in views.items()]
    clear_url_caches()

    def get(path: str, headers: Mapping[str, str], cookies: Mapping[str, str]) -> PageResponse:
        browser = Client()
        browser.cookies.load(dict(cookies))
        extra = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        response = browser.get(path, secure=True, **extra)
        cookies_set = _parse_cookies(cookie.OutputString() for cookie in response.cookies.values())
        return PageResponse(
            response.status_code, response.content.decode(), response.headers, cookies_set
        )

    yield get


def site(name: str, **options: Any) -> Any:
    """Runs the site in a framework until the end of the `with` block."""
    if name == "fastapi":
        return fastapi_site(**options)
    if name == "flask":
        return flask_site(**options)
    return django_site(is_async=name == "django-async", **options)
