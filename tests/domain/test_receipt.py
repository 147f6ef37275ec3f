"""A receipt says who sold what to whom for how much, and where to find it again."""

from __future__ import annotations

import msgspec
import pytest

from pos.domain.basket import Basket, HeldCoupon, checked_line
from pos.domain.events import MembershipSold, PrintedCoupon, Tender
from pos.domain.membership import MembershipDeal, PointsForFee
from pos.domain.pricing.result import IssuedCoupon
from pos.domain.receipt import (
    BalanceAfter,
    Code,
    Heading,
    Line,
    Note,
    Pair,
    Part,
    masked,
    membership_receipt,
    refund_receipt,
    sale_receipt,
)
from pos.domain.refund import ReturnedLine
from tests.domain.examples import (
    ALL_WORKED,
    COLA,
    LINES,
    PACK,
    PACK_REF,
    STORE,
    WORKED,
    refund_made,
    sale_made,
)

BALANCES = (BalanceAfter("积分", 2900, 2),)
NAMES = PACK.names()
PROMISES = ("回报", "收益", "分红", "返利", "赚")


def said(parts: tuple[Part, ...]) -> list[str]:
    """The receipt as lines of text, pairs as `label: value`."""
    found = []
    for part in parts:
        match part:
            case Heading() | Note():
                found.append(str(part.text))
            case Pair():
                found.append(f"{part.label}: {part.value}")
            case Code():
                found.append(f"[{part.data}] {part.caption}")
            case Line():
                found.append("-")
    return found


def worked(*, copy: bool = False) -> list[str]:
    sale = sale_made(tenders=(Tender("cash", 10_000),), change_fen=2264)
    return said(sale_receipt(sale, STORE, balances=BALANCES, chain_mark="DEADBEEF", names=NAMES, copy=copy))


def test_the_worked_receipt() -> None:
    assert worked() == [
        "同壹便利店",
        "同壹联盟",
        "销售小票",
        "-",
        "单号: S1-1-ABCDE-0001",
        "时间: 2026-03-01 12:00:00",
        "1 号机 收银员 03: ",
        "-",
        "农夫山泉 550ml",
        "  3 瓶 × 1.58: 4.74",
        "  会员价 1.58 元，省 0.36 元",
        "可口可乐 330ml",
        "  2 罐 × 2.23: 4.46",
        "  会员价 2.23 元，省 0.34 元",
        "软中华 20支",
        "  1 包 × 60.60: 60.60",
        "红富士苹果",
        "  1.234 kg × 11.80: 14.56",
        "  会员价 11.80 元，省 1.24 元",
        "-",
        "合计: 86.30",
        "优惠: -1.94",
        "应付: 84.36",
        "积分抵扣 7: -7.00",
        "应收: 77.36",
        "现金: 100.00",
        "找零: 22.64",
        "-",
        "会员: ***6012",
        "本次获得积分: 16",
        "积分余额: 29",
        "-",
        "[S1-1-ABCDE-0001] 退货请扫此码",
        "谢谢惠顾",
        "欢迎再来",
        "凭证 DEADBEEF",
    ]


def membership(*, copy: bool = False) -> list[str]:
    """A co-creator's first year, of which points paid a part."""
    sold = MembershipSold(
        receipt_no="S1-1-ABCDE-0003",
        at="2026-03-01T12:00:00+08:00",
        date="2026-03-01",
        store="S1",
        cashier="03",
        pack=PACK_REF,
        member_no="30006012",
        deal=MembershipDeal("join", "co_creator", 1000_00, 0, "2026-03-01", "2027-02-28"),
        paid_in_points=(PointsForFee("time_points", 50_00, 2, 5_00),),
        due_fen=995_00,
        tenders=(Tender("cash", 1000_00),),
        change_fen=5_00,
        online=True,
    )
    return said(membership_receipt(sold, STORE, balances=(), chain_mark="DEADBEEF", names=NAMES, copy=copy))


def test_a_membership_receipt() -> None:
    assert membership() == [
        "同壹便利店",
        "同壹联盟",
        "会员费小票",
        "-",
        "单号: S1-1-ABCDE-0003",
        "时间: 2026-03-01 12:00:00",
        "1 号机 收银员 03: ",
        "-",
        "会员: ***6012",
        "入会: 共创会员",
        "生效: 2026-03-01",
        "到期: 2027-02-28",
        "-",
        "会员费: 1000.00",
        "时间积分抵扣 50: -5.00",
        "应收: 995.00",
        "现金: 1000.00",
        "找零: 5.00",
        "-",
        "会费由本店代联盟收取",
        "[S1-1-ABCDE-0003] 会员费凭证",
        "谢谢惠顾",
        "欢迎再来",
        "凭证 DEADBEEF",
    ]
    assert "—— 重打小票（副本）——" in membership(copy=True)


def test_a_balance_called_balance_is_not_said_twice() -> None:
    parts = sale_receipt(
        sale_made(), STORE, balances=(BalanceAfter("余额", 5_00, 2),), chain_mark="", names=NAMES
    )
    assert "余额: 5" in said(parts)


