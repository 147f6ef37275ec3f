"""Goods come back: find the receipt, show what each piece gives, book it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from pos.domain import refund as refunds
from pos.domain.events import MembershipSold, RefundMade, SaleMade, UnknownEvent, decode
from pos.domain.ledger import member_changes
from pos.domain.message import Refusal, say
from pos.domain.receipt import BalanceAfter
from pos.domain.refund import Refund, ReturnedLine
from pos.usecases.complete_sale import balances_after
from pos.usecases.desk import Desk, business_date
from pos.usecases.ports import Granted, LoadedPack
from pos.usecases.roles import check_leave

Purpose = Literal["return", "exchange", "void"]


@dataclass(frozen=True, slots=True)
class Refundable:
    """A sale with what was already returned: `returned` is line to pieces."""

    sale: SaleMade
    returned: dict[int, int]
    cash_back_fen: int
    pack: LoadedPack

    @property
    def left(self) -> tuple[int, ...]:
        """Pieces of each line that can still come back."""
        return tuple(
            line.quantity - self.returned.get(index, 0) for index, line in enumerate(self.sale.result.lines)
        )


@dataclass(frozen=True, slots=True)
class SoldElsewhere:
    """What the hub has told of a sale: the sale, and every refund of it that it knows."""

    sale: SaleMade
    refunds: tuple[RefundMade, ...]


@dataclass(frozen=True, slots=True)
class CompletedRefund:
    """A refund that is on disk."""

    refund: RefundMade
    seq: int
    hash: bytes
    job_id: int


def told_sale(granted: Granted) -> SoldElsewhere | None:
    """The sale in the hub's answer; None when it holds none that this program can read."""
    try:
        events = [decode(body) for body in granted.entries]
    except UnknownEvent:
        return None
    refunds = tuple(one for one in events[1:] if isinstance(one, RefundMade))
    if not events or not isinstance(events[0], SaleMade) or len(refunds) != len(events) - 1:
        return None
    return SoldElsewhere(events[0], refunds)


def find_sale(
    typed: str, desk: Desk, *, purpose: Purpose = "return", told: SoldElsewhere | None = None
) -> Refundable:
    """The sale behind a receipt number; of this till's own receipts the last digits are enough.

    With what the hub has `told` of it, another till's sale is found, too, and refunds elsewhere are counted.

    Raises:
        Refusal: `unknown_receipt`, `is_refund`, `is_membership`, `all_returned`, `too_late` or `no_pack`.

    """
    receipt_no = whole_number(typed, desk)
    stored = desk.journal.receipt(receipt_no)
    event = stored.event if stored is not None else _sold_as(receipt_no, told)
    if event is None:
        raise Refusal(
            "unknown_receipt",
            say("本机没有小票 {no}，请核对单号；别的收银机开的单请联网后再退", no=receipt_no[:40]),
        )
    if isinstance(event, RefundMade):
        raise Refusal(
            "is_refund", say("{no} 是退货小票，请扫原来的销售小票 {of}", no=receipt_no, of=event.of)
        )
    if isinstance(event, MembershipSold):
        raise Refusal(
            "is_membership", say("{no} 是会员费小票，会费不在收银机上退，请联系联盟", no=receipt_no)
        )
    found = _refundable(event, told, desk)
    if not any(found.left):
        raise Refusal("all_returned", say("小票 {no} 已全部退完", no=receipt_no))
    _check_time(found, purpose, desk)
    return found


def _check_time(found: Refundable, purpose: Purpose, desk: Desk) -> None:
    """Whether the pack still lets goods come back.

    Raises:
        Refusal: `too_late`.

    """
    terms, now, sold = found.pack.pack.returns, desk.clock.now(), found.sale
    if purpose == "void" and sold.date != business_date(desk):
        raise Refusal("too_late", say("只能作废当天的小票；这一单是 {date} 的，请按退货办理", date=sold.date))
    if purpose == "exchange" and terms.exchange_hours is not None:
        last = datetime.fromisoformat(sold.at) + timedelta(hours=terms.exchange_hours)
        if now > last:
            raise Refusal(
                "too_late",
                say(
                    "换货期限是 {hours} 小时，这一单 {at} 已过期",
                    hours=terms.exchange_hours,
                    at=sold.at[:16].replace("T", " "),
                ),
            )
    if purpose == "return" and terms.return_days is not None:
        last_day = date.fromisoformat(sold.date) + timedelta(days=terms.return_days)
        if now.date() > last_day:
            raise Refusal(
                "too_late",
                say(
                    "退货期限是 {days} 天，这一单是 {date} 的，已过期", days=terms.return_days, date=sold.date
                ),
            )


