"""The cookies of a session: their names and attributes, what is read, and what is cleared."""

from __future__ import annotations

import base64
import logging
import re
from typing import Any

import httpx
import pytest

from descope_ml import DeliveryMethod, DescopeClient
from descope_ml.fastapi import CookieSettings
from support.emulator import TOKENS_IN_COOKIES, Emulator
from support.guarded_sites import guarded_site
from support.set_cookies import attributes, lines, scopes

EMAIL = "ada@example.com"
URI = "https://app.example.com/verify"
RENAMED: dict[str, Any] = {
    "project_settings": {
        **TOKENS_IN_COOKIES,
        "session_token_cookie_domain": "example.com",
        "refresh_token_cookie_domain": "example.com",
    },
    "emulator": {"session_token_cookie_name": "MYDS", "refresh_token_cookie_name": "MYDSR"},
}

pytestmark = pytest.mark.usefixtures("new_process")


def link_token(local: Emulator, options: dict[str, Any]) -> str:
    """The token of a new link."""
    DescopeClient(**options).magiclink.sign_up_or_in(DeliveryMethod.EMAIL, EMAIL, URI)
    return str(local.messages(EMAIL)[0]["token"])


def new_login(local: Emulator, options: dict[str, Any]) -> dict[str, Any]:
    """A login. This process remembers nothing of it, as no cookies were set."""
    return DescopeClient(**options).magiclink.verify(link_token(local, options))


def new_tokens(local: Emulator, options: dict[str, Any]) -> tuple[str, str]:
    """The session token and the refresh token of a login."""
    login = new_login(local, options)
    return login["sessionToken"]["jwt"], login["refreshSessionToken"]["jwt"]


def get(url: str, path: str, cookies: str = "", **headers: str) -> httpx.Response:
    """Gets a page with a `Cookie` header."""
    sent = {**headers, **({"Cookie": cookies} if cookies else {})}
    return httpx.get(f"{url}/{path}", headers=sent, trust_env=False)


def sign_out(url: str, cookies: str, host: str = "app.example.com") -> httpx.Response:
    """Signs out."""
    return httpx.post(f"{url}/sign-out", headers={"Cookie": cookies, "Host": host}, trust_env=False)


def test_names_of_the_project_are_read_by_a_process_that_never_saw_an_answer(
    framework: str, local: Emulator, options: dict[str, Any]
) -> None:
    local.put_settings(**RENAMED)
    session, refresh = new_tokens(local, options)
    with guarded_site(framework, options) as url:
        assert get(url, "page", f"MYDS={session}; theme=dark").status_code == 200
        refreshed = get(url, "page", f"theme=dark; MYDSR={refresh}")
        assert refreshed.status_code == 200
        assert scopes(refreshed) == {("MYDS", "example.com", "/"), ("MYDSR", "example.com", "/")}
        # Now the names are known, and other cookies are not.
        assert get(url, "page", f"MYDS={session}").status_code == 200
        assert get(url, "page", f"OTHER={session}").status_code == 401


def test_a_cookie_of_the_wrong_kind_is_no_session(
    framework: str, local: Emulator, options: dict[str, Any]
) -> None:
    _, refresh = new_tokens(local, options)
    forged = local.control("forge", count=1)["tokens"][0]
    with guarded_site(framework, options, refresh=False) as url:
        assert get(url, "page", f"A={refresh}; B={forged}").status_code == 401
        for claims in ("{", "[" * 3000, "[]", '{"drn": 1}'):
            payload = base64.urlsafe_b64encode(claims.encode()).decode().rstrip("=")
            assert get(url, "page", f"A=eyJ9.{payload}.x").status_code == 401


def test_sign_out_clears_what_the_project_has_set(
    framework: str, local: Emulator, options: dict[str, Any]
) -> None:
    local.put_settings(**RENAMED)
    with guarded_site(framework, options) as url:
        login = get(url, f"verified?t={link_token(local, options)}")
        cookies = {("MYDS", "example.com", "/"), ("MYDSR", "example.com", "/")}
        assert scopes(login) == cookies
        local.control("faults", path="/v1/auth/logout", reset=True)
        answer = sign_out(url, "MYDS=x; MYDSR=eyJ.cut.short")
        assert (answer.status_code, answer.text) == (200, "bye")
        assert scopes(answer, is_cleared=True) >= cookies
        assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize("is_reachable", [True, False])
