"""Runs a headless Chromium with an empty profile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from support.artefacts import tool

T = TypeVar("T")

# How long a test waits for a page to show something.
TIMEOUT_SECONDS = 30

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The driver reads no text from elements that are still fading in.
    "--force-prefers-reduced-motion",
    "--window-size=390,844",
]


@contextmanager
def chromium(profile: Path, *, waits_for_pages: bool = True) -> Iterator[webdriver.Chrome]:
    """Runs Chromium until the end of the `with` block.

    Args:
        profile: An empty directory for the browser profile.
        waits_for_pages: Whether the driver waits for a new page after a click, before it goes on.
    """
    options = webdriver.ChromeOptions()
    options.page_load_strategy = "normal" if waits_for_pages else "none"
    options.binary_location = tool("chromium")
    for flag in [*FLAGS, f"--user-data-dir={profile}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(tool("chromedriver")))
    try:
        yield driver
    finally:
        driver.quit()


def wait_for(driver: webdriver.Chrome, condition: Callable[[webdriver.Chrome], T]) -> T:
    """Waits until the condition returns a true value, and returns that value."""
    return WebDriverWait(driver, TIMEOUT_SECONDS).until(condition)


def console_errors(driver: webdriver.Chrome) -> list[str]:
    """The errors in the browser console since the last call.

    Script errors, violations of the content security policy, and resources that did not load.
    """
    entries = driver.execute("getLog", {"type": "browser"})["value"]
    return [entry["message"] for entry in entries]


def text(driver: webdriver.Chrome) -> str:
    """The visible text of the page."""
    return driver.find_element(By.TAG_NAME, "body").text


def press_button(driver: webdriver.Chrome) -> None:
    """Presses the only button of the page, and waits for the next page."""
    (button,) = driver.find_elements(By.TAG_NAME, "button")
    button.click()
    wait_for(driver, lambda _: _is_stale(button))
    wait_for(driver, lambda _: driver.execute_script("return document.readyState") == "complete")


def _is_stale(element: Any) -> bool:
    """Whether the page of an element is gone."""
    try:
        element.is_enabled()
    except WebDriverException:
        return True
    return False
