from __future__ import annotations

import json

import msgspec
import pytest

from pos.domain.day import ReceiptFigures
from pos.domain.message import Message, say
from pos.domain.refund import ReturnedLine
from pos.usecases.refund_sale import refund_sale
from pos.usecases.report_day import as_plain, report_day, text_lines, verdict
from pos.usecases.sell_membership import sell_membership
from pos.words import Words
from sync.hub.settlement.comparing import compare, read_report
from sync.protocol.messages import DayStatement, HighWater, HubMark
from tests.fakes.clock import A_MORNING
from tests.usecases.sample_till import CASHIER, DOU, DOU_CARD, WATER, SampleTill

DATE = "2026-11-21"


def statement(*rows: ReceiptFigures, clawback: dict[str, int] | None = None) -> DayStatement:
    return DayStatement(
        hub=HubMark(1, "2026-11-21T12:00:00Z", HighWater(9, "")),
        store="S1",
        date=DATE,
        receipts=rows,
        clawback=clawback or {},
        recomputed_differently=(),
        quarantined=(),
    )


def confirm(shop: SampleTill) -> None:
    """The hub has said that it holds all there is."""
    head = shop.desk.journal.last_seq()
    shop.till.store.outbox.note_hub_mark(HighWater(head, ""), 1, ())


@pytest.fixture
def sold(shop: SampleTill) -> SampleTill:
    """The worked sale, one water back, and a walk-in; the next day something else."""
    worked = shop.pay(shop.worked_cart())
    shop.book(lambda: refund_sale(worked.sale.receipt_no, (ReturnedLine(0, 1),), CASHIER, shop.desk))
    shop.sell(WATER)
    confirm(shop)
    return shop


def test_both_sides_agree_to_the_fen(sold: SampleTill) -> None:
    ours = sold.desk.journal.figures(DATE)
    report = report_day(DATE, sold.desk, lambda _: statement(*ours))
    assert report.agree is True
    assert report.differences == ()
    assert report.hub == report.till
    assert (report.till.sales, report.till.refunds) == (2, 1)
    assert report.till.cash_fen == 77_36 - 1_11 + 1_70
    assert report.till.share_fen == 2_48 + 5
    assert report.till.net_settlement_fen == 7_00 - 47 - 2_53
    assert str(verdict(report)) == "一致，分毫不差"


def test_a_differing_receipt_is_named_with_what_differs(sold: SampleTill) -> None:
    first, *others = sold.desk.journal.figures(DATE)
    off_by_one = msgspec.structs.replace(first.figures, share_fen=first.figures.share_fen + 1)
    theirs = statement(ReceiptFigures(first.receipt_no, off_by_one), *others)
    report = report_day(DATE, sold.desk, lambda _: theirs)
    assert report.agree is False
    assert [(one.receipt_no, one.names) for one in report.differences] == [(first.receipt_no, ("share_fen",))]
    shown = [Words("zh")(value) for _label, value in text_lines(report)]
    assert first.receipt_no in shown
    assert "有 1 单不一致，请把单号报给联盟" in shown


def test_two_differences_that_cancel_out_are_still_two(sold: SampleTill) -> None:
    first, second, third = sold.desk.journal.figures(DATE)
    swapped = (
        ReceiptFigures(first.receipt_no, third.figures),
        second,
        ReceiptFigures(third.receipt_no, first.figures),
    )
    report = report_day(DATE, sold.desk, lambda _: statement(*swapped))
    assert report.hub == report.till
    assert report.agree is False
    assert len(report.differences) == 2


def test_a_receipt_that_only_the_hub_has(sold: SampleTill) -> None:
    ours = sold.desk.journal.figures(DATE)
    stray = ReceiptFigures(sold.desk.journal.identity.receipt_no(99), ours[0].figures)
    report = report_day(DATE, sold.desk, lambda _: statement(*ours, stray))
    assert [(one.receipt_no, one.till) for one in report.differences] == [(stray.receipt_no, None)]


def test_what_a_replaced_till_sold_is_named_apart(sold: SampleTill) -> None:
    """A till that was lost and set up anew: the hub still knows what the old one sold."""
    ours = sold.desk.journal.figures(DATE)
    terminal = sold.desk.journal.identity.terminal
    before = ReceiptFigures(f"{terminal}-00000-0001", ours[0].figures)
    report = report_day(DATE, sold.desk, lambda _: statement(*ours, before))
    assert report.agree is True
    assert report.earlier_chains == (before.receipt_no,)


def test_other_tills_of_the_store_are_not_compared(sold: SampleTill) -> None:
    ours = sold.desk.journal.figures(DATE)
    other = ReceiptFigures("S1-2-7K2QD-0001", ours[0].figures)
    longer = ReceiptFigures("S1-10-7K2QD-0001", ours[0].figures)
    assert report_day(DATE, sold.desk, lambda _: statement(*ours, other, longer)).agree is True


def test_the_hub_is_away(sold: SampleTill) -> None:
    report = report_day(DATE, sold.desk, lambda _: say("连不上总部"))
    assert report.agree is None
    assert report.hub is None
    assert report.till.sales == 2
    assert str(verdict(report)) == "连不上总部"


def test_what_is_not_uploaded_is_pending(shop: SampleTill) -> None:
    confirm(shop)
    shop.go_offline(A_MORNING)
    shop.sell(DOU_CARD, WATER)
    report = report_day(DATE, shop.desk, lambda _: statement())
    assert (report.pending.entries, report.pending.receipts) == (2, 1)
    assert report.pending.since == A_MORNING.isoformat()
    assert "有 1 单还没上传" in str(verdict(report))