def test_sign_out_ends_the_session(
    framework: str,
    local: Emulator,
    options: dict[str, Any],
    is_reachable: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    session, refresh = new_tokens(local, options)
    with guarded_site(framework, options) as url:
        if not is_reachable:
            local.control("faults", path="/v1/auth/logout", reset=True)
        with caplog.at_level(logging.WARNING, "descope_ml"):
            answer = sign_out(url, f"DS={session}; DSR={refresh}")
        assert answer.status_code == 200
        assert scopes(answer, is_cleared=True) >= {("DS", "", "/"), ("DSR", "", "/")}
        assert "Secure" in lines(answer)[0]
        warned = [line for line in caplog.messages if "could not be ended" in line]
        assert len(warned) == (0 if is_reachable else 1)
        assert refresh not in caplog.text
        status = 401 if is_reachable else 200
        assert get(url, "page", f"DSR={refresh}").status_code == status


def test_sign_out_without_a_session_is_no_error(
    framework: str, options: dict[str, Any], local: Emulator
) -> None:
    with guarded_site(framework, options) as url:
        answer = sign_out(url, "theme=dark")
    assert answer.status_code == 200
    assert scopes(answer, is_cleared=True) >= {("DS", "", "/"), ("DSR", "", "/")}
    assert not any(request["path"] == "/v1/auth/logout" for request in local.requests())


def test_settings_of_the_application_beat_those_of_the_project(
    framework: str, local: Emulator, options: dict[str, Any]
) -> None:
    local.put_settings(**RENAMED)
    settings = CookieSettings("app", "app-refresh", domain="", path="/", same_site="Strict")
    expected = {("app", "", "/"), ("app-refresh", "", "/")}
    with guarded_site(framework, options, cookies=settings) as url:
        login = get(url, f"verified?t={link_token(local, options)}")
        assert scopes(login) == expected
        assert all(attributes(line)["samesite"] == "Strict" for line in lines(login))
        session, refresh = login.cookies["app"], login.cookies["app-refresh"]
        assert get(url, "page", f"app={session}").status_code == 200
        assert get(url, "page", f"MYDS={session}").status_code == 401
        refreshed = get(url, "page", f"app-refresh={refresh}")
        assert (refreshed.status_code, scopes(refreshed)) == (200, expected)
        assert get(url, "page", f"MYDSR={refresh}").status_code == 401
        cleared = sign_out(url, f"app={session}; app-refresh={refresh}")
        assert scopes(cleared, is_cleared=True) >= expected


def test_the_landing_page_has_the_settings_of_the_application(
    framework: str, local: Emulator, options: dict[str, Any]
) -> None:
    local.put_settings(**RENAMED)
    settings = CookieSettings("app", "app-refresh", domain="", same_site="Strict")
    with guarded_site(framework, options, cookies=settings) as url:
        shown = get(url, f"verify?t={link_token(local, options)}")
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', shown.text))
        cookie = f"descope-link={shown.cookies['descope-link']}"
        login = httpx.post(f"{url}/verify", data=fields, headers={"Cookie": cookie})
        assert login.status_code == 303
        assert scopes(login) == {("app", "", "/"), ("app-refresh", "", "/")}
        assert all(attributes(line)["samesite"] == "Strict" for line in lines(login))


@pytest.mark.parametrize("is_first", [True, False])
def test_every_value_of_a_name_is_tried(
    framework: str, local: Emulator, options: dict[str, Any], is_first: bool
) -> None:
    session, refresh = new_tokens(local, options)

    def pair(name: str, value: str) -> str:
        both = [f"{name}={value}", f"{name}=old"]
        return "; ".join(both if is_first else reversed(both))

    with guarded_site(framework, options) as url:
        assert get(url, "page", pair("DS", session)).status_code == 200
        refreshed = get(url, "page", f"{pair('DS', 'older')}; {pair('DSR', refresh)}")
        assert (refreshed.status_code, set(refreshed.cookies)) == (200, {"DS", "DSR"})


def test_clearing_reaches_old_cookies_of_other_domains_and_paths(
    framework: str, options: dict[str, Any]
) -> None:
    with guarded_site(framework, options) as url:
        refused = get(url, "page", "DS=a; DS=b; DSR=a; DSR=b", Host="app.example.com")
    assert refused.status_code == 401
    domains = ["", "app.example.com", "example.com"]
    assert scopes(refused, is_cleared=True) == {
        (name, domain, path)
        for name in ("DS", "DSR")
        for domain in domains
        for path in ("/", "/page")
    }


def test_only_cookies_that_may_be_there_are_cleared(
    framework: str, local: Emulator, options: dict[str, Any]
) -> None:
    """A response that clears every thinkable cookie could be too large for a proxy."""
    with guarded_site(framework, options) as url:
        get(url, f"verified?t={link_token(local, options)}")
        cleared = sign_out(url, "DS=a; DSR=b")
    assert scopes(cleared, is_cleared=True) == {("DS", "", "/"), ("DSR", "", "/")}
    assert len(lines(cleared)) == 2
