"""Tells the tills what a booking has changed: the feed rows of members and merchants whose accounts moved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import Connection

from pos.domain.ledger import member_account, merchant_account
from sync.hub.alliance import members, terms

_MEMBER, _MERCHANT = (account("").partition(":")[0] for account in (member_account, merchant_account))


def tell_tills(connection: Connection, accounts: Iterable[str], today: dt.date) -> None:
    """Belongs at the end of each transaction that books anything; accounts of nobody's are passed over."""
    for account in sorted(set(accounts)):
        kind, _, owner = account.partition(":")
        if kind == _MEMBER:
            members.refresh_feed(connection, owner)
        elif kind == _MERCHANT:
            terms.refresh(connection, owner, today)
