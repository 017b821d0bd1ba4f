"""A real browser for tests: Chromium without a window, in a fresh profile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from selenium import webdriver
from selenium.webdriver.support.ui import WebDriverWait

from support.artefacts import tool

T = TypeVar("T")

# Seconds after which what a page should show is taken for missing.
PATIENCE = 30

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
    # What still fades in is no text to the driver.
    "--force-prefers-reduced-motion",
    "--window-size=390,844",
]


@contextmanager
def chromium(profile: Path) -> Iterator[webdriver.Chrome]:
    """Runs Chromium for as long as the block lasts.

    Args:
        profile: An empty folder for all that it keeps.
    """
    options = webdriver.ChromeOptions()
    options.binary_location = tool("chromium")
    for flag in [*FLAGS, f"--user-data-dir={profile}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(tool("chromedriver")))
    try:
        yield driver
    finally:
        driver.quit()


def wait(driver: webdriver.Chrome, condition: Callable[[webdriver.Chrome], T]) -> T:
    """What a condition says once it holds."""
    return WebDriverWait(driver, PATIENCE).until(condition)


def complaints(driver: webdriver.Chrome) -> list[str]:
    """What the browser has said against pages since it was last asked.

    These are errors of scripts, what a page's own policy forbids, and what could not be loaded.
    """
    entries = driver.execute("getLog", {"type": "browser"})["value"]
    return [entry["message"] for entry in entries]