def test_a_printed_coupon_stands_at_the_end_under_its_name() -> None:
    coupon = PrintedCoupon("coupon_50_10", "00" * 8, "8" * 215, "2026-03-31")
    text = said(sale_receipt(sale_made(printed=(coupon,)), STORE, balances=(), chain_mark="", names=NAMES))
    assert text[-3:] == ["-", "满50减10", f"[{'8' * 215}] 联盟各店可用，有效期至 2026-03-31，限用一次"]


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        (30, "送您一张「满50减10」，30 天内出示会员码即可使用"),
        (None, "送您一张「满50减10」，下次出示会员码即可使用"),
    ],
)
def test_a_coupon_on_the_account_is_announced(days: int | None, sentence: str) -> None:
    sale = sale_made()
    given = msgspec.structs.replace(
        sale.result, issued=(IssuedCoupon("coupon_50_10", "member", days), IssuedCoupon("x", "bearer"))
    )
    text = said(
        sale_receipt(
            msgspec.structs.replace(sale, result=given), STORE, balances=(), chain_mark="", names=NAMES
        )
    )
    assert sentence in text
    assert sum("送您一张" in line for line in text) == 1


@pytest.mark.parametrize(
    ("purpose", "title"), [("return", "退货小票"), ("exchange", "换货小票"), ("void", "作废小票")]
)
def test_a_refund_says_why(purpose: str, title: str) -> None:
    made = msgspec.structs.replace(refund_made(sale_made(), ALL_WORKED), purpose=purpose)
    assert said(refund_receipt(made, STORE, balances=(), chain_mark="", names=NAMES))[2] == title


def test_a_copy_says_so() -> None:
    assert "—— 重打小票（副本）——" in worked(copy=True)
    assert [line for line in worked(copy=True) if "副本" not in line] == worked()


def test_a_walk_in_sees_nothing_of_members() -> None:
    text = said(
        sale_receipt(sale_made(Basket(LINES)), STORE, balances=(), chain_mark="DEADBEEF", names=NAMES)
    )
    assert not any("会员" in line or "积分" in line or "优惠" in line for line in text)
    assert "应收: 86.30" in text


def test_the_amount_to_pay_is_the_largest_thing() -> None:
    parts = sale_receipt(sale_made(), STORE, balances=BALANCES, chain_mark="", names=NAMES)
    huge = [part for part in parts if isinstance(part, Pair) and part.style == "huge"]
    assert [str(part.label) for part in huge] == ["应收"]


def test_the_worked_refund_receipt() -> None:
    made = refund_made(sale_made(), (ReturnedLine(0, 1),))
    text = said(refund_receipt(made, STORE, balances=BALANCES, chain_mark="DEADBEEF", names=NAMES))
    assert text[:5] == ["同壹便利店", "同壹联盟", "退货小票", "-", "单号: S1-1-ABCDE-0002"]
    for line in (
        "原小票: S1-1-ABCDE-0001",
        "农夫山泉",
        "1 瓶: -1.58",
        "退回积分: 0.47",
        "扣回所得积分: -1",
        "退现金: 1.11",
        "积分余额: 29",
        "顾客签名：",
        "[S1-1-ABCDE-0002] 退货凭证",
        "凭证 DEADBEEF",
    ):
        assert line in text


def test_a_weighed_good_comes_back_by_weight() -> None:
    made = refund_made(sale_made(), ALL_WORKED)
    text = said(refund_receipt(made, STORE, balances=(), chain_mark="", names=NAMES, copy=True))
    assert "1.234 kg: -14.56" in text
    assert "—— 重打小票（副本）——" in text


@pytest.mark.parametrize("word", PROMISES)
def test_no_receipt_promises_a_return(word: str) -> None:
    refund_text = said(
        refund_receipt(
            refund_made(sale_made(), ALL_WORKED), STORE, balances=BALANCES, chain_mark="", names=NAMES
        )
    )
    assert not any(word in line for line in (*worked(), *refund_text, *membership()))


@pytest.mark.parametrize(("number", "shown"), [("30006012", "***6012"), ("12", "***12"), ("", "***")])
def test_a_members_number_is_masked(number: str, shown: str) -> None:
    assert masked(number) == shown


def test_screens_may_mask_otherwise() -> None:
    assert masked("30006012", "•••") == "•••6012"


def test_other_tenders_and_assets_keep_their_names() -> None:
    sale = sale_made(tenders=(Tender("wechat", 7736),))
    assert "wechat: 77.36" in said(sale_receipt(sale, STORE, balances=(), chain_mark="", names=NAMES))


def test_a_coupon_that_comes_back_is_on_the_refunds_receipt() -> None:
    basket = msgspec.structs.replace(
        WORKED, lines=(checked_line(COLA, quantity=30),), coupons=(HeldCoupon("coupon_50_10"),), redeem={}
    )
    sale = sale_made(basket)
    assert [one.rule for one in sale.result.coupons_used] == ["coupon_50_10"]
    for pieces, told in ((29, False), (30, True)):
        made = refund_made(sale, (ReturnedLine(0, pieces),))
        parts = refund_receipt(made, STORE, balances=(), chain_mark="AB", names=PACK.names())
        said = [str(part.text) for part in parts if isinstance(part, Note)]
        assert ("已退回「满50减10」，可再使用" in said) == told
