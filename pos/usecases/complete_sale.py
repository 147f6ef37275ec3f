"""The customer has paid: one transaction makes the sale a fact."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from pos.domain.cart import Cart
from pos.domain.coupon_codes import CouponPayload, coupon_code, rule_mark, signed_bytes
from pos.domain.events import ConfigurationApplied, PrintedCoupon, SaleMade, Tender, UsedPayCode
from pos.domain.ledger import member_changes
from pos.domain.message import Refusal, say
from pos.domain.pricing.result import PricedSale
from pos.domain.receipt import BalanceAfter
from pos.domain.rights import Right
from pos.domain.tender import CASH, cash_change
from pos.usecases.desk import Desk, Quote, business_date, quote
from pos.usecases.ports import KnownMember, LoadedPack, RightSpent, Transaction
from pos.usecases.roles import check_leave

COUPON_DAYS = 365
"""How long a printed coupon is good whose rule names no term."""


@dataclass(frozen=True, slots=True)
class CompletedSale:
    """A sale that is on disk. `job_id` is its receipt in the print queue."""

    sale: SaleMade
    seq: int
    hash: bytes
    job_id: int


def complete_sale(
    cart: Cart, given_fen: int, cashier: str, desk: Desk, *, shown_due_fen: int
) -> CompletedSale:
    """Takes cash for the cart. On the journal's writer thread; when it returns, the sale is paid.

    `shown_due_fen` is what the cashier asked for: if the price has changed since (the till went
    offline, a download came), nothing is booked and the screen shows the new amount.

    Raises:
        Refusal: `empty`, `too_little`, `too_much`, `price_changed`, `coupon_used`, `code_used`,
            `code_closed`, `no_pack`, `gate`, `no_right`.
        StorageTrouble: nothing was booked.

    """
    check_leave(cashier, "sell", desk)
    if not cart.lines:
        raise Refusal("empty", say("购物车是空的，请先扫商品"))
    quoted = quote(cart, desk)
    if quoted.sale.due_fen != shown_due_fen:
        raise Refusal("price_changed", say("应收金额刚刚变了，请按新的金额收款"))
    change_fen = cash_change(quoted.sale.due_fen, given_fen)
    check_coupons(quoted, desk)
    check_pay_codes(cart, desk)
    try:
        return _book(cart, quoted, (given_fen, change_fen), cashier, desk)
    except RightSpent as spent:
        raise spent_refusal(spent.right) from spent


def _book(cart: Cart, quoted: Quote, cash: tuple[int, int], cashier: str, desk: Desk) -> CompletedSale:
    given_fen, change_fen = cash
    state = desk.hub.state()
    with desk.journal.transaction() as transaction:
        note_configuration(quoted.pack, transaction, desk)
        sale = SaleMade(
            receipt_no=transaction.next_receipt_no(),
            at=desk.clock.now().isoformat(timespec="seconds"),
            date=business_date(desk),
            store=desk.journal.store.store,
            cashier=cashier,
            pack=quoted.pack.ref,
            basket=quoted.basket,
            result=quoted.sale,
            tenders=(Tender(CASH, given_fen),) if given_fen else (),
            change_fen=change_fen,
            online=quoted.online,
            clock_offset_ms=state.clock_offset_ms,
            printed=print_coupons(quoted, desk),
            pay_codes=used_pay_codes(cart, quoted.sale),
        )
        entry = transaction.append(sale)
        job_id = transaction.queue_receipt(entry.seq, _balances_after_sale(quoted, sale))
        transaction.forget_cart()
    desk.hub.nudge()
    return CompletedSale(sale, entry.seq, entry.hash, job_id)


def spent_refusal(right: Right) -> Refusal:
    """Why an entry that uses a right was not booked."""
    if right.kind == "pay_code":
        return Refusal("code_used", say("这个付款码已经用过了，请会员在手机上刷新后重扫"))
    return Refusal("coupon_used", say("这一单里有一张券刚刚用过了，请拿掉它再收款"))


def note_configuration(loaded: LoadedPack, transaction: Transaction, desk: Desk) -> None:
    """Writes down, before the first sale under it, that another pack is in force."""
    if desk.journal.last_configuration() != loaded.ref:
        at = desk.clock.now().isoformat(timespec="seconds")
        transaction.append(ConfigurationApplied(at=at, pack=loaded.ref))


def check_coupons(quoted: Quote, desk: Desk) -> None:
    """Whether the printed coupons that pay are still good: one may have been used since it was scanned.

    Raises:
        Refusal: `coupon_used`.

    """
    for coupon in quoted.sale.coupons_used:
        if coupon.number is not None and desk.journal.right_spent(Right("coupon", coupon.number)):
            raise spent_refusal(Right("coupon", coupon.number))


def check_pay_codes(cart: Cart, desk: Desk) -> None:
    """Whether the cart's pay codes are still open: numbers may have been closed since they were scanned.

    That none is used twice the transaction itself sees to.

    Raises:
        Refusal: `code_closed`.

    """
    closed = desk.journal.codes_closed()
    if any(one.number <= closed for one in cart.pay_codes):
        raise Refusal("code_closed", say("付款码已经失效，请会员在手机上刷新后重扫"))


def used_pay_codes(cart: Cart, sale: PricedSale) -> tuple[UsedPayCode, ...]:
    """What was spent of each code; one of which nothing was stays good."""
    spent = {one.asset: one.amount for one in sale.redeemed}
    return tuple(
        UsedPayCode(one.code, one.number, one.asset, one.amount, spent[one.asset])
        for one in cart.pay_codes
        if spent.get(one.asset)
    )


def print_coupons(quoted: Quote, desk: Desk) -> tuple[PrintedCoupon, ...]:
    """The coupons that come out with the receipt, each under a number of its own and signed."""
    printed = []
    for one in quoted.sale.issued:
        if one.to != "bearer":
            continue
        last_day = (desk.clock.now().date() + timedelta(days=one.valid_days or COUPON_DAYS)).isoformat()
        coupon = CouponPayload(
            terminal=desk.journal.identity.terminal,
            rule_mark=rule_mark(one.rule),
            number=desk.seal.new_number(),
            last_day=last_day,
        )
        code = coupon_code(coupon, desk.seal.sign(signed_bytes(coupon)))
        printed.append(PrintedCoupon(one.rule, coupon.number, code, last_day))
    return tuple(printed)


def _balances_after_sale(quoted: Quote, sale: SaleMade) -> tuple[BalanceAfter, ...]:
    if quoted.member is None:
        return ()
    return balances_after(quoted.member, quoted.pack, member_changes(sale))


def balances_after(
    member: KnownMember, loaded: LoadedPack, change: dict[str, int]
) -> tuple[BalanceAfter, ...]:
    """The member's balances with a change added, for the receipt; assets they never had are left out.

    None where this store is not told them: a wrong figure on paper stays wrong.
    """
    if not member.balances_told:
        return ()
    return tuple(
        BalanceAfter(asset.name, member.balances.get(asset.id, 0) + change.get(asset.id, 0), asset.scale)
        for asset in loaded.pack.assets
        if member.balances.get(asset.id, 0) or change.get(asset.id, 0)
    )
