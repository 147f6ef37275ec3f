"""What stands on a receipt, before it is put into words and onto paper."""

from __future__ import annotations

from typing import Literal

import msgspec

from pos.domain.events import RefundMade, SaleMade
from pos.domain.message import Message, named, say
from pos.domain.money import decimal_text, plain_text, yuan
from pos.domain.pricing import PricedLine

Style = Literal["normal", "strong", "huge", "small"]


class Heading(msgspec.Struct, frozen=True):
    """A centred line."""

    text: Message | str
    style: Style = "normal"


class Pair(msgspec.Struct, frozen=True):
    """A label on the left, a figure on the right."""

    label: Message | str
    value: Message | str
    style: Style = "normal"


class Note(msgspec.Struct, frozen=True):
    """A line of running text."""

    text: Message | str


class Line(msgspec.Struct, frozen=True):
    """A rule across the paper."""


class Code(msgspec.Struct, frozen=True):
    """A QR code with what it holds in words beneath."""

    data: str
    caption: Message | str


Part = Heading | Pair | Note | Line | Code


class StoreCard(msgspec.Struct, frozen=True):
    """Who sells: what a receipt's head and the screen's top line say. `timezone` is an IANA name."""

    alliance: str
    merchant: str
    store: str
    name: str
    address: str
    timezone: str
    terminal_label: str
    footer: tuple[str, ...] = ()


class BalanceAfter(msgspec.Struct, frozen=True):
    """A member's balance of one asset after the receipt, as far as this till knows."""

    name: str
    amount: int
    scale: int


def sale_receipt(
    sale: SaleMade,
    store: StoreCard,
    *,
    balances: tuple[BalanceAfter, ...],
    chain_mark: str,
    copy: bool = False,
) -> tuple[Part, ...]:
    """The receipt of a sale. `chain_mark` is the short hash of its journal entry."""
    result = sale.result
    return (
        *_head(store, say("销售小票"), copy=copy),
        *_facts(sale.receipt_no, sale.at, sale.cashier, store),
        Line(),
        *(part for line in result.lines for part in _sale_line(line)),
        Line(),
        Pair(say("合计"), yuan(result.gross_fen)),
        *_when(result.adjustments_fen, Pair(say("优惠"), yuan(-result.adjustments_fen))),
        Pair(say("应付"), yuan(result.payable_fen)),
        *(
            Pair(
                say(
                    "{asset}抵扣 {amount}",
                    asset=_asset_name(one.asset),
                    amount=plain_text(one.amount, one.scale),
                ),
                yuan(-one.value_fen),
            )
            for one in result.redeemed
            if one.amount
        ),
        Pair(say("应收"), yuan(result.due_fen), "huge"),
        *(Pair(_tender_name(tender.kind), yuan(tender.amount_fen)) for tender in sale.tenders),
        Pair(say("找零"), yuan(sale.change_fen)),
        *_member_part(sale, balances),
        Line(),
        *_tail(store, Code(sale.receipt_no, say("退货请扫此码")), chain_mark),
    )


def refund_receipt(
    refund: RefundMade,
    store: StoreCard,
    *,
    balances: tuple[BalanceAfter, ...],
    chain_mark: str,
    copy: bool = False,
) -> tuple[Part, ...]:
    """The receipt of a refund, naming the sale it belongs to."""
    result = refund.result
    return (
        *_head(store, say("退货小票"), copy=copy),
        *_facts(refund.receipt_no, refund.at, refund.cashier, store),
        Pair(say("原小票"), refund.of),
        Line(),
        *(
            part
            for line in result.lines
            for part in (
                Note(line.name),
                Pair(_pieces(line.quantity, line.weight_g, line.unit), yuan(-line.payable_fen)),
            )
        ),
        Line(),
        *(
            Pair(say("退回{asset}", asset=_asset_name(back.asset)), plain_text(back.amount, back.scale))
            for back in result.points_back
        ),
        *(
            Pair(
                say("扣回所得{asset}", asset=_asset_name(change.asset)),
                plain_text(change.amount, change.scale),
            )
            for change in result.earned_change
            if change.role == "member"
        ),
        Pair(say("退现金"), yuan(result.cash_back_fen), "huge"),
        *_balance_lines(balances),
        Line(),
        Note(say("顾客签名：")),
        Note(""),
        Line(),
        *_tail(store, Code(refund.receipt_no, say("退货凭证")), chain_mark),
    )


def _head(store: StoreCard, title: Message, *, copy: bool) -> tuple[Part, ...]:
    mark = (Heading(say("—— 重打小票（副本）——"), "strong"),) if copy else ()
    return (Heading(store.name, "huge"), Heading(store.alliance), Heading(title, "strong"), *mark, Line())


def _facts(receipt_no: str, at: str, cashier: str, store: StoreCard) -> tuple[Part, ...]:
    return (
        Pair(say("单号"), receipt_no),
        Pair(say("时间"), at[:19].replace("T", " ")),
        Pair(say("{till} 收银员 {cashier}", till=store.terminal_label, cashier=cashier), ""),
    )


def _sale_line(line: PricedLine) -> tuple[Part, ...]:
    how_much = f"{_pieces(line.quantity, line.weight_g, line.unit)} × {yuan(line.unit_price_fen)}"
    return (
        Note(f"{line.name} {line.spec}".rstrip()),
        Pair(f"  {how_much}", yuan(line.payable_fen)),
        *(Note(say("  {text}", text=one.text)) for one in line.adjustments),
    )


def _pieces(quantity: int, weight_g: int | None, unit: str) -> str:
    return f"{decimal_text(weight_g, 3)} kg" if weight_g is not None else f"{quantity} {unit}"


def _when(condition: int, *parts: Part) -> tuple[Part, ...]:
    return parts if condition else ()


def _member_part(sale: SaleMade, balances: tuple[BalanceAfter, ...]) -> tuple[Part, ...]:
    if sale.basket.member is None:
        return ()
    return (
        Line(),
        Pair(say("会员"), masked(sale.basket.member.member_no)),
        *(
            Pair(say("本次获得{asset}", asset=_asset_name(one.asset)), plain_text(one.amount, one.scale))
            for one in sale.result.outcome.earned
            if one.role == "member"
        ),
        *_balance_lines(balances),
    )


def _balance_lines(balances: tuple[BalanceAfter, ...]) -> tuple[Part, ...]:
    return tuple(
        Pair(say("{asset}余额", asset=named(one.name)), plain_text(one.amount, one.scale)) for one in balances
    )


def masked(member_no: str, mark: str = "***") -> str:
    """A member's number as people see it: the last four digits. Printers have `*`, screens may use `•`."""
    return mark + member_no[-4:]


def _tail(store: StoreCard, code: Code, chain_mark: str) -> tuple[Part, ...]:
    return (
        code,
        *(Heading(sentence) for sentence in store.footer),
        Heading(say("凭证 {mark}", mark=chain_mark), "small"),
    )


def _asset_name(asset: str) -> Message:
    return say("积分") if asset == "points" else named(asset)


def _tender_name(kind: str) -> Message:
    return say("现金") if kind == "cash" else named(kind)
