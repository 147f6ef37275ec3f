"""The journal as the deeds at the till see it: `ports.Journal` on `journal.db`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import msgspec

from pos.domain.cart import Cart
from pos.domain.day import FIGURE_NAMES, Figures, ReceiptFigures
from pos.domain.events import (
    PackRef,
    ReceiptEvent,
    RefundMade,
    UnknownEvent,
    decode,
)
from pos.domain.journal import ChainIdentity
from pos.domain.message import say
from pos.domain.offline import Redeemed
from pos.domain.oversight import Noteworthy
from pos.domain.receipt import StoreCard
from pos.domain.rights import Right
from pos.store import facts, hub_mark, oversight
from pos.store.chain_facts import COPIED
from pos.store.journal_schema import DERIVE_ANEW
from pos.store.journal_transaction import JournalTransaction
from pos.store.projections import CODES_CLOSED, CONFIGURATION, rebuild
from pos.store.sqlite import Readers, Row
from pos.store.writer import Writer
from pos.usecases.ports import Pending, ReceiptRow, StorageTrouble, StoredReceipt, WrongPins

_FIGURES = ", ".join(FIGURE_NAMES)
_RECEIPT = f"seq, receipt_no, kind, of, at, date, cashier, member_no, {_FIGURES}"
_BEFORE_FIGURES = 8
_WRONG_PINS = """
    SELECT number, count(*), max(at_s) FROM log_ins AS tried
    WHERE NOT ok
        AND seq > coalesce((SELECT max(seq) FROM log_ins WHERE number = tried.number AND ok), 0)
        AND seq > coalesce((SELECT max(seq) FROM lock_outs_lifted WHERE number = tried.number), 0)
"""
_REDEEMED = """
    SELECT
        coalesce(sum(value_fen) FILTER (WHERE member_no = ?1 AND date = ?3), 0),
        coalesce(sum(value_fen) FILTER (WHERE member_no = ?1 AND sale_seq > ?4), 0),
        coalesce(sum(value_fen) FILTER (WHERE sale_seq > ?4), 0)
    FROM offline_redeemed
    WHERE asset = ?2 AND (sale_seq > ?4 OR (member_no = ?1 AND date = ?3))
