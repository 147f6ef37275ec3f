"""What is derived from the journal, entry by entry: receipts, member changes, offline redemption, log-ins.

All of it can be thrown away and derived again (`rebuild`); the journal alone is the truth.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pos.domain.day import FIGURE_NAMES, figures_of
from pos.domain.events import (
    CodesClosed,
    ConfigurationApplied,
    Event,
    LockOutLifted,
    LoggedIn,
    MembershipSold,
    ReceiptEvent,
    RefundMade,
    SaleMade,
    UnknownEvent,
    decode,
)
from pos.domain.ledger import member_changes, member_spent, merchant_changes
from pos.domain.rights import rights_given_back, rights_of
from pos.store import facts
from pos.store.journal_schema import DERIVE_ANEW, PROJECTIONS
from pos.store.sqlite import Connection, IntegrityError
from pos.usecases.ports import RightSpent

RECEIPTS_ISSUED = "receipts_issued"
CONFIGURATION = "configuration"
CODES_CLOSED = "codes_closed"

_REBUILD_BATCH = 500
_INSERT_RECEIPT = (
    "INSERT INTO receipts (seq, receipt_no, kind, of, at, date, cashier, member_no, online, "  # noqa: S608
    f"{', '.join(FIGURE_NAMES)}) VALUES ({', '.join('?' * (9 + len(FIGURE_NAMES)))})"
)


def project(connection: Connection, seq: int, event: Event) -> None:
    """Brings the projections up to one entry, within the transaction that is open.

    A right that was used before ends the transaction: see `rights.rights_of`.
    """
    _project_rights(connection, seq, event)
    match event:
        case SaleMade():
            _project_sale(connection, seq, event)
        case RefundMade():
            _project_refund(connection, seq, event)
        case MembershipSold():
            _project_membership(connection, seq, event)
        case LoggedIn():
            connection.execute(
                "INSERT INTO log_ins (number, seq, at_s, ok) VALUES (?, ?, ?, ?)",
                (event.number, seq, int(datetime.fromisoformat(event.at).timestamp()), event.ok),
            )
        case ConfigurationApplied():
            facts.put(connection, CONFIGURATION, event.pack)
        case CodesClosed():
            closed = facts.held(connection, CODES_CLOSED, int) or 0
            facts.put(connection, CODES_CLOSED, max(closed, event.up_to))
        case LockOutLifted():
            connection.execute(
                "INSERT INTO lock_outs_lifted (number, seq) VALUES (?, ?)", (event.number, seq)
            )
        case _:
            pass


def uncovered_fen(sale: SaleMade) -> dict[str, int]:
    """What a sale redeemed under an offline limit: the hub had not reserved it."""
    limited = sale.basket.ceilings_fen
    return {one.asset: one.value_fen for one in sale.result.redeemed if one.asset in limited}


def _project_rights(connection: Connection, seq: int, event: Event) -> None:
    for right in rights_of(event):
        try:
            connection.execute(
                "INSERT INTO spent_rights (kind, key, seq) VALUES (?, ?, ?)", (right.kind, right.key, seq)
            )
        except IntegrityError as error:
            raise RightSpent(right) from error
    connection.executemany(
        "DELETE FROM spent_rights WHERE kind = ? AND key = ?",
        [(right.kind, right.key) for right in rights_given_back(event)],
    )


def rebuild(connection: Connection) -> None:
    """Derives everything again from the journal. Kinds this program does not know are passed over."""
    connection.execute("DELETE FROM facts WHERE name = ?", (DERIVE_ANEW,))
    for table in PROJECTIONS:
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own
    for fact in (CONFIGURATION, CODES_CLOSED):
        facts.remove(connection, fact)
    issued, seq = 0, 0
    while rows := connection.execute(
        "SELECT seq, body, receipt_no FROM journal WHERE seq > ? ORDER BY seq LIMIT ?", (seq, _REBUILD_BATCH)
    ).fetchall():
        for seq, body, receipt_no in rows:
            issued = max(issued, _number_in(receipt_no))
            try:
                event = decode(body)
            except UnknownEvent:
                continue
            project(connection, seq, event)
    if issued > (facts.held(connection, RECEIPTS_ISSUED, int) or 0):
        facts.put(connection, RECEIPTS_ISSUED, issued)


def _number_in(receipt_no: str | None) -> int:
    """The count in a receipt number; see `ChainIdentity.receipt_no`."""
    digits = (receipt_no or "").rpartition("-")[2]
    return int(digits) if digits.isdecimal() else 0


def _project_sale(connection: Connection, seq: int, sale: SaleMade) -> None:
    member_no = sale.basket.member.member_no if sale.basket.member else None
    _insert_receipt(connection, seq, sale, kind="sale", of=None, member_no=member_no)
    _insert_rule_units(connection, seq, sale)
    if member_no is None:
        return
    _insert_changes(connection, seq, member_no, sale)
    _insert_merchant_changes(connection, seq, merchant_changes(sale))
    rows = _offline_rows(seq, seq, member_no, sale.date, uncovered_fen(sale))
    connection.executemany(_INSERT_OFFLINE, rows)


def _project_refund(connection: Connection, seq: int, refund: RefundMade) -> None:
    _insert_receipt(connection, seq, refund, kind="refund", of=refund.of, member_no=refund.member_no)
    if refund.result.complete:
        _give_back_units(connection, seq, refund)
    if refund.member_no is None:
        return
    _insert_changes(connection, seq, refund.member_no, refund)
    _insert_merchant_changes(connection, seq, merchant_changes(refund))
    sold = connection.execute(
        "SELECT date, asset, seq FROM offline_redeemed JOIN journal USING (seq) WHERE journal.receipt_no = ?",
        (refund.of,),
    ).fetchall()
    if sold:
        limited = {asset for _, asset, _ in sold}
        values = {back.asset: -back.value_fen for back in refund.result.points_back if back.asset in limited}
        date, _, sale_seq = sold[0]
        rows = _offline_rows(seq, sale_seq, refund.member_no, date, values)
        connection.executemany(_INSERT_OFFLINE, rows)


def _project_membership(connection: Connection, seq: int, sold: MembershipSold) -> None:
    _insert_receipt(connection, seq, sold, kind="membership", of=None, member_no=sold.member_no)
    _insert_changes(connection, seq, sold.member_no, sold)
    connection.execute(
        "INSERT INTO memberships (member_no, seq, plan, last_day) VALUES (?, ?, ?, ?)",
        (sold.member_no, seq, sold.deal.plan, sold.deal.last_day),
    )


def _insert_rule_units(connection: Connection, seq: int, sale: SaleMade) -> None:
    """Only rules with a quota are counted: `used` names them, sold or not."""
    units = dict.fromkeys(sale.basket.used, 0)
    for line in sale.result.lines:
        for one in line.adjustments:
            if one.rule in units:
                units[one.rule] += one.units
    connection.executemany(
        "INSERT INTO rule_units (rule, date, seq, units) VALUES (?, ?, ?, ?)",
        [(rule, sale.date, seq, count) for rule, count in units.items() if count],
    )


def _give_back_units(connection: Connection, seq: int, refund: RefundMade) -> None:
    """After a full refund the sale's quota units are free again."""
    connection.execute(
        "INSERT INTO rule_units (rule, date, seq, units)"
        " SELECT rule, date, ?, -units FROM rule_units WHERE seq ="
        " (SELECT seq FROM journal WHERE receipt_no = ?)",
        (seq, refund.of),
    )


