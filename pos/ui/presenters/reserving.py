"""What the hub is asked about a sale while it is rung up: points to reserve, coupons that others may have."""

from __future__ import annotations

from collections.abc import Callable

from pos.domain.basket import HeldCoupon
from pos.domain.cart import Cart, ReservedPoints
from pos.domain.message import Message, say
from pos.domain.money import yuan
from pos.domain.pay_codes import AMOUNT_MAX
from pos.ui.presenters.errands import Errands
from pos.ui.presenters.notices import Notice
from pos.ui.services import TillServices
from pos.usecases.desk import Quote
from pos.usecases.ports import Denied, Granted


class Reserving:
    """Asks in the background, once for each wish; meanwhile and without an answer the offline limits hold."""

    def __init__(self, services: TillServices, errands: Errands, say_it: Callable[[Notice], None]) -> None:
        self._services, self._errands, self._say_it = services, errands, say_it

    def ask(
        self, cart: Cart, quoted: Quote | None, asset: str, on_code: Callable[[str, str, str], None]
    ) -> None:
        """`on_code` gets member, asset and digits; nothing happens where there is nobody to ask or a need."""
        member_no, amount = cart.member_no, _wanted(cart, quoted, asset)
        if member_no is None or quoted is None or not quoted.online or amount <= 0:
            return

        def answered(answer: str | Message) -> None:
            if isinstance(answer, str):
                on_code(member_no, asset, answer)
            else:
                self._say_it(Notice("warn", say("总部没有预留积分，本单按断网额度抵扣：{why}", why=answer)))

        self._errands.fetch(lambda: self._services.ask_code(member_no, asset, amount), answered, self._say_it)

    def claim(self, quoted: Quote | None, coupon: HeldCoupon, on_denied: Callable[[str], object]) -> None:
        """Has the hub say whether another till took a printed coupon; then `on_denied` gets its number."""
        number = coupon.number
        if number is None or quoted is None or not quoted.online:
            return

        def answered(answer: Granted | Denied | None) -> None:
            if isinstance(answer, Denied):
                on_denied(number)
                self._say_it(Notice("warn", say("这张纸券不能用：{why}", why=answer.message)))

        self._errands.fetch(lambda: self._services.ask_right("coupon", number), answered, self._say_it)


def _wanted(cart: Cart, quoted: Quote | None, asset: str) -> int:
    """How much is still to be reserved, minor units. A member's own code says how much they let be spent."""
    if quoted is None or quoted.member is None:
        return 0
    amount = min(cart.redeem.get(asset, 0), quoted.member.balances.get(asset, 0), AMOUNT_MAX)
    held = [one for one in cart.pay_codes if one.asset == asset]
    return 0 if any(one.shown or one.amount >= amount for one in held) else amount


def code_notice(quoted: Quote | None, reserved: ReservedPoints) -> Notice:
    """What a code does for the sale so far."""
    if quoted is None or not quoted.basket.lines:
        return Notice("good", say("付款码有效，扫商品后自动抵扣"))
    used = next((one for one in quoted.sale.redeemed if one.asset == reserved.asset), None)
    if used is None or not used.amount:
        return Notice("good", say("付款码有效，这一单还用不上；加商品后自动抵扣"))
    return Notice("good", say("付款码有效，本单抵 {value} 元", value=yuan(used.value_fen)))
