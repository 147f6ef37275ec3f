"""Who bears a coupon that was not good: the clawback account, in the place of bearer and issuer.

The shared ledger books a printed coupon as good, because a till cannot know better. Here its postings
are turned over to the clawback account as far as the hub knows better. Nothing here needs a database.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from pos.domain.events import SaleMade
from pos.domain.ledger import ALLIANCE_CLAWBACK, BEARER, Posting, merchant_account
from pos.domain.money import split
from pos.domain.programme.part import CNY
from pos.domain.programme.rules import coupon_of

OVERDRAWN = "overdrawn"
CLAWBACK_RETURNED = "clawback_returned"


def borne_in_sale(
    sale: SaleMade, postings: Iterable[Posting], printed: Mapping[str, int]
) -> tuple[Posting, ...]:
    """A sale's postings when so many `printed` coupons of each unit were not good.

    For every coupon that nobody had, its issuer does not pay either: also for those that the member
    was thought to hold.
    """
    left = dict(printed)
    found: list[Posting] = []
    for one in postings:
        if one.debit == BEARER and left.get(one.unit):
            found += _shared(
                one, min(left.pop(one.unit), one.amount), debit=ALLIANCE_CLAWBACK, code=OVERDRAWN
            )
        else:
            found.append(one)
    owed_fen: dict[str, int] = {}
    for one in found:
        coupon = coupon_of(one.unit) if one.code == OVERDRAWN else None
        if coupon is not None and coupon[1] is not None:
            payer = merchant_account(coupon[1])
            owed_fen[payer] = owed_fen.get(payer, 0) + sum(shares_fen(sale, coupon[0])[: one.amount])
    return tuple(
        part
        for one in found
        for part in _shared(
            one,
            min(owed_fen.get(one.debit, 0), one.amount) if one.unit == CNY else 0,
            debit=ALLIANCE_CLAWBACK,
            code=OVERDRAWN,
        )
    )


def borne_in_refund(
    postings: Iterable[Posting], printed: Mapping[str, int], owed_fen: int
) -> tuple[Posting, ...]:
    """A refund's postings when the clawback account still bears so many printed coupons and so much money."""
    left = dict(printed)
    found: list[Posting] = []
    for one in postings:
        taken = 0
        if one.credit == BEARER and one.code == "coupon_back":
            taken = min(left.pop(one.unit, 0), one.amount)
        elif one.unit == CNY and one.credit.startswith(merchant_account("")):
            taken = min(owed_fen, one.amount)
            owed_fen -= taken
        found += _shared(one, taken, credit=ALLIANCE_CLAWBACK, code=CLAWBACK_RETURNED)
    return tuple(found)


def shares_fen(sale: SaleMade, rule: str) -> list[int]:
    """What the issuer owes for each coupon of a rule that the sale has taken."""
    used = sum(one.rule == rule for one in sale.result.coupons_used)
    total_fen = sum(
        one.amount_fen
        for line in sale.result.lines
        for one in line.adjustments
        if one.rule == rule and one.funder == "issuer"
    ) + sum(
        part.value_fen
        for line in sale.result.lines
        for part in line.redeemed
        if part.asset == rule and part.funder == "issuer"
    )
    return split(total_fen, [1] * used) if used else []


def _shared(posting: Posting, amount: int, **changes: str) -> list[Posting]:
    """A posting of which `amount` goes another way."""
    parts = (
        msgspec.structs.replace(posting, amount=posting.amount - amount),
        msgspec.structs.replace(posting, amount=amount, **changes),
    )
    return [one for one in parts if one.amount]
