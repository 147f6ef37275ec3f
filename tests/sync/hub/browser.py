"""A real browser for pages: Chromium without a window, with an empty profile, on a hub that listens on a port."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from fastapi import FastAPI
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver import Chrome, ChromeOptions, ChromeService
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.sync.hub.web.on_a_port import on_a_port

PHONE = (390, 844)
DESKTOP = (1280, 800)

_CHROMIUM, _DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"
_QUIET = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
_WAIT_S = 10


class Browser:
    """One browser on one hub: goes to paths, fills in fields by their names, presses buttons by their words."""

    def __init__(self, chrome: Chrome, url: str) -> None:
        self.chrome, self.url = chrome, url

    @property
    def path(self) -> str:
        return str(self.chrome.current_url).removeprefix(self.url)

    @property
    def text(self) -> str:
        """What a person reads on the page."""
        return self.chrome.find_element(By.TAG_NAME, "body").text

    def go(self, path: str) -> None:
        self.chrome.get(self.url + path)

    def size(self, width_height: tuple[int, int]) -> None:
        """The page's own size, whatever the window around it needs."""
        width, height = width_height
        self.chrome.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
        )

    def field(self, name: str) -> WebElement:
        return self.chrome.find_element(By.NAME, name)

    def fill(self, **fields: str) -> None:
        for name, value in fields.items():
            self.field(name).clear()
            self.field(name).send_keys(value)

    def press(self, words: str) -> None:
        """Presses a button (or follows a link) with these words, and waits until the next page is there."""
        found = self.chrome.find_element(
            By.XPATH, f"//*[self::button or self::a][normalize-space(.)='{words}']"
        )
        before = self.chrome.find_element(By.TAG_NAME, "html").id
        self.chrome.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
        found.click()
        ends = time.monotonic() + _WAIT_S
        while time.monotonic() < ends:
            with suppress(NoSuchElementException, StaleElementReferenceException):  # between two pages
                if self.chrome.find_element(By.TAG_NAME, "html").id != before and self._is_loaded():
                    return
            time.sleep(0.02)
        raise AssertionError(f"nothing happened after {words!r}")

    def wider_than_the_screen(self) -> bool:
        """Whether a person must scroll sideways."""
        asked = "return document.documentElement.scrollWidth > document.documentElement.clientWidth"
        return bool(self.chrome.execute_script(asked))

    def picture(self, file: Path) -> None:
        """Saves what stands on the screen."""
        assert self.chrome.save_screenshot(str(file))

    def whole_page(self, file: Path) -> None:
        """Saves the page down to its foot."""
        body = self.chrome.find_element(By.TAG_NAME, "html")
        before = self.chrome.get_window_size()
        width = int(self.chrome.execute_script("return window.innerWidth"))
        self.size((width, int(body.size["height"]) or before["height"]))
        self.picture(file)

    def _is_loaded(self) -> bool:
        return bool(self.chrome.execute_script("return document.readyState") == "complete")


@contextmanager
def opened(url: str, profile: Path, language: str = "zh-CN") -> Iterator[Browser]:
    """A browser that asks for pages in a language."""
    options = ChromeOptions()
    options.binary_location = _CHROMIUM
    for argument in (*_QUIET, f"--user-data-dir={profile}", f"--lang={language}"):
        options.add_argument(argument)
    options.add_experimental_option("prefs", {"intl.accept_languages": language})
    chrome = Chrome(options, ChromeService(_DRIVER))
    try:
        browser = Browser(chrome, url)
        browser.size(PHONE)
        yield browser
    finally:
        chrome.quit()


@pytest.fixture
def browser(app: FastAPI, tmp_path: Path) -> Iterator[Browser]:
    """A phone's browser on the hub of this test, in Chinese."""
    if not (shutil.which(_CHROMIUM) and shutil.which(_DRIVER)):
        pytest.skip("there is no Chromium on this machine")
    with on_a_port(app) as url, opened(url, tmp_path / "browser") as browser:
        yield browser
