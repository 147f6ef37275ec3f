"""The hub's command to this till is carried out, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pos.usecases.ports import Clock, Journal, Orders
from sync.protocol.commands import SENTENCE_LENGTH_MAX, Command, CommandDone, Outcome, PrintReceipt, Resync


def obey_command(
    command: Command,
    orders: Orders,
    journal: Journal,
    clock: Clock,
    *,
    hub_now: datetime,
    refill: Callable[[], None],
) -> CommandDone | None:
    """Does a command and says what came of it; None if that was known. On the journal's writer thread.

    `refill` begins to fill the cache anew; doing that twice does no harm, so it goes before the mark.

    Raises:
        StorageTrouble: it is not done, and will be with the next pass.

    """
    if orders.settled(command.id):
        return None
    at = clock.now().isoformat(timespec="seconds")

    def settled(outcome: Outcome, detail: str = "", *, receipt_seq: int | None = None) -> CommandDone:
        done = CommandDone(command.id, outcome, at, detail[:SENTENCE_LENGTH_MAX])
        orders.settle(command, done, receipt_seq=receipt_seq)
        return done

    if datetime.fromisoformat(command.expires) <= hub_now:
        return settled("expired")
    match command.deed:
        case PrintReceipt(receipt_no=number):
            stored = journal.receipt(number)
            if stored is None:
                return settled("failed", f"no receipt {number}")
            return settled("done", receipt_seq=stored.seq)
        case Resync():
            refill()
    return settled("done")
