"""The inbox page of the emulator in a real browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from support.browser import chromium, console_errors, wait_for
from support.emulator import Emulator, run_emulator

PHONE = "+14155550123"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """One browser for all tests of this file."""
    with chromium(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver


@pytest.fixture
def inbox(browser: webdriver.Chrome) -> Iterator[Emulator]:
    """An emulator with an empty inbox. Its page must cause no error in the browser console."""
    console_errors(browser)  # Discards the errors of earlier tests.
    with run_emulator() as emulator:
        yield emulator
        errors = console_errors(browser)
        browser.get("about:blank")
        assert errors == []


def open_inbox(browser: webdriver.Chrome, inbox: Emulator) -> None:
    """Opens the page and waits until it receives updates."""
    browser.get(f"{inbox.base_url}/")
    wait_for(browser, lambda _: browser.find_element(By.ID, "state").text == "Live")


def messages(browser: webdriver.Chrome, count: int) -> list[WebElement]:
    """Waits until the page shows this number of messages, and returns them."""
    selector = (By.CSS_SELECTOR, "#messages > li")
    wait_for(browser, lambda _: len(browser.find_elements(*selector)) == count)
    return browser.find_elements(*selector)


def part(message: WebElement, selector: str) -> WebElement:
    """The element of a message with this selector."""
    return message.find_element(By.CSS_SELECTOR, selector)


def test_new_message_appears_without_reload_and_its_link_opens(
    browser: webdriver.Chrome, inbox: Emulator
) -> None:
    open_inbox(browser, inbox)
    wait_for(browser, lambda _: "No messages yet" in browser.find_element(By.ID, "empty").text)
    messages(browser, 0)
    browser.execute_script("window.unchanged = true")

    inbox.sign_up(PHONE)
    (message,) = messages(browser, 1)
    (sent,) = inbox.messages(PHONE)
    assert part(message, "h2").text == PHONE
    assert part(message, ".channel").text == "SMS"
    assert part(message, ".text").text == sent["text"]
    assert part(message, ".token code").text == sent["token"]
    assert not browser.find_element(By.ID, "empty").is_displayed()
    assert browser.execute_script("return window.unchanged") is True

    page = browser.current_window_handle
    for selector in (".text a", ".open"):
        link = part(message, selector)
        assert link.get_attribute("href") == sent["link"]
        link.click()
        wait_for(browser, lambda _: len(browser.window_handles) == 2)
        (landing,) = set(browser.window_handles) - {page}
        browser.switch_to.window(landing)
        shown = wait_for(browser, lambda _: browser.find_elements(By.ID, "token"))
        assert shown[0].text == sent["token"]
        browser.close()
        browser.switch_to.window(page)


def test_newest_message_is_first_and_reset_empties_the_page(
    browser: webdriver.Chrome, inbox: Emulator
) -> None:
    inbox.sign_up(PHONE)
    open_inbox(browser, inbox)
    messages(browser, 1)
    inbox.sign_up("+14155550199")
    newest, oldest = messages(browser, 2)
    assert part(newest, "h2").text == "+14155550199"
    assert part(oldest, "h2").text == PHONE
    news = browser.find_element(By.ID, "news")
    assert news.get_attribute("textContent") == "New SMS message to +14155550199"

    inbox.post("/_emulator/reset", {})
    messages(browser, 0)
    assert browser.find_element(By.ID, "empty").is_displayed()


def test_button_copies_the_token(browser: webdriver.Chrome, inbox: Emulator) -> None:
    permissions = ["clipboardReadWrite", "clipboardSanitizedWrite"]
    browser.execute_cdp_cmd(
        "Browser.grantPermissions", {"origin": inbox.base_url, "permissions": permissions}
    )
    inbox.sign_up("+14155550199")
    inbox.sign_up(PHONE)
    open_inbox(browser, inbox)
    newest, _ = messages(browser, 2)
    button = part(newest, "button")
    button.click()
    wait_for(browser, lambda _: button.text == "Copied")
    copied = browser.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    assert copied == inbox.messages(PHONE)[0]["token"]


def test_html_in_messages_is_shown_as_text(browser: webdriver.Chrome, inbox: Emulator) -> None:
    hostile = "<img src=x onerror=\"document.title='hacked'\">"
    redirects = [
        f"https://app.example.com/?x={hostile}".replace(" ", "/"),
        "https://app.example.com/'\"><script>document.title='hacked'</script>",
        "javascript://app.example.com/%0Adocument.title='hacked'",
    ]
    for number, redirect in enumerate(redirects):
        phone = f"+1415555010{number}"
        body = {"loginId": hostile + str(number), "phone": phone, "redirectUrl": redirect}
        inbox.post("/v1/auth/magiclink/signup/sms", body)
    open_inbox(browser, inbox)
    script, *links = messages(browser, 3)
    for message, redirect in zip([script, *links], reversed(redirects)):
        assert redirect in part(message, ".text").text
    assert script.find_elements(By.TAG_NAME, "a") == []
    for message in links:
        href = part(message, ".open").get_attribute("href")
        assert href is not None
        assert href.startswith("https://app.example.com/")
    assert browser.find_elements(By.CSS_SELECTOR, "#messages :is(img, script)") == []
    assert browser.title == f"Inbox of {inbox.project_id}"


def test_page_elements_have_accessible_roles_and_names(
    browser: webdriver.Chrome, inbox: Emulator
) -> None:
    inbox.sign_up(PHONE)
    open_inbox(browser, inbox)
    (message,) = messages(browser, 1)
    expected = {
        "#messages": ("list", "Messages, newest first"),
        "#messages > li": ("listitem", ""),
        "#messages h2": ("heading", PHONE),
        "#messages .open": ("link", f"Open link to {PHONE}"),
        "#messages button": ("button", f"Copy token to {PHONE}"),
        "#state": ("status", ""),
    }
    for selector, (role, name) in expected.items():
        element = browser.find_element(By.CSS_SELECTOR, selector)
        assert (element.aria_role, element.accessible_name) == (role, name)
    assert part(message, "time").get_attribute("datetime")


def test_page_shows_that_the_emulator_does_not_respond(browser: webdriver.Chrome) -> None:
    with run_emulator() as emulator:
        open_inbox(browser, emulator)
    message = "The emulator does not respond"
    wait_for(browser, lambda _: browser.find_element(By.ID, "state").text == message)
    browser.get("about:blank")