def preview(found: Refundable, returning: tuple[ReturnedLine, ...]) -> Refund:
    """What this return would give back.

    Raises:
        Refusal: nothing chosen, or more than was sold.

    """
    return refunds.refund(
        found.sale.result,
        found.sale.basket,
        found.pack.pack,
        before=found.returned,
        cash_back_before_fen=found.cash_back_fen,
        returning=returning,
    )


def refund_sale(
    receipt_no: str,
    returning: tuple[ReturnedLine, ...],
    cashier: str,
    desk: Desk,
    *,
    purpose: Purpose = "return",
    told: SoldElsewhere | None = None,
    approved_by: str = "",
) -> CompletedRefund:
    """Books a return, an exchange's return, or (`void`, all of it at once) the undoing of a mistaken sale.

    On the journal's writer thread; when it returns, the refund is done.

    Raises:
        Refusal: see `find_sale`, `preview` and `check_leave`.
        StorageTrouble: nothing was booked.

    """
    state = desk.hub.state()
    with desk.journal.transaction() as transaction:
        found = find_sale(receipt_no, desk, purpose=purpose, told=told)
        if purpose == "void":
            returning = everything_left(found)
        result = preview(found, returning)
        in_all_fen = found.cash_back_fen + result.cash_back_fen
        check_leave(cashier, "refund", desk, approved_by=approved_by, amount_fen=in_all_fen)
        member = found.sale.basket.member
        made = RefundMade(
            receipt_no=transaction.next_receipt_no(),
            of=found.sale.receipt_no,
            at=desk.clock.now().isoformat(timespec="seconds"),
            date=business_date(desk),
            store=desk.journal.store.store,
            cashier=cashier,
            pack=found.sale.pack,
            before=found.returned,
            cash_back_before_fen=found.cash_back_fen,
            returning=returning,
            result=result,
            member_no=member.member_no if member else None,
            plan=member.plan if member else None,
            online=state.online,
            clock_offset_ms=state.clock_offset_ms,
            merchant=found.sale.basket.merchant.merchant,
            home_store=member.home_store if member else None,
            purpose=purpose,
            approved_by=approved_by,
        )
        balances = _balances_after_refund(found, made, desk)
        entry = transaction.append(made)
        job_id = transaction.queue_receipt(entry.seq, balances)
    desk.hub.nudge()
    return CompletedRefund(made, entry.seq, entry.hash, job_id)


def everything_left(found: Refundable) -> tuple[ReturnedLine, ...]:
    """All that can still come back of a sale."""
    return tuple(ReturnedLine(index, left) for index, left in enumerate(found.left) if left)


def whole_number(typed: str, desk: Desk) -> str:
    """The receipt number that was meant: up to six digits count this till's own receipts."""
    typed = typed.strip().upper()
    if typed.isascii() and typed.isdigit() and len(typed) <= 6:
        return desk.journal.identity.receipt_no(int(typed))
    return typed


def _sold_as(receipt_no: str, told: SoldElsewhere | None) -> SaleMade | None:
    return told.sale if told is not None and told.sale.receipt_no == receipt_no else None


def _refundable(sale: SaleMade, told: SoldElsewhere | None, desk: Desk) -> Refundable:
    here = desk.journal.refunds_of(sale.receipt_no)
    elsewhere = told.refunds if _sold_as(sale.receipt_no, told) and told else ()
    earlier = {one.receipt_no: one for one in (*elsewhere, *here)}.values()
    returned: dict[int, int] = {}
    for one in earlier:
        returned = refunds.add_returned(returned, one.returning)
    loaded = desk.packs.by_ref(sale.pack)
    if loaded is None:
        raise Refusal(
            "no_pack",
            say(
                "本机没有这张小票所用的方案 {id} 第 {version} 版，请联网同步后再退",
                id=sale.pack.id,
                version=sale.pack.version,
            ),
        )
    return Refundable(sale, returned, sum(one.result.cash_back_fen for one in earlier), loaded)


def _balances_after_refund(found: Refundable, made: RefundMade, desk: Desk) -> tuple[BalanceAfter, ...]:
    member = desk.members.by_number(made.member_no) if made.member_no else None
    return balances_after(member, found.pack, member_changes(made)) if member else ()
