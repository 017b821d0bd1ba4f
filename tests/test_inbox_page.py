"""The emulator's inbox in a real browser: what somebody with a phone in hand would see."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from support.browser import chromium, console_errors, wait
from support.emulator import Emulator, run_emulator

PHONE = "+14155550123"


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """One browser for all tests here."""
    with chromium(tmp_path_factory.mktemp("chromium")) as driver:
        yield driver


@pytest.fixture
def inbox(browser: webdriver.Chrome) -> Iterator[Emulator]:
    """An emulator whose inbox is empty, and whose page the browser has nothing to say against."""
    console_errors(browser)  # What was said of the test before is not of this one.
    with run_emulator() as emulator:
        yield emulator
        against = console_errors(browser)
        browser.get("about:blank")
        assert against == []


def open_inbox(browser: webdriver.Chrome, inbox: Emulator) -> None:
    """Opens the page and waits until it follows the inbox."""
    browser.get(f"{inbox.base_url}/")
    wait(browser, lambda _: browser.find_element(By.ID, "state").text == "Live")


def messages(browser: webdriver.Chrome, count: int) -> list[WebElement]:
    """The messages that the page shows, once they are as many as this."""
    selector = (By.CSS_SELECTOR, "#messages > li")
    wait(browser, lambda _: len(browser.find_elements(*selector)) == count)
    return browser.find_elements(*selector)


def part(message: WebElement, selector: str) -> WebElement:
    """A part of a message."""
    return message.find_element(By.CSS_SELECTOR, selector)


def test_a_message_appears_by_itself_and_its_link_opens(
    browser: webdriver.Chrome, inbox: Emulator
) -> None:
    open_inbox(browser, inbox)
    wait(browser, lambda _: "No messages yet" in browser.find_element(By.ID, "empty").text)
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
        wait(browser, lambda _: len(browser.window_handles) == 2)
        (landing,) = set(browser.window_handles) - {page}
        browser.switch_to.window(landing)
        shown = wait(browser, lambda _: browser.find_elements(By.ID, "token"))
        assert shown[0].text == sent["token"]
        browser.close()
        browser.switch_to.window(page)


def test_newer_messages_come_first_and_a_reset_empties_the_page(
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


def test_a_token_is_copied_with_its_button(browser: webdriver.Chrome, inbox: Emulator) -> None:
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
    wait(browser, lambda _: button.text == "Copied")
    copied = browser.execute_async_script("navigator.clipboard.readText().then(arguments[0])")
    assert copied == inbox.messages(PHONE)[0]["token"]


def test_what_came_from_outside_is_shown_as_text(
    browser: webdriver.Chrome, inbox: Emulator
) -> None:
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


def test_the_page_can_be_read_and_used_without_seeing_it(
    browser: webdriver.Chrome, inbox: Emulator
) -> None:
    inbox.sign_up(PHONE)
    open_inbox(browser, inbox)
    (message,) = messages(browser, 1)
    named = {
        "#messages": ("list", "Messages, newest first"),
        "#messages > li": ("listitem", ""),
        "#messages h2": ("heading", PHONE),
        "#messages .open": ("link", f"Open link to {PHONE}"),
        "#messages button": ("button", f"Copy token to {PHONE}"),
        "#state": ("status", ""),
    }
    for selector, (role, name) in named.items():
        element = browser.find_element(By.CSS_SELECTOR, selector)
        assert (element.aria_role, element.accessible_name) == (role, name)
    assert part(message, "time").get_attribute("datetime")


def test_the_page_says_that_the_emulator_is_gone(browser: webdriver.Chrome) -> None:
    with run_emulator() as emulator:
        open_inbox(browser, emulator)
    gone = "The emulator does not respond"
    wait(browser, lambda _: browser.find_element(By.ID, "state").text == gone)
    browser.get("about:blank")
