"""What follows from a sale's lines: earning, rebate, burn, received, share, reimbursement.

A refund calls this on what remains, so nothing here looks at more than the lines and the basket's facts.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from pos.domain.basket import Basket
from pos.domain.message import Refusal, named, say
from pos.domain.money import FEN_PER_YUAN, decimal_text, plain_text, round_down_to_step, share_of
from pos.domain.pricing.redeeming import price_of
from pos.domain.pricing.result import Burned, Earned, IssuedCoupon, Outcome, PricedLine
from pos.domain.programme.assets import Accrual
from pos.domain.programme.pack import Pack
from pos.domain.programme.part import CNY, exact
from pos.domain.programme.rules import HELD_KINDS

CNY_SCALE = 2
ISSUER = "issuer:"
"""Before the merchant who owes for a coupon that it gave out."""


def outcome(lines: Iterable[PricedLine], basket: Basket, pack: Pack) -> Outcome:
    """What member, merchant, alliance and all others get from these lines.

    Received is what the merchant ends up with before the share: payable, less redemptions it funds
    itself, plus adjustments that others bear (ruling 6).
    """
    lines = tuple(lines)
    rebate_fen = _rebate(lines, basket, pack)
    reimbursed = _reimbursed(lines)
    return Outcome(
        earned=tuple(_earned(lines, rebate_fen, basket, pack)),
        received_fen=sum(_received(line) for line in lines),
        share_fen=_share(lines, rebate_fen, basket, pack),
        reimbursement_fen=sum(reimbursed.values()),
        reimbursed=reimbursed,
        rebate_fen=rebate_fen,
        burned=tuple(_burned(rebate_fen, basket, pack)),
    )


def issued(lines: Iterable[PricedLine], basket: Basket, pack: Pack) -> tuple[IssuedCoupon, ...]:
    """The coupons that a member sale gives out; a refund does not judge the threshold again."""
    if basket.member is None:
        return ()
    eligible_fen = sum(line.eligible_fen for line in lines)
    found = []
    for one in pack.coupon_issues:
        if eligible_fen >= max(1, one.min_fen) and (not one.plans or basket.member.plan in one.plans):
            rule = pack.rule(one.coupon)
            days = rule.valid_days if isinstance(rule, HELD_KINDS) else None
            own = rule is not None and rule.funder == "issuer"
            found.append(
                IssuedCoupon(one.coupon, one.to, days, (basket.merchant.merchant or None) if own else None)
            )
    return tuple(found)


def check_member_sale(basket: Basket, pack: Pack) -> None:
    """Whether this merchant may make a member sale now.

    Raises:
        Refusal: `gate`: its deposit is short; `rebate`: its rate is none the pack allows.

    """
    if basket.member is None:
        return
    for gate in pack.gates:
        asset = pack.asset(gate.asset)
        held = basket.merchant.balances.get(gate.asset, 0)
        if held < asset.minor(gate.min):
            raise Refusal(
                "gate",
                say(
                    "商家的{asset}余额 {held} 低于 {min}，暂停会员交易：请店主到联盟充值；非会员照常结账",
                    asset=named(asset.name),
                    held=plain_text(held, asset.scale),
                    min=gate.min,
                ),
            )
    rate_bp = basket.merchant.rebate_bp
    if (
        pack.rebate is not None
        and rate_bp is not None
        and not pack.rebate.min_bp <= rate_bp <= pack.rebate.max_bp
    ):
        raise Refusal(
            "rebate",
            say(
                "本店让利 {rate}% 不在方案允许的 {min}%–{max}% 之间：请店主改正；非会员照常结账",
                rate=decimal_text(rate_bp, 2),
                min=plain_text(pack.rebate.min_bp, 2),
                max=plain_text(pack.rebate.max_bp, 2),
            ),
        )


def _rebate(lines: tuple[PricedLine, ...], basket: Basket, pack: Pack) -> int:
    """What the merchant gives up, rounded half up once (ruling 14)."""
    if pack.rebate is None or basket.member is None:
        return 0
    rate_bp = basket.merchant.rebate_bp
    return share_of(
        sum(line.eligible_fen for line in lines), pack.rebate.default_bp if rate_bp is None else rate_bp
    )


def _received(line: PricedLine) -> int:
    own = sum(part.value_fen for part in line.redeemed if part.funder == "merchant")
    others = sum(one.amount_fen for one in line.adjustments if one.funder != "merchant")
    return line.payable_fen - own + others


def _reimbursed(lines: tuple[PricedLine, ...]) -> dict[str, int]:
    """What others owe the seller in money, by who; an asset that went to its deposit is no money."""
    owed: dict[str, int] = {}
    for line in lines:
        for part in line.redeemed:
            if not part.to_deposit:
                _owe(owed, part.funder, part.issuer, part.value_fen)
        for one in line.adjustments:
            _owe(owed, one.funder, one.issuer, one.amount_fen)
    return owed


def _owe(owed: dict[str, int], funder: str, issuer: str | None, amount_fen: int) -> None:
    if funder == "merchant":
        return
    if funder == "issuer":
        funder = f"{ISSUER}{issuer}"
    owed[funder] = owed.get(funder, 0) + amount_fen


def _share(lines: tuple[PricedLine, ...], rebate_fen: int, basket: Basket, pack: Pack) -> int:
    share = pack.share
    if share.basis == "rebate":
        return rebate_fen
    if share.basis == "none" or (share.sales == "member" and basket.member is None):
        return 0
    counted = sum(_received(line) for line in lines if line.category not in share.except_categories)
    return share_of(counted, share.rate_bp)


def _burned(rebate_fen: int, basket: Basket, pack: Pack) -> Iterable[Burned]:
    """The rebate at the day's price, rounded up (ruling 16)."""
    if basket.member is None:
        return
    for burn in pack.burns:
        asset = pack.asset(burn.asset)
        exactly = Fraction(rebate_fen, FEN_PER_YUAN) / price_of(asset, basket) * 10**asset.scale
        yield Burned(asset.id, -(-exactly.numerator // exactly.denominator), asset.scale)


# --- earning -----------------------------------------------------------------------------------------


def _earned(lines: tuple[PricedLine, ...], rebate_fen: int, basket: Basket, pack: Pack) -> Iterable[Earned]:
    member = basket.member
    if member is None:
        return
    bases = {
        "unpaid": sum(_unpaid(line) for line in lines),
        "eligible": sum(line.eligible_fen for line in lines),
        "rebate": rebate_fen,
    }
    for accrual in pack.accruals:
        if _earns(accrual, basket):
            yield _accrue(accrual, max(0, bases[accrual.base]), basket, pack)


def _unpaid(line: PricedLine) -> int:
    """The eligible amount less what was paid with assets that do not earn."""
    paid = sum(part.value_fen for part in line.redeemed if not part.earns)
    return line.eligible_fen - paid if line.eligible else 0


def _earns(accrual: Accrual, basket: Basket) -> bool:
    """Whether there is somebody in this role who earns."""
    member = basket.member
    if member is None or (accrual.plans and member.plan not in accrual.plans):
        return False
    if accrual.activated_only and not member.activated:
        return False
    match accrual.role:
        case "member" | "merchant":
            return True
        case "member_referrer":
            return member.referrer
        case "merchant_referrer":
            return basket.merchant.referrer
        case "home_store":
            return member.home_store is not None and not (
                accrual.elsewhere_only and member.home_store == basket.store
            )
        case "area_agent":
            return basket.merchant.area_agent


def _accrue(accrual: Accrual, base_fen: int, basket: Basket, pack: Pack) -> Earned:
    """Rate x multiplier on the exact base, rounded down once per sale and asset (ruling 9)."""
    amount = Fraction(base_fen, FEN_PER_YUAN) * accrual.exact_rate
    plan = pack.plan(basket.member.plan) if basket.member else None
    if plan is not None and accrual.role == "member" and accrual.plan_multiplier:
        amount *= exact(plan.earn_multiplier)
    if accrual.asset == CNY:
        scale, step = CNY_SCALE, 1
    else:
        asset = pack.asset(accrual.asset)
        scale, step = asset.scale, asset.step_minor
        if accrual.at_price:
            amount /= price_of(asset, basket)
    if accrual.max_per_sale is not None:
        amount = min(amount, exact(accrual.max_per_sale))
    return Earned(accrual.role, accrual.asset, round_down_to_step(amount * 10**scale, step), scale)
