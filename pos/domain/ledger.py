"""Double entry: what a sale, a refund or a membership moves between accounts.

A posting moves an amount of one unit from one account to another, so every unit sums to zero.
An account's balance is what was credited minus what was debited. Points of a member are
`member:<number>`; what a redemption takes beyond the balance is borne by `alliance:clawback`. Coupons
are units of their own (`coupon:<rule>`, scale 0), and `sales` counts a member's paid sales.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from pos.domain.basket import HeldCoupon
from pos.domain.events import MembershipSold, RefundMade, SaleMade
from pos.domain.pricing.outcome import ISSUER
from pos.domain.pricing.result import Burned, Earned, IssuedCoupon
from pos.domain.programme.part import CNY, Role
from pos.domain.programme.rules import coupon_unit

ALLIANCE_ISSUED = "alliance:issued"
ALLIANCE_REDEEMED = "alliance:redeemed"
ALLIANCE_CLAWBACK = "alliance:clawback"
ALLIANCE_SHARE = "alliance:share"
ALLIANCE_REIMBURSEMENT = "alliance:reimbursement"
ALLIANCE_BURNED = "alliance:burned"
ALLIANCE_FEES = "alliance:fees"
BRAND_REIMBURSEMENT = "brand:reimbursement"
ALLIANCE = "alliance"
"""Who owes what an entry of the first release calls reimbursement without naming anybody."""

AREA_AGENT = "area_agent"
BEARER = "bearer"
SALES = "sales"
"""The unit that counts a member's paid sales: none yet means that the next is the first order."""


class Posting(msgspec.Struct, frozen=True):
    """`amount` (above 0, minor units of `unit`) leaves `debit` and reaches `credit`; `code` says why."""

    debit: str
    credit: str
    unit: str
    amount: int
    code: str


class Parties(msgspec.Struct, frozen=True):
    """The account of everybody who may earn in a sale. The hub puts in whom it knows behind a role."""

    member: str
    merchant: str
    home_store: str
    member_referrer: str
    merchant_referrer: str
    area_agent: str = AREA_AGENT

    def of(self, role: Role) -> str:
        account: str = getattr(self, role)
        return account


def member_account(member_no: str) -> str:
    return f"member:{member_no}"


def store_account(store: str) -> str:
    """The store's settlement with the alliance: reimbursements come in, share and fees go out."""
    return f"store:{store}"


def merchant_account(merchant: str) -> str:
    """What a merchant holds: its deposit, and the points it earned."""
    return f"merchant:{merchant}"


def parties_of(event: SaleMade | RefundMade) -> Parties:
    """The accounts as the event itself names them; a referrer is known by whom they brought."""
    if isinstance(event, SaleMade):
        member = event.basket.member
        member_no = member.member_no if member else ""
        merchant, home = event.basket.merchant.merchant, member.home_store if member else None
    else:
        member_no, merchant, home = event.member_no or "", event.merchant, event.home_store
    return Parties(
        member=member_account(member_no),
        merchant=merchant_account(merchant or event.store),
        home_store=store_account(home or event.store),
        member_referrer=f"referrer_of:member:{member_no}",
        merchant_referrer=f"referrer_of:merchant:{merchant or event.store}",
    )


# --- a sale --------------------------------------------------------------------------------------------


def sale_postings(
    sale: SaleMade, balances: Mapping[str, int], parties: Parties | None = None
) -> tuple[Posting, ...]:
    """What a sale books. `balances` is what the member held of each unit before it, minor units."""
    who = parties or parties_of(sale)
    outcome = sale.result.outcome
    owed = outcome.reimbursed or {ALLIANCE: outcome.reimbursement_fen}
    postings = [*_settlement(sale.store, outcome.share_fen, owed)]
    if sale.basket.member is not None:
        for redeemed in sale.result.redeemed:
            if _is_asset(redeemed.asset, sale):
                to = who.merchant if _to_deposit(redeemed.asset, sale) else ALLIANCE_REDEEMED
                postings += _taken(who.member, to, redeemed.asset, redeemed.amount, balances, code="redeemed")
        postings += _coupons_taken(sale.result.coupons_used, who.member, balances)
        postings += _given(sale.result.issued, who.member)
        postings += _earned(outcome.earned, who, sale.store)
        postings += _burned(outcome.burned, who.merchant)
        postings.append(Posting(ALLIANCE_ISSUED, who.member, SALES, 1, "sale_counted"))
    return tuple(posting for posting in postings if posting.amount > 0 and posting.debit != posting.credit)


def _is_asset(unit: str, sale: SaleMade) -> bool:
    """A cash voucher also pays, but it is a coupon and no asset."""
    return all(unit != coupon.rule for coupon in sale.result.coupons_used)


