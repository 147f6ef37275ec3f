"""Rings up baskets from a file through the same deeds a cashier uses."""

from __future__ import annotations

from pos.domain import cart as carts
from pos.domain.cart import Cart
from pos.domain.message import Refusal, say
from pos.usecases.complete_sale import CompletedSale, complete_sale
from pos.usecases.desk import Desk, quote
from pos.usecases.scan_code import GoodsAdded, MemberIdentified, ReceiptFound, WeightNeeded, scan_code

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
    plain, _, grams = code.removeprefix(MEMBER).partition(WEIGHT)
    match scan_code(cart, plain, desk):
        case GoodsAdded(cart=after) | MemberIdentified(cart=after):
            return after
        case WeightNeeded(product=product):
            return carts.add(cart, product, weight_g=_grams(grams, plain))
        case ReceiptFound(receipt_no=number):
            raise Refusal("receipt", say("{no} 是小票号，不能放进购物篮", no=number))


def _grams(text: str, plu: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise Refusal("weight_missing", say("{plu} 按重量卖，请写成 {plu}@克数", plu=plu))
    return int(text)