"""


class SqliteJournal:
    """Reads from any thread; `transaction` and what it gives belong to the writer's thread."""

    def __init__(self, writer: Writer, readers: Readers, identity: ChainIdentity, store: StoreCard) -> None:
        self._writer = writer
        self._readers = readers
        self._identity = identity
        self._store = store

    @property
    def identity(self) -> ChainIdentity:
        return self._identity

    @property
    def store(self) -> StoreCard:
        return self._store

    @contextmanager
    def transaction(self) -> Iterator[JournalTransaction]:
        """One SQLite transaction, on disk when the block ends; an exception takes all of it back.

        Raises:
            StorageTrouble: nothing was booked.

        """
        with self._writer.transaction() as connection:
            yield JournalTransaction(connection, self._identity)

    def receipt(self, receipt_no: str) -> StoredReceipt | None:
        """The sale, refund or membership with this number.

        Raises:
            StorageTrouble: also when a newer program wrote it in a form not known here.

        """
        row = self._readers.row("SELECT seq, hash, body FROM journal WHERE receipt_no = ?", (receipt_no,))
        return None if row is None else _stored_receipt(*row)

    def receipt_at(self, seq: int) -> StoredReceipt:
        """The sale, refund or membership that is this entry, which exists.

        Raises:
            StorageTrouble: see `receipt`.

        """
        row = self._readers.row("SELECT seq, hash, body FROM journal WHERE seq = ?", (seq,))
        assert row is not None, f"there is no entry {seq}"
        return _stored_receipt(*row)

    def refunds_of(self, receipt_no: str) -> tuple[RefundMade, ...]:
        """All refunds of a sale, oldest first."""
        rows = self._readers.rows(
            "SELECT seq, hash, body FROM journal WHERE seq IN (SELECT seq FROM receipts WHERE of = ?)"
            " ORDER BY seq",
            (receipt_no,),
        )
        events = [_stored_receipt(*row).event for row in rows]
        return tuple(event for event in events if isinstance(event, RefundMade))

    def receipts(self, *, date: str | None = None, limit: int = 100) -> tuple[ReceiptRow, ...]:
        """The latest receipts, of a business date or of all; newest first."""
        confirmed_seq = hub_mark.confirmed_seq(self._readers)
        where, parameters = ("", ()) if date is None else ("WHERE date = ?", (date,))
        rows = self._readers.rows(
            f"SELECT {_RECEIPT} FROM receipts {where} ORDER BY seq DESC LIMIT ?",  # noqa: S608 - our own words
            (*parameters, limit),
        )
        return tuple(_receipt_row(row, confirmed_seq) for row in rows)

    def figures(self, date: str) -> tuple[ReceiptFigures, ...]:
        """Every receipt of a business date, oldest first."""
        rows = self._readers.rows(
            f"SELECT receipt_no, {_FIGURES} FROM receipts WHERE date = ? ORDER BY seq",  # noqa: S608
            (date,),
        )
        return tuple(ReceiptFigures(row[0], Figures(*row[1:])) for row in rows)

    def for_the_owner(self, date: str, tries: int) -> tuple[Noteworthy, ...]:
        return oversight.for_the_owner(self._readers, date, tries)

    def offline_redeemed(self, member_no: str, asset: str, date: str) -> Redeemed:
        """What was redeemed at this till without a pay code, net of refunds.

        "Not confirmed" goes by the number of the sale's entry; a refund counts where its sale did.
        """
        row = self._readers.row(_REDEEMED, (member_no, asset, date, hub_mark.confirmed_seq(self._readers)))
        return Redeemed(*row) if row is not None else Redeemed()

    def member_changes(self, member_no: str, *, after_seq: int) -> dict[str, int]:
        """By how much this till's entries above `after_seq` changed a member's balances, per asset."""
        rows = self._readers.rows(
            "SELECT asset, sum(amount) FROM member_changes WHERE member_no = ? AND seq > ? GROUP BY asset",
            (member_no, after_seq),
        )
        return {asset: int(amount) for asset, amount in rows}

    def member_spent(self, member_no: str, *, after_seq: int) -> dict[str, int]:
        """What this till's entries above `after_seq` used up of a member's lots, per asset.

        Below 0 where more came back than was taken.
        """
        rows = self._readers.rows(
            "SELECT asset, sum(spent) FROM member_changes"
            " WHERE member_no = ? AND seq > ? AND spent != 0 GROUP BY asset",
            (member_no, after_seq),
        )
        return {asset: int(amount) for asset, amount in rows}

    def membership(self, member_no: str, *, after_seq: int) -> tuple[str, str] | None:
        """Plan and last day that this till sold a member above `after_seq`; None if it sold none."""
        row = self._readers.row(
            "SELECT plan, last_day FROM memberships"
            " WHERE member_no = ? AND seq > ? ORDER BY seq DESC LIMIT 1",
            (member_no, after_seq),
        )
        return None if row is None else (row[0], row[1])

    def merchant_changes(self, *, after_seq: int) -> dict[str, int]:
        """By how much this till's entries above `after_seq` changed the merchant's deposit, per asset."""
        rows = self._readers.rows(
            "SELECT asset, sum(amount) FROM merchant_changes WHERE seq > ? GROUP BY asset", (after_seq,)
        )
        return {asset: int(amount) for asset, amount in rows}

    def rule_units(self, rule: str, first_date: str, last_date: str) -> int:
        """Units sold under a rule on these business dates, both included."""
        row = self._readers.row(
            "SELECT coalesce(sum(units), 0) FROM rule_units WHERE rule = ? AND date BETWEEN ? AND ?",
            (rule, first_date, last_date),
        )
        return 0 if row is None else int(row[0])

    def right_spent(self, right: Right) -> bool:
        """Whether a once-only right was used up at this till."""
        query = "SELECT 1 FROM spent_rights WHERE kind = ? AND key = ?"
        return self._readers.row(query, (right.kind, right.key)) is not None

    def codes_closed(self) -> int:
        """Up to which number pay codes are refused; 0 at first."""
        return facts.read(self._readers, CODES_CLOSED, int) or 0

    def copied(self) -> bool:
        """Whether the hub has seen another copy of this chain."""
        return facts.read(self._readers, COPIED, bool) or False

    def pending(self) -> Pending:
        """What the hub has not confirmed."""
        confirmed_seq = hub_mark.confirmed_seq(self._readers)
        row = self._readers.row(
            "SELECT (SELECT max(seq) FROM journal),"
            " (SELECT count(*) FROM receipts WHERE seq > ?1),"
            " (SELECT at FROM journal WHERE seq > ?1 ORDER BY seq LIMIT 1)",
            (confirmed_seq,),
        )
        assert row is not None
        last_seq, receipts, since = row
        return Pending(max(0, last_seq - confirmed_seq), receipts, since)

    def last_seq(self) -> int:
        row = self._readers.row("SELECT max(seq) FROM journal")
        return 0 if row is None else int(row[0] or 0)

    def last_configuration(self) -> PackRef | None:
        """The pack that the chain last says is in force."""
        return facts.read(self._readers, CONFIGURATION, PackRef)

    def open_cart(self) -> Cart | None:
        """The cart that was open when the till last stopped; None also for one that cannot be read."""
        row = self._readers.row("SELECT cart FROM open_cart")
        if row is None:
            return None
        try:
            return msgspec.json.decode(row[0], type=Cart)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None

    def save_cart(self, cart: Cart) -> None:
        """Cheap; may be lost for a moment when the power fails. From another thread it waits its turn."""
        text = msgspec.json.encode(cart)
        self._writer.run(lambda: self._write_cart(text))

    def wrong_pins(self, number: str) -> WrongPins:
        """Wrong PINs of a number since its last success, or since the owner let it try again."""
        row = self._readers.row(f"{_WRONG_PINS} AND number = ? GROUP BY number", (number,))
        return WrongPins(row[1], datetime.fromtimestamp(row[2], UTC)) if row is not None else WrongPins()

    def numbers_with_wrong_pins(self, count: int) -> tuple[str, ...]:
        rows = self._readers.rows(f"{_WRONG_PINS} GROUP BY number HAVING count(*) >= ?", (count,))
        return tuple(row[0] for row in rows)

    def rebuild_projections(self) -> None:
        """Derives all projections again from the chain. From another thread it waits its turn."""
        self._writer.run(self._rebuild)

    def derive_if_asked(self) -> None:
        """Derives all projections again if a step of the schema has left that to be done."""
        if facts.read(self._readers, DERIVE_ANEW, bool):
            self.rebuild_projections()

    def _rebuild(self) -> None:
        with self._writer.transaction() as connection:
            rebuild(connection)

    def _write_cart(self, text: bytes) -> None:
        with self._writer.relaxed() as connection:
            connection.execute(
                "INSERT INTO open_cart (only, cart) VALUES (1, ?)"
                " ON CONFLICT DO UPDATE SET cart = excluded.cart",
                (text,),
            )


def _stored_receipt(seq: int, digest: bytes, body: bytes) -> StoredReceipt:
    try:
        event = decode(body)
    except UnknownEvent as error:
        raise StorageTrouble(
            say("第 {seq} 号记录是更新版本的收银程序写的，请升级收银程序后再打开", seq=seq)
        ) from error
    assert isinstance(event, ReceiptEvent), f"entry {seq} has a receipt number but is no receipt"
    return StoredReceipt(seq, digest, event)


def _receipt_row(row: Row, confirmed_seq: int) -> ReceiptRow:
    seq, receipt_no, kind, of, at, date, cashier, member_no = row[:_BEFORE_FIGURES]
    figures = Figures(*row[_BEFORE_FIGURES:])
    return ReceiptRow(
        seq, receipt_no, kind, of, at, date, cashier, member_no, figures, confirmed=seq <= confirmed_seq
    )