def _to_deposit(asset: str, sale: SaleMade) -> bool:
    return any(part.to_deposit for line in sale.result.lines for part in line.redeemed if part.asset == asset)


def _taken(
    account: str, to: str, unit: str, amount: int, balances: Mapping[str, int], *, code: str
) -> tuple[Posting, ...]:
    """What an account gives up; beyond its balance the clawback account does."""
    held = min(max(0, balances.get(unit, 0)), amount)
    return (
        Posting(account, to, unit, held, code),
        Posting(ALLIANCE_CLAWBACK, to, unit, amount - held, "overdrawn"),
    )


def _coupons_taken(coupons: Iterable[HeldCoupon], member: str, balances: Mapping[str, int]) -> list[Posting]:
    postings: list[Posting] = []
    for unit, number in printed_units(coupons).items():
        postings.append(Posting(BEARER, ALLIANCE_REDEEMED, unit, number, "coupon_used"))
    for unit, number in held_units(coupons).items():
        postings += _taken(member, ALLIANCE_REDEEMED, unit, number, balances, code="coupon_used")
    return postings


def held_units(coupons: Iterable[HeldCoupon]) -> dict[str, int]:
    """How many coupons of each unit came from the member's account."""
    return dict(Counter(coupon_unit(one.rule, one.issuer) for one in coupons if one.number is None))


def printed_units(coupons: Iterable[HeldCoupon]) -> dict[str, int]:
    """How many printed coupons of each unit were handed in."""
    return dict(Counter(coupon_unit(one.rule, one.issuer) for one in coupons if one.number is not None))


def _given(issued: Iterable[IssuedCoupon], member: str) -> list[Posting]:
    return [
        Posting(
            ALLIANCE_ISSUED,
            member if one.to == "member" else BEARER,
            coupon_unit(one.rule, one.issuer),
            1,
            "coupon_issued",
        )
        for one in issued
    ]


def _earned(earned: Iterable[Earned], who: Parties, store: str) -> list[Posting]:
    """Points come from the alliance; money (a commission) from the seller. Negative amounts go back."""
    return [
        _signed(
            store_account(store) if one.asset == CNY else ALLIANCE_ISSUED,
            who.of(one.role),
            one.asset,
            one.amount,
            "commission" if one.asset == CNY else "earned",
        )
        for one in earned
    ]


def _burned(burned: Iterable[Burned], merchant: str) -> list[Posting]:
    return [_signed(merchant, ALLIANCE_BURNED, one.asset, one.amount, "burned") for one in burned]


# --- a refund ------------------------------------------------------------------------------------------


def refund_postings(
    refund: RefundMade, overdrawn: Mapping[str, int], parties: Parties | None = None
) -> tuple[Posting, ...]:
    """What a refund books. `overdrawn` is what the sale still owes the clawback account per unit.

    Points given back first make good what the sale had overdrawn: a full refund returns every
    account to where it was. Earned points may leave the balance negative (rule 8).
    """
    who = parties or parties_of(refund)
    result = refund.result
    owed = result.reimbursed_change or {ALLIANCE: result.reimbursement_change_fen}
    postings = [*_settlement(refund.store, result.share_change_fen, owed)]
    if refund.member_no is not None:
        for back in result.points_back:
            source = who.merchant if back.to_deposit else ALLIANCE_REDEEMED
            postings += _returned(
                source, who.member, back.asset, back.amount, overdrawn, code="redeemed_back"
            )
        postings += _coupons_returned(result.coupons_back, who.member, overdrawn)
        postings += [_reversed(one, "coupon_taken_back") for one in _given(result.issued_back, who.member)]
        postings += _earned(result.earned_change, who, refund.store)
        postings += _burned(result.burned_change, who.merchant)
        if result.complete:
            postings.append(Posting(who.member, ALLIANCE_ISSUED, SALES, 1, "sale_undone"))
    return tuple(posting for posting in postings if posting.amount > 0 and posting.debit != posting.credit)


def _returned(
    source: str, account: str, unit: str, amount: int, overdrawn: Mapping[str, int], *, code: str
) -> tuple[Posting, ...]:
    owed = min(overdrawn.get(unit, 0), amount)
    return (
        Posting(source, ALLIANCE_CLAWBACK, unit, owed, "clawback_returned"),
        Posting(source, account, unit, amount - owed, code),
    )


