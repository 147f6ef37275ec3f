"""Why the price is what it is: every rule that applied, and why the others did not."""

from __future__ import annotations

from dataclasses import dataclass

from pos.domain.message import Message, named, say
from pos.domain.pricing.why_not import not_applied
from pos.ui.presenters.figures import taken_off
from pos.usecases.desk import Quote


@dataclass(frozen=True, slots=True)
class OfferRow:
    """One rule: its sentence, and what it took off (empty where it did not apply)."""

    text: Message
    saved: str

    @property
    def applied(self) -> bool:
        return bool(self.saved)


def offer_rows(quoted: Quote) -> tuple[OfferRow, ...]:
    """Applied rules first, with what each saved on the whole sale; then the others with their reason."""
    pack, sale = quoted.pack.pack, quoted.sale
    applied = []
    for rule in pack.price_rules:
        off_fen = sale.taken_off(rule.id) + sum(
            one.value_fen for one in sale.redeemed if one.asset == rule.id
        )
        if off_fen:
            applied.append(OfferRow(named(rule.name), taken_off(off_fen)))
    if sale.rounding_fen and pack.cash_rounding:
        applied.append(OfferRow(named(pack.cash_rounding.name), taken_off(sale.rounding_fen)))
    reasons = tuple(OfferRow(one.text, "") for one in not_applied(quoted.basket, pack, sale))
    return (*applied, *reasons)


def proof(quoted: Quote) -> Message:
    """Whether anything could be cheaper."""
    if quoted.sale.optimal:
        return say("已比较所有允许的组合，这是最低价")
    return say("组合太多，没有全部比较：这是找到的最低价，但未证明最低")
