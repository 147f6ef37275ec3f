"""What pricing says: lines with every part, what was redeemed, and what follows for everybody."""

from __future__ import annotations

from typing import Literal

import msgspec

from pos.domain.basket import HeldCoupon
from pos.domain.message import Message
from pos.domain.programme.part import Funder, Role

CASH_ROUNDING = "cash_rounding"


class Adjustment(msgspec.Struct, frozen=True):
    """A reduction of one line: which rule, how much, who bears it, and a sentence to read out.

    `units` is how many units took it; 0 where it is a part of a reduction of the whole sale. `issuer` is
    the merchant that bears it where `funder` says so.
    """

    rule: str
    amount_fen: int
    funder: Funder
    text: Message
    units: int = 0
    issuer: str | None = None


class RedeemedPart(msgspec.Struct, frozen=True):
    """What an asset paid of one line: `amount` in the asset's minor units, worth `value_fen`.

    `earns` says that the part paid with it still earns, `to_deposit` that the seller got the asset itself.
    """

    asset: str
    amount: int
    value_fen: int
    funder: Funder
    earns: bool = False
    to_deposit: bool = False
    issuer: str | None = None


class PricedLine(msgspec.Struct, frozen=True):
    """One line with all its parts; `unit_price_fen` is what a piece or a kg costs where all cost the same."""

    code: str
    name: str
    spec: str
    unit: str
    category: str
    quantity: int
    weight_g: int | None
    list_price_fen: int
    unit_price_fen: int
    eligible: bool
    gross_fen: int
    adjustments: tuple[Adjustment, ...] = ()
    redeemed: tuple[RedeemedPart, ...] = ()

    @property
    def saved_fen(self) -> int:
        return sum(adjustment.amount_fen for adjustment in self.adjustments)

    @property
    def payable_fen(self) -> int:
        return self.gross_fen - self.saved_fen

    @property
    def redeemed_fen(self) -> int:
        return sum(part.value_fen for part in self.redeemed)

    @property
    def threshold_fen(self) -> int:
        """What thresholds are judged on: after unit rules, before rules of the whole sale (ruling 3)."""
        taken = sum(one.amount_fen for one in self.adjustments if one.units)
        return self.gross_fen - taken if self.eligible else 0

    @property
    def eligible_fen(self) -> int:
        """What caps and earning are reckoned on: cash rounding lowers neither."""
        rounding = sum(one.amount_fen for one in self.adjustments if one.rule == CASH_ROUNDING)
        return self.payable_fen + rounding if self.eligible else 0


class AssetAmount(msgspec.Struct, frozen=True):
    """An amount of an asset, in its minor units, beside the scale that reads it."""

    asset: str
    amount: int
    scale: int


class Redeemed(msgspec.Struct, frozen=True):
    """What one asset (or cash voucher, under its rule's id) paid in all.

    `held_back` says why it was less than wished, if it was.
    """

    asset: str
    amount: int
    scale: int
    value_fen: int
    funder: Funder
    held_back: Message | None = None
    issuer: str | None = None


class Earned(msgspec.Struct, frozen=True):
    """What one role earned of one asset, in minor units. Money (`CNY`) is paid by the seller."""

    role: Role
    asset: str
    amount: int
    scale: int


class Burned(msgspec.Struct, frozen=True):
    """What the sale takes from the merchant's deposit, in minor units."""

    asset: str
    amount: int
    scale: int


class IssuedCoupon(msgspec.Struct, frozen=True):
    """A coupon that the sale gives out: to the member's account, or printed for its bearer.

    `issuer` is the merchant that will pay for it, where that is not the alliance's or the taker's matter.
    """

    rule: str
    to: Literal["member", "bearer"]
    valid_days: int | None = None
    issuer: str | None = None


class Outcome(msgspec.Struct, frozen=True):
    """What follows from a set of lines.

    `reimbursement_fen` is what others than the seller owe it in money, `reimbursed` the same by who
    owes it (`alliance`, `brand`, `issuer:<merchant>`). `rebate_fen` is what the merchant gives up on a
    member sale.
    """

    earned: tuple[Earned, ...]
    received_fen: int
    share_fen: int
    reimbursement_fen: int
    reimbursed: dict[str, int] = {}
    rebate_fen: int = 0
    burned: tuple[Burned, ...] = ()


class PricedSale(msgspec.Struct, frozen=True):
    """A priced basket. `redeemable` is the most each asset could pay, whatever was wished.

    `optimal` says that no allowed combination of rules is cheaper; `steps` what the search looked at.
    """

    lines: tuple[PricedLine, ...]
    gross_fen: int
    payable_fen: int
    eligible_fen: int
    redeemable: tuple[AssetAmount, ...]
    redeemed: tuple[Redeemed, ...]
    due_fen: int
    outcome: Outcome
    issued: tuple[IssuedCoupon, ...] = ()
    coupons_used: tuple[HeldCoupon, ...] = ()
    optimal: bool = True
    steps: int = 0

    @property
    def adjustments_fen(self) -> int:
        return self.gross_fen - self.payable_fen

    @property
    def redeemed_fen(self) -> int:
        return sum(one.value_fen for one in self.redeemed)

    @property
    def rounding_fen(self) -> int:
        """What cash rounding took off."""
        return self.taken_off(CASH_ROUNDING)

    def taken_off(self, rule: str) -> int:
        """What a rule took off all lines."""
        return sum(one.amount_fen for line in self.lines for one in line.adjustments if one.rule == rule)