def _coupons_returned(
    coupons: Iterable[HeldCoupon], member: str, overdrawn: Mapping[str, int]
) -> list[Posting]:
    postings: list[Posting] = []
    for unit, number in printed_units(coupons).items():
        postings.append(Posting(ALLIANCE_REDEEMED, BEARER, unit, number, "coupon_back"))
    for unit, number in held_units(coupons).items():
        postings += _returned(ALLIANCE_REDEEMED, member, unit, number, overdrawn, code="coupon_back")
    return postings


def _reversed(posting: Posting, code: str) -> Posting:
    return Posting(posting.credit, posting.debit, posting.unit, posting.amount, code)


# --- a membership --------------------------------------------------------------------------------------


def membership_postings(sold: MembershipSold, balances: Mapping[str, int]) -> tuple[Posting, ...]:
    """The fee that the till took is the alliance's; points that paid towards it are used up."""
    member = member_account(sold.member_no)
    postings = [Posting(store_account(sold.store), ALLIANCE_FEES, CNY, sold.due_fen, "fee")]
    for paid in sold.paid_in_points:
        postings += _taken(member, ALLIANCE_REDEEMED, paid.asset, paid.amount, balances, code="fee_in_points")
    return tuple(posting for posting in postings if posting.amount > 0)


# --- settlement ----------------------------------------------------------------------------------------


def _settlement(store: str, share_fen: int, reimbursed: Mapping[str, int]) -> tuple[Posting, ...]:
    """Share and reimbursements of a sale; negative amounts (a refund's) go the other way."""
    account = store_account(store)
    return (
        _signed(account, ALLIANCE_SHARE, CNY, share_fen, "share"),
        *(
            _signed(_payer(funder), account, CNY, fen, "reimbursement")
            for funder, fen in sorted(reimbursed.items())
        ),
    )


def _payer(funder: str) -> str:
    """Whose account pays: the alliance's, a brand's, or that of the merchant who gave a coupon out."""
    if funder.startswith(ISSUER):
        return merchant_account(funder.removeprefix(ISSUER))
    return BRAND_REIMBURSEMENT if funder == "brand" else ALLIANCE_REIMBURSEMENT


def _signed(debit: str, credit: str, unit: str, amount: int, code: str) -> Posting:
    if amount >= 0:
        return Posting(debit, credit, unit, amount, code)
    return Posting(credit, debit, unit, -amount, f"{code}_back")


# --- what the member sees ------------------------------------------------------------------------------


def member_changes(event: SaleMade | RefundMade | MembershipSold) -> dict[str, int]:
    """By how much an event changes a member's account per unit, if nothing was overdrawn."""
    match event:
        case SaleMade():
            member = event.basket.member
            postings = sale_postings(event, _PLENTY) if member else ()
            account = member_account(member.member_no) if member else ""
        case RefundMade():
            postings = refund_postings(event, {}) if event.member_no else ()
            account = member_account(event.member_no or "")
        case MembershipSold():
            postings, account = membership_postings(event, _PLENTY), member_account(event.member_no)
    return account_changes(postings, account)


def member_spent(event: SaleMade | RefundMade | MembershipSold) -> dict[str, int]:
    """What an event uses up of a member's lots per unit; what a refund gives back counts against it.

    Not the same as a falling balance: a sale may earn more than it takes.
    """
    match event:
        case SaleMade():
            paid = {one.asset: one.amount for one in event.result.redeemed if _is_asset(one.asset, event)}
            taken = Counter(paid) + Counter(held_units(event.result.coupons_used))
        case RefundMade():
            back = {one.asset: one.amount for one in event.result.points_back}
            taken = Counter({unit: -amount for unit, amount in back.items()})
            taken.subtract(held_units(event.result.coupons_back))
        case MembershipSold():
            taken = Counter({one.asset: one.amount for one in event.paid_in_points})
    return {unit: amount for unit, amount in taken.items() if amount}


def merchant_changes(event: SaleMade | RefundMade) -> dict[str, int]:
    """By how much an event changes what the selling merchant holds, per unit."""
    postings = sale_postings(event, _PLENTY) if isinstance(event, SaleMade) else refund_postings(event, {})
    return account_changes(postings, parties_of(event).merchant)


def account_changes(postings: Iterable[Posting], account: str) -> dict[str, int]:
    """By how much postings change an account, per unit; zeros are left out."""
    changes: dict[str, int] = {}
    for one in postings:
        sign = (one.credit == account) - (one.debit == account)
        if sign:
            changes[one.unit] = changes.get(one.unit, 0) + sign * one.amount
    return {unit: amount for unit, amount in changes.items() if amount}


class _Plenty(dict[str, int]):
    """Balances that are never short."""

    def get(self, unit: str, default: object = None) -> int:  # noqa: ARG002
        return 1 << 62


_PLENTY = _Plenty()
