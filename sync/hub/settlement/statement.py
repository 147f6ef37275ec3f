"""The settlement of a store or merchant: a day, a week, any range of days.

A day that was frozen (`locking`) is told as it was then; what came later for it is counted on the first
day that is not frozen, and told of under `late` until then and ever after.
"""

from __future__ import annotations

import datetime as dt

import msgspec
from sqlalchemy import Connection, func, select

from pos.domain.day import Figures, ReceiptFigures, add
from pos.domain.programme.part import CNY
from sync.hub.hub import setting
from sync.hub.settlement import assets, locks, parties
from sync.hub.settlement.assets import AssetSum
from sync.hub.settlement.booked import BEGINNING, Span, booked
from sync.hub.settlement.lines import (
    Debt,
    Disagreement,
    Line,
    Totals,
    counted_on,
    debts_of,
    disagreements_of,
    lines_of,
    totals_of,
)
from sync.hub.settlement.locks import Day
from sync.hub.settlement.parties import Party
from sync.hub.storage import schema


class Statement(msgspec.Struct, frozen=True):
    """A party's settlement from `first` to `last`, both included.

    `lines` are what is counted, by date and receipt; `late` what is from these days and counted on a later
    one. `figures` are the sum of the receipts in `lines`, as at the till. `disagreements` are empty unless
    something is wrong. `assets` are told, not settled. `days` are the frozen ones, per account; `frozen`
    says whether every day is, so that the statement stays what it is. `names` says what the stores and
    merchants in it are called. `outstanding_fen` is what the alliance owes the party as of now, all days
    together (negative: is owed).
    """

    alliance: str
    timezone: str
    party: Party
    first: str
    last: str
    lines: tuple[Line, ...]
    late: tuple[Line, ...]
    totals: Totals
    figures: Figures
    debts: tuple[Debt, ...]
    disagreements: tuple[Disagreement, ...]
    assets: tuple[AssetSum, ...]
    days: tuple[Day, ...]
    frozen: bool
    names: dict[str, str]
    outstanding_fen: int

    @property
    def receipts(self) -> tuple[ReceiptFigures, ...]:
        """The receipts of the period itself, frozen or late, to tick off against the till's."""
        return tuple(
            sorted(
                (
                    ReceiptFigures(line.receipt_no, line.figures)
                    for line in (*self.lines, *self.late)
                    if line.figures is not None and self.first <= line.date <= self.last
                ),
                key=lambda one: one.receipt_no,
            )
        )


def statement(
    connection: Connection,
    *,
    store: str | None = None,
    merchant: str | None = None,
    first: dt.date,
    last: dt.date,
) -> Statement:
    """The settlement of a store, or of a merchant with all its stores.

    Raises:
        Told: no such store or merchant, or a period that will not do.

    """
    parties.check_period(first, last)
    party = parties.party(connection, store=store, merchant=merchant)
    span = Span(first.isoformat(), last.isoformat())
    found = [account_lines(connection, account, span) for account in party.accounts]
    lines = tuple(sorted((one for counted, _ in found for one in counted), key=_order))
    late = tuple(sorted((one for _, later in found for one in later), key=_order))
    return Statement(
        alliance=setting(connection, "alliance_name"),
        timezone=setting(connection, "timezone"),
        party=party,
        first=span.first,
        last=span.last,
        lines=lines,
        late=late,
        totals=totals_of(lines),
        figures=add(one.figures for one in lines if one.figures is not None),
        debts=debts_of(party.account, party.accounts, lines),
        disagreements=disagreements_of(lines),
        assets=assets.moved(connection, party, span),
        days=tuple(day for account in party.accounts for day in locks.days(connection, account, span)),
        frozen=all(
            locks.open_from(locks.marks(connection, account)) > span.last for account in party.accounts
        ),
        names=parties.names(connection, party, (part.party for line in lines for part in line.parts)),
        outstanding_fen=_outstanding(connection, party),
    )


def _order(line: Line) -> tuple[str, ...]:
    return (line.counted_on, line.date, line.receipt_no, line.account, str(line.transfers[:1]))


def account_lines(
    connection: Connection, account: str, span: Span
) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """What an account's days count, and what is from these days and counted later."""
    marks = locks.marks(connection, account)
    open_from = locks.open_from(marks)
    counted = locks.frozen_lines(connection, account, span)
    if span.last >= open_from:
        found = booked(connection, account, Span(max(span.first, open_from), span.last))
        if marks and span.first <= open_from:
            closed = Span(BEGINNING, marks[-1].date, beyond=marks[-1])
            found += booked(connection, account, closed)
        counted += lines_of(account, [(counted_on(marks, open_from, one), one) for one in found])
    return counted, _late(connection, account, span)


def _late(connection: Connection, account: str, span: Span) -> tuple[Line, ...]:
    marks = locks.marks(connection, account)
    heard = next((mark for mark in marks if mark.date >= span.first), None)
    if heard is None:
        return ()
    frozen = Span(span.first, min(span.last, marks[-1].date), beyond=heard)
    found = [
        (counted_on(marks, locks.open_from(marks), one), one) for one in booked(connection, account, frozen)
    ]
    return lines_of(account, [(on, one) for on, one in found if on > span.last])


def _outstanding(connection: Connection, party: Party) -> int:
    table = schema.balances
    query = select(func.sum(table.c.amount)).where(table.c.account.in_(party.accounts), table.c.unit == CNY)
    return int(connection.execute(query).scalar() or 0)
