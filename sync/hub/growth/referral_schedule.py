"""The daily run that books the referral points of merchants that have become active."""

from __future__ import annotations

from sqlalchemy import Connection

from pos.domain.programme.pack import Pack
from sync.hub.growth import rates, referrals
from sync.hub.schedules.runs import Run
from sync.hub.schedules.schedule import Chunk, Moment
from sync.hub.schedules.sweep import Sweep


class MerchantReferrals(Sweep):
    """Of packs that have the activity; each merchant once, whatever runs again."""

    def __init__(self, pack: Pack) -> None:
        super().__init__(f"{rates.MERCHANT_REFERRAL}s", pack)

    def chunk(self, connection: Connection, _run: Run, moment: Moment) -> Chunk:
        found = referrals.due(connection, self.pack, moment.stamp)
        return Chunk(done=True, postings=referrals.note(connection, found))
