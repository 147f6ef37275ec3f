"""What goes into pricing: a basket carries every input, so that anyone can price it again."""

from __future__ import annotations

import msgspec

from pos.domain.catalogue import Product
from pos.domain.message import Refusal, say
from pos.domain.money import decimal_text, weighed_amount, yuan

QUANTITY_MAX = 9_999
WEIGHT_MAX_G = 999_999
LINES_MAX = 500
TOTAL_MAX_FEN = 10_000_000_00


class BasketLine(msgspec.Struct, frozen=True):
    """A good with `quantity` pieces, or (weighed) quantity 1 and `weight_g` grams."""

    product: Product
    quantity: int = 1
    weight_g: int | None = None

    @property
    def gross_fen(self) -> int:
        return self.amount_at(self.product.price_fen)

    def amount_at(self, unit_price_fen: int) -> int:
        """The line amount in fen at another price per piece or per kg."""
        if self.weight_g is not None:
            return weighed_amount(unit_price_fen, self.weight_g)
        return unit_price_fen * self.quantity


class MemberInput(msgspec.Struct, frozen=True):
    """The member as the till knew them at that moment. `balances` is minor units per asset.

    `home_store` is the store of the member's first paid sale, `referrer` whether somebody brought the
    member in, `first_order` whether there was no paid sale before.
    """

    member_no: str
    plan: str
    balances: dict[str, int] = {}
    first_order: bool = False
    activated: bool = True
    home_store: str | None = None
    referrer: bool = False


class MerchantInput(msgspec.Struct, frozen=True):
    """The seller. `rebate_bp` is its own rate (None: the pack's), `balances` its deposit per asset."""

    merchant: str = ""
    rebate_bp: int | None = None
    balances: dict[str, int] = {}
    referrer: bool = False
    area_agent: bool = True


class HeldCoupon(msgspec.Struct, frozen=True):
    """A coupon the member holds and is willing to use.

    `number` is that of a printed coupon (None: one of those counted on the member's account), `issuer`
    the merchant that gave it out.
    """

    rule: str
    number: str | None = None
    issuer: str | None = None


class Basket(msgspec.Struct, frozen=True):
    """Lines, member, seller and moment, and the wish to pay with assets.

    `redeem` is the wish in minor units per asset. `ceilings_fen` are limits that hold beside the
    pack's cap (the offline limits), per asset, in fen. `at` is the store's local time (ISO 8601),
    `used` how many units each rule's quota has already given, `asset_prices` the day's prices in
    yuan, decimal text.
    """

    lines: tuple[BasketLine, ...] = ()
    member: MemberInput | None = None
    redeem: dict[str, int] = {}
    ceilings_fen: dict[str, int] = {}
    at: str = ""
    store: str = ""
    merchant: MerchantInput = MerchantInput()
    coupons: tuple[HeldCoupon, ...] = ()
    used: dict[str, int] = {}
    asset_prices: dict[str, str] = {}


def checked_line(product: Product, *, quantity: int = 1, weight_g: int | None = None) -> BasketLine:
    """A line whose quantity a shop can mean.

    Raises:
        Refusal: `quantity`, `weight` or `weight_missing`.

    """
    if product.weighed:
        if weight_g is None:
            raise Refusal("weight_missing", say("「{name}」按重量卖，请输入重量", name=product.name))
        if not 1 <= weight_g <= WEIGHT_MAX_G:
            raise Refusal(
                "weight", say("重量应在 1 克到 {max} 公斤之间，请重新输入", max=decimal_text(WEIGHT_MAX_G, 3))
            )
        return BasketLine(product, 1, weight_g)
    if not 1 <= quantity <= QUANTITY_MAX:
        raise Refusal("quantity", say("数量应在 1 到 {max} 之间；不要这件请按 Del 删行", max=QUANTITY_MAX))
    return BasketLine(product, quantity)


def check_size(lines: tuple[BasketLine, ...]) -> None:
    """Refuses a basket no shop sells.

    Raises:
        Refusal: `lines` or `total`.

    """
    if len(lines) > LINES_MAX:
        raise Refusal("lines", say("一单最多 {max} 行，请先结账再开一单", max=LINES_MAX))
    if sum(line.gross_fen for line in lines) > TOTAL_MAX_FEN:
        raise Refusal("total", say("一单最多 {max} 元，请核对数量和重量", max=yuan(TOTAL_MAX_FEN)))
