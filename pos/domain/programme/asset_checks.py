"""Assets without sense: steps finer than the scale, prices that are missing, limits on what does not pay."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from pos.domain.message import Message, say
from pos.domain.programme.assets import Accrual, Asset, Redemption
from pos.domain.programme.mistakes import Mistake, mistake
from pos.domain.programme.pack import Pack
from pos.domain.programme.part import CNY, exact


def asset_mistakes(pack: Pack) -> Iterator[Mistake]:
    """What is wrong with assets, how they come about, and what they pay."""
    assets = {asset.id: asset for asset in pack.assets}
    yield from _own_mistakes(pack)
    for accrual in pack.accruals:
        yield from _accrual_mistakes(accrual, assets, pack)
    for redemption in pack.redemptions:
        if redemption.asset in assets:
            yield from _redemption_mistakes(redemption, assets[redemption.asset])
            yield from _deposit_mistakes(redemption, pack)
    yield from _exchange_mistakes(pack, assets)
    yield from _fee_mistakes(pack)
    yield from _burn_mistakes(pack, assets)
    yield from _offline_mistakes(pack)


def fits(text: str, scale: int) -> bool:
    """Whether a decimal is a whole number of minor units."""
    minor: Fraction = exact(text) * 10**scale
    return minor.denominator == 1


_POSITIVE = say("应是正数")
_TOO_FINE = say("不能细于资产的 scale")


def _no_price(asset: str) -> Message:
    return say("资产 {id} 没有 price_yuan", id=asset)


def _own_mistakes(pack: Pack) -> Iterator[Mistake]:
    for asset in pack.assets:
        key = f"assets.{asset.id}"
        if exact(asset.step) == 0:
            yield mistake(key, "step", _POSITIVE)
        elif not fits(asset.step, asset.scale):
            yield mistake(key, "step scale", say("step 不能细于 scale 位小数"))
        if asset.price_yuan is not None and exact(asset.price_yuan) == 0:
            yield mistake(key, "price_yuan", _POSITIVE)


def _accrual_mistakes(one: Accrual, assets: dict[str, Asset], pack: Pack) -> Iterator[Mistake]:
    key, asset = f"accruals.{one.id}", assets.get(one.asset)
    if one.exact_rate == 0:
        yield mistake(key, "rate", _POSITIVE)
    if one.base == "rebate" and pack.rebate is None:
        yield Mistake(f"{key}.base", say("按让利计算，但方案没有 [rebate]"), (f"{key}.base", "rebate"))
    if one.at_price and (one.asset == CNY or (asset is not None and asset.price_yuan is None)):
        yield mistake(key, "at_price", _no_price(one.asset))
    if one.asset == CNY and one.role in {"member", "member_referrer"}:
        yield mistake(key, "asset role", say("会员只得积分或券，不得现金"))
    if one.elsewhere_only and one.role != "home_store":
        yield mistake(key, "elsewhere_only role", say("elsewhere_only 只用于 home_store"))
    if one.max_per_sale is not None:
        if exact(one.max_per_sale) == 0:
            yield mistake(key, "max_per_sale", _POSITIVE)
        elif asset is not None and not fits(one.max_per_sale, asset.scale):
            yield mistake(key, "max_per_sale", _TOO_FINE)


def _redemption_mistakes(one: Redemption, asset: Asset) -> Iterator[Mistake]:
    key = f"redemptions.{one.asset}"
    if one.at_price == (one.value_fen > 0):
        yield mistake(key, "value_fen at_price", say("value_fen 和 at_price 必须且只能写一个"))
    if one.at_price and asset.price_yuan is None:
        yield mistake(key, "at_price", _no_price(one.asset))
    if one.funder == "issuer":
        yield mistake(key, "funder", say("issuer 只用于券：由发券的商家承担"))
    for name in ("cap_bp", "cap_fen"):
        if getattr(one, name) == 0:
            yield mistake(key, name, say("上限是 0，就永远不能抵扣"))
    yield from _step_mistakes(key, one, asset)


def _step_mistakes(key: str, one: Redemption, asset: Asset) -> Iterator[Mistake]:
    step = one.step or asset.step
    if exact(step) == 0 or not fits(step, asset.scale):
        if one.step:
            yield mistake(key, "step", say("应是正数，且不细于资产的 scale"))
        return
    value_fen = 0 if one.at_price else one.value_fen
    worth_fen = exact(step) * value_fen
    if worth_fen.denominator != 1:
        yield mistake(
            key,
            "step value_fen",
            say("一步要抵整数分：{step} × {value} 分不是整数", step=step, value=value_fen),
        )
    if exact(one.min) % exact(step):
        yield mistake(key, "min step", say("min 应是 step 的整数倍"))
    least_fen = max(worth_fen, exact(one.min) * value_fen)
    if one.cap_fen and least_fen > one.cap_fen:
        yield mistake(key, "cap_fen min step", say("至少要抵的已超过上限 cap_fen，永远不能抵扣"))


def _deposit_mistakes(one: Redemption, pack: Pack) -> Iterator[Mistake]:
    deposit = pack.merchants.deposit
    if one.to_deposit and (deposit is None or deposit.asset != one.asset):
        yield Mistake(
            f"redemptions.{one.asset}.to_deposit",
            say("merchants.deposit 不是 {id}，没有押金可记", id=one.asset),
            (f"redemptions.{one.asset}.to_deposit", "merchants.deposit.asset"),
        )


def _exchange_mistakes(pack: Pack, assets: dict[str, Asset]) -> Iterator[Mistake]:
    for one in pack.exchanges:
        key = f"exchanges.{one.id}"
        if one.to == CNY:
            yield mistake(key, "to", say("积分和券不能换成现金"))
        if one.source == one.to and not one.merchant_ratio:
            yield mistake(
                key,
                "source to merchant_ratio",
                say("不能换成自己；商家自己的积分请写 merchant_ratio = true"),
            )
        for name, asset, amount in (("takes", one.source, one.takes), ("gives", one.to, one.gives)):
            if exact(amount) == 0 and not (name == "gives" and one.merchant_ratio):
                yield mistake(key, name, _POSITIVE)
            elif asset in assets and not fits(amount, assets[asset].scale):
                yield mistake(key, name, _TOO_FINE)


def _fee_mistakes(pack: Pack) -> Iterator[Mistake]:
    for fee in pack.fee_payments:
        worth_fen = exact(fee.step) * fee.value_fen
        if worth_fen.denominator != 1 or worth_fen == 0:
            yield mistake(
                f"fee_payments.{fee.asset}",
                "step value_fen",
                say("一步要抵整数分：{step} × {value} 分不是整数", step=fee.step, value=fee.value_fen),
            )


def _burn_mistakes(pack: Pack, assets: dict[str, Asset]) -> Iterator[Mistake]:
    held = _held_by_merchants(pack)
    for burn in pack.burns:
        key = f"burns.{burn.asset}"
        if pack.rebate is None:
            yield Mistake(f"{key}.asset", say("按让利计算，但方案没有 [rebate]"), (f"{key}.asset", "rebate"))
        if burn.asset not in assets:
            continue
        if assets[burn.asset].price_yuan is None:
            yield mistake(key, "asset", _no_price(burn.asset))
        if burn.asset not in held:
            yield mistake(key, "asset", _nobody_has(burn.asset))
    burned = {burn.asset for burn in pack.burns}
    for gate in pack.gates:
        key = f"gates.{gate.id}"
        if gate.asset in assets and not fits(gate.min, assets[gate.asset].scale):
            yield mistake(key, "min", _TOO_FINE)
        if gate.asset in assets and gate.asset not in held | burned:
            yield mistake(key, "asset", _nobody_has(gate.asset))


def _held_by_merchants(pack: Pack) -> set[str]:
    """What a merchant can come to hold: its deposit, what members spend into it, what it earns."""
    deposit = pack.merchants.deposit
    return {
        *((deposit.asset,) if deposit else ()),
        *(one.asset for one in pack.redemptions if one.to_deposit),
        *(one.asset for one in pack.accruals if one.role == "merchant"),
    }


def _nobody_has(asset: str) -> Message:
    return say("商家得不到 {id}：它不是 merchants.deposit 的押金，也没有别的来源", id=asset)


def _offline_mistakes(pack: Pack) -> Iterator[Mistake]:
    redeemable = {one.asset for one in pack.redemptions}
    known = {asset.id for asset in pack.assets}
    for one in pack.offline:
        if one.asset in known and one.asset not in redeemable:
            yield mistake(
                f"offline.{one.asset}",
                "asset",
                say("{id} 不能抵扣（没有 redemptions），不用限额", id=one.asset),
            )
        least = [("per_member_day_fen", one.per_member_day_fen), ("per_outage_fen", one.per_outage_fen)]
        for field, fen in least:
            if fen is not None and fen < one.per_sale_fen:
                yield mistake(
                    f"offline.{one.asset}",
                    field,
                    say("{field} 小于 per_sale_fen，每单的限额就用不到", field=field),
                )
