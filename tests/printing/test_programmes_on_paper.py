"""What programmes print: coupons that scanners can read on narrow paper, memberships, why goods came back."""

from __future__ import annotations

from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from drivers.printer.memory import MemoryPrinter
from drivers.printer.paper import Paper
from drivers.printer.raster import QUIET_ZONE_MODULES, qr_picture
from drivers.printer.virtual import VirtualPrinter
from pos.domain.cart import EVERYTHING, Cart, wish_to_redeem
from pos.domain.ledger import SALES
from pos.domain.refund import ReturnedLine
from pos.usecases.print_receipts import Printed, print_next
from pos.usecases.refund_sale import Purpose
from pos.usecases.scan_code import CouponAccepted, scan_code
from pos.usecases.sell_membership import CompletedMembership, quote_fee, sell_membership
from pos.words import Words
from tests.printing.test_on_a_port import working
from tests.usecases.paper import lines
from tests.usecases.sample_till import CASHIER, DOU, DOU_CARD, SampleTill

FIFTY = "6900000000014"


@pytest.fixture
def neighbours(shop: SampleTill) -> SampleTill:
    """天商联盟 with goods at 50.00: each member sale prints a coupon."""
    shop.use_pack("tianshang")
    shop.tell_good(FIFTY, 50_00)
    shop.tell_member(DOU, DOU_CARD, "member", balances={SALES: 1})
    return shop


def on_paper(shop: SampleTill, language: str = "zh") -> list[str]:
    """The next waiting receipt as lines of text."""
    printer, store = MemoryPrinter(), shop.till.store
    outcome = print_next(
        store.print_queue, store.journal, store.packs, printer, Words(language), ask_first=False
    )
    assert isinstance(outcome, Printed)
    return lines(printer.documents[-1])


# --- a coupon -------------------------------------------------------------------------------------


@pytest.mark.parametrize("paper", Paper)
def test_a_printed_coupon_can_be_scanned_from_the_paper(
    neighbours: SampleTill, tmp_path: Path, paper: Paper
) -> None:
    """What the camera of the shop next door reads is the code, and the code is good."""
    with (
        VirtualPrinter(tmp_path / "paper", paper=paper) as virtual,
        working(neighbours, virtual.port, paper) as worker,
    ):
        done = neighbours.sell(DOU_CARD, FIFTY).sale
        worker.nudge()
        (png,) = virtual.machine.wait_for_receipts(1, 10)
    with Image.open(png) as picture:
        found = {code.text for code in zxingcpp.read_barcodes(picture)}
    (coupon,) = done.printed
    assert found == {done.receipt_no, coupon.code}
    assert isinstance(scan_code(Cart(), coupon.code, neighbours.desk), CouponAccepted)


def test_the_longest_code_is_read_from_narrow_paper() -> None:
    """Modules of three dots at least (0.375 mm): finer ones are what scanners fail on."""
    picture = qr_picture("8" * 300, 4, Paper.MM58.dots)
    (found,) = zxingcpp.read_barcodes(picture.convert("L"))
    assert found.text == "8" * 300
    dark_left, _, _, _ = picture.convert("L").point(lambda grey: 255 - grey).getbbox() or (0, 0, 0, 0)
    assert dark_left // QUIET_ZONE_MODULES >= 3


def test_what_stands_beside_the_code(neighbours: SampleTill) -> None:
    (coupon,) = neighbours.sell(DOU_CARD, FIFTY).sale.printed
    shown = on_paper(neighbours)
    at = shown.index("邻店优惠券满30减3")
    assert shown[at + 1] == f"QR {coupon.code} 联盟各店可用，有效期至 2026-12-21，限用一次"


def test_a_copy_repeats_the_same_coupon(neighbours: SampleTill) -> None:
    """The number is used up once, however often it is printed."""
    (coupon,) = neighbours.sell(DOU_CARD, FIFTY).sale.printed
    queue = neighbours.till.store.print_queue
    job = queue.next_job()
    assert job is not None
    queue.mark_sending(job.id)
    queue.mark_failed(job.id, "torn", may_have_printed=True)
    shown = on_paper(neighbours)
    assert "—— 重打小票（副本）——" in shown
    assert any(coupon.code in line for line in shown)


