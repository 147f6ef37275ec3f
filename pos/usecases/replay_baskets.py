"""Rings up baskets from a file through the same deeds a cashier uses."""

from __future__ import annotations

from pos.domain import cart as carts
from pos.domain.cart import Cart
from pos.domain.member_codes import check_holds
from pos.domain.message import Refusal, say
from pos.usecases.complete_sale import CompletedSale, complete_sale
from pos.usecases.desk import Desk, quote
from pos.usecases.scan_code import (
    CouponAccepted,
    GoodsAdded,
    MemberIdentified,
    WeightNeeded,
    identify_member,
    scan_code,
)

MEMBER = "MEMBER:"
WEIGHT = "@"
CASHIER = "replay"


def replay_basket(line: str, desk: Desk) -> CompletedSale:
    """One basket: codes separated by blanks, cash exactly paid. On the journal's writer thread.

    Raises:
        Refusal: a code is unknown or needs a weight; nothing of the line is booked.

    """
    cart = Cart()
    for code in line.split():
        cart = _put(cart, code, desk)
    due_fen = quote(cart, desk).sale.due_fen
    return complete_sale(cart, due_fen, CASHIER, desk, shown_due_fen=due_fen)


def _put(cart: Cart, code: str, desk: Desk) -> Cart:
    if code.startswith(MEMBER):
        found = identify_member(cart, _card(code.removeprefix(MEMBER)), desk)
        if isinstance(found, MemberIdentified):
            return found.cart
        raise Refusal("sealed", say("这张会员卡还没有售出，请先办理入会"))
    plain, at, grams = code.partition(WEIGHT)
    match scan_code(cart, plain, desk):
        case WeightNeeded(product=product):
            return carts.add(cart, product, weight_g=_grams(grams, plain))
        case GoodsAdded(cart=after) | MemberIdentified(cart=after) | CouponAccepted(cart=after) if not at:
            return after
    raise Refusal("not_in_a_basket", say("「{code}」不能放进购物篮，请核对这一行", code=code[:40]))


def _card(code: str) -> str:
    if not check_holds(code):
        raise Refusal("unreadable", say("会员码校验不对，可能没扫全，请重扫"))
    return code


def _grams(text: str, plu: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise Refusal("weight_missing", say("{plu} 按重量卖，请写成 {plu}@克数", plu=plu))
    return int(text)
