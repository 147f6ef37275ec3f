"""The member's page as a phone shows it: from the sticker to the code, and what becomes of it."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from selenium.webdriver.common.by import By

from pos.domain.pay_codes import read_pay_code
from sync.hub.codes import losing
from sync.hub.hub import Hub
from sync.hub.pages import member_card
from sync.protocol import trust
from tests.sync.hub import sales
from tests.sync.hub.browser import Browser, browser
from tests.sync.hub.codes.phones import issue, with_code
from tests.sync.hub.terminals import FakeTerminal

__all__ = ["browser"]

NARROW = (360, 740)
on_sqlite = pytest.mark.parametrize("folder", ["sqlite"], indirect=True)


@pytest.fixture
def link(hub: Hub) -> str:
    with hub.database.read() as connection:
        return member_card.path_of(hub, connection, sales.MEMBER)


def scanned(browser: Browser) -> str:
    """The digits that a scanner reads off the phone's screen."""
    picture = Image.open(io.BytesIO(browser.chrome.get_screenshot_as_png()))
    (code,) = zxingcpp.read_barcodes(picture)
    return str(code.text)


def wait_for(what: Callable[[], bool], *, at_most_s: float = 12) -> None:
    ends = time.monotonic() + at_most_s
    while not what():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.1)


@on_sqlite
def test_from_the_sticker_to_a_paid_sale(
    hub: Hub, till: FakeTerminal, browser: Browser, link: str, tmp_path: Path
) -> None:
    browser.size(NARROW)
    browser.go("/t/S1-1")
    assert "还没认出您" in browser.text
    browser.go(link)
    browser.go("/t/S1-1")
    assert "幸福里便利店" in browser.text
    assert browser.chrome.find_element(By.CLASS_NAME, "huge").text == "20"
    browser.press("取付款码，最多用 20")
    digits = scanned(browser)
    signed = read_pay_code(digits)
    assert signed is not None
    key = trust.key_of(hub.keys.listed, signed.code.key_id, "codes")
    assert trust.verify(key.public, signed.signature, signed.signed_bytes)
    assert signed.code.amount == 2000
    side_px = browser.chrome.find_element(By.CLASS_NAME, "qr").size["width"]
    assert side_px / 45 >= 6, "six pixels a module, quiet zone and all"
    assert not browser.wider_than_the_screen()

    browser.press("刷新付款码")
    renewed = read_pay_code(scanned(browser))
    assert renewed is not None
    assert renewed.code.number == signed.code.number

    issued = issue(hub, 2000)
    till.write(with_code(sales.sale(till.next_receipt_no(), redeem=700), issued))
    till.upload()
    wait_for(lambda: "已付" in browser.text)
    assert browser.chrome.find_element(By.CLASS_NAME, "huge").text.startswith("7")


@on_sqlite
def test_part_of_it_in_english(hub: Hub, till: FakeTerminal, browser: Browser, link: str) -> None:
    browser.go(link)
    browser.go("/t/S1-1?lang=en")
    assert "Get a pay code for up to 20" in browser.text
    browser.fill(amount="5")
    browser.press("Get code")
    assert "let the cashier scan the code" in browser.text
    read = read_pay_code(scanned(browser))
    assert read is not None
    assert read.code.amount == 500
    browser.go("/t/S1-1?lang=en")
    assert "another 5 is reserved for S1-1" in browser.text


@on_sqlite
def test_when_the_hub_is_away_the_code_stays_on_the_screen(
    hub: Hub, till: FakeTerminal, browser: Browser, link: str
) -> None:
    browser.go(link)
    browser.go("/t/S1-1")
    browser.press("取付款码，最多用 20")
    digits = scanned(browser)
    browser.chrome.execute_cdp_cmd("Network.enable", {})
    browser.chrome.execute_cdp_cmd(
        "Network.emulateNetworkConditions",
        {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0},
    )
    wait_for(lambda: "暂时连不上总部" in browser.text)
    assert scanned(browser) == digits


@on_sqlite
def test_on_a_slow_network_the_code_is_in_the_first_answer(
    hub: Hub, till: FakeTerminal, browser: Browser, link: str
) -> None:
    """A hundred kilobits a second, 0.4 s each way: no font, picture or script is waited for."""
    browser.go(link)
    browser.chrome.execute_cdp_cmd("Network.enable", {})
    slow = {"offline": False, "latency": 400, "downloadThroughput": 12_000, "uploadThroughput": 12_000}
    browser.chrome.execute_cdp_cmd("Network.emulateNetworkConditions", slow)
    browser.go("/t/S1-1")
    browser.press("取付款码，最多用 20")
    assert read_pay_code(scanned(browser)) is not None
    length = browser.chrome.execute_script("return document.documentElement.outerHTML.length")
    assert length < 60_000


@on_sqlite
def test_a_till_that_is_unknown_or_shut_out_is_named_in_words(
    hub: Hub, till: FakeTerminal, browser: Browser, link: str
) -> None:
    browser.go(link)
    browser.go("/t/NOWHERE-1")
    assert "没有这台收银机" in browser.text
    with hub.database.write() as connection:
        losing.declare_lost(hub, connection, "S1-1")
    browser.go("/t/S1-1")
    assert "现在不能用付款码" in browser.text
