"""Prices a basket under a pack: adjustments, redemption, cash rounding, earning, received, share.

Every figure is an integer of minor units. `gross - adjustments = payable`, and
`payable - redemptions = due`, which tenders pay. Basket-wide amounts are allocated to lines at the
moment of sale, so that a refund needs nothing but the lines.
"""

from __future__ import annotations

import msgspec

from pos.domain.basket import Basket
from pos.domain.message import named, say
from pos.domain.money import split, yuan
from pos.domain.pricing.outcome import check_member_sale, issued, outcome
from pos.domain.pricing.redeeming import redeem
from pos.domain.pricing.reduced import reduce
from pos.domain.pricing.result import CASH_ROUNDING, Adjustment, PricedLine, PricedSale
from pos.domain.pricing.search.best import STEPS_MAX
from pos.domain.programme.pack import Pack


def price(basket: Basket, pack: Pack, steps_max: int = STEPS_MAX) -> PricedSale:
    """Prices a basket. The same basket and pack give the same answer on every machine.

    `steps_max` bounds the search for the best price; both ends of an alliance use the default.

    Raises:
        Refusal: this merchant may not make a member sale now (`gate`, `rebate`).

    """
    check_member_sale(basket, pack)
    reduced = reduce(basket, pack, steps_max)
    paid = redeem(reduced.lines, basket, pack)
    lines = _rounded(paid.lines, pack)
    payable_fen = sum(line.payable_fen for line in lines)
    return PricedSale(
        lines=lines,
        gross_fen=sum(line.gross_fen for line in lines),
        payable_fen=payable_fen,
        eligible_fen=sum(line.eligible_fen for line in lines),
        redeemable=paid.redeemable,
        redeemed=paid.redeemed,
        due_fen=payable_fen - sum(one.value_fen for one in paid.redeemed),
        outcome=outcome(lines, basket, pack),
        issued=issued(lines, basket, pack),
        coupons_used=(*reduced.coupons, *paid.coupons),
        optimal=reduced.proven,
        steps=reduced.steps,
    )


def _rounded(lines: tuple[PricedLine, ...], pack: Pack) -> tuple[PricedLine, ...]:
    """抹零: off the cash due, over the lines in proportion to the cash they bring (ruling 10)."""
    if pack.cash_rounding is None:
        return lines
    cash = [line.payable_fen - line.redeemed_fen for line in lines]
    off_fen = sum(cash) % pack.cash_rounding.step_fen
    if off_fen == 0:
        return lines
    name = named(pack.cash_rounding.name)
    return tuple(
        msgspec.structs.replace(
            line,
            adjustments=(
                *line.adjustments,
                Adjustment(
                    CASH_ROUNDING, part, "merchant", say("{rule} {saved} 元", rule=name, saved=yuan(part))
                ),
            ),
        )
        if part
        else line
        for line, part in zip(lines, split(off_fen, cash), strict=True)
    )
