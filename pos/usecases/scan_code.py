"""A code was scanned or typed: goods go into the cart, a member onto it."""

from __future__ import annotations

from dataclasses import dataclass

from pos.domain import cart as carts
from pos.domain.basket import HeldCoupon
from pos.domain.cart import Cart, ReservedPoints
from pos.domain.catalogue import Product, recognise
from pos.domain.member_codes import card_hash
from pos.domain.message import Refusal, say
from pos.usecases.accept_coupon import accept_coupon
from pos.usecases.accept_pay_code import accept_pay_code
from pos.usecases.desk import Desk
from pos.usecases.hand_over import find_order
from pos.usecases.ports import KnownMember
from sync.protocol.pickups import PickupRow


@dataclass(frozen=True, slots=True)
class GoodsAdded:
    cart: Cart
    product: Product


@dataclass(frozen=True, slots=True)
class WeightNeeded:
    """A weighed good: the cart waits for its grams (`add_weighed`)."""

    product: Product


@dataclass(frozen=True, slots=True)
class MemberIdentified:
    cart: Cart
    member: KnownMember


@dataclass(frozen=True, slots=True)
class ReceiptFound:
    """A receipt's code: the refund screen opens with it."""

    receipt_no: str


@dataclass(frozen=True, slots=True)
class CouponAccepted:
    """A printed coupon is on the cart; whether it is used is for the price to say."""

    cart: Cart
    coupon: HeldCoupon


@dataclass(frozen=True, slots=True)
class PayCodeAccepted:
    """A member's pay code: they are on the cart, and what it reserves is to be spent."""

    cart: Cart
    reserved: ReservedPoints


@dataclass(frozen=True, slots=True)
class OrderFound:
    """An order to be handed over; the cart stays as it is."""

    order: PickupRow


@dataclass(frozen=True, slots=True)
class CardToSell:
    """A sealed card: nobody has it yet, so a plan can be sold with it."""

    member: KnownMember


NotForTheCart = WeightNeeded | ReceiptFound | OrderFound | CardToSell
Scanned = GoodsAdded | MemberIdentified | PayCodeAccepted | CouponAccepted | NotForTheCart


class ExpiredMember(Refusal):
    """The member's plan has run out: they buy as a walk-in, or renew (`member` says who)."""

    def __init__(self, member: KnownMember) -> None:
        super().__init__(
            "member_expired",
            say(
                "会员 {tail} 已于 {date} 到期，请按非会员结账；续费后积分仍可使用",
                tail=member.member_no[-4:],
                date=member.expires,
            ),
        )
        self.member = member


def scan_code(cart: Cart, raw: str, desk: Desk, *, quantity: int = 1) -> Scanned:
    """What a code does to the cart.

    Raises:
        Refusal: the code is nothing, unknown, or may not be used; the cart is unharmed.

    """
    code = recognise(raw)
    if code.problem is not None:
        raise Refusal("unreadable", code.problem)
    if code.kind == "member_card":
        return identify_member(cart, code.code, desk)
    if code.kind == "pay_code":
        reserved = accept_pay_code(code.code, desk)
        return PayCodeAccepted(carts.with_pay_code(cart, reserved), reserved)
    if code.kind == "coupon":
        coupon = accept_coupon(code.code, desk)
        return CouponAccepted(carts.with_coupon(cart, coupon), coupon)
    if code.kind == "pickup":
        return OrderFound(find_order(code.code, desk))
    if code.kind == "badge":
        raise Refusal("not_here", say("这是工牌，不能加进这一单；换人请先锁屏"))
    if code.kind == "receipt":
        return ReceiptFound(code.code)
    product = desk.goods.product(code.code)
    if product is None:
        raise Refusal(
            "unknown_goods", say("没有条码为 {code} 的商品，请核对条码或先录入商品", code=code.code)
        )
    return add_product(cart, product, quantity=quantity)


def add_product(cart: Cart, product: Product, *, quantity: int = 1) -> GoodsAdded | WeightNeeded:
    """Adds a good that was found, by code or by search.

    Raises:
        Refusal: the quantity or the cart's size is none a shop sells.

    """
    if product.weighed:
        return WeightNeeded(product)
    return GoodsAdded(carts.add(cart, product, quantity=quantity), product)


def identify_member(cart: Cart, card_code: str, desk: Desk) -> MemberIdentified | CardToSell:
    """Puts the member behind a card code onto the cart; a sealed card is one to sell.

    Raises:
        Refusal: `unknown_member`, `member_blocked` or `member_expired`.

    """
    member = desk.members.by_card(card_hash(card_code))
    if member is None:
        raise Refusal("unknown_member", say("没有找到这张会员卡；新会员请联网同步后再扫，或先按非会员结账"))
    if member.status == "sealed":
        return CardToSell(member)
    if member.status == "blocked":
        raise Refusal(
            "member_blocked",
            say("会员 {tail} 已被停用，请按非会员结账并联系联盟", tail=member.member_no[-4:]),
        )
    if member.expires < desk.clock.now().date().isoformat():
        raise ExpiredMember(member)
    return MemberIdentified(carts.with_member(cart, member.member_no), member)
