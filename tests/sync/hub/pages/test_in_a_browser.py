"""The main ways of an owner and of the desk through a real browser, on a month of sales."""

import datetime as dt
import io
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import openpyxl
import pytest
import zxingcpp
from PIL import Image

from sync.hub.alliance import stocking
from sync.hub.growth import tasks
from sync.hub.hub import Hub, opened
from sync.hub.journal import recompute
from sync.hub.pages.framing import DESK, OWNERS
from sync.hub.people import passwords, users
from sync.hub.people.visitors import at_the_console
from sync.hub.storage.data_folder import DataFolder
from sync.hub.trust.enrolment import make_code
from sync.hub.web.app import make_app
from sync.protocol import trust
from tests.sync.hub import browser as browsers
from tests.sync.hub import sales
from tests.sync.hub.browser import DESKTOP, PHONE, Browser
from tests.sync.hub.conftest import HOUR
from tests.sync.hub.in_process import InProcess
from tests.sync.hub.pages.months import Shop
from tests.sync.hub.terminals import FakeTerminal
from tests.sync.hub.web.on_a_port import on_a_port

PASSWORD = "kite over river 88"


class Site(NamedTuple):
    """A hub with a month of sales, and a browser on it; downloads land in `folder`."""

    hub: Hub
    browser: Browser
    folder: Path

    def enter(self, name: str) -> None:
        """Logs in afresh as `shopkeeper` or `admin`."""
        self.browser.chrome.delete_all_cookies()
        self.browser.size(PHONE)
        self.browser.go("/login")
        self.browser.fill(name=name, password=PASSWORD)
        self.browser.press("登录")


@pytest.fixture(scope="module")
def site(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        pytest.skip("there is no Chromium on this machine")
    folder = tmp_path_factory.mktemp("site")
    with opened(DataFolder(Path(shutil.copytree(sample, folder / "hub")))) as hub:
        app = make_app(hub)
        till = FakeTerminal(InProcess(app))
        till.enrol(str(make_code(hub, "S1-1", HOUR)[0]))
        Shop(till, "S1").month(8, last=dt.datetime.now(dt.timezone(dt.timedelta(hours=8))).date())
        recompute.catch_up(hub)
        with hub.database.write() as connection:
            for name, role, merchant in (("shopkeeper", "owner", "M1"), ("admin", "administrator", None)):
                console = at_the_console(hub)
                user_id = users.add(connection, console, name, role, merchant, "zh")
                users.set_password(connection, console, user_id, passwords.hashed(PASSWORD), "test")
        with on_a_port(app) as url, browsers.opened(url, folder / "profile") as browser:
            browser.chrome.execute_cdp_cmd(
                "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)}
            )
            yield Site(hub, browser, folder)


def test_an_owner_looks_at_day_and_month_and_takes_the_statement_along(site: Site) -> None:
    site.enter("shopkeeper")
    browser = site.browser
    assert browser.path == "/owner/day"
    assert "营业额" in browser.text
    browser.press("月")
    assert browser.path.startswith("/owner/month?")
    assert "和联盟结算" in browser.text
    browser.press("结算单")
    month = browser.chrome.find_element("css selector", "main .links a")
    month.click()
    assert "逐日" in browser.text
    browser.chrome.find_element("link text", "表格 XLSX").click()
    file = downloaded(site.folder, "xlsx")
    assert len(openpyxl.load_workbook(io.BytesIO(file.read_bytes())).sheetnames) >= 2


def downloaded(folder: Path, ending: str) -> Path:
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        found = list(folder.glob(f"*.{ending}"))
        if found:
            return found[0]
        time.sleep(0.05)
    raise AssertionError(f"no file was downloaded to {folder}: {list(folder.iterdir())}")


def test_a_dispute_goes_from_the_owner_to_the_desk_and_back(site: Site) -> None:
    site.enter("shopkeeper")
    browser = site.browser
    browser.go("/owner/day")
    browser.press("逐张小票")
    browser.chrome.find_element("css selector", "main .links a").click()
    browser.chrome.find_element("css selector", "details:last-of-type summary").click()
    browser.fill(reason="苹果称重多按了一次")
    browser.press("提交申诉")
    assert "48 小时内会有答复" in browser.text
    number = browser.path.partition("?")[0].rpartition("/")[2]

    site.enter("admin")
    browser.go(f"/desk/disputes/{number}")
    browser.fill(answer="核对了电子秤，退分成", amount="1.20")
    browser.chrome.find_element("css selector", "input[value=correct]").click()
    browser.press("答复")
    assert "已更正入账" in browser.text

    site.enter("shopkeeper")
    browser.go(f"/owner/disputes/{number}")
    assert "核对了电子秤，退分成" in browser.text
    assert "1.20 元" in browser.text


def test_a_task_is_reviewed(site: Site) -> None:
    with site.hub.database.write() as connection:
        new = tasks.NewTask(
            "volunteer",
            "社区清洁日",
            stocking.today(site.hub, connection).isoformat(),
            minutes_max=240,
            places=3,
        )
        task = tasks.add_task(site.hub, connection, new, by="admin")
        tasks.sign_up(site.hub, connection, task, sales.MEMBER, by=sales.MEMBER)
        tasks.submit(site.hub, connection, task, sales.MEMBER, by=sales.MEMBER, minutes=150)
    site.enter("admin")
    browser = site.browser
    browser.go("/desk/tasks")
    assert "25 时间积分" in browser.text
    browser.fill(time="2:00")
    browser.press("通过")
    assert "积分已入账" in browser.text
    assert "没有等待审核的任务" in browser.text


def test_an_enrolment_code_can_be_scanned_from_the_screen(site: Site) -> None:
    site.enter("admin")
    browser = site.browser
    browser.go("/desk/terminals/S1-1")
    browser.press("生成入网码")
    for size in (PHONE, DESKTOP):
        browser.size(size)
        [found] = zxingcpp.read_barcodes(Image.open(io.BytesIO(browser.chrome.get_screenshot_as_png())))
        url, _, code = found.text.partition(" ")
        assert url == browser.url
        assert trust.read_enrolment_code(code) is not None
        assert code in browser.text


@pytest.mark.parametrize("name", ["shopkeeper", "admin"])
def test_nobody_scrolls_sideways(site: Site, name: str) -> None:
    """Every place of the site, on a phone and on a desk, in both languages; and nothing is complained about."""
    site.enter(name)
    browser = site.browser
    for place in OWNERS if name == "shopkeeper" else DESK:
        for language in ("zh", "en"):
            for size in (PHONE, DESKTOP):
                browser.size(size)
                browser.go(f"{place.href}?lang={language}")
                assert not browser.wider_than_the_screen(), (place.href, language, size)
                assert browser.chrome.find_elements("css selector", "[aria-current=page]"), place.href
    log = browser.chrome.execute("getLog", {"type": "browser"})["value"]
    complaints = [one["message"] for one in log if "favicon" not in one["message"]]
    assert complaints == []
