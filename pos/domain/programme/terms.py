"""Terms: memberships, what merchants promise and owe, and what goods are left out."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from pos.domain.catalogue import Product
from pos.domain.programme.part import BasisPoints, Count, Days, Decimal, Fen, Id, Name, Part


class Plan(Part, frozen=True):
    """A membership: fee in fen for `term_days`.

    `floor_bp` is the lowest price, as part of the list price, that a plan discount may lead to.
    `earn_multiplier` multiplies what the member earns. `sold_by` says who may sell it; a renewal
    begins at the old expiry (or `from_today`). `upgrades_from` names plans whose unused days count.
    """

    id: Id
    name: Name
    fee_fen: Fen
    term_days: Days = 365
    floor_bp: BasisPoints = 0
    earn_multiplier: Decimal = "1"
    sold_by: tuple[Literal["till", "hub"], ...] = ("till", "hub")
    renewal: Literal["at_expiry", "from_today"] = "at_expiry"
    upgrades_from: tuple[Id, ...] = ()
    note: Annotated[str, Meta(max_length=200)] = ""


class Exclusions(Part, frozen=True):
    """Goods that take no discount, earn nothing and cannot be paid with points."""

    categories: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()

    def cover(self, product: Product) -> bool:
        return product.category in self.categories or product.code in self.codes


class Rebate(Part, frozen=True):
    """What a merchant gives up on the eligible amount of member sales; each sets its own rate."""

    min_bp: BasisPoints
    max_bp: BasisPoints
    default_bp: BasisPoints


class Share(Part, frozen=True):
    """What the merchant owes the alliance in money.

    `received`: `rate_bp` of what it received, of `sales` = `all` or `member`; `rebate`: the rebate
    itself, on member sales. Goods of `except_categories` do not count.
    """

    basis: Literal["received", "rebate", "none"] = "received"
    rate_bp: BasisPoints = 0
    sales: Literal["all", "member"] = "all"
    except_categories: tuple[str, ...] = ()


class CashRounding(Part, frozen=True):
    """抹零: the cash due is rounded down to a multiple of `step_fen`; the merchant bears it."""

    step_fen: Annotated[int, Meta(ge=2, le=100)]
    name: Name = "抹零"


class Returns(Part, frozen=True):
    """Until when goods may come back, counted from the sale."""

    return_days: Count | None = None
    exchange_hours: Count | None = None


class Deposit(Part, frozen=True):
    """What a merchant deposits on joining: an asset worth that many fen."""

    asset: Id
    worth_fen: Fen


class Merchants(Part, frozen=True):
    """What merchants promise and pay. Goods outside are shown to the owner, never refused.

    Member prices lie between `member_price_min_bp` and `member_price_max_bp` under list; the margin
    (of the member price) between `margin_min_bp` and `margin_max_bp`.
    """

    annual_fee_fen: Fen = 0
    member_price_min_bp: BasisPoints | None = None
    member_price_max_bp: BasisPoints | None = None
    margin_min_bp: BasisPoints | None = None
    margin_max_bp: BasisPoints | None = None
    deposit: Deposit | None = None


class Alerts(Part, frozen=True):
    """When the owner is warned: price moves, stock that will not last, shrinkage."""

    price_move_bp: BasisPoints | None = None
    stock_hours_min: Count | None = None
    safety_stock_bp: BasisPoints | None = None
    shrinkage_bp: BasisPoints | None = None
