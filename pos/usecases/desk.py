"""Everything a deed at this till needs, in one record; and reading the cart with it."""

from __future__ import annotations

from dataclasses import dataclass

from pos.domain.basket import Basket, MemberInput
from pos.domain.cart import EVERYTHING, Cart
from pos.domain.message import Message, Refusal, say
from pos.domain.offline import Ceiling, offline_ceiling
from pos.domain.pricing import PricedSale, price
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
    Staff,
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
    """Prices the cart under the current pack with what is known of the member.

    Raises:
        Refusal: `no_pack`: nothing can be priced before the first download.

    """
    loaded = current_pack(desk)
    online = desk.hub.state().online
    member = desk.members.by_number(cart.member_no) if cart.member_no else None
    ceilings = {} if member is None or online else _ceilings(member, loaded, desk)
    basket = Basket(
        lines=cart.lines,
        member=MemberInput(member.member_no, member.plan, member.balances) if member else None,
        redeem={asset: _wish(wish, member, asset) for asset, wish in cart.redeem.items()} if member else {},
        ceilings_fen={asset: ceiling.value_fen for asset, ceiling in ceilings.items()},
    )
    notes = tuple(ceiling.why for ceiling in ceilings.values() if ceiling.why is not None)
    return Quote(basket, price(basket, loaded.pack), member, loaded, online, notes)


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


def _wish(wish: int, member: KnownMember | None, asset: str) -> int:
    """`EVERYTHING` becomes the balance, so that the journal holds a number that meant something."""
    if wish < EVERYTHING or member is None:
        return wish
    return max(0, member.balances.get(asset, 0))


def _ceilings(member: KnownMember, loaded: LoadedPack, desk: Desk) -> dict[str, Ceiling]:
    date = business_date(desk)
    return {
        redemption.asset: offline_ceiling(
            loaded.pack.offline_limits(redemption.asset),
            now=desk.clock.now(),
            cached_at=desk.members.cached_at(),
            redeemed_today_fen=desk.journal.offline_redeemed_fen(member.member_no, redemption.asset, date),
        )
        for redemption in loaded.pack.redemptions
    }