def _insert_receipt(
    connection: Connection,
    seq: int,
    event: ReceiptEvent,
    *,
    kind: Literal["sale", "refund", "membership"],
    of: str | None,
    member_no: str | None,
) -> None:
    figures = figures_of(event)
    head = (seq, event.receipt_no, kind, of, event.at, event.date, event.cashier, member_no, event.online)
    connection.execute(_INSERT_RECEIPT, (*head, *(getattr(figures, name) for name in FIGURE_NAMES)))


def _insert_changes(connection: Connection, seq: int, member_no: str, event: ReceiptEvent) -> None:
    changes, spent = member_changes(event), member_spent(event)
    connection.executemany(
        "INSERT INTO member_changes (member_no, seq, asset, amount, spent) VALUES (?, ?, ?, ?, ?)",
        [
            (member_no, seq, asset, changes.get(asset, 0), spent.get(asset, 0))
            for asset in dict.fromkeys((*changes, *spent))
        ],
    )


def _insert_merchant_changes(connection: Connection, seq: int, changes: dict[str, int]) -> None:
    connection.executemany(
        "INSERT INTO merchant_changes (seq, asset, amount) VALUES (?, ?, ?)",
        [(seq, asset, amount) for asset, amount in changes.items()],
    )


_INSERT_OFFLINE = (
    "INSERT INTO offline_redeemed (member_no, date, asset, seq, sale_seq, value_fen)"
    " VALUES (?, ?, ?, ?, ?, ?)"
)


def _offline_rows(
    seq: int, sale_seq: int, member_no: str, date: str, values_fen: dict[str, int]
) -> list[tuple[str, str, str, int, int, int]]:
    return [
        (member_no, date, asset, seq, sale_seq, value_fen)
        for asset, value_fen in values_fen.items()
        if value_fen
    ]
