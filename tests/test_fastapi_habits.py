"""The guards as FastAPI has it: exception handlers, WebSockets, OpenAPI, overrides."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import fastapi
import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

from descope_ml import ConfigError, DescopeClient, DescopeClientAsync
from support.emulator import Emulator
from support.signed_in import awaited_client, bearer_headers, blocking_client, link_token


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


def test_fastapi_takes_a_client_that_blocks(
    client: DescopeClient, emulator: Emulator, bearer: dict[str, str]
) -> None:
    from descope_ml.fastapi import landing_router, require_session, verified

    app = FastAPI()
    app.include_router(landing_router(client))
    allowed, login = Depends(require_session(client)), Depends(verified(client))

    @app.get("/page")
    async def page(session: Any = allowed) -> str:
        return str(session["userId"])

    @app.get("/verified")
    def verify(found: Any = login) -> str:
        return str(found["userId"])

    browser = TestClient(app, base_url="https://site")
    user = browser.get("/page", headers=bearer)
    assert user.status_code == 200
    assert browser.get("/page").status_code == 401
    assert browser.get(f"/verified?t={link_token(emulator)}").json() == user.json()
    shown = browser.get(f"/verify?t={link_token(emulator)}")
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', shown.text))
    done = browser.post("/verify", data=fields, follow_redirects=False)
    assert (done.status_code, "DS" in done.cookies) == (303, True)


def test_a_redirect_of_fastapi_keeps_its_cookies(
    async_client: DescopeClientAsync, emulator: Emulator
) -> None:
    from fastapi.responses import RedirectResponse

    from descope_ml.fastapi import set_cookies, verified

    app, login = FastAPI(), Depends(verified(async_client))

    @app.get("/verified")
    async def verify(found: Any = login) -> fastapi.Response:
        response = RedirectResponse("/books", 303)
        set_cookies(response, found)
        return response

    browser = TestClient(app, base_url="https://site", follow_redirects=False)
    response = browser.get(f"/verified?t={link_token(emulator)}")
    assert set(response.cookies) == {"DS", "DSR"}
    assert "no-store" in response.headers["Cache-Control"]


def fastapi_app(client: Any, **settings: Any) -> FastAPI:
    """An app with a page, and with a WebSocket."""
    from descope_ml.fastapi import DescopeAuth

    app, auth = FastAPI(), DescopeAuth(client, **settings)
    allowed, admins = Depends(auth.require_session()), Depends(auth.require_session(roles="admin"))

    @app.get("/page")
    async def page(session: Any = allowed) -> str:
        return str(session["userId"])

    @app.get("/admin")
    async def admin(session: Any = admins) -> str:
        return str(session["userId"])

    @app.websocket("/socket")
    async def socket(websocket: fastapi.WebSocket, session: Any = allowed) -> None:
        await websocket.accept()
        await websocket.send_text(session["userId"])
        await websocket.close()

    return app


def test_exception_handlers_of_fastapi_see_refusals(
    async_client: DescopeClientAsync, bearer: dict[str, str]
) -> None:
    app = fastapi_app(async_client)

    @app.exception_handler(401)
    async def sign_in(_request: Any, error: Any) -> fastapi.Response:
        return fastapi.Response(f"own: {error.detail}", 401, error.headers)

    browser = TestClient(app)
    refused = browser.get("/page")
    assert (refused.status_code, refused.text) == (401, "own: sign in first")
    assert "no-store" in refused.headers["Cache-Control"]
    forbidden = browser.get("/admin", headers=bearer)
    assert forbidden.status_code == 403
    assert forbidden.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'


def test_a_refusal_of_fastapi_can_be_another_exception(async_client: DescopeClientAsync) -> None:
    class SignIn(Exception):  # noqa: N818 - as in FastAPI's docs
        """The user has to sign in."""

    app = fastapi_app(async_client, refusal=lambda _request, _failure: SignIn())

    @app.exception_handler(SignIn)
    async def sign_in(request: Any, _error: Any) -> fastapi.Response:
        return fastapi.responses.RedirectResponse(f"/sign-in?next={request.url.path}")

    refused = TestClient(app, follow_redirects=False).get("/page")
    assert refused.headers["Location"] == "/sign-in?next=/page"
    assert "no-store" in refused.headers["Cache-Control"]


@pytest.mark.parametrize("is_async", [True, False])
def test_websockets_can_be_guarded(
    is_async: bool,
    client: DescopeClient,
    async_client: DescopeClientAsync,
    bearer: dict[str, str],
) -> None:
    from starlette.websockets import WebSocketDisconnect

    browser = TestClient(fastapi_app(async_client if is_async else client))
    with browser.websocket_connect("/socket", headers=dict(bearer)) as socket:
        assert socket.receive_text() == browser.get("/page", headers=bearer).json()
    for headers in ({}, {"Authorization": "Bearer garbage"}):
        with (
            pytest.raises(WebSocketDisconnect) as closed,
            browser.websocket_connect("/socket", headers=dict(headers)),
        ):
            pass
        assert closed.value.code == 1008


def test_openapi_knows_how_to_sign_in(async_client: DescopeClientAsync) -> None:
    document = fastapi_app(async_client).openapi()
    assert document["components"]["securitySchemes"] == {
        "DescopeBearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
        "DescopeCookie": {"type": "apiKey", "in": "cookie", "name": "DS"},
    }
    operation = document["paths"]["/page"]["get"]
    assert operation["security"] == [{"DescopeBearer": []}, {"DescopeCookie": []}]
    assert "parameters" not in operation


def test_the_dependency_can_be_overridden(async_client: DescopeClientAsync) -> None:
    from descope_ml.fastapi import require_session

    app, guard = FastAPI(), require_session(async_client)
    allowed = Depends(guard)

    @app.get("/page")
    async def page(session: Any = allowed) -> str:
        return str(session["userId"])

    app.dependency_overrides[guard] = lambda: {"userId": "U1"}
    assert TestClient(app).get("/page").json() == "U1"


def test_a_second_lifespan_uses_the_same_client(
    async_client: DescopeClientAsync, bearer: dict[str, str]
) -> None:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with async_client:
            yield

    app = fastapi_app(async_client)
    app.router.lifespan_context = lifespan
    for _ in range(2):
        with TestClient(app) as browser:
            assert browser.get("/page", headers=bearer).status_code == 200
        with pytest.raises(ConfigError, match="the client is closed"):
            browser.get("/page", headers=bearer)


def test_without_anything_that_changes_responses_a_guard_fails(
    async_client: DescopeClientAsync,
) -> None:
    """A router that is no part of a FastAPI app could not protect its responses."""
    from starlette.requests import Request

    from descope_ml.fastapi import require_session
    from descope_ml.starlette import ResponseMiddleware

    guard = require_session(async_client)
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""}
    with pytest.raises(RuntimeError, match=r"add descope_ml\.starlette\.ResponseMiddleware"):
        asyncio.run(guard(Request(scope)))
    seen: list[int] = []

    async def guarded(scope: Any, _receive: Any, _send: Any) -> None:
        with pytest.raises(fastapi.HTTPException) as refused:
            await guard(Request({**scope, "server": ("site", 80)}))
        seen.append(refused.value.status_code)

    asyncio.run(ResponseMiddleware(guarded)(scope, None, None))  # type: ignore[arg-type]
    assert seen == [401]
