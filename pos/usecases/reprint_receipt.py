"""A receipt once more, marked as a copy."""

from __future__ import annotations

from pos.domain.message import Refusal, say
from pos.domain.receipt import BalanceAfter
from pos.usecases.desk import Desk


def reprint_receipt(receipt_no: str, desk: Desk) -> int:
    """Queues a copy and gives the job's number. On the journal's writer thread.

    Balances are left out: a copy says what the sale said, not what has changed since.

    Raises:
        Refusal: `unknown_receipt`.

    """
    stored = desk.journal.receipt(receipt_no)
    if stored is None:
        raise Refusal("unknown_receipt", say("本机没有小票 {no}，请核对单号", no=receipt_no[:40]))
    no_balances: tuple[BalanceAfter, ...] = ()
    with desk.journal.transaction() as transaction:
        return transaction.queue_receipt(stored.seq, no_balances, copy=True)