def test_a_coupon_on_the_account_is_announced(shop: SampleTill) -> None:
    shop.use_pack("community_groupbuy")
    shop.tell_good(FIFTY, 50_00)
    shop.tell_member(DOU, DOU_CARD, "ordinary", balances={SALES: 1})
    shop.sell(DOU_CARD, FIFTY, FIFTY)
    shown = on_paper(shop)
    assert "送您一张「5元券」，30 天内出示会员码即可使用" in shown
    assert "本次获得余额\t5" in shown
    assert "余额\t5" in shown


def test_a_sale_in_several_assets_adds_up(shop: SampleTill) -> None:
    shop.tell_good(FIFTY, 50_00)
    shop.tell_member(DOU, DOU_CARD, "basic", balances={"points": 20_00, "voucher": 5_50, SALES: 1})
    cart = shop.scan(Cart(), DOU_CARD, FIFTY)
    shop.pay(wish_to_redeem(wish_to_redeem(cart, "points", EVERYTHING), "voucher", EVERYTHING))
    shown = on_paper(shop)
    for line in (
        "积分抵扣 15\t-15.00",
        "商家代金券抵扣 5.5\t-5.50",
        "应收\t29.50",
        "积分余额\t40",
        "商家代金券余额\t0",
    ):
        assert line in shown
    assert not any("时间积分" in line for line in shown)


# --- a membership ---------------------------------------------------------------------------------


def upgraded(shop: SampleTill) -> CompletedMembership:
    """30006012 becomes a co-creator; 600 time points go towards it."""
    shop.tell_member(
        DOU, DOU_CARD, "basic", expires="2027-05-18", balances={"points": 20_00, "time_points": 600_00}
    )
    wishes = {"time_points": EVERYTHING}
    due_fen = quote_fee(shop.known(DOU), "co_creator", wishes, shop.desk).due_fen
    return shop.book(
        lambda: sell_membership(
            DOU, "co_creator", wishes, shop.desk, given_fen=900_00, cashier=CASHIER, shown_due_fen=due_fen
        )
    )


def test_a_membership_on_paper(shop: SampleTill) -> None:
    done = upgraded(shop)
    shown = on_paper(shop)
    assert shown[2:6] == [
        "会员费小票",
        f"单号\t{done.sold.receipt_no}",
        "时间\t2026-11-21 10:42:00",
        "1 号机 收银员 03\t",
    ]
    assert shown[6:19] == [
        "会员\t***6012",
        "升级\t共创会员",
        "生效\t2026-11-21",
        "到期\t2027-11-20",
        "会员费\t1000.00",
        "原会员剩余天数折抵\t-49.04",
        "时间积分抵扣 600\t-60.00",
        "应收\t890.96",
        "现金\t900.00",
        "找零\t9.04",
        "积分余额\t20",
        "时间积分余额\t0",
        "会费由本店代联盟收取",
    ]
    assert f"QR {done.sold.receipt_no} 会员费凭证" in shown


def test_a_membership_in_english_is_english(shop: SampleTill) -> None:
    upgraded(shop)
    shown = on_paper(shop, "en")
    assert [line for line in shown if "会员费" in line or "升级\t" in line or "应收" in line] == []


# --- why goods came back --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("purpose", "title"), [("return", "退货小票"), ("exchange", "换货小票"), ("void", "作废小票")]
)
def test_a_refunds_title_says_why(neighbours: SampleTill, purpose: Purpose, title: str) -> None:
    sold = neighbours.sell(DOU_CARD, FIFTY).sale
    on_paper(neighbours)
    neighbours.give_back(sold, ReturnedLine(0, 1), purpose=purpose)
    shown = on_paper(neighbours)
    assert shown[2] == title
    assert f"原小票\t{sold.receipt_no}" in shown
