"""Links that a mail scanner fetches first still sign the user in, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

from descope_ml import DeliveryMethod, DescopeClient
from descope_ml.landing import LandingPage, is_path_of_site
from support.browser import chromium, console_errors, press_button, text, wait_for
from support.emulator import Emulator
from support.landing_sites import landing_site, serve_wsgi
from support.web_sites import FRAMEWORKS

ADDRESSES = {
    DeliveryMethod.EMAIL: "ada@example.com",
    DeliveryMethod.SMS: "+14155550123",
    DeliveryMethod.WHATSAPP: "+14155550124",
}


PATHS = [
    "/",
    "/books/7?page=2#top",
    "/.well-known/a..b/.../%2e%2ex",
    "/books?back=/../#/./x",
    "/a%2Fb",
    "books",
    "//evil.example/",
    "/\\evil.example/",
    "/\t/evil.example/",
    "https://evil.example/",
    "javascript:alert(1)",
    "/.",
    "/./books",
    "/.//evil.example",
    "/books/..",
    "/books/../admin",
    "/books/.%2E?page=2",
    "/books/%2e%2e/admin",
    "/books/%2E/7",
]


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """One browser for all tests of this file."""
    with chromium(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver


@pytest.fixture
def browser(chrome: webdriver.Chrome) -> webdriver.Chrome:
    """The browser without cookies."""
    chrome.execute_cdp_cmd("Network.clearBrowserCookies", {})
    console_errors(chrome)  # Discards the errors of earlier tests.
    return chrome


@pytest.fixture
def options(local: Emulator) -> dict[str, Any]:
    """The arguments of a client of the emulator, which has a mail scanner."""
    local.control("reset")
    local.put_scanner(methods=["HEAD", "GET"])
    return {"project_id": local.project_id, "base_url": local.base_url}


@pytest.fixture(params=FRAMEWORKS)
def site(request: pytest.FixtureRequest, options: dict[str, Any]) -> Iterator[str]:
    """The URL of a site in each framework."""
    with landing_site(request.param, options) as url:
        yield url


def scanned_link(
    local: Emulator, options: dict[str, Any], site: str, method: DeliveryMethod
) -> str:
    """Sends a link, waits until the scanner has fetched it, and returns it."""
    DescopeClient(**options).magiclink.sign_up_or_in(method, ADDRESSES[method], f"{site}/verify")
    fetches = local.scanner_fetches()[-2:]
    assert [(fetch["method"], fetch["status"]) for fetch in fetches] == [
        ("HEAD", 200),
        ("GET", 200),
    ]
    assert {fetch["url"] for fetch in fetches} == {f"{site}/verify?t=<redacted>"}
    return str(local.messages(ADDRESSES[method])[0]["link"])


def verifications(local: Emulator) -> int:
    """How many tokens were sent to the service."""
    return [request["path"] for request in local.requests()].count("/v1/auth/magiclink/verify")


def test_user_signs_in_with_a_link_that_was_scanned(
    browser: webdriver.Chrome, local: Emulator, options: dict[str, Any], site: str
) -> None:
    for number, method in enumerate(ADDRESSES):
        link = scanned_link(local, options, site, method)
        browser.get(link)
        assert text(browser).startswith("Sign in\nPress the button")
        assert verifications(local) == number
        assert {cookie["name"] for cookie in browser.get_cookies()} == {"descope-link"}
        press_button(browser)
        assert browser.current_url == f"{site}/home"
        assert "home of U" in text(browser)
        cookies = {cookie["name"]: cookie for cookie in browser.get_cookies()}
        assert set(cookies) == {"DS", "DSR", "descope-link"}
        assert all(cookie["httpOnly"] for cookie in cookies.values())
        assert all(cookie["sameSite"] == "Lax" for cookie in cookies.values())
        assert cookies["DS"]["secure"]
        assert cookies["DSR"]["secure"]
        assert verifications(local) == number + 1
        # The page violates its own policy nowhere. The sites have no icon.
        errors = console_errors(browser)
        assert [error for error in errors if "/favicon.ico " not in error] == []
        browser.delete_all_cookies()


def test_used_link_offers_a_new_one(
    browser: webdriver.Chrome, local: Emulator, options: dict[str, Any], site: str
) -> None:
    link = scanned_link(local, options, site, DeliveryMethod.EMAIL)
    browser.get(link)
    press_button(browser)
    browser.delete_all_cookies()
    browser.get(link)
    press_button(browser)
    assert text(browser).startswith("This link does not work\n")
    assert browser.find_elements(By.TAG_NAME, "button") == []
    assert urlsplit(browser.current_url).query == ""
    assert {cookie["name"] for cookie in browser.get_cookies()} == {"descope-link"}
    browser.find_element(By.LINK_TEXT, "Get a new link").click()
    wait_for(browser, lambda _: "sign-in form" in text(browser))
    assert browser.current_url == f"{site}/sign-in"


def test_form_of_another_site_is_refused(
    browser: webdriver.Chrome, local: Emulator, options: dict[str, Any], site: str
) -> None:
    link = scanned_link(local, options, site, DeliveryMethod.EMAIL)
    token = urlsplit(link).query.partition("t=")[2]
    # The page of the victim, so that the browser has its cookie.
    browser.get(scanned_link(local, options, site, DeliveryMethod.SMS))
    fields = browser.find_elements(By.CSS_SELECTOR, "input")
    stolen = {field.get_attribute("name"): field.get_attribute("value") for field in fields}

    def attack(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "text/html")])
        inputs = "".join(
            f'<input name="{name}" value="{escape(str(value))}">'
            for name, value in {**stolen, "t": token}.items()
        )
        form = f'<form method="post" action="{site}/verify">{inputs}</form>'
        return [f"{form}<script>document.forms[0].submit()</script>".encode()]

    with serve_wsgi(attack) as url:
        browser.get(url.replace("127.0.0.1", "localhost"))
        wait_for(browser, lambda _: browser.current_url == f"{site}/verify")
        wait_for(browser, lambda _: "This page has expired" in text(browser))
    assert {cookie["name"] for cookie in browser.get_cookies()} == {"descope-link"}
    assert verifications(local) == 0


def test_links_in_two_tabs_both_work(
    browser: webdriver.Chrome, local: Emulator, options: dict[str, Any], site: str
) -> None:
    browser.get(scanned_link(local, options, site, DeliveryMethod.EMAIL))
    first = browser.current_window_handle
    browser.switch_to.new_window("tab")
    browser.get(scanned_link(local, options, site, DeliveryMethod.SMS))
    second = browser.current_window_handle
    browser.switch_to.window(first)
    press_button(browser)
    assert browser.current_url == f"{site}/home"
    browser.switch_to.window(second)
    press_button(browser)
    assert browser.current_url == f"{site}/home"
    browser.close()
    browser.switch_to.window(first)


def test_strict_session_cookies_are_sent_after_the_redirect(
    browser: webdriver.Chrome, local: Emulator, options: dict[str, Any]
) -> None:
    page = LandingPage(redirect_to="/home", same_site="Strict")
    with landing_site("flask", options, page) as site:
        link = scanned_link(local, options, site, DeliveryMethod.EMAIL)

        def message(_environ: Any, start_response: Any) -> list[bytes]:
            start_response("200 OK", [("Content-Type", "text/html")])
            return [f'<a href="{link}">Sign in</a>'.encode()]

        with serve_wsgi(message) as mail_site:
            browser.get(mail_site.replace("127.0.0.1", "localhost"))
            browser.find_element(By.TAG_NAME, "a").click()
            wait_for(browser, lambda _: browser.find_elements(By.TAG_NAME, "button"))
        press_button(browser)
        assert browser.current_url == f"{site}/home"
        assert "home of U" in text(browser)
        cookies = {cookie["name"]: cookie["sameSite"] for cookie in browser.get_cookies()}
        assert cookies["DS"] == "Strict"


def test_second_click_of_a_double_click_sends_nothing(
    local: Emulator, options: dict[str, Any], tmp_path: Path
) -> None:
    with landing_site("flask", options) as site, chromium(tmp_path, waits_for_pages=False) as user:
        link = scanned_link(local, options, site, DeliveryMethod.EMAIL)
        local.control("faults", path="/v1/auth/magiclink/verify", times=2, delay="1s")
        user.get(link)
        (button,) = wait_for(user, lambda _: user.find_elements(By.TAG_NAME, "button"))
        # A user needs that long: the first click has sent its request.
        ActionChains(user).click(button).pause(0.2).click().perform()
        wait_for(user, lambda _: user.current_url != link)
        wait_for(user, lambda _: "home of U" in text(user))
        assert verifications(local) == 1


def test_button_can_be_pressed_again_if_the_press_was_abandoned(
    browser: webdriver.Chrome, local: Emulator, options: dict[str, Any]
) -> None:
    with landing_site("flask", options) as site:
        browser.get(scanned_link(local, options, site, DeliveryMethod.EMAIL))
        (button,) = browser.find_elements(By.TAG_NAME, "button")
        heading = browser.find_element(By.TAG_NAME, "h1")
        actions = ActionChains(browser).click_and_hold(button).move_to_element(heading)
        actions.release().perform()
        at_button = "const box = arguments[0].getBoundingClientRect();" + (
            "return document.elementFromPoint(box.x + 5, box.y + 5) === arguments[0]"
        )
        wait_for(browser, lambda _: browser.execute_script(at_button, button))
        press_button(browser)
        assert browser.current_url == f"{site}/home"


@pytest.mark.parametrize("path", PATHS)
def test_browser_gets_to_the_path_that_was_checked(browser: webdriver.Chrome, path: str) -> None:
    script = "const url = new URL(arguments[0], 'https://app.example.com/verify');" + (
        "return [url.origin, url.pathname + url.search + url.hash]"
    )
    resolved = browser.execute_script(script, path)
    leads_there = resolved == ["https://app.example.com", path]
    assert is_path_of_site(path) is leads_there


def test_page_works_without_scripts(
    browser: webdriver.Chrome, local: Emulator, options: dict[str, Any], site: str
) -> None:
    link = scanned_link(local, options, site, DeliveryMethod.EMAIL)
    browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
    try:
        browser.get(link)
        browser.find_element(By.TAG_NAME, "button").click()
        wait_for(browser, lambda _: browser.current_url == f"{site}/home")
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})
