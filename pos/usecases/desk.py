"""Everything a deed at this till needs, in one record; and reading the cart with it."""

from __future__ import annotations

from dataclasses import dataclass

from pos.domain.basket import Basket, HeldCoupon, MemberInput, MerchantInput
from pos.domain.business_week import quota_days
from pos.domain.cart import EVERYTHING, Cart
from pos.domain.ledger import SALES
from pos.domain.message import Message, Refusal, say
from pos.domain.offline import Ceiling, offline_ceiling
from pos.domain.pricing.price import price
from pos.domain.pricing.result import PricedSale
from pos.domain.programme.pack import Pack
from pos.domain.programme.rules import HELD_KINDS, Flash, coupon_of
from pos.usecases.ports import (
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


@dataclass(frozen=True, slots=True)
class Quote:
    """A cart priced now: what the screen shows, and what the sale is made from."""

    basket: Basket
    sale: PricedSale
    member: KnownMember | None
    pack: LoadedPack
    online: bool
    limit_notes: tuple[Message, ...] = ()


def quote(cart: Cart, desk: Desk) -> Quote:
    """Prices the cart under the current pack with what is known of the member and the store.

    Raises:
        Refusal: `no_pack`: nothing can be priced before the first download; `gate`, `rebate`: the
            store may make no member sale now.

    """
    loaded = current_pack(desk)
    online = desk.hub.state().online
    member = desk.members.by_number(cart.member_no) if cart.member_no else None
    ceilings = {} if member is None or online else _ceilings(member, loaded, desk)
    basket = _basket(cart, member, loaded.pack, desk, {one: c.value_fen for one, c in ceilings.items()})
    notes = tuple(ceiling.why for ceiling in ceilings.values() if ceiling.why is not None)
    if member is not None and not member.balances_told:
        notes = (_not_told(online=online), *notes)
    return Quote(basket, price(basket, loaded.pack), member, loaded, online, notes)


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


def _ceilings(member: KnownMember, loaded: LoadedPack, desk: Desk) -> dict[str, Ceiling]:
    date = business_date(desk)
    return {
        redemption.asset: offline_ceiling(
            loaded.pack.offline_limits(redemption.asset),
            now=desk.clock.now(),
            cached_at=desk.members.cached_at(),
            redeemed_today_fen=desk.journal.offline_redeemed_fen(member.member_no, redemption.asset, date),
            redeemed_outage_fen=desk.journal.outage_redeemed_fen(redemption.asset, desk.members.cached_at()),
        )
        for redemption in loaded.pack.redemptions
    }
