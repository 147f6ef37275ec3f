"""Baskets as an honest till fills them in: with what the hub's feeds have told it, and nothing else."""

from __future__ import annotations

import msgspec

from pos.domain.basket import Basket, BasketLine, HeldCoupon, MemberInput, MerchantInput
from pos.domain.ledger import SALES
from pos.domain.programme.rules import coupon_of
from sync.protocol.messages import MemberBalances, MemberRow, StoreTerms, TerminalRow
from tests.sync.hub.terminals import FakeTerminal


class WholeMember(MemberRow, frozen=True, kw_only=True):
    """A member with what this till's store is told of their balances."""

    balances: dict[str, int]


def member_row(till: FakeTerminal, member_no: str) -> WholeMember:
    """Of a member whose balances are not told here it is known whether they have bought before."""
    row = msgspec.convert(till.feed_row("members", member_no).body, MemberRow)
    told = next((one.body for one in till.feed("balances").rows if one.key == member_no), None)
    held = told or {"balances": {SALES: 1} if row.bought else {}, "expiring": {}}
    more = msgspec.convert({"member_no": member_no, **held}, MemberBalances)
    known = msgspec.structs.asdict(row) | {"balances": more.balances, "expiring": more.expiring}
    return WholeMember(**known)


def terms(till: FakeTerminal) -> StoreTerms:
    assert till.store is not None
    return msgspec.convert(till.feed_row("terms", till.store.store).body, StoreTerms)


def terminal_row(till: FakeTerminal, terminal: str) -> TerminalRow | None:
    """Whose printed coupons are good; None when the terminal's are not."""
    body = till.feed_row("terminals", terminal).body
    return None if body is None else msgspec.convert(body, TerminalRow)


def basket(
    till: FakeTerminal,
    lines: tuple[BasketLine, ...],
    member_no: str,
    *,
    redeem: dict[str, int] | None = None,
    printed: tuple[HeldCoupon, ...] = (),
) -> Basket:
    """Everything the member holds may be used, and the printed coupons that were handed over."""
    row, store = member_row(till, member_no), terms(till)
    held = []
    for unit, count in row.balances.items():
        coupon = coupon_of(unit)
        if coupon is not None:
            held += [HeldCoupon(coupon[0], issuer=coupon[1])] * count
    return Basket(
        lines=lines,
        member=MemberInput(
            member_no,
            row.plan,
            row.balances,
            first_order=row.balances.get(SALES, 0) == 0,
            activated=row.activated,
            home_store=row.home_store,
            referrer=row.referrer,
        ),
        redeem=redeem or {},
        merchant=MerchantInput(
            store.merchant, store.rebate_bp, store.balances, store.referrer, store.area_agent
        ),
        coupons=(*held, *printed),
        asset_prices=store.asset_prices,
    )
