"""Baskets of every kind under the five shipped packs, for properties of what follows from a sale."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec
from hypothesis import strategies as st

from pos.domain.basket import Basket, BasketLine, HeldCoupon, MemberInput, MerchantInput, checked_line
from pos.domain.catalogue import Product
from pos.domain.events import RefundMade, SaleMade
from pos.domain.programme.loading import load_pack
from pos.domain.programme.pack import Pack
from pos.domain.programme.rules import HELD_KINDS, HeldRule
from pos.domain.refund import ReturnedLine
from tests.domain.examples import refunds_of

SHIPPED = ("tongyi", "community_groupbuy", "zhongdian", "gongxianggou", "tianshang")
MEMBER_NO, MERCHANT = "30001234", "M1"
PLENTY = 10**9
"""Enough of a deposit for every gate."""

_OFFERED = ("20001018", "20001025", "20001032", "20001049", "20001063", "20001070", "20001087")
"""Goods that the shipped offers bind."""

_MOMENTS = ("2026-11-23T18:30:00+08:00", "2026-11-28T20:15:00+08:00", "2026-11-22T03:00:00+08:00")


@cache
def shipped(pack_id: str) -> Pack:
    return load_pack((files("resources") / "programmes" / f"{pack_id}.toml").read_bytes())


def held_rules(pack: Pack) -> list[HeldRule]:
    return [rule for rule in pack.price_rules if isinstance(rule, HELD_KINDS)]


@st.composite
def lines(draw: st.DrawFn) -> tuple[BasketLine, ...]:
    found = []
    for number in range(draw(st.integers(1, 4))):
        code = draw(st.sampled_from((*_OFFERED, "", "", "")))
        price_fen = draw(st.integers(0, 9_000))
        good = Product(
            code=code or f"69{number:011d}",
            name=f"货{number}",
            spec="",
            unit="个" if code else draw(st.sampled_from(("个", "kg"))),
            category="食品" if code else draw(st.sampled_from(("饮料", "水果", "烟草"))),
            price_fen=price_fen,
            member_price_fen=draw(st.integers(0, price_fen)),
        )
        if good.weighed:
            found.append(checked_line(good, weight_g=draw(st.integers(1, 4_000))))
        else:
            found.append(checked_line(good, quantity=draw(st.integers(1, 5))))
    return tuple(found)


@st.composite
def coupons(draw: st.DrawFn, pack: Pack) -> tuple[HeldCoupon, ...]:
    """Coupons on account and printed ones; where the issuer pays, of this merchant or a neighbour."""
    rules = held_rules(pack)
    if not rules:
        return ()
    held = []
    for number in range(draw(st.integers(0, 3))):
        rule = draw(st.sampled_from(rules))
        issuer = draw(st.sampled_from((MERCHANT, "M2"))) if rule.funder == "issuer" else None
        printed = draw(st.booleans())
        held.append(HeldCoupon(rule.id, f"{number:016x}" if printed else None, issuer))
    return tuple(held)


@st.composite
def members(draw: st.DrawFn, pack: Pack) -> MemberInput:
    return MemberInput(
        member_no=MEMBER_NO,
        plan=draw(st.sampled_from([plan.id for plan in pack.plans])),
        balances={
            asset.id: draw(st.integers(0, 500 * 10**asset.scale))
            for asset in pack.assets
            if draw(st.booleans())
        },
        first_order=draw(st.booleans()),
        activated=draw(st.booleans()),
        home_store=draw(st.sampled_from((None, "S1", "S2"))),
        referrer=draw(st.booleans()),
    )


@st.composite
def programme_baskets(draw: st.DrawFn, pack: Pack) -> Basket:
    """A member's basket, with wishes to pay with everything, something or nothing of each asset."""
    rebate = pack.rebate
    rates = [None, rebate.min_bp, rebate.max_bp] if rebate else [None]
    wish = st.sampled_from((0, 1, 700, 50_000, 1 << 62))
    return Basket(
        lines=draw(lines()),
        member=draw(members(pack)),
        redeem={rule.asset: draw(wish) for rule in pack.redemptions},
        at=draw(st.sampled_from(_MOMENTS)),
        store="S1",
        merchant=MerchantInput(
            merchant=MERCHANT,
            rebate_bp=draw(st.sampled_from(rates)),
            balances={asset.id: PLENTY for asset in pack.assets},
            referrer=draw(st.booleans()),
            area_agent=draw(st.booleans()),
        ),
        coupons=draw(coupons(pack)),
        asset_prices={
            asset.id: draw(st.sampled_from(("1", "0.73", "3.1415")))
            for asset in pack.assets
            if asset.price_yuan is not None and draw(st.booleans())
        },
    )


def returned_in(sale: SaleMade, steps: tuple[tuple[ReturnedLine, ...], ...], pack: Pack) -> list[RefundMade]:
    """One refund after the other, each naming the parties of its sale, as the till books them."""
    member = sale.basket.member
    return [
        msgspec.structs.replace(
            one, merchant=sale.basket.merchant.merchant, home_store=member.home_store if member else None
        )
        for one in refunds_of(sale, steps, pack)
    ]
