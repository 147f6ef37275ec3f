"""What is derived from the journal, entry by entry: receipts, member changes, offline redemption, log-ins.

All of it can be thrown away and derived again (`rebuild`); the journal alone is the truth.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pos.domain.day import FIGURE_NAMES, figures_of
from pos.domain.events import (
    ConfigurationApplied,
    Event,
    LoggedIn,
    RefundMade,
    SaleMade,
    UnknownEvent,
    decode,
)
from pos.domain.refund import points_change
from pos.store import facts
from pos.store.journal_schema import PROJECTIONS
from pos.store.sqlite import Connection

RECEIPTS_ISSUED = "receipts_issued"
CONFIGURATION = "configuration"

_REBUILD_BATCH = 500
_INSERT_RECEIPT = (
    "INSERT INTO receipts (seq, receipt_no, kind, of, at, date, cashier, member_no, online, "  # noqa: S608
    f"{', '.join(FIGURE_NAMES)}) VALUES ({', '.join('?' * (9 + len(FIGURE_NAMES)))})"
)


def project(connection: Connection, seq: int, event: Event) -> None:
    """Brings the projections up to one entry, within the transaction that is open."""
    match event:
        case SaleMade():
            _project_sale(connection, seq, event)
        case RefundMade():
            _project_refund(connection, seq, event)
        case LoggedIn():
            connection.execute(
                "INSERT INTO log_ins (number, seq, at_s, ok) VALUES (?, ?, ?, ?)",
                (event.number, seq, int(datetime.fromisoformat(event.at).timestamp()), event.ok),
            )
        case ConfigurationApplied():
            facts.put(connection, CONFIGURATION, event.pack)
        case _:
            pass


def rebuild(connection: Connection) -> None:
    """Derives everything again from the journal. Kinds this program does not know are passed over."""
    for table in PROJECTIONS:
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - names of our own
    connection.execute("DELETE FROM facts WHERE name = ?", (CONFIGURATION,))
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
    if member_no is None:
        return
    changes: dict[str, int] = {}
    for redeemed in sale.result.redeemed:
        changes[redeemed.asset] = changes.get(redeemed.asset, 0) - redeemed.amount
    for earned in sale.result.outcome.earned:
        if earned.role == "member":
            changes[earned.asset] = changes.get(earned.asset, 0) + earned.amount
    _insert_changes(connection, seq, member_no, changes)
    if not sale.online:
        values = {redeemed.asset: redeemed.value_fen for redeemed in sale.result.redeemed}
        _insert_offline(connection, seq, member_no, sale.date, values)


def _project_refund(connection: Connection, seq: int, refund: RefundMade) -> None:
    _insert_receipt(connection, seq, refund, kind="refund", of=refund.of, member_no=refund.member_no)
    if refund.member_no is None:
        return
    result = refund.result
    scales = {back.asset: back.scale for back in result.points_back}
    scales.update({earned.asset: earned.scale for earned in result.earned_change})
    changes = {asset: points_change(result, asset, scale).amount for asset, scale in scales.items()}
    _insert_changes(connection, seq, refund.member_no, changes)
    sold = connection.execute(
        "SELECT date FROM receipts JOIN journal USING (seq) WHERE journal.receipt_no = ? AND NOT online",
        (refund.of,),
    ).fetchall()
    if sold:
        values = {back.asset: -back.value_fen for back in result.points_back}
        _insert_offline(connection, seq, refund.member_no, sold[0][0], values)


def _insert_receipt(
    connection: Connection,
    seq: int,
    event: SaleMade | RefundMade,
    *,
    kind: Literal["sale", "refund"],
    of: str | None,
    member_no: str | None,
) -> None:
    figures = figures_of(event)
    head = (seq, event.receipt_no, kind, of, event.at, event.date, event.cashier, member_no, event.online)
    connection.execute(_INSERT_RECEIPT, (*head, *(getattr(figures, name) for name in FIGURE_NAMES)))


def _insert_changes(connection: Connection, seq: int, member_no: str, changes: dict[str, int]) -> None:
    connection.executemany(
        "INSERT INTO member_changes (member_no, seq, asset, amount) VALUES (?, ?, ?, ?)",
        [(member_no, seq, asset, amount) for asset, amount in changes.items() if amount],
    )


def _insert_offline(
    connection: Connection, seq: int, member_no: str, date: str, values_fen: dict[str, int]
) -> None:
    connection.executemany(
        "INSERT INTO offline_redeemed (member_no, date, asset, seq, value_fen) VALUES (?, ?, ?, ?, ?)",
        [(member_no, date, asset, seq, value_fen) for asset, value_fen in values_fen.items() if value_fen],
    )
