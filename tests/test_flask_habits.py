"""The guards as Flask has it: error handlers, preflights, blueprints, async views."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from descope_ml import DescopeClient, DescopeClientAsync
from support.emulator import Emulator
from support.signed_in import awaited_client, bearer_headers, blocking_client


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


def flask_app(client: DescopeClient, **settings: Any) -> Flask:
    """An app with a page for all who are signed in, and with one for admins."""
    from flask import g

    from descope_ml.flask import DescopeAuth

    app, auth = Flask("habits"), DescopeAuth(**settings)

    @app.route("/page", methods=["GET", "OPTIONS"])
    @auth.require_session()
    def page() -> str:
        return str(g.descope_session["userId"])

    @app.get("/admin")
    @auth.require_session(roles="admin")
    def admin() -> str:
        return str(g.descope_session["userId"])

    auth.init_app(app, client)
    return app


def test_error_handlers_of_flask_see_refusals(
    client: DescopeClient, bearer: dict[str, str]
) -> None:
    app = flask_app(client)

    @app.errorhandler(401)
    def sign_in(error: Any) -> tuple[str, int]:
        return f"own: {error.description}", 401

    browser = app.test_client()
    refused = browser.get("/page")
    assert (refused.status_code, refused.text) == (401, "own: sign in first")
    assert "no-store" in refused.headers["Cache-Control"]
    forbidden = browser.get("/admin", headers=bearer)
    assert (forbidden.status_code, forbidden.text) == (403, "a role is missing")
    assert forbidden.mimetype == "text/plain"
    assert forbidden.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'


def test_a_refusal_of_flask_can_be_a_response(client: DescopeClient) -> None:
    from flask import redirect

    browser = flask_app(client, refusal=lambda _failure: redirect("/sign-in")).test_client()
    refused = browser.get("/page")
    assert (refused.status_code, refused.headers["Location"]) == (302, "/sign-in")
    assert "no-store" in refused.headers["Cache-Control"]


def test_a_preflight_is_not_refused(client: DescopeClient, bearer: dict[str, str]) -> None:
    browser = flask_app(client).test_client()
    asked = {"Origin": "https://other.example", "Access-Control-Request-Method": "GET"}
    preflight = browser.options("/page", headers=asked)
    assert (preflight.status_code, preflight.text) == (200, "")
    assert "GET" in preflight.headers["Allow"]
    assert browser.options("/page").status_code == 401
    assert browser.get("/page", headers=bearer).status_code == 200


def test_blueprints_of_flask_can_be_guarded(client: DescopeClient, bearer: dict[str, str]) -> None:
    from flask import Blueprint, g

    from descope_ml.flask import require_session

    app, books = Flask("habits"), Blueprint("books", __name__)
    books.before_request(require_session(client)(lambda: None))

    @books.get("/books")
    def shelf() -> str:
        return str(g.descope_session["userId"])

    @app.get("/open")
    def open_page() -> str:
        return "open"

    app.register_blueprint(books)
    browser = app.test_client()
    assert browser.get("/open").status_code == 200
    assert browser.get("/books").status_code == 401
    page = browser.get("/books", headers=bearer)
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "private")
    asked = {"Origin": "https://other.example", "Access-Control-Request-Method": "GET"}
    assert browser.options("/books", headers=asked).status_code == 200


def test_async_views_of_flask_can_be_guarded(client: DescopeClient, bearer: dict[str, str]) -> None:
    from flask import g

    from descope_ml.flask import require_session

    app = Flask("habits")

    @app.get("/page")
    @require_session(client)
    async def page() -> str:
        return str(g.descope_session["userId"])

    browser = app.test_client()
    assert browser.get("/page").status_code == 401
    assert browser.get("/page", headers=bearer).status_code == 200


def test_flask_refuses_a_client_that_does_not_block(async_client: DescopeClientAsync) -> None:
    from descope_ml.flask import DescopeAuth, require_session

    with pytest.raises(TypeError, match="Flask needs a DescopeClient, not a DescopeClientAsync"):
        require_session(async_client)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="is needed, not str"):
        DescopeAuth("P2test")
    with pytest.raises(RuntimeError, match="no client was given yet"):
        _ = DescopeAuth().client
