"""The helpers for web frameworks, each in a small site of its framework against the emulator."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from descope_ml import AssociatedTenant, ConfigError, DeliveryMethod, DescopeClient
from descope_ml.django import require_session
from descope_ml.web_frameworks import Requirements, authenticate, verify_link
from support.emulator import Emulator, run_emulator
from support.recording_server import ScriptedResponse, run_server
from support.tokens import token_placeholders
from support.web_sites import Get, Reply, site

FRAMEWORKS = ["fastapi", "flask", "django", "django-async"]
PHONE = "+14155550123"
URI = "https://app.example.com/verify"
NONE: Mapping[str, str] = {}


class Browser:
    """A user's browser, which keeps no cookies but those that a test gives it."""

    def __init__(self, get: Get) -> None:
        """Asks one site."""
        self._get = get

    def __call__(self, path: str, cookies: Mapping[str, str] = NONE, **headers: str) -> Reply:
        """Asks for a page."""
        return self._get(path, headers, cookies)


@pytest.fixture(scope="module")
def clean() -> Iterator[Emulator]:
    """An emulator that is set back before every test."""
    with run_emulator() as one:
        yield one


@pytest.fixture
def options(clean: Emulator) -> dict[str, Any]:
    """What a client of the emulator is made with."""
    clean.control("reset")
    return {
        "project_id": clean.project_id,
        "base_url": clean.base_url,
        "management_key": clean.management_key,
    }


@pytest.fixture(params=FRAMEWORKS)
def browser(request: pytest.FixtureRequest, options: dict[str, Any]) -> Iterator[Browser]:
    """A browser at the site in each framework."""
    with site(request.param, **options) as get:
        yield Browser(get)


def link_token(options: Mapping[str, Any], **user: Any) -> str:
    """The token of a link to a new test user."""
    users = DescopeClient(**options).mgmt.user
    users.create_test_user(PHONE, phone=PHONE, verified_phone=True, **user)
    made = users.generate_magic_link_for_test_user(DeliveryMethod.SMS, PHONE, URI)
    (token,) = parse_qs(urlsplit(str(made["link"])).query)["t"]
    return token


def bearer(reply: Reply, cookie: str = "DS") -> str:
    """The header for the session that a reply has set."""
    return f"Bearer {reply.cookies[cookie].value}"


def test_a_link_becomes_cookies_and_they_a_session(
    browser: Browser, options: dict[str, Any]
) -> None:
    token = link_token(options)
    entered = browser(f"/verify?t={token}")
    assert entered.status == 200
    session, refresh = entered.cookies["DS"], entered.cookies["DSR"]
    for cookie in (session, refresh):
        assert cookie["secure"]
        assert cookie["httponly"]
        assert cookie["samesite"].lower() == "lax"
        assert cookie["path"] == "/"
        assert cookie["domain"] == ""
    assert 0 < int(session["max-age"]) < int(refresh["max-age"])
    inside = browser("/private", {"DS": session.value})
    assert (inside.status, inside.text) == (200, entered.text)
    assert browser("/private", Authorization=bearer(entered)).text == entered.text
    assert browser("/private", Authorization=f"bearer {session.value}").status == 200

    again = browser(f"/verify?t={token}")
    assert (again.status, len(again.cookies)) == (401, 0)

    out = browser(f"/logout?refresh_token={refresh.value}")
    assert {name: cookie.value for name, cookie in out.cookies.items()} == {"DS": "", "DSR": ""}
    assert all(cookie["max-age"] == "0" for cookie in out.cookies.values())


def test_cookies_have_the_names_and_the_domain_of_the_project(
    browser: Browser, options: dict[str, Any], clean: Emulator
) -> None:
    clean.put_settings(
        tokens="cookies",
        sessionCookie="MYDS",
        refreshCookie="MYDSR",
        cookieDomain="example.com",
    )
    entered = browser(f"/verify?t={link_token(options)}")
    assert set(entered.cookies) == {"MYDS", "MYDSR"}
    assert {cookie["domain"] for cookie in entered.cookies.values()} == {"example.com"}
    cookies = {"MYDS": entered.cookies["MYDS"].value}
    assert browser("/renamed", cookies).status == 200
    assert browser("/private", cookies).status == 401
    out = browser(f"/logout?refresh_token={entered.cookies['MYDSR'].value}")
    assert {name: cookie["domain"] for name, cookie in out.cookies.items()} == {
        "MYDS": "example.com",
        "MYDSR": "example.com",
    }


