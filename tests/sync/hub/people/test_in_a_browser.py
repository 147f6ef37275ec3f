"""The way of a new user through a real browser: set-up link, log-in, second factor, recovery, log-out."""

import datetime as dt
import re
import time
from pathlib import Path

import pyotp
import pytest

from sync.hub.hub import Hub
from sync.hub.people import users
from sync.hub.people.visitors import at_the_console
from tests.sync.hub.browser import DESKTOP, PHONE, Browser, browser
from tests.sync.hub.people.visiting import PASSWORD

__all__ = ["browser"]

pytestmark = pytest.mark.parametrize("folder", ["sqlite"], indirect=True)


def link_for(hub: Hub, name: str, role: str, merchant: str | None) -> str:
    with hub.database.write() as connection:
        user_id = users.add(connection, at_the_console(hub), name, role, merchant, None)
        ends = hub.now() + dt.timedelta(hours=1)
        return f"/setup/{users.new_link(connection, at_the_console(hub), user_id, ends)}"


def picture(browser: Browser, folder: Path, name: str) -> None:
    """What a page looks like on a phone and on a desk; a person never scrolls sideways."""
    for size, device in ((PHONE, "phone"), (DESKTOP, "desktop")):
        browser.size(size)
        browser.picture(folder / f"{name}-{device}.png")
        assert not browser.wider_than_the_screen(), f"{name} on a {device}"
    browser.size(PHONE)


def fresh_code(secret: str, used: str) -> str:
    """The app's next code: one that was used is not taken again."""
    ends = time.monotonic() + 35
    while (code := pyotp.TOTP(secret).now()) == used and time.monotonic() < ends:
        time.sleep(0.2)
    return code


def test_from_the_link_to_the_second_factor(browser: Browser, hub: Hub, tmp_path: Path) -> None:
    link = link_for(hub, "王店主", "owner", "M1")
    browser.go(link)
    picture(browser, tmp_path, "setup")
    browser.fill(password="short", again="short")
    browser.press("保存密码")
    assert "密码太短" in browser.text
    browser.fill(password=PASSWORD, again=PASSWORD)
    browser.press("保存密码")
    assert "密码已设好" in browser.text
    picture(browser, tmp_path, "login")

    browser.go("/me")
    browser.fill(name="王店主", password="not it at all")
    browser.press("登录")
    assert "不对" in browser.text
    picture(browser, tmp_path, "login-wrong")
    browser.fill(password=PASSWORD)
    browser.press("登录")
    assert browser.path == "/me"
    picture(browser, tmp_path, "me")

    browser.press("开启验证码")
    picture(browser, tmp_path, "authenticator")
    secret = re.sub(r"\s", "", browser.chrome.find_element("css selector", "p.code").text)
    code = pyotp.TOTP(secret).now()
    browser.fill(code=code, present=PASSWORD)
    browser.press("开启")
    recovery = re.findall(r"[0-9A-Z]{5}-[0-9A-Z]{5}", browser.text)
    assert len(recovery) == 10
    picture(browser, tmp_path, "recovery-codes")
    browser.press("抄好了")
    assert "恢复码还剩 10 个" in browser.text

    browser.press("退出")
    assert browser.path == "/login"
    browser.go("/me")
    browser.fill(name="王店主", password=PASSWORD)
    browser.press("登录")
    picture(browser, tmp_path, "totp")
    browser.fill(code=recovery[0].lower())
    browser.press("继续")
    assert "恢复码还剩 9 个" in browser.text

    browser.press("English")
    assert "Change password" in browser.text
    picture(browser, tmp_path, "me-english")
    browser.press("Log out everywhere")
    browser.go("/me")
    browser.fill(name="王店主", password=PASSWORD)
    browser.press("登录")
    browser.fill(code=fresh_code(secret, code))
    browser.press("继续")
    assert "Where you are logged in" in browser.text, "the language that was chosen, not the browser's"
    browser.go(link)
    assert "已用过" in browser.text or "was used" in browser.text
    picture(browser, tmp_path, "no")
