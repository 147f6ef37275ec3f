"""The open cart: what was scanned, for whom, and how they wish to pay. A value; each deed makes a new one."""

from __future__ import annotations

import msgspec

from pos.domain.basket import BasketLine, HeldCoupon, check_size, checked_line
from pos.domain.catalogue import Product
from pos.domain.message import Refusal, say

EVERYTHING = 1 << 62


class ReservedPoints(msgspec.Struct, frozen=True):
    """A pay code that was read and holds: `amount` minor units of `asset` are reserved at the hub for it.

    `code` is the whole of it, `expires` (ISO 8601) when the phone stops showing it; `shown` says that a
    member did, and this till did not ask for it. The rest is what it says of the member, who may be new to
    this till; then `member_no` is `tag:` and the code's member tag.
    """

    code: str
    number: int
    asset: str
    amount: int
    expires: str
    member_no: str
    plan: str
    plan_last_day: str
    activated: bool = True
    referrer: bool = False
    bought: bool = False
    shown: bool = True


class Cart(msgspec.Struct, frozen=True):
    """Lines in the order they were scanned; `selected` is the line that keys act on.

    `redeem` is the wish per asset in minor units (`EVERYTHING`: as much as allowed). `coupons` are the
    printed ones that were handed in, `kept_back` the units of those on the member's account that are
    not to be used this time. `pay_codes` reserve what is redeemed, one per asset at most.
    """

    lines: tuple[BasketLine, ...] = ()
    member_no: str | None = None
    redeem: dict[str, int] = {}
    selected: int | None = None
    coupons: tuple[HeldCoupon, ...] = ()
    kept_back: tuple[str, ...] = ()
    pay_codes: tuple[ReservedPoints, ...] = ()

    @property
    def empty(self) -> bool:
        return not self.lines and self.member_no is None and not self.coupons


def add(cart: Cart, product: Product, *, quantity: int = 1, weight_g: int | None = None) -> Cart:
    """Adds a good; pieces of one good share a line, weighed goods get a line each.

    Raises:
        Refusal: see `basket.checked_line` and `basket.check_size`.

    """
    index = _line_of(cart, product)
    if index is None:
        lines = (*cart.lines, checked_line(product, quantity=quantity, weight_g=weight_g))
        index = len(lines) - 1
    else:
        line = checked_line(product, quantity=cart.lines[index].quantity + quantity)
        lines = _replaced(cart.lines, index, line)
    check_size(lines)
    return msgspec.structs.replace(cart, lines=lines, selected=index)


def set_quantity(cart: Cart, index: int, quantity: int) -> Cart:
    """Sets the pieces of a line.

    Raises:
        Refusal: no such line, a weighed good, or no quantity a shop sells.

    """
    product = _line(cart, index).product
    if product.weighed:
        raise Refusal("weighed", say("「{name}」按重量卖，请改重量", name=product.name))
    lines = _replaced(cart.lines, index, checked_line(product, quantity=quantity))
    check_size(lines)
    return msgspec.structs.replace(cart, lines=lines, selected=index)


def set_weight(cart: Cart, index: int, weight_g: int) -> Cart:
    """Sets the grams of a weighed line.

    Raises:
        Refusal: no such line, a good sold by the piece, or no weight a shop sells.

    """
    product = _line(cart, index).product
    if not product.weighed:
        raise Refusal("not_weighed", say("「{name}」按件卖，请改数量", name=product.name))
    lines = _replaced(cart.lines, index, checked_line(product, weight_g=weight_g))
    check_size(lines)
    return msgspec.structs.replace(cart, lines=lines, selected=index)


def delete(cart: Cart, index: int) -> Cart:
    """Takes a line off; the line that moves up is selected.

    Raises:
        Refusal: no such line.

    """
    _line(cart, index)
    lines = cart.lines[:index] + cart.lines[index + 1 :]
    selected = min(index, len(lines) - 1) if lines else None
    return msgspec.structs.replace(cart, lines=lines, selected=selected)


def select(cart: Cart, index: int) -> Cart:
    """Moves the selection, staying within the lines."""
    if not cart.lines:
        return cart
    return msgspec.structs.replace(cart, selected=max(0, min(index, len(cart.lines) - 1)))


def with_member(cart: Cart, member_no: str | None) -> Cart:
    """Puts a member on the sale or takes them off; a wish to redeem belongs to the member it was made for."""
    if member_no == cart.member_no:
        return cart
    return msgspec.structs.replace(cart, member_no=member_no, redeem={}, kept_back=(), pay_codes=())


def with_pay_code(cart: Cart, reserved: ReservedPoints) -> Cart:
    """Puts the member of a pay code onto the sale, and the wish to spend what it reserves.

    A newer code for the same asset takes the place of the former.
    """
    cart = with_member(cart, reserved.member_no)
    others = tuple(one for one in cart.pay_codes if one.asset != reserved.asset)
    redeem = {**cart.redeem, reserved.asset: EVERYTHING}
    return msgspec.structs.replace(cart, pay_codes=(*others, reserved), redeem=redeem)


def wish_to_redeem(cart: Cart, asset: str, amount: int) -> Cart:
    """Sets how much of an asset the member wishes to pay with; 0 takes the wish back.

    Raises:
        Refusal: `no_member`.

    """
    if cart.member_no is None:
        raise Refusal("no_member", say("请先扫会员码，再抵扣积分"))
    others = {name: wish for name, wish in cart.redeem.items() if name != asset}
    return msgspec.structs.replace(cart, redeem={**others, asset: amount} if amount > 0 else others)


def with_coupon(cart: Cart, coupon: HeldCoupon) -> Cart:
    """Puts a printed coupon onto the sale.

    Raises:
        Refusal: `coupon_twice`.

    """
    if any(one.number == coupon.number for one in cart.coupons):
        raise Refusal("coupon_twice", say("这张券已经在这一单里了"))
    return msgspec.structs.replace(cart, coupons=(*cart.coupons, coupon))


def without_coupon(cart: Cart, number: str) -> Cart:
    """Hands a printed coupon back."""
    return msgspec.structs.replace(cart, coupons=tuple(one for one in cart.coupons if one.number != number))


def keep_back(cart: Cart, unit: str, *, kept: bool) -> Cart:
    """Says whether coupons of a unit on the member's account stay there this time."""
    others = tuple(one for one in cart.kept_back if one != unit)
    return msgspec.structs.replace(cart, kept_back=(*others, unit) if kept else others)


def _line(cart: Cart, index: int | None) -> BasketLine:
    if index is None or not 0 <= index < len(cart.lines):
        raise Refusal("no_line", say("购物车里没有这一行，请先扫商品"))
    return cart.lines[index]


def _line_of(cart: Cart, product: Product) -> int | None:
    if product.weighed:
        return None
    return next((i for i, line in enumerate(cart.lines) if line.product == product), None)


def _replaced(lines: tuple[BasketLine, ...], index: int, line: BasketLine) -> tuple[BasketLine, ...]:
    return (*lines[:index], line, *lines[index + 1 :])
