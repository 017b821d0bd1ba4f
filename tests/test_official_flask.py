"""The decorators of the official `descope.flask`: the same small site with both packages."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from typing import Any

import descope
import descope.flask
import pytest
from flask import Flask, Response, g
from flask.testing import FlaskClient

import descope_ml
import descope_ml.flask
from support.emulator import Emulator, run_emulator
from support.recording_server import run_server

PACKAGES = pytest.mark.parametrize("package", [descope, descope_ml], ids=lambda one: one.__name__)
URI = "https://app.example.com/verify"
VARY = "Cookie, Authorization"

_numbers = itertools.count()


@pytest.fixture(scope="module")
def own_emulator() -> Iterator[Emulator]:
    """An emulator whose clock a test may change."""
    with run_emulator() as running:
        yield running


@pytest.fixture
def email() -> str:
    """An address that no other test uses."""
    return f"user{next(_numbers)}@example.com"


def site(package: Any, **options: Any) -> FlaskClient:
    """A browser for a site that uses all decorators."""
    app, helpers = Flask(__name__), package.flask
    client = package.DescopeClient(**options)

    def page(rule: str, decorator: Any, **route: Any) -> None:
        def view() -> Response:
            return Response(g.claims["userId"] if "claims" in g else "done")

        app.add_url_rule(rule, rule, decorator(view), **route)

    post = {"methods": ["POST"]}
    page("/sign-up", helpers.descope_signup_magiclink_by_email(client, URI), **post)
    page("/sign-in", helpers.descope_signin_magiclink_by_email(client, URI), **post)
    page("/verify", helpers.descope_verify_magiclink_token(client))
    page("/private", helpers.descope_validate_auth(client))
    page("/admin", helpers.descope_validate_auth(client, roles=["admin"]))
    page("/pay", helpers.descope_validate_auth(client, permissions=["pay"]))
    page("/log-out", helpers.descope_logout(client))
    return app.test_client()


def options(emulator: Emulator) -> dict[str, Any]:
    """The arguments of a client of the emulator."""
    return {"project_id": emulator.project_id, "base_url": emulator.base_url}


def sign_in(browser: FlaskClient, emulator: Emulator, email: str) -> Any:
    """Signs a new user up, and returns the response to the click on the link."""
    sent = browser.post("/sign-up", json={"email": email, "user": {"name": "Ada"}})
    assert (sent.status_code, sent.text) == (200, "done")
    token = emulator.messages(email)[0]["token"]
    return browser.get(f"/verify?t={token}", base_url="https://app.example.com")


def get(browser: FlaskClient, path: str) -> Any:
    """A page over https, as the cookies need it."""
    return browser.get(path, base_url="https://app.example.com")


@PACKAGES
def test_a_link_signs_in_and_its_session_is_valid(
    package: Any, own_emulator: Emulator, email: str
) -> None:
    browser = site(package, **options(own_emulator))
    login = sign_in(browser, own_emulator, email)
    assert login.status_code == 200
    assert get(browser, "/private").text == login.text
    for path in ("/admin", "/pay"):
        refused = get(browser, path)
        assert (refused.status_code, refused.text) == (401, "Access denied")
    cookies = [one.lower() for one in login.headers.getlist("Set-Cookie")]
    assert [one[: one.index("=")] for one in cookies] == ["ds", "dsr"]
    for word in ("secure", "httponly", "samesite=strict", "path=/"):
        assert all(word in one for one in cookies)


@PACKAGES
def test_an_expired_session_is_refreshed(package: Any, email: str) -> None:
    with run_emulator() as emulator:
        emulator.control("clock", set=int(time.time()) - 7_200)
        browser = site(package, **options(emulator))
        browser.post("/sign-up", json={"email": email})
        token = emulator.messages(email)[0]["token"]
        login = emulator.post("/v1/auth/magiclink/verify", {"token": token})
        emulator.control("clock", advance="2h")
        for name, value in (("DS", login["sessionJwt"]), ("DSR", login["refreshJwt"])):
            browser.set_cookie(name, value, domain="app.example.com")
        page = get(browser, "/private")
        assert (page.status_code, page.text) == (200, login["user"]["userId"])
        refreshed = browser.get_cookie("DS", "app.example.com")
        assert refreshed is not None
        assert refreshed.value != login["sessionJwt"]
        assert get(browser, "/private").headers.getlist("Set-Cookie") == []


@PACKAGES
def test_refusals_have_the_official_texts(package: Any, own_emulator: Emulator, email: str) -> None:
    browser = site(package, **options(own_emulator))
    for path in ("/verify", "/verify?t=", "/verify?t=garbage"):
        refused = get(browser, path)
        assert (refused.status_code, refused.text) == (401, "Unauthorized")
    refused = get(browser, "/private")
    assert (refused.status_code, refused.text) == (401, "Access denied")
    for body in ({}, {"email": ""}):
        missing = browser.post("/sign-in", json=body)
        assert (missing.status_code, missing.text) == (400, "Bad Request, missing email")
    unknown = browser.post("/sign-in", json={"email": email})
    assert unknown.status_code == 500
    assert unknown.text.startswith("Failed to signin")
    assert email not in unknown.text


@PACKAGES
def test_log_out_ends_the_session(package: Any, own_emulator: Emulator, email: str) -> None:
    browser = site(package, **options(own_emulator))
    sign_in(browser, own_emulator, email)
    refresh = browser.get_cookie("DSR", "app.example.com")
    assert refresh is not None
    answer = get(browser, "/log-out")
    assert (answer.status_code, answer.text) == (200, "done")
    cleared = answer.headers.getlist("Set-Cookie")
    assert [one.split(";")[0] for one in cleared] == ["DS=", "DSR="]
    client = descope_ml.DescopeClient(**options(own_emulator))
    with pytest.raises(descope_ml.AuthException):
        client.refresh_session(refresh.value)
    # Ours clears the very cookies that it has set.
    if package is descope_ml:
        assert browser.get_cookie("DSR", "app.example.com") is None
    assert get(site(package, **options(own_emulator)), "/log-out").status_code >= 400


def test_a_view_may_return_any_response(own_emulator: Emulator, email: str) -> None:
    app, client = Flask(__name__), descope_ml.DescopeClient(**options(own_emulator))

    @app.get("/verify")
    @descope_ml.flask.descope_verify_magiclink_token(client)
    def verify() -> tuple[dict[str, str], int]:
        return {"user": g.claims["userId"]}, 201

    client.magiclink.sign_up(descope_ml.DeliveryMethod.EMAIL, email, URI)
    token = own_emulator.messages(email)[0]["token"]
    answer = app.test_client().get(f"/verify?t={token}")
    assert (answer.status_code, list(answer.get_json())) == (201, ["user"])
    assert len(answer.headers.getlist("Set-Cookie")) == 2


def test_the_tenant_counts(own_emulator: Emulator, email: str) -> None:
    client = descope_ml.DescopeClient(
        **options(own_emulator), management_key=own_emulator.management_key
    )
    tenants = [descope_ml.AssociatedTenant("T1", ["clerk"])]
    client.mgmt.user.create_test_user(email, email=email, user_tenants=tenants)
    login = client.magiclink.verify(client.mgmt.user.generate_embedded_link(email))
    app = Flask(__name__)
    for tenant in ("T1", "T2"):
        guard = descope_ml.flask.descope_validate_auth(client, roles=["clerk"], tenant=tenant)
        app.add_url_rule(f"/{tenant}", tenant, guard(lambda: "in"))
    browser = app.test_client()
    browser.set_cookie("DS", login["sessionToken"]["jwt"])
    assert browser.get("/T1").text == "in"
    assert browser.get("/T2").status_code == 401


def test_a_failure_of_the_service_signs_nobody_out() -> None:
    with run_server() as server:
        server.script = [{"status": 503, "body": "down"}]
        browser = site(descope_ml, project_id="P2test", base_url=server.url, max_attempts=1)
        assert get(browser, "/verify?t=t0ken").status_code == 502
        browser.set_cookie("DSR", "r", domain="app.example.com")
        assert get(browser, "/log-out").status_code == 502
        assert browser.get_cookie("DSR", "app.example.com") is not None


def test_cookies_last_as_the_service_says() -> None:
    for data, seconds, attributes in (
        ({}, 30 * 24 * 3600, {"Path=/"}),
        ({"maxAge": 60, "domain": "example.com", "path": "/a"}, 60, {"Domain=example.com"}),
    ):
        response = Response()
        token = {"drn": "DS", "jwt": "x.y.z"}
        descope_ml.flask.set_cookie_on_response(response, token, data)
        parts = set(response.headers["Set-Cookie"].split("; "))
        assert parts >= {"DS=x.y.z", f"Max-Age={seconds}", "Secure", "HttpOnly", *attributes}


def test_full_login_says_why_it_is_not_here() -> None:
    with pytest.raises(NotImplementedError, match="descope_signin_magiclink_by_email"):
        descope_ml.flask.descope_full_login("P", "sign-in", "/")


def test_no_cache_gives_a_page_of_one_user_to_another(own_emulator: Emulator, email: str) -> None:
    browser = site(descope_ml, **options(own_emulator))
    login = sign_in(browser, own_emulator, email)
    page = get(browser, "/private")
    assert (page.headers["Vary"], page.headers["Cache-Control"]) == (VARY, "private")
    refused = get(browser, "/admin")
    left = get(browser, "/log-out")
    for response in (login, refused, left):
        assert "no-store" in response.headers["Cache-Control"]
    assert refused.headers["Vary"] == VARY
