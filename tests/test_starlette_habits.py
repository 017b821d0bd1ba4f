"""The guards in Starlette, with the ASGI middleware."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from descope_ml.starlette import CookieSettings, DescopeAuth, ResponseMiddleware, set_cookies
from support.emulator import Emulator
from support.signed_in import awaited_client, blocking_client, link_token, sign_in


def starlette_app(client: Any, **settings: Any) -> Starlette:
    """An app with pages, a sign-out and a WebSocket."""
    auth = DescopeAuth(client, **settings)

    async def page(request: Request) -> Response:
        session = await auth.session(request)
        assert session is not None
        return PlainTextResponse(session["userId"])

    async def crash(request: Request) -> Response:
        raise RuntimeError(await auth.session(request))

    async def file(request: Request) -> Response:
        await auth.session(request, optional=True)
        return FileResponse(__file__)

    async def admin(request: Request) -> Response:
        await auth.session(request, roles="admin")
        return PlainTextResponse("admin")

    async def verify(request: Request) -> Response:
        response = PlainTextResponse("welcome")
        set_cookies(response, await auth.verified(request), cookies=auth.cookies)
        return response

    async def signed_out(request: Request) -> Response:
        await auth.sign_out(request)
        return PlainTextResponse("bye")

    async def socket(websocket: WebSocket) -> None:
        session = await auth.session(websocket)
        assert session is not None
        await websocket.accept()
        await websocket.send_text(session["userId"])
        await websocket.close()

    async def refused(_request: Request, error: Exception) -> Response:
        return PlainTextResponse(f"own: {error.detail}", error.status_code, error.headers)  # type: ignore[attr-defined]

    views = {"page": page, "crash": crash, "file": file, "admin": admin, "verified": verify}
    return Starlette(
        routes=[
            *(Route(f"/{name}", view) for name, view in views.items()),
            Route("/sign-out", signed_out, methods=["POST"]),
            WebSocketRoute("/socket", socket),
        ],
        middleware=[Middleware(ResponseMiddleware)],
        exception_handlers={401: refused},
    )


@pytest.mark.parametrize("is_async", [True, False])
def test_a_session_lasts_in_starlette(is_async: bool, emulator: Emulator) -> None:
    client = awaited_client(emulator) if is_async else blocking_client(emulator)
    settings = CookieSettings(session_name="app", domain="")
    app = starlette_app(client, cookies=settings)
    browser = TestClient(app, base_url="https://site")
    assert browser.get(f"/verified?t={link_token(emulator)}").status_code == 200
    assert set(browser.cookies) == {"app", "DSR"}
    page = browser.get("/page")
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "private")
    assert browser.get("/file").headers["Vary"] == "Cookie, Authorization"
    browser.cookies.delete("app")
    refreshed = browser.get("/page")
    assert (refreshed.text, "app" in refreshed.cookies) == (page.text, True)
    forbidden = browser.get("/admin")
    assert forbidden.status_code == 403
    assert "no-store" in forbidden.headers["Cache-Control"]
    # The client has no secure cookies for WebSockets.
    cookie = {"Cookie": f"app={browser.cookies['app']}"}
    with browser.websocket_connect("/socket", headers=cookie) as socket:
        assert socket.receive_text() == page.text
    refresh = browser.cookies["DSR"]
    assert browser.post("/sign-out").text == "bye"
    assert set(browser.cookies) == set()
    ended = browser.get("/page", headers={"Cookie": f"DSR={refresh}"})
    assert (ended.status_code, ended.text) == (401, "own: sign in first")
    assert "no-store" in ended.headers["Cache-Control"]
    with (
        pytest.raises(WebSocketDisconnect) as closed,
        browser.websocket_connect("/socket"),
    ):
        pass
    assert closed.value.code == 1008


def test_without_the_middleware_a_guard_fails(emulator: Emulator) -> None:
    app = starlette_app(awaited_client(emulator))
    app.user_middleware.clear()
    token = sign_in(emulator)["sessionToken"]["jwt"]
    with pytest.raises(RuntimeError, match="ResponseMiddleware"):
        TestClient(app).get("/page", headers={"Authorization": f"Bearer {token}"})


def test_an_error_outside_of_the_middleware_is_no_page_of_a_user(emulator: Emulator) -> None:
    """The middleware of an app is inside of Starlette's handler of errors."""
    app = ResponseMiddleware(starlette_app(awaited_client(emulator)))
    token = sign_in(emulator)["refreshSessionToken"]["jwt"]
    browser = TestClient(app, base_url="https://site", raise_server_exceptions=False)
    crashed = browser.get("/crash", headers={"Cookie": f"DSR={token}"})
    assert crashed.status_code == 500
    assert set(crashed.cookies) == {"DS", "DSR"}
    assert "no-store" in crashed.headers["Cache-Control"]
