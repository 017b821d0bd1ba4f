"""The official packages for browsers, in Chromium, with page and emulator on different ports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from official.browser_pages import SCRIPTS, page_url, serve_pages
from support.browser import chromium, console_errors, wait_for
from support.emulator import TOKENS_IN_COOKIES, Emulator, run_emulator

PHONE = "+14155550101"
EMAIL = "ada@example.com"
SIGNED_IN = "Signed in as Ada"
SIGNED_OUT = "Signed out"

# Where the tokens are.
MODES = {
    "body": {},
    "refresh token in a cookie": {"refresh_token_response_method": "cookies"},
    "both tokens in cookies": TOKENS_IN_COOKIES,
}
in_all_modes = pytest.mark.parametrize("mode", MODES)


@pytest.fixture(scope="module")
def pages() -> Iterator[str]:
    """The base URL of the pages."""
    with serve_pages() as url:
        yield url


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """One browser for all tests of this file."""
    with chromium(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver


class Page:
    """A page of an application, with the emulator that it uses."""

    def __init__(self, browser: webdriver.Chrome, emulator: Emulator, url: str) -> None:
        """Takes the URL of the page."""
        self.browser = browser
        self.emulator = emulator
        self.url = url

    def open(self, url: str, state: str) -> None:
        """Opens the page, and waits until it shows the state and can be used."""
        self.browser.get(url)
        self.wait_for_state(state)

    def wait_for_state(self, state: str) -> None:
        """Waits until the page shows who is signed in."""

        def shows(_: webdriver.Chrome) -> bool:
            app = self.browser.find_element(By.ID, "app")
            return app.text == state and bool(self.browser.execute_script("return !!window.sdk"))

        wait_for(self.browser, shows)

    def call(self, method: str, *args: Any) -> dict[str, Any]:
        """Calls a method of the package, and returns its result."""
        script = """
            const [method, args, done] = arguments;
            const names = method.split(".");
            const last = names.pop();
            const owner = names.reduce((object, name) => object[name], window.sdk);
            const result = owner[last](...args);
            result.then(({ ok, code, data, error }) => done({ ok, code, data, error }));
        """
        result: dict[str, Any] = self.browser.execute_async_script(script, method, args)
        return result

    def data(self, method: str, *args: Any) -> Any:
        """Calls a method of the package that must succeed, and returns its data."""
        result = self.call(method, *args)
        assert result["ok"], result
        return result["data"]

    def open_newest_link(self, to: str) -> None:
        """Opens the newest link to an address, which signs the user in."""
        self.open(self.emulator.messages(to)[0]["link"], SIGNED_IN)

    def sign_up(self, *options: Any) -> None:
        """Signs Ada up, and follows the link."""
        self.open(self.url, SIGNED_OUT)
        user = {"name": "Ada", "phone": PHONE}
        masked = self.data("magicLink.signUp.sms", PHONE, self.url, user, *options)
        assert masked == {"maskedPhone": "+1********01"}
        self.open_newest_link(PHONE)


@pytest.fixture(params=SCRIPTS)
def page(request: pytest.FixtureRequest, browser: webdriver.Chrome, pages: str) -> Iterator[Page]:
    """A page with each package, without cookies and tokens. The browser may refuse no request."""
    console_errors(browser)  # Discards the errors of earlier tests.
    browser.execute_cdp_cmd("Network.clearBrowserCookies", {})
    everything = {"origin": pages, "storageTypes": "all"}
    browser.execute_cdp_cmd("Storage.clearDataForOrigin", everything)
    with run_emulator() as emulator:
        yield Page(browser, emulator, page_url(pages, request.param, emulator))
        errors = console_errors(browser)
        browser.get("about:blank")
        assert [error for error in errors if "CORS" in error] == []


@in_all_modes
def test_user_stays_signed_in_until_the_logout(page: Page, mode: str) -> None:
    page.emulator.put_settings(project_settings=MODES[mode])
    page.sign_up()
    page.open(page.url, SIGNED_IN)

    assert page.data("me")["phone"] == PHONE
    assert len(page.data("history")) == 1
    refreshed = page.data("refresh")
    assert (refreshed["sessionJwt"] == "") == (mode == "both tokens in cookies")
    assert (refreshed["refreshJwt"] == "") == (mode != "body")

    # In cookie mode, the page has no refresh token.
    token = page.browser.execute_script("return window.sdk.getRefreshToken()")
    assert bool(token) == (mode == "body")
    page.data("magicLink.update.email", PHONE, EMAIL, page.url, token)
    page.open_newest_link(EMAIL)
    assert page.data("me")["email"] == EMAIL

    page.data("logout")
    page.wait_for_state(SIGNED_OUT)
    page.open(page.url, SIGNED_OUT)
    assert page.call("me")["code"] == 401


@pytest.mark.parametrize("policy", ["strict", "lax", "none"])
def test_cookies_work_on_the_loopback_address_too(page: Page, policy: str) -> None:
    page.emulator.put_settings(
        project_settings={**TOKENS_IN_COOKIES, "refresh_token_cookie_policy": policy}
    )
    page.url = page.url.replace("localhost", "127.0.0.1")
    page.sign_up()
    page.open(page.url, SIGNED_IN)
    cookies = {cookie["name"]: cookie for cookie in page.browser.get_cookies()}
    assert cookies["DSR"]["sameSite"].lower() == policy
    assert cookies["DSR"]["secure"]


@in_all_modes
def test_logout_everywhere_ends_the_sessions_of_other_browsers(page: Page, mode: str) -> None:
    page.emulator.put_settings(project_settings=MODES[mode])
    page.sign_up()
    page.data("magicLink.signIn.sms", PHONE, page.url)
    token = page.emulator.messages(PHONE)[0]["token"]
    page.emulator.put_settings(project_settings=dict.fromkeys(TOKENS_IN_COOKIES, "response_body"))
    other = page.emulator.post("/v1/auth/magiclink/verify", {"token": token})
    page.emulator.post("/v1/auth/refresh", {}, other["refreshJwt"])
    page.emulator.put_settings(project_settings=MODES[mode])

    page.data("logoutAll")
    page.wait_for_state(SIGNED_OUT)
    assert page.emulator.post("/v1/auth/try-refresh", {}, other["refreshJwt"]) == {}


@in_all_modes
def test_session_is_refreshed_before_it_expires(page: Page, mode: str) -> None:
    page.emulator.put_settings(project_settings=MODES[mode])
    page.sign_up()

    def refreshes() -> int:
        paths = [request["path"] for request in page.emulator.requests()]
        return sum(path.endswith("refresh") for path in paths)

    before = refreshes()
    page.emulator.control("clock", advance="9m")
    assert page.browser.execute_script("return window.runLongTimers()") > 0
    wait_for(page.browser, lambda _: refreshes() > before)
    page.open(page.url, SIGNED_IN)


def test_rate_limit_says_how_long_to_wait(page: Page) -> None:
    page.open(page.url, SIGNED_OUT)
    path = "/v1/auth/magiclink/signin/sms"
    page.emulator.control("faults", path=path, status=429, headers={"Retry-After": "7"})
    result = page.call("magicLink.signIn.sms", PHONE, page.url)
    assert (result["ok"], result["code"]) == (False, 429)
    assert result["error"]["errorCode"] == "E130429"
    assert result["error"]["retryAfter"] == 7


def test_claims_of_the_session_are_shown_without_access_to_its_token(page: Page) -> None:
    page.emulator.put_settings(project_settings=TOKENS_IN_COOKIES)
    page.sign_up({"customClaims": {"tier": "gold"}})
    claims = wait_for(page.browser, lambda _: page.browser.execute_script("return window.claims"))
    assert (claims["tier"], claims["amr"]) == ("gold", ["sms"])


def test_page_cannot_use_the_control_routes(page: Page) -> None:
    page.sign_up()
    script = """
        const [url, done] = arguments;
        const reset = fetch(`${url}/reset`, { method: "POST", mode: "no-cors" });
        const calls = [fetch(`${url}/messages`), reset];
        Promise.allSettled(calls).then((results) => done(results.map((result) => result.status)));
    """
    url = page.emulator.base_url.replace("127.0.0.1", "localhost") + "/_emulator"
    read, _ = page.browser.execute_async_script(script, url)
    assert read == "rejected"
    assert page.emulator.addresses() == {PHONE}
    # These two are meant to be refused.
    assert any("403" in error for error in console_errors(page.browser))