def test_what_is_not_uploaded_is_not_a_difference(shop: SampleTill) -> None:
    confirm(shop)
    shop.sell(WATER)
    report = report_day(DATE, shop.desk, lambda _: statement())
    assert report.differences == ()
    assert report.waiting == (shop.desk.journal.receipts(limit=1)[0].receipt_no,)
    assert report.agree is None


def test_a_day_without_sales(shop: SampleTill) -> None:
    report = report_day("2020-02-29", shop.desk, lambda _: statement())
    assert report.agree is True
    assert report.till.sales == 0


@pytest.mark.parametrize("answer", [statement(clawback={"points": 1_50}), say("连不上总部")])
def test_the_report_for_machines_is_json(sold: SampleTill, answer: DayStatement | Message) -> None:
    report = report_day(DATE, sold.desk, lambda _: answer)
    plain = json.loads(json.dumps(as_plain(report, Words("zh"))))
    assert plain["till_totals"]["share_fen"] == 2_53
    assert plain["till_totals"]["points_redeemed"] == "6.53"
    assert plain["net_settlement_fen"] == report.till.net_settlement_fen
    assert plain["agree"] is (None if isinstance(answer, Message) else False)
    assert all(isinstance(value, int | str) for value in plain["till_totals"].values())


@pytest.mark.parametrize("answer", [statement(), say("连不上总部")])
def test_the_hub_reads_each_receipt_from_the_report(sold: SampleTill, answer: DayStatement | Message) -> None:
    """What `pos-hub settlement compare` is given says of every receipt exactly what the till has booked."""
    report = report_day(DATE, sold.desk, lambda _: answer)
    read = read_report(json.dumps(as_plain(report, Words("zh"))).encode(), "day.json")
    assert read.receipts == tuple(sold.desk.journal.figures(DATE))
    assert read.prefix == sold.desk.journal.identity.receipt_prefix
    assert compare(read, read.receipts).agree is not False
    assert compare(read, read.receipts[1:]).agree is not True


# --- memberships ----------------------------------------------------------------------------------


def renew(shop: SampleTill) -> None:
    """30006012 renews for 100.00."""
    shop.book(
        lambda: sell_membership(
            DOU, "basic", {}, shop.desk, given_fen=100_00, cashier=CASHIER, shown_due_fen=100_00
        )
    )


def test_fees_are_owed_on_in_the_days_settlement(sold: SampleTill) -> None:
    before = report_day(DATE, sold.desk, lambda _: say("连不上总部")).till
    renew(sold)
    report = report_day(DATE, sold.desk, lambda _: say("连不上总部"))
    assert report.till.net_settlement_fen == before.net_settlement_fen - 100_00
    assert report.till.cash_fen == before.cash_fen + 100_00
    assert (report.till.received_fen, report.till.share_fen) == (before.received_fen, before.share_fen)
    plain = as_plain(report, Words("zh"))
    assert (plain["till_totals"]["memberships"], plain["till_totals"]["fees_fen"]) == (1, 100_00)
    assert plain["net_settlement_fen"] == 7_00 - 47 - 2_53 - 100_00
    shown = {Words("zh")(label): Words("zh")(value) for label, value in text_lines(report)}
    assert (shown["办理会员"], shown["会员费代收"], shown["联盟净结算"]) == ("1 笔", "100.00", "-96.00")


def test_a_day_without_memberships_says_nothing_of_them(sold: SampleTill) -> None:
    report = report_day(DATE, sold.desk, lambda _: say("连不上总部"))
    assert not any("会员费" in Words("zh")(label) for label, _ in text_lines(report))


def test_a_fee_the_hub_booked_otherwise_is_named(sold: SampleTill) -> None:
    renew(sold)
    confirm(sold)
    *others, fee = sold.desk.journal.figures(DATE)
    wrong = ReceiptFigures(fee.receipt_no, msgspec.structs.replace(fee.figures, fees_fen=99_99))
    report = report_day(DATE, sold.desk, lambda _: statement(*others, wrong))
    assert [(one.receipt_no, one.names) for one in report.differences] == [(fee.receipt_no, ("fees_fen",))]


# --- what the alliance bears ----------------------------------------------------------------------


def test_what_was_overdrawn_is_told_in_its_own_units(sold: SampleTill) -> None:
    """Share points have six decimals, coupons none, and what nobody knows is taken for points."""
    sold.use_pack("gongxianggou")
    answer = statement(
        clawback={"share_points": 1_500000, "coupon:gone": 2, "points": 1_50, "share_value": 0}
    )
    report = report_day(DATE, sold.desk, lambda _: answer)
    assert as_plain(report, Words("zh"))["clawback"] == {
        "share_points": "1.5",
        "coupon:gone": "2",
        "points": "1.5",
        "share_value": "0",
    }
    shown = [Words("zh")(value) for label, value in text_lines(report) if "超额抵扣" in str(label)]
    assert shown == ["gone 2", "points 1.5", "共享积分 1.5"]


def test_an_overdrawn_coupon_has_its_name(sold: SampleTill) -> None:
    report = report_day(DATE, sold.desk, lambda _: statement(clawback={"coupon:coupon_50_10": 1}))
    assert [(one.name, one.text) for one in report.overdrawn] == [("满50减10", "1")]
