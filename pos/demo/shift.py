"""The scripted shift: what a shop goes through, done by the real programs without a screen.

The worked sale online; the hub goes away; two member sales (one pays with points), a walk-in sale, a
partial refund, a plan sold with a new card, and a sale with a coupon and a bundle, all offline; the till
is killed and started again; the hub comes back; everything uploads; both sides' totals are compared.
`summary.json` and the pictures are left in the folder.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from pathlib import Path

from pos.bootstrap.looking import read_till
from pos.demo.processes import DemoFailed, Process, children_end_with_us
from pos.demo.shop import Shop, sample_rows
from pos.demo.summary import summary

PATIENCE_S = 45.0
LOOK_AGAIN_S = 0.05
REPORT_S = 2.0
CASHIER, CASHIER_PIN = "03", "030303"
OWNER, OWNER_PIN = "01", "010101"
WATER, COLA, CIGARETTES, APPLES = "6921168509256", "6954767410388", "6901028075770", "20001"
SOY_MILK, BUN = "20001018", "20001025"


def run_shift(out: Path) -> int:
    """Runs the shift into `out`; 0 when till and hub agree and nothing is left to upload."""
    shop = Shop(out)
    shop.prepare()
    with children_end_with_us():
        shop.start_hub()
        with shop.printer():
            shop.enrol_till()
            shop.write_codes()
            _work(shop)
    return _conclude(shop)


def _work(shop: Shop) -> None:
    members = [row for row in sample_rows("members.csv") if row["status"] == "active"]
    with shop.till(remote=True) as process:
        till = _Till(process, shop.places.out)
        till.wait("online")
        till.log_in(CASHIER, CASHIER_PIN)
        worked_sale = _worked_sale(till, members[0]["card_code"])
        till.wait("uploaded")
        shop.stop_hub()
        till.wait("offline")
        _offline_sales(till, members)
        _refund_one_water(till, worked_sale)
        _programme(till)
        till.scan(COLA)
        process.kill()
    with shop.till(remote=True) as process:
        till = _Till(process, shop.places.out)
        till.log_in(CASHIER, CASHIER_PIN)
        till.grab("till-6-after-the-kill.png")
        till.key("f4", "enter")
        shop.start_hub()
        till.wait("online")
        till.wait("uploaded")
        _wait_for_paper(shop, receipts=7)
        process.ask(do="quit")
        process.wait()
    _owner_looks(shop)
    _write_summary(shop)


def _worked_sale(till: _Till, card_code: str) -> str:
    till.scan(card_code, WATER, WATER, WATER, COLA, COLA, CIGARETTES)
    till.weigh(APPLES, "1.234")
    till.redeem_all()
    till.grab("till-1-worked-sale.png")
    receipt_no = till.pay("100", pictures=("till-2-cash.png", "till-3-paid.png"))
    till.wait("printed")
    return receipt_no


def _offline_sales(till: _Till, members: list[dict[str, str]]) -> None:
    earning, redeeming = members[1], next(row for row in members[2:] if int(row["points"]) >= 20)
    till.scan(earning["card_code"], COLA, COLA, WATER)
    till.pay("10")
    till.scan(redeeming["card_code"], *(WATER,) * 12)
    till.weigh(APPLES, "2.500")
    till.redeem_all()
    till.grab("till-4-offline.png")
    till.pay("50")
    till.scan(CIGARETTES, WATER)
    till.pay("100")


def _programme(till: _Till) -> None:
    """Still without the hub: a plan sold with a new card, then a coupon and a bundle."""
    till.key("enter")
    till.scan(next(row["card_code"] for row in sample_rows("members.csv") if row["status"] == "sealed"))
    till.until(overlay="membership")
    till.grab("till-8-membership.png")
    till.type("100")
    till.key("enter")
    till.wait("membership")
    till.key("esc")
    till.key("f5", "del")
    with_coupon = next(row for row in sample_rows("members.csv") if "coupon_50_10" in row["coupons"])
    till.scan(with_coupon["card_code"], SOY_MILK, *(BUN,) * 3, *(COLA,) * 21)
    till.key("ctrl+y")
    till.until(overlay="offers")
    till.grab("till-9-offers.png")
    till.key("esc", "f8")
    till.until(overlay="points")
    till.grab("till-10-points-and-coupons.png")
    till.key("esc")
    till.pay("100")


def _refund_one_water(till: _Till, receipt_no: str) -> None:
    till.scan(receipt_no)
    till.until(overlay="refund")
    till.key("right")
    till.grab("till-5-refund.png")
    till.key("enter")
    till.wait("refunded")


def _owner_looks(shop: Shop) -> None:
    with shop.till(remote=True) as process:
        till = _Till(process, shop.places.out)
        till.wait("online")
        till.log_in(OWNER, OWNER_PIN)
        till.key("f10")
        till.until(overlay="report")
        time.sleep(REPORT_S)
        till.wait("uploaded")
        till.grab("till-7-day.png")
        process.ask(do="quit")
        process.wait()


def _wait_for_paper(shop: Shop, *, receipts: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while len(list(shop.places.receipts.glob("*.png"))) < receipts:
        if time.monotonic() > deadline:
            raise DemoFailed(f"fewer than {receipts} receipts came out of the printer")
        time.sleep(LOOK_AGAIN_S)


class _Till:
    """The till's window, worked by scans and keys."""

    def __init__(self, process: Process, out: Path) -> None:
        self._process, self._out = process, out

    def log_in(self, number: str, pin: str) -> None:
        self.until(screen="log_in")
        self.type(number)
        self.key("enter")
        self.type(pin)
        self.key("enter")
        self.wait("logged_in")

    def scan(self, *codes: str) -> None:
        for code in codes:
            self._process.ask(do="scan", code=code)

    def weigh(self, plu: str, kg: str) -> None:
        self.type(plu)
        self.key("enter")
        self.until(overlay="weight")
        self.type(kg)
        self.key("enter")
        self.until(overlay=None)

    def redeem_all(self) -> None:
        self.key("f8")
        self.until(overlay="points")
        self.key("enter")
        self.until(overlay=None)

    def pay(self, cash: str, pictures: tuple[str, str] | None = None) -> str:
        """Takes cash and gives the receipt's number."""
        self.key("f9")
        self.until(overlay="cash")
        self.type(cash)
        if pictures:
            self.grab(pictures[0])
        self.key("enter")
        self.wait("paid")
        if pictures:
            self.wait("printed")
            self.grab(pictures[1])
        return str(self._process.ask(do="state")["last_receipt"])

    def type(self, text: str) -> None:
        self._process.ask(do="type", text=text)

    def key(self, *names: str) -> None:
        for name in names:
            self._process.ask(do="key", key=name)

    def wait(self, what: str) -> None:
        self._process.ask(do="wait", **{"for": what, "timeout_s": PATIENCE_S})

    def until(self, **wanted: object) -> None:
        """Waits until the window's state says so."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            state = self._process.ask(do="state")
            if all(state[name] == value for name, value in wanted.items()):
                return
            if time.monotonic() > deadline:
                raise DemoFailed(f"the till never showed {wanted}; it shows {state}")
            time.sleep(LOOK_AGAIN_S)

    def grab(self, name: str) -> None:
        self._process.ask(do="grab", file=str(self._out / name))


def _write_summary(shop: Shop) -> None:
    with read_till(shop.places.till) as reader:
        content = summary(reader.desk, reader.ask_hub)
    text = json.dumps(content, ensure_ascii=False, indent=2)
    (shop.places.out / "summary.json").write_text(text + "\n", encoding="utf-8")


def _conclude(shop: Shop) -> int:
    for picture in sorted(shop.places.receipts.glob("*.png")):
        shutil.copy(picture, shop.places.out / picture.name)
    content = json.loads((shop.places.out / "summary.json").read_text(encoding="utf-8"))
    good = content["agree"] and content["pending_uploads"] == 0
    sys.stdout.write(
        f"{'一致' if good else '不一致'} · {'till and hub agree' if good else 'till and hub DIFFER'}: "
        f"{shop.places.out / 'summary.json'}\n"
    )
    return 0 if good else 1
