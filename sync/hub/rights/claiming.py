"""Which till may use a right now: what is booked decides, and between two that ask, who asked first.

A claim keeps others off while a till is at it. What was booked ends it, or a report of its till,
a quarter of an hour later, that nothing is left to upload. A till acts on an answer within ten minutes.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from pos.domain.events import SaleMade, UnknownEvent, decode
from pos.domain.journal import TERMINAL_ID_LENGTH_MAX
from sync.hub.alliance import places
from sync.hub.feeds.tables import terminal_reports
from sync.hub.hub import Hub
from sync.hub.rights.tables import right_claims
from sync.hub.storage import schema
from sync.hub.web import refusals
from sync.hub.web.refusals import Refused
from sync.hub.words import stamp
from sync.protocol.commands import TerminalReport

CLAIM_LASTS = dt.timedelta(minutes=15)


def claim_coupon(hub: Hub, connection: Connection, terminal: str, number: str) -> None:
    """A printed coupon, for a sale that is being rung up.

    Raises:
        Refused: a sale has used it, or another till is using it.

    """
    uses, receipts = schema.coupon_uses, schema.receipts
    used_at = connection.execute(
        select(receipts.c.terminal)
        .join(uses, uses.c.receipt_no == receipts.c.receipt_no)
        .where(uses.c.number == number, uses.c.freed.is_(False))
    ).scalar()
    if used_at is not None:
        raise Refused(refusals.RIGHT_USED, terminal=used_at)
    _claim(hub, connection, terminal, ("coupon", number))


def claim_refund(hub: Hub, connection: Connection, terminal: str, receipt_no: str) -> tuple[bytes, ...]:
    """A sale whose goods come back at a till: the bodies of its entry and of every refund of it so far.

    Raises:
        Refused: the hub has no such sale, it is another merchant's, or another till is at it.

    """
    receipts = schema.receipts.c
    sale = connection.execute(
        select(receipts.entry_id, receipts.terminal).where(receipts.receipt_no == receipt_no)
    ).first()
    body = _body(connection, sale.entry_id) if sale is not None else b""
    if sale is None or not _is_sale(body):
        raise Refused(refusals.NO_SUCH_SALE, receipt_no=receipt_no[: 2 * TERMINAL_ID_LENGTH_MAX])
    if _merchant(connection, sale.terminal) != _merchant(connection, terminal):
        raise Refused(refusals.OTHER_MERCHANTS_SALE)
    _claim(hub, connection, terminal, ("refund", receipt_no))
    refunds = connection.execute(
        select(receipts.entry_id).where(receipts.of == receipt_no).order_by(receipts.entry_id)
    )
    return (body, *(_body(connection, entry_id) for entry_id in refunds.scalars().all()))


def _claim(hub: Hub, connection: Connection, terminal: str, right: tuple[str, str]) -> None:
    kind, key = right
    here = (right_claims.c.kind == kind) & (right_claims.c.key == key)
    standing = connection.execute(select(right_claims).where(here)).first()
    if standing is not None and not (standing.terminal == terminal or _has_ended(connection, standing)):
        raise Refused(refusals.RIGHT_CLAIMED, terminal=standing.terminal)
    connection.execute(right_claims.delete().where(here))
    connection.execute(
        right_claims.insert().values(kind=kind, key=key, terminal=terminal, claimed_at=hub.time())
    )


def _has_ended(connection: Connection, claim: Row[Any]) -> bool:
    return _was_used(connection, claim) or _was_let_go(connection, claim)


def _was_used(connection: Connection, claim: Row[Any]) -> bool:
    """Whether its till has taken goods back since, and uploaded that."""
    receipts, entries = schema.receipts.c, schema.journal_entries.c
    here = (receipts.of == claim.key) & (receipts.terminal == claim.terminal)
    since = (entries.id == receipts.entry_id) & (entries.received_at >= claim.claimed_at)
    return connection.execute(select(receipts.receipt_no).where(here, since)).first() is not None


def _was_let_go(connection: Connection, claim: Row[Any]) -> bool:
    reports = terminal_reports.c
    heard = connection.execute(
        select(reports.reported_at, reports.report).where(reports.terminal == claim.terminal)
    ).first()
    if heard is None or heard.report is None:
        return False
    late = stamp(dt.datetime.fromisoformat(claim.claimed_at) + CLAIM_LASTS)
    report = msgspec.json.decode(heard.report, type=TerminalReport)
    return bool(heard.reported_at > late) and report.pending == 0


def _body(connection: Connection, entry_id: int) -> bytes:
    entries = schema.journal_entries.c
    return bytes(connection.execute(select(entries.body).where(entries.id == entry_id)).scalar_one())


def _is_sale(body: bytes) -> bool:
    try:
        return isinstance(decode(body), SaleMade)
    except UnknownEvent:
        return False


def _merchant(connection: Connection, terminal: str) -> str:
    _, store = places.known_terminal(connection, terminal)
    return places.known_store(connection, store).merchant_id
