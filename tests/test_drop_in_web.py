"""The helpers for FastAPI, Flask and Django, each in a small site that uses the emulator."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from descope_ml import AssociatedTenant, ConfigError, DeliveryMethod, DescopeClient
from descope_ml.web.guard import Guard, run
from descope_ml.web.links import verification
from descope_ml.web.requests import WebRequest
from descope_ml.web.responses import ResponseChanges
from support.emulator import TOKENS_IN_COOKIES, Emulator, run_emulator
from support.recording_server import ScriptedResponse, run_server
from support.tokens import token_placeholders
from support.web_sites import FRAMEWORKS, Get, PageResponse, site

PHONE = "+14155550123"
URI = "https://app.example.com/verify"
NONE: Mapping[str, str] = {}


class Browser:
    """A browser that only sends the cookies that a test passes."""

    def __init__(self, get: Get) -> None:
        """Uses one site."""
        self._get = get

    def __call__(
        self, path: str, cookies: Mapping[str, str] = NONE, **headers: str
    ) -> PageResponse:
        """Gets a page."""
        return self._get(path, headers, cookies)


@pytest.fixture(scope="module")
def fresh_emulator() -> Iterator[Emulator]:
    """An emulator that is reset before every test."""
    with run_emulator() as running:
        yield running


@pytest.fixture
def options(fresh_emulator: Emulator) -> dict[str, Any]:
    """The arguments of a client of the emulator."""
    fresh_emulator.control("reset")
    return {
        "project_id": fresh_emulator.project_id,
        "base_url": fresh_emulator.base_url,
        "management_key": fresh_emulator.management_key,
    }


@pytest.fixture(params=FRAMEWORKS)
def browser(request: pytest.FixtureRequest, options: dict[str, Any]) -> Iterator[Browser]:
    """A browser for the site in each framework."""
    with site(request.param, **options) as get:
        yield Browser(get)


def link_token(options: Mapping[str, Any], **user: Any) -> str:
    """The token of a link for a new test user."""
    users = DescopeClient(**options).mgmt.user
    users.create_test_user(PHONE, phone=PHONE, verified_phone=True, **user)
    link = users.generate_magic_link_for_test_user(DeliveryMethod.SMS, PHONE, URI)
    (token,) = parse_qs(urlsplit(str(link["link"])).query)["t"]
    return token


def bearer(response: PageResponse, cookie: str = "DS") -> str:
    """The Authorization header for the session in the cookies of a response."""
    return f"Bearer {response.cookies[cookie].value}"


def test_verified_link_sets_session_cookies(browser: Browser, options: dict[str, Any]) -> None:
    token = link_token(options)
    login = browser(f"/verify?t={token}")
    assert login.status == 200
    session, refresh = login.cookies["DS"], login.cookies["DSR"]
    for cookie in (session, refresh):
        assert cookie["secure"]
        assert cookie["httponly"]
        assert cookie["samesite"].lower() == "lax"
        assert cookie["path"] == "/"
        assert cookie["domain"] == ""
    # The session token expires by itself; a guard refreshes it.
    assert 0 < int(session["max-age"]) == int(refresh["max-age"])
    page = browser("/private", {"DS": session.value})
    assert (page.status, page.text) == (200, login.text)
    assert browser("/private", Authorization=bearer(login)).text == login.text
    assert browser("/private", Authorization=f"bearer {session.value}").status == 200

    second = browser(f"/verify?t={token}")
    assert (second.status, len(second.cookies)) == (401, 0)

    logout = browser(f"/logout?refresh_token={refresh.value}")
    assert {name: cookie.value for name, cookie in logout.cookies.items()} == {"DS": "", "DSR": ""}
    assert all(cookie["max-age"] == "0" for cookie in logout.cookies.values())


def test_cookies_have_the_names_and_domain_of_the_project(
    browser: Browser, options: dict[str, Any], fresh_emulator: Emulator
) -> None:
    fresh_emulator.put_settings(
        project_settings={
            **TOKENS_IN_COOKIES,
            "session_token_cookie_domain": "example.com",
            "refresh_token_cookie_domain": "example.com",
        },
        emulator={"session_token_cookie_name": "MYDS", "refresh_token_cookie_name": "MYDSR"},
    )
    login = browser(f"/verify?t={link_token(options)}")
    assert set(login.cookies) == {"MYDS", "MYDSR"}
    assert {cookie["domain"] for cookie in login.cookies.values()} == {"example.com"}
    cookies = {"MYDS": login.cookies["MYDS"].value}
    assert browser("/renamed", cookies).status == 200
    assert browser("/private", cookies).status == 200
    assert browser("/private", {"DS": "old", **cookies}).status == 200
    logout = browser(f"/logout?refresh_token={login.cookies['MYDSR'].value}")
    assert {name: cookie["domain"] for name, cookie in logout.cookies.items()} == {
        "MYDS": "example.com",
        "MYDSR": "example.com",
    }


def test_missing_or_invalid_session_gets_401(browser: Browser, options: dict[str, Any]) -> None:
    login = browser(f"/verify?t={link_token(options)}")
    session, refresh = login.cookies["DS"].value, login.cookies["DSR"].value
    tampered = session[:-6] + ("AAAAAA" if not session.endswith("AAAAAA") else "BBBBBB")
    missing = [
        browser("/private"),
        browser("/private", {"OTHER": session}),
        browser("/private", Authorization="Basic YTpi"),
        browser("/verify"),
        browser("/verify?t="),
    ]
    invalid = [
        browser("/private", {"DS": "garbage"}),
        browser("/private", {"DS": tampered}),
        browser("/private", {"DS": refresh}),
        browser("/private", Authorization="Bearer garbage"),
        browser("/verify?t=garbage"),
    ]
    for response in (*missing, *invalid):
        assert response.status == 401, response
        challenge = 'Bearer error="invalid_token"' if response in invalid else "Bearer"
        assert response.headers["WWW-Authenticate"] == challenge
        assert "garbage" not in response.text
    # The Authorization header takes precedence over the cookie.
    assert browser("/private", {"DS": session}, Authorization="Bearer garbage").status == 401


def test_missing_role_permission_or_tenant_gets_403(
    browser: Browser, options: dict[str, Any]
) -> None:
    login = browser(f"/verify?t={link_token(options)}")
    for path in ("/admin", "/pay", "/tenant"):
        assert browser(path, Authorization=bearer(login)).status == 403
        assert browser(path).status == 401
    DescopeClient(**options).mgmt.user.delete_all_test_users()
    tenants = [AssociatedTenant("T1", ["clerk"])]
    token = link_token(options, role_names=["admin"], user_tenants=tenants)
    login = browser(f"/verify?t={token}")
    for path, status in (("/admin", 200), ("/tenant", 200), ("/pay", 403)):
        assert browser(path, Authorization=bearer(login)).status == status


ERROR_RESPONSES: list[tuple[ScriptedResponse, int, dict[str, str]]] = [
    ({"status": 500, "body": "down"}, 502, {}),
    ({"status": 503, "body": "down"}, 502, {}),
    ({"json": {}}, 502, {}),
    ({"body": "<html>"}, 502, {}),
    ({"instead": "close"}, 503, {}),
    ({"status": 429, "headers": {"Retry-After": "7"}, "body": ""}, 429, {"Retry-After": "7"}),
]


@pytest.mark.parametrize(("scripted", "status", "headers"), ERROR_RESPONSES)
@pytest.mark.parametrize("name", FRAMEWORKS)
def test_failures_of_the_service_do_not_get_401(
    name: str, scripted: ScriptedResponse, status: int, headers: dict[str, str]
) -> None:
    with run_server() as server:
        server.script = [scripted]
        options = {"project_id": "P2test", "base_url": server.url, "max_attempts": 1}
        with site(name, **options) as get:
            browser = Browser(get)
            for response in (
                browser("/verify?t=t0ken"),
                browser("/private", {"DS": token_placeholders()["SESSION"]}),
            ):
                assert response.status == status
                assert {key: response.headers[key] for key in headers} == headers


# Of proxies and other servers, or about what this server has sent.
STATUSES_OF_OTHERS = [
    301,
    400,
    401,
    403,
    404,
    405,
    407,
    408,
    411,
    413,
    414,
    415,
    421,
    426,
    431,
    451,
]

# The status and body that the service responds with, and the status that the browser gets.
REJECTIONS: list[tuple[int, str, int]] = [
    *((status, "", 502) for status in STATUSES_OF_OTHERS),
    *((status, "<html>", 502) for status in STATUSES_OF_OTHERS),
    (400, '{"errorCode": "teapot"}', 502),
    *((status, '{"errorCode": "E062504"}', 401) for status in (400, 401, 403, 404)),
    # The settings of this server are wrong.
    (400, '{"errorCode": "E071001"}', 502),
    (401, '{"errorCode": "E111119"}', 502),
]


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_rejection_gets_401_only_if_it_is_that_of_the_service(name: str) -> None:
    with run_server() as server:
        server.script = [{"status": status, "body": body} for status, body, _ in REJECTIONS]
        options = {"project_id": "P2test", "base_url": server.url}
        with site(name, public_key=token_placeholders()["JWK"], **options) as get:
            browser = Browser(get)
            statuses = [browser("/verify?t=t0ken").status for _ in REJECTIONS]
    assert statuses == [expected for _, _, expected in REJECTIONS]


def test_errors_of_the_application_are_raised_unchanged() -> None:
    client = DescopeClient("P2test")
    client.close()
    calls: list[Callable[[], object]] = [
        lambda: run(verification(client, "t")),
        lambda: run(Guard(lambda: client).check(WebRequest("Bearer t"), ResponseChanges())),
    ]
    for call in calls:
        with pytest.raises(ConfigError) as caught:
            call()
        assert caught.value.__cause__ is None


def test_import_loads_no_framework_and_no_asyncio() -> None:
    program = "import sys; from descope_ml import *; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    loaded = set(done.stdout.split())
    assert "descope_ml.client_async" in loaded
    assert not {"fastapi", "starlette", "flask", "django", "asyncio"} & loaded
