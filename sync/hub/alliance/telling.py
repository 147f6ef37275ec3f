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
    owners: dict[str, list[str]] = {_MEMBER: [], _MERCHANT: []}
    for account in sorted(set(accounts)):
        kind, _, owner = account.partition(":")
        owners.get(kind, []).append(owner)
    members.refresh_feeds(connection, owners[_MEMBER])
    for merchant in owners[_MERCHANT]:
        terms.refresh(connection, merchant, today)
