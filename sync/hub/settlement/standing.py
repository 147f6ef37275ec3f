"""How far a merchant's settlement has come: what can be frozen next, and what is frozen and not paid."""

from __future__ import annotations

import datetime as dt

import msgspec
from sqlalchemy import Connection

from sync.hub.settlement import booked, locks, parties
from sync.hub.settlement.booked import BEGINNING, Span

_END = "9000-01-01"


class Standing(msgspec.Struct, frozen=True):
    """A merchant with all its accounts, as of now.

    `open_from` is the first day that can be frozen (None: nothing was ever booked). The frozen days that
    were not paid run from `unpaid_first` to `unpaid_last` (None: there are none); `unpaid_fen` is what the
    alliance owes for them, negative where it is owed.
    """

    merchant: str
    name: str
    stores: tuple[str, ...]
    open_from: dt.date | None
    unpaid_first: dt.date | None
    unpaid_last: dt.date | None
    unpaid_fen: int


def standing(connection: Connection, merchant: str) -> Standing:
    """The standing of a merchant's settlement.

    Raises:
        Told: there is no such merchant.

    """
    party = parties.party(connection, merchant=merchant)
    starts = [_open_from(connection, account) for account in party.accounts]
    unpaid = [
        day
        for account in party.accounts
        for day in locks.days(connection, account, Span(BEGINNING, _END))
        if day.reference is None
    ]
    dates = [dt.date.fromisoformat(day.date) for day in unpaid]
    return Standing(
        party.id,
        party.name,
        party.stores,
        min((dt.date.fromisoformat(one) for one in starts if one), default=None),
        min(dates, default=None),
        max(dates, default=None),
        sum(day.net_fen for day in unpaid),
    )


def _open_from(connection: Connection, account: str) -> str | None:
    frozen = locks.open_from(locks.marks(connection, account))
    return frozen or booked.first_date(connection, account, BEGINNING, _END)
