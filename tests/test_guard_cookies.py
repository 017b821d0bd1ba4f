"""The cookies of a session: their names and attributes, what is read, and what is cleared."""

from __future__ import annotations

import base64
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from descope_ml import DeliveryMethod, DescopeClient
from descope_ml.fastapi import CookieSettings, clear_cookies, set_cookies
from descope_ml.web_cookies import clearing_cookies, login_cookies
from descope_ml.web_requests import WebRequest
from descope_ml.web_responses import ResponseChanges, headers_of
from support.emulator import Emulator, run_emulator
from support.guarded_sites import FRAMEWORKS, guarded_site
from support.web_sites import configure_django

EMAIL = "ada@example.com"
URI = "https://app.example.com/verify"
RENAMED = {
    "tokens": "cookies",
    "sessionCookie": "MYDS",
    "refreshCookie": "MYDSR",
    "cookieDomain": "example.com",
}
Scope = tuple[str, str, str]


@pytest.fixture(scope="module")
def running() -> Iterator[Emulator]:
    """An emulator for all tests of this file."""
    with run_emulator() as emulator:
        yield emulator


@pytest.fixture
def local(running: Emulator) -> Emulator:
    """The emulator as at its start."""
    running.control("reset")
    return running


@pytest.fixture
def options(local: Emulator) -> dict[str, Any]:
    """The arguments of a client of the emulator."""
    return {"project_id": local.project_id, "base_url": local.base_url, "max_attempts": 1}


@pytest.fixture(params=FRAMEWORKS)
def framework(request: pytest.FixtureRequest) -> str:
    """The name of each framework."""
    return str(request.param)


@pytest.fixture(autouse=True)
def new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process knows that has just started: nothing of the project's cookies."""
    monkeypatch.setattr("descope_ml.web_cookie_settings._remembered", {})


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


def attributes(line: str) -> dict[str, str]:
    """The attributes of a `Set-Cookie` header; the value is empty."""
    parts = [part.strip().partition("=") for part in line.split(";")[1:]]
    return {name.lower(): value for name, _, value in parts}


def lines(response: Any) -> list[str]:
    """The `Set-Cookie` headers of a response of any framework or of httpx."""
    headers = response.headers
    for method in ("get_list", "getlist"):
        if hasattr(headers, method):
            return list(getattr(headers, method)("Set-Cookie"))
    return [cookie.OutputString() for cookie in response.cookies.values()]


def scopes(response: Any, is_cleared: bool = False) -> set[Scope]:
    """Names, domains and paths of the cookies that a response sets or clears."""
    found = set()
    for line in lines(response):
        parts = attributes(line)
        if (parts["max-age"] == "0") is is_cleared:
            found.add((line.partition("=")[0], parts.get("domain", ""), parts["path"]))
    return found


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


def test_only_cookies_that_may_be_there_are_cleared(
    framework: str, local: Emulator, options: dict[str, Any]
) -> None:
    """A response that clears every thinkable cookie could be too large for a proxy."""
    with guarded_site(framework, options) as url:
        get(url, f"verified?t={link_token(local, options)}")
        cleared = sign_out(url, "DS=a; DSR=b")
    assert scopes(cleared, is_cleared=True) == {("DS", "", "/"), ("DSR", "", "/")}
    assert len(lines(cleared)) == 2


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
