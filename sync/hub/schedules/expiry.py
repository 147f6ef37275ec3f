"""Ends points whose last usable day is over (ruling 20).

Which lots a member has follows from the transfers, as `holdings` says. Points that a refund took back
although they had expired already are made good here: a member does not lose the same points twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from pos.domain.ledger import Posting
from pos.domain.programme.assets import Asset
from pos.domain.programme.pack import Pack
from pos.domain.schedules import lots
from sync.hub.ledger import holdings
from sync.hub.ledger.holdings import Move
from sync.hub.schedules.runs import Run
from sync.hub.schedules.schedule import EXPIRED, Chunk, Moment
from sync.hub.schedules.sweep import Sweep, holders


class Expiry(Sweep):
    """A period is a day: everything ends that could be used until the day before."""

    def __init__(self, pack: Pack, asset: Asset) -> None:
        super().__init__(f"expiry:{asset.id}", pack)
        self.asset = asset

    def inputs(self, _connection: Connection, _period: str, _given: Mapping[str, Any]) -> dict[str, Any]:
        return {"expires_days": self.asset.expires_days}

    def chunk(self, connection: Connection, run: Run, moment: Moment) -> Chunk:
        accounts = holders(connection, self.asset.id, run.cursor, moment.limit)
        if not accounts:
            return Chunk(done=True)
        moves, on = holdings.moves_of(connection, self.asset.id, accounts), dt.date.fromisoformat(run.period)
        postings = [one for account in accounts for one in self._ended(account, moves.get(account, []), on)]
        return Chunk(accounts[-1], done=len(accounts) < moment.limit, postings=postings)

    def _ended(self, account: str, moves: list[Move], on: dt.date) -> list[Posting]:
        holding = holdings.held(moves, self.asset.expires_days)
        lapsed = holding.balance - sum(move.amount for move in moves)
        ended = lots.expire(holding, on).total
        postings = (
            Posting(EXPIRED, account, self.asset.id, lapsed, "lapsed"),
            Posting(account, EXPIRED, self.asset.id, ended, "expired"),
        )
        return [one for one in postings if one.amount > 0]
