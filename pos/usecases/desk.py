"""Everything a deed at this till needs, in one record; and reading the cart with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from pos.domain.basket import Basket, HeldCoupon, MemberInput, MerchantInput
from pos.domain.business_week import quota_days
from pos.domain.cart import EVERYTHING, Cart
from pos.domain.ledger import SALES
from pos.domain.message import Message, Refusal, named, say
from pos.domain.offline import Ceiling, offline_ceiling
from pos.domain.pricing.price import price
from pos.domain.pricing.result import PricedSale
from pos.domain.programme.pack import Pack
from pos.domain.programme.rules import HELD_KINDS, Flash, coupon_of
from pos.usecases.ports import (
    AllianceKeys,
    Clock,
    Goods,
    HubLink,
    Journal,
    KnownMember,
    LoadedPack,
    Members,
    Packs,
    PinCheck,
    Seal,
    Staff,
    Terms,
)


@dataclass(frozen=True, slots=True)
class Desk:
    """The till's ports. Made once by `pos.bootstrap`."""

    clock: Clock
    goods: Goods
    members: Members
    staff: Staff
    packs: Packs
    journal: Journal
    hub: HubLink
    pin_check: PinCheck
    terms: Terms
    seal: Seal
    keys: AllianceKeys


@dataclass(frozen=True, slots=True)
class Quote:
    """A cart priced now: what the screen shows, and what the sale is made from.

    `reserved` is what pay codes hold at the hub, minor units per asset.
    """

    basket: Basket
    sale: PricedSale
    member: KnownMember | None
    pack: LoadedPack
    online: bool
    limit_notes: tuple[Message, ...] = ()
    reserved: Mapping[str, int] = field(default_factory=dict)


def quote(cart: Cart, desk: Desk) -> Quote:
    """Prices the cart under the current pack with what is known of the member and the store.

    Raises:
        Refusal: `no_pack`: nothing can be priced before the first download; `gate`, `rebate`: the
            store may make no member sale now.

    """
    loaded = current_pack(desk)
    online = desk.hub.state().online
    member = _member(cart, desk)
    reserved = {one.asset: one.amount for one in cart.pay_codes}
    ceilings = {} if member is None else _ceilings(cart, member, loaded, desk, online=online)
    basket = _basket(cart, member, loaded.pack, desk, {one: c.value_fen for one, c in ceilings.items()})
    notes = _limit_notes(ceilings, loaded.pack)
    if member is not None and not member.balances_told and not cart.pay_codes:
        notes = (_not_told(online=online), *notes)
    reserved = {one.asset: one.amount for one in cart.pay_codes if one.asset in cart.redeem}
    return Quote(basket, price(basket, loaded.pack), member, loaded, online, notes, reserved)


def _member(cart: Cart, desk: Desk) -> KnownMember | None:
    """Who the cart is for, as the till knows them; what a pay code says of them is the hub's later word."""
    if cart.member_no is None:
        return None
    known = desk.members.by_number(cart.member_no)
    if not cart.pay_codes:
        return known
    told = cart.pay_codes[-1]
    if known is None:
        return KnownMember(
            member_no=told.member_no,
            plan=told.plan,
            status="active",
            expires=told.plan_last_day,
            balances={SALES: int(told.bought)},
            referrer=told.referrer,
            activated=told.activated,
            balances_told=False,
        )
    if told.plan_last_day < known.expires:  # this till has sold a plan since
        return known
    return msgspec.structs.replace(known, plan=told.plan, expires=told.plan_last_day)


def _not_told(*, online: bool) -> Message:
    if online:
        return say("积分余额未下发到本店，正在向总部查询…")
    return say("积分余额未下发到本店，现在不能抵扣；联网后会自动查询")


