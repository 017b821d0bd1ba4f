"""A site with a landing page in each web framework, behind a real server."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from descope_ml import DescopeClient, DescopeClientAsync
from descope_ml.landing import LandingPage
from support.web_sites import configure_django

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

# The views of the Django site. Django looks for this name in the module of ROOT_URLCONF.
urlpatterns: list[Any] = []


class _ThreadingServer(ThreadingMixIn, WSGIServer):
    """A thread per connection: a browser opens some that it does not use at once."""

    daemon_threads = True


class _QuietHandler(WSGIRequestHandler):
    """Logs nothing: the log would have the URLs of links."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Drops the message."""


@contextmanager
def serve_wsgi(app: Any) -> Iterator[str]:
    """Serves a WSGI application on 127.0.0.1 and returns its URL."""
    with make_server("127.0.0.1", 0, app, _ThreadingServer, _QuietHandler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@contextmanager
def serve_asgi(app: Any) -> Iterator[str]:
    """Serves an ASGI application on 127.0.0.1 and returns its URL."""
    import uvicorn

    config = uvicorn.Config(app, lifespan="off", access_log=False, log_level=logging.ERROR)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def _fastapi_site(options: Mapping[str, Any], page: LandingPage) -> Iterator[str]:
    from fastapi import Depends, FastAPI

    from descope_ml.fastapi import landing_router, require_session, verified

    app, client = FastAPI(), DescopeClientAsync(**options)
    session, login = Depends(require_session(client)), Depends(verified(client))
    app.include_router(landing_router(client, page))

    @app.get("/home")
    async def home(session: Any = session) -> str:
        return f"home of {session['userId']}"

    @app.get("/sign-in")
    async def sign_in() -> str:
        return "sign-in form"

    @app.api_route("/verified", methods=["GET", "HEAD", "OPTIONS"])
    async def verify(login: Any = login) -> str:
        return str(login["userId"])

    with serve_asgi(app) as url:
        yield url


@contextmanager
def _flask_site(options: Mapping[str, Any], page: LandingPage) -> Iterator[str]:
    from flask import Flask, g
    from werkzeug.middleware.proxy_fix import ProxyFix

    from descope_ml.flask import landing_blueprint, require_session, verified

    app, client = Flask("site"), DescopeClient(**options)
    app.register_blueprint(landing_blueprint(client, page))

    @app.get("/home")
    @require_session(client)
    def home() -> str:
        return f"home of {g.descope_session['userId']}"

    @app.get("/sign-in")
    def sign_in() -> str:
        return "sign-in form"

    @app.get("/verified")
    def verify() -> str:
        return str(verified(client)["userId"])

    with serve_wsgi(ProxyFix(app)) as url:
        yield url


@contextmanager
def _django_site(
    options: Mapping[str, Any], page: LandingPage, is_async: bool = False
) -> Iterator[str]:
    configure_django()
    from django.core.asgi import get_asgi_application  # type: ignore[import-untyped]
    from django.core.wsgi import get_wsgi_application  # type: ignore[import-untyped]
    from django.http import HttpRequest, HttpResponse  # type: ignore[import-untyped]
    from django.test import override_settings  # type: ignore[import-untyped]
    from django.urls import path  # type: ignore[import-untyped]

    from descope_ml.django import landing_view, require_session, verified

    client = DescopeClient(**options)

    @require_session(client)
    def home(request: HttpRequest) -> HttpResponse:
        return HttpResponse(f"home of {request.descope_session['userId']}")

    def sign_in(_request: HttpRequest) -> HttpResponse:
        return HttpResponse("sign-in form")

    @verified(client)
    def verify(request: HttpRequest) -> HttpResponse:
        return HttpResponse(request.descope_login["userId"])

    landing = landing_view(DescopeClientAsync(**options) if is_async else client, page)
    urlpatterns[:] = [
        path("verify", landing),
        path("home", home),
        path("sign-in", sign_in),
        path("verified", verify),
    ]
    changed = override_settings(
        ROOT_URLCONF=__name__,
        MIDDLEWARE=MIDDLEWARE,
        SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),
    )
    with changed:
        served = (
            serve_asgi(get_asgi_application()) if is_async else serve_wsgi(get_wsgi_application())
        )
        with served as url:
            yield url


@contextmanager
def landing_site(
    framework: str, options: Mapping[str, Any], page: LandingPage | None = None
) -> Iterator[str]:
    """Runs a site with the landing page `/verify` until the end of the `with` block.

    It has the pages `/home`, which needs a session, `/sign-in`, and `/verified`, which verifies on
    GET.

    Args:
        framework: One of `web_sites.FRAMEWORKS`.
        options: The arguments of its client.
        page: The landing page. Default: it leads to `/home` and offers `/sign-in`.

    Returns:
        The URL of the site.
    """
    shown = page or LandingPage(redirect_to="/home", new_link="/sign-in")
    sites: dict[str, Any] = {
        "fastapi": lambda: _fastapi_site(options, shown),
        "flask": lambda: _flask_site(options, shown),
        "django": lambda: _django_site(options, shown),
        "django-async": lambda: _django_site(options, shown, is_async=True),
    }
    with sites[framework]() as url:
        yield url
