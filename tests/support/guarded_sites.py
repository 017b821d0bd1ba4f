"""A site in each web framework whose pages need a session and come from every kind of response.

The pages: `page` returns a text; `own` a response of its own; `says` one that says how it is
cached; `missing` raises 404; `crash` raises; `stream` streams; `file` is a file. `open` needs no
session. `verify` is a landing page, `verified` verifies on GET, `sign-out` signs out.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import fastapi

from descope_ml import DescopeClient, DescopeClientAsync
from support.landing_sites import serve_asgi, serve_wsgi
from support.web_sites import configure_django

# What each page with a session responds with.
STATUSES = {
    "page": 200,
    "own": 200,
    "says": 200,
    "missing": 404,
    "crash": 500,
    "stream": 200,
    "file": 200,
}
SAYS = {"Cache-Control": "public, max-age=60", "Vary": "Accept"}

# The views of the Django site. Django looks for this name in the module of ROOT_URLCONF.
urlpatterns: list[Any] = []


def _client(make_client: Any, make_auth: Any, options: Mapping[str, Any], cookies: Any) -> Any:
    """A client for the short forms; the object of the application if it has more settings."""
    given = dict(options)
    store = given.pop("refresh_store", None)
    client = make_client(**given)
    if cookies is None and store is None:
        return client
    return make_auth(client, cookies=cookies, refresh_store=store)


@contextmanager
def _fastapi_site(
    options: Mapping[str, Any], guard: Mapping[str, Any], cookies: Any
) -> Iterator[str]:
    with serve_asgi(fastapi_app(options, guard, cookies)) as url:
        yield url


def fastapi_app(options: Mapping[str, Any], guard: Mapping[str, Any], cookies: Any = None) -> Any:
    """The FastAPI application."""
    from fastapi import Depends, FastAPI, HTTPException, Response
    from fastapi.responses import FileResponse, StreamingResponse

    from descope_ml.fastapi import (
        DescopeAuth,
        landing_router,
        require_session,
        set_cookies,
        sign_out,
        verified,
    )

    client = _client(DescopeClientAsync, DescopeAuth, options, cookies)
    app, allowed = FastAPI(), Depends(require_session(client, **guard))
    login_required = Depends(verified(client))
    app.include_router(landing_router(client))

    @app.post("/sign-out", dependencies=[Depends(sign_out(client))])
    async def signed_out() -> fastapi.Response:
        return Response("bye")

    @app.get("/open")
    async def open_page() -> str:
        return "open"

    @app.get("/verified")
    async def verify(response: fastapi.Response, login: Any = login_required) -> str:
        set_cookies(response, login, cookies=cookies)
        return str(login["userId"])

    @app.get("/page")
    async def page(session: Any = allowed) -> str:
        return str(session["userId"])

    @app.get("/own")
    async def own(session: Any = allowed) -> Response:
        return Response(session["userId"])

    @app.get("/says")
    async def says(session: Any = allowed) -> Response:
        return Response(session["userId"], headers=SAYS)

    @app.get("/missing")
    async def missing(session: Any = allowed) -> None:
        raise HTTPException(404, session["userId"])

    @app.get("/crash")
    async def crash(session: Any = allowed) -> None:
        raise RuntimeError(session["userId"])

    @app.get("/stream")
    async def stream(session: Any = allowed) -> StreamingResponse:
        async def parts() -> AsyncIterator[str]:
            yield session["userId"]

        return StreamingResponse(parts())

    @app.get("/file")
    async def file(_session: Any = allowed) -> FileResponse:
        return FileResponse(__file__)

    return app


@contextmanager
def _flask_site(
    options: Mapping[str, Any], guard: Mapping[str, Any], cookies: Any
) -> Iterator[str]:
    with serve_wsgi(flask_app(options, guard, cookies)) as url:
        yield url


def flask_app(options: Mapping[str, Any], guard: Mapping[str, Any], cookies: Any = None) -> Any:
    """The Flask application."""
    from flask import Flask, Response, abort, g, send_file

    from descope_ml.flask import (
        DescopeAuth,
        landing_blueprint,
        require_session,
        set_cookies,
        sign_out,
        verified,
    )

    app = Flask("guarded")
    client = _client(DescopeClient, DescopeAuth, options, cookies)
    if isinstance(client, DescopeAuth):
        client.init_app(app)
    app.register_blueprint(landing_blueprint(client))
    app.logger.disabled = True  # The page `crash` is logged with its traceback.

    @app.get("/open")
    def open_page() -> str:
        return "open"

    @app.get("/verified")
    def verify() -> Response:
        login = verified(client)
        response = Response(login["userId"])
        set_cookies(response, login, cookies=cookies)
        return response

    @app.post("/sign-out")
    def signed_out() -> str:
        sign_out(client)
        return "bye"

    def page() -> str:
        return str(g.descope_session["userId"])

    def missing() -> None:
        abort(404, g.descope_session["userId"])

    def crash() -> None:
        raise RuntimeError(page())

    views: dict[str, Any] = {
        "page": page,
        "own": lambda: Response(page()),
        "says": lambda: Response(page(), headers=SAYS),
        "missing": missing,
        "crash": crash,
        "stream": lambda: Response(iter([page()])),
        "file": lambda: send_file(__file__),
    }
    for name, view in views.items():
        app.get(f"/{name}", endpoint=name)(require_session(client, **guard)(view))
    return app


def _django_views(
    options: Mapping[str, Any], guard: Mapping[str, Any], cookies: Any
) -> dict[str, Any]:
    from django.http import (  # type: ignore[import-untyped]
        FileResponse,
        Http404,
        HttpRequest,
        HttpResponse,
        StreamingHttpResponse,
    )

    from descope_ml.django import (
        DescopeAuth,
        landing_view,
        require_session,
        set_cookies,
        sign_out,
        verified,
    )

    client = _client(DescopeClient, DescopeAuth, options, cookies)

    @sign_out(client)
    def signed_out(_request: HttpRequest) -> HttpResponse:
        return HttpResponse("bye")

    @verified(client)
    def verify(request: HttpRequest) -> HttpResponse:
        response = HttpResponse(request.descope_login["userId"])
        set_cookies(response, request.descope_login, cookies=cookies)
        return response

    def page(request: HttpRequest) -> HttpResponse:
        return HttpResponse(request.descope_session["userId"])

    def says(request: HttpRequest) -> HttpResponse:
        return HttpResponse(request.descope_session["userId"], headers=SAYS)

    def missing(request: HttpRequest) -> HttpResponse:
        raise Http404(request.descope_session["userId"])

    def crash(request: HttpRequest) -> HttpResponse:
        raise RuntimeError(request.descope_session["userId"])

    def stream(request: HttpRequest) -> HttpResponse:
        return StreamingHttpResponse([request.descope_session["userId"]])

    def file(_request: HttpRequest) -> HttpResponse:
        return FileResponse(open(__file__, "rb"))

    views = [page, says, missing, crash, stream, file]
    guarded = {view.__name__: require_session(client, **guard)(view) for view in views}
    return {
        "open": lambda _request: HttpResponse("open"),
        "verified": verify,
        "verify": landing_view(client),
        "sign-out": signed_out,
        **guarded,
        "own": guarded["page"],
    }


def _django_async_views(
    options: Mapping[str, Any], guard: Mapping[str, Any], cookies: Any
) -> dict[str, Any]:
    """The same site with async views."""
    from asgiref.sync import sync_to_async

    from descope_ml.django import DescopeAuth, landing_view, require_session, sign_out

    client = _client(DescopeClientAsync, DescopeAuth, options, cookies)
    # The other views, with a client that blocks.
    blocking = {name: value for name, value in options.items() if name != "refresh_store"}
    views = _django_views(blocking, guard, cookies)

    @sign_out(client)
    async def signed_out(request: Any) -> Any:
        return await sync_to_async(views["sign-out"].__wrapped__)(request)

    def guarded(view: Any) -> Any:
        @require_session(client, **guard)
        async def run(request: Any) -> Any:
            return await sync_to_async(view.__wrapped__)(request)

        return run

    found = {name: guarded(view) if name in STATUSES else view for name, view in views.items()}
    return {**found, "sign-out": signed_out, "verify": landing_view(client)}


@contextmanager
def _django_site(
    options: Mapping[str, Any],
    guard: Mapping[str, Any],
    cookies: Any,
    is_async: bool = False,
    middleware: tuple[str, ...] = (),
) -> Iterator[str]:
    configure_django()
    from django.core.asgi import get_asgi_application  # type: ignore[import-untyped]
    from django.core.cache import cache  # type: ignore[import-untyped]
    from django.core.wsgi import get_wsgi_application  # type: ignore[import-untyped]
    from django.test import override_settings  # type: ignore[import-untyped]
    from django.urls import path  # type: ignore[import-untyped]

    cache.clear()
    make_views = _django_async_views if is_async else _django_views
    urlpatterns[:] = [
        path(name, view) for name, view in make_views(options, guard, cookies).items()
    ]
    changed = override_settings(
        ROOT_URLCONF=__name__, MIDDLEWARE=list(middleware), LOGGING_CONFIG=None
    )
    with changed:
        served = (
            serve_asgi(get_asgi_application()) if is_async else serve_wsgi(get_wsgi_application())
        )
        with served as url:
            yield url


@contextmanager
def guarded_site(
    framework: str,
    options: Mapping[str, Any],
    middleware: tuple[str, ...] = (),
    cookies: Any = None,
    **guard: Any,
) -> Iterator[str]:
    """Runs the site until the end of the `with` block.

    Args:
        framework: One of `web_sites.FRAMEWORKS`.
        options: The arguments of its client, and `refresh_store`.
        middleware: The middleware of Django.
        cookies: The settings of the cookies. Default: the short forms, which have none.
        guard: The arguments of its guards.

    Returns:
        The URL of the site.
    """
    sites: dict[str, Any] = {
        "fastapi": lambda: _fastapi_site(options, guard, cookies),
        "flask": lambda: _flask_site(options, guard, cookies),
        "django": lambda: _django_site(options, guard, cookies, middleware=middleware),
        "django-async": lambda: _django_site(options, guard, cookies, True, middleware),
    }
    with sites[framework]() as url:
        yield url
