"""The customer has paid: one transaction makes the sale a fact."""

from __future__ import annotations

from dataclasses import dataclass

from pos.domain.cart import Cart
from pos.domain.events import ConfigurationApplied, SaleMade, Tender
from pos.domain.message import Refusal, say
from pos.domain.receipt import BalanceAfter
from pos.domain.tender import CASH, cash_change
from pos.usecases.desk import Desk, Quote, business_date, quote
from pos.usecases.ports import KnownMember, LoadedPack, Transaction


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
        Refusal: `empty`, `too_little`, `too_much`, `price_changed`, `no_pack`.
        StorageTrouble: nothing was booked.

    """
    if not cart.lines:
        raise Refusal("empty", say("购物车是空的，请先扫商品"))
    quoted = quote(cart, desk)
    if quoted.sale.due_fen != shown_due_fen:
        raise Refusal("price_changed", say("应收金额刚刚变了，请按新的金额收款"))
    change_fen = cash_change(quoted.sale.due_fen, given_fen)
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
        )
        entry = transaction.append(sale)
        job_id = transaction.queue_receipt(entry.seq, _balances_after_sale(quoted))
        transaction.forget_cart()
    desk.hub.nudge()
    return CompletedSale(sale, entry.seq, entry.hash, job_id)


def note_configuration(loaded: LoadedPack, transaction: Transaction, desk: Desk) -> None:
    """Writes down, before the first sale under it, that another pack is in force."""
    if desk.journal.last_configuration() != loaded.ref:
        at = desk.clock.now().isoformat(timespec="seconds")
        transaction.append(ConfigurationApplied(at=at, pack=loaded.ref))


def _balances_after_sale(quoted: Quote) -> tuple[BalanceAfter, ...]:
    if quoted.member is None:
        return ()
    change: dict[str, int] = {}
    for redeemed in quoted.sale.redeemed:
        change[redeemed.asset] = change.get(redeemed.asset, 0) - redeemed.amount
    for earned in quoted.sale.outcome.earned:
        if earned.role == "member":
            change[earned.asset] = change.get(earned.asset, 0) + earned.amount
    return balances_after(quoted.member, quoted.pack, change)


def balances_after(
    member: KnownMember, loaded: LoadedPack, change: dict[str, int]
) -> tuple[BalanceAfter, ...]:
    """The member's balances with a change added, for the receipt."""
    return tuple(
        BalanceAfter(asset.name, member.balances.get(asset.id, 0) + change.get(asset.id, 0), asset.scale)
        for asset in loaded.pack.assets
    )
