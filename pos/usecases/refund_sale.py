"""Goods come back: find the receipt, show what each piece gives, book it."""

from __future__ import annotations

from dataclasses import dataclass

from pos.domain import refund as refunds
from pos.domain.events import RefundMade, SaleMade
from pos.domain.message import Refusal, say
from pos.domain.receipt import BalanceAfter
from pos.domain.refund import Refund, ReturnedLine
from pos.usecases.complete_sale import balances_after
from pos.usecases.desk import Desk, business_date
from pos.usecases.ports import LoadedPack


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
class CompletedRefund:
    """A refund that is on disk."""

    refund: RefundMade
    seq: int
    hash: bytes
    job_id: int


def find_sale(typed: str, desk: Desk) -> Refundable:
    """The sale behind a receipt number; of this till's own receipts the last digits are enough.

    Raises:
        Refusal: `unknown_receipt`, `is_refund`, `all_returned` or `no_pack`.

    """
    receipt_no = _whole_number(typed.strip().upper(), desk)
    stored = desk.journal.receipt(receipt_no)
    if stored is None:
        raise Refusal(
            "unknown_receipt",
            say("本机没有小票 {no}，请核对单号；别的收银机开的单请到那台机退", no=receipt_no[:40]),
        )
    if isinstance(stored.event, RefundMade):
        raise Refusal(
            "is_refund", say("{no} 是退货小票，请扫原来的销售小票 {of}", no=receipt_no, of=stored.event.of)
        )
    found = _refundable(stored.event, desk)
    if not any(found.left):
        raise Refusal("all_returned", say("小票 {no} 已全部退完", no=receipt_no))
    return found


def preview(found: Refundable, returning: tuple[ReturnedLine, ...]) -> Refund:
    """What this return would give back.

    Raises:
        Refusal: nothing chosen, or more than was sold.

    """
    member = found.sale.basket.member
    return refunds.refund(
        found.sale.result,
        member.plan if member else None,
        found.pack.pack,
        before=found.returned,
        cash_back_before_fen=found.cash_back_fen,
        returning=returning,
    )


def refund_sale(
    receipt_no: str, returning: tuple[ReturnedLine, ...], cashier: str, desk: Desk
) -> CompletedRefund:
    """Books a return. On the journal's writer thread; when it returns, the refund is done.

    Raises:
        Refusal: see `find_sale` and `preview`.
        StorageTrouble: nothing was booked.

    """
    state = desk.hub.state()
    with desk.journal.transaction() as transaction:
        found = find_sale(receipt_no, desk)
        result = preview(found, returning)
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
        )
        balances = _balances_after_refund(found, result, desk)
        entry = transaction.append(made)
        job_id = transaction.queue_receipt(entry.seq, balances)
    desk.hub.nudge()
    return CompletedRefund(made, entry.seq, entry.hash, job_id)


def _whole_number(typed: str, desk: Desk) -> str:
    if typed.isascii() and typed.isdigit() and len(typed) <= 6:
        return desk.journal.identity.receipt_no(int(typed))
    return typed


def _refundable(sale: SaleMade, desk: Desk) -> Refundable:
    earlier = desk.journal.refunds_of(sale.receipt_no)
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


def _balances_after_refund(found: Refundable, result: Refund, desk: Desk) -> tuple[BalanceAfter, ...]:
    if found.sale.basket.member is None:
        return ()
    member = desk.members.by_number(found.sale.basket.member.member_no)
    if member is None:
        return ()
    change = {
        asset.id: refunds.points_change(result, asset.id, asset.scale).amount
        for asset in found.pack.pack.assets
    }
    return balances_after(member, found.pack, change)
