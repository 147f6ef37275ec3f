"""Sales and refunds as a till would write them, made with the shared rules."""

from __future__ import annotations

import hashlib
from importlib.resources import files

import msgspec

from pos.domain.basket import Basket, BasketLine, MemberInput
from pos.domain.events import PackRef, RefundMade, SaleMade, Tender
from pos.domain.pricing import price
from pos.domain.programme import load_pack
from pos.domain.refund import ReturnedLine, add_returned, refund
from sync.hub.imports import read_goods

DATE = "2026-03-14"
AT = "2026-03-14T10:20:30+08:00"
MEMBER = "30006012"
PACK_BYTES = (files("resources") / "programmes" / "tongyi.toml").read_bytes()
PACK = load_pack(PACK_BYTES)
PACK_REF = PackRef(PACK.id, PACK.version, hashlib.sha256(PACK_BYTES).hexdigest())
GOODS = {
    one.code: one
    for one in read_goods((files("resources") / "sample" / "goods.csv").read_bytes(), "goods.csv").checked()
}
WATER, COLA, TOBACCO, APPLES = "6921168509256", "6954767410388", "6901028075770", "20001"
WORKED_LINES = (
    BasketLine(GOODS[WATER], 3),
    BasketLine(GOODS[COLA], 2),
    BasketLine(GOODS[TOBACCO], 1),
    BasketLine(GOODS[APPLES], 1, 1234),
)


def sale(
    receipt_no: str,
    *,
    member: str | None = MEMBER,
    believed: int = 2000,
    redeem: int = 700,
    lines: tuple[BasketLine, ...] = WORKED_LINES,
    store: str = "S1",
) -> SaleMade:
    """The worked sale of the domain page, or another; points in minor units, paid in cash exactly."""
    basket = Basket(
        lines=lines,
        member=MemberInput(member, "basic", {"points": believed}) if member else None,
        redeem={"points": redeem} if member and redeem else {},
    )
    result = price(basket, PACK)
    return SaleMade(
        receipt_no=receipt_no,
        at=AT,
        date=DATE,
        store=store,
        cashier="03",
        pack=PACK_REF,
        basket=basket,
        result=result,
        tenders=(Tender("cash", result.due_fen),),
        change_fen=0,
        online=False,
    )


def walk_in(receipt_no: str) -> SaleMade:
    return sale(receipt_no, member=None, lines=WORKED_LINES[:1])


def give_back(
    receipt_no: str, of: SaleMade, *returning: ReturnedLine, earlier: tuple[RefundMade, ...] = ()
) -> RefundMade:
    """A refund of parts of a sale, after `earlier` ones."""
    before: dict[int, int] = {}
    for one in earlier:
        before = add_returned(before, one.returning)
    cash_back_before_fen = sum(one.result.cash_back_fen for one in earlier)
    member = of.basket.member
    result = refund(
        of.result,
        member.plan if member else None,
        PACK,
        before=before,
        cash_back_before_fen=cash_back_before_fen,
        returning=returning,
    )
    return RefundMade(
        receipt_no=receipt_no,
        of=of.receipt_no,
        at=AT,
        date=DATE,
        store=of.store,
        cashier="03",
        pack=PACK_REF,
        before=before,
        cash_back_before_fen=cash_back_before_fen,
        returning=returning,
        result=result,
        member_no=member.member_no if member else None,
        plan=member.plan if member else None,
        online=False,
    )


def whole(of: SaleMade, *earlier: RefundMade) -> tuple[ReturnedLine, ...]:
    """Everything that is left of a sale."""
    gone: dict[int, int] = {}
    for one in earlier:
        gone = add_returned(gone, one.returning)
    left = {index: line.quantity - gone.get(index, 0) for index, line in enumerate(of.result.lines)}
    return tuple(ReturnedLine(index, quantity) for index, quantity in left.items() if quantity)


def altered(event: SaleMade, **result: int) -> SaleMade:
    """A sale whose till wrote other figures than the rules give."""
    return msgspec.structs.replace(event, result=msgspec.structs.replace(event.result, **result))
