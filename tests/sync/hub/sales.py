"""Sales and refunds as a till would write them, made with the shared rules."""

from __future__ import annotations

import hashlib
from importlib.resources import files

import msgspec

from pos.domain.basket import Basket, BasketLine, MemberInput
from pos.domain.events import MembershipSold, PackRef, PrintedCoupon, RefundMade, SaleMade, Tender
from pos.domain.membership import MembershipDeal, PointsForFee
from pos.domain.pricing.price import price
from pos.domain.programme.loading import load_pack
from pos.domain.programme.pack import Pack
from pos.domain.refund import ReturnedLine, add_returned, refund
from sync.hub.alliance.imports import read_goods

DATE = "2026-03-14"
AT = "2026-03-14T10:20:30+08:00"
MEMBER, NEWCOMER, FRIEND = "30006012", "30006632", "30007572"
"""Of the worked sale; one who has bought nothing yet, brought by the first; and another."""
PROGRAMMES = ("tongyi", "community_groupbuy", "zhongdian", "gongxianggou", "tianshang")


def pack_bytes(name: str) -> bytes:
    return (files("resources") / "programmes" / f"{name}.toml").read_bytes()


PACK_BYTES = pack_bytes("tongyi")
PACK = load_pack(PACK_BYTES)
PACKS = {name: load_pack(pack_bytes(name)) for name in PROGRAMMES}
REFS = {
    pack.id: PackRef(pack.id, pack.version, hashlib.sha256(pack_bytes(pack.id)).hexdigest())
    for pack in PACKS.values()
}
GOODS = {
    one.code: one
    for one in read_goods((files("resources") / "sample" / "goods.csv").read_bytes(), "goods.csv").checked()
}
WATER, COLA, TOBACCO, APPLES = "6921168509256", "6954767410388", "6901028075770", "20001"
FRUIT = "20001063"
WORKED_LINES = (
    BasketLine(GOODS[WATER], 3),
    BasketLine(GOODS[COLA], 2),
    BasketLine(GOODS[TOBACCO], 1),
    BasketLine(GOODS[APPLES], 1, 1234),
)
FRUIT_LINES = (BasketLine(GOODS[FRUIT], 5), BasketLine(GOODS[WATER], 3), BasketLine(GOODS[TOBACCO], 1))
"""5 × 11.80 + 3 × 1.58 at member prices, and 60.60 that takes no part: eligible 63.74."""


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
    known = MemberInput(member, "basic", {"points": believed}, home_store="S1") if member else None
    basket = Basket(lines=lines, member=known, redeem={"points": redeem} if member and redeem else {})
    return sold(receipt_no, basket, store=store)


def sold(
    receipt_no: str,
    basket: Basket,
    pack: Pack = PACK,
    *,
    store: str = "S1",
    printed: tuple[PrintedCoupon, ...] = (),
) -> SaleMade:
    """Any basket, sold in a store."""
    basket = msgspec.structs.replace(basket, store=store, at=AT)
    result = price(basket, pack)
    return SaleMade(
        receipt_no=receipt_no,
        at=AT,
        date=DATE,
        store=store,
        cashier="03",
        pack=REFS[pack.id],
        basket=basket,
        result=result,
        tenders=(Tender("cash", result.due_fen),),
        change_fen=0,
        online=False,
        printed=printed,
    )


def membership(
    receipt_no: str, deal: MembershipDeal, *, member: str, points: tuple[PointsForFee, ...] = ()
) -> MembershipSold:
    """A plan sold on the usual day; what points do not pay is paid in cash exactly."""
    due_fen = deal.price_fen - sum(one.value_fen for one in points)
    return MembershipSold(
        receipt_no=receipt_no,
        at=AT,
        date=DATE,
        store="S1",
        cashier="03",
        pack=REFS["tongyi"],
        member_no=member,
        deal=deal,
        paid_in_points=points,
        due_fen=due_fen,
        tenders=(Tender("cash", due_fen),),
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
        of.basket,
        PACKS[of.pack.id],
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
        pack=of.pack,
        before=before,
        cash_back_before_fen=cash_back_before_fen,
        returning=returning,
        result=result,
        member_no=member.member_no if member else None,
        plan=member.plan if member else None,
        online=False,
        merchant=of.basket.merchant.merchant,
        home_store=member.home_store if member else None,
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


def with_merchant(event: SaleMade, **changes: object) -> SaleMade:
    """A sale whose till believed something else of its merchant."""
    merchant = msgspec.structs.replace(event.basket.merchant, **changes)
    return msgspec.structs.replace(event, basket=msgspec.structs.replace(event.basket, merchant=merchant))
