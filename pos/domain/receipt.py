"""What stands on a receipt, before it is put into words and onto paper."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from pos.domain.events import MembershipSold, PrintedCoupon, RefundMade, SaleMade
from pos.domain.membership import PointsForFee
from pos.domain.message import Message, named, say
from pos.domain.money import decimal_text, plain_text, yuan
from pos.domain.pricing.result import IssuedCoupon, PricedLine, Redeemed

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
    names: Mapping[str, str],
    copy: bool = False,
) -> tuple[Part, ...]:
    """The receipt of a sale.

    `chain_mark` is the short hash of its journal entry, `names` what the pack calls its assets and rules.
    """
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
        *_paying(result.redeemed, result.due_fen, sale, names),
        *_member_part(sale, balances, names),
        Line(),
        *_tail(store, Code(sale.receipt_no, say("退货请扫此码")), chain_mark),
        *(part for coupon in sale.printed for part in _printed(coupon, names)),
    )


def _paying(
    in_assets: Iterable[Redeemed | PointsForFee],
    due_fen: int,
    receipt: SaleMade | MembershipSold,
    names: Mapping[str, str],
) -> tuple[Part, ...]:
    """How the amount was paid: assets, what was left, tenders, change."""
    return (
        *(
            Pair(
                say(
                    "{asset}抵扣 {amount}",
                    asset=_name(one.asset, names),
                    amount=plain_text(one.amount, one.scale),
                ),
                yuan(-one.value_fen),
            )
            for one in in_assets
            if one.amount
        ),
        Pair(say("应收"), yuan(due_fen), "huge"),
        *(Pair(_tender_name(tender.kind), yuan(tender.amount_fen)) for tender in receipt.tenders),
        Pair(say("找零"), yuan(receipt.change_fen)),
    )


_REFUND_TITLES = {"return": say("退货小票"), "exchange": say("换货小票"), "void": say("作废小票")}


def refund_receipt(
    refund: RefundMade,
    store: StoreCard,
    *,
    balances: tuple[BalanceAfter, ...],
    chain_mark: str,
    names: Mapping[str, str],
    copy: bool = False,
) -> tuple[Part, ...]:
    """The receipt of a refund, naming the sale it belongs to."""
    result = refund.result
    return (
        *_head(store, _REFUND_TITLES[refund.purpose], copy=copy),
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
            Pair(say("退回{asset}", asset=_name(back.asset, names)), plain_text(back.amount, back.scale))
            for back in result.points_back
        ),
        *(
            Pair(
                say("扣回所得{asset}", asset=_name(change.asset, names)),
                plain_text(change.amount, change.scale),
            )
            for change in result.earned_change
            if change.role == "member"
        ),
        *(
            Note(say("已退回「{name}」，可再使用", name=_name(one.rule, names)))
            for one in result.coupons_back
        ),
        Pair(say("退现金"), yuan(result.cash_back_fen), "huge"),
        *_balance_lines(balances),
        Line(),
        Note(say("顾客签名：")),
        Note(""),
        Line(),
        *_tail(store, Code(refund.receipt_no, say("退货凭证")), chain_mark),
    )


def membership_receipt(
    sold: MembershipSold,
    store: StoreCard,
    *,
    balances: tuple[BalanceAfter, ...],
    chain_mark: str,
    names: Mapping[str, str],
    copy: bool = False,
) -> tuple[Part, ...]:
    """The receipt of a membership. The fee is the alliance's, and the paper says so."""
    deal = sold.deal
    return (
        *_head(store, say("会员费小票"), copy=copy),
        *_facts(sold.receipt_no, sold.at, sold.cashier, store),
        Line(),
        Pair(say("会员"), masked(sold.member_no)),
        Pair(_DEALS[deal.kind], _name(deal.plan, names)),
        Pair(say("生效"), deal.first_day),
        Pair(say("到期"), deal.last_day),
        Line(),
        Pair(say("会员费"), yuan(deal.fee_fen)),
        *_when(deal.credit_fen, Pair(say("原会员剩余天数折抵"), yuan(-deal.credit_fen))),
        *_paying(sold.paid_in_points, sold.due_fen, sold, names),
        *_balance_lines(balances),
        Line(),
        Note(say("会费由本店代联盟收取")),
        *_tail(store, Code(sold.receipt_no, say("会员费凭证")), chain_mark),
    )


_DEALS = {"join": say("入会"), "renew": say("续费"), "upgrade": say("升级")}


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


def _member_part(
    sale: SaleMade, balances: tuple[BalanceAfter, ...], names: Mapping[str, str]
) -> tuple[Part, ...]:
    if sale.basket.member is None:
        return ()
    return (
        Line(),
        Pair(say("会员"), masked(sale.basket.member.member_no)),
        *(
            Pair(say("本次获得{asset}", asset=_name(one.asset, names)), plain_text(one.amount, one.scale))
            for one in sale.result.outcome.earned
            if one.role == "member"
        ),
        *(_issued(one, names) for one in sale.result.issued if one.to == "member"),
        *_balance_lines(balances),
    )


def _issued(coupon: IssuedCoupon, names: Mapping[str, str]) -> Part:
    name = _name(coupon.rule, names)
    if coupon.valid_days is None:
        return Note(say("送您一张「{name}」，下次出示会员码即可使用", name=name))
    return Note(say("送您一张「{name}」，{days} 天内出示会员码即可使用", name=name, days=coupon.valid_days))


def _printed(coupon: PrintedCoupon, names: Mapping[str, str]) -> tuple[Part, ...]:
    """A coupon for whoever goes next door: its own QR under its name."""
    return (
        Line(),
        Heading(_name(coupon.rule, names), "strong"),
        Code(coupon.code, say("联盟各店可用，有效期至 {date}，限用一次", date=coupon.last_day)),
    )


def _balance_lines(balances: tuple[BalanceAfter, ...]) -> tuple[Part, ...]:
    return tuple(Pair(_balance_label(one.name), plain_text(one.amount, one.scale)) for one in balances)


def _balance_label(asset: str) -> Message:
    """An asset that is called balance needs no second word for it."""
    return named(asset) if asset.endswith("余额") else say("{asset}余额", asset=named(asset))


def masked(member_no: str, mark: str = "***") -> str:
    """A member's number as people see it: the last four digits. Printers have `*`, screens may use `•`."""
    return mark + member_no[-4:]


def _tail(store: StoreCard, code: Code, chain_mark: str) -> tuple[Part, ...]:
    return (
        code,
        *(Heading(sentence) for sentence in store.footer),
        Heading(say("凭证 {mark}", mark=chain_mark), "small"),
    )


def _name(asset: str, names: Mapping[str, str]) -> Message:
    """What an asset or a rule is called."""
    return named(names.get(asset, asset))


def _tender_name(kind: str) -> Message:
    return say("现金") if kind == "cash" else named(kind)
