"""What the screens say: the badge, the member, the rows, the outcome, the technician's list."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta

import msgspec
import pytest

from pos.domain.cart import EVERYTHING
from pos.domain.message import Refusal, say
from pos.domain.refund import ReturnedLine
from pos.ui.presenters.cart_rows import cart_rows, cart_summary
from pos.ui.presenters.errands import Errands
from pos.ui.presenters.figures import duration, receipt_tail, signed, taken_off
from pos.ui.presenters.hub_badge import hub_badge
from pos.ui.presenters.member_card import member_card, points_wish
from pos.ui.presenters.notices import Notice, did_not_work, notice_of
from pos.ui.presenters.outcomes import paid_outcome, print_line, refund_outcome
from pos.ui.presenters.till_status import till_status
from pos.usecases.ports import HubState, Pending, StorageTrouble
from pos.usecases.refund_sale import refund_sale
from tests.fakes.clock import A_MORNING
from tests.fakes.till_services import FakeServices
from tests.ui.presenters.at_the_till import MEMBER, WATER, AtTheTill, at_once

NONE_PENDING = Pending(0, 0, None)


def test_presenters_need_no_qt() -> None:
    program = (
        "import sys, pkgutil, importlib, pos.ui.presenters as all_of_them\n"
        "for one in pkgutil.iter_modules(all_of_them.__path__):\n"
        "    importlib.import_module('pos.ui.presenters.' + one.name)\n"
        "assert not [name for name in sys.modules if name.startswith('PySide6')]\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)


@pytest.mark.parametrize(
    ("state", "pending", "tone", "sentence"),
    [
        (HubState(provisioned=True, online=True), NONE_PENDING, "calm", "在线"),
        (HubState(provisioned=True, online=True), Pending(9, 2, ""), "calm", "在线 · 2 单正在上传"),
        (
            HubState(provisioned=True, online=False, offline_since=A_MORNING - timedelta(minutes=12)),
            Pending(4, 3, ""),
            "amber",
            "离线 12 分钟 · 一切照常 · 3 单待上传",
        ),
        (
            HubState(provisioned=True, online=False, offline_since=A_MORNING - timedelta(hours=2, minutes=5)),
            NONE_PENDING,
            "amber",
            "离线 2 小时 5 分 · 一切照常",
        ),
        (HubState(provisioned=False, online=False), NONE_PENDING, "red", "本机还没有接入联盟，请技术员开通"),
        (
            HubState(provisioned=True, online=True, quarantined=2),
            NONE_PENDING,
            "red",
            "2 笔记录要人工核对，请联系联盟",
        ),
        (
            HubState(provisioned=True, online=False, problem=say("总部不认识本机，请联系联盟")),
            NONE_PENDING,
            "red",
            "总部不认识本机，请联系联盟",
        ),
        (
            HubState(provisioned=True, online=True, clock_offset_ms=-300_000),
            NONE_PENDING,
            "amber",
            "本机时间差 5 分钟，请校准 · 照常收银",
        ),
    ],
)
def test_the_badge_is_calm_unless_a_person_is_needed(
    state: HubState, pending: Pending, tone: str, sentence: str
) -> None:
    badge = hub_badge(state, pending, A_MORNING)
    said = str(badge.text) + (f" · {badge.waiting}" if badge.waiting else "")
    assert (badge.tone, said) == (tone, sentence)


@pytest.mark.parametrize(
    "state",
    [
        HubState(provisioned=False, online=False),
        HubState(provisioned=True, online=True, problem=say("总部不认识本机，请联系联盟")),
        HubState(provisioned=True, online=True, quarantined=2),
        HubState(provisioned=True, online=True, clock_offset_ms=-300_000),
    ],
)
def test_whatever_is_wrong_the_badge_tells_what_waits(state: HubState) -> None:
    badge = hub_badge(state, Pending(7, 3, ""), A_MORNING)
    assert str(badge.waiting) == "3 单待上传"


@pytest.mark.parametrize(
    ("span", "sentence"),
    [
        (timedelta(seconds=-5), "不到 1 分钟"),
        (timedelta(seconds=59), "不到 1 分钟"),
        (timedelta(minutes=59, seconds=59), "59 分钟"),
        (timedelta(hours=47), "47 小时 0 分"),
        (timedelta(days=5), "5 天"),
    ],
)
def test_durations(span: timedelta, sentence: str) -> None:
    assert str(duration(span)) == sentence


def test_amounts_carry_a_true_minus() -> None:
    assert signed(-1_11) == "−1.11"
    assert taken_off(7_00) == "−7.00"
    assert taken_off(0) == "0.00"
    assert receipt_tail("S1-1-7J0Z0-0042") == "0042"


def test_the_rows_of_the_worked_sale() -> None:
    at = AtTheTill()
    at.worked_sale()
    rows = cart_rows(at.till.quoted)
    assert [(row.quantity, row.list_price, row.price, row.amount, row.saved) for row in rows] == [
        ("3 瓶", "1.70", "1.58", "4.74", "0.36"),
        ("2 听", "2.40", "2.23", "4.46", "0.34"),
        ("1 包", "", "60.60", "60.60", ""),
        ("1.234 kg", "12.80", "11.80", "14.56", "1.24"),
    ]
    assert str(rows[2].detail) == "不参加优惠和积分"
    summary = cart_summary(at.till.quoted)
    assert (summary.lines, summary.pieces, summary.gross, summary.saved) == (4, 7, "86.30", "1.94")
    assert cart_rows(None) == ()
    assert cart_summary(None).lines == 0


def test_the_member_of_the_worked_sale() -> None:
    at = AtTheTill()
    assert member_card(at.till.quoted) is None
    at.worked_sale()
    card = member_card(at.till.quoted)
    assert card is not None
    assert (card.number, str(card.plan), card.until) == ("•••6012", "基础会员", "2027-05-18")
    assert (card.balance, card.usable, card.earning, card.used) == ("20", "7", "16", "7")
    assert card.note is not None


def test_before_redeeming_the_note_says_what_could_be_done() -> None:
    at = AtTheTill()
    at.worked_sale()
    assert at.till.redeem("points", 0)
    card = member_card(at.till.quoted)
    assert card is not None
    assert str(card.note) == "还差 26.24 元可用满50减10"
    assert at.till.keep_back("coupon:coupon_50_10", kept=True)
    card = member_card(at.till.quoted)
    assert card is not None
    assert str(card.note) == "可用 7 分抵 7.00 元，按 F8"


def test_offline_the_limit_is_the_note() -> None:
    at = AtTheTill()
    at.scan(MEMBER, WATER)
    at.sample.hub.go_offline(at.sample.clock.now())
    at.sample.members.moment = None
    at.till.refresh()
    card = member_card(at.till.quoted)
    assert card is not None
    assert str(card.note) == "还没有从总部取得积分余额，联网后才能抵扣"


def test_a_wish_can_be_tried_without_being_made() -> None:
    at = AtTheTill()
    at.scan(MEMBER, *[WATER] * 9)
    tried = at.till.try_redeem("points", EVERYTHING)
    assert tried is not None
    assert tried.used == tried.most == 4_00
    assert tried.held_back is not None
    quoted = at.till.quoted
    assert quoted is not None
    wish = points_wish(quoted)
    assert wish is not None
    assert wish.used == 0


def test_the_outcome_of_the_worked_sale_and_of_its_refund() -> None:
    at = AtTheTill()
    at.worked_sale()
    at.till.take_cash(100_00)
    assert at.till.paid is not None
    outcome = paid_outcome(at.till.paid)
    assert outcome.figure == "22.64"
    assert [figure for _, figure in outcome.facts] == ["77.36", "100.00", "7", "16"]
    refunded = refund_outcome(refund_sale("1", (ReturnedLine(0, 1),), "03", at.sample.desk))
    assert refunded.figure == "1.11"
    assert [(str(label), figure) for label, figure in refunded.facts] == [
        ("退回积分", "0.47"),
        ("扣回所得积分", "1"),
    ]


def test_every_print_state_has_its_sentence() -> None:
    assert len({str(print_line(state)) for state in ("queued", "sending", "printed", "failed")}) == 4


def test_only_a_receipt_that_was_given_up_asks_for_f7() -> None:
    asks = {
        state
        for state in ("queued", "sending", "printed", "failed", "given_up")
        if "F7" in str(print_line(state))
    }
    assert asks == {"given_up"}
    assert print_line(None) == print_line("queued")


def test_the_technician_sees_what_is_not_well() -> None:
    fakes = FakeServices()
    assert all(row.well for row in till_status(fakes.services))
    fakes.printer_notice = say("打印机没有纸")
    fakes.sample.packs.packs.clear()
    fakes.sample.members.moment = None
    fakes.sample.hub.now = msgspec.structs.replace(fakes.sample.hub.now, clock_offset_ms=-200_000)
    assert [str(row.label) for row in till_status(fakes.services) if not row.well] == [
        "联盟方案",
        "会员余额更新于",
        "时钟差",
        "打印机",
    ]


def test_failures_become_sentences(caplog: pytest.LogCaptureFixture) -> None:
    assert notice_of(Refusal("no", say("不行")), otherwise=did_not_work()) == Notice("warn", say("不行"))
    assert notice_of(StorageTrouble(say("盘坏了")), otherwise=did_not_work()).tone == "bad"
    assert caplog.text == ""
    assert notice_of(KeyError("x"), otherwise=did_not_work()).message == did_not_work()
    assert "KeyError" in caplog.text


def test_an_errand_to_a_closed_executor_fails_with_a_sentence(caplog: pytest.LogCaptureFixture) -> None:
    from tests.fakes.runners import OnThread  # noqa: PLC0415

    runner = OnThread()
    runner.close()
    failed: list[Notice] = []
    errands = Errands(FakeServices(in_background=runner).services, at_once)
    errands.fetch(lambda: 1, lambda _one: pytest.fail("it cannot have run"), failed.append)
    assert failed[0].tone == "bad"
    assert caplog.text
