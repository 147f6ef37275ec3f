"""A member sale with a pay code, from the scan's last digit to "paid", against the same sale with their card."""

from __future__ import annotations

from dataclasses import replace

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pos.domain import cart as carts
from pos.domain.cart import Cart
from pos.domain.member_codes import card_hash
from pos.domain.pay_codes import plan_mark
from pos.usecases.complete_sale import complete_sale
from pos.usecases.desk import quote
from pos.usecases.scan_code import MemberIdentified, PayCodeAccepted, scan_code
from tests.bench.measure import Comparison, compare, timed
from tests.bench.shops import disk_folder, open_shop, packaged_goods
from tests.fakes.alliance_keys import FakeAllianceKeys
from tests.fakes.phone import Phone
from tests.usecases.sample_till import CASHIER, QIN_CARD, SampleTill

PAIRS = 300
LINES = 20
FLOOR = "the same 20-line sale with the member's card, redeeming nothing"


def code_accept(n: int = PAIRS) -> Comparison:
    """Real signatures, real store on disk; each code is a new one and pays two points."""
    with disk_folder() as folder, open_shop(folder) as shop:
        shop.tell_member("30005542", QIN_CARD, "co_creator", balances={"points": 1_000_000_00, "sales": 1})
        phone = _phone(shop)
        goods = _goods(shop)
        hashed = card_hash(QIN_CARD)

        def with_code() -> float:
            digits = phone.code(shop.desk.clock.now(), hashed, amount=2_00, plan_mark=plan_mark("co_creator"))
            return timed(lambda: _sell(shop, goods, digits))

        return compare(
            "code_accept", FLOOR, with_code, lambda: timed(lambda: _sell(shop, goods, QIN_CARD)), n=n
        )


def _phone(shop: SampleTill) -> Phone:
    key, keys = Ed25519PrivateKey.generate(), FakeAllianceKeys()
    public = key.public_key().public_bytes_raw()
    identity = shop.desk.journal.identity
    shop.desk = replace(shop.desk, keys=keys)
    return Phone(identity, keys, sign=key.sign, public=public)


def _goods(shop: SampleTill) -> Cart:
    cart = Cart()
    for product in packaged_goods(shop)[:LINES]:
        cart = carts.add(cart, product)
    return cart


def _sell(shop: SampleTill, goods: Cart, code: str) -> None:
    """What the till does with the scan, and then with the cash."""
    scanned = scan_code(goods, code, shop.desk)
    assert isinstance(scanned, MemberIdentified | PayCodeAccepted)
    due_fen = quote(scanned.cart, shop.desk).sale.due_fen
    cart = scanned.cart
    shop.book(lambda: complete_sale(cart, due_fen, CASHIER, shop.desk, shown_due_fen=due_fen))