def _basket(
    cart: Cart, member: KnownMember | None, pack: Pack, desk: Desk, ceilings_fen: dict[str, int]
) -> Basket:
    """Every input of pricing, so that the journal says what was known at that moment."""
    terms = desk.terms.of_store()
    usable = member.usable(business_date(desk)) if member else {}
    usable |= {one.asset: one.amount for one in cart.pay_codes}
    return Basket(
        lines=cart.lines,
        member=_member_input(member, usable, pack) if member else None,
        redeem={asset: _wish(wish, usable.get(asset, 0)) for asset, wish in cart.redeem.items()}
        if member
        else {},
        ceilings_fen=ceilings_fen,
        at=desk.clock.now().isoformat(timespec="seconds"),
        store=desk.journal.store.store,
        merchant=MerchantInput(
            merchant=terms.merchant,
            rebate_bp=terms.rebate_bp,
            balances=terms.balances,
            referrer=terms.referrer,
            area_agent=terms.area_agent,
        ),
        coupons=_coupons(cart, usable, pack) if member else (),
        used=_used(pack, desk),
        asset_prices=terms.asset_prices,
    )


def _member_input(member: KnownMember, usable: dict[str, int], pack: Pack) -> MemberInput:
    assets = {asset.id for asset in pack.assets}
    return MemberInput(
        member_no=member.member_no,
        plan=member.plan,
        balances={asset: amount for asset, amount in usable.items() if asset in assets},
        first_order=member.balances.get(SALES, 0) <= 0,
        activated=member.activated,
        home_store=member.home_store,
        referrer=member.referrer,
    )


def _coupons(cart: Cart, usable: dict[str, int], pack: Pack) -> tuple[HeldCoupon, ...]:
    """What the member holds on account, but for what is kept back, and the printed ones handed in."""
    held = []
    for unit, number in sorted(usable.items()):
        of = coupon_of(unit)
        if of is None or unit in cart.kept_back or not isinstance(pack.rule(of[0]), HELD_KINDS):
            continue
        held += [HeldCoupon(of[0], issuer=of[1])] * max(0, number)
    return (*cart.coupons, *held)


def _used(pack: Pack, desk: Desk) -> dict[str, int]:
    """Units that this till has already sold under each quota, in the quota's days."""
    date = business_date(desk)
    used = {}
    for rule in pack.price_rules:
        if isinstance(rule, Flash):
            used[rule.id] = desk.journal.rule_units(rule.id, *quota_days(rule.per, date))
    return used


def current_pack(desk: Desk) -> LoadedPack:
    """The pack in force.

    Raises:
        Refusal: `no_pack`.

    """
    loaded = desk.packs.current()
    if loaded is None:
        raise Refusal("no_pack", say("还没有收到联盟方案，请联网同步一次再开始收银"))
    return loaded


def business_date(desk: Desk) -> str:
    """The date a receipt counts in: the store's local date (one implicit shift)."""
    return desk.clock.now().date().isoformat()


def _wish(wish: int, balance: int) -> int:
    """`EVERYTHING` becomes the balance, so that the journal holds a number that meant something."""
    return wish if wish < EVERYTHING else max(0, balance)


def _limit_notes(ceilings: Mapping[str, Ceiling], pack: Pack) -> tuple[Message, ...]:
    """What the limits allow of each asset, the tightest first: the cashier knows before somebody asks."""
    ordered = sorted(ceilings.items(), key=lambda one: one[1].value_fen)
    if all(one.told == ordered[0][1].told for _, one in ordered):
        return tuple(one.told for _, one in ordered[:1])
    return tuple(
        say("{asset} {told}", asset=named(pack.asset(asset).name), told=one.told) for asset, one in ordered
    )


def _ceilings(
    cart: Cart, member: KnownMember, loaded: LoadedPack, desk: Desk, *, online: bool
) -> dict[str, Ceiling]:
    """What may be redeemed of each asset that no pay code covers: the pack's offline limits.

    Online they hold once points are to be spent: before that a code may still come (`Till.redeem`).
    """
    covered = {one.asset for one in cart.pay_codes}
    bound = {
        redemption.asset
        for redemption in loaded.pack.redemptions
        if redemption.asset not in covered and not (online and redemption.asset not in cart.redeem)
    }
    return {
        asset: offline_ceiling(
            loaded.pack.offline_limits(asset),
            desk.journal.offline_redeemed(member.member_no, asset, business_date(desk)),
            now=desk.clock.now(),
            cached_at=desk.members.cached_at(),
        )
        for asset in sorted(bound)
    }
