"""A shop on this machine: hub, virtual printer and an enrolled till, each a process of its own."""

from __future__ import annotations

import contextlib
import csv
import json
import shutil
import webbrowser
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from pos.demo.processes import DemoFailed, Process, children_end_with_us, run
from pos.demo.sheet import Card, sheet

TERMINAL = "S1-1"
PAPER_MM = 58
_SETTINGS = """language = "zh"

[printer]
host = "127.0.0.1"
port = {port}
paper_mm = {paper_mm}
"""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the demo keeps things. Everything lies below `out`."""

    out: Path

    @property
    def hub(self) -> Path:
        return self.out / "hub"

    @property
    def till(self) -> Path:
        return self.out / "till"

    @property
    def receipts(self) -> Path:
        return self.out / "receipts"

    @property
    def logs(self) -> Path:
        return self.out / "logs"

    @property
    def codes(self) -> Path:
        return self.out / "codes.html"


class Shop:
    """Prepares the folders and starts the processes. The hub can be stopped and started again."""

    def __init__(self, out: Path) -> None:
        self.places = Places(out.resolve())
        self.hub_url = ""
        self._hub: Process | None = None

    def prepare(self) -> None:
        """Empties what an earlier demo left, and only that.

        Raises:
            DemoFailed: the folder holds something that is not a demo.

        """
        out, mark = self.places.out, self.places.out / ".alliance-pos-demo"
        if out.exists() and any(out.iterdir()) and not mark.exists():
            raise DemoFailed(f"{out} is not empty and not from a demo; choose another --out")
        shutil.rmtree(out, ignore_errors=True)
        for folder in (out, self.places.receipts, self.places.logs):
            folder.mkdir(parents=True)
        mark.touch()

    def start_hub(self) -> None:
        """Makes the hub on first use; later starts keep its port, as a server's address stays."""
        if not self.places.hub.exists():
            run(["sync.hub.cli", "init", "--data", str(self.places.hub), "--sample"])
        port = self.hub_url.rpartition(":")[2] or "0"
        arguments = ["sync.hub.cli", "serve", "--data", str(self.places.hub), "--port", port]
        self._hub = Process("hub", arguments, self.places.logs / "hub.log")
        self.hub_url = str(self._hub.next_object()["url"])

    def stop_hub(self) -> None:
        if self._hub is not None:
            self._hub.stop()
            self._hub = None

    @contextlib.contextmanager
    def printer(self) -> Iterator[Process]:
        """The virtual printer; its port goes into the till's settings."""
        arguments = ["drivers.printer.virtual", "--port", "0", "--out", str(self.places.receipts)]
        log = self.places.logs / "printer.log"
        with Process("printer", [*arguments, "--paper", str(PAPER_MM)], log) as printer:
            self._write_settings(int(printer.next_object()["port"]))
            yield printer

    def enrol_till(self) -> None:
        """What a technician does with a new machine."""
        hub = ["--data", str(self.places.hub)]
        issued = json.loads(run(["sync.hub.cli", "enrol-code", *hub, "--terminal", TERMINAL, "--json"]))
        till = ["--data", str(self.places.till)]
        run(["pos.cli", "provision", *till, "--hub", self.hub_url, "--code", issued["code"]])

    def till(self, *, remote: bool) -> Process:
        """Opens the till's window; one that is driven gets a screen that nobody sees."""
        environment = self._unseen_screen() if remote else None
        arguments = ["pos.cli", "till", "--data", str(self.places.till), *(["--remote"] if remote else [])]
        return Process("till", arguments, self.places.logs / "till.log", environment)

    def write_codes(self) -> Path:
        """The sheet of codes to scan."""
        self.places.codes.write_text(_sheet(), encoding="utf-8")
        return self.places.codes

    def _unseen_screen(self) -> dict[str, str]:
        """Qt's off-screen platform, with a screen as a shop has one (its own is 800 x 800)."""
        screen = {"name": "till", "x": 0, "y": 0, "width": 1280, "height": 800, "logicalDpi": 96, "dpr": 1}
        config = self.places.out / "screen.json"
        config.write_text(json.dumps({"screens": [screen]}), encoding="utf-8")
        return {"QT_QPA_PLATFORM": f"offscreen:configfile={config}"}

    def _write_settings(self, printer_port: int) -> None:
        self.places.till.mkdir(mode=0o700, exist_ok=True)
        text = _SETTINGS.format(port=printer_port, paper_mm=PAPER_MM)
        (self.places.till / "settings.toml").write_text(text, encoding="utf-8")


def open_shop(out: Path) -> int:
    """Hub, printer and till on the screen until the till is closed. Gives the till's exit status."""
    shop = Shop(out)
    shop.prepare()
    with children_end_with_us():
        shop.start_hub()
        with shop.printer():
            shop.enrol_till()
            codes = shop.write_codes()
            print(f"总部 · hub        {shop.hub_url}")  # noqa: T201 - this is a command's answer
            print(f"扫码页 · codes    {codes}")  # noqa: T201
            print(f"小票 · receipts   {shop.places.receipts}")  # noqa: T201
            print("收银员 · cashier  03 / 030303    店主 · owner  01 / 010101", flush=True)  # noqa: T201
            webbrowser.open(codes.as_uri())
            with shop.till(remote=False) as till:
                return till.wait()


def sample_rows(name: str) -> list[dict[str, str]]:
    """The rows of one of the sample shop's files."""
    text = (files("resources") / "sample" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


_WORKING_MEMBERS = 12


def _member_cards() -> list[Card]:
    """Members whose cards work, then one that has expired and one that is blocked."""
    rows = sample_rows("members.csv")
    working = [row for row in rows if _standing(row) == _STANDINGS["active"]][:_WORKING_MEMBERS]
    others = [next(row for row in rows if _standing(row) == _STANDINGS[name]) for name in _NOT_WORKING]
    return [
        Card(
            row["card_code"],
            f"{row['member_no']} · {_PLANS.get(row['plan'], row['plan'])}",
            f"{row['card_code']} · {row['points']} 分 points · {_standing(row)}",
            qr=True,
        )
        for row in (*working, *others)
    ]


_PLANS = {"basic": "基础会员 Basic", "co_creator": "共创会员 Co-creator"}
_STANDINGS = {"active": "有效 active", "expired": "已到期 EXPIRED", "blocked": "已停用 BLOCKED"}
_NOT_WORKING = ("expired", "blocked")


def _standing(row: dict[str, str]) -> str:
    if row["status"] != "active":
        return _STANDINGS["blocked"]
    return _STANDINGS["expired" if int(row["expires_in_days"]) < 0 else "active"]


def _sheet() -> str:
    goods = sample_rows("goods.csv")
    packed = [
        Card(
            row["barcode"],
            row["name"],
            f"{row['barcode']} · {row['price_yuan']} / {row['member_price_yuan']}",
        )
        for row in goods
    ]
    return sheet(
        "试扫码 · codes to scan",
        "会员码在前，商品在后；也可以把码下面的数字敲进收银机。"
        " Members first, then goods; the digits can be typed as well.",
        [
            ("会员 · members", _member_cards()),
            ("商品 · goods", packed),
        ],
    )
