"""What the hub knows when it books a receipt: who is behind each role, and what the till should have known.

It is kept with the receipt. A refund is booked to the accounts that its sale was booked to, whoever has
become a referrer since; and a belief of the till is held against what was true then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import msgspec

from pos.domain.events import MembershipSold, ReceiptEvent, RefundMade, SaleMade
from pos.domain.ledger import (
    SALES,
    Parties,
    held_units,
    member_account,
    merchant_account,
    parties_of,
    store_account,
)
from sync.hub.alliance.members import Member
from sync.hub.alliance.merchants import Merchant


class Known(msgspec.Struct, frozen=True):
    """The hub's view of a receipt's member, seller and prices just before it was booked.

    `member` and `merchant` are None where the hub does not know them; `balances` is what the member held.
    """

    parties: Parties
    member: Member | None = None
    merchant: Merchant | None = None
    balances: dict[str, int] = {}
    asset_prices: dict[str, str] = {}


def of_sale(
    sale: SaleMade,
    member: Member | None,
    merchant: Merchant | None,
    balances: dict[str, int],
    asset_prices: dict[str, str],
) -> Known:
    return Known(_parties(sale, member, merchant), member, merchant, balances, asset_prices)


def of_refund(
    refund: RefundMade, sale: Known | None, member: Member | None, merchant: Merchant | None
) -> Known:
    """The sale's own parties; a refund whose sale is not here is booked by what is known now.

    Nor is it here if what is booked under its number is somebody else's: of two copies of a till both
    number on, and only the first sale of a number is booked.
    """
    if sale is None or sale.parties.member != member_account(refund.member_no or ""):
        return Known(_parties(refund, member, merchant))
    return Known(sale.parties)


def of_membership(sold: MembershipSold, member: Member | None, balances: dict[str, int]) -> Known:
    account = member_account(sold.member_no)
    store = store_account(sold.store)
    return Known(Parties(account, store, store, account, store), member=member, balances=balances)


def decoded(kept: str | None) -> Known | None:
    """What `encoded` wrote; None where it was booked before anything was kept, or is nobody's."""
    return None if kept is None else msgspec.json.decode(kept, type=Known)


def encoded(known: Known) -> str:
    """As it stands in the table; the card code is nothing a receipt has to remember."""
    if known.member is not None:
        known = msgspec.structs.replace(known, member=msgspec.structs.replace(known.member, card_code=""))
    return msgspec.json.encode(known).decode()


def _parties(event: SaleMade | RefundMade, member: Member | None, merchant: Merchant | None) -> Parties:
    """The accounts as the hub knows them; of whom it knows nothing, as the event names them."""
    named = parties_of(event)
    changes: dict[str, str] = {}
    if member is not None and member.home_store is not None:
        changes["home_store"] = store_account(member.home_store)
    if member is not None and member.referrer is not None:
        changes["member_referrer"] = member_account(member.referrer)
    if merchant is not None:
        changes["merchant"] = merchant_account(merchant.id)
        if merchant.referrer is not None:
            changes["merchant_referrer"] = member_account(merchant.referrer)
        if merchant.area_agent is not None:
            changes["area_agent"] = merchant.area_agent
    return msgspec.structs.replace(named, **changes)


# --- what the till believed ----------------------------------------------------------------------


def claims(event: ReceiptEvent, known: Known) -> list[str]:
    """Beliefs of a member sale that the hub knew to be wrong: shown to a person, never a reason to refuse.

    Balances are left out: what is overdrawn the clawback account bears.
    """
    if not isinstance(event, SaleMade) or event.basket.member is None:
        return []
    pairs = [*_of_member(event, known), *_of_merchant(event, known), *_of_coupons(event, known)]
    return [f"claim {name}: till {_said(till)}, hub {_said(hub)}" for name, till, hub in pairs if till != hub]


def _said(belief: object) -> str:
    return msgspec.json.encode(belief).decode()


Belief = tuple[str, object, object]


def _of_member(sale: SaleMade, known: Known) -> Iterator[Belief]:
    believed, member = sale.basket.member, known.member
    if believed is None:
        return
    if member is None:
        yield "member", believed.member_no, None
        return
    yield "plan", believed.plan, member.plan
    yield "first_order", believed.first_order, known.balances.get(SALES, 0) <= 0
    yield "home_store", believed.home_store, member.home_store
    yield "referrer", believed.referrer, member.referrer is not None
    yield "activated", believed.activated, member.activated


def _of_merchant(sale: SaleMade, known: Known) -> Iterator[Belief]:
    believed, merchant = sale.basket.merchant, known.merchant
    if merchant is None or not believed.merchant:
        return  # a till that has not been told its terms yet claims nothing
    yield "merchant", believed.merchant, merchant.id
    yield "rebate_bp", believed.rebate_bp, merchant.rebate_bp
    yield "merchant_referrer", believed.referrer, merchant.referrer is not None
    yield "area_agent", believed.area_agent, merchant.area_agent is not None
    yield "asset_prices", dict(sorted(sale.basket.asset_prices.items())), known.asset_prices


def _of_coupons(sale: SaleMade, known: Known) -> Iterator[Belief]:
    """More coupons from the member's account than it held."""
    for unit, count in Counter(held_units(sale.result.coupons_used)).items():
        yield unit, count, min(count, max(0, known.balances.get(unit, 0)))
