"""What is set and cleared as a cookie, on the responses of each framework."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from descope_ml.fastapi import CookieSettings, clear_cookies, set_cookies
from descope_ml.web.cookies import clearing_cookies, login_cookies
from descope_ml.web.requests import WebRequest
from descope_ml.web.responses import ResponseChanges, headers_of
from support.set_cookies import lines, scopes
from support.web_sites import configure_django

pytestmark = pytest.mark.usefixtures("new_process")

HOSTS = {
    "app.example.com:8443": {"", "app.example.com", "example.com"},
    "a.b.c.d.e.f.example.com": {"", "e.f.example.com", "f.example.com", "example.com"},
    "localhost": {""},
    "127.0.0.1:8000": {""},
    "[::1]:8000": {""},
    "a..b": {""},
    "a;b.example.com": {""},
    "bücher.example": {""},
    "": {""},
}


@pytest.mark.parametrize("host", HOSTS)
def test_no_host_and_no_path_can_break_the_clearing(host: str) -> None:
    for path in ("/", "", "/a;b/ü\r\nx/%00/d/e", "//", "/" + "a/" * 1000):
        found = WebRequest(host=host, path=path).other_scopes(CookieSettings())
        assert {domain for domain, _ in found} >= HOSTS[host]
        assert len(found) <= 4 * 3
        assert clearing_cookies(CookieSettings(), {}, ["DS"], found)


def test_what_a_view_sets_or_clears_stays_so(framework: str) -> None:
    """A view that signs the user out must not be overruled by the refresh before it."""
    token = {"jwt": "s", "exp": 10, "iat": 0}
    login = {"sessionToken": token, "refreshSessionToken": token, "cookieData": {}}
    changes = ResponseChanges()
    changes.cookies = login_cookies(login, CookieSettings())
    cleared, untouched = new_response(framework), new_response(framework)
    clear_cookies(cleared)
    for _ in range(2):
        for response in (cleared, untouched):
            changes.apply(headers_of(response))
    cookies = {("DS", "", "/"), ("DSR", "", "/")}
    assert (scopes(cleared), scopes(cleared, is_cleared=True)) == (set(), cookies)
    assert (scopes(untouched), len(lines(untouched))) == (cookies, 2)


def new_response(framework: str) -> Any:
    """A response of a framework."""
    configure_django()
    import django.http  # type: ignore[import-untyped]
    import fastapi
    import flask

    return {
        "fastapi": fastapi.Response,
        "flask": flask.Response,
        "django": django.http.HttpResponse,
        "django-async": django.http.HttpResponse,
    }[framework]()


UNSAFE = ["a;b", "a\r\nSet-Cookie: x=y", "a\x00", "a\x7f", "a b;", "\n"]


@pytest.mark.parametrize("unsafe", UNSAFE)
@pytest.mark.parametrize("key", ["cookieName", "sessionCookieName", "domain", "path"])
def test_what_a_project_says_is_checked_before_anything_is_set(
    framework: str, key: str, unsafe: str
) -> None:
    response = new_response(framework)
    token = {"jwt": "s", "exp": 10, "iat": 0}
    data = {key: f"/{unsafe}" if key == "path" else unsafe}
    login = {"sessionToken": token, "refreshSessionToken": token, "cookieData": data}
    with pytest.raises(ValueError, match="of a cookie is invalid"):
        set_cookies(response, login)
    assert lines(response) == []


@pytest.mark.parametrize("unsafe", UNSAFE)
@pytest.mark.parametrize("key", ["session_name", "refresh_name", "domain", "path"])
def test_settings_are_checked(key: str, unsafe: str) -> None:
    with pytest.raises(ValueError, match="of a cookie is invalid"):
        CookieSettings().replaced(**{key: f"/{unsafe}" if key == "path" else unsafe})


def test_settings_that_browsers_reject_are_refused() -> None:
    with pytest.raises(ValueError, match="same_site must be"):
        CookieSettings(same_site="Sometimes")
    with pytest.raises(ValueError, match="browsers reject"):
        CookieSettings(same_site="None", secure=False)


def test_cookies_that_are_not_secure_are_logged(
    framework: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "descope_ml"):
        settings = CookieSettings(secure=False)
    assert caplog.messages == [
        "the session cookies are not secure: anyone on the network can read them"
    ]
    response = new_response(framework)
    clear_cookies(response, cookies=settings)
    assert [line.partition("=")[0] for line in lines(response)] == ["DS", "DSR"]
    assert not any("Secure" in line for line in lines(response))


def test_what_a_project_said_is_cleared_without_an_answer(framework: str) -> None:
    token = {"jwt": "s", "exp": 10, "iat": 0}
    data = {"cookieName": "R", "sessionCookieName": "S", "domain": "example.com", "path": "/a"}
    login = {"sessionToken": token, "refreshSessionToken": token, "cookieData": data}
    response = new_response(framework)
    set_cookies(response, {**login, "projectId": "P1"})
    cookies = {("S", "example.com", "/a"), ("R", "example.com", "/a")}
    assert scopes(response) == cookies
    cleared = new_response(framework)
    clear_cookies(cleared)
    assert scopes(cleared, is_cleared=True) == cookies
    assert "no-store" in cleared.headers["Cache-Control"]


def test_a_cookie_that_browsers_drop_gets_a_warning(
    framework: str, caplog: pytest.LogCaptureFixture
) -> None:
    def login(size: int) -> dict[str, Any]:
        token = {"jwt": "s" * (size - len("DS")), "exp": 10, "iat": 0}
        return {"sessionToken": token, "cookieData": {}}

    set_cookies(new_response(framework), login(4096))
    with caplog.at_level(logging.WARNING, "descope_ml"), pytest.warns(match="4097") as warned:
        set_cookies(new_response(framework), login(4097))
    (message,) = [str(warning.message) for warning in warned]
    assert caplog.messages == [message]
    assert "the cookie DS has 4097 bytes" in message
    assert "fewer claims" in message
    assert "Authorization" in message
    assert "sss" not in message
    assert warned[0].filename == __file__