def test_who_is_not_signed_in_is_told_so(browser: Browser, options: dict[str, Any]) -> None:
    entered = browser(f"/verify?t={link_token(options)}")
    session, refresh = entered.cookies["DS"].value, entered.cookies["DSR"].value
    tampered = session[:-6] + ("AAAAAA" if not session.endswith("AAAAAA") else "BBBBBB")
    refused = [
        browser("/private"),
        browser("/private", {"DS": "garbage"}),
        browser("/private", {"DS": tampered}),
        browser("/private", {"DS": refresh}),
        browser("/private", {"OTHER": session}),
        browser("/private", Authorization="Basic YTpi"),
        browser("/private", Authorization="Bearer garbage"),
        browser("/verify"),
        browser("/verify?t="),
        browser("/verify?t=garbage"),
    ]
    for reply in refused:
        assert reply.status == 401, reply
        assert reply.headers["WWW-Authenticate"] == "Bearer"
        assert "garbage" not in reply.text
    # What a header says counts before a cookie does.
    assert browser("/private", {"DS": session}, Authorization="Bearer garbage").status == 401


def test_rights_are_asked_for(browser: Browser, options: dict[str, Any]) -> None:
    entered = browser(f"/verify?t={link_token(options)}")
    for path in ("/admin", "/pay", "/tenant"):
        assert browser(path, Authorization=bearer(entered)).status == 403
        assert browser(path).status == 401
    DescopeClient(**options).mgmt.user.delete_all_test_users()
    tenants = [AssociatedTenant("T1", ["clerk"])]
    token = link_token(options, role_names=["admin"], user_tenants=tenants)
    entered = browser(f"/verify?t={token}")
    for path, status in (("/admin", 200), ("/tenant", 200), ("/pay", 403)):
        assert browser(path, Authorization=bearer(entered)).status == status


BAD_DAYS: list[tuple[ScriptedResponse, int, dict[str, str]]] = [
    ({"status": 500, "body": "down"}, 502, {}),
    ({"status": 503, "body": "down"}, 502, {}),
    ({"json": {}}, 502, {}),
    ({"body": "<html>"}, 502, {}),
    ({"instead": "close"}, 503, {}),
    ({"status": 429, "headers": {"Retry-After": "7"}, "body": ""}, 429, {"Retry-After": "7"}),
]


@pytest.mark.parametrize(("answer", "status", "headers"), BAD_DAYS)
@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_service_that_is_not_well_is_not_the_users_fault(
    name: str, answer: ScriptedResponse, status: int, headers: dict[str, str]
) -> None:
    with run_server() as server:
        server.script = [answer]
        options = {"project_id": "P2test", "base_url": server.url, "max_attempts": 1}
        with site(name, **options) as get:
            browser = Browser(get)
            for reply in (
                browser("/verify?t=t0ken"),
                browser("/private", {"DS": token_placeholders()["SESSION"]}),
            ):
                assert reply.status == status
                assert {key: reply.headers[key] for key in headers} == headers


def test_a_fault_of_the_servers_own_is_raised_as_it_is() -> None:
    client = DescopeClient("P2test")
    client.close()
    calls: list[Callable[[], object]] = [
        lambda: verify_link(client, "t"),
        lambda: authenticate(client, "t", Requirements()),
    ]
    for call in calls:
        with pytest.raises(ConfigError) as caught:
            call()
        assert caught.value.__cause__ is None


def test_a_view_needs_a_client_of_its_kind() -> None:
    async def view(request: Any) -> None:
        """A coroutine."""

    with pytest.raises(TypeError, match="needs a DescopeClientAsync"):
        require_session(DescopeClient("P"))(view)


def test_the_package_loads_no_framework_and_no_asyncio() -> None:
    program = "import sys; from descope_ml import *; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    loaded = set(done.stdout.split())
    assert "descope_ml.client_async" in loaded
    assert not {"fastapi", "starlette", "flask", "django", "asyncio"} & loaded
